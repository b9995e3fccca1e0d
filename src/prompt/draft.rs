//! A design as people write it: goals named or described, reasons by their words. `store::resolve_design` turns it into a [`Design`](super::types::Design). Pure.

use super::types::{Choice, Design, Moment, Question};
use crate::{
    goal::types::{Goal, GoalRule},
    types::GoalId,
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
pub type NewMoment = Moment<GoalChoice>;

/// A question before its reasons are stored: they are names.
pub type NewQuestion = Question<String>;

/// A choice before its reason is stored.
pub type NewChoice = Choice<String>;

/// A design that was checked and is not stored yet.
pub type NewDesign = Design<GoalChoice, String>;
