//! What to know about the data before believing it: what was not kept, what was unclear, who was no person.

use sea_orm::{ColumnTrait, ConnectionTrait, FromQueryResult, QueryFilter, Statement};

use super::period::Period;
use crate::{
    db::{
        Db,
        entity::{OfSite, drop},
    },
    error::AppResult,
    site::{self, calendar, types::RefusedOrigin},
    stats::Rate,
    types::SiteId,
};

/// Data quality of one site over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QualityReport {
    /// What was not kept, by code of the reason, most frequent first. Days are UTC.
    pub drops: Vec<(String, i64)>,
    /// Addresses whose events were refused, newest first; of all time.
    pub refused: Vec<RefusedOrigin>,
    /// Visits of people for whom it was unclear which visit a page belonged to.
    pub ambiguous: Rate,
    /// Visits of automated browsers.
    pub automated: Rate,
    /// Visits of the owner's own tests.
    pub test: i64,
    /// Answers that arrived long after they were given.
    pub late: Rate,
    /// Visits that count.
    pub visits: i64,
}

#[derive(Debug, Default, FromQueryResult)]
struct VisitCounts {
    n: i64,
    test: i64,
    automated: i64,
    ambiguous: i64,
}

const VISITS: &str = "SELECT COUNT(*) AS n,
  COUNT(CASE WHEN is_test THEN 1 END) AS test,
  COUNT(CASE WHEN is_automated AND NOT is_test THEN 1 END) AS automated,
  COUNT(CASE WHEN is_ambiguous AND NOT is_automated AND NOT is_test THEN 1 END) AS ambiguous
FROM visits WHERE site_id = $1 AND day BETWEEN $2 AND $3";

#[derive(Debug, Default, FromQueryResult)]
struct AnswerCounts {
    n: i64,
    late: i64,
}

const ANSWERS: &str = "SELECT COUNT(*) AS n, COUNT(CASE WHEN a.is_late THEN 1 END) AS late
FROM answers a JOIN visits v ON v.site_id = a.site_id AND v.id = a.visit_id
WHERE a.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT a.is_test AND NOT v.is_test";

fn statement(db: &impl ConnectionTrait, site_id: SiteId, sql: &str, period: &Period) -> Statement {
    let values = [
        site_id.into(),
        calendar::number(period.from).into(),
        calendar::number(period.to).into(),
    ];
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Loads the report.
pub async fn load(db: &Db, site_id: SiteId, period: &Period) -> AppResult<QualityReport> {
    let tx = db.snapshot().await?;
    let visits = VisitCounts::find_by_statement(statement(&tx, site_id, VISITS, period))
        .one(&tx)
        .await?
        .unwrap_or_default();
    let answers = AnswerCounts::find_by_statement(statement(&tx, site_id, ANSWERS, period))
        .one(&tx)
        .await?
        .unwrap_or_default();
    let people = visits.n - visits.test - visits.automated;
    let report = QualityReport {
        drops: drops(&tx, site_id, period).await?,
        refused: site::store::list_refused(&tx, site_id).await?,
        ambiguous: Rate::new(visits.ambiguous, people),
        automated: Rate::new(visits.automated, visits.n - visits.test),
        test: visits.test,
        late: Rate::new(answers.late, answers.n),
        visits: people,
    };
    tx.commit().await?;
    Ok(report)
}

async fn drops(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    period: &Period,
) -> AppResult<Vec<(String, i64)>> {
    let days = [calendar::number(period.from), calendar::number(period.to)];
    let rows = drop::Entity::of_site(site_id)
        .filter(drop::Column::Day.between(days[0], days[1]))
        .all(db)
        .await?;
    let mut drops: Vec<(String, i64)> = Vec::new();
    for row in rows {
        match drops.iter_mut().find(|(reason, _)| *reason == row.reason) {
            Some((_, n)) => *n += row.n,
            None => drops.push((row.reason, row.n)),
        }
    }
    drops.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    Ok(drops)
}
