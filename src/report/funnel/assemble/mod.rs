//! From rows to the report. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Conversion, DropOff, FunnelReport, Group, Part, Reached, Step,
    counting::Counting,
    counts::{Counts, VisitRow},
    kinds::KindRow,
    loads::{self, LoadRow},
    queries::{ReasonRow, StateRow, VerbatimRow},
    times::{Ranked, timing},
};
use crate::{
    goal::types::{Definitions, FunnelVersion, Goal, GoalVersion, Recount},
    prompt::types::Offers,
    report::{
        order::{Pair, oddity},
        signatures::funnel::Order,
        sums,
    },
    stats::Rate,
    types::GoalId,
};

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) definitions: Definitions,
    pub(super) counting: Counting,
    pub(super) goals: Vec<Goal>,
    pub(super) names: HashMap<GoalId, String>,
    pub(super) visits: Vec<VisitRow>,
    /// Those of them that answered, where these are asked for; of both periods.
    pub(super) answered: Vec<VisitRow>,
    /// All visits by day, of both periods.
    pub(super) by_day: Vec<sums::VisitRow>,
    /// Visits of which it is not known how far they came.
    pub(super) unknown: Vec<VisitRow>,
    /// Visits that are left out because they came to fewer steps for what came between.
    pub(super) voided: Vec<VisitRow>,
    /// Visits by what a dimension says of them, when they are broken down.
    pub(super) groups: Option<Vec<VisitRow>>,
    /// Visits that stand beside them, when some were asked for.
    pub(super) beside: Option<Counts>,
    /// How long visits took, when that was asked for.
    pub(super) times: Option<Vec<Ranked>>,
    pub(super) reasons: Vec<ReasonRow>,
    pub(super) verbatims: Vec<VerbatimRow>,
    /// Visits of the period that could be asked, and those of them that named a reason.
    pub(super) kinds: Vec<KindRow>,
    /// Visits of the period by how long their first page took to load.
    pub(super) loads: Vec<LoadRow>,
    /// Which reasons the questions offer that they answered.
    pub(super) offers: Offers,
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
            order: self.counting.order(),
            without: self.without(),
            within: self.counting.within(),
            between: self.between(),
            goals: self.goal_names(),
            has_reasons: self.counting.is_plain(),
            groups: self.groups(steps.len()),
            beside: self.others(steps.len()),
            drops: self.drops(&steps),
            fixes: vec![],
            conversion: funnel.and_then(|funnel| self.conversion(funnel)),
            open: self.counted(true).map(|row| row.open).sum(),
            unknown_order: self.sum_of(&self.unknown, true, |_| true),
            automated: left_out(&self.visits, |row| {
                self.is_of_these_steps(row.funnel_version) && !self.is_wanted(row.automated)
            }),
            other_steps: left_out(&self.visits, |row| {
                !self.is_of_these_steps(row.funnel_version) && self.is_wanted(row.automated)
            }),
            uncounted_before: self.uncounted_before(&self.visits),
            counts_from: self.counts_from(),
            recount: self.recount.clone(),
            is_visited: self.state.visited > 0,
            live_prompts: self.state.live_prompts,
            value_minor: self.worth_of_main_goal(),
            steps,
        };
        if report.has_reasons {
            report.fixes = report.first_to_fix();
        }
        report
    }

    /// Whether visits of this funnel version were counted by the same steps as today's.
    pub(super) fn is_of_these_steps(&self, version: i32) -> bool {
        match (
            self.definitions.funnel(version),
            self.definitions.funnels.last(),
        ) {
            (Some(theirs), Some(ours)) => self.counting.is_counted_alike(theirs, ours),
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
        self.sum_of(&self.visits, present, condition)
    }

    pub(super) fn sum_of(
        &self,
        rows: &[VisitRow],
        present: bool,
        condition: impl Fn(&VisitRow) -> bool,
    ) -> i64 {
        let rows = self.counted_of(rows, present);
        rows.filter(|row| condition(row)).map(|row| row.n).sum()
    }

    fn counted(&self, present: bool) -> impl Iterator<Item = &VisitRow> {
        self.counted_of(&self.visits, present)
    }

    /// Those of the rows that count, of the period or the one before. Of that one none do where some were counted by other steps: the
    /// rest is a part of its days, as far as they were counted again, and compares with nothing.
    pub(super) fn counted_of<'a>(
        &self,
        rows: &'a [VisitRow],
        present: bool,
    ) -> impl Iterator<Item = &'a VisitRow> {
        let is_told = present || self.uncounted_before(rows) == 0;
        rows.iter().filter(move |row| {
            is_told
                && (row.present == 1) == present
                && self.counts(row.funnel_version, row.automated)
        })
    }

    /// How many of the rows' visits of the period before were counted by other steps.
    fn uncounted_before(&self, rows: &[VisitRow]) -> i64 {
        let before = rows.iter().filter(|row| {
            row.present == 0
                && !self.is_of_these_steps(row.funnel_version)
                && self.is_wanted(row.automated)
        });
        before.map(|row| row.n).sum()
    }

    /// The day after the last one with a visit that was counted by other steps; `None` without one, and when no day is left.
    fn counts_from(&self) -> Option<i32> {
        let first = *self.days.first()?;
        let others = self.by_day.iter().filter(|row| {
            row.day >= first
                && self.is_wanted(row.is_automated.into())
                && !self.is_of_these_steps(row.version)
        });
        let last = others.map(|row| row.day).max()?;
        self.days.iter().find(|day| **day > last).copied()
    }

    pub(super) fn goal_version(&self, bit: u8) -> Option<&GoalVersion> {
        self.definitions.goals.iter().find(|goal| goal.bit == bit)
    }

    pub(super) fn name_of(&self, bit: u8) -> String {
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
        let name = |(bit, place): (&u8, usize)| match (self.counting.order(), bits.len()) {
            (Order::Any, all) if all > 1 && place == all => format!("All {all} steps"),
            (Order::Any, all) if all > 1 && place == 1 => "1 step or more".into(),
            (Order::Any, all) if all > 1 => format!("{place} steps or more"),
            _ => self.name_of(*bit),
        };
        std::iter::once("All visits".to_owned())
            .chain(bits.iter().zip(1..).map(name))
            .collect()
    }

    fn steps(&self) -> Vec<Step> {
        let names = self.step_names();
        let now = reached(names.len(), self.counted(true));
        let earlier = reached(names.len(), self.counted(false));
        let is_judged = |place| place > 1 && self.counting.is_plain();
        let steps = names.into_iter().zip(now).zip(earlier).zip(0..);
        steps
            .map(|(((name, now), earlier), place)| Step {
                name,
                goal: self.goal_at(place),
                of_all: now.of_all,
                of_before: now.of_before,
                earlier,
                time: self.times.as_deref().map(|times| timing(times, place)),
                oddity: is_judged(place).then(|| self.pair(place)).and_then(oddity),
            })
            .collect()
    }

    /// Visits by what the dimension says, at each of so many steps.
    fn groups(&self, steps: usize) -> Vec<Group> {
        let rows = self.groups.as_deref().unwrap_or_default();
        let mut values: BTreeMap<&str, (Vec<&VisitRow>, Vec<&VisitRow>)> = BTreeMap::new();
        for row in self.counted_of(rows, true) {
            values.entry(&row.value).or_default().0.push(row);
        }
        for row in self.counted_of(rows, false) {
            values.entry(&row.value).or_default().1.push(row);
        }
        let mut groups: Vec<Group> = values
            .into_iter()
            .map(|(value, (now, earlier))| Group {
                value: value.to_owned(),
                now: reached(steps, now.into_iter()),
                earlier: reached(steps, earlier.into_iter()),
            })
            .collect();
        let visits = |group: &Group| group.now.first().map(|all| all.of_all.n);
        groups.sort_by_key(|group| std::cmp::Reverse(visits(group)));
        groups
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
        let mut drops: Vec<DropOff> = pairs
            .map(|(place, (here, _))| self.drop_off(place, here.of_all.k))
            .collect();
        loads::settle(drops.iter_mut().filter_map(|drop| drop.loads.as_mut()));
        drops
    }

    fn drop_off(&self, step: usize, here: i64) -> DropOff {
        let at_step = |row: &VisitRow| usize::try_from(row.step) == Ok(step);
        let plain = DropOff {
            step,
            left: Rate::new(self.sum(true, at_step), here),
            converted: self.sum(true, |row| at_step(row) && row.converted == 1),
            ..DropOff::default()
        };
        if !self.counting.is_plain() {
            return plain;
        }
        let part = |asked: i32| self.sum(true, |row| at_step(row) && row.asked == asked);
        let lost = self.lost(step);
        let lost_of = |part: &dyn Fn(&VisitRow) -> bool| Part {
            visits: self.sum(true, |row| at_step(row) && row.converted == 0 && part(row)),
            up_to: lost.as_ref().and_then(|lost| lost.up_to(part)),
        };
        let asked = self.asked(step);
        let mut reasons = self.reasons(step, &asked);
        if let Some(lost) = &lost {
            lost.share_out(&self.offers, &mut reasons);
        }
        let with_share = reasons.iter().filter(|it| it.corrected.is_some());
        let with_share = with_share.flat_map(|it| self.offers.with(it.reason_id));
        let with_share: BTreeSet<i32> = with_share.collect();
        let is_spoken_for = |could: &[i32]| could.iter().any(|set| with_share.contains(set));
        let is_few = |could: &[i32]| !could.is_empty() && !is_spoken_for(could);
        let weights = asked.weights(asked.sets());
        DropOff {
            answered: part(3),
            offered: asked.offered(),
            silent: part(2),
            unasked: part(1),
            unreachable: part(0),
            answers: self.answers(step),
            onward: self.onward(step, None),
            could: asked.sum(|kind| !kind.could.is_empty()),
            spoken_for: asked.sum(|kind| is_spoken_for(&kind.could)),
            lost: lost_of(&|row| is_spoken_for(&row.could)),
            answered_few: asked.most_answered(|kind| is_few(&kind.could)),
            lost_few: lost_of(&|row| is_few(&row.could)),
            answered_else: asked.sum(|kind| kind.asked == 3 && kind.could.is_empty()),
            lost_else: lost_of(&|row| row.asked > 0 && row.could.is_empty()),
            lost_unreached: lost_of(&|row| row.asked == 0),
            loads: self.loads_at(step),
            correction: weights.map(|weights| weights.correction),
            reasons,
            verbatim: self.verbatim(step),
            elsewhere: self.elsewhere(step),
            ..plain
        }
    }

    /// Answers of the visits that left at a step.
    fn answers(&self, step: usize) -> i64 {
        let here = self.visits.iter().filter(|row| {
            row.present == 1
                && self.counts(row.funnel_version, row.automated)
                && usize::try_from(row.step) == Ok(step)
        });
        here.map(|row| row.answers).sum()
    }

    fn conversion(&self, funnel: &FunnelVersion) -> Option<Conversion> {
        let name = self.name_of(funnel.primary_bit?);
        let counted = self.by_day.iter();
        let counted = counted.filter(|row| self.counts(row.version, row.is_automated.into()));
        let mut rates: BTreeMap<i32, Rate> = BTreeMap::new();
        for row in counted {
            let rate = rates.entry(row.day).or_default();
            rate.k += row.conversions;
            rate.n += row.visits;
        }
        let on_day = |day: &i32| (*day, rates.get(day).copied().unwrap_or_default());
        let days: Vec<(i32, Rate)> = self.days.iter().map(on_day).collect();
        let first = days.first().map_or(i32::MAX, |(day, _)| *day);
        Some(Conversion {
            name,
            rate: all(days.iter().map(|(_, rate)| rate)),
            before: match self.uncounted_before(&self.visits) {
                0 => all(rates.range(..first).map(|(_, rate)| rate)),
                _ => Rate::default(),
            },
            days,
        })
    }
}

fn all<'a>(rates: impl Iterator<Item = &'a Rate>) -> Rate {
    rates.fold(Rate::default(), |all, rate| {
        Rate::new(all.k + rate.k, all.n + rate.n)
    })
}

/// Visits of the period that meet a condition, whether they count or not.
pub(super) fn left_out(rows: &[VisitRow], condition: impl Fn(&VisitRow) -> bool) -> i64 {
    let rows = rows.iter().filter(|row| row.present == 1 && condition(row));
    rows.map(|row| row.n).sum()
}

/// How many visits came to each of so many steps, all visits first.
pub(super) fn reached<'a>(
    steps: usize,
    visits: impl Iterator<Item = &'a VisitRow>,
) -> Vec<Reached> {
    let mut stopped = vec![0; steps];
    for row in visits {
        let step = usize::try_from(row.step).unwrap_or_default();
        let last = steps.saturating_sub(1);
        if let Some(n) = stopped.get_mut(step.min(last)) {
            *n += row.n;
        }
    }
    let all: i64 = stopped.iter().sum();
    let (mut here, mut before) = (all, all);
    let mut next = |stopped: i64| {
        let of_before = Rate::new(here, std::mem::replace(&mut before, here));
        let of_all = Rate::new(here, all);
        here -= stopped;
        Reached { of_all, of_before }
    };
    stopped.into_iter().map(&mut next).collect()
}

#[cfg(test)]
mod tests;
