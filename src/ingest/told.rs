//! Events that the site's own server tells of a visit, which the page has named by a token.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    event::{Event, EventKind, Props},
    payload::{self, Payload},
};
use crate::{
    clock::{DAY, MINUTE},
    error::{AppError, FieldErrors},
    secret,
    site::types::Site,
    types::{Millis, Scalar, ViewId, VisitId},
};

const PURPOSE: &str = "visit";
/// `by` of an event that no browser sent.
pub const BY_SERVER: &str = "server";
/// An event may be told this long after it happened.
pub const MAX_LATE: Millis = 7 * DAY;
/// Clocks of two servers may differ by this much.
const MAX_AHEAD: Millis = 10 * MINUTE;
/// A visit lasts a day at most, and is told of for a week more.
const TOKEN_AGE: Millis = MAX_LATE + DAY;
/// Characters of a name and of an idempotency key.
const MAX_NAME: usize = 64;
/// Properties of an event.
const MAX_PROPS: usize = 32;

/// Names the visit to the site's server, and to nobody else.
pub fn visit_token(signing_key: &[u8], visit: VisitId) -> String {
    secret::sign(signing_key, PURPOSE, visit.0.as_bytes())
}

fn visit_of(signing_key: &[u8], token: &str) -> Option<VisitId> {
    let bytes = secret::verify(signing_key, PURPOSE, token)?;
    Uuid::from_slice(&bytes).ok().map(VisitId)
}

/// The body of `POST /x/e`.
#[derive(Debug, Deserialize)]
struct Told {
    /// What `exitpoll('token')` gave to the page.
    token: String,
    name: String,
    #[serde(default)]
    props: BTreeMap<String, Value>,
    /// Worth, in the major unit of the site's currency.
    #[serde(default)]
    value: Option<f64>,
    /// When it happened, ms since 1970; now by default.
    #[serde(default)]
    at: Option<Millis>,
    /// The same key tells the same event: it counts once.
    #[serde(default)]
    id: Option<String>,
}

/// An event of a visit, read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldEvent {
    /// The visit.
    pub visit: VisitId,
    /// When it happened.
    pub at: Millis,
    /// Place of its own in the journal; the same for the same idempotency key.
    view: ViewId,
    props: Props,
}

impl ToldEvent {
    /// Reads and checks a body. The error names each wrong field and says what would be right.
    pub fn parse(body: &[u8], site: &Site, now: Millis) -> Result<Self, AppError> {
        let told: Told =
            serde_json::from_slice(body).map_err(|_| payload::explain::<Told>(body))?;
        let mut errors = FieldErrors::default();
        let visit = visit_of(&site.signing_key, &told.token);
        match visit.map(started_at) {
            None => errors.add(
                "token",
                "must be what exitpoll('token') gave to a page of this site",
            ),
            Some(started) if now - started > TOKEN_AGE => errors.add(
                "token",
                "names a visit that began more than 8 days ago; nothing can be added to it",
            ),
            Some(_) => {}
        }
        let at = told.at.unwrap_or(now);
        if !(now - MAX_LATE..=now + MAX_AHEAD).contains(&at) {
            errors.add(
                "at",
                "must be ms since 1970, at most 7 days ago and not in the future",
            );
        }
        told.check(&mut errors);
        errors.or(())?;
        let Some(visit) = visit else {
            return Err(AppError::NotFound("visit"));
        };
        Ok(Self {
            visit,
            // Nothing happens in a visit before it begins.
            at: at.min(now).max(started_at(visit)),
            view: place(&site.signing_key, visit, told.id.as_deref()),
            props: told.props(),
        })
    }

    /// The event as a request that reached us now.
    pub fn payload(self, site: &Site, now: Millis) -> Payload {
        let event = Event {
            t: 0,
            kind: Some(EventKind::Track),
            props: self.props,
        };
        Payload::of_event(site, self.view, now - self.at, event)
    }
}

impl Told {
    fn check(&self, errors: &mut FieldErrors) {
        let is_name = |text: &str| !text.is_empty() && text.chars().count() <= MAX_NAME;
        if !is_name(&self.name) {
            errors.add("name", "must have 1 to 64 characters");
        }
        if self.id.as_deref().is_some_and(|id| !is_name(id)) {
            errors.add("id", "must have 1 to 64 characters, or be left out");
        }
        if self.value.is_some_and(|value| !value.is_finite()) {
            errors.add("value", "must be a number");
        }
        if self.props.len() > MAX_PROPS {
            errors.add("props", "may have at most 32 properties");
        }
        for (name, value) in &self.props {
            if scalar(value).is_none() {
                let field = format!("props.{}", name.chars().take(MAX_NAME).collect::<String>());
                errors.add(field, "must be a text, a number, true or false");
            }
        }
    }

    fn props(self) -> Props {
        let flat = self.props.iter();
        let flat = flat.filter_map(|(name, value)| Some((name.clone(), scalar(value)?)));
        let flat: BTreeMap<_, _> = flat.collect();
        let mut props = Props {
            name: Some(self.name),
            by: Some(BY_SERVER.into()),
            props: (!flat.is_empty()).then_some(flat),
            value: self.value,
            ..Props::default()
        };
        props.clean();
        props
    }
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        flat => serde_json::from_value(flat.clone()).ok(),
    }
}

/// When the visit was first heard of.
fn started_at(visit: VisitId) -> Millis {
    let time = visit.0.as_u128() >> 80;
    Millis::try_from(time).unwrap_or_default()
}

/// Beside the visit's own page loads; a repeated key finds the same place taken.
fn place(signing_key: &[u8], visit: VisitId, id: Option<&str>) -> ViewId {
    let Some(id) = id else {
        return ViewId::new(started_at(visit));
    };
    let parts: [&[u8]; 3] = [b"told", visit.0.as_bytes(), id.as_bytes()];
    ViewId(secret::uuid_of(
        started_at(visit),
        &secret::keyed_hash(signing_key, &parts),
    ))
}
