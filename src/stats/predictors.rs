//! Which visits count as having done something before they converted: three ways to cut the time, and what may be said of each.
//!
//! A visit that converts early has had little time to do anything else first. Comparing whoever did something before converting with
//! the rest therefore finds effects where there are none (immortal time, Suissa 2008), unless the chance of converting is the same
//! all along. A landmark and risk sets cut time so that it does not happen; a hidden intent that drives both stays.

use super::{
    rate::{ENOUGH, Interval},
    stratified::Stratum,
};

/// Converters on each side that a strong claim needs.
const STRONG_CONVERTERS: i64 = 10;

/// Share of false discoveries that a strong claim stays under.
const STRONG_Q: f64 = 0.05;

/// Ratios between these are no strong claim.
const STRONG_RATIO: Interval = Interval {
    low: 0.9,
    high: 1.1,
};

/// How many are expected at least in each cell of what is shown.
const EXPECTED_CELL: f64 = 5.0;

/// Ratios further apart than this do not tell the same.
const APART: f64 = 1.25;

/// One visit, in milliseconds of its own time, from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// First time of what may go with converting.
    pub exposed_at: Option<i64>,
    /// First time of the conversion.
    pub converted_at: Option<i64>,
    /// When it was last seen; if it converted, nothing after that counts.
    pub ended_at: i64,
}

/// How much may be said of a predictor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Large enough, clear enough, and not one of many that stand out by chance.
    Strong,
    /// Shown with its interval.
    Shown,
    /// Not enough data.
    TooFew {
        /// About how many more visits it needs if they are like those so far; `None` if that cannot be told.
        more: Option<i64>,
    },
}

impl Followed {
    fn is_exposed_first(&self) -> bool {
        self.exposed_at.is_some_and(|exposed| {
            self.converted_at
                .is_none_or(|converted| exposed < converted)
        })
    }

    /// Until when it could still convert.
    pub(super) fn open_until(&self) -> i64 {
        self.converted_at.unwrap_or(self.ended_at)
    }
}

/// Whoever did it before converting, or did it and never converted, beside all others.
///
/// Right only if the chance of converting is the same all through the visit; shown beside, never alone.
pub fn before_only(visits: &[Followed]) -> Stratum {
    let mut found = Stratum::default();
    for visit in visits {
        add(
            &mut found,
            visit.is_exposed_first(),
            visit.converted_at.is_some(),
        );
    }
    found
}

/// Visits that were open and had not converted `at` milliseconds: those who had done it by then, beside those who had not.
///
/// Landmark analysis (Anderson, Cain & Gelber 1983); what is counted is converting after it.
pub fn landmark(visits: &[Followed], at: i64) -> Stratum {
    let mut found = Stratum::default();
    for visit in visits.iter().filter(|visit| visit.open_until() > at) {
        let is_exposed = visit.exposed_at.is_some_and(|exposed| exposed <= at);
        add(&mut found, is_exposed, visit.converted_at.is_some());
    }
    found
}

fn add(to: &mut Stratum, is_exposed: bool, is_converted: bool) {
    let rate = if is_exposed {
        &mut to.exposed
    } else {
        &mut to.unexposed
    };
    rate.n += 1;
    rate.k += i64::from(is_converted);
}

/// Whether two ratios of the same predictor tell different things: other directions, or more than 25 % apart.
pub fn disagree(one: f64, other: f64) -> bool {
    (one - 1.0) * (other - 1.0) < 0.0 || one.max(other) > APART * one.min(other)
}

/// How much may be said of a comparison whose ratio has the interval `interval`, with the q-value `q` among all that were tested.
///
/// Shown: 30 on each side and 5 expected in each cell. Strong: also 10 converters on each side, q below 5 %, and a ratio beyond 1.1 or
/// under 0.9 with its whole interval.
pub fn standing(compared: Stratum, interval: Option<Interval>, q: Option<f64>) -> Standing {
    let needed = growth(compared);
    if needed.is_none_or(|growth| growth > 1.0) {
        let visits = (compared.exposed.n + compared.unexposed.n) as f64;
        let more = needed.map(|growth| (visits * (growth - 1.0)).ceil() as i64);
        return Standing::TooFew { more };
    }
    let is_clear = interval
        .is_some_and(|found| found.low > STRONG_RATIO.high || found.high < STRONG_RATIO.low);
    let converters = compared.exposed.k.min(compared.unexposed.k);
    if converters >= STRONG_CONVERTERS && is_clear && q.is_some_and(|q| q < STRONG_Q) {
        Standing::Strong
    } else {
        Standing::Shown
    }
}

/// How many times as many visits it takes until enough are on both sides and expected in every cell.
fn growth(compared: Stratum) -> Option<f64> {
    let least = compared.exposed.n.min(compared.unexposed.n) as f64;
    let all = (compared.exposed.n + compared.unexposed.n) as f64;
    let pooled = (compared.exposed.k + compared.unexposed.k) as f64 / all;
    let expected = least * pooled.min(1.0 - pooled);
    let growth = (ENOUGH as f64 / least).max(EXPECTED_CELL / expected);
    (growth.is_finite() && growth > 0.0).then_some(growth)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::Rate;

    /// Followed to its end, by when it did what, if ever.
    pub(in crate::stats) fn visit(
        exposed_at: impl Into<Option<i64>>,
        converted_at: impl Into<Option<i64>>,
        ended_at: i64,
    ) -> Followed {
        Followed {
            exposed_at: exposed_at.into(),
            converted_at: converted_at.into(),
            ended_at,
        }
    }

    fn visits() -> Vec<Followed> {
        vec![
            visit(5, 25, 40),
            visit(30, 25, 40),
            visit(12, None, 60),
            visit(None, 3, 30),
            visit(None, None, 26),
            visit(21, 25, 25),
        ]
    }

    #[test]
    fn what_is_done_after_converting_does_not_count() {
        let found = before_only(&visits());

        assert_eq!(found.exposed, Rate::new(2, 3));
        assert_eq!(found.unexposed, Rate::new(2, 3));
    }

    #[test]
    fn the_landmark_looks_at_who_is_still_open() {
        let found = landmark(&visits(), 10);

        assert_eq!(found.exposed, Rate::new(1, 1));
        assert_eq!(found.unexposed, Rate::new(2, 4));
    }

    #[test]
    fn ratios_disagree_by_direction_or_distance() {
        assert!(disagree(0.95, 1.05));
        assert!(disagree(2.0, 1.5));
        assert!(!disagree(2.0, 1.7));
        assert!(!disagree(1.0, 1.0));
    }

    #[test]
    fn few_visits_say_how_many_more_it_takes() {
        let compared = |k1, n1, k0, n0| Stratum {
            exposed: Rate::new(k1, n1),
            unexposed: Rate::new(k0, n0),
        };
        let clear = Some(Interval {
            low: 1.2,
            high: 3.0,
        });

        assert_eq!(
            standing(compared(40, 200, 60, 800), clear, Some(0.01)),
            Standing::Strong
        );
        assert_eq!(
            standing(compared(40, 200, 60, 800), clear, Some(0.06)),
            Standing::Shown
        );
        let near = Some(Interval {
            low: 1.05,
            high: 3.0,
        });
        assert_eq!(
            standing(compared(40, 200, 60, 800), near, Some(0.01)),
            Standing::Shown
        );
        assert_eq!(
            standing(compared(9, 200, 60, 800), clear, Some(0.01)),
            Standing::Shown
        );
        // 15 exposed need twice as many visits; 1 expected in a cell needs five times as many.
        assert_eq!(
            standing(compared(15, 15, 100, 200), clear, None),
            Standing::TooFew { more: Some(215) }
        );
        assert_eq!(
            standing(compared(1, 100, 1, 100), clear, None),
            Standing::TooFew { more: Some(800) }
        );
        assert_eq!(
            standing(Stratum::default(), None, None),
            Standing::TooFew { more: None }
        );
    }
}
