//! What a report was asked for, to say it and to lead elsewhere from there. Pure.

use url::form_urlencoded;

use super::{dimension::value_words, number};
use crate::{
    ingest::cube::Dimension,
    report::{
        overview::Choice,
        period::Period,
        segment::{Deed, Segment},
    },
    types::GoalId,
};

/// In place of a query string, what asks for all visits to stand beside others.
pub const ALL: &str = "all";
/// Likewise, for all but those.
pub const OTHERS: &str = "others";

/// A filter that is set.
pub struct FilterView {
    /// `Device: Computer`.
    pub words: String,
    /// Where it is not set.
    pub without: String,
}

/// What a report was asked for.
pub(super) struct Chosen<'a> {
    /// The days.
    pub(super) period: &'a Period,
    /// Which visits, and what they are broken down by.
    pub(super) choice: &'a Choice,
    /// What only this report can be asked for.
    pub(super) own: Vec<(&'static str, String)>,
}

impl<'a> Chosen<'a> {
    /// Of a report that can be asked for nothing else.
    pub(super) fn new(period: &'a Period, choice: &'a Choice) -> Self {
        Self {
            period,
            choice,
            own: vec![],
        }
    }
    /// The query string of the page.
    pub(super) fn query(&self) -> String {
        self.written(None, None)
    }

    /// The same where only visits count of which the dimension says this.
    pub(super) fn with(&self, dimension: Dimension, value: &str) -> String {
        self.written(Some((dimension, value)), Some(dimension.as_str()))
    }

    /// The same without what is set under this name.
    pub(super) fn without(&self, name: &str) -> String {
        self.written(None, Some(name))
    }

    /// The days and filters where only visits count that reached the goal.
    pub(super) fn of_those_who(&self, goal: GoalId) -> String {
        let mut query = form_urlencoded::Serializer::new(self.period.query());
        let filters = self.choice.filters.iter();
        query.extend_pairs(filters.map(|(dimension, value)| (dimension.as_str(), value)));
        query.append_pair("did", &goal.to_string()).finish()
    }

    /// The filters alone, each behind an `&`.
    pub(super) fn filter_query(&self) -> String {
        match filters_of(self.choice) {
            query if query.is_empty() => query,
            query => format!("&{query}"),
        }
    }

    fn written(&self, with: Option<(Dimension, &str)>, without: Option<&str>) -> String {
        let own = self.own.iter();
        let own = own.map(|(name, value)| (*name, value.as_str()));
        let by = self.choice.by.map(|by| ("by", by.as_str()));
        let filters = self.choice.filters.iter();
        let filters = filters.map(|(dimension, value)| (dimension.as_str(), value.as_str()));
        let deeds = told(&self.choice.segment);
        let deeds: Vec<_> = deeds
            .map(|(name, _, it)| (name, it.id.to_string()))
            .collect();
        let deeds = deeds.iter().map(|(name, id)| (*name, id.as_str()));
        let kept = own.chain(by).chain(filters).chain(deeds);
        let kept = kept.filter(|(name, _)| Some(*name) != without);
        let with = with.map(|(dimension, value)| (dimension.as_str(), value));
        let mut query = form_urlencoded::Serializer::new(self.period.query());
        query.extend_pairs(kept.chain(with)).finish()
    }

    /// The filters that are set.
    pub(super) fn filters(&self) -> Vec<FilterView> {
        let view = |(name, words)| FilterView {
            words,
            without: self.without(name),
        };
        said(self.choice).map(view).collect()
    }

    /// How many visits cannot tell what is asked for.
    pub(super) fn left_out(&self) -> Option<String> {
        self.choice.segment.left_out_words("these")
    }
}

impl Segment {
    /// How many visits of `these` days cannot tell what is asked for, or of `its`.
    pub(super) fn left_out_words(&self, these: &str) -> Option<String> {
        let Self { did, not, left_out } = self;
        let names = did.iter().chain(not).map(|it| format!("“{}”", it.name));
        let names: Vec<String> = names.collect();
        let are = if *left_out == 1 { "is" } else { "are" };
        (*left_out > 0).then(|| {
            format!(
                "{} of {these} days {are} left out: whether they reached {} as defined now is not known of them.",
                number::counted(*left_out, "visit", "visits"),
                names.join(" and ")
            )
        })
    }
}

/// What visits are asked for to say and to have done: its name in the query string, and its words.
fn said(choice: &Choice) -> impl Iterator<Item = (&'static str, String)> {
    let filters = choice.filters.iter().map(|(dimension, value)| {
        let words = format!("{}: {}", dimension.label(), value_words(*dimension, value));
        (dimension.as_str(), words)
    });
    filters.chain(told(&choice.segment).map(|(name, words, _)| (name, words)))
}

/// The same in one line: `Device: Computer, Reached “Viewed pricing”`; of no filters, `All visits`.
pub(super) fn words(choice: &Choice) -> String {
    let words: Vec<String> = said(choice).map(|(_, words)| words).collect();
    match words.is_empty() {
        true => "All visits".into(),
        false => words.join(", "),
    }
}

/// The same as a query string of its own: `device=desktop&did=…`.
pub fn text(choice: &Choice) -> String {
    match filters_of(choice) {
        query if query.is_empty() => ALL.into(),
        query => query,
    }
}

/// The filters alone; empty where there are none.
fn filters_of(choice: &Choice) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (dimension, value) in &choice.filters {
        query.append_pair(dimension.as_str(), value);
    }
    for (name, _, deed) in told(&choice.segment) {
        query.append_pair(name, &deed.id.to_string());
    }
    query.finish()
}

/// What visits are asked for to have done: its name in the query string, its words, and the goal.
pub fn told(segment: &Segment) -> impl Iterator<Item = (&'static str, String, &Deed)> {
    let did = segment.did.iter();
    let did = did.map(|it| ("did", format!("Reached “{}”", it.name), it));
    let not = segment.not.iter();
    did.chain(not.map(|it| ("not", format!("Did not reach “{}”", it.name), it)))
}
