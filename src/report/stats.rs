//! Rates with their intervals. Pure formulas, tested against published figures.

use crate::prompt::form::MOST_WORDINGS;

/// The 97.5 % quantile of the normal distribution: every interval is a 95 % one.
const Z: f64 = 1.959_963_984_540_054;

/// The quantiles for one and two comparisons of which each gets its part of the 5 %: 1 − 0.05 / (2 m). Each wording but the first
/// is compared.
const Z_OF_OPEN: [f64; MOST_WORDINGS - 1] = [Z, 2.241_402_727_604_946];

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

    /// The Wilson score interval (Wilson 1927); `None` of nothing.
    pub fn wilson(self) -> Option<Interval> {
        self.wilson_at(Z)
    }

    fn wilson_at(self, z: f64) -> Option<Interval> {
        let p = self.share()?;
        let n = self.n as f64;
        let z2 = z * z;
        let middle = p + z2 / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z2 / n;
        // At 0 of n and n of n the bound is exact; rounding must not push it past the share itself.
        let low = if self.k == 0 {
            0.0
        } else {
            ((middle - half) / scale).clamp(0.0, p)
        };
        let high = if self.k == self.n {
            1.0
        } else {
            ((middle + half) / scale).clamp(p, 1.0)
        };
        Some(Interval { low, high })
    }

    /// How much larger this share is than `other`'s, with Newcombe's hybrid score interval (1998, method 10).
    pub fn difference(self, other: Self) -> Option<(f64, Interval)> {
        self.difference_at(other, Z)
    }

    fn difference_at(self, other: Self, z: f64) -> Option<(f64, Interval)> {
        let (p1, w1) = (self.share()?, self.wilson_at(z)?);
        let (p2, w2) = (other.share()?, other.wilson_at(z)?);
        let difference = p1 - p2;
        let low = difference - (p1 - w1.low).hypot(w2.high - p2);
        let high = difference + (w1.high - p1).hypot(p2 - w2.low);
        Some((difference, Interval { low, high }))
    }
}

/// How much larger each share is than `first`'s, by Holm's step-down procedure.
///
/// All comparisons together find a difference that is none in at most one of twenty cases (Holm 1979, "A simple sequentially
/// rejective multiple test procedure", Scandinavian Journal of Statistics 6, 65–70). The interval is that of [`Rate::difference`]
/// at the level of each step: while `m` comparisons are open, 5 % / `m`; those whose interval excludes zero are settled, and the
/// rest is judged again among fewer. So an interval excludes zero exactly when its difference holds.
pub fn differences_from(first: Rate, others: &[Rate]) -> Vec<Option<(f64, Interval)>> {
    let mut found: Vec<_> = others
        .iter()
        .map(|other| {
            let difference = other.difference(first);
            (other, difference, difference.is_some())
        })
        .collect();
    let mut before = usize::MAX;
    loop {
        let open = found.iter().filter(|(.., is_open)| *is_open).count();
        let z = Z_OF_OPEN.iter().take(open).next_back();
        let Some(z) = z.filter(|_| open < before) else {
            return found.into_iter().map(|(_, found, _)| found).collect();
        };
        for (other, difference, is_open) in found.iter_mut().filter(|(.., is_open)| *is_open) {
            *difference = other.difference_at(first, *z);
            *is_open = difference.is_some_and(|(_, interval)| interval.contains_zero());
        }
        before = open;
    }
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

    /// By hand: Newcombe's interval of 53 of 80 against 40 of 80 is 0.0098 to 0.3050 at 5 %, −0.0118 to 0.3236 at 2.5 %;
    /// that of 60 of 80 is 0.0785 to 0.4021 at 2.5 %.
    #[test]
    fn holm_asks_more_of_the_first_difference_and_less_of_the_next() {
        let (first, some, much) = (Rate::new(40, 80), Rate::new(53, 80), Rate::new(60, 80));
        let bounds = |others: &[Rate]| -> Vec<(f64, f64)> {
            let found = differences_from(first, others).into_iter();
            found
                .map(|found| found.unwrap().1)
                .map(|interval| (interval.low, interval.high))
                .collect()
        };

        let alone = bounds(&[some]);
        close(alone[0].0, 0.0098);
        close(alone[0].1, 0.3050);

        let beside_nothing = bounds(&[some, first]);
        close(beside_nothing[0].0, -0.0118);
        close(beside_nothing[0].1, 0.3236);

        let beside_much = bounds(&[some, much]);
        close(beside_much[0].0, 0.0098);
        close(beside_much[1].0, 0.0785);
        close(beside_much[1].1, 0.4021);
        assert_eq!(differences_from(first, &[Rate::new(0, 0)]), [None]);
    }

    #[test]
    fn of_nothing_there_is_no_rate() {
        assert_eq!(Rate::new(0, 0).share(), None);
        assert_eq!(Rate::new(0, 0).wilson(), None);
        assert_eq!(Rate::new(1, 2).difference(Rate::new(0, 0)), None);
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
