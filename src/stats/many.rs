//! Many comparisons at once: what holds when one of twenty would by chance alone.

use super::rate::{Interval, LEVEL, Rate};

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
        if open == 0 || open == before {
            return found.into_iter().map(|(_, found, _)| found).collect();
        }
        let level = 1.0 - (1.0 - LEVEL) / open as f64;
        for (other, difference, is_open) in found.iter_mut().filter(|(.., is_open)| *is_open) {
            *difference = other.difference_at(first, level);
            *is_open = difference.is_some_and(|(_, interval)| interval.contains_zero());
        }
        before = open;
    }
}

/// For each of the tested chances of error, the share of false discoveries among it and all smaller ones (q-value).
///
/// Step-up: q of the i-th smallest of `m` is the least `m / j · p(j)` with `j ≥ i` (Benjamini & Hochberg 1995). Give all that was
/// looked at, not what is shown. What could not be tested (`None`, not a number) keeps its place, has no q-value and does not count.
pub fn benjamini_hochberg(chances: &[Option<f64>]) -> Vec<Option<f64>> {
    step_up(chances, |_| 1.0)
}

/// [`benjamini_hochberg`] for tests that depend on each other in any way: larger by `1 + 1/2 + … + 1/m` (Benjamini & Yekutieli 2001).
pub fn benjamini_yekutieli(chances: &[Option<f64>]) -> Vec<Option<f64>> {
    step_up(chances, |tested| {
        (1..=tested).map(|rank| 1.0 / rank as f64).sum()
    })
}

fn step_up(chances: &[Option<f64>], factor: impl Fn(usize) -> f64) -> Vec<Option<f64>> {
    let mut ordered: Vec<(usize, f64)> = chances
        .iter()
        .enumerate()
        .filter_map(|(place, chance)| chance.map(|chance| (place, chance)))
        .filter(|(_, chance)| !chance.is_nan())
        .collect();
    ordered.sort_by(|(_, left), (_, right)| left.total_cmp(right));
    let tested = ordered.len();
    let all = tested as f64 * factor(tested);
    let mut found = vec![None; chances.len()];
    let mut least = 1.0_f64;
    for (rank, (place, chance)) in ordered.iter().enumerate().rev() {
        least = least.min(all / (rank + 1) as f64 * chance);
        if let Some(found) = found.get_mut(*place) {
            *found = Some(least.max(0.0));
        }
    }
    found
}

/// The level at which to show the intervals of `selected` items that were chosen among `tested` because they stood out.
///
/// 1 − α · R / m, so that at most α of the shown intervals miss (false coverage rate, Benjamini & Yekutieli 2005). `None` if nothing
/// was selected or more than was tested.
pub fn shown_level(selected: usize, tested: usize, level: f64) -> Option<f64> {
    let is_part = selected > 0 && selected <= tested;
    is_part.then(|| 1.0 - (1.0 - level) * selected as f64 / tested as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!(
            (actual - expected).abs() < 0.000_05,
            "{actual} is not {expected}"
        );
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

    /// The fifteen chances of Benjamini & Hochberg 1995, section 3.3: four are rejected at 5 %, by Bonferroni only three.
    const PUBLISHED: [f64; 15] = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ];

    #[test]
    fn four_of_the_fifteen_of_benjamini_and_hochberg_1995_hold() {
        let chances: Vec<_> = PUBLISHED.iter().rev().copied().map(Some).collect();
        let found = benjamini_hochberg(&chances);

        assert_eq!(found.iter().flatten().filter(|q| **q <= 0.05).count(), 4);
        close(found[14].unwrap(), 0.0015);
        close(found[11].unwrap(), 0.0356);
        close(found[0].unwrap(), 1.0);
        // The seventh, 0.0298, is held down by no later one: 15 / 7 · 0.0298.
        close(found[8].unwrap(), 0.0639);
    }

    #[test]
    fn dependence_costs_the_harmonic_sum() {
        let chances: Vec<_> = PUBLISHED.iter().copied().map(Some).collect();
        let found = benjamini_yekutieli(&chances);

        // 1 + 1/2 + … + 1/15 = 3.3182.
        close(found[0].unwrap(), 0.0015 * 3.3182);
        assert_eq!(found.iter().flatten().filter(|q| **q <= 0.05).count(), 3);
    }

    #[test]
    fn what_was_not_tested_keeps_its_place_and_does_not_count() {
        assert_eq!(
            benjamini_hochberg(&[None, Some(0.02), Some(f64::NAN), Some(0.5)]),
            [None, Some(0.04), None, Some(0.5)]
        );
        assert_eq!(benjamini_hochberg(&[]), []);
    }

    #[test]
    fn shown_intervals_widen_with_what_was_left_out() {
        close(shown_level(4, 15, 0.95).unwrap(), 1.0 - 0.05 * 4.0 / 15.0);
        assert_eq!(shown_level(0, 15, 0.95), None);
        assert_eq!(shown_level(16, 15, 0.95), None);
    }
}
