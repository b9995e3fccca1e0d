//! All prompts beside each other: what became of their moments. Counted as the report of each one counts.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Statement};

use super::{
    period::{Period, known_within},
    prompt::{ANSWER, COUNTS, Counts},
};
use crate::{
    error::AppResult,
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    types::{PromptId, VisitId},
};

struct Row {
    prompt_id: PromptId,
    counts: Counts,
}

impl FromQueryResult for Row {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            prompt_id: row.try_get(prefix, "prompt_id")?,
            counts: Counts::from_query_result(row, prefix)?,
        })
    }
}

/// The counts of every prompt that had a moment in the period; of those that visitors came to by themselves, unless `at_moments`.
pub async fn load(
    db: &impl ConnectionTrait,
    site: &Site,
    period: &Period,
    at_moments: bool,
) -> AppResult<HashMap<PromptId, Counts>> {
    let sql = format!(
        "SELECT i.prompt_id, {COUNTS}
         FROM impressions i
         JOIN visits v ON v.site_id = i.site_id AND v.id = i.visit_id
         {ANSWER}
         WHERE i.site_id = $1 AND i.visit_id BETWEEN $5 AND $6 AND v.day BETWEEN $2 AND $3 AND NOT i.is_test AND NOT v.is_test
           AND (NOT v.is_automated OR $4) AND i.is_automatic = $7 AND i.arm IS NOT NULL
         GROUP BY i.prompt_id"
    );
    let (earliest, latest) = known_within(period.from, period.to, &site.time_zone);
    let values = [
        site.id.into(),
        calendar::number(period.from).into(),
        calendar::number(period.to).into(),
        (period.automated || site.kind == SiteKind::Demo).into(),
        VisitId::first_of(earliest).into(),
        VisitId::first_of(latest).into(),
        at_moments.into(),
    ];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Row::find_by_statement(statement).all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.prompt_id, row.counts))
        .collect())
}
