//! How long visits take from one step to the next, from when each goal was first reached.
//!
//! A step is met by the first event behind the step before that reaches its goal. That is the first time of the goal, as it is kept,
//! where the first times of the steps stand in their order; of a goal that came before its turn, and again, the second time is not
//! kept. Such visits have no time here, and the number of those that have one stands beside it.

use sea_orm::{DatabaseTransaction, FromQueryResult};

use super::{
    assemble::Facts,
    queries::{Scope, rows},
};
use crate::{error::AppResult, stats::ENOUGH, types::Millis};

/// How long visits took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Visits of which it is known.
    pub n: i64,
    /// A quarter took at most this long, a half, three quarters; `None` of few.
    pub quartiles: Option<[Millis; 3]>,
}

/// A visit whose time stands beside a quartile.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Ranked {
    /// The step it took to, from 1.
    pub(super) place: i32,
    /// How long it took, ms.
    ms: i64,
    /// Its place among all by how long they took, from 1.
    nth: i64,
    /// How many there are.
    n: i64,
}

/// Reads what lies about the quartiles of each step.
pub(super) async fn load(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    facts: &Facts,
) -> AppResult<Vec<Ranked>> {
    let funnel = facts.definitions.funnels.last();
    let steps = funnel.map(|it| it.steps.as_slice()).unwrap_or_default();
    let versions = facts.versions_of_these_steps();
    if steps.is_empty() || versions.is_empty() {
        return Ok(vec![]);
    }
    let (only, values) = scope.narrowed(scope.present());
    let automated = if facts.with_automated {
        ""
    } else {
        " AND NOT v.is_automated"
    };
    let sql = format!(
        "WITH reached AS (
           SELECT v.id, v.funnel_step AS step, v.started_at AS t0{times}
           FROM visits v JOIN visit_goals g ON g.site_id = v.site_id AND g.visit_id = v.id
           WHERE v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0 AND v.funnel_step > 0
             AND v.funnel_version IN ({versions}){automated}{only}
           GROUP BY v.id, v.funnel_step, v.started_at
         ), taken AS ({taken}), ranked AS (
           SELECT place, ms, ROW_NUMBER() OVER (PARTITION BY place ORDER BY ms) AS nth, COUNT(*) OVER (PARTITION BY place) AS n
           FROM taken
         )
         SELECT place, ms, nth, n FROM ranked
         WHERE nth - 1 IN ((n - 1) / 4, (n - 1) / 4 + 1, (n - 1) / 2, (n - 1) / 2 + 1, (n - 1) * 3 / 4, (n - 1) * 3 / 4 + 1)",
        times = times(steps),
        taken = taken(steps.len()),
        versions = listed(&versions),
    );
    rows(db, &sql, values).await
}

fn listed(numbers: &[i32]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(", ")
}

/// When each step was first reached.
fn times(steps: &[u8]) -> String {
    let time = |(bit, place): (&u8, usize)| {
        format!(", MIN(CASE g.bit WHEN {bit} THEN g.first_at END) AS t{place}")
    };
    steps.iter().zip(1..).map(time).collect()
}

/// How long it took to each step, where its time and those of the steps before are known.
fn taken(steps: usize) -> String {
    let each = (1..=steps).map(|place| {
        let in_order = (2..=place).map(|place| format!(" AND t{} < t{place}", place - 1));
        let in_order: String = in_order.collect();
        let before = place - 1;
        format!("SELECT {place} AS place, t{place} - t{before} AS ms FROM reached WHERE step >= {place}{in_order}")
    });
    each.collect::<Vec<_>>().join(" UNION ALL ")
}

/// The quartiles of the step at a place, between neighbours by how far they are from each (Hyndman & Fan 1996, type 7).
pub(super) fn timing(ranked: &[Ranked], place: i32) -> Timing {
    let here: Vec<&Ranked> = ranked.iter().filter(|row| row.place == place).collect();
    let n = here.first().map_or(0, |row| row.n);
    let at = |nth: i64| here.iter().find(|row| row.nth == nth).map(|row| row.ms);
    let quartile = |quarters: i64| {
        let beyond = (n - 1) * quarters;
        let (below, rest) = (at(beyond / 4 + 1)?, beyond % 4);
        let above = at(beyond / 4 + 2).unwrap_or(below);
        Some(below + (above - below) * rest / 4)
    };
    let quartiles = || Some([quartile(1)?, quartile(2)?, quartile(3)?]);
    Timing {
        n,
        quartiles: (n >= ENOUGH).then(quartiles).flatten(),
    }
}
