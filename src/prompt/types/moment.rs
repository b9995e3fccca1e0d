//! When to ask. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    clock::{MINUTE, SECOND},
    text_enum,
    types::{GoalId, Millis},
};

text_enum!(
    /// Where in a visit a moment may ask.
    AskAt {
        /// The pointer leaves through the top edge of the page; on a phone, they come back after a while or scroll up fast.
        Exit = "exit", "When they move to leave the page";
        /// The form was closed, scrolled away, or left after an error.
        LeaveForm = "leave_form", "When they turn away from the form";
        /// No activity in the form for a minute.
        #[serde(alias = "stall")]
        Stall = "stalled", "When they stop for a minute";
        /// On a later page of the same visit.
        NextPage = "next_page", "On the next page they open";
    }
);

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
