//! How long visitors took to answer.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{queries::OfPrompt, statement};
use crate::{error::AppResult, ingest::sums::TIMES, types::Millis};

/// From the card's opening to the first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeToAnswer {
    /// How many answers.
    pub n: i64,
    /// A quarter took no longer.
    pub quarter: Millis,
    /// Half took no longer.
    pub median: Millis,
    /// Three quarters took no longer.
    pub three_quarters: Millis,
}

/// How many took so long.
#[derive(Debug, FromQueryResult)]
struct Row {
    ms: Millis,
    n: i64,
}

/// `None` without answers.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    of_prompt: &OfPrompt<'_>,
) -> AppResult<Option<TimeToAnswer>> {
    let (from, values) = of_prompt.rows(&TIMES);
    let sql =
        format!("SELECT s.ms, CAST(SUM(s.answers) AS BIGINT) AS n {from} GROUP BY 1 ORDER BY 1");
    let rows = Row::find_by_statement(statement(db, sql, values))
        .all(db)
        .await?;
    Ok(quartiles(&rows))
}

fn quartiles(rows: &[Row]) -> Option<TimeToAnswer> {
    let n: i64 = rows.iter().map(|row| row.n).sum();
    let at = |place: i64| {
        let mut before = 0;
        rows.iter().find_map(|row| {
            before += row.n;
            (before >= place).then_some(row.ms)
        })
    };
    Some(TimeToAnswer {
        n,
        quarter: at((n + 3) / 4)?,
        median: i64::midpoint(at((n + 1) / 2)?, at((n + 2) / 2)?),
        three_quarters: at((3 * n + 3) / 4)?,
    })
}
