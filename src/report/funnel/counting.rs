//! How the steps of the funnel are counted. Pure.

use super::FunnelChoice;
use crate::{
    clock::MINUTE,
    goal::types::{Definitions, FunnelVersion},
    ingest::sums::{CUBE, REACHES, Sums},
    report::signatures::funnel::{Exclusion, Funnel, Order},
    types::Millis,
};

/// How the steps of a visit are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counting {
    /// Bits of the steps.
    steps: Vec<u8>,
    order: Order,
    /// The bit of the goal that must not come between them.
    excluded: Option<u8>,
    /// Behind which of them, and before which, from 0.
    between: (usize, usize),
    /// Whether visits that come to fewer steps for it are left out.
    leaves_out: bool,
    /// How long after the first one they count, ms.
    within: Option<Millis>,
}

/// How far a visit came, as its steps are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// To so many steps.
    To(i32),
    /// To fewer than without what came between; such visits are left out.
    Voided,
    /// Not known.
    Unknown,
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
        let last = steps.len().saturating_sub(1);
        let from_0 = |place: usize| place.saturating_sub(1).min(last);
        Self {
            excluded: excluded.filter(|bit| is_ordered && !steps.contains(bit)),
            within: choice
                .within
                .filter(|_| is_ordered && steps.len() > 1)
                .map(|minutes| Millis::from(minutes) * MINUTE),
            between: (
                choice.after.map_or(0, from_0),
                choice.before.map_or(last, from_0),
            ),
            leaves_out: choice.leaves_out,
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

    /// The places of the steps between which it must not come, from 1.
    pub(super) fn places(&self) -> (usize, usize) {
        (self.between.0 + 1, self.between.1 + 1)
    }

    /// Whether visits that come to fewer steps for it are left out.
    pub(super) fn leaves_out(&self) -> bool {
        self.leaves_out && self.excluded.is_some()
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

    /// How far, however long it took, a visit came of which the fold has counted `step` in order, that reached the goals `mask`, by
    /// the way `events`, where this is known.
    pub(super) fn reached(&self, step: i32, mask: i64, events: Option<&[i64]>) -> Came {
        let funnel = self.funnel(self.exclusions());
        match (self.order, events) {
            (Order::Any, _) => self.came(funnel.reached_by_mask(mask), step),
            // Nothing can come between what was not reached.
            _ if step <= 1 || self.is_never_excluded(step, mask) => Came::To(step),
            (_, Some(events)) => self.came(funnel.reached(events), step),
            (_, None) => Came::Unknown,
        }
    }

    /// How far a visit came in the time that counts, by all its events with their times.
    pub(super) fn reached_within(&self, window: Millis, events: &[(Millis, i64)]) -> Came {
        let reached = |exclusions| self.funnel(exclusions).reached_within(window, events);
        let otherwise = i32::try_from(reached(vec![])).unwrap_or_default();
        self.came(reached(self.exclusions()), otherwise)
    }

    /// Of a visit that came to so many steps, and `otherwise` with anything between them.
    fn came(&self, reached: usize, otherwise: i32) -> Came {
        match i32::try_from(reached) {
            Ok(reached) if self.leaves_out() && reached < otherwise => Came::Voided,
            Ok(reached) => Came::To(reached),
            Err(_) => Came::Unknown,
        }
    }

    /// The furthest step, from 1, to which nothing that comes between can keep visits from coming.
    pub(super) fn free_step(&self) -> usize {
        self.places().0
    }

    fn is_never_excluded(&self, step: i32, mask: i64) -> bool {
        let is_free = usize::try_from(step).is_ok_and(|step| step <= self.free_step());
        let is_never = |bit: u8| is_free || mask & 1 << bit == 0;
        self.order == Order::Sequential && self.excluded.is_none_or(is_never)
    }

    fn funnel(&self, exclusions: Vec<Exclusion>) -> Funnel {
        Funnel {
            steps: self.steps.iter().map(|bit| 1 << bit).collect(),
            order: self.order,
            exclusions,
        }
    }

    fn exclusions(&self) -> Vec<Exclusion> {
        let exclusion = |bit: u8| Exclusion {
            bits: 1 << bit,
            after: self.between.0,
            before: self.between.1,
        };
        self.excluded.map(exclusion).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        goal::types::{GoalRule, GoalVersion},
        types::GoalId,
    };

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
                let right = Came::To(i32::try_from(funnel.reached(&path)).unwrap());
                assert_eq!(counting.reached(step, mask, Some(&path)), right, "{path:?}");
                let told = counting.reached(step, mask, None);
                let is_known = told != Came::Unknown;
                assert!(!is_known || told == right, "{order:?} {path:?}");
                known += usize::from(is_known);
            }
            assert!(known > 0);
        }
    }

    /// How many steps it came to when the way out must not come between two of them, from 0, and how many with anything between,
    /// by the places of its events.
    fn by_places(path: &[i64], after: usize, before: usize) -> [i32; 2] {
        let mut best = [0, 0];
        for start in (0..path.len()).filter(|start| path[*start] == 1) {
            let mut places = vec![start];
            for step in [2, 4] {
                let mut behind = places[places.len() - 1] + 1..path.len();
                match behind.find(|place| path[*place] == step) {
                    Some(place) => places.push(place),
                    None => break,
                }
            }
            let to = places.get(before).copied().unwrap_or(path.len());
            let out = places.get(after).and_then(|from| {
                let mut between = from + 1..to;
                between.find(|place| path[*place] == 8)
            });
            let met = places
                .iter()
                .filter(|place| out.is_none_or(|out| **place < out));
            let counts = [met.count() as i32, places.len() as i32];
            best = [best[0].max(counts[0]), best[1].max(counts[1])];
        }
        best
    }

    #[test]
    fn between_each_two_steps_the_way_out_ends_it_and_such_visits_can_be_left_out() {
        for (after, before) in [(0, 1), (0, 2), (1, 2)] {
            for leaves_out in [false, true] {
                let choice = FunnelChoice {
                    without: Some(WAY_OUT),
                    after: Some(after + 1),
                    before: Some(before + 1),
                    leaves_out,
                    ..FunnelChoice::default()
                };
                let counting = Counting::new(&choice, &definitions());
                let (mut voided, mut known) = (0, 0);
                for path in paths(8) {
                    let [came, otherwise] = by_places(&path, after, before);
                    let right = match leaves_out && came < otherwise {
                        true => Came::Voided,
                        false => Came::To(came),
                    };
                    let mask = path.iter().fold(0, |mask, event| mask | event);
                    let step = in_order(&path);
                    assert_eq!(step, otherwise, "{path:?}");
                    assert_eq!(counting.reached(step, mask, Some(&path)), right, "{path:?}");
                    let told = counting.reached(step, mask, None);
                    assert!(told == Came::Unknown || told == right, "{path:?}");
                    let timed: Vec<_> = (0..).zip(path.iter().copied()).collect();
                    assert_eq!(counting.reached_within(8, &timed), right, "{path:?}");
                    voided += usize::from(right == Came::Voided);
                    known += usize::from(told != Came::Unknown);
                }
                assert_eq!(voided > 0, leaves_out);
                assert!(known > 0);
            }
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
