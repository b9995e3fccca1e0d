//! What those who left say, and what it may be worth. Pure.

use std::collections::{BTreeMap, HashMap};

use super::{
    Elsewhere, ReasonShare, Verbatim, Way, assemble::Facts, corrected::Asked, kinds::KindRow,
    queries::ReasonRow,
};
use crate::{stats::Rate, types::ReasonId};

impl Facts {
    /// What they named, each of those to whom it was offered, with weights where the answers of these are enough for shares.
    pub(super) fn reasons(&self, step: usize, asked: &Asked<'_>) -> Vec<ReasonShare> {
        let (offered, offered_before) = (self.offered(true), self.offered(false));
        let here = i32::try_from(step).ok();
        let mut weights = BTreeMap::new();
        let mut named: HashMap<ReasonId, (&ReasonRow, i64, i64)> = HashMap::new();
        for row in self
            .reasons
            .iter()
            .filter(|row| usize::try_from(row.kind.step) == Ok(step))
        {
            if self.counts(row.kind.version, row.automated) {
                let (_, now, before) = named.entry(row.reason_id).or_insert((row, 0, 0));
                *(if row.present == 1 { now } else { before }) += row.n;
            }
        }
        let mut shares: Vec<ReasonShare> = named
            .into_iter()
            .map(|(reason_id, (row, now, before))| {
                let sets = offered.with(reason_id);
                let rate = Rate::new(now, offered.count(&sets, here));
                let rate_before = offered.rate_before(&offered_before, (reason_id, here), before);
                let could = self.offers.with(reason_id);
                let weights = weights
                    .entry(could.clone())
                    .or_insert_with_key(|sets| asked.weights(sets.clone()));
                ReasonShare {
                    reason_id,
                    name: row.name.clone(),
                    is_loss: row.is_loss,
                    rate,
                    corrected: weights.as_ref().and_then(|it| it.share(reason_id)),
                    could: asked.sum(|kind| kind.could_be_asked(&could)),
                    lost: asked.sum(|kind| kind.converted == 0 && kind.could_be_asked(&could)),
                    all_up_to: None,
                    up_to: None,
                    before: rate_before,
                    trend: way(rate, rate_before),
                    later: self.named_later(step, reason_id),
                }
            })
            // What nobody names any more is told where it was named, and not by chance.
            .filter(|reason| reason.rate.k > 0 || reason.trend.is_some())
            .collect();
        shares.sort_by(|left, right| {
            // Sums of the same weights in another order differ in the last digit.
            let share = |reason: &ReasonShare| {
                let corrected = reason.corrected.map(|it| it.share);
                let share = corrected.or(reason.rate.share());
                (share.unwrap_or_default() * 1e9).round()
            };
            // What nobody names any more comes last.
            let is_named = |reason: &ReasonShare| reason.rate.k > 0;
            // Two of six are no larger a share than a quarter of a hundred.
            let is_known = |reason: &ReasonShare| reason.rate.is_enough();
            is_named(right)
                .cmp(&is_named(left))
                .then(is_known(right).cmp(&is_known(left)))
                .then(share(right).total_cmp(&share(left)))
                .then(right.rate.k.cmp(&left.rate.k))
                .then_with(|| left.name.cmp(&right.name))
        });
        shares
    }

    pub(super) fn verbatim(&self, step: usize) -> Option<Verbatim> {
        let here = self
            .verbatims
            .iter()
            .filter(|row| usize::try_from(row.step) == Ok(step));
        let newest = here
            .filter(|row| self.counts(row.funnel_version, row.automated))
            .max_by_key(|row| row.answered_at)?;
        Some(Verbatim {
            impression_id: newest.impression_id,
            answered_at: newest.answered_at,
            comment: newest.comment.clone(),
            reason: newest.reason.clone(),
            later: usize::try_from(newest.place)
                .ok()
                .filter(|place| *place > step),
        })
    }

    /// Those of the visits that count which never took the step after their own, took one behind it, and were asked there: the place of
    /// the furthest step that they had taken by the first decision.
    fn counted_later(&self) -> impl Iterator<Item = (usize, usize, &KindRow)> {
        let funnel = self.definitions.funnels.last();
        let steps = funnel.map(|it| it.steps.as_slice()).unwrap_or_default();
        let taken = move |mask: i64, place: usize| {
            let bit = place.checked_sub(1).and_then(|nth| steps.get(nth));
            bit.is_some_and(|bit| mask >> bit & 1 == 1)
        };
        self.kinds.iter().filter_map(move |row| {
            let step = usize::try_from(row.kind.step).ok()?;
            let place = (1..=steps.len()).rfind(|place| taken(row.kind.reached, *place))?;
            let is_later = place > step && !taken(row.kind.mask, step + 1);
            (is_later && self.counts(row.kind.version, row.automated)).then_some((step, place, row))
        })
    }

    /// How many named the reason at a later step than this one, at which they stand.
    fn named_later(&self, step: usize, reason: ReasonId) -> Vec<(usize, i64)> {
        let mut named = BTreeMap::new();
        for (at, place, row) in self.counted_later() {
            if at == step && row.reason_id == Some(reason) {
                *named.entry(place).or_insert(0) += row.n;
            }
        }
        named.into_iter().collect()
    }

    /// Who was asked at this step and stands at an earlier one.
    pub(super) fn elsewhere(&self, step: usize) -> Vec<Elsewhere> {
        let mut asked: BTreeMap<usize, Elsewhere> = BTreeMap::new();
        for (at, place, row) in self.counted_later() {
            if place == step && row.reason_id.is_none() {
                let there = asked.entry(at).or_default();
                there.step = at;
                there.visits += row.n;
                there.answered += if row.kind.asked == 3 { row.n } else { 0 };
            }
        }
        asked.into_values().collect()
    }
}

/// The way of a share, when both are of enough and chance alone does not explain its change.
fn way(now: Rate, before: Rate) -> Option<Way> {
    let is_enough = now.is_enough() && before.is_enough();
    let (difference, interval) = now.difference(before).filter(|_| is_enough)?;
    if interval.contains_zero() {
        return None;
    }
    Some(if difference > 0.0 { Way::Up } else { Way::Down })
}
