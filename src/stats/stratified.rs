//! Comparisons within strata: what is left of a ratio when like is compared with like.

use super::{
    compare::Ratio,
    distribution::{chi_square_tail, z_of},
    rate::{Interval, Rate},
};

/// Visits that are alike in all that the stratum says: those who did something beside those who did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stratum {
    /// Of those who did, how many converted.
    pub exposed: Rate,
    /// Of those who did not, how many converted.
    pub unexposed: Rate,
}

/// Whether the odds ratio is the same in all strata.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homogeneity {
    /// How far the strata are from one common odds ratio.
    pub chi_square: f64,
    /// Strata less one.
    pub freedom: usize,
    /// Chance of strata at least as unlike where the odds ratio is the same.
    pub chance: f64,
}

impl Stratum {
    /// The four cells as numbers; `None` of a stratum that compares nothing or whose counts make no sense.
    fn cells(self) -> Option<Cells> {
        self.exposed.fraction().and(self.unexposed.fraction())?;
        let (n1, n0) = (self.exposed.n as f64, self.unexposed.n as f64);
        Some(Cells {
            a: self.exposed.k as f64,
            b: self.unexposed.k as f64,
            n1,
            n0,
            n: n1 + n0,
        })
    }
}

struct Cells {
    a: f64,
    b: f64,
    n1: f64,
    n0: f64,
    n: f64,
}

/// All strata thrown together, as if they were one.
pub fn crude(strata: &[Stratum]) -> Stratum {
    strata.iter().fold(Stratum::default(), |sum, stratum| {
        let add = |one: Rate, other: Rate| Rate::new(one.k + other.k, one.n + other.n);
        Stratum {
            exposed: add(sum.exposed, stratum.exposed),
            unexposed: add(sum.unexposed, stratum.unexposed),
        }
    })
}

/// The Mantel–Haenszel ratio of shares, with the variance of Greenland & Robins 1985 (Biometrics 41, 55–68).
///
/// Σ a·n0/n ÷ Σ b·n1/n. Strata with nobody on one side count for nothing. `None` if nobody of one side converted: then there is no
/// interval.
pub fn mantel_haenszel(strata: &[Stratum], level: f64) -> Option<Ratio> {
    let z = z_of(level)?;
    let (mut above, mut below, mut spread) = (0.0, 0.0, 0.0);
    for Cells { a, b, n1, n0, n } in strata.iter().filter_map(|stratum| stratum.cells()) {
        above += a * n0 / n;
        below += b * n1 / n;
        spread += ((a + b) * n1 * n0 - a * b * n) / (n * n);
    }
    if above <= 0.0 || below <= 0.0 {
        return None;
    }
    let value = above / below;
    let reach = (z * (spread / (above * below)).sqrt()).exp();
    Some(Ratio {
        value,
        interval: Interval {
            low: value / reach,
            high: value * reach,
        },
    })
}

/// Breslow & Day's test (1980) that the odds ratio is the same in all strata, with Tarone's correction (1985).
///
/// `None` with fewer than two strata in which something can be compared, or without a common odds ratio.
pub fn breslow_day(strata: &[Stratum]) -> Option<Homogeneity> {
    let (plain, corrected, freedom) = homogeneity(strata)?;
    let chi_square = (plain - corrected).max(0.0);
    Some(Homogeneity {
        chi_square,
        freedom,
        chance: chi_square_tail(chi_square, freedom as f64)?,
    })
}

/// Breslow and Day's chi-square, what Tarone takes off it, and the degrees of freedom.
fn homogeneity(strata: &[Stratum]) -> Option<(f64, f64, usize)> {
    // A stratum in which all or none converted says nothing about odds.
    let tables: Vec<Cells> = strata
        .iter()
        .filter_map(|stratum| stratum.cells())
        .filter(|cells| cells.a + cells.b > 0.0 && cells.a + cells.b < cells.n)
        .collect();
    let above: f64 = tables.iter().map(|c| c.a * (c.n0 - c.b) / c.n).sum();
    let below: f64 = tables.iter().map(|c| c.b * (c.n1 - c.a) / c.n).sum();
    let freedom = tables.len().checked_sub(1).filter(|freedom| *freedom > 0)?;
    if above <= 0.0 || below <= 0.0 {
        return None;
    }
    let common = above / below;
    let (mut sum, mut off, mut variances) = (0.0, 0.0, 0.0);
    for table in &tables {
        let converted = table.a + table.b;
        let expected = expected(table, common);
        let variance = 1.0
            / (1.0 / expected
                + 1.0 / (converted - expected)
                + 1.0 / (table.n1 - expected)
                + 1.0 / (table.n0 - converted + expected));
        sum += (table.a - expected).powi(2) / variance;
        off += table.a - expected;
        variances += variance;
    }
    let corrected = off * off / variances;
    (sum.is_finite() && corrected.is_finite()).then_some((sum, corrected, freedom))
}

/// How many of the exposed convert under a common odds ratio and the margins of the table.
fn expected(table: &Cells, common: f64) -> f64 {
    let converted = table.a + table.b;
    let square = 1.0 - common;
    let linear = table.n0 - converted + common * (table.n1 + converted);
    let constant = -common * table.n1 * converted;
    // Of the two roots this one lies within the margins; written so that it holds for an odds ratio of 1 as well.
    let root = (linear * linear - 4.0 * square * constant).max(0.0).sqrt();
    -2.0 * constant / (linear + root)
}

/// By how much two ratios differ where it matters which of them is told: the change in estimate of Mickey & Greenland 1989.
const MATTERS: f64 = 1.1;

/// Whether the strata turn the direction around (Simpson 1951): show both.
///
/// Alike the ratio is above 1 where all together it is below, or the reverse, and by a tenth or more: two ratios about 1 lie on either
/// side of it by chance.
pub fn turns_around(strata: &[Stratum]) -> bool {
    let ratio = |strata: &[Stratum]| Some(mantel_haenszel(strata, super::LEVEL)?.value);
    let both = ratio(&[crude(strata)]).zip(ratio(strata));
    both.is_some_and(|(all, alike)| {
        let turns = (all - 1.0) * (alike - 1.0) < 0.0;
        turns && all.max(alike) >= MATTERS * all.min(alike)
    })
}

/// How strongly an unmeasured cause would have to go with both sides to explain a ratio away (Vander Weele & Ding 2017).
///
/// As a ratio; 1 if there is nothing to explain. `None` unless `ratio` is above zero and finite.
pub fn e_value(ratio: f64) -> Option<f64> {
    if !ratio.is_finite() || ratio <= 0.0 {
        return None;
    }
    let ratio = ratio.max(1.0 / ratio);
    Some(ratio + (ratio * (ratio - 1.0)).sqrt())
}

/// The [`e_value`] of the limit nearest to 1: what would make chance enough. 1 if the interval holds 1.
pub fn e_value_of_limit(interval: Interval) -> Option<f64> {
    if interval.low.is_nan() || interval.high.is_nan() {
        return None;
    }
    if interval.low > 1.0 {
        e_value(interval.low)
    } else if interval.high < 1.0 {
        e_value(interval.high)
    } else {
        Some(1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::LEVEL;

    fn close(actual: f64, expected: f64) {
        assert!(
            (actual - expected).abs() < 0.000_06,
            "{actual} is not {expected}"
        );
    }

    fn stratum(a: i64, n1: i64, b: i64, n0: i64) -> Stratum {
        Stratum {
            exposed: Rate::new(a, n1),
            unexposed: Rate::new(b, n0),
        }
    }

    /// Migraine trial in the SAS/STAT manual, PROC FREQ (Koch et al.): better with the drug or the placebo, women and men.
    fn migraine() -> [Stratum; 2] {
        [stratum(16, 27, 5, 25), stratum(12, 28, 7, 26)]
    }

    /// Smoking and lung cancer in eight Chinese cities (Agresti, Categorical Data Analysis), as in statsmodels' manual.
    fn cities() -> Vec<Stratum> {
        [
            (126, 100, 35, 61),
            (908, 688, 497, 807),
            (913, 747, 336, 598),
            (235, 172, 58, 121),
            (402, 308, 121, 215),
            (182, 156, 72, 98),
            (60, 99, 11, 43),
            (104, 89, 21, 36),
        ]
        .map(|(a, c, b, d)| stratum(a, a + c, b, b + d))
        .to_vec()
    }

    #[test]
    fn mantel_haenszel_gives_the_figures_of_the_sas_manual() {
        let better = mantel_haenszel(&migraine(), LEVEL).unwrap();
        close(better.value, 2.1636);
        close(better.interval.low, 1.2336);
        close(better.interval.high, 3.7948);

        let same = migraine().map(|s| {
            stratum(
                s.exposed.n - s.exposed.k,
                s.exposed.n,
                s.unexposed.n - s.unexposed.k,
                s.unexposed.n,
            )
        });
        let same = mantel_haenszel(&same, LEVEL).unwrap();
        close(same.value, 0.6420);
        close(same.interval.low, 0.4705);
        close(same.interval.high, 0.8761);
    }

    #[test]
    fn breslow_day_gives_the_published_figures() {
        let (plain, corrected, freedom) = homogeneity(&migraine()).unwrap();
        close(plain, 1.4929);
        assert_eq!(freedom, 1);
        assert!(corrected > 0.0);
        let found = breslow_day(&migraine()).unwrap();
        close(found.chi_square, 1.4905);
        assert!((found.chance - 0.2221).abs() < 0.000_1);

        let (plain, ..) = homogeneity(&cities()).unwrap();
        assert!((plain - 5.200).abs() < 0.000_5, "{plain}");
        let found = breslow_day(&cities()).unwrap();
        assert_eq!(found.freedom, 7);
        assert!((found.chance - 0.636).abs() < 0.000_5, "{found:?}");
    }

    #[test]
    fn the_pooled_ratio_of_the_cities_is_that_of_statsmodels() {
        let found = mantel_haenszel(&cities(), LEVEL).unwrap();
        assert!((found.value - 1.519).abs() < 0.000_5, "{found:?}");
    }

    /// Kidney stones (Charig et al. 1986): open surgery is better for small and for large stones, and worse for all together.
    #[test]
    fn kidney_stones_turn_around() {
        let stones = [stratum(81, 87, 234, 270), stratum(192, 263, 55, 80)];
        assert!(turns_around(&stones));
        assert_eq!(crude(&stones), stratum(273, 350, 289, 350));
        assert!(mantel_haenszel(&stones, LEVEL).unwrap().value > 1.0);
        assert!(!turns_around(&migraine()));
        assert!(!turns_around(&[]));
        // 1.02 all together and 0.996 alike: the direction turns, and it does not matter.
        let about_one = [
            stratum(281, 1_450, 302, 1_550),
            stratum(650, 1_550, 610, 1_450),
        ];
        assert!(crude(&about_one).exposed.share() > crude(&about_one).unexposed.share());
        assert!(mantel_haenszel(&about_one, LEVEL).unwrap().value < 1.0);
        assert!(!turns_around(&about_one));
    }

    /// Vander Weele & Ding 2017: risk ratio 3.9 (1.8 to 8.7) has E-values of 7.26 and 3.0.
    #[test]
    fn e_values_are_those_of_vander_weele_and_ding_2017() {
        assert!((e_value(3.9).unwrap() - 7.26).abs() < 0.005);
        assert!(
            (e_value_of_limit(Interval {
                low: 1.8,
                high: 8.7
            })
            .unwrap()
                - 3.0)
                .abs()
                < 0.005
        );
        close(e_value(1.0 / 3.9).unwrap(), e_value(3.9).unwrap());
        assert_eq!(e_value(1.0), Some(1.0));
        assert_eq!(
            e_value_of_limit(Interval {
                low: 0.8,
                high: 8.7
            }),
            Some(1.0)
        );
        assert_eq!(e_value(0.0), None);
        assert_eq!(e_value(f64::NAN), None);
    }

    #[test]
    fn without_converters_or_comparisons_there_is_no_ratio() {
        assert_eq!(mantel_haenszel(&[], LEVEL), None);
        assert_eq!(mantel_haenszel(&[stratum(0, 10, 3, 10)], LEVEL), None);
        assert_eq!(mantel_haenszel(&[stratum(3, 10, 0, 0)], LEVEL), None);
        assert_eq!(breslow_day(&[stratum(3, 10, 4, 10)]), None);
        assert_eq!(
            breslow_day(&[stratum(0, 10, 0, 10), stratum(3, 10, 4, 10)]),
            None
        );
        assert_eq!(
            breslow_day(&[stratum(9, 3, 4, 10), stratum(3, 10, 4, 10)]),
            None
        );
    }

    proptest! {
        #[test]
        fn one_stratum_gives_its_own_ratio_and_swapping_inverts_it(
            a in 1_i64..50, c in 0_i64..500, b in 1_i64..50, d in 0_i64..500,
        ) {
            let one = stratum(a, a + c, b, b + d);
            let other = stratum(b, b + d, a, a + c);
            let (there, back) = (mantel_haenszel(&[one], LEVEL).unwrap(), mantel_haenszel(&[other], LEVEL).unwrap());
            let own = one.exposed.share().unwrap() / one.unexposed.share().unwrap();
            prop_assert!((there.value / own - 1.0).abs() < 1e-9);
            prop_assert!((there.value * back.value - 1.0).abs() < 1e-9);
            prop_assert!((there.interval.low * back.interval.high - 1.0).abs() < 1e-9);
            prop_assert!(there.interval.low <= there.value && there.value <= there.interval.high);
        }

        #[test]
        fn homogeneity_is_total(cells in proptest::collection::vec((0_i64..40, 0_i64..40, 0_i64..40, 0_i64..40), 0..6)) {
            let strata: Vec<_> = cells.into_iter().map(|(a, n1, b, n0)| stratum(a, n1, b, n0)).collect();
            if let Some(found) = breslow_day(&strata) {
                prop_assert!((0.0..=1.0).contains(&found.chance));
            }
            turns_around(&strata);
        }
    }
}
