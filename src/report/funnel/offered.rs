//! Who could name a reason: visits that answered a question which offers it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{assemble::Facts, counts::VisitRow};
use crate::{prompt::types::Offers, stats::Rate, types::ReasonId};

/// Visits that answered, by the sets of reasons that their questions offered.
pub(super) struct Offered<'a> {
    offers: &'a Offers,
    rows: BTreeMap<&'a [i32], Vec<&'a VisitRow>>,
}

impl Facts {
    /// Those that count, of the period or the one before.
    pub(super) fn offered(&self, present: bool) -> Offered<'_> {
        let mut rows: BTreeMap<&[i32], Vec<&VisitRow>> = BTreeMap::new();
        for row in self.counted_of(&self.answered, present) {
            rows.entry(&row.offered).or_default().push(row);
        }
        Offered {
            offers: &self.offers,
            rows,
        }
    }
}

impl<'a> Offered<'a> {
    /// The sets with this reason among them, as visits have them together.
    pub(super) fn with(&self, reason: ReasonId) -> Vec<&'a [i32]> {
        let sets = self.rows.keys().copied();
        sets.filter(|sets| self.offers.has(sets, reason)).collect()
    }

    /// How often a reason was named `before`; of nothing where other choices stood beside it then.
    pub(super) fn rate_before(
        &self,
        before: &Offered<'_>,
        (reason, step): (ReasonId, Option<i32>),
        named: i64,
    ) -> Rate {
        if self.lists(reason) != before.lists(reason) {
            return Rate::default();
        }
        Rate::new(named, before.count(&before.with(reason), step))
    }

    /// The sets with this reason among them, each by itself.
    fn lists(&self, reason: ReasonId) -> BTreeSet<i32> {
        let sets = self.rows.keys().flat_map(|sets| sets.iter().copied());
        sets.filter(|set| self.offers.has(&[*set], reason))
            .collect()
    }

    /// How many visits of these sets stopped at a step, or anywhere.
    pub(super) fn count(&self, sets: &[&[i32]], step: Option<i32>) -> i64 {
        let rows = sets.iter().filter_map(|sets| self.rows.get(sets)).flatten();
        let here = rows.filter(|row| step.is_none_or(|step| row.step == step));
        here.map(|row| row.n).sum()
    }
}
