//! All prompts beside each other: what became of their moments, read from the sums of days.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Statement};

use super::{
    period::Period,
    prompt::{COUNTS, Counts},
    sums,
};
use crate::{error::AppResult, ingest::sums::ASKED, site::types::Site, types::PromptId};

struct Row {
    prompt_id: PromptId,
    is_automatic: bool,
    counts: Counts,
}

impl FromQueryResult for Row {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            prompt_id: row.try_get(prefix, "prompt_id")?,
            is_automatic: row.try_get(prefix, "is_automatic")?,
            counts: Counts::from_query_result(row, prefix)?,
        })
    }
}

/// Which of them opened a question, or left it unasked: here, and not in another tool.
pub(super) const DRAWN: &str = "s.arm NOT IN ('', 'imported')";

/// The counts of every prompt that had a moment in the period; of those that visitors came to by themselves, unless `at_moments`.
pub async fn load(
    db: &impl ConnectionTrait,
    site: &Site,
    period: &Period,
    at_moments: bool,
) -> AppResult<HashMap<PromptId, Counts>> {
    let (from, query) = sums::of_period(&ASKED, site, period);
    let sql =
        format!("SELECT s.prompt_id, s.is_automatic, {COUNTS} {from} AND {DRAWN} GROUP BY 1, 2");
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, query.values());
    let rows = Row::find_by_statement(statement).all(db).await?;
    let wanted = rows
        .into_iter()
        .filter(|row| row.is_automatic == at_moments);
    Ok(wanted.map(|row| (row.prompt_id, row.counts)).collect())
}

/// How many answers of each prompt in the period are from a file.
pub async fn imported(
    db: &impl ConnectionTrait,
    site: &Site,
    period: &Period,
) -> AppResult<HashMap<PromptId, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        prompt_id: PromptId,
        n: i64,
    }
    let (from, query) = sums::of_period(&ASKED, site, period);
    let sql = format!(
        "SELECT s.prompt_id, CAST(SUM(s.answered) AS BIGINT) AS n {from} AND s.arm = 'imported' GROUP BY 1"
    );
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, query.values());
    let rows = Row::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.prompt_id, row.n)).collect())
}
