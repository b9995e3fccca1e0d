//! Weights that make those who answered stand for all who could have been asked.

mod cells;
mod raking;

pub use self::{
    cells::{Cell, post_stratify},
    raking::{Raked, Row, rake},
};
use super::rate::{Interval, Rate, wilson_weighted};

/// Weights stay between these parts of their median.
const TRIM: (f64, f64) = (0.3, 5.0);

/// Of a share digits beyond these tell nothing.
const DIGITS: f64 = 1e12;

/// Shares further apart than this, as fractions of one, are told to differ.
const APART: f64 = 0.05;

/// From here on answers are representative.
const GOOD: f64 = 0.8;

/// Under this they are not.
const POOR: f64 = 0.6;

/// A share of weighted answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedShare {
    /// As a fraction of one.
    pub share: f64,
    /// How many equally weighted answers would be as good (Kish).
    pub answers: f64,
    /// Wilson's interval with that number.
    pub interval: Interval,
}

/// How much those who answered are like all who could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representative {
    /// R of 0.8 or more.
    Good,
    /// Between.
    Fair,
    /// R below 0.6.
    Poor,
}

/// The weights cut to 0.3 to 5 times their median, then scaled to the sum they had. Those that are no weight count as none.
pub fn trim(weights: &[f64]) -> Vec<f64> {
    let sound = |weight: f64| {
        if weight.is_finite() {
            weight.max(0.0)
        } else {
            0.0
        }
    };
    let weights: Vec<f64> = weights.iter().copied().map(sound).collect();
    let Some(median) = median(&weights).filter(|median| *median > 0.0) else {
        return weights;
    };
    let cut: Vec<f64> = weights
        .iter()
        .map(|weight| weight.clamp(TRIM.0 * median, TRIM.1 * median))
        .collect();
    let scale = weights.iter().sum::<f64>() / cut.iter().sum::<f64>();
    cut.into_iter().map(|weight| weight * scale).collect()
}

fn median(weights: &[f64]) -> Option<f64> {
    let mut ordered = weights.to_vec();
    ordered.sort_by(f64::total_cmp);
    let upper = *ordered.get(ordered.len() / 2)?;
    let lower = *ordered.get((ordered.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// How many equally weighted answers would be as good: (Σw)² / Σw² (Kish 1965). `None` without weight.
pub fn effective_answers(weights: &[f64]) -> Option<f64> {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    (squares > 0.0 && squares.is_finite()).then(|| sum * sum / squares)
}

/// The weighted share of answers that gave a reason: each answer as its weight and whether it did.
pub fn weighted_share(answers: &[(f64, bool)], level: f64) -> Option<WeightedShare> {
    let weights: Vec<f64> = answers.iter().map(|(weight, _)| *weight).collect();
    let effective = effective_answers(&weights)?;
    let all: f64 = weights.iter().sum();
    let with: f64 = answers
        .iter()
        .filter(|(_, did)| *did)
        .fold(0.0, |sum, (weight, _)| sum + weight);
    // The parts of a sum may differ from it in the last digits, and a share of 37.5 % be one of 37.499….
    let share = ((with / all).clamp(0.0, 1.0) * DIGITS).round() / DIGITS;
    Some(WeightedShare {
        share,
        answers: effective,
        interval: wilson_weighted(share, effective, level)?,
    })
}

/// Whether a raw and an adjusted share differ so much that it is said beside them: by more than 5 points.
pub fn is_apart(raw: f64, adjusted: f64) -> bool {
    (raw - adjusted).abs() > APART
}

/// The R-indicator: 1 − 2 · the standard deviation of the response rate over everybody (Schouten, Cobben & Bethlehem 2009).
///
/// From the response of each cell: how many answered (k) of everybody in it (n). 1 if all cells answer alike. `None` of fewer than two
/// people.
pub fn representativity(cells: &[Rate]) -> Option<f64> {
    let cells = || {
        cells
            .iter()
            .filter_map(|cell| Some((cell.n as f64, cell.fraction()?)))
    };
    let people: f64 = cells().map(|(n, _)| n).sum();
    if people < 2.0 {
        return None;
    }
    let mean = cells().map(|(n, rate)| n * rate).sum::<f64>() / people;
    let squares: f64 = cells().map(|(n, rate)| n * (rate - mean).powi(2)).sum();
    Some(1.0 - 2.0 * (squares / (people - 1.0)).sqrt())
}

impl Representative {
    /// What an R-indicator says.
    pub fn of(indicator: f64) -> Self {
        if indicator >= GOOD {
            Self::Good
        } else if indicator >= POOR {
            Self::Fair
        } else {
            Self::Poor
        }
    }
}

/// Where the share among `people` lies whatever the silent would have said: from k / N to (k + N − n) / N (Manski 1989).
///
/// `None` of nobody, or if more answered than there were.
pub fn worst_case(answered: Rate, people: i64) -> Option<Interval> {
    let is_sound =
        people > 0 && 0 <= answered.k && answered.k <= answered.n && answered.n <= people;
    is_sound.then(|| Interval {
        low: answered.k as f64 / people as f64,
        high: (answered.k + people - answered.n) as f64 / people as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::LEVEL;

    #[test]
    fn what_nobody_named_is_zero_and_equal_shares_are_written_alike() {
        let none = weighted_share(&[(1.0, false); 30], 0.95).unwrap();
        assert!(none.share.is_sign_positive(), "not -0 %");
        let each = |n: usize, did| std::iter::repeat_n((0.1 + 0.2, did), n);
        let answers: Vec<_> = each(15, true).chain(each(25, false)).collect();
        assert_eq!(weighted_share(&answers, 0.95).unwrap().share, 0.375);
    }

    #[test]
    fn weights_are_cut_and_keep_their_sum() {
        let found = trim(&[0.1, 1.0, 1.0, 1.0, 20.0]);
        let scale = 23.1 / 8.3;

        for (actual, expected) in found.iter().zip([0.3, 1.0, 1.0, 1.0, 5.0]) {
            assert!((actual - expected * scale).abs() < 1e-9, "{found:?}");
        }
        assert_eq!(trim(&[2.0, 4.0]), [2.0, 4.0]);
        assert_eq!(trim(&[f64::NAN, -1.0]), [0.0, 0.0]);
        assert!(trim(&[]).is_empty());
    }

    #[test]
    fn unequal_weights_are_worth_fewer_answers() {
        assert_eq!(effective_answers(&[2.0; 50]), Some(50.0));
        // (1 + 3)² / (1 + 9).
        assert_eq!(effective_answers(&[1.0, 3.0]), Some(1.6));
        assert_eq!(effective_answers(&[]), None);
        assert_eq!(effective_answers(&[0.0]), None);
    }

    #[test]
    fn a_weighted_share_has_the_interval_of_its_effective_number() {
        let answers: Vec<(f64, bool)> = (0..263).map(|answer| (0.7, answer < 81)).collect();
        let found = weighted_share(&answers, LEVEL).unwrap();
        let plain = Rate::new(81, 263).wilson().unwrap();

        assert!(
            (found.interval.low - plain.low).abs() < 1e-9
                && (found.interval.high - plain.high).abs() < 1e-9
        );
        let uneven = weighted_share(&[(3.0, true), (1.0, false)], LEVEL).unwrap();
        assert_eq!((uneven.share, uneven.answers), (0.75, 1.6));
        assert_eq!(weighted_share(&[], LEVEL), None);
        assert!(is_apart(0.174, 0.260) && !is_apart(0.25, 0.26));
    }

    #[test]
    fn cells_that_answer_alike_are_representative() {
        assert_eq!(
            representativity(&[Rate::new(10, 100), Rate::new(2, 20)]),
            Some(1.0)
        );
        // All or none in halves: the largest standard deviation there is.
        let found = representativity(&[Rate::new(5_000, 5_000), Rate::new(0, 5_000)]).unwrap();
        assert!(found.abs() < 0.001, "{found}");
        assert_eq!(representativity(&[]), None);
        assert_eq!(representativity(&[Rate::new(3, 2), Rate::new(0, 0)]), None);
        assert_eq!(Representative::of(0.8), Representative::Good);
        assert_eq!(Representative::of(0.79), Representative::Fair);
        assert_eq!(Representative::of(0.59), Representative::Poor);
    }

    #[test]
    fn the_silent_may_have_said_anything() {
        let found = worst_case(Rate::new(20, 80), 200).unwrap();
        assert_eq!((found.low, found.high), (0.1, 0.7));
        assert_eq!(worst_case(Rate::new(20, 80), 0), None);
        assert_eq!(worst_case(Rate::new(20, 80), 79), None);
    }
}
