//! What the moments are about, as the section "when to ask" has it. Pure.

use super::fields::parse_number;
use crate::{
    clock::SECOND,
    error::FieldErrors,
    goal::selector::is_selector,
    prompt::types::{AskAt, Comparison, Details, Filter},
};

/// Rows of the editor for what an event must say.
const FILTER_ROWS: usize = 3;
/// Characters of a selector; a longer one is pasted by mistake.
const LONGEST_SELECTOR: usize = 200;
/// Characters of a name, as the widget sends it.
const LONGEST_NAME: usize = 64;

/// What an event must say, as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterRow {
    /// Name of the property; a row without one is left out.
    pub property: String,
    /// A [`Comparison`].
    pub is: String,
    /// What it is compared with.
    pub value: String,
}

/// As it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DetailsForm {
    /// Per cent of the page.
    pub scroll_percent: String,
    /// Selector.
    pub seen_selector: String,
    /// Seconds of attention.
    pub dwell_seconds: String,
    /// Seconds without doing anything.
    pub idle_seconds: String,
    /// Selector.
    pub click_selector: String,
    /// Name of the event.
    pub event_name: String,
    /// What it must say.
    pub filters: Vec<FilterRow>,
    /// Selector.
    pub no_results_selector: String,
    /// Name of the dialog or widget.
    pub widget_name: String,
    /// Selector; empty for none.
    pub gone_selector: String,
}

impl DetailsForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        let value = value.to_owned();
        match key {
            "scroll_percent" => self.scroll_percent = value,
            "seen_selector" => self.seen_selector = value,
            "dwell_seconds" => self.dwell_seconds = value,
            "idle_seconds" => self.idle_seconds = value,
            "click_selector" => self.click_selector = value,
            "event_name" => self.event_name = value,
            // The first of a row; the others follow it.
            "filter_property" => self.filters.push(FilterRow {
                property: value,
                ..FilterRow::default()
            }),
            "filter_is" => {
                if let Some(row) = self.filters.last_mut() {
                    row.is = value;
                }
            }
            "filter_value" => {
                if let Some(row) = self.filters.last_mut() {
                    row.value = value;
                }
            }
            "no_results_selector" => self.no_results_selector = value,
            "widget_name" => self.widget_name = value,
            "gone_selector" => self.gone_selector = value,
            _ => {}
        }
    }

    pub(super) fn of(details: &Details) -> Self {
        Self {
            scroll_percent: details.scroll_percent.to_string(),
            seen_selector: details.seen.clone(),
            dwell_seconds: (details.dwell_ms / SECOND).to_string(),
            idle_seconds: (details.idle_ms / SECOND).to_string(),
            click_selector: details.click.clone(),
            event_name: details.event.clone(),
            filters: details
                .filters
                .iter()
                .map(|filter| FilterRow {
                    property: filter.property.clone(),
                    is: filter.is.to_string(),
                    value: filter.value.clone(),
                })
                .collect(),
            no_results_selector: details.no_results.clone(),
            widget_name: details.widget.clone(),
            gone_selector: details.gone.clone(),
        }
    }

    /// As many rows as the editor shows.
    pub fn filter_rows(&self) -> Vec<FilterRow> {
        let mut rows = self.filters.clone();
        rows.resize(FILTER_ROWS.max(rows.len()), FilterRow::default());
        rows
    }

    /// Only what a chosen moment is about must be right; of the others, what cannot be read is as it was at first.
    pub(super) fn parse(&self, chosen: &[AskAt], errors: &mut FieldErrors) -> Details {
        let mut unused = FieldErrors::default();
        let is_chosen = |ask_at| chosen.contains(&ask_at);
        let fresh = Details::default();
        let mut number = |ask_at, text: &str, range, field, first: i64| {
            if is_chosen(ask_at) {
                parse_number(text, range, field, errors)
            } else {
                let read = parse_number(text, range, field, &mut unused);
                if unused.of(field).is_some() {
                    first
                } else {
                    read
                }
            }
        };
        let scroll = number(
            AskAt::Scroll,
            &self.scroll_percent,
            1..=100,
            "scroll_percent",
            fresh.scroll_percent.into(),
        );
        let dwell = number(
            AskAt::Dwell,
            &self.dwell_seconds,
            1..=3_600,
            "dwell_seconds",
            fresh.dwell_ms / SECOND,
        );
        let idle = number(
            AskAt::Idle,
            &self.idle_seconds,
            5..=600,
            "idle_seconds",
            fresh.idle_ms / SECOND,
        );
        Details {
            scroll_percent: u8::try_from(scroll).unwrap_or(fresh.scroll_percent),
            dwell_ms: dwell * SECOND,
            idle_ms: idle * SECOND,
            seen: parse_selector(
                &self.seen_selector,
                is_chosen(AskAt::Seen),
                "seen_selector",
                errors,
            ),
            click: parse_selector(
                &self.click_selector,
                is_chosen(AskAt::Click),
                "click_selector",
                errors,
            ),
            no_results: parse_selector(
                &self.no_results_selector,
                is_chosen(AskAt::NoResults),
                "no_results_selector",
                errors,
            ),
            event: parse_event(&self.event_name, is_chosen(AskAt::Event), errors),
            filters: self.parse_filters(is_chosen(AskAt::Event), errors),
            widget: parse_widget(&self.widget_name, errors),
            gone: parse_selector(
                &self.gone_selector,
                is_chosen(AskAt::WidgetClosed) && !self.gone_selector.trim().is_empty(),
                "gone_selector",
                errors,
            ),
        }
    }

    fn parse_filters(&self, is_chosen: bool, errors: &mut FieldErrors) -> Vec<Filter> {
        let rows = self
            .filters
            .iter()
            .filter(|row| !row.property.trim().is_empty());
        rows.map(|row| {
            let is = Comparison::parse(&row.is).unwrap_or(Comparison::Equals);
            let value = row.value.trim().to_owned();
            let is_number = matches!(is, Comparison::Greater | Comparison::Less);
            if is_chosen && is_number && value.parse::<f64>().is_err() {
                errors.add(
                    "filters",
                    format!("“{} {}” needs a number.", row.property.trim(), is.label()),
                );
            }
            Filter {
                property: row.property.trim().to_owned(),
                is,
                value,
            }
        })
        .collect()
    }
}

/// Roughly: whether the page finds something by it, only the page knows.
pub(super) fn parse_selector(
    text: &str,
    is_chosen: bool,
    field: &str,
    errors: &mut FieldErrors,
) -> String {
    let text = text.trim();
    let is_one = text.chars().count() <= LONGEST_SELECTOR && is_selector(text);
    if is_chosen && !is_one {
        errors.add(
            field,
            "Write a CSS selector of at most 200 characters, for example #prices or .plan button.",
        );
    }
    text.to_owned()
}

fn parse_event(text: &str, is_chosen: bool, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    if is_chosen && (text.is_empty() || text.chars().count() > LONGEST_NAME) {
        errors.add(
            "event_name",
            "Write the name of the event, at most 64 characters, for example plan_compared.",
        );
    }
    text.to_owned()
}

fn parse_widget(text: &str, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    if text.chars().count() > LONGEST_NAME {
        errors.add("widget_name", "Use at most 64 characters.");
    }
    text.to_owned()
}
