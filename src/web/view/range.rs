//! The choice of days above a report.

use url::form_urlencoded;

use super::when::days_long;
use crate::{
    goal::types::Goal,
    ingest::cube::Dimension,
    report::period::{PRESETS, Period},
};

/// The days of a report, and the other ones that are a click away.
#[derive(Clone, Debug)]
pub struct Range {
    /// One-click ranges.
    pub chips: Vec<Chip>,
    /// First day, `2026-11-20`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The site's present day: no day after it can be asked for.
    pub today: String,
    /// `22 October to 20 November`.
    pub words: String,
    /// The query string that leads here, with what else the page was asked for.
    pub query: String,
    /// Whether automated browsers count by choice.
    pub automated: bool,
    /// How many days up to today it is, when it was asked for so.
    pub days: Option<i32>,
    /// What else the page was asked for, so that other days keep it.
    pub kept: Vec<(&'static str, String)>,
    /// Goals by which visits can be asked for, with their names; none where they cannot.
    pub goals: Vec<(String, String)>,
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
        let with_kept = |days: String| {
            let mut query = form_urlencoded::Serializer::new(days);
            query.extend_pairs(&kept).finish()
        };
        let chip = |(days, label): (i32, &'static str)| Chip {
            label,
            href: with_kept(format!("?days={days}{automated}")),
            is_current: period.is_preset(days),
        };
        Self {
            chips: PRESETS.into_iter().map(chip).collect(),
            from: period.from.to_string(),
            to: period.to.to_string(),
            today: period.today.to_string(),
            words: days_long(period.from, period.to, period.today),
            query: with_kept(period.query()),
            automated: period.automated,
            days: period.moves.then(|| period.length()),
            kept,
            goals: vec![],
        }
    }

    /// The same where visits can be asked for by what they did.
    pub fn with_goals(self, goals: &[Goal]) -> Self {
        let listed = goals.iter().filter(|goal| goal.is_listed);
        Self {
            goals: listed
                .map(|goal| (goal.id.to_string(), goal.name.clone()))
                .collect(),
            ..self
        }
    }

    /// Whether the page was asked for this.
    pub fn is(&self, wanted: &str, to: &str) -> bool {
        let mut kept = self.kept.iter();
        kept.any(|(name, value)| *name == wanted && value == to)
    }

    /// Whether visits are broken down by it.
    pub fn is_by(&self, dimension: &Dimension) -> bool {
        self.is("by", dimension.as_str())
    }

    /// What else the page was asked for, but for what a form asks anew, by its names.
    pub fn beside(&self, asked: &str) -> Vec<&(&'static str, String)> {
        let is_asked = |name: &str| asked.split(' ').any(|it| it == name);
        let kept = self.kept.iter();
        kept.filter(|(name, _)| !is_asked(name)).collect()
    }
}
