//! Which reasons questions offer. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::types::ReasonId;

/// The sets of reasons that questions of a site offer, or have offered, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Offers(pub BTreeMap<i32, BTreeSet<ReasonId>>);

impl Offers {
    /// Whether a reason is in one of the sets of these numbers.
    pub fn has(&self, numbers: &[i32], reason: ReasonId) -> bool {
        let mut sets = numbers.iter().filter_map(|number| self.0.get(number));
        sets.any(|set| set.contains(&reason))
    }

    /// The numbers of the sets with a reason among them.
    pub fn with(&self, reason: ReasonId) -> BTreeSet<i32> {
        let sets = self.0.iter().filter(|(_, set)| set.contains(&reason));
        sets.map(|(number, _)| *number).collect()
    }
}
