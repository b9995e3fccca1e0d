//! How often to ask, and how many are left unasked. Pure.

use serde::{Deserialize, Serialize};

use super::Schedule;

/// Eligible visits a month from which a comparison group tells something within weeks.
const WORTH_COMPARING: i64 = 5_000;
/// Share of them left unasked then, in percent.
const COMPARED: u8 = 10;

/// How often to ask, and how many are left unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fairness {
    /// Share of visitors it is for at all, 1 to 100 %; the others are not eligible.
    pub sample_percent: u8,
    /// Share of eligible visits left unasked for comparison, 0 to 50 %.
    pub held_out_percent: u8,
    /// Whether it is paused by itself when asking turns out to cost conversions, which takes visits left unasked.
    pub pauses_on_harm: bool,
    /// When it asks.
    pub schedule: Schedule,
    /// Answers after which it asks nobody any more, all versions together.
    pub response_limit: Option<u32>,
    /// Choices of which no more than so many answers are wanted; it stops when each of them has them.
    pub quotas: Vec<Quota>,
    /// Days after which a known visitor who did not answer may be asked again.
    pub ask_again_days: i32,
    /// Whether a known visitor who has answered is never asked again.
    pub until_answered: bool,
}

impl Fairness {
    /// What a new question begins with, by how many visits it could ask in seven days: fewer than 5,000 a month tell nothing of
    /// what asking costs, and every visit left unasked is an answer less. It is paused by itself on harm: nobody looks at the figures
    /// every day, and a pause takes one click to undo. One from before there was the choice goes on until its owner makes it.
    pub fn starting(eligible_in_a_week: i64) -> Self {
        let is_worth_it = eligible_in_a_week * 30 / 7 >= WORTH_COMPARING;
        Self {
            held_out_percent: if is_worth_it { COMPARED } else { 0 },
            pauses_on_harm: true,
            ..Self::default()
        }
    }

    /// Whether it is to be paused on harm, and harm could be told.
    pub fn is_guarded(&self) -> bool {
        self.pauses_on_harm && self.held_out_percent > 0
    }
}

impl Default for Fairness {
    fn default() -> Self {
        Self {
            sample_percent: 100,
            held_out_percent: 0,
            pauses_on_harm: false,
            schedule: Schedule::default(),
            response_limit: None,
            quotas: vec![],
            ask_again_days: 30,
            until_answered: true,
        }
    }
}

/// How many answers are wanted of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// The question.
    pub question: String,
    /// Its choice.
    pub choice: String,
    /// As many as these.
    pub most: u32,
}
