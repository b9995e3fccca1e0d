//! The funnel of a site with little traffic: what was said and done comes before any share. Pure.

use super::{
    journey::{chosen, outcome},
    number,
    when::When,
};
use crate::{
    report::journey::{Journey, What},
    stats::{ENOUGH, Rate},
};

/// Visits below which shares tell little, and days nothing.
pub const FEW_VISITS: i64 = 300;
/// Parts of a way that stand in a line.
const PARTS: usize = 8;

/// What there is to read.
pub struct FewView {
    /// How much it is.
    pub finding: String,
    /// Days that hold more; `None` when so many are asked for already.
    pub more_days: Option<i32>,
    /// The newest answers.
    pub answers: Vec<FewAnswer>,
}

/// An answer with the way of its visit.
pub struct FewAnswer {
    /// Names it.
    pub id: String,
    /// What was asked first.
    pub question: String,
    /// What was chosen.
    pub chosen: String,
    /// What was written; empty when nothing was.
    pub words: String,
    /// `today, 14:02`.
    pub when: String,
    /// What happened before it and after, in order.
    pub way: Vec<String>,
    /// Whether the visit converted.
    pub outcome: Option<(&'static str, String)>,
}

impl FewView {
    /// Puts journeys into words, of so many visits in so many days.
    pub fn new(visits: Rate, days: i32, journeys: &[Journey], when: &When) -> Self {
        let visits = number::counted(visits.n, "visit", "visits");
        let more_days = [28, 90].into_iter().find(|more| *more > days);
        Self {
            finding: match journeys {
                [] => format!("{visits} in these days, and no answer so far."),
                _ => format!(
                    "{visits} in these days: read what each says. Shares of reasons begin at {ENOUGH} answers."
                ),
            },
            more_days,
            answers: journeys.iter().map(|it| answer(it, when)).collect(),
        }
    }
}

fn answer(journey: &Journey, when: &When) -> FewAnswer {
    let words = journey.said.iter().map(|said| said.comment.as_str());
    FewAnswer {
        id: journey.answer.impression_id.to_string(),
        question: journey
            .said
            .first()
            .map_or_else(String::new, |it| it.question.clone()),
        chosen: chosen(&journey.said, ""),
        words: words
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join(" … "),
        when: when.moment(journey.answer.answered_at),
        way: way(journey),
        outcome: outcome(journey.outcome, journey.main_goal.as_deref()),
    }
}

/// Pages and goals around the answer; what does not fit is told by a dash.
fn way(journey: &Journey) -> Vec<String> {
    let mut way: Vec<String> = vec![];
    let mut answered_at = 0;
    for line in &journey.lines {
        let part = match &line.what {
            What::Page { path, .. } => path.split('?').next().unwrap_or_default().to_owned(),
            What::Goal { name, .. } => format!("“{name}”"),
            What::Answered { is_this: true, .. } => {
                answered_at = way.len();
                "answered".into()
            }
            _ => continue,
        };
        if way.last() != Some(&part) {
            way.push(part);
        }
    }
    let first = (answered_at + 1 + PARTS / 4)
        .min(way.len())
        .saturating_sub(PARTS);
    if way.len() < 2 {
        // The answer alone: what else happened is not kept.
        return vec![];
    }
    let is_cut = (first > 0, way.len() > first + PARTS);
    let mut shown: Vec<String> = way.into_iter().skip(first).take(PARTS).collect();
    if is_cut.0 {
        shown.insert(0, "…".into());
    }
    if is_cut.1 {
        shown.push("…".into());
    }
    shown
}
