//! What the funnel is asked for besides its days, and how its steps are counted. Pure.

use super::Beside;
use crate::{
    clock::MINUTE,
    goal::types::{Definitions, FunnelVersion},
    ingest::sums::{CUBE, REACHES, Sums},
    report::{
        overview::Choice,
        signatures::funnel::{Exclusion, Funnel, Order},
    },
    types::{GoalId, Millis},
};

/// What the funnel is asked for besides its days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunnelChoice {
    /// In which order the steps count.
    pub order: Order,
    /// Steps count only when this goal was not reached between them; in their order alone.
    pub without: Option<GoalId>,
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
        let without = self.without.map(|goal| ("without", goal.to_string()));
        let within = self.within.map(|minutes| ("within", minutes.to_string()));
        let times = self.is_timed.then(|| ("times", "1".to_owned()));
        let beside = self.beside.iter().map(|it| ("beside", it.text.clone()));
        let counted = order.into_iter().chain(without).chain(within);
        counted.chain(times).chain(beside).collect()
    }

    /// Whether visits are gone through, which takes its time on a large site.
    pub fn needs_visits(&self) -> bool {
        let beside = self.beside.as_ref().and_then(|it| it.visits.as_ref());
        let is_timed = self.is_timed || self.within.is_some();
        is_timed || self.visits.needs_visits() || beside.is_some_and(Choice::needs_visits)
    }
}

/// How the steps of a visit are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counting {
    /// Bits of the steps.
    steps: Vec<u8>,
    order: Order,
    /// The bit of the goal that must not come between them.
    excluded: Option<u8>,
    /// How long after the first one they count, ms.
    within: Option<Millis>,
}

impl Counting {
    /// By the newest definitions. A goal that is a step, or is not counted, excludes nothing.
    pub(super) fn new(choice: &FunnelChoice, definitions: &Definitions) -> Self {
        let newest = definitions.funnels.last();
        let steps = newest.map(|it| it.steps.clone()).unwrap_or_default();
        let goals = definitions.counted_by(newest);
        let mut excluded = goals.filter(|goal| Some(goal.goal_id) == choice.without);
        let excluded = excluded.next().map(|goal| goal.bit);
        let is_ordered = choice.order == Order::Sequential;
        Self {
            excluded: excluded.filter(|bit| is_ordered && !steps.contains(bit)),
            within: choice
                .within
                .filter(|_| is_ordered && steps.len() > 1)
                .map(|minutes| Millis::from(minutes) * MINUTE),
            order: choice.order,
            steps,
        }
    }

    /// Whether visits stand where the fold has counted them: answers, and questions, are joined to those steps.
    pub(super) fn is_plain(&self) -> bool {
        self.order == Order::Sequential && self.excluded.is_none() && self.within.is_none()
    }

    /// The tables of sums that tell how far visits came.
    pub(super) fn tables(&self) -> &'static [&'static Sums] {
        match self.is_plain() || self.within.is_some() {
            true => &[&REACHES],
            false => &[&CUBE],
        }
    }

    /// Whether it takes the order of all goals.
    pub(super) fn needs_path(&self) -> bool {
        self.excluded.is_some() || self.order == Order::Strict
    }

    /// In which order the steps count.
    pub(super) fn order(&self) -> Order {
        self.order
    }

    /// The goal that must not come between the steps.
    pub(super) fn excluded(&self) -> Option<u8> {
        self.excluded
    }

    /// How long after the first one they count, ms.
    pub(super) fn within(&self) -> Option<Millis> {
        self.within
    }

    /// Bits of the steps.
    pub(super) fn steps(&self) -> &[u8] {
        &self.steps
    }

    /// Bits that decide how far a visit came.
    pub(super) fn mask(&self) -> i64 {
        let bits = self.steps.iter().copied().chain(self.excluded);
        bits.fold(0, |mask, bit| mask | 1 << bit)
    }

    /// Bits of the steps beyond the first `step` of them.
    pub(super) fn beyond(&self, step: i32) -> i64 {
        let before = usize::try_from(step).unwrap_or_default();
        let beyond = self.steps.iter().skip(before);
        beyond.fold(0, |mask, bit| mask | 1 << bit)
    }

    /// Whether a version of the definitions counts all that this takes, as the newest does.
    pub(super) fn is_counted_alike(&self, theirs: &FunnelVersion, ours: &FunnelVersion) -> bool {
        let is_same = match self.order {
            // Whatever counts as a goal may stand between two steps.
            Order::Strict => theirs.bits == ours.bits,
            Order::Any | Order::Sequential => self.excluded.is_none_or(|bit| theirs.has(bit)),
        };
        is_same && theirs.steps == ours.steps && theirs.is_whole()
    }

    /// What decides how far a visit came, but for the time.
    pub(super) fn funnel(&self) -> Funnel {
        Funnel {
            steps: self.steps.iter().map(|bit| 1 << bit).collect(),
            order: self.order,
            exclusions: self.exclusions(),
        }
    }

    /// How many steps, however long it took, a visit came to of which the fold has counted `step` in order, that reached the goals `mask`, by the way
    /// `events`; `None` where these are not known and decide.
    pub(super) fn reached(&self, step: i32, mask: i64, events: Option<&[i64]>) -> Option<i32> {
        let funnel = self.funnel();
        let reached = match self.order {
            Order::Any => funnel.reached_by_mask(mask),
            // Nothing can come between what was not reached.
            _ if step <= 1 || self.is_never_excluded(mask) => return Some(step),
            _ => funnel.reached(events?),
        };
        i32::try_from(reached).ok()
    }

    fn is_never_excluded(&self, mask: i64) -> bool {
        self.order == Order::Sequential && self.excluded.is_none_or(|bit| mask & 1 << bit == 0)
    }

    fn exclusions(&self) -> Vec<Exclusion> {
        let exclusion = |bit: u8| Exclusion {
            bits: 1 << bit,
            after: 0,
            before: self.steps.len().saturating_sub(1),
        };
        self.excluded.map(exclusion).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::goal::types::{GoalRule, GoalVersion};

    /// No step.
    const WAY_OUT: GoalId = goal_id(3);

    const fn goal_id(bit: u8) -> GoalId {
        GoalId(Uuid::from_u128(100 + bit as u128))
    }

    fn goal(bit: u8) -> GoalVersion {
        GoalVersion {
            bit,
            goal_id: goal_id(bit),
            rule: GoalRule::event("e"),
            value_minor: None,
            worth_since: 0,
            since_at: 0,
            until_at: None,
        }
    }

    /// Three steps, and a goal that is none.
    fn definitions() -> Definitions {
        let funnel = FunnelVersion {
            version: 1,
            steps: vec![0, 1, 2],
            primary_bit: Some(2),
            bits: 0b1111,
            since_at: 0,
        };
        Definitions {
            goals: (0..4).map(goal).collect(),
            funnels: vec![funnel],
        }
    }

    fn counting(order: Order, without: Option<GoalId>) -> Counting {
        let choice = FunnelChoice {
            order,
            without,
            ..FunnelChoice::default()
        };
        Counting::new(&choice, &definitions())
    }

    /// Every path of up to `length` events, one goal each.
    fn paths(length: u32) -> impl Iterator<Item = Vec<i64>> {
        (0..=length).flat_map(|length| {
            (0..4_u32.pow(length)).map(move |number| {
                let event = |place| 1 << (number / 4_u32.pow(place) % 4);
                (0..length).map(event).collect()
            })
        })
    }

    /// As the fold counts it.
    fn in_order(events: &[i64]) -> i32 {
        events.iter().fold(0, |step, event| {
            step + i32::from(*event == 1 << step && step < 3)
        })
    }

    #[test]
    fn what_is_told_without_the_way_is_what_the_way_tells_on_every_path_of_up_to_eight() {
        let exclusions = vec![Exclusion {
            bits: 0b1000,
            after: 0,
            before: 2,
        }];
        let cases = [
            (Order::Sequential, None, vec![]),
            (Order::Sequential, Some(WAY_OUT), exclusions),
            (Order::Strict, None, vec![]),
            (Order::Any, None, vec![]),
        ];
        for (order, without, exclusions) in cases {
            let counting = counting(order, without);
            let funnel = Funnel {
                steps: vec![1, 2, 4],
                order,
                exclusions,
            };
            let mut known = 0;
            for path in paths(8) {
                let mask = path.iter().fold(0, |mask, event| mask | event);
                let step = in_order(&path);
                let right = i32::try_from(funnel.reached(&path)).ok();
                assert_eq!(counting.reached(step, mask, Some(&path)), right, "{path:?}");
                let told = counting.reached(step, mask, None);
                assert!(told.is_none() || told == right, "{order:?} {path:?}");
                known += usize::from(told.is_some());
            }
            assert!(known > 0);
        }
    }

    #[test]
    fn a_time_counts_in_order_alone_and_where_there_is_a_second_step() {
        let within = |order, definitions: &Definitions| {
            let choice = FunnelChoice {
                order,
                within: Some(5),
                ..FunnelChoice::default()
            };
            let counting = Counting::new(&choice, definitions);
            assert_eq!(
                counting.is_plain(),
                order == Order::Sequential && counting.within().is_none()
            );
            counting.within()
        };
        assert_eq!(within(Order::Sequential, &definitions()), Some(300_000));
        assert_eq!(within(Order::Any, &definitions()), None);
        assert_eq!(within(Order::Strict, &definitions()), None);
        let mut one = definitions();
        one.funnels[0].steps.truncate(1);
        assert_eq!(within(Order::Sequential, &one), None);
    }

    #[test]
    fn only_a_counted_goal_that_is_no_step_can_stand_between_steps_in_order() {
        let excluded = |order, goal| counting(order, goal).excluded();
        assert_eq!(excluded(Order::Sequential, Some(WAY_OUT)), Some(3));
        assert_eq!(excluded(Order::Sequential, Some(goal_id(1))), None);
        assert_eq!(excluded(Order::Sequential, Some(goal_id(7))), None);
        assert_eq!(excluded(Order::Any, Some(WAY_OUT)), None);
        assert_eq!(excluded(Order::Strict, Some(WAY_OUT)), None);
    }

    #[test]
    fn versions_count_alike_when_they_have_all_that_decides() {
        let ours = definitions().funnels[0].clone();
        let fewer = FunnelVersion {
            bits: 0b0111,
            ..ours.clone()
        };
        let alike = |order, without| counting(order, without).is_counted_alike(&fewer, &ours);
        assert!(alike(Order::Sequential, None) && alike(Order::Any, None));
        assert!(
            !alike(Order::Sequential, Some(WAY_OUT)),
            "it was not counted"
        );
        assert!(!alike(Order::Strict, None), "it could not stand between");
    }
}
