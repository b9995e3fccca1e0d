//! A design as people write it: goals named or described, reasons by their words. `store::resolve_design` turns it into a [`Design`](super::types::Design). Pure.

use super::types::{AskAt, Place, PromptTemplate, QuestionKind, Sensitivity};
use crate::{
    goal::types::{Goal, GoalRule},
    types::{GoalId, Millis},
};

/// A goal of a moment, as the editor takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoalChoice {
    /// One that the site counts.
    Known(GoalId),
    /// What has to happen; a goal that no list shows is made for it.
    Rule(GoalRule),
}

impl GoalChoice {
    /// What has to happen; `None` when the goal is not among these.
    pub fn rule<'a>(&'a self, goals: &'a [Goal]) -> Option<&'a GoalRule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Known(id) => goals
                .iter()
                .find(|goal| goal.id == *id)
                .map(|goal| &goal.current.rule),
        }
    }
}

/// A moment before its goals are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMoment {
    /// A; `None` asks whatever happened before.
    pub after: Option<GoalChoice>,
    /// B; reaching it cancels the question.
    pub expect: Option<GoalChoice>,
    /// C; reaching any of these cancels it too.
    pub cancel: Vec<GoalChoice>,
    /// M; at least one.
    pub ask_at: Vec<AskAt>,
    /// Active time before exit intent may fire, ms.
    pub min_active_ms: i64,
    /// How fast the pointer must leave.
    pub sensitivity: Sensitivity,
    /// How long after A the question still makes sense, ms.
    pub within_ms: Millis,
}

/// A choice before its reason is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChoice {
    /// Stable within the prompt.
    pub id: String,
    /// What visitors read.
    pub label: String,
    /// Name of the reason that it stands for.
    pub reason: String,
}

/// A question before its reasons are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuestion {
    /// How it is answered.
    pub kind: QuestionKind,
    /// What visitors read.
    pub title: String,
    /// A line beneath; empty for none.
    pub help: String,
    /// In the order of the card.
    pub choices: Vec<NewChoice>,
    /// Name of the reason behind "something else"; `None` leaves that choice out.
    pub other: Option<String>,
    /// Label of "something else".
    pub other_label: String,
    /// Label of the comment line; empty leaves it out.
    pub comment_label: String,
}

/// A design that was checked and is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDesign {
    /// Which template it came from.
    pub template: PromptTemplate,
    /// When to ask.
    pub moment: NewMoment,
    /// Path patterns; empty means every page.
    pub pages: Vec<String>,
    /// What to ask.
    pub question: NewQuestion,
    /// Thank-you line.
    pub thanks: String,
    /// Language of the words, BCP 47.
    pub lang: String,
    /// Share of eligible visits left unasked for comparison, 0 to 50 %.
    pub held_out_percent: u8,
    /// Where the card opens.
    pub place: Place,
}
