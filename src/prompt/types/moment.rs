//! When to ask. Pure.

use serde::{Deserialize, Serialize};

use super::occasion::{AskAt, Details};
use crate::{
    clock::{MINUTE, SECOND},
    text_enum,
    types::{GoalId, Millis},
};

text_enum!(
    /// How fast the pointer must move to count as leaving.
    Sensitivity {
        /// Only a quick move.
        Low = "low", "Low";
        /// The usual.
        Medium = "medium", "Medium";
        /// A slow move too.
        High = "high", "High";
    }
);

impl Sensitivity {
    /// Least speed of a pointer that leaves, px/ms.
    pub const fn speed(self) -> f64 {
        match self {
            Self::Low => 0.8,
            Self::Medium => 0.4,
            Self::High => 0.15,
        }
    }
}

/// "A happened, B has not, ask at M, cancel if C": A, B and C are goals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moment<Goal = GoalId> {
    /// A; `None` asks whatever happened before.
    pub after: Option<Goal>,
    /// B; reaching it cancels the question.
    pub expect: Option<Goal>,
    /// C; reaching any of these cancels it too.
    pub cancel: Vec<Goal>,
    /// M; at least one.
    pub ask_at: Vec<AskAt>,
    /// What those are about that are about something.
    pub details: Details,
    /// Whether all of `ask_at` must have come on one page; else any of them asks.
    pub all: bool,
    /// Time between the moment and the question, ms.
    pub delay_ms: Millis,
    /// Whether what tells of leaving on a phone counts as an exit.
    pub touch: bool,
    /// Whether the keys that lead to the address bar count as an exit.
    pub keys: bool,
    /// Active time before exit intent may fire, ms.
    pub min_active_ms: i64,
    /// How fast the pointer must leave.
    pub sensitivity: Sensitivity,
    /// How long after A the question still makes sense, ms.
    pub within_ms: Millis,
}

impl<Goal> Default for Moment<Goal> {
    fn default() -> Self {
        Self {
            after: None,
            expect: None,
            cancel: vec![],
            ask_at: vec![],
            details: Details::default(),
            all: false,
            delay_ms: 0,
            touch: true,
            keys: false,
            min_active_ms: 5 * SECOND,
            sensitivity: Sensitivity::Medium,
            within_ms: 10 * MINUTE,
        }
    }
}

impl Moment {
    /// Whether reaching the goal arms or cancels the question.
    pub fn refers_to(&self, goal_id: GoalId) -> bool {
        self.after
            .iter()
            .chain(&self.expect)
            .chain(&self.cancel)
            .any(|goal| *goal == goal_id)
    }
}
