//! Scores of the usual questions: NPS, CSAT, CES.

use super::{
    distribution::{t_of, z_of},
    rate::{Interval, LEVEL, Rate},
};

/// What the adjusted Wald interval adds to the promoters and to the detractors.
const ADDED_SIDE: f64 = 0.75;

/// What it adds to all answers.
const ADDED_ALL: f64 = 3.0;

/// A score with its interval, on the scale of the score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The score.
    pub value: f64,
    /// Where it may lie; `None` if that cannot be told.
    pub interval: Option<Interval>,
}

/// Answers to “how likely is it that you would recommend”, or their weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recommending {
    /// 9 and 10.
    pub promoters: f64,
    /// 7 and 8.
    pub passives: f64,
    /// 0 to 6.
    pub detractors: f64,
    /// How many answers they stand for: their number, or with weights Kish's effective number.
    pub answers: f64,
}

impl Recommending {
    /// From the number of answers of each score, 0 first; what is missing was not given.
    pub fn of(answers: &[i64]) -> Self {
        let sum = |from: usize, to: usize| -> f64 {
            let within = answers.iter().take(to + 1).skip(from);
            within.map(|count| *count as f64).sum()
        };
        Self {
            promoters: sum(9, 10),
            passives: sum(7, 8),
            detractors: sum(0, 6),
            answers: sum(0, 10),
        }
    }

    /// Promoters and detractors as parts of all; `None` of nobody, or of less than nobody.
    fn parts(self) -> Option<(f64, f64)> {
        let all = self.promoters + self.passives + self.detractors;
        let is_sound = [self.promoters, self.passives, self.detractors]
            .iter()
            .all(|count| *count >= 0.0);
        (is_sound && all > 0.0 && all.is_finite() && self.answers > 0.0)
            .then(|| (self.promoters / all, self.detractors / all))
    }

    /// The variance of the difference of the parts, and its middle, with the adjustment.
    fn adjusted(self) -> Option<(f64, f64)> {
        let (promoters, detractors) = self.parts()?;
        let all = self.answers + ADDED_ALL;
        let p = (promoters * self.answers + ADDED_SIDE) / all;
        let d = (detractors * self.answers + ADDED_SIDE) / all;
        Some((p - d, (p + d - (p - d).powi(2)) / all))
    }
}

/// The Net Promoter Score, −100 to 100: promoters less detractors of 100 answers.
///
/// The score is the plain one; the interval is the adjusted Wald one (Rocks 2016): ¾ more promoters, ¾ more detractors, 3 more answers.
pub fn nps(answers: Recommending, level: f64) -> Option<Score> {
    let (promoters, detractors) = answers.parts()?;
    let value = 100.0 * (promoters - detractors);
    let (middle, variance) = answers.adjusted()?;
    let half = z_of(level)? * variance.sqrt();
    Some(Score {
        value,
        interval: Some(Interval {
            low: (100.0 * (middle - half)).max(-100.0).min(value),
            high: (100.0 * (middle + half)).min(100.0).max(value),
        }),
    })
}

/// How much larger the one NPS is than the other; the adjusted variances add up (Rocks 2016).
pub fn nps_difference(left: Recommending, right: Recommending, level: f64) -> Option<Score> {
    let value = nps(left, level)?.value - nps(right, level)?.value;
    let ((m1, v1), (m2, v2)) = (left.adjusted()?, right.adjusted()?);
    let half = z_of(level)? * (v1 + v2).sqrt();
    Some(Score {
        value,
        interval: Some(Interval {
            low: (100.0 * (m1 - m2 - half)).min(value),
            high: (100.0 * (m1 - m2 + half)).max(value),
        }),
    })
}

/// Customer satisfaction: the two best of the scores, from the number of answers of each, worst first. Show it with Wilson's interval.
pub fn csat(answers: &[i64]) -> Rate {
    top(answers, 2)
}

/// Customer effort: the mean with Student's interval, scores counted from 1, and the three best with Wilson's.
///
/// From the number of answers of each score, lowest first. `None` of no answer; one answer has no interval.
pub fn ces(answers: &[i64]) -> Option<(Score, Rate)> {
    let Spread { n, mean, variance } = Spread::of(answers)?;
    let half = t_of(LEVEL, n - 1.0).map(|t| t * (variance / n).sqrt());
    let interval = half.map(|half| Interval {
        low: (mean - half).max(1.0),
        high: (mean + half).min(answers.len() as f64),
    });
    let score = Score {
        value: mean,
        interval,
    };
    Some((score, top(answers, 3)))
}

/// How much higher the mean of the one is than that of the other, from the number of answers of each score, lowest first.
///
/// Welch's interval (1947), which does not take both to vary alike. `None` where nobody answered; none where one of them did alone.
pub fn mean_difference(left: &[i64], right: &[i64], level: f64) -> Option<Score> {
    Some(welch(Spread::of(left)?, Spread::of(right)?, level))
}

/// How answers lie around their mean.
#[derive(Clone, Copy, Debug)]
struct Spread {
    n: f64,
    mean: f64,
    /// Of the sample: divided by one less than `n`.
    variance: f64,
}

impl Spread {
    fn of(answers: &[i64]) -> Option<Self> {
        let scored = || {
            (1..)
                .zip(answers)
                .map(|(score, count)| (f64::from(score), *count as f64))
        };
        let n: f64 = scored().map(|(_, count)| count).sum();
        if n <= 0.0 || answers.iter().any(|count| *count < 0) {
            return None;
        }
        let mean = scored().map(|(score, count)| score * count).sum::<f64>() / n;
        let squares: f64 = scored()
            .map(|(score, count)| count * (score - mean).powi(2))
            .sum();
        Some(Self {
            n,
            mean,
            variance: squares / (n - 1.0),
        })
    }
}

fn welch(left: Spread, right: Spread, level: f64) -> Score {
    let value = left.mean - right.mean;
    let of_mean = |it: Spread| it.variance / it.n;
    let (l, r) = (of_mean(left), of_mean(right));
    let freedom = (l + r).powi(2) / (l.powi(2) / (left.n - 1.0) + r.powi(2) / (right.n - 1.0));
    // Where neither varies there is nothing to divide by, and no interval.
    let half = t_of(level, freedom).map(|t| t * (l + r).sqrt());
    Score {
        value,
        interval: half.map(|half| Interval {
            low: value - half,
            high: value + half,
        }),
    }
}

fn top(answers: &[i64], best: usize) -> Rate {
    Rate::new(answers.iter().rev().take(best).sum(), answers.iter().sum())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!(
            (actual - expected).abs() < 0.005,
            "{actual} is not {expected}"
        );
    }

    fn of(promoters: f64, passives: f64, detractors: f64) -> Recommending {
        Recommending {
            promoters,
            passives,
            detractors,
            answers: promoters + passives + detractors,
        }
    }

    #[test]
    fn nps_of_fifty_thirty_and_twenty() {
        let found = nps(of(50.0, 30.0, 20.0), LEVEL).unwrap();

        close(found.value, 30.0);
        close(found.interval.unwrap().low, 14.05);
        close(found.interval.unwrap().high, 44.20);
        assert_eq!(
            Recommending::of(&[1, 0, 4, 0, 5, 0, 10, 20, 10, 20, 30]),
            of(50.0, 30.0, 20.0)
        );
    }

    #[test]
    fn weights_widen_and_nobody_has_no_score() {
        let plain = of(50.0, 30.0, 20.0);
        let weighted = Recommending {
            answers: 60.0,
            ..plain
        };
        let width = |answers| {
            nps(answers, LEVEL)
                .unwrap()
                .interval
                .map(|found| found.high - found.low)
        };
        assert!(width(weighted) > width(plain));
        assert_eq!(nps(of(0.0, 0.0, 0.0), LEVEL), None);
        assert_eq!(nps(of(-1.0, 3.0, 0.0), LEVEL), None);
        assert_eq!(nps(Recommending::of(&[]), LEVEL), None);
        assert_eq!(nps_difference(plain, of(0.0, 0.0, 0.0), LEVEL), None);
    }

    /// Two independent scores as above: the half width is that of one, 15.08, times the root of two.
    #[test]
    fn variances_of_two_scores_add_up() {
        let score = of(50.0, 30.0, 20.0);
        let found = nps_difference(score, score, LEVEL).unwrap();

        assert_eq!(found.value, 0.0);
        let half = (44.20 - 14.05) / 2.0 * 2_f64.sqrt();
        assert!(
            (found.interval.unwrap().high - half).abs() < 0.02,
            "{found:?}"
        );
    }

    #[test]
    fn csat_is_the_two_best() {
        assert_eq!(csat(&[3, 4, 10, 20, 13]), Rate::new(33, 50));
        assert_eq!(csat(&[]).share(), None);
    }

    /// Student's own example would do; by hand: 2, 4, 4, 5, 5, 7 has mean 4.5, standard deviation 1.6432, t(5) 2.5706.
    #[test]
    fn ces_is_a_mean_with_students_interval() {
        let (mean, top) = ces(&[0, 1, 0, 2, 2, 0, 1]).unwrap();

        close(mean.value, 4.5);
        close(
            mean.interval.unwrap().low,
            4.5 - 2.570_6 * 1.643_2 / 6_f64.sqrt(),
        );
        close(
            mean.interval.unwrap().high,
            4.5 + 2.570_6 * 1.643_2 / 6_f64.sqrt(),
        );
        assert_eq!(top, Rate::new(3, 6));
        assert_eq!(ces(&[0, 0, 1]).unwrap().0.interval, None);
        assert_eq!(ces(&[0; 7]), None);
        assert_eq!(ces(&[]), None);
    }

    /// Student's sleep data, as R's `t.test(extra ~ group, data = sleep)` has them: −1.58, 95 % −3.3654832 to 0.2054832.
    #[test]
    fn means_differ_as_welch_has_it() {
        let of = |mean, variance| Spread {
            n: 10.0,
            mean,
            variance,
        };
        let found = welch(of(0.75, 3.200_556), of(2.33, 4.009), LEVEL);

        close(found.value, -1.58);
        close(found.interval.unwrap().low, -3.365_483_2);
        close(found.interval.unwrap().high, 0.205_483_2);
        let (few, alike) = ([0, 0, 1], [0, 0, 5]);
        assert_eq!(
            mean_difference(&few, &[0, 2, 3], LEVEL).unwrap().interval,
            None
        );
        assert_eq!(
            mean_difference(&alike, &alike, LEVEL).unwrap().interval,
            None
        );
        assert_eq!(mean_difference(&[], &alike, LEVEL), None);
    }

    proptest! {
        #[test]
        fn swapping_negates_the_difference_and_intervals_hold_the_score(a in 0_u32..99, b in 0_u32..99, c in 1_u32..99, d in 1_u32..99) {
            let (left, right) = (of(a.into(), b.into(), c.into()), of(d.into(), a.into(), b.into()));
            let (there, back) = (nps_difference(left, right, LEVEL).unwrap(), nps_difference(right, left, LEVEL).unwrap());
            prop_assert!((there.value + back.value).abs() < 1e-9);
            prop_assert!((there.interval.unwrap().low + back.interval.unwrap().high).abs() < 1e-9);
            let found = nps(left, LEVEL).unwrap();
            let interval = found.interval.unwrap();
            prop_assert!(-100.0 <= interval.low && interval.low <= found.value);
            prop_assert!(found.value <= interval.high && interval.high <= 100.0);
        }
    }
}
