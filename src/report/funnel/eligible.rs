//! Who could have been asked, by what was known of them when that was decided: the cells by which answers are weighted.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::queries::{Scope, rows};
use crate::{error::AppResult, ingest::cube::Dimension, types::ReasonId, types::VisitId};

/// Visits that could have been asked and are alike in all that weights them, or those of them that named a reason.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(super) struct CellRow {
    /// The funnel they were counted by.
    pub(super) funnel_version: i32,
    /// Steps reached one after the other, in the end.
    pub(super) step: i32,
    /// 1 for automated browsers.
    pub(super) automated: i32,
    /// Steps reached one after the other when it was first decided whether to ask.
    pub(super) place: i32,
    /// `desktop` or `touch`.
    pub(super) device: String,
    /// `new`, `returning` or `unknown`.
    pub(super) visitor: String,
    /// 1 when they answered.
    pub(super) answered: i32,
    /// Chance with which the question that they answered was shown.
    pub(super) probability: f64,
    /// The reason that they named; `None` for all.
    pub(super) reason_id: Option<ReasonId>,
    /// How many visits.
    pub(super) n: i64,
}

/// One row a visit: several questions of a visit add up. What comes behind the decision may follow from it, so the first one counts.
/// Materialized: before PostgreSQL has statistics it would make them anew for every row that it joins to them.
const ELIGIBLE: &str = "WITH eligible AS MATERIALIZED (
  SELECT i.visit_id,
         MIN(i.funnel_step) AS place,
         MAX(CASE WHEN a.impression_id IS NULL THEN 0 ELSE 1 END) AS answered,
         COALESCE(MAX(CASE WHEN a.impression_id IS NOT NULL THEN i.probability END), 1.0) AS probability
  FROM impressions i
  LEFT JOIN answers a ON a.site_id = i.site_id AND a.impression_id = i.id AND NOT a.is_test
  WHERE i.site_id = $1 AND i.visit_id BETWEEN $4 AND $5 AND NOT i.is_test AND (i.arm IS NOT NULL OR a.impression_id IS NOT NULL)
  GROUP BY i.visit_id
)";

const OF_PERIOD: &str = "v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0";

/// The reasons that they named. By itself, so that a server that knows nothing of a site yet cannot go through all that is joined for
/// every row of it.
const NAMED: &str = "named AS MATERIALIZED (
  SELECT DISTINCT a.visit_id, c.reason_id
  FROM answers a
  JOIN answer_choices c ON c.site_id = a.site_id AND c.impression_id = a.impression_id AND c.question_id = a.question_id
  WHERE a.site_id = $1 AND a.visit_id BETWEEN $4 AND $5 AND NOT a.is_test AND c.reason_id IS NOT NULL
)";

/// All who could have been asked in the period, and again those who named a reason, by reason.
pub(super) async fn eligible(
    db: &impl ConnectionTrait,
    scope: Scope<'_>,
) -> AppResult<Vec<CellRow>> {
    let (earliest, latest) = scope.known;
    let ids = [earliest, latest].map(|at| Value::from(VisitId::first_of(at)));
    let (only, values) = scope.narrowed(scope.present().into_iter().chain(ids).collect());
    let visitor = Dimension::Visitor.of_visit();
    let alike = format!(
        "SELECT v.funnel_version, v.funnel_step AS step, CASE WHEN v.is_automated THEN 1 ELSE 0 END AS automated,
           e.place, v.device, {visitor} AS visitor, e.answered, e.probability"
    );
    let from = "FROM eligible e JOIN visits v ON v.site_id = $1 AND v.id = e.visit_id";
    let all = format!(
        "{ELIGIBLE} {alike}, CAST(NULL AS BIGINT) AS reason_id, COUNT(*) AS n {from}
         WHERE {OF_PERIOD}{only} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
    );
    let named = format!(
        "{ELIGIBLE}, {NAMED} {alike}, named.reason_id, COUNT(*) AS n {from} JOIN named ON named.visit_id = e.visit_id
         WHERE {OF_PERIOD}{only} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
    );
    let mut cells: Vec<CellRow> = rows(db, &all, values.clone()).await?;
    cells.extend(rows::<CellRow>(db, &named, values).await?);
    Ok(cells)
}
