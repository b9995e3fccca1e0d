//! The choice of days above a report.

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
        let automated = if period.automated { "&automated=1" } else { "" };
        let chip = |(days, label): (i32, &'static str)| Chip {
            label,
            href: format!("?days={days}{automated}"),
            is_current: period.is_preset(days),
        };
        Self {
            chips: PRESETS.into_iter().map(chip).collect(),
            from: period.from.to_string(),
            to: period.to.to_string(),
            words: days_long(period.from, period.to, period.today),
            query: period.query(),
            automated: period.automated,
        }
    }
}
