//! Two rates against each other: their ratio, and whether chance alone explains that they differ. For the difference see
//! [`Rate::difference`].

use statrs::function::factorial::ln_binomial;

use super::{
    distribution::{normal_two_sided, z_of},
    rate::{Interval, Rate},
};

/// Katz' formula needs as many in each of the four cells.
const KATZ_CELL: i64 = 10;

/// With fewer expected in a cell the normal distribution is no guide.
const EXPECTED_CELL: f64 = 5.0;

/// How many times as large a share is as another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The one share divided by the other; infinite if only the other is zero.
    pub value: f64,
    /// What it may be; the upper bound is infinite if the other share may be zero.
    pub interval: Interval,
}

/// How many times as large the share of `left` is as that of `right`, with the interval of MOVER-R by Wilson limits.
///
/// Donner & Zou 2012, "Closed-form confidence intervals for functions of the normal mean and standard deviation", Statistical
/// Methods in Medical Research 21, 347–359. Follows Koopman's score interval (1984) without iterating. `None` if both are zero.
pub fn ratio(left: Rate, right: Rate, level: f64) -> Option<Ratio> {
    let (p1, w1) = (left.fraction()?, left.wilson_at(level)?);
    let (p2, w2) = (right.fraction()?, right.wilson_at(level)?);
    if left.k == 0 && right.k == 0 {
        return None;
    }
    // Limits of the squares: p² less the squared distance to the limit, in which form none of the differences cancels.
    let square = |p: f64, limit: f64| limit * (2.0 * p - limit);
    let product = p1 * p2;
    let root = |one: f64, other: f64| (product * product - one * other).max(0.0).sqrt();
    // The published lower limit, expanded by its conjugate: it stays defined where the upper Wilson limit is twice the share.
    let low = square(p1, w1.low) / (product + root(square(p1, w1.low), square(p2, w2.high)));
    let high = (product + root(square(p1, w1.high), square(p2, w2.low))) / square(p2, w2.low);
    let value = p1 / p2;
    Some(Ratio {
        value,
        interval: Interval {
            low: if left.k == 0 { 0.0 } else { low.min(value) },
            high: if right.k == 0 {
                f64::INFINITY
            } else {
                high.max(value)
            },
        },
    })
}

/// [`ratio`] with the log interval of Katz, Baptista, Azen & Pike 1978; `None` unless each of the four cells has at least 10.
pub fn katz(left: Rate, right: Rate, level: f64) -> Option<Ratio> {
    let z = z_of(level)?;
    let cells = [left.k, left.n - left.k, right.k, right.n - right.k];
    if cells.iter().any(|cell| *cell < KATZ_CELL) {
        return None;
    }
    let part = |rate: Rate| 1.0 / rate.k as f64 - 1.0 / rate.n as f64;
    let value = left.fraction()? / right.fraction()?;
    let reach = (z * (part(left) + part(right)).sqrt()).exp();
    Some(Ratio {
        value,
        interval: Interval {
            low: value / reach,
            high: value * reach,
        },
    })
}

/// Chance of a difference at least as large where there is none, both directions counted.
///
/// The score test with the pooled share and without a correction (Pearson 1900), or [`fisher_mid_p`] if fewer than 5 are expected in
/// a cell. `None` if there is nothing on one side.
pub fn p_value(left: Rate, right: Rate) -> Option<f64> {
    let (p1, p2) = (left.fraction()?, right.fraction()?);
    let (n1, n2) = (left.n as f64, right.n as f64);
    let pooled = (left.k + right.k) as f64 / (n1 + n2);
    let least = n1.min(n2) * pooled.min(1.0 - pooled);
    if least < EXPECTED_CELL {
        return fisher_mid_p(left, right);
    }
    let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
    Some(normal_two_sided((p1 - p2) / error))
}

/// Fisher's exact test of two sides with mid-p (Lancaster 1961): tables less likely than this one count whole, as likely ones half.
fn fisher_mid_p(left: Rate, right: Rate) -> Option<f64> {
    left.fraction().and(right.fraction())?;
    let count = |n: i64| u64::try_from(n).ok();
    let (n1, n2, k) = (count(left.n)?, count(right.n)?, count(left.k + right.k)?);
    let all = ln_binomial(n1 + n2, k);
    let likelihood = |a: u64| (ln_binomial(n1, a) + ln_binomial(n2, k - a) - all).exp();
    let here = likelihood(count(left.k)?);
    let chance = (k.saturating_sub(n2)..=n1.min(k))
        .map(likelihood)
        .filter(|other| *other <= here * (1.0 + 1e-7))
        .map(|other| {
            if other < here * (1.0 - 1e-7) {
                other
            } else {
                other / 2.0
            }
        })
        .sum::<f64>();
    Some(chance.min(1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::LEVEL;

    fn is_near(actual: f64, expected: f64, part: f64) {
        assert!(
            (actual - expected).abs() <= expected * part,
            "{actual} is not {expected}"
        );
    }

    /// R's epitools, as in scipy's tests of `relative_risk`.
    #[test]
    fn katz_gives_the_figures_of_epitools() {
        let found = katz(Rate::new(16, 128), Rate::new(24, 256), LEVEL).unwrap();

        is_near(found.value, 4.0 / 3.0, 1e-9);
        is_near(found.interval.low, 0.734_731_7, 1e-6);
        is_near(found.interval.high, 2.419_628, 1e-6);
        assert_eq!(katz(Rate::new(9, 128), Rate::new(24, 256), LEVEL), None);
    }

    /// Nam 1995: Koopman's interval of 36/40 against 16/80 is 2.940 to 7.152; MOVER-R follows it within 2 %.
    #[test]
    fn the_ratio_follows_koopman_in_the_example_of_nam_1995() {
        let found = ratio(Rate::new(36, 40), Rate::new(16, 80), LEVEL).unwrap();

        is_near(found.value, 4.5, 1e-9);
        is_near(found.interval.low, 2.940, 0.02);
        is_near(found.interval.high, 7.152, 0.02);
    }

    /// Where both hold, the two intervals agree.
    #[test]
    fn at_large_numbers_katz_and_the_ratio_agree() {
        let (left, right) = (Rate::new(1_600, 12_800), Rate::new(2_400, 25_600));
        let (katz, mover) = (
            katz(left, right, LEVEL).unwrap(),
            ratio(left, right, LEVEL).unwrap(),
        );

        is_near(mover.interval.low, katz.interval.low, 0.002);
        is_near(mover.interval.high, katz.interval.high, 0.002);
    }

    /// Agresti, Categorical Data Analysis: 3 of 4 against 1 of 4 cups; one-sided mid-p 0.129, the distribution is symmetric.
    #[test]
    fn few_are_tested_exactly_as_the_tea_tasting_lady() {
        is_near(
            p_value(Rate::new(3, 4), Rate::new(1, 4)).unwrap(),
            18.0 / 70.0,
            1e-9,
        );
    }

    /// z = 2.652 by hand: 104 of 150 pooled, 0.2 / sqrt(0.6933 · 0.3067 · (1/70 + 1/80)).
    #[test]
    fn many_are_tested_by_the_pooled_score() {
        is_near(
            p_value(Rate::new(56, 70), Rate::new(48, 80)).unwrap(),
            0.008_0,
            0.01,
        );
        assert_eq!(p_value(Rate::new(30, 60), Rate::new(30, 60)), Some(1.0));
    }

    #[test]
    fn nothing_against_nothing_is_nothing() {
        let (none, some) = (Rate::new(0, 0), Rate::new(3, 30));
        assert_eq!(ratio(none, some, LEVEL), None);
        assert_eq!(ratio(Rate::new(0, 30), Rate::new(0, 30), LEVEL), None);
        assert_eq!(p_value(some, none), None);
        assert_eq!(p_value(Rate::new(0, 30), Rate::new(0, 40)), Some(0.5));
        assert_eq!(
            ratio(some, Rate::new(0, 30), LEVEL).unwrap().value,
            f64::INFINITY
        );
        assert_eq!(ratio(some, Rate::new(40, 30), LEVEL), None);
    }

    fn rate() -> impl Strategy<Value = Rate> {
        (1_i64..50_000)
            .prop_flat_map(|n| (0..=n, Just(n)))
            .prop_map(|(k, n)| Rate::new(k, n))
    }

    proptest! {
        #[test]
        fn swapping_the_sides_inverts_the_ratio(left in rate(), right in rate()) {
            let Some(there) = ratio(left, right, LEVEL) else {
                prop_assert!(left.k == 0 && right.k == 0);
                return Ok(());
            };
            let back = ratio(right, left, LEVEL).unwrap();
            let same = |one: f64, other: f64| one == other || (one / other - 1.0).abs() < 1e-6;
            prop_assert!(same(there.value, 1.0 / back.value));
            prop_assert!(same(there.interval.low, 1.0 / back.interval.high), "{there:?} {back:?}");
            prop_assert!(same(there.interval.high, 1.0 / back.interval.low), "{there:?} {back:?}");
            prop_assert!(0.0 <= there.interval.low && there.interval.low <= there.value);
            prop_assert!(there.value <= there.interval.high);
        }

        #[test]
        fn the_chance_is_a_share_and_the_same_from_both_sides(left in rate(), right in rate()) {
            let there = p_value(left, right).unwrap();
            prop_assert!((0.0..=1.0).contains(&there));
            prop_assert!((there - p_value(right, left).unwrap()).abs() < 1e-6);
        }
    }
}
