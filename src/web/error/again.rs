//! A page that was asked for by its address in a wrong way: what is wrong, to be put right in place, and the same page without it.

use actix_web::{HttpRequest, http::Method};
use url::form_urlencoded::{self, Serializer};

use crate::error::FieldErrors;

/// Days that are chosen two by two, with their names on the screen.
const DAYS: [[(&str, &str); 2]; 2] = [
    [("from", "From"), ("to", "To")],
    [
        ("beside_from", "Other days from"),
        ("beside_to", "Other days to"),
    ],
];

/// How to ask for the page again.
pub(super) struct Again {
    /// What is wrong with what else was asked for.
    pub(super) wrong: Vec<String>,
    /// Days to choose anew.
    pub(super) days: Vec<Day>,
    /// What is not wrong.
    pub(super) kept: Vec<(String, String)>,
    /// The address without what is wrong.
    pub(super) without: String,
}

/// A day to choose anew.
pub(super) struct Day {
    pub(super) name: &'static str,
    /// On the screen.
    pub(super) label: &'static str,
    pub(super) sent: String,
    pub(super) error: Option<String>,
}

impl Again {
    /// `None` where what is wrong does not stand in the address of a page.
    pub(super) fn of(request: &HttpRequest, errors: &FieldErrors) -> Option<Self> {
        let sent = form_urlencoded::parse(request.query_string().as_bytes()).into_owned();
        let sent: Vec<(String, String)> = sent.collect();
        let is_wrong = |name: &str| errors.of(name).is_some();
        let pairs = DAYS.iter();
        let pairs = pairs.filter(|pair| pair.iter().any(|(name, _)| is_wrong(name)));
        let days: Vec<Day> = pairs
            .flatten()
            .map(|(name, label)| Day::of(name, label, &sent, errors))
            .collect();
        let is_day = |name: &str| days.iter().any(|day| day.name == name);
        let kept = sent
            .iter()
            .filter(|(name, _)| !is_wrong(name) && !is_day(name));
        let kept: Vec<(String, String)> = kept.cloned().collect();
        if request.method() != Method::GET || kept.len() == sent.len() {
            return None;
        }
        let query = Serializer::new(String::new()).extend_pairs(&kept).finish();
        let others = errors.0.iter().filter(|error| !is_day(&error.field));
        Some(Self {
            wrong: others.map(|error| format!("{}.", error.message)).collect(),
            without: format!("{}?{query}", request.path()),
            days,
            kept,
        })
    }
}

impl Day {
    fn of(
        name: &'static str,
        label: &'static str,
        sent: &[(String, String)],
        errors: &FieldErrors,
    ) -> Self {
        let text = sent.iter().find(|(it, _)| it == name);
        Self {
            name,
            label,
            sent: text.map(|(_, text)| text.clone()).unwrap_or_default(),
            error: errors.of(name).map(super::sentence),
        }
    }
}
