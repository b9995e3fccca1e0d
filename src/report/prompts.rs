//! All prompts beside each other: what became of their moments, read from the sums of days.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Statement};

use super::{
    period::Period,
    prompt::{COUNTS, Counts},
    signatures::Query,
};
use crate::{
    error::AppResult,
    ingest::sums::ASKED,
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    types::{Millis, PromptId},
};

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

/// The decisions `s` of a period that count, with the values of the query.
pub(super) fn decisions(site: &Site, period: &Period) -> (String, Query) {
    let days = (calendar::number(period.from), calendar::number(period.to));
    // Visits that may still move on are not told apart.
    let query = Query::new(site.id, days, Millis::MAX);
    let automated = match period.automated || site.kind == SiteKind::Demo {
        true => "TRUE",
        false => "NOT s.is_automated",
    };
    let from = format!("FROM ({}) AS s WHERE {automated}", query.sums(&ASKED));
    (from, query)
}

/// The counts of every prompt that had a moment in the period; of those that visitors came to by themselves, unless `at_moments`.
pub async fn load(
    db: &impl ConnectionTrait,
    site: &Site,
    period: &Period,
    at_moments: bool,
) -> AppResult<HashMap<PromptId, Counts>> {
    let (from, query) = decisions(site, period);
    let sql = format!(
        "SELECT s.prompt_id, s.is_automatic, {COUNTS} {from} AND s.arm <> '' GROUP BY 1, 2"
    );
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, query.values());
    let rows = Row::find_by_statement(statement).all(db).await?;
    let wanted = rows
        .into_iter()
        .filter(|row| row.is_automatic == at_moments);
    Ok(wanted.map(|row| (row.prompt_id, row.counts)).collect())
}
