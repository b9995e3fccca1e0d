//! The choice of days above a report.

use url::form_urlencoded;

use super::when::days_long;
use crate::report::period::{PRESETS, Period};

/// The days of a report, and the other ones that are a click away.
#[derive(Clone, Debug)]
pub struct Range {
    /// One-click ranges.
    pub chips: Vec<Chip>,
    /// First day, `2026-11-20`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// `22 October to 20 November`.
    pub words: String,
    /// The query string that leads here.
    pub query: String,
    /// Whether automated browsers count by choice.
    pub automated: bool,
    /// How many days up to today it is, when it is up to today.
    pub days: Option<i32>,
    /// What else the page was asked for, so that other days keep it.
    pub kept: Vec<(&'static str, String)>,
}

/// A one-click range.
#[derive(Clone, Debug)]
pub struct Chip {
    /// Its name.
    pub label: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether it is shown now.
    pub is_current: bool,
}

impl Range {
    /// The choice with `period` chosen.
    pub fn new(period: &Period) -> Self {
        Self::keeping(period, vec![])
    }

    /// The same where other days keep what else the page was asked for.
    pub fn keeping(period: &Period, kept: Vec<(&'static str, String)>) -> Self {
        let automated = if period.automated { "&automated=1" } else { "" };
        let mut more = form_urlencoded::Serializer::new(String::new());
        let more = more.extend_pairs(&kept).finish();
        let joint = if more.is_empty() { "" } else { "&" };
        let chip = |(days, label): (i32, &'static str)| Chip {
            label,
            href: format!("?days={days}{automated}{joint}{more}"),
            is_current: period.is_preset(days),
        };
        Self {
            chips: PRESETS.into_iter().map(chip).collect(),
            from: period.from.to_string(),
            to: period.to.to_string(),
            words: days_long(period.from, period.to, period.today),
            query: period.query(),
            automated: period.automated,
            days: period.is_today_included().then(|| period.length()),
            kept,
        }
    }
}
