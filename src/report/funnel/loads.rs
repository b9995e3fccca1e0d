//! Whether leaving goes with the time that the first page took to load.
//!
//! Read from the sums by it, which are of all visits: of narrowed ones it would be read from packs, which takes longer than all else of
//! the page.

use sea_orm::{DatabaseTransaction, FromQueryResult};

use super::{
    assemble::Facts,
    queries::{Scope, rows},
};
use crate::{
    error::AppResult,
    ingest::{
        cube::{Dimension, LoadBand},
        sums::REACHES,
    },
    report::signatures::Query,
    stats::{Interval, Rate, Share, benjamini_hochberg, residual},
};

/// Those who left a step, of all who reached it, by how long their first page took to load; only visits that told it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loads {
    /// Over two and a half seconds.
    pub slow: Rate,
    /// No longer than that.
    pub others: Rate,
    /// Share of false discoveries among this step and all that are clearer; `None` of few.
    pub q: Option<f64>,
}

impl Loads {
    /// By how much more of those with a slow page left, with its range, where chance alone does not explain it.
    ///
    /// That fewer left is not told: whoever leaves before the page has loaded tells nothing, so that slow pages seem to keep visits.
    pub fn more(self) -> Option<(f64, Interval)> {
        let is_enough = self.slow.is_enough() && self.others.is_enough();
        let is_clear = self.q.is_some_and(|q| q < 0.05);
        let difference = self.slow.difference(self.others);
        difference.filter(|(_, interval)| is_enough && is_clear && interval.low > 0.0)
    }

    fn chance(self) -> Option<f64> {
        let (slow, others) = (self.slow, self.others);
        let all = Rate::new(slow.k + others.k, slow.n + others.n);
        Some(residual(&[Share { here: slow, all }])?.chance)
    }
}

/// Gives each step its q-value among all of the page.
pub(super) fn settle<'a>(steps: impl Iterator<Item = &'a mut Loads>) {
    let steps: Vec<&mut Loads> = steps.collect();
    let chances: Vec<_> = steps.iter().map(|loads| loads.chance()).collect();
    for (loads, q) in steps.into_iter().zip(benjamini_hochberg(&chances)) {
        loads.q = q;
    }
}

/// Visits of a band that came to a step.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct LoadRow {
    version: i32,
    automated: i32,
    step: i32,
    value: String,
    visits: i64,
}

/// Visits of the period that told how long their first page took to load; none where the sums do not hold what is asked for.
pub(super) async fn load(db: &DatabaseTransaction, scope: Scope<'_>) -> AppResult<Vec<LoadRow>> {
    let query = Query {
        by: Some(Dimension::Load),
        ..scope.query(scope.from)
    };
    if !query.is_summed(&REACHES) {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT s.version, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.step, s.value, CAST(SUM(s.visits) AS BIGINT) AS visits
         FROM ({}) AS s WHERE s.value <> '' GROUP BY 1, 2, 3, 4",
        query.sums(&REACHES)
    );
    rows(db, &sql, query.values_of(&REACHES)).await
}

impl Facts {
    /// Those who left at a step; `None` where there is nobody on one of the sides.
    pub(super) fn loads_at(&self, step: usize) -> Option<Loads> {
        let mut loads = Loads::default();
        let counted = self.loads.iter();
        for row in counted.filter(|row| self.counts(row.version, row.automated)) {
            let Some(band) = LoadBand::parse(&row.value) else {
                continue;
            };
            let side = match band.is_slow() {
                true => &mut loads.slow,
                false => &mut loads.others,
            };
            let reached = usize::try_from(row.step).unwrap_or_default();
            side.n += if reached >= step { row.visits } else { 0 };
            side.k += if reached == step { row.visits } else { 0 };
        }
        (loads.slow.n > 0 && loads.others.n > 0).then_some(loads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn more(slow: (i64, i64), others: (i64, i64)) -> Option<(f64, Interval)> {
        let [slow, others] = [slow, others].map(|(k, n)| Rate::new(k, n));
        let mut loads = Loads {
            slow,
            others,
            q: None,
        };
        settle(std::iter::once(&mut loads));
        loads.more()
    }

    #[test]
    fn it_is_told_where_more_leave_beyond_chance_and_thirty_stand_on_either_side() {
        let (difference, range) = more((60, 100), (80, 200)).unwrap();
        assert!((difference - 0.2).abs() < 1e-9);
        assert!(range.low > 0.0 && range.low < 0.2 && range.high > 0.2);
        assert_eq!(more((40, 100), (80, 200)), None, "as many");
        assert_eq!(more((44, 100), (80, 200)), None, "chance explains it");
        assert_eq!(more((20, 100), (120, 200)), None, "fewer");
        assert_eq!(more((29, 29), (20, 200)), None, "29 of them");
        assert_eq!(more((90, 100), (0, 29)), None, "29 of the others");
        assert!(more((30, 30), (0, 30)).is_some());
    }

    #[test]
    fn of_many_steps_one_that_is_hardly_clear_says_nothing() {
        // By itself p = 0.037.
        let hardly = Loads {
            slow: Rate::new(51, 100),
            others: Rate::new(77, 200),
            q: None,
        };
        let alike = Loads {
            slow: Rate::new(40, 100),
            others: Rate::new(80, 200),
            q: None,
        };
        let told = |mut steps: Vec<Loads>| {
            settle(steps.iter_mut());
            steps[0].more().is_some()
        };
        assert!(told(vec![hardly]));
        assert!(!told(vec![hardly, alike, alike, alike, alike]));
    }
}
