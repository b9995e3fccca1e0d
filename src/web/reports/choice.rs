//! Which visits a report is about besides its days: filters, and what they are broken down by, as the query string says.

use actix_web::HttpRequest;
use url::form_urlencoded;

use crate::{
    ingest::cube::Dimension,
    report::{funnel::FunnelChoice, overview::Choice, signatures::funnel::Order},
};

/// Characters of a value at most: more than any that is stored.
const LONGEST: usize = 500;

/// Reads the query string. What names no dimension is left out; of two filters by one dimension the first holds.
pub(super) fn read(request: &HttpRequest) -> Choice {
    let mut choice = Choice::default();
    for (name, text) in form_urlencoded::parse(request.query_string().as_bytes()) {
        if name == "by" {
            choice.by = Dimension::parse(&text);
        } else if let Some(dimension) = Dimension::parse(&name) {
            let is_set = choice.filters.iter().any(|(set, _)| *set == dimension);
            if !is_set {
                // PostgreSQL takes no NUL.
                let value = text.chars().filter(|c| *c != '\0').take(LONGEST);
                choice.filters.push((dimension, value.collect()));
            }
        }
    }
    choice
}

/// The same for the funnel, with how its steps count.
pub(super) fn read_funnel(request: &HttpRequest) -> FunnelChoice {
    let mut choice = FunnelChoice {
        visits: read(request),
        ..FunnelChoice::default()
    };
    for (name, text) in form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "order" => choice.order = Order::parse(&text).unwrap_or_default(),
            "without" => choice.without = text.parse().ok(),
            "times" => choice.is_timed = text == "1",
            _ => {}
        }
    }
    choice
}

/// The parts of the query string that lead to this choice.
pub(super) fn pairs(choice: &Choice) -> Vec<(&'static str, String)> {
    let by = choice.by.map(|by| ("by", by.to_string()));
    let filters = choice.filters.iter();
    let filters = filters.map(|(dimension, value)| (dimension.as_str(), value.clone()));
    by.into_iter().chain(filters).collect()
}

/// The same for the funnel.
pub(super) fn funnel_pairs(choice: &FunnelChoice) -> Vec<(&'static str, String)> {
    let own = choice.pairs();
    own.into_iter().chain(pairs(&choice.visits)).collect()
}
