//! What to fix first: all that is lost, by where and why, the most on top. Pure.

use super::{DropOff, FunnelReport, Part, UpTo};
use crate::{stats::WeightedShare, types::ReasonId};

/// Something that could be done about visits that are lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Place of the step after which they are lost.
    pub step: usize,
    /// Why they are, or what keeps that from being known.
    pub cause: Cause,
    /// Visits that are lost there and that this is about.
    pub lost: i64,
    /// What they would come to at the very most; `None` when too little is known for it.
    pub up_to: Option<UpTo>,
}

/// Why visits are lost, or what keeps that from being known.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// They named it; the part of those who could be asked that has it.
    Reason(ReasonId, String, WeightedShare),
    /// They could be asked why, and so many have answered the same question: too few for shares, or in words alone.
    FewAnswers(i64),
    /// They could be asked, and so many answered, but only questions that offer no reasons.
    NoReasons(i64),
    /// No question could ask them.
    Unasked,
    /// They came to the next step before this one: the order of the steps says nothing about them.
    Order,
}

impl Cause {
    /// Whether it says what there is to mend, and not only what there is to ask.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Reason(..) | Self::Order)
    }
}

impl FunnelReport {
    /// All drop-offs by what can be done about them, the largest possible gain on top; then likewise those of which it is not known why.
    pub(super) fn first_to_fix(&self) -> Vec<Fix> {
        let mut fixes: Vec<Fix> = self
            .drops
            .iter()
            .flat_map(|drop| self.fixes_of(drop))
            .filter(|fix| fix.lost > 0)
            .collect();
        let gain = |fix: &Fix| fix.up_to.map_or(-1.0, |up_to| up_to.conversions);
        fixes.sort_by(|one, other| {
            let is_known = |fix: &Fix| fix.cause.is_known();
            is_known(other)
                .cmp(&is_known(one))
                .then(gain(other).total_cmp(&gain(one)))
                .then(other.lost.cmp(&one.lost))
        });
        fixes
    }

    fn fixes_of(&self, drop: &DropOff) -> Vec<Fix> {
        let fix = |cause, lost, up_to| Fix {
            step: drop.step,
            cause,
            lost,
            up_to,
        };
        let next = self.steps.get(drop.step + 1);
        if next.is_some_and(|next| next.oddity.is_some()) {
            let asked = [drop.lost, drop.lost_few, drop.lost_else];
            let lost = asked.iter().chain([&drop.lost_unreached]);
            let lost = lost.map(|part| part.visits).sum();
            return vec![fix(Cause::Order, lost, None)];
        }
        let part = |cause, lost: Part| fix(cause, lost.visits, lost.up_to);
        let mut fixes = vec![
            part(Cause::Unasked, drop.lost_unreached),
            part(Cause::NoReasons(drop.answered_else), drop.lost_else),
            part(Cause::FewAnswers(drop.answered_few), drop.lost_few),
        ];
        for reason in drop.reasons.iter().filter(|it| it.is_loss && it.rate.k > 0) {
            if let Some(share) = reason.corrected {
                let cause = Cause::Reason(reason.reason_id, reason.name.clone(), share);
                fixes.push(fix(cause, reason.lost, reason.up_to));
            }
        }
        fixes
    }
}
