//! What the board reads: visits per day, and per day and goal what was reached. One statement for both engines.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{error::AppResult, types::SiteId};

/// Which visits to read: those that started from `first` to `last`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// The tenant.
    pub(super) site_id: SiteId,
    /// First day of the period before, YYYYMMDD.
    pub(super) first: i32,
    /// Last day of the period.
    pub(super) last: i32,
}

/// Visits of a day.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct VisitRow {
    /// Day of the start, YYYYMMDD.
    pub(super) day: i32,
    /// Version of the definitions they were counted by.
    pub(super) version: i32,
    /// 1 for automated browsers.
    pub(super) automated: i32,
    /// How many.
    pub(super) n: i64,
    /// Of these, with the main goal.
    pub(super) converted: i64,
}

/// Visits of a day that reached a goal.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct GoalRow {
    /// As in [`VisitRow`].
    pub(super) day: i32,
    /// As in [`VisitRow`].
    pub(super) version: i32,
    /// As in [`VisitRow`].
    pub(super) automated: i32,
    /// The goal version.
    pub(super) bit: i32,
    /// How many visits.
    pub(super) reached: i64,
    /// How often it happened in them.
    pub(super) events: i64,
    /// Of the visits, those in which the main goal did not come before it.
    pub(super) first: i64,
    /// Of these, those in which the main goal came afterwards.
    pub(super) followed: i64,
    /// What it was worth altogether, minor units.
    pub(super) value: i64,
}

const COUNTED: &str =
    "v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0";

/// Dimensions that every row has.
const OF_DAY: &str =
    "v.day, v.funnel_version AS version, CASE WHEN v.is_automated THEN 1 ELSE 0 END AS automated";

/// Whether the goal of the row was reached before the main one.
const BEFORE: &str = "(v.mask_before >> g.bit) & 1 = 1";

async fn rows<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: String,
    scope: Scope,
) -> AppResult<Vec<R>> {
    let values = [scope.site_id.into(), scope.first.into(), scope.last.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(R::find_by_statement(statement).all(db).await?)
}

/// Visits per day.
pub(super) async fn visits(db: &impl ConnectionTrait, scope: Scope) -> AppResult<Vec<VisitRow>> {
    let sql = format!(
        "SELECT {OF_DAY}, COUNT(*) AS n, COUNT(v.macro_at) AS converted
         FROM visits v WHERE {COUNTED} GROUP BY 1, 2, 3"
    );
    rows(db, sql, scope).await
}

/// What was reached, per day and goal.
pub(super) async fn goals(db: &impl ConnectionTrait, scope: Scope) -> AppResult<Vec<GoalRow>> {
    let sql = format!(
        "SELECT {OF_DAY}, g.bit, COUNT(*) AS reached,
           CAST(SUM(g.n) AS BIGINT) AS events,
           COUNT(CASE WHEN {BEFORE} THEN 1 END) AS first,
           COUNT(CASE WHEN {BEFORE} AND v.macro_at IS NOT NULL THEN 1 END) AS followed,
           CAST(SUM(g.value_minor) AS BIGINT) AS value
         FROM visits v JOIN visit_goals g ON g.site_id = v.site_id AND g.visit_id = v.id
         WHERE {COUNTED} GROUP BY 1, 2, 3, 4"
    );
    rows(db, sql, scope).await
}
