//! From rows to the report. Pure.

use std::collections::HashMap;

use super::{
    Conversion, DropOff, FunnelReport, Step,
    eligible::CellRow,
    price::share_out,
    queries::{LaterRow, ReasonRow, StateRow, VerbatimRow, VisitRow},
};
use crate::{
    goal::types::{Definitions, FunnelVersion, GoalVersion, Recount},
    report::order::{Pair, oddity},
    stats::Rate,
    types::GoalId,
};

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) definitions: Definitions,
    pub(super) names: HashMap<GoalId, String>,
    pub(super) visits: Vec<VisitRow>,
    pub(super) reasons: Vec<ReasonRow>,
    pub(super) verbatims: Vec<VerbatimRow>,
    pub(super) eligible: Vec<CellRow>,
    pub(super) later: Vec<LaterRow>,
    pub(super) state: StateRow,
    pub(super) recount: Option<Recount>,
    /// Whether automated browsers count.
    pub(super) with_automated: bool,
    /// The days of the period.
    pub(super) days: Vec<i32>,
}

impl Facts {
    pub(super) fn assemble(&self) -> FunnelReport {
        let funnel = self.definitions.funnels.last();
        let steps = self.steps();
        let mut report = FunnelReport {
            drops: self.drops(&steps),
            fixes: vec![],
            conversion: funnel.and_then(|funnel| self.conversion(funnel)),
            open: self.sum(true, |row| row.open == 1),
            automated: self.left_out(|row| {
                self.is_of_these_steps(row.funnel_version) && !self.is_wanted(row.automated)
            }),
            other_steps: self.left_out(|row| {
                !self.is_of_these_steps(row.funnel_version) && self.is_wanted(row.automated)
            }),
            counts_from: self.counts_from(),
            recount: self.recount.clone(),
            is_visited: self.state.visited > 0,
            live_prompts: self.state.live_prompts,
            value_minor: self.worth_of_main_goal(),
            steps,
        };
        report.fixes = report.first_to_fix();
        report
    }

    /// Whether visits of this funnel version were counted by the same steps as today's.
    pub(super) fn is_of_these_steps(&self, version: i32) -> bool {
        match (
            self.definitions.funnel(version),
            self.definitions.funnels.last(),
        ) {
            (Some(theirs), Some(ours)) => theirs.steps == ours.steps && theirs.is_whole(),
            (theirs, ours) => theirs.is_none() && ours.is_none(),
        }
    }

    /// The funnels that had the same steps as today's.
    pub(super) fn versions_of_these_steps(&self) -> Vec<i32> {
        let versions = self.definitions.funnels.iter().map(|funnel| funnel.version);
        versions
            .filter(|version| self.is_of_these_steps(*version))
            .collect()
    }

    pub(super) fn is_wanted(&self, automated: i32) -> bool {
        self.with_automated || automated == 0
    }

    pub(super) fn counts(&self, funnel_version: i32, automated: i32) -> bool {
        self.is_of_these_steps(funnel_version) && self.is_wanted(automated)
    }

    /// Visits that count, of the period or the one before, that meet a condition.
    pub(super) fn sum(&self, present: bool, condition: impl Fn(&VisitRow) -> bool) -> i64 {
        let rows = self.visits.iter().filter(|row| (row.day > 0) == present);
        rows.filter(|row| self.counts(row.funnel_version, row.automated) && condition(row))
            .map(|row| row.n)
            .sum()
    }

    /// Visits of the period that meet a condition, whether they count or not.
    pub(super) fn left_out(&self, condition: impl Fn(&VisitRow) -> bool) -> i64 {
        self.visits
            .iter()
            .filter(|row| row.day > 0 && condition(row))
            .map(|row| row.n)
            .sum()
    }

    /// The day after the last one with a visit that was counted by other steps; `None` without one, and when no day is left.
    fn counts_from(&self) -> Option<i32> {
        let others = self.visits.iter().filter(|row| {
            row.day > 0
                && self.is_wanted(row.automated)
                && !self.is_of_these_steps(row.funnel_version)
        });
        let last = others.map(|row| row.day).max()?;
        self.days.iter().find(|day| **day > last).copied()
    }

    pub(super) fn goal_version(&self, bit: u8) -> Option<&GoalVersion> {
        self.definitions.goals.iter().find(|goal| goal.bit == bit)
    }

    fn name_of(&self, bit: u8) -> String {
        self.goal_version(bit)
            .and_then(|goal| self.names.get(&goal.goal_id))
            .cloned()
            .unwrap_or_else(|| "A deleted goal".into())
    }

    /// All visits, then what the owner calls the steps.
    pub(super) fn step_names(&self) -> Vec<String> {
        let bits = self.definitions.funnels.last();
        let bits = bits
            .map(|funnel| funnel.steps.as_slice())
            .unwrap_or_default();
        std::iter::once("All visits".to_owned())
            .chain(bits.iter().map(|bit| self.name_of(*bit)))
            .collect()
    }

    fn steps(&self) -> Vec<Step> {
        let all = self.sum(true, |_| true);
        let mut before = all;
        self.step_names()
            .into_iter()
            .zip(0..)
            .map(|(name, place)| {
                let here = self.sum(true, |row| row.step >= place);
                let of_before = Rate::new(here, std::mem::replace(&mut before, here));
                Step {
                    name,
                    goal: self.goal_at(place),
                    of_all: Rate::new(here, all),
                    of_before,
                    oddity: (place > 1).then(|| self.pair(place)).and_then(oddity),
                }
            })
            .collect()
    }

    /// What visits did about the step at a place, not the first, and the one before it. Each is
    /// counted wholly by these steps. Of both goals beyond the step of a visit
    /// it is not known which came first; it speaks against no order.
    fn pair(&self, place: i32) -> Pair {
        let is_at =
            |row: &VisitRow, place: i32| row.step >= place || row.beyond & self.bit_at(place) != 0;
        let here = |row: &VisitRow| is_at(row, place);
        let before = |row: &VisitRow| is_at(row, place - 1);
        Pair {
            place,
            earlier: self.sum(true, before),
            later: self.sum(true, here),
            both: self.sum(true, |row| before(row) && here(row)),
            reversed: self.sum(true, |row| row.step == place - 1 && here(row)),
        }
    }

    /// The bit of the step at a place of the present funnel; `None` for all visits.
    fn step_bit(&self, place: i32) -> Option<u8> {
        let steps = &self.definitions.funnels.last()?.steps;
        steps.get(usize::try_from(place - 1).ok()?).copied()
    }

    /// Likewise, as a mask.
    fn bit_at(&self, place: i32) -> i64 {
        self.step_bit(place).map_or(0, |bit| 1 << bit)
    }

    fn goal_at(&self, place: i32) -> Option<GoalId> {
        Some(self.goal_version(self.step_bit(place)?)?.goal_id)
    }

    fn drops(&self, steps: &[Step]) -> Vec<DropOff> {
        let pairs = steps.iter().zip(steps.iter().skip(1)).enumerate();
        pairs
            .map(|(place, (here, _))| self.drop_off(place, here.of_all.k))
            .collect()
    }

    fn drop_off(&self, step: usize, here: i64) -> DropOff {
        let at_step = |row: &VisitRow| usize::try_from(row.step) == Ok(step);
        let part = |asked: i32| self.sum(true, |row| at_step(row) && row.asked == asked);
        let lost = |is_asked: bool| {
            self.sum(true, |row| {
                at_step(row) && (row.asked > 0) == is_asked && row.converted == 0
            })
        };
        let weights = self.weights(step);
        let mut drop = DropOff {
            step,
            left: Rate::new(self.sum(true, at_step), here),
            answered: part(3),
            silent: part(2),
            unasked: part(1),
            unreachable: part(0),
            converted: self.sum(true, |row| at_step(row) && row.converted == 1),
            answers: self.answers(step),
            onward: self.onward(step, None),
            lost: lost(true),
            up_to: self.up_to(step, |row| row.asked > 0),
            lost_unreached: lost(false),
            unreached_up_to: self.up_to(step, |row| row.asked == 0),
            correction: weights.as_ref().map(|weights| weights.correction),
            reasons: vec![],
            verbatim: self.verbatim(step),
            elsewhere: self.elsewhere(step),
        };
        drop.reasons = self.reasons(step, drop.answered, weights.as_ref());
        if let Some(all) = drop.up_to {
            share_out(all, &mut drop.reasons);
        }
        drop
    }

    /// Answers of the visits that left at a step.
    fn answers(&self, step: usize) -> i64 {
        let here = self.visits.iter().filter(|row| {
            row.day > 0
                && self.counts(row.funnel_version, row.automated)
                && usize::try_from(row.step) == Ok(step)
        });
        here.map(|row| row.answers).sum()
    }

    fn conversion(&self, funnel: &FunnelVersion) -> Option<Conversion> {
        let name = self.name_of(funnel.primary_bit?);
        let rate = |present, day: Option<i32>| {
            let on_day = |row: &VisitRow| day.is_none_or(|day| row.day == day);
            Rate::new(
                self.sum(present, |row| row.converted == 1 && on_day(row)),
                self.sum(present, on_day),
            )
        };
        let days = self
            .days
            .iter()
            .map(|day| (*day, rate(true, Some(*day))))
            .collect();
        Some(Conversion {
            name,
            rate: rate(true, None),
            before: rate(false, None),
            days,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{goal::types::GoalRule, types::ReasonId};

    fn goal(bit: u8, value_minor: Option<i64>) -> GoalVersion {
        let rule = GoalRule::event("e");
        GoalVersion {
            bit,
            goal_id: GoalId::new(i64::from(bit)),
            rule,
            value_minor,
            since_at: 0,
            until_at: None,
        }
    }

    fn funnel(version: i32, steps: &[u8]) -> FunnelVersion {
        FunnelVersion {
            version,
            steps: steps.to_vec(),
            primary_bit: steps.last().copied(),
            bits: steps.iter().fold(0, |bits, bit| bits | 1 << bit),
            since_at: i64::from(version) * 1_000,
        }
    }

    fn facts(visits: Vec<VisitRow>) -> Facts {
        Facts {
            definitions: Definitions {
                goals: vec![goal(0, None), goal(1, Some(5_000))],
                funnels: vec![funnel(1, &[0]), funnel(2, &[0, 1])],
            },
            visits,
            days: vec![1, 2],
            ..Facts::default()
        }
    }

    fn visits(step: i32, asked: i32, n: i64) -> VisitRow {
        VisitRow {
            day: 1,
            funnel_version: 2,
            step,
            converted: i32::from(step == 2),
            asked,
            n,
            ..VisitRow::default()
        }
    }

    #[test]
    fn prices_only_those_who_could_be_asked_and_did_not_convert() {
        let reason_id = ReasonId::new(1);
        let reason = ReasonRow {
            present: 1,
            funnel_version: 2,
            step: 0,
            automated: 0,
            reason_id,
            name: "price".into(),
            n: 20,
        };
        let mut world = facts(vec![
            visits(0, 3, 40),
            visits(0, 2, 60),
            visits(0, 0, 900),
            visits(1, 0, 10),
            visits(2, 0, 30),
        ]);
        world.visits.push(VisitRow {
            converted: 1,
            ..visits(0, 2, 7)
        });
        world.reasons.push(reason);
        let answered = CellRow {
            answered: 1,
            probability: 1.0,
            funnel_version: 2,
            n: 40,
            ..CellRow::default()
        };
        world.eligible = vec![
            CellRow {
                answered: 0,
                n: 67,
                ..answered.clone()
            },
            CellRow {
                reason_id: Some(reason_id),
                n: 20,
                ..answered.clone()
            },
            answered,
        ];

        let report = world.assemble();

        let drop = &report.drops[0];
        assert_eq!(
            (
                drop.left,
                drop.answered,
                drop.silent,
                drop.unreachable,
                drop.converted
            ),
            (Rate::new(1_007, 1_047), 40, 67, 900, 7)
        );
        // 100 lost, half of those who answered name it, 30 of 40 go on from the next step, 50.00 each.
        let up_to = drop.reasons[0].up_to.unwrap();
        assert!((up_to.conversions - 100.0 * 0.5 * 0.75).abs() < 1e-9);
        assert!((up_to.minor.unwrap() - 37.5 * 5_000.0).abs() < 1e-6);
        assert_eq!((drop.lost, drop.lost_unreached), (100, 900));
        assert_eq!(report.conversion.unwrap().rate, Rate::new(37, 1_047));
    }

    #[test]
    fn visits_of_other_steps_are_left_out_and_said_so() {
        let report = facts(vec![
            visits(0, 0, 5),
            VisitRow {
                funnel_version: 1,
                ..visits(1, 0, 3)
            },
        ])
        .assemble();

        assert_eq!(report.steps[0].of_all, Rate::new(5, 5));
        assert_eq!(report.other_steps, 3);
        assert_eq!(report.counts_from, Some(2), "the day after theirs");
    }

    #[test]
    fn versions_with_the_same_steps_count_together_unless_goals_counted_from_their_saving_on() {
        let mut world = facts(vec![
            visits(1, 0, 5),
            VisitRow {
                funnel_version: 3,
                ..visits(1, 0, 4)
            },
            VisitRow {
                day: 2,
                funnel_version: 0,
                ..visits(0, 0, 2)
            },
        ]);
        let with_another_goal = FunnelVersion {
            bits: 0b111,
            ..funnel(3, &[0, 1])
        };
        world.definitions.funnels.push(with_another_goal);
        let report = world.assemble();
        assert_eq!(report.steps[0].of_all, Rate::new(9, 9));
        assert_eq!((report.other_steps, report.counts_from), (2, None));

        world.definitions.funnels[1].bits = 0;
        assert_eq!(world.assemble().steps[0].of_all, Rate::new(4, 4));
    }

    #[test]
    fn automated_visits_count_only_when_wanted() {
        let mut world = facts(vec![
            visits(0, 0, 5),
            VisitRow {
                automated: 1,
                ..visits(1, 0, 3)
            },
        ]);
        assert_eq!(
            (
                world.assemble().steps[0].of_all.n,
                world.assemble().automated
            ),
            (5, 3)
        );

        world.with_automated = true;
        assert_eq!(
            (
                world.assemble().steps[0].of_all.n,
                world.assemble().automated
            ),
            (8, 0)
        );
    }

    #[test]
    fn without_goals_there_is_one_band() {
        let report = Facts {
            visits: vec![visits(0, 0, 5)],
            ..Facts::default()
        }
        .assemble();

        assert_eq!(report.steps.len(), 1);
        assert!(report.drops.is_empty() && report.conversion.is_none());
    }

    fn row() -> impl Strategy<Value = VisitRow> {
        let flags = (0..=1_i32, 0..=1_i32, 0..=1_i32, 0..=3_i32);
        (0..=2_i32, 1..=3_i32, 0..=3_i32, flags, 1_i64..1_000).prop_map(
            |(day, funnel_version, step, (converted, open, automated, asked), n)| VisitRow {
                day,
                funnel_version,
                step,
                converted,
                open,
                automated,
                asked,
                device: String::new(),
                beyond: 0,
                n,
                answers: n,
            },
        )
    }

    proptest! {
        #[test]
        fn parts_add_up_and_steps_never_grow(rows in proptest::collection::vec(row(), 0..60), with_automated: bool) {
            let report = Facts { with_automated, ..facts(rows) }.assemble();
            for drop in &report.drops {
                prop_assert_eq!(drop.answered + drop.silent + drop.unasked + drop.unreachable, drop.left.k);
                let [here, next] = [drop.step, drop.step + 1].map(|place| report.steps[place].of_all.k);
                prop_assert_eq!(here - next, drop.left.k);
            }
            if let Some(conversion) = report.conversion {
                let days: i64 = conversion.days.iter().map(|(_, day)| day.n).sum();
                prop_assert_eq!(days, conversion.rate.n);
            }
        }
    }
}
