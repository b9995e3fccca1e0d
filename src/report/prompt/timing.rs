//! How long visitors took to answer.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{OF_VISITS, QUESTIONS, WHICH, statement};
use crate::{error::AppResult, types::Millis};

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

/// One of the times that tell.
#[derive(Debug, FromQueryResult)]
struct Row {
    place: i64,
    n: i64,
    ms: Millis,
}

/// The values are those of [`WHICH`] and [`OF_VISITS`]. `None` without answers.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    values: Vec<Value>,
) -> AppResult<Option<TimeToAnswer>> {
    let sql = format!(
        "SELECT t.place, t.n, t.ms FROM (
           SELECT i.answered_at - i.shown_at AS ms, COUNT(*) OVER () AS n,
             ROW_NUMBER() OVER (ORDER BY i.answered_at - i.shown_at) AS place
           {QUESTIONS}
           WHERE {WHICH} AND {OF_VISITS} AND i.arm = 'shown' AND i.answered_at >= i.shown_at AND q.question_id = (
             SELECT MIN(f.question_id) FROM answers f WHERE f.site_id = i.site_id AND f.impression_id = i.id AND NOT f.is_test)
         ) t WHERE t.place IN ((t.n + 3) / 4, (t.n + 1) / 2, (t.n + 2) / 2, (3 * t.n + 3) / 4)"
    );
    let rows = Row::find_by_statement(statement(db, sql, values))
        .all(db)
        .await?;
    let Some(n) = rows.first().map(|row| row.n) else {
        return Ok(None);
    };
    let at = |place: i64| {
        let row = rows.iter().find(|row| row.place == place);
        row.map_or(0, |row| row.ms)
    };
    Ok(Some(TimeToAnswer {
        n,
        quarter: at((n + 3) / 4),
        median: i64::midpoint(at((n + 1) / 2), at((n + 2) / 2)),
        three_quarters: at((3 * n + 3) / 4),
    }))
}
