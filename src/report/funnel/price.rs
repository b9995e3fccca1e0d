//! What visits that are lost at a step would come to, at the very most. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{ReasonShare, UpTo, assemble::Facts, counts::VisitRow};
use crate::{
    prompt::types::Offers,
    stats::{ENOUGH, Rate},
};

/// Visits that are lost at a step, and what their like would come to.
pub(super) struct Lost<'a> {
    rows: Vec<&'a VisitRow>,
    /// Of the visits that went on there, by device, the part that reached the main goal.
    onward: BTreeMap<&'a str, f64>,
    /// What the main goal comes to, minor units; `None` when the owner gave none.
    value: Option<i64>,
}

impl Facts {
    /// Minor units; `None` when the owner gave none.
    pub(super) fn worth_of_main_goal(&self) -> Option<i64> {
        let primary = self.definitions.funnels.last()?.primary_bit?;
        self.goal_version(primary)?
            .value_minor
            .filter(|value| *value > 0)
    }

    /// Of the visits that went on at a step, those that reached the main goal; of one kind of device, or of all.
    pub(super) fn onward(&self, step: usize, device: Option<&str>) -> Rate {
        let went_on = |row: &VisitRow| {
            usize::try_from(row.step).is_ok_and(|place| place > step)
                && device.is_none_or(|device| row.value == device)
        };
        Rate::new(
            self.sum(true, |row| went_on(row) && row.converted == 1),
            self.sum(true, went_on),
        )
    }

    /// The visits that are lost at a step, to be priced as if they went on as those of the same kind of device did, or as all, where
    /// these are few. `None` when all of these, or all who left, are too few, or there is no main goal.
    pub(super) fn lost(&self, step: usize) -> Option<Lost<'_>> {
        let funnel = self.definitions.funnels.last()?;
        funnel.primary_bit?;
        let all = self.onward(step, None);
        // Whoever goes on to the end is there.
        let is_last = step + 1 == funnel.steps.len();
        let share = all.share().filter(|_| all.is_enough() || is_last)?;
        let here = |row: &VisitRow| usize::try_from(row.step) == Ok(step);
        if self.sum(true, here) < ENOUGH {
            return None;
        }
        let rows = self.counted_of(&self.visits, true);
        let rows: Vec<_> = rows.filter(|row| here(row) && row.converted == 0).collect();
        let devices: BTreeSet<&str> = rows.iter().map(|row| row.value.as_str()).collect();
        let onward = devices.into_iter().map(|device| {
            let like = self.onward(step, Some(device));
            let like = like.share().filter(|_| like.is_enough());
            (device, like.unwrap_or(share))
        });
        Some(Lost {
            onward: onward.collect(),
            rows,
            value: self.worth_of_main_goal(),
        })
    }
}

impl Lost<'_> {
    /// What part of them would come to; `None` when that is nothing, as of visits that are asked for because they did not reach the main
    /// goal.
    pub(super) fn up_to(&self, part: impl Fn(&VisitRow) -> bool) -> Option<UpTo> {
        let rows = self.rows.iter().filter(|row| part(row));
        let each = rows.filter_map(|row| Some(row.n as f64 * self.onward.get(row.value.as_str())?));
        let conversions: f64 = each.sum();
        (conversions > 0.0).then(|| UpTo {
            conversions,
            minor: self.value.map(|value| conversions * value as f64),
        })
    }

    /// Gives each reason that is a loss its part, by its corrected share, of what those come to that could be asked for it: of visits
    /// that could be asked the same, all reasons together never more than these come to.
    pub(super) fn share_out(&self, offers: &Offers, reasons: &mut [ReasonShare]) {
        let alike: BTreeSet<&[i32]> = self.rows.iter().map(|row| row.could.as_slice()).collect();
        for sets in alike {
            let Some(all) = self.up_to(|row| row.could == sets) else {
                continue;
            };
            let could_name = |reason: &&mut ReasonShare| offers.has(sets, reason.reason_id);
            let of_these = || {
                reasons
                    .iter()
                    .filter(|reason| offers.has(sets, reason.reason_id))
            };
            let shares = of_these().filter_map(ReasonShare::priced);
            let scale = shares.sum::<f64>().max(1.0);
            for reason in reasons.iter_mut().filter(could_name) {
                reason.all_up_to = all.and(reason.all_up_to);
                if let Some(share) = reason.priced() {
                    reason.up_to = all.part(share / scale).and(reason.up_to);
                }
            }
        }
    }
}

impl ReasonShare {
    /// The share by which it is priced; `None` of what is no loss, was not named, or has no share.
    fn priced(&self) -> Option<f64> {
        let is_priced = self.is_loss && self.rate.k > 0;
        Some(self.corrected.filter(|_| is_priced)?.share)
    }
}

impl UpTo {
    /// A part of it.
    fn part(self, share: f64) -> Self {
        Self {
            conversions: self.conversions * share,
            minor: self.minor.map(|minor| minor * share),
        }
    }

    /// Both together.
    fn and(self, other: Option<Self>) -> Option<Self> {
        let Some(other) = other else {
            return Some(self);
        };
        Some(Self {
            conversions: self.conversions + other.conversions,
            minor: self.minor.zip(other.minor).map(|(one, more)| one + more),
        })
    }
}
