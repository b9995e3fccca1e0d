//! What visits that are lost at a step would come to, at the very most. Pure.

use std::collections::BTreeSet;

use super::{ReasonShare, UpTo, assemble::Facts, counts::VisitRow};
use crate::stats::{ENOUGH, Rate};

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

    /// What the visits that are lost at a step, and of which `part` holds, would come to if they went on as those of the same kind of
    /// device did, or as all, where these are few. `None` when all of these, or all who left, are too few, there is no main goal, or it
    /// comes to nothing, as of visits that are asked for because they did not reach it.
    pub(super) fn up_to(&self, step: usize, part: impl Fn(&VisitRow) -> bool) -> Option<UpTo> {
        let funnel = self.definitions.funnels.last()?;
        funnel.primary_bit?;
        let all = self.onward(step, None);
        // Whoever goes on to the end is there.
        let is_last = step + 1 == funnel.steps.len();
        let share = all.share().filter(|_| all.is_enough() || is_last)?;
        if self.sum(true, |row| usize::try_from(row.step) == Ok(step)) < ENOUGH {
            return None;
        }
        let devices: BTreeSet<&str> = self.visits.iter().map(|row| row.value.as_str()).collect();
        let conversions: f64 = devices
            .into_iter()
            .map(|device| {
                let is_lost = |row: &VisitRow| {
                    usize::try_from(row.step) == Ok(step)
                        && row.value == device
                        && row.converted == 0
                        && part(row)
                };
                let like = self.onward(step, Some(device));
                let like = like.share().filter(|_| like.is_enough());
                self.sum(true, is_lost) as f64 * like.unwrap_or(share)
            })
            .sum();
        (conversions > 0.0).then(|| UpTo {
            conversions,
            minor: self
                .worth_of_main_goal()
                .map(|value| conversions * value as f64),
        })
    }
}

impl UpTo {
    /// A part of it.
    pub(super) fn part(self, share: f64) -> Self {
        Self {
            conversions: self.conversions * share,
            minor: self.minor.map(|minor| minor * share),
        }
    }
}

/// Gives each reason that is a loss its part of what all come to: by its corrected share, and never more than all of them together.
pub(super) fn share_out(all: UpTo, reasons: &mut [ReasonShare]) {
    let losses = reasons.iter().filter(|reason| reason.is_loss);
    let shares = losses.filter_map(|reason| reason.corrected);
    let sum: f64 = shares.map(|corrected| corrected.share).sum();
    for reason in reasons {
        let is_priced = reason.is_loss && reason.rate.k > 0;
        let corrected = reason.corrected.filter(|_| is_priced);
        reason.up_to = corrected.map(|corrected| all.part(corrected.share / sum.max(1.0)));
    }
}
