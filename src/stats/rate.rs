//! Rates with their intervals.

use super::distribution::{beta_quantile, z_of};

/// Level of an interval where none is asked for.
pub const LEVEL: f64 = 0.95;

/// Of fewer than these a count is told, no share and no price.
pub const ENOUGH: i64 = 30;

/// A share of visits, answers…: `k` of `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// How many did.
    pub k: i64,
    /// Of how many.
    pub n: i64,
}

/// Bounds of a share or of a difference of shares, as fractions of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Interval {
    /// Whether chance alone explains a difference with this interval.
    pub fn contains_zero(self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }
}

impl Rate {
    /// `k` of `n`.
    pub fn new(k: i64, n: i64) -> Self {
        Self { k, n }
    }

    /// Whether there are enough to speak of a share.
    pub fn is_enough(self) -> bool {
        self.n >= ENOUGH
    }

    /// `k / n`; `None` of nothing.
    pub fn share(self) -> Option<f64> {
        (self.n > 0).then(|| self.k as f64 / self.n as f64)
    }

    /// `k / n` where `k` is no more than `n`.
    pub(super) fn fraction(self) -> Option<f64> {
        self.share().filter(|share| (0.0..=1.0).contains(share))
    }

    /// The Wilson score interval at 95 %; see [`Rate::wilson_at`].
    pub fn wilson(self) -> Option<Interval> {
        self.wilson_at(LEVEL)
    }

    /// The Wilson score interval (Wilson 1927; Brown, Cai & Das Gupta 2001); `None` of nothing.
    pub fn wilson_at(self, level: f64) -> Option<Interval> {
        wilson_weighted(self.fraction()?, self.n as f64, level)
    }

    /// The Jeffreys interval, by quantiles of Beta(k + ½, n − k + ½); exact at none and at all (Brown, Cai & Das Gupta 2001).
    pub fn jeffreys(self, level: f64) -> Option<Interval> {
        self.fraction()?;
        let (a, b) = (self.k as f64 + 0.5, (self.n - self.k) as f64 + 0.5);
        let low = beta_quantile(a, b, (1.0 - level) / 2.0)?;
        let high = beta_quantile(a, b, (1.0 + level) / 2.0)?;
        Some(Interval {
            low: if self.k == 0 { 0.0 } else { low },
            high: if self.k == self.n { 1.0 } else { high },
        })
    }

    /// What small segments are ranked by: the lower Wilson bound, so that 1 of 1 does not lead (Miller 2009).
    pub fn ranking_bound(self) -> Option<f64> {
        self.wilson().map(|interval| interval.low)
    }

    /// [`Rate::difference_at`] at 95 %.
    pub fn difference(self, other: Self) -> Option<(f64, Interval)> {
        self.difference_at(other, LEVEL)
    }

    /// How much larger this share is than `other`'s, with Newcombe's hybrid score interval (1998, method 10).
    pub fn difference_at(self, other: Self, level: f64) -> Option<(f64, Interval)> {
        let (p1, w1) = (self.fraction()?, self.wilson_at(level)?);
        let (p2, w2) = (other.fraction()?, other.wilson_at(level)?);
        let difference = p1 - p2;
        let low = difference - (p1 - w1.low).hypot(w2.high - p2);
        let high = difference + (w1.high - p1).hypot(p2 - w2.low);
        Some((difference, Interval { low, high }))
    }
}

/// The Wilson score interval of a `share` that stands for `n` answers: their number, or with weights Kish's effective number.
///
/// `None` if `share` is no fraction of one or `n` is not above zero.
pub fn wilson_weighted(share: f64, n: f64, level: f64) -> Option<Interval> {
    let z2 = z_of(level)?.powi(2);
    if !(0.0..=1.0).contains(&share) || n.is_nan() || n <= 0.0 {
        return None;
    }
    let middle = share + z2 / (2.0 * n);
    let half = (z2 * (share * (1.0 - share) / n + z2 / (4.0 * n * n))).sqrt();
    let scale = 1.0 + z2 / n;
    // At nothing and at all the bound is exact; rounding must not push it past the share itself.
    let low = if share == 0.0 {
        0.0
    } else {
        ((middle - half) / scale).clamp(0.0, share)
    };
    let high = if share == 1.0 {
        1.0
    } else {
        ((middle + half) / scale).clamp(share, 1.0)
    };
    Some(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!(
            (actual - expected).abs() < 0.000_05,
            "{actual} is not {expected}"
        );
    }

    #[test]
    fn wilson_gives_the_figures_of_newcombe_1998() {
        let published = [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ];
        for (k, n, low, high) in published {
            let interval = Rate::new(k, n).wilson().unwrap();
            close(interval.low, low);
            close(interval.high, high);
        }
    }

    #[test]
    fn difference_gives_the_figures_of_newcombe_1998() {
        let (difference, interval) = Rate::new(56, 70).difference(Rate::new(48, 80)).unwrap();

        close(difference, 0.2);
        close(interval.low, 0.0524);
        close(interval.high, 0.3339);
    }

    /// Table of 95 % limits in Brown, Cai & Das Gupta 2001, section 4.
    #[test]
    fn jeffreys_gives_the_figures_of_brown_cai_and_dasgupta_2001() {
        let published = [
            (0, 7, 0.0, 0.292),
            (0, 10, 0.0, 0.217),
            (1, 7, 0.016, 0.501),
            (1, 10, 0.011, 0.381),
        ];
        for (k, n, low, high) in published {
            let interval = Rate::new(k, n).jeffreys(LEVEL).unwrap();
            assert!(
                (interval.low - low).abs() < 0.001,
                "{k} of {n}: {interval:?}"
            );
            assert!(
                (interval.high - high).abs() < 0.001,
                "{k} of {n}: {interval:?}"
            );
            let mirrored = Rate::new(n - k, n).jeffreys(LEVEL).unwrap();
            close(mirrored.low, 1.0 - interval.high);
        }
    }

    #[test]
    fn one_of_one_does_not_lead_a_ranking() {
        let bound = |k, n| Rate::new(k, n).ranking_bound().unwrap();
        assert!(bound(1, 1) < bound(80, 100));
    }

    #[test]
    fn of_nothing_there_is_no_rate() {
        assert_eq!(Rate::new(0, 0).share(), None);
        assert_eq!(Rate::new(0, 0).wilson(), None);
        assert_eq!(Rate::new(1, 2).difference(Rate::new(0, 0)), None);
        assert_eq!(Rate::new(0, 0).jeffreys(LEVEL), None);
        assert_eq!(wilson_weighted(0.5, 0.0, LEVEL), None);
        assert_eq!(wilson_weighted(f64::NAN, 10.0, LEVEL), None);
        assert_eq!(Rate::new(3, 2).wilson(), None);
        assert_eq!(Rate::new(-1, 2).jeffreys(LEVEL), None);
        assert_eq!(Rate::new(1, 2).wilson_at(1.0), None);
    }

    fn rate() -> impl Strategy<Value = Rate> {
        (1_i64..2_000_000)
            .prop_flat_map(|n| (0..=n, Just(n)))
            .prop_map(|(k, n)| Rate::new(k, n))
    }

    proptest! {
        #[test]
        fn wilson_contains_the_share_and_stays_a_share(rate in rate()) {
            let interval = rate.wilson().unwrap();
            let share = rate.share().unwrap();
            prop_assert!(interval.low <= share && share <= interval.high);
            prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
        }

        #[test]
        fn swapping_the_sides_negates_the_difference(left in rate(), right in rate()) {
            let (there, forth) = left.difference(right).unwrap();
            let (back, return_) = right.difference(left).unwrap();
            prop_assert!((there + back).abs() < 1e-12);
            prop_assert!((forth.low + return_.high).abs() < 1e-12);
            prop_assert!((forth.high + return_.low).abs() < 1e-12);
            prop_assert!(forth.low >= -1.0 - 1e-12 && forth.high <= 1.0 + 1e-12);
            prop_assert!(forth.low <= there && there <= forth.high);
        }
    }
}
