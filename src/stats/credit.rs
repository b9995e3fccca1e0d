//! Credit for conversions, split among what came before them so that it adds up to the conversions there were.

use std::collections::BTreeMap;

/// Who gets how many conversions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Credit {
    /// By bit, in conversions.
    pub of: BTreeMap<u32, f64>,
    /// Conversions with nothing before them.
    pub without: i64,
}

/// Splits each conversion equally over the distinct goals reached before it.
///
/// That is the Shapley value of the game in which a set of goals earns the conversions that had no others before them (Zhao, Mahboobi
/// & Bagheri 2018). `masks`: the goals before a conversion as bits, with the number of such conversions; the same mask may come twice.
pub fn split_credit(masks: &[(i64, i64)]) -> Credit {
    let mut found = Credit::default();
    for (mask, conversions) in masks {
        let sharers = mask.count_ones();
        if sharers == 0 {
            found.without += conversions;
            continue;
        }
        let part = *conversions as f64 / f64::from(sharers);
        for bit in (0..i64::BITS).filter(|bit| mask >> bit & 1 == 1) {
            *found.of.entry(bit).or_default() += part;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_conversion_is_split_over_what_came_before_it() {
        let found = split_credit(&[(0b011, 10), (0b001, 4), (0, 7), (0b100, 0), (0b011, 2)]);

        assert_eq!(found.without, 7);
        assert_eq!(found.of, BTreeMap::from([(0, 10.0), (1, 6.0), (2, 0.0)]));
        assert_eq!(split_credit(&[]), Credit::default());
    }

    /// The definition: what a goal adds to those before it, over all orders.
    fn shapley(
        masks: &[(i64, i64)],
        goals: &mut Vec<u32>,
        left: &[u32],
        sums: &mut BTreeMap<u32, f64>,
    ) -> f64 {
        let earned = |goals: &[u32]| -> f64 {
            let set = goals.iter().fold(0_i64, |set, bit| set | 1 << bit);
            let within = masks
                .iter()
                .filter(|(mask, _)| *mask != 0 && mask & !set == 0);
            within.map(|(_, conversions)| *conversions as f64).sum()
        };
        let mut orders = f64::from(u8::from(left.is_empty()));
        for bit in left {
            let before = earned(goals);
            goals.push(*bit);
            let gain = earned(goals) - before;
            let rest: Vec<u32> = left.iter().copied().filter(|other| other != bit).collect();
            let below = shapley(masks, goals, &rest, sums);
            *sums.entry(*bit).or_default() += gain * below;
            orders += below;
            goals.pop();
        }
        orders
    }

    proptest! {
        #[test]
        fn the_split_is_the_shapley_value(masks in proptest::collection::vec((0_i64..16, 0_i64..100), 0..10)) {
            let mut sums = BTreeMap::new();
            let orders = shapley(&masks, &mut vec![], &[0, 1, 2, 3], &mut sums);
            let found = split_credit(&masks);
            for bit in 0..4 {
                let credit = found.of.get(&bit).copied().unwrap_or_default();
                prop_assert!((credit - sums[&bit] / orders).abs() < 1e-9);
            }
            let all: i64 = masks.iter().map(|(_, conversions)| conversions).sum();
            let given = found.of.values().sum::<f64>() + found.without as f64;
            prop_assert!((given - all as f64).abs() < 1e-9);
        }
    }
}
