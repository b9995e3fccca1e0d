//! What the widget posts to `/x/i`, as sent; read and checked before it may reach the writer.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, SeqAccess},
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    event::{Event, EventKind, NEVER_ASK, strip_nul},
    surrogates, told,
};
use crate::{
    answer::{
        payload::AnswerPayload,
        replay::{REPLAY_URL, replay_url},
    },
    clock::DAY,
    error::{AppError, FieldErrors},
    site::types::Site,
    types::{Millis, Scalar, SiteKey, ViewId, rounded},
};

/// Events in one request.
pub const MAX_EVENTS: usize = 50;
/// Bytes in one request; the browser's own limit for requests that outlive their page.
pub const MAX_BYTES: usize = 64 * 1024;

/// The longest that a page may have been open: beyond it a clock is wrong, and times could no longer be told.
const MAX_AGE: Millis = 366 * DAY;
/// What a browser keeps whose visitor clicked "don't ask me again".
const NEVER: char = '!';
/// What the event says of a visitor who agreed to be known again.
const GRANTED: &str = "granted";

/// A request of the widget; names as in the wire contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(bound = "E: DeserializeOwned")]
pub struct Payload<E = Option<Event>> {
    /// Version of the wire format.
    pub v: u32,
    /// The site.
    pub k: SiteKey,
    /// Version of the configuration that the widget holds.
    #[serde(default)]
    pub c: i64,
    /// The page load.
    pub w: Uuid,
    /// Number of the first event in its page load.
    #[serde(default)]
    pub s: i32,
    /// When this was sent, ms since the page load began.
    #[serde(deserialize_with = "rounded")]
    pub t: Millis,
    /// Random id of the browser of a visitor who agreed to be known again; behind it, or alone, [`NEVER`].
    #[serde(default)]
    pub i: Option<String>,
    /// Whether the page asks for a token that names the visit.
    #[serde(default)]
    pub q: bool,
    /// An owner looks how the rules stand; only our own handler says so.
    #[serde(skip)]
    pub looks: bool,
    /// The visitor takes that back.
    #[serde(skip)]
    pub is_withdrawn: bool,
    /// The owner's "ask me again" token.
    #[serde(default)]
    pub x: Option<String>,
    /// How the page load came about.
    #[serde(default)]
    pub n: Option<String>,
    /// `touch`, or nothing for a computer.
    #[serde(default)]
    pub d: Option<String>,
    /// Whether the browser says that a program drives it.
    #[serde(default)]
    pub b: bool,
    /// What happened; `None` is an event that cannot be read.
    #[serde(default, deserialize_with = "list")]
    pub e: Vec<E>,
    /// What was answered.
    #[serde(default, deserialize_with = "list")]
    pub a: Vec<AnswerPayload>,
}

impl Payload {
    /// Reads and checks a body. The error names the field and says what would be right.
    pub fn parse(body: &[u8]) -> Result<Self, AppError> {
        if body.len() > MAX_BYTES {
            return Err(AppError::TooLarge(MAX_BYTES));
        }
        let mut payload = match serde_json::from_slice::<Self>(body) {
            Ok(payload) => payload,
            Err(_) => read_one_by_one(&surrogates::mended(body))?,
        };
        payload.check()?;
        let is_lost = !payload.e.is_empty() && payload.e.iter().all(Option::is_none);
        if is_lost && payload.a.is_empty() {
            // Whoever wrote this learns what is wrong with it.
            return Err(explain::<Payload<Event>>(&surrogates::mended(body)));
        }
        Ok(payload)
    }

    /// The page load.
    pub fn view(&self) -> ViewId {
        ViewId(self.w)
    }

    fn check(&mut self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.v != 1 {
            errors.add(
                "v",
                "must be 1: this server speaks version 1 of the wire format",
            );
        }
        if self.w.get_version_num() != 7 {
            errors.add("w", "must be a UUID of version 7, new for each page load");
        }
        if !(0..=1_000_000).contains(&self.s) {
            errors.add(
                "s",
                "must be the number of the first event in its page load, from 0",
            );
        }
        if !(-MAX_AGE..=MAX_AGE).contains(&self.t) {
            errors.add(
                "t",
                "must be the ms since the page load began, from 0 to a year",
            );
        }
        // A clock that was set back in between.
        self.t = self.t.max(0);
        if self.e.len() > MAX_EVENTS {
            errors.add("e", format!("may have at most {MAX_EVENTS} events"));
        }
        if self.a.len() > 5 {
            errors.add("a", "may have at most 5 answers");
        }
        let is_never = self.i.as_deref().is_some_and(|id| id.ends_with(NEVER));
        if let Some(id) = &mut self.i {
            id.truncate(id.trim_end_matches(NEVER).len());
        }
        for event in self.e.iter_mut().flatten() {
            event.props.clean();
            if event.kind == Some(EventKind::PageView) {
                event.props.m = is_never.then(|| NEVER_ASK.into());
            }
            if event.kind == Some(EventKind::Set)
                && let Some(props) = &mut event.props.props
            {
                props.retain(|name, value| name != REPLAY_URL || is_replay(value));
            }
            // Only the site's server can say that it told something.
            event.props.by.take_if(|by| by == told::BY_SERVER);
            if event.kind == Some(EventKind::Consent) {
                self.is_withdrawn = event.props.m.as_deref() != Some(GRANTED);
                self.i = event.props.p.take().and_then(Scalar::into_text);
            }
        }
        self.i.take_if(|id| !is_browser_id(id));
        for (index, answer) in self.a.iter().enumerate() {
            if let Err(message) = answer.check() {
                errors.add(format!("a[{index}]"), message);
            }
        }
        for text in [&mut self.n, &mut self.d, &mut self.x]
            .into_iter()
            .flatten()
        {
            strip_nul(text);
            text.truncate(text.floor_char_boundary(200));
        }
        self.d.take_if(|device| device.is_empty());
        errors.or(())
    }

    /// No event: an owner looks how the rules stand in the visit of this page load.
    pub fn of_look(site: &Site, view: ViewId, token: String) -> Self {
        Self {
            x: Some(token),
            looks: true,
            s: 1,
            ..Self::empty(site, view)
        }
    }

    /// One event that no browser sent, told `t` ms after it happened, at a place of its own in the journal.
    pub(super) fn of_event(site: &Site, view: ViewId, t: Millis, event: Event) -> Self {
        Self {
            t,
            e: vec![Some(event)],
            ..Self::empty(site, view)
        }
    }

    fn empty(site: &Site, view: ViewId) -> Self {
        Self {
            v: 1,
            k: site.key.clone(),
            c: site.config_version,
            w: view.0,
            s: 0,
            t: 0,
            i: None,
            q: false,
            looks: false,
            is_withdrawn: false,
            x: None,
            n: None,
            d: None,
            b: false,
            e: vec![],
            a: vec![],
        }
    }
}

/// A list, or the JSON text of one: Prototype.js before 1.7 puts a `toJSON` on arrays, and `JSON.stringify` then makes a text of each.
fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);
    impl<'de, T: DeserializeOwned> de::Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut all = Vec::with_capacity(seq.size_hint().unwrap_or_default().min(MAX_EVENTS));
            while let Some(one) = seq.next_element()? {
                all.push(one);
            }
            Ok(all)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            serde_json::from_str(text)
                .map_err(|_| E::invalid_type(de::Unexpected::Other("text"), &self))
        }
    }
    deserializer.deserialize_any(List(PhantomData))
}

fn is_replay(value: &Scalar) -> bool {
    value.as_text().and_then(replay_url).is_some()
}

/// As minted by the widget; anything else is nobody's id.
fn is_browser_id(text: &str) -> bool {
    (16..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// An event by itself: what is wrong with it ends with it.
struct Tried(Option<Event>);

impl<'de> Deserialize<'de> for Tried {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(text.get()).ok()))
    }
}

/// Reads a body in which something is wrong: only such a body pays for each event being looked for, then read.
fn read_one_by_one(body: &[u8]) -> Result<Payload, AppError> {
    let read: Payload<Tried> =
        serde_json::from_slice(body).map_err(|_| explain::<Payload<Tried>>(body))?;
    Ok(Payload {
        v: read.v,
        k: read.k,
        c: read.c,
        w: read.w,
        s: read.s,
        t: read.t,
        i: read.i,
        q: read.q,
        looks: false,
        is_withdrawn: false,
        x: read.x,
        n: read.n,
        d: read.d,
        b: read.b,
        e: read.e.into_iter().map(|Tried(event)| event).collect(),
        a: read.a,
    })
}

/// Reads again, slowly, to name the field: only refused bodies pay for the path.
pub(super) fn explain<'de, T: Deserialize<'de>>(body: &'de [u8]) -> AppError {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else {
        return AppError::Malformed("there is text after the JSON object".into());
    };
    let path = error.path().to_string();
    let inner = error.into_inner();
    let text = inner.to_string();
    if !inner.is_data() {
        return AppError::Malformed(format!(
            "it is not a JSON object ({})",
            without_value(&text)
        ));
    }
    // serde names a missing or a repeated field in its message only.
    let named = ["missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| text.strip_prefix(start)?.split('`').next());
    let field = match (path.as_str(), named) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    };
    FieldErrors::one(field, without_value(&text)).into()
}

/// serde's words without the submitted value, which must never be echoed.
fn without_value(text: &str) -> String {
    let text = text.split(" at line").next().unwrap_or_default();
    match text.split_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if text.starts_with("missing field") => "is missing".into(),
        None if text.starts_with("duplicate field") => "is there twice".into(),
        None => text.split(':').next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(body: &str) -> String {
        match Payload::parse(body.as_bytes()).unwrap_err() {
            AppError::Invalid(errors) => format!("{}: {}", errors.0[0].field, errors.0[0].message),
            other => format!("{}: {other}", other.code()),
        }
    }

    #[test]
    fn errors_name_the_field_and_never_the_value() {
        let head = r#""v":1,"k":"site_x","w":"0190c9c2-7b3a-7c3e-8f00-000000000001","t":5"#;
        assert_eq!(error_of(r#"{"v":1,"k":"site_x","t":5}"#), "w: is missing");
        assert_eq!(
            error_of(&format!(
                r#"{{{head},"e":[[1,"page_view",{{"ms":"SECRET"}}]]}}"#
            )),
            "e[0][2].ms: expected i64"
        );
        assert_eq!(
            error_of(&format!(r#"{{{head},"e":[[1]]}}"#)),
            "e[0]: expected an event: [ms since view start, kind, properties]"
        );
        assert!(error_of("{").starts_with("malformed: "));
        assert!(error_of(&format!(r#"{{{head}}} x"#)).starts_with("malformed: "));
        assert_eq!(
            error_of(
                &head
                    .replace("7c3e", "4c3e")
                    .replacen('"', "{\"", 1)
                    .add_brace()
            ),
            "w: must be a UUID of version 7, new for each page load"
        );
    }

    #[test]
    fn lists_that_an_old_library_made_texts_of_are_read() {
        let head = r#""v":1,"k":"site_x","w":"0190c9c2-7b3a-7c3e-8f00-000000000001","t":5"#;
        let body = format!(
            r#"{{{head},"e":"[[1, \"page_view\", {{\"u\": \"/\"}}], [2, \"form_started\"]]","a":"[{{\"i\": \"token\", \"n\": 1, \"t\": 3, \"v\": {{\"q1\": {{\"c\": [\"c1\"]}}}}}}]"}}"#
        );

        let payload = Payload::parse(body.as_bytes()).unwrap();

        let kinds: Vec<_> = payload.e.iter().flatten().map(|event| event.kind).collect();
        assert_eq!(
            kinds,
            [Some(EventKind::PageView), Some(EventKind::FormStarted)]
        );
        assert_eq!(payload.a[0].v["q1"].c, ["c1"]);
        let text = error_of(&format!(r#"{{{head},"e":"no list"}}"#));
        assert_eq!(text, "e: expected a list");
        assert_eq!(
            error_of(&format!(r#"{{{head},"a":7}}"#)),
            "a: expected a list"
        );
    }

    trait AddBrace {
        fn add_brace(self) -> String;
    }
    impl AddBrace for String {
        fn add_brace(self) -> String {
            self + "}"
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = Payload::parse(&body);
        }
    }
}
