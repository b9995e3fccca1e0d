//! A page that was asked for by its address in a wrong way: what is wrong, to be put right in place, and the same page without it.

use actix_web::{HttpRequest, http::Method};
use url::form_urlencoded::{self, Serializer};

use crate::error::FieldErrors;

/// Days that are chosen two by two, with their names on the screen.
const DAYS: [(&str, &str); 4] = [
    ("from", "From"),
    ("to", "To"),
    ("beside_from", "Other days from"),
    ("beside_to", "Other days to"),
];

/// How to ask for the page again.
pub(super) struct Again {
    /// Days to choose anew: name, name on the screen, what was sent.
    pub(super) days: Vec<(&'static str, &'static str, String)>,
    /// What else was asked for and is not wrong.
    pub(super) kept: Vec<(String, String)>,
    /// The address without what is wrong.
    pub(super) without: String,
}

impl Again {
    /// `None` where what is wrong does not stand in the address of a page.
    pub(super) fn of(request: &HttpRequest, errors: &FieldErrors) -> Option<Self> {
        let is_get = request.method() == Method::GET;
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(request.query_string().as_bytes())
                .into_owned()
                .collect();
        let is_wrong = |name: &str| errors.of(name).is_some();
        if !is_get || !pairs.iter().any(|(name, _)| is_wrong(name)) {
            return None;
        }
        let chunks = DAYS
            .chunks(2)
            .filter(|pair| pair.iter().any(|(name, _)| is_wrong(name)));
        let days = chunks.flatten().map(|(name, label)| {
            let mut sent = pairs.iter().filter(|(it, _)| it == name);
            let text = sent.next().map(|(_, text)| text.clone());
            (*name, *label, text.unwrap_or_default())
        });
        let days: Vec<_> = days.collect();
        let is_chosen_anew = |name: &str| days.iter().any(|(day, ..)| *day == name);
        let kept: Vec<(String, String)> = pairs
            .iter()
            .filter(|(name, _)| !is_wrong(name) && !is_chosen_anew(name))
            .cloned()
            .collect();
        let query = Serializer::new(String::new()).extend_pairs(&kept).finish();
        Some(Self {
            without: format!("{}?{query}", request.path()),
            days,
            kept,
        })
    }
}
