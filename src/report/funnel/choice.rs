//! What the funnel is asked for besides its days. Pure.

use super::Beside;
use crate::{
    report::{overview::Choice, signatures::funnel::Order},
    types::GoalId,
};

/// What the funnel is asked for besides its days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunnelChoice {
    /// In which order the steps count.
    pub order: Order,
    /// Steps count only when this goal was not reached between them; in their order alone.
    pub without: Option<GoalId>,
    /// The place of the step, from 1, behind which it must not be reached; `None` for the first.
    pub after: Option<usize>,
    /// That of the step up to which; `None` for the last.
    pub before: Option<usize>,
    /// Whether visits that came to fewer steps for it are left out.
    pub leaves_out: bool,
    /// Steps count only so many minutes after the first one; in their order alone. It takes reading visits, and of some their events.
    pub within: Option<u16>,
    /// Whether it is told how long visits take from step to step, where the steps count in their order and nothing is excluded: it
    /// takes reading the visits.
    pub is_timed: bool,
    /// Which visits, and what they are broken down by.
    pub visits: Choice,
    /// Which visits stand beside them.
    pub beside: Option<Beside>,
}

impl FunnelChoice {
    /// The parts of the query string that only the funnel knows, and that say so.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let is_chosen = self.order != Order::default();
        let order = is_chosen.then(|| ("order", self.order.to_string()));
        let within = self.within.map(|minutes| ("within", minutes.to_string()));
        let times = self.is_timed.then(|| ("times", "1".to_owned()));
        let counted = order.into_iter().chain(self.between()).chain(within);
        let beside = self.beside.iter().flat_map(Beside::pairs);
        counted.chain(times).chain(beside).collect()
    }

    /// What must not come between which steps, and what becomes of visits where it does; nothing without a goal.
    fn between(&self) -> impl Iterator<Item = (&'static str, String)> {
        let after = self.after.map(|place| ("after", place.to_string()));
        let before = self.before.map(|place| ("before", place.to_string()));
        let left_out = self.leaves_out.then(|| ("leave_out", "1".to_owned()));
        let of_it = after.into_iter().chain(before).chain(left_out);
        let without = self.without.map(|goal| ("without", goal.to_string()));
        let is_asked = without.is_some();
        without.into_iter().chain(of_it.filter(move |_| is_asked))
    }

    /// Whether visits are gone through, which takes its time on a large site.
    pub fn needs_visits(&self) -> bool {
        let beside = self.beside.as_ref().and_then(|it| it.visits.as_ref());
        let is_timed = self.is_timed || self.within.is_some();
        is_timed || self.visits.needs_visits() || beside.is_some_and(Choice::needs_visits)
    }
}
