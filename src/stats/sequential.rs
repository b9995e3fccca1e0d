//! Figures that may be looked at every day: intervals and alarms that hold at every look, not at one that was planned.

use statrs::function::gamma::ln_gamma;

use super::{
    compare::Ratio,
    distribution::chi_square_tail,
    rate::{Interval, Rate},
};

/// Units, both arms together, at which a confidence sequence is tightest where no number was planned.
pub const TIGHT_AT: f64 = 5_000.0;

/// How firmly the planned split is believed before any unit was seen, in units.
const BELIEF: f64 = 10_000.0;

/// Chance under which the split of an experiment is odd.
const SPLIT_WARNING: f64 = 0.01;

/// Chance under which the split of an experiment is wrong.
const SPLIT_ALARM: f64 = 0.001;

/// No experiment gets larger: where reckoning on ends.
const MOST_UNITS: f64 = 1e12;

/// The difference of two shares, with an interval that holds at every look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence {
    /// The share of the one less that of the other.
    pub difference: f64,
    /// Holds the true difference at all looks together in 1 − α of experiments.
    pub interval: Interval,
    /// Evidence against no difference: 20 is as rare as one in twenty.
    pub e: f64,
    /// Chance of as much evidence at this or any other look where there is no difference. Of several looks the least holds.
    pub chance: f64,
}

/// Whether showing a prompt costs conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Harm,
    /// It costs less than the margin, if anything.
    NoMaterialHarm,
    /// Not yet known.
    NotYet {
        /// About how many more eligible visits it takes, if showing changes nothing; `None` if that cannot be told.
        more: Option<i64>,
    },
}

/// Whether units were split between the arms as planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// As planned, but for chance.
    Fine,
    /// Odd: p < 0.01.
    Odd,
    /// Wrong: p < 0.001. No verdict of the experiment holds.
    Wrong,
}

/// How much larger the share of `left` is than that of `right`, valid at every look.
///
/// Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, arXiv 2103.06476; the form and the default of [`TIGHT_AT`] as in gbstats 0.8.
/// `alpha` is the chance of a false alarm over all looks, `tight_at` the number of units in both arms at which the interval is
/// narrowest for its size. The variance is that of shares with half a unit more on each side, so that an arm without any conversion
/// does not look certain.
pub fn confidence_sequence(left: Rate, right: Rate, alpha: f64, tight_at: f64) -> Option<Sequence> {
    let difference = left.fraction()? - right.fraction()?;
    let units = (left.n + right.n) as f64;
    let variance = variance(left) + variance(right);
    let half = half_width(variance, units, alpha, tight_at)?;
    let rho2 = rho_squared(alpha, tight_at)?;
    let spread = units * rho2 + 1.0;
    let e =
        (rho2 * units * difference * difference / (2.0 * variance * spread)).exp() / spread.sqrt();
    Some(Sequence {
        difference,
        interval: Interval {
            low: (difference - half).max(-1.0),
            high: (difference + half).min(1.0),
        },
        e,
        chance: (1.0 / e).min(1.0),
    })
}

/// How many times as large the share of `left` is as that of `right`, valid at every look.
///
/// The ratios r for which p₁ − r·p₂ is not told from nothing: Fieller's set (1954), with the reach of [`confidence_sequence`] in
/// place of Student's t. So it holds one exactly where the interval of the difference holds zero. The upper bound is infinite where
/// the other share may be zero. `None` if both are.
pub fn ratio_sequence(left: Rate, right: Rate, alpha: f64, tight_at: f64) -> Option<Ratio> {
    let (p1, p2) = (left.fraction()?, right.fraction()?);
    let reach = reach((left.n + right.n) as f64, alpha, tight_at)?;
    if left.k == 0 && right.k == 0 {
        return None;
    }
    // The set is that of the r with a·r² − 2·b·r + c ≤ 0.
    let a = p2 * p2 - reach * variance(right);
    let b = p1 * p2;
    let c = p1 * p1 - reach * variance(left);
    let root = (b * b - a * c).max(0.0).sqrt();
    let value = p1 / p2;
    Some(Ratio {
        value,
        interval: Interval {
            low: if c > 0.0 {
                (c / (b + root)).min(value)
            } else {
                0.0
            },
            high: if a > 0.0 {
                ((b + root) / a).max(value)
            } else {
                f64::INFINITY
            },
        },
    })
}

fn variance(rate: Rate) -> f64 {
    let n = rate.n as f64;
    let share = (rate.k as f64 + 0.5) / (n + 1.0);
    share * (1.0 - share) / n
}

/// How far the interval reaches on each side of an estimate with this `variance` after `units`.
fn half_width(variance: f64, units: f64, alpha: f64, tight_at: f64) -> Option<f64> {
    let half = (variance * reach(units, alpha, tight_at)?).sqrt();
    half.is_finite().then_some(half)
}

/// The square of how many standard deviations it reaches.
fn reach(units: f64, alpha: f64, tight_at: f64) -> Option<f64> {
    let spread = units * rho_squared(alpha, tight_at)? + 1.0;
    Some(2.0 * spread * (spread.sqrt() / alpha).ln() / (spread - 1.0))
}

/// The square of what makes the interval tightest at `tight_at` units.
fn rho_squared(alpha: f64, tight_at: f64) -> Option<f64> {
    let is_sound = alpha > 0.0 && alpha < 1.0 && tight_at > 0.0 && tight_at.is_finite();
    let log = -2.0 * alpha.ln();
    is_sound.then(|| (log + (log + 1.0).ln()) / tight_at)
}

/// Whether showing costs conversions, from all eligible visits by arm, whatever was seen or answered.
///
/// Harm: the whole confidence sequence of shown less held out lies below zero. No material harm: it lies above −`margin` of the
/// held-out share (0.05: at most 5 % of conversions). `alpha` and `tight_at` as for [`confidence_sequence`].
pub fn verdict(
    shown: Rate,
    held_out: Rate,
    margin: f64,
    alpha: f64,
    tight_at: f64,
) -> Option<Verdict> {
    let found = confidence_sequence(shown, held_out, alpha, tight_at)?;
    let bearable = margin.max(0.0) * held_out.fraction()?;
    if found.interval.high < 0.0 {
        return Some(Verdict::Harm);
    }
    if bearable > 0.0 && found.interval.low > -bearable {
        return Some(Verdict::NoMaterialHarm);
    }
    let units = (shown.n + held_out.n) as f64;
    // With the same split the variance falls as units grow.
    let unit_variance = (variance(shown) + variance(held_out)) * units;
    let is_enough = |units: f64| {
        half_width(unit_variance / units, units, alpha, tight_at)
            .is_some_and(|half| half < bearable)
    };
    let more = units_until(units, is_enough).map(|needed| (needed - units).ceil().max(1.0) as i64);
    Some(Verdict::NotYet { more })
}

/// The least number of units from `units` on that is enough, to a thousandth; `None` beyond any experiment.
fn units_until(units: f64, is_enough: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut few, mut many) = (units, units);
    while !is_enough(many) {
        few = many;
        many *= 2.0;
        if many > MOST_UNITS {
            return None;
        }
    }
    while many - few > few / 1_000.0 {
        let middle = f64::midpoint(few, many);
        if is_enough(middle) {
            many = middle;
        } else {
            few = middle;
        }
    }
    Some(many)
}

/// Chance of a split at least as far from the planned one (Pearson's chi-square 1900): for one look that was planned.
///
/// Each arm as its units and its planned weight, on any scale. `None` with fewer than two arms, weights that are not above zero, or
/// no unit.
pub fn split_chance(arms: &[(i64, f64)]) -> Option<f64> {
    let (units, weights) = totals(arms)?;
    let distance = arms.iter().map(|(seen, weight)| {
        let expected = units * weight / weights;
        (*seen as f64 - expected).powi(2) / expected
    });
    chi_square_tail(distance.sum(), (arms.len() - 1) as f64)
}

/// Chance of as odd a split at this or any other look: the sequential multinomial test (Lindon & Malek, arXiv 2011.03567).
///
/// Shapes as for [`split_chance`]. Of several looks the least holds.
pub fn split_chance_at_any_look(arms: &[(i64, f64)]) -> Option<f64> {
    evidence_against_split(arms, BELIEF).map(|e| (1.0 / e).min(1.0))
}

/// How much likelier the arms are under any split, each believed by a Dirichlet prior around the planned one, than under that one.
fn evidence_against_split(arms: &[(i64, f64)], belief: f64) -> Option<f64> {
    let (units, weights) = totals(arms)?;
    let mut log = ln_gamma(belief) - ln_gamma(belief + units);
    for (seen, weight) in arms {
        let (seen, planned) = (*seen as f64, weight / weights);
        log += ln_gamma(belief * planned + seen) - ln_gamma(belief * planned) - seen * planned.ln();
    }
    Some(log.exp())
}

fn totals(arms: &[(i64, f64)]) -> Option<(f64, f64)> {
    let is_sound = |(seen, weight): &(i64, f64)| *seen >= 0 && *weight > 0.0 && weight.is_finite();
    if arms.len() < 2 || !arms.iter().all(is_sound) {
        return None;
    }
    let units: i64 = arms.iter().map(|(seen, _)| seen).sum();
    let weights = arms.iter().map(|(_, weight)| weight).sum();
    (units > 0).then_some((units as f64, weights))
}

impl Split {
    /// What a chance says of the split (thresholds of gbstats).
    pub fn of(chance: f64) -> Self {
        if chance < SPLIT_ALARM {
            Self::Wrong
        } else if chance < SPLIT_WARNING {
            Self::Odd
        } else {
            Self::Fine
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALPHA: f64 = 0.05;

    /// gbstats' own tests: an estimate with standard deviation 0.03386 of 3,000 + 3,461 units reaches from 0.40098 to 0.60675; one
    /// with 0.33341, tightest at 1,000, from −0.55844 to 1.56516.
    #[test]
    fn the_width_is_that_of_gbstats() {
        let half = half_width(0.033_86_f64.powi(2), 6_461.0, ALPHA, 5_000.0).unwrap();
        assert!(
            (half - (0.606_75 - 0.400_98) / 2.0).abs() < 0.000_02,
            "{half}"
        );
        let half = half_width(0.333_41_f64.powi(2), 6_461.0, ALPHA, 1_000.0).unwrap();
        assert!(
            (half - (1.565_16 + 0.558_44) / 2.0).abs() < 0.000_05,
            "{half}"
        );
    }

    #[test]
    fn an_arm_without_conversions_does_not_look_certain() {
        let found =
            confidence_sequence(Rate::new(0, 20), Rate::new(0, 20), ALPHA, TIGHT_AT).unwrap();
        assert!(
            found.interval.low < -0.1 && found.interval.high > 0.1,
            "{found:?}"
        );
        assert_eq!(
            confidence_sequence(Rate::new(0, 0), Rate::new(1, 2), ALPHA, TIGHT_AT),
            None
        );
        assert_eq!(
            confidence_sequence(Rate::new(1, 2), Rate::new(1, 2), 0.0, TIGHT_AT),
            None
        );
        assert_eq!(
            confidence_sequence(Rate::new(1, 2), Rate::new(1, 2), ALPHA, 0.0),
            None
        );
    }

    #[test]
    fn a_verdict_is_harm_no_harm_or_how_many_more() {
        let shown = Rate::new(2_400, 90_000);
        assert_eq!(
            verdict(shown, Rate::new(400, 10_000), 0.05, ALPHA, TIGHT_AT),
            Some(Verdict::Harm)
        );
        let much = Rate::new(2_000_000, 4_000_000);
        assert_eq!(
            verdict(much, much, 0.05, ALPHA, TIGHT_AT),
            Some(Verdict::NoMaterialHarm)
        );
        let few = verdict(Rate::new(45, 900), Rate::new(5, 100), 0.05, ALPHA, TIGHT_AT);
        let Some(Verdict::NotYet { more: Some(more) }) = few else {
            panic!("{few:?}")
        };
        // With that many more of the same it is known.
        let grown =
            |k: i64, n: i64| Rate::new(k * (1_000 + more) / 1_000, n * (1_000 + more) / 1_000);
        assert_eq!(
            verdict(grown(45, 900), grown(5, 100), 0.05, ALPHA, TIGHT_AT),
            Some(Verdict::NoMaterialHarm)
        );
        // Of a share of nothing no part can be borne.
        assert_eq!(
            verdict(Rate::new(0, 10), Rate::new(0, 10), 0.05, ALPHA, TIGHT_AT),
            Some(Verdict::NotYet { more: None })
        );
        assert_eq!(
            verdict(Rate::new(0, 10), Rate::new(0, 0), 0.05, ALPHA, TIGHT_AT),
            None
        );
    }

    /// Mendel's 556 peas against 9 : 3 : 3 : 1, as in every textbook: chi-square 0.470, p 0.925.
    #[test]
    fn the_split_of_mendels_peas() {
        let peas = [(315, 9.0), (108, 3.0), (101, 3.0), (32, 1.0)];
        assert!((split_chance(&peas).unwrap() - 0.925).abs() < 0.000_5);
        assert_eq!(Split::of(split_chance(&peas).unwrap()), Split::Fine);
        let split = split_chance(&[(1_000, 0.5), (1_200, 0.5)]).unwrap();
        assert_eq!(Split::of(split), Split::Wrong);
        assert_eq!(Split::of(0.005), Split::Odd);
    }

    /// Two arms believed with one unit each are a uniform prior: 10 of 10 are 2^10 / 11 times as likely.
    #[test]
    fn the_sequential_split_is_the_ratio_of_the_likelihoods() {
        let found = evidence_against_split(&[(10, 1.0), (0, 1.0)], 2.0).unwrap();
        assert!((found - 1_024.0 / 11.0).abs() < 1e-9, "{found}");
        assert!(split_chance_at_any_look(&[(50_000, 1.0), (51_500, 1.0)]).unwrap() < 0.001);
        assert_eq!(
            split_chance_at_any_look(&[(50_000, 1.0), (50_050, 1.0)]),
            Some(1.0)
        );
        for arms in [
            &[][..],
            &[(1, 1.0)],
            &[(0, 1.0), (0, 1.0)],
            &[(1, 0.0), (1, 1.0)],
            &[(-1, 1.0), (3, 1.0)],
        ] {
            assert_eq!(split_chance(arms), None);
            assert_eq!(split_chance_at_any_look(arms), None);
        }
    }

    /// Where Fieller's bounds lie, the difference that they speak of lies at the end of its interval.
    #[test]
    fn a_ratio_reaches_to_where_the_weighted_difference_does() {
        let (left, right) = (Rate::new(180, 9_000), Rate::new(40, 1_000));
        let found = ratio_sequence(left, right, ALPHA, TIGHT_AT).unwrap();
        assert_eq!(found.value, 0.5);
        for bound in [found.interval.low, found.interval.high] {
            let weighted = variance(left) + bound * bound * variance(right);
            let half = half_width(weighted, 10_000.0, ALPHA, TIGHT_AT).unwrap();
            assert!(((0.02 - bound * 0.04).abs() - half).abs() < 1e-12);
        }

        let none = ratio_sequence(Rate::new(9, 900), Rate::new(0, 100), ALPHA, TIGHT_AT).unwrap();
        assert_eq!(
            (none.value, none.interval.high),
            (f64::INFINITY, f64::INFINITY)
        );
        let gone = ratio_sequence(Rate::new(0, 900), Rate::new(9, 100), ALPHA, TIGHT_AT).unwrap();
        assert_eq!((gone.value, gone.interval.low), (0.0, 0.0));
        let (no, yes) = (Rate::new(0, 9), Rate::new(1, 9));
        assert_eq!(ratio_sequence(no, no, ALPHA, TIGHT_AT), None);
        assert_eq!(ratio_sequence(yes, Rate::new(0, 0), ALPHA, TIGHT_AT), None);
        assert_eq!(ratio_sequence(yes, yes, 0.0, TIGHT_AT), None);
    }

    proptest! {
        #[test]
        fn the_ratio_and_the_difference_say_the_same(
            (k1, n1) in (1_i64..100_000).prop_flat_map(|n| (0..=n, Just(n))),
            (k2, n2) in (1_i64..100_000).prop_flat_map(|n| (1..=n, Just(n))),
        ) {
            let (left, right) = (Rate::new(k1, n1), Rate::new(k2, n2));
            let difference = confidence_sequence(left, right, ALPHA, TIGHT_AT).unwrap();
            let ratio = ratio_sequence(left, right, ALPHA, TIGHT_AT).unwrap();
            let Interval { low, high } = ratio.interval;
            prop_assert!(0.0 <= low && low <= ratio.value && ratio.value <= high);
            prop_assert_eq!(low <= 1.0 && 1.0 <= high, difference.interval.contains_zero());
        }

        #[test]
        fn swapping_the_arms_negates_and_the_interval_and_the_chance_agree(
            (k1, n1) in (1_i64..100_000).prop_flat_map(|n| (0..=n, Just(n))),
            (k2, n2) in (1_i64..100_000).prop_flat_map(|n| (0..=n, Just(n))),
        ) {
            let there = confidence_sequence(Rate::new(k1, n1), Rate::new(k2, n2), ALPHA, TIGHT_AT).unwrap();
            let back = confidence_sequence(Rate::new(k2, n2), Rate::new(k1, n1), ALPHA, TIGHT_AT).unwrap();
            prop_assert!((there.interval.low + back.interval.high).abs() < 1e-9);
            prop_assert!(there.interval.low <= there.difference && there.difference <= there.interval.high);
            prop_assert_eq!(there.interval.contains_zero(), there.chance >= ALPHA);
        }
    }
}
