//! Events as the widget sends them and as the journal keeps them: `[t, kind, props?]`.
//!
//! Kinds and properties are closed: what is not named here is never stored. Custom names live in `track` events.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeSeq};

use super::{page_address, told};
use crate::{
    goal::types::Subject,
    text_enum,
    types::{Millis, Scalar, ViewId, rounded},
};

text_enum!(
    /// What happened. The label is how a journey tells it.
    EventKind {
        /// A page was shown; `u` is its path.
        PageView = "page_view", "Opened a page";
        /// The page finished loading after `ms`.
        PageLoad = "page_load", "Page loaded";
        /// The page was hidden or left.
        PageHidden = "page_hidden", "Left the page";
        /// The page was visible again.
        PageVisible = "page_visible", "Came back to the page";
        /// `ms` of active time since the last such event.
        Active = "active", "Was active";
        /// Scrolled to `p` % of the page.
        Scroll = "scroll", "Scrolled";
        /// Clicked a link or button.
        Click = "click", "Clicked";
        /// At least half of form `f` was visible for a second.
        FormViewed = "form_viewed", "Saw the form";
        /// The first change in form `f`.
        FormStarted = "form_started", "Started the form";
        /// Field `n` of form `f` gained focus.
        FieldFocused = "field_focused", "Went to a field";
        /// Left field `n` of form `f` after `ms` of attention, or the page in it; without `ms` the browser filled a field in which nobody was.
        FieldLeft = "field_left", "Left a field";
        /// Tried to send form `f`.
        FormAttempted = "form_attempted", "Tried to send the form";
        /// Form `f` refused what was entered.
        FormFailed = "form_failed", "The form showed an error";
        /// Form `f` was completed.
        FormCompleted = "form_completed", "Completed the form";
        /// Turned away from form `f`, for now.
        FormAbandoned = "form_abandoned", "Turned away from the form";
        /// The pointer left the page through its top edge.
        ExitIntent = "exit_intent", "Moved to leave";
        /// The pointer left and came back at once.
        NearExit = "near_exit", "Nearly left";
        /// Paused over a link that leads to another site.
        OutboundHover = "outbound_hover", "Paused over a link that leads away";
        /// Three quick clicks in one place.
        RageClick = "rage_click", "Clicked again and again";
        /// Something was copied from the page; what, nobody is told.
        Copy = "copy", "Copied something";
        /// The site's own search was used; for what, nobody is told.
        Search = "search", "Searched the site";
        /// A video or sound was played to `p` % of its length, 0 when it began.
        Video = "video", "Played a video";
        /// The page does not exist.
        NotFound = "not_found", "The page was not found";
        /// The dialog or widget `n` of the page was closed.
        WidgetClosed = "widget_closed", "Closed a dialog";
        /// `exitpoll('track', name)`.
        Track = "track", "Event";
        /// `exitpoll('consent', m)`. The id that comes with it is taken out before anything is kept.
        Consent = "consent", "Chose what may be remembered";
        /// `exitpoll('set', properties)`: what the page says of the visit.
        Set = "set", "The page said";
        /// A moment of prompt `p` fired.
        Eligible = "eligible", "A question could be asked";
        /// The card of prompt `p` opened.
        PromptShown = "prompt_shown", "The question opened";
        /// Half of the card was visible for a second.
        PromptSeen = "prompt_seen", "The question was on screen";
        /// The first input in the card.
        PromptStarted = "prompt_started", "Began to answer";
        /// The card was closed without a complete answer.
        PromptDismissed = "prompt_dismissed", "Closed the question";
        /// Help was shown, or taken, after an answer; `why` is the ending.
        PromptHelped = "prompt_helped", "Was offered help";
        /// The card could not open.
        PromptFailed = "prompt_failed", "The question could not open";
    }
);

/// Of a page view in a browser whose visitor wants no question that opens by itself.
pub(super) const NEVER_ASK: &str = "never";

/// Properties of the built-in kinds. One struct for all: the kinds share most names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Props {
    /// Path of the page, with campaign parameters and those that questions are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub u: Option<String>,
    /// Referrer of the page load, without its query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r: Option<String>,
    /// Key of the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f: Option<String>,
    /// Name of the field, or of what was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// Label of what was clicked or of the form: the developer's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l: Option<String>,
    /// Where a clicked link leads, without its query; with its origin when that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub h: Option<String>,
    /// Selector of the goal for which a click is told: the owner's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s: Option<String>,
    /// Mark in per cent, of a page that was scrolled or a video, or the public id of a prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<Scalar>,
    /// Milliseconds.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "rounded_if_any"
    )]
    pub ms: Option<Millis>,
    /// How it is known that a form was completed: `element` when what the owner has named for it appeared, `weak` when it is
    /// concluded from what happened to the form, nothing when the page said so. Of any event, `server` when the site's own server
    /// told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why a form was abandoned or a card closed; `hidden` of a field in which the page was hidden, and which may still have the focus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How the moment or the exit signal came about; of a page view, [`NEVER_ASK`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub m: Option<String>,
    /// Whether the browser's autofill made the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto: Option<bool>,
    /// Milliseconds from the focus of a field to its first change.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "rounded_if_any"
    )]
    pub w: Option<Millis>,
    /// Whether the visitor changed the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c: Option<bool>,
    /// How often the visitor began to delete in it; one after the other counts once, so that no length follows from it.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "rounded_if_any"
    )]
    pub d: Option<i64>,
    /// Whether something was pasted into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub v: Option<bool>,
    /// Whether it was not empty when it was left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<bool>,
    /// Name of a tracked event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Properties of a tracked event or of the visit; anything but texts, numbers and truth values is left out.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "flat_only"
    )]
    pub props: Option<BTreeMap<String, Scalar>>,
    /// Worth of a tracked event, in the site's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// Bytes of a text.
const MAX_VALUE: usize = 2_048;
/// Characters of a key, as the widget cuts them; not bytes, or a site in another script than Latin would lose its longer keys.
const MAX_KEY: usize = 64;
const MAX_PROPS: usize = 32;

impl Props {
    fn texts(&mut self) -> [&mut Option<String>; 11] {
        [
            &mut self.u,
            &mut self.r,
            &mut self.f,
            &mut self.n,
            &mut self.l,
            &mut self.h,
            &mut self.s,
            &mut self.by,
            &mut self.why,
            &mut self.m,
            &mut self.name,
        ]
    }

    /// Removes NUL and what says nothing, and cuts what is too long or too many.
    pub fn clean(&mut self) {
        for value in self.texts() {
            if let Some(text) = value {
                clean_text(text);
            }
            value.take_if(|text| text.is_empty());
        }
        for address in [&mut self.u, &mut self.r, &mut self.h] {
            address.iter_mut().for_each(page_address::tidy);
        }
        for is_so in [&mut self.auto, &mut self.c, &mut self.v, &mut self.y] {
            is_so.take_if(|is_so| !*is_so);
        }
        if let Some(Scalar::Text(text)) = &mut self.p {
            clean_text(text);
        }
        let Some(props) = &mut self.props else {
            return;
        };
        if props.len() > MAX_PROPS || props.keys().any(|key| is_no_key(key)) {
            let all = std::mem::take(props).into_iter();
            *props = all
                .take(MAX_PROPS)
                .map(|(key, value)| (key_of(&key), value))
                .collect();
        }
        for value in props.values_mut() {
            if let Scalar::Text(text) = value {
                clean_text(text);
            }
        }
    }
}

fn flat_only<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, Scalar>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        Flat(Scalar),
        Other(de::IgnoredAny),
    }
    let props = Option::<BTreeMap<String, Value>>::deserialize(deserializer)?;
    Ok(props.map(|props| {
        let entries = props.into_iter();
        entries
            .filter_map(|(key, value)| match value {
                Value::Flat(value) => Some((key, value)),
                Value::Other(_) => None,
            })
            .collect()
    }))
}

#[derive(Deserialize)]
struct Rounded(#[serde(deserialize_with = "rounded")] Millis);

fn rounded_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Millis>, D::Error> {
    let value = Option::<Rounded>::deserialize(deserializer)?;
    Ok(value.map(|Rounded(ms)| ms))
}

fn is_no_key(key: &str) -> bool {
    // In bytes first: nearly every key is short.
    key.contains('\0') || key.len() > MAX_KEY && key.chars().count() > MAX_KEY
}

fn key_of(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MAX_KEY).collect()
}

fn clean_text(text: &mut String) {
    strip_nul(text);
    text.truncate(text.floor_char_boundary(MAX_VALUE));
}

/// PostgreSQL refuses NUL in text and JSON: one visitor could poison a whole commit with it.
pub fn strip_nul(text: &mut String) {
    if text.contains('\0') {
        text.retain(|c| c != '\0');
    }
}

/// One event of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Milliseconds since the view started.
    pub t: Millis,
    /// What happened; `None` for a kind of a later release and for a place that was left empty.
    pub kind: Option<EventKind>,
    /// About what.
    pub props: Props,
}

impl Event {
    /// Stands where an event was sent that is not kept, so that the numbers of the others do not move.
    pub fn empty(t: Millis) -> Self {
        Self {
            t,
            kind: None,
            props: Props::default(),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(None)?;
        array.serialize_element(&self.t)?;
        array.serialize_element(self.kind.map_or("unknown", EventKind::as_str))?;
        if self.props != Props::default() {
            array.serialize_element(&self.props)?;
        }
        array.end()
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array;
        impl<'de> de::Visitor<'de> for Array {
            type Value = Event;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event: [ms since view start, kind, properties]")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Event, A::Error> {
                let Rounded(t) = seq
                    .next_element()?
                    .ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let kind: Cow<'de, str> = seq
                    .next_element()?
                    .ok_or_else(|| de::Error::invalid_length(1, &self))?;
                let props = seq.next_element()?.unwrap_or_default();
                while seq.next_element::<de::IgnoredAny>()?.is_some() {}
                Ok(Event {
                    t,
                    kind: EventKind::parse(&kind),
                    props,
                })
            }
        }
        deserializer.deserialize_seq(Array)
    }
}

impl Event {
    /// Whether the site's own server told it.
    pub fn is_told(&self) -> bool {
        self.props.by.as_deref() == Some(told::BY_SERVER)
    }

    /// What goal rules compare.
    pub fn subject(&self) -> Option<Subject<'_>> {
        let props = &self.props;
        Some(match self.kind? {
            EventKind::PageView => Subject::Page(props.u.as_deref()?),
            EventKind::Track => Subject::Event {
                name: props.name.as_deref()?,
                props: props.props.as_ref(),
            },
            EventKind::FormViewed => Subject::FormViewed(props.f.as_deref()?),
            EventKind::FormStarted => Subject::FormStarted(props.f.as_deref()?),
            EventKind::FieldFocused => Subject::Field {
                form: props.f.as_deref()?,
                name: props.n.as_deref()?,
            },
            EventKind::FormCompleted => Subject::FormCompleted(props.f.as_deref()?),
            EventKind::Click => Subject::Click {
                label: props.l.as_deref().unwrap_or_default(),
                href: props.h.as_deref().unwrap_or_default(),
                selector: props.s.as_deref().unwrap_or_default(),
            },
            EventKind::Search => Subject::Search,
            EventKind::Video => Subject::Video(props.p.as_ref()?.as_number()?),
            _ => return None,
        })
    }
}

/// The total order of a visit's events: time, page load, number in it.
pub type Order = (Millis, ViewId, i32);

/// An event with its place in the visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<'a> {
    /// Time corrected by the server, page load, number in it.
    pub order: Order,
    /// What it was.
    pub event: &'a Event,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal::types::GoalRule;

    #[derive(Deserialize)]
    struct Case {
        rule: GoalRule,
        event: Event,
        matches: bool,
        because: String,
    }

    #[test]
    fn rules_match_as_the_widget_matches_them() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/fixtures/wire/goal_rules.json"))
                .unwrap();

        for case in cases {
            let subject = case.event.subject();
            let is_met = subject.is_some_and(|subject| case.rule.is_met_by(subject));
            assert_eq!(
                is_met, case.matches,
                "{:?} against {subject:?}: {}",
                case.rule, case.because
            );
        }
    }

    #[test]
    fn an_event_reads_back_and_forgets_what_is_not_named() {
        let event: Event = serde_json::from_str(
            r#"[12,"form_started",{"f":"signup","n":"phone","value_typed":"secret"}]"#,
        )
        .unwrap();

        assert_eq!(event.kind, Some(EventKind::FormStarted));
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"[12,"form_started",{"f":"signup","n":"phone"}]"#
        );
    }

    #[test]
    fn a_kind_of_a_later_release_is_read_as_unknown() {
        let event: Event = serde_json::from_str(r#"[12,"telepathy"]"#).unwrap();

        assert_eq!(event.kind, None);
    }

    #[test]
    fn what_says_nothing_is_not_kept() {
        let mut event: Event = serde_json::from_str(
            r#"[12,"track",{"name":"paid","r":"","auto":false,"value":null,"props":{"plan":"pro","nan":null,"deep":{"a":[1]}}}]"#,
        )
        .unwrap();
        event.props.clean();

        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            r#"[12,"track",{"name":"paid","props":{"plan":"pro"}}]"#
        );
    }

    #[test]
    fn nul_is_removed_and_length_is_bounded() {
        let mut props = Props {
            u: Some("/a\0b".into()),
            ..Props::default()
        };
        props.clean();
        assert_eq!(props.u.as_deref(), Some("/ab"));

        let mut long = Props {
            n: Some("x".repeat(MAX_VALUE + 1)),
            ..Props::default()
        };
        long.clean();
        assert_eq!(long.n.unwrap().len(), MAX_VALUE);
    }
}
