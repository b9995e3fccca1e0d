//! What became of questions, per day.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{error::AppResult, ingest::sums::ASKED, report::signatures::Query};

/// Questions in visits of a day.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct AskedRow {
    /// Day of the visit's start, YYYYMMDD.
    pub(super) day: i32,
    /// What the dimension says; else empty.
    pub(super) value: String,
    /// Whether the browser was automated.
    pub(super) is_automated: bool,
    /// Cards with an answer.
    pub(super) answers: i64,
    /// Of questions that wait for a moment: those that opened.
    pub(super) opened: i64,
    /// Of these, those with an answer.
    pub(super) answered: i64,
}

/// Loads what became of the questions in these visits.
pub(super) async fn load(db: &impl ConnectionTrait, query: &Query) -> AppResult<Vec<AskedRow>> {
    let sum = |of: &str| format!("CAST(SUM({of}) AS BIGINT)");
    let by_itself = |of: &str| sum(&format!("CASE WHEN s.is_automatic THEN s.{of} ELSE 0 END"));
    let sql = format!(
        "SELECT s.day, s.value, s.is_automated, {} AS answers, {} AS opened, {} AS answered
         FROM ({}) AS s WHERE s.arm <> '' GROUP BY 1, 2, 3",
        sum("s.answered"),
        by_itself("opened"),
        by_itself("answered"),
        query.sums(&ASKED)
    );
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, query.values());
    Ok(AskedRow::find_by_statement(statement).all(db).await?)
}
