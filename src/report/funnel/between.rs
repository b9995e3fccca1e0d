//! What must not come between two steps, and what could be asked for to be that. Pure.

use super::assemble::Facts;
use crate::types::GoalId;

/// A goal that must not come between two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    /// What the owner calls it.
    pub name: String,
    /// The place of the step behind which it must not come, from 1.
    pub after: usize,
    /// That of the step up to which.
    pub before: usize,
    /// How many visits of the period came to fewer steps for it and are left out; `None` where such visits count.
    pub left_out: Option<i64>,
}

impl Facts {
    /// What must not have come between the steps.
    pub(super) fn without(&self) -> Option<Without> {
        let bit = self.counting.excluded()?;
        let (after, before) = self.counting.places();
        let left_out = || self.sum_of(&self.voided, true, |_| true);
        Some(Without {
            name: self.name_of(bit),
            after,
            before,
            left_out: self.counting.leaves_out().then(left_out),
        })
    }

    /// What the owner calls the goals of the steps.
    pub(super) fn goal_names(&self) -> Vec<String> {
        let steps = self.counting.steps().iter();
        steps.map(|bit| self.name_of(*bit)).collect()
    }

    /// Goals that are no step, and that visits are counted by.
    pub(super) fn between(&self) -> Vec<(GoalId, String)> {
        let newest = self.definitions.funnels.last();
        let goals = self.goals.iter().filter(|goal| {
            let bit = goal.current.bit;
            goal.is_listed
                && newest.is_some_and(|it| it.has(bit) && it.steps.len() > 1)
                && newest.is_none_or(|it| !it.steps.contains(&bit))
        });
        goals.map(|goal| (goal.id, goal.name.clone())).collect()
    }
}
