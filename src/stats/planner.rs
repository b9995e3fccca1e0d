//! How large an experiment must be, and how long that takes.

use super::distribution::z_of;

/// An experiment runs whole weeks, as weekdays differ.
const WEEK: i64 = 7;

/// In how many of all cases what is there is to be found.
pub const POWER: f64 = 0.8;

/// Longer than this is too long to wait: visitors, seasons and pages change meanwhile.
const LONG_DAYS: i64 = 60;

/// How many units an experiment needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the arm with the first share.
    pub first: i64,
    /// In the other one.
    pub second: i64,
}

/// How long an experiment takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Whole weeks, in days.
    pub days: i64,
    /// Whether it is longer than two months.
    pub is_long: bool,
}

impl Plan {
    /// Of both arms.
    pub fn total(self) -> i64 {
        self.first.saturating_add(self.second)
    }
}

/// Units in each arm to find that a share is `p2` and not `p1`, with `ratio` units in the second arm for each in the first.
///
/// Fleiss, Levin & Paik 2003 without the correction for continuity. `level` is that of the interval (0.95), `power` the part of cases
/// in which a difference is found (0.8; above a half). `None` if there is no difference to find or a number makes no sense.
pub fn plan(p1: f64, p2: f64, ratio: f64, level: f64, power: f64) -> Option<Plan> {
    let is_share = |p: f64| (0.0..=1.0).contains(&p);
    if !is_share(p1) || !is_share(p2) || p1 == p2 || ratio.is_nan() || ratio <= 0.0 {
        return None;
    }
    let pooled = (p1 + ratio * p2) / (1.0 + ratio);
    let spread = |p: f64| p * (1.0 - p);
    let under_none = z_of(level)? * ((1.0 + 1.0 / ratio) * spread(pooled)).sqrt();
    let under_some = z_of(2.0 * power - 1.0)? * (spread(p1) + spread(p2) / ratio).sqrt();
    let first = ((under_none + under_some) / (p2 - p1)).powi(2);
    Some(Plan {
        first: first.ceil() as i64,
        second: (first * ratio).ceil() as i64,
    })
}

/// Answers after which a share is known to within `half_width` either way, wherever it lies.
///
/// Wilson's interval at one half, where it is widest, solved for n: z²(1/(4w²) − 1). `None` if `half_width` is not between 0 and ½.
pub fn answers_for(half_width: f64, level: f64) -> Option<i64> {
    if half_width.is_nan() || half_width <= 0.0 || half_width >= 0.5 {
        return None;
    }
    let n = z_of(level)?.powi(2) * (1.0 / (4.0 * half_width.powi(2)) - 1.0);
    Some(n.ceil() as i64)
}

/// How many days it takes until `total` units came, at `per_day`: whole weeks, at least one. `None` if none come.
pub fn schedule(total: i64, per_day: f64) -> Option<Schedule> {
    if per_day.is_nan() || per_day <= 0.0 {
        return None;
    }
    let weeks = (total as f64 / per_day / WEEK as f64).ceil().max(1.0) as i64;
    let days = weeks.saturating_mul(WEEK);
    Some(Schedule {
        days,
        is_long: days > LONG_DAYS,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::Rate, *};

    #[test]
    fn the_measured_plans() {
        let of = |p1, p2, ratio| plan(p1, p2, ratio, 0.95, 0.8).unwrap();

        let near = |actual: i64, expected: i64| assert!((actual - expected).abs() <= 1, "{actual}");
        near(of(0.03, 0.033, 1.0).first, 53_210);
        near(of(0.03, 0.033, 1.0).second, 53_210);
        near(of(0.03, 0.036, 1.0).first, 13_914);
        near(of(0.05, 0.055, 1.0).first, 31_233);
        let held_out = of(0.03, 0.033, 9.0);
        assert!((held_out.first - 30_000).abs() < 100, "{held_out:?}");
        assert!((held_out.total() - 300_000).abs() < 1_000, "{held_out:?}");
        assert!((of(0.03, 0.036, 9.0).total() - 79_000).abs() < 500);
    }

    #[test]
    fn the_arms_may_be_swapped() {
        let (there, back) = (
            plan(0.03, 0.036, 9.0, 0.95, 0.8).unwrap(),
            plan(0.036, 0.03, 1.0 / 9.0, 0.95, 0.8).unwrap(),
        );
        assert!((there.first - back.second).abs() <= 1 && (there.second - back.first).abs() <= 1);
    }

    #[test]
    fn what_makes_no_sense_is_not_planned() {
        for (p1, p2, ratio, level, power) in [
            (0.1, 0.1, 1.0, 0.95, 0.8),
            (-0.1, 0.1, 1.0, 0.95, 0.8),
            (0.1, 1.1, 1.0, 0.95, 0.8),
            (0.1, 0.2, 0.0, 0.95, 0.8),
            (0.1, 0.2, 1.0, 1.0, 0.8),
            (0.1, 0.2, 1.0, 0.95, 0.5),
        ] {
            assert_eq!(plan(p1, p2, ratio, level, power), None);
        }
        assert_eq!(schedule(1, 0.0), None);
        assert_eq!(
            schedule(i64::MAX, f64::MIN_POSITIVE).unwrap().days,
            i64::MAX
        );
    }

    #[test]
    fn answers_bear_the_range_that_they_are_planned_for() {
        let half = |k: i64, n: i64| {
            let interval = Rate::new(k, n).wilson().unwrap();
            (interval.high - interval.low) / 2.0
        };
        for width in [0.12, 0.05, 0.02] {
            let n = answers_for(width, 0.95).unwrap();
            assert!((0..=n).all(|k| half(k, n) <= width), "{n} for {width}");
            let fewer = n - n % 2 - 2;
            assert!(half(fewer / 2, fewer) > width, "{n} for {width}");
        }
        // The classic 385 of a Wald interval, less z².
        assert_eq!(answers_for(0.05, 0.95), Some(381));
        for width in [0.0, 0.5, -0.1, f64::NAN] {
            assert_eq!(answers_for(width, 0.95), None);
        }
    }

    #[test]
    fn an_experiment_runs_whole_weeks() {
        let of = |total, per_day| schedule(total, per_day).unwrap();
        assert_eq!(of(10, 1_000.0).days, 7);
        assert_eq!(of(8_000, 1_000.0).days, 14);
        assert!(!of(56_000, 1_000.0).is_long);
        assert!(of(57_000, 1_000.0).is_long);
    }
}
