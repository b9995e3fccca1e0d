//! Means of amounts of which most are nothing and few are large.

use super::{distribution::z_of, rate::Interval};

/// The least number of amounts above nothing of which an interval is told.
const LEAST_ABOVE: i64 = 10;

/// Amounts, added up: enough for their mean and how far it may be off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amounts {
    /// How many, those of nothing among them.
    pub n: i64,
    /// How many are above nothing.
    pub above: i64,
    /// Their sum, that of their squares, and that of their cubes.
    pub sums: [f64; 3],
}

impl Amounts {
    /// Of these amounts, and others of nothing, so that they are `n`.
    #[cfg(test)]
    pub(super) fn of(amounts: impl IntoIterator<Item = f64>, n: i64) -> Self {
        let mut all = Self {
            n,
            ..Self::default()
        };
        for amount in amounts {
            all.above += i64::from(amount > 0.0);
            let powers = [amount, amount.powi(2), amount.powi(3)];
            for (sum, power) in all.sums.iter_mut().zip(powers) {
                *sum += power;
            }
        }
        all
    }

    /// What one comes to; `None` of none.
    pub fn mean(self) -> Option<f64> {
        (self.n > 0).then(|| self.sums[0] / self.n as f64)
    }

    /// The range of the mean. `None` with fewer than 10 amounts above nothing, or without any spread.
    ///
    /// Hall 1992 (J. R. Stat. Soc. B 54, 221–228): the cubic transformation takes the skewness out of Student's statistic, as Zhou & Dinh
    /// 2005 (Biostatistics 6, 187–200) advise for costs. A symmetric range reaches too little above, and too far below.
    pub fn interval(self, level: f64) -> Option<Interval> {
        let z = z_of(level)?;
        let (n, mean) = (self.n as f64, self.mean()?);
        let [_, squares, cubes] = self.sums.map(|sum| sum / n);
        let variance = squares - mean * mean;
        if self.above < LEAST_ABOVE || variance <= 0.0 {
            return None;
        }
        let third = cubes - 3.0 * mean * squares + 2.0 * mean.powi(3);
        let (deviation, skewness) = (variance.sqrt(), third / variance.powf(1.5));
        let off = |z: f64| {
            let straight = z / n.sqrt() - skewness / (6.0 * n);
            // Of hardly any skewness the root takes the difference of two that are alike.
            match skewness.abs() < 1e-6 {
                true => straight,
                false => ((1.0 + skewness * straight).cbrt() - 1.0) * 3.0 / skewness,
            }
        };
        Some(Interval {
            low: mean - deviation * off(z),
            high: mean - deviation * off(-z),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::LEVEL;

    #[test]
    fn few_amounts_have_a_mean_and_no_range() {
        let few = Amounts::of([10.0, 20.0, 30.0], 4);
        assert_eq!((few.above, few.mean()), (3, Some(15.0)));
        assert_eq!(few.interval(LEVEL), None);
        assert_eq!(Amounts::of([5.0; 20], 20).interval(LEVEL), None);
        assert_eq!(Amounts::default().mean(), None);
    }

    /// 1 to 19 lie evenly about 10, their standard deviation is √30: 10 ± 1.96 · √30 / √19.
    #[test]
    fn without_skewness_the_range_is_the_usual_one() {
        let even = Amounts::of((1..20).map(f64::from), 19)
            .interval(LEVEL)
            .unwrap();
        assert!((even.low - 7.537_2).abs() < 1e-4, "{even:?}");
        assert!((even.high - 12.462_8).abs() < 1e-4, "{even:?}");
    }

    /// Ten of 10 and 90 of nothing: mean 1, deviation 3, skewness 8/3. With a = 8/3 · (±1.96 / 10 − 8 / 1800) the ends are
    /// 1 − 3 · (∛(1 + a) − 1) · 9/8.
    #[test]
    fn with_skewness_it_reaches_further_up() {
        let found = Amounts::of([10.0; 10], 100).interval(LEVEL).unwrap();
        assert!((found.low - 0.502_3).abs() < 1e-3, "{found:?}");
        assert!((found.high - 1.759_4).abs() < 1e-3, "{found:?}");
    }

    proptest! {
        #[test]
        fn the_range_turns_with_the_amounts_and_grows_with_their_unit(
            amounts in prop::collection::vec(0.0_f64..100.0, 12..60), unit in 0.1_f64..100.0,
        ) {
            let n = amounts.len() as i64;
            let of = |change: &dyn Fn(f64) -> f64| {
                let changed = Amounts::of(amounts.iter().map(|it| change(*it)), n);
                Amounts { above: n, ..changed }.interval(LEVEL).unwrap()
            };
            let (plain, larger, turned) = (of(&|it| it), of(&|it| it * unit), of(&|it| 100.0 - it));
            let mean = amounts.iter().sum::<f64>() / n as f64;
            prop_assert!(plain.low < mean && mean < plain.high);
            prop_assert!((larger.low / unit - plain.low).abs() < 1e-4 && (larger.high / unit - plain.high).abs() < 1e-4);
            prop_assert!((100.0 - turned.high - plain.low).abs() < 1e-4 && (100.0 - turned.low - plain.high).abs() < 1e-4);
        }
    }
}
