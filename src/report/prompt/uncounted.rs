//! Answers that stand in the list and in no figure.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{OF_VISITS, QUESTIONS, statement};
use crate::error::AppResult;

/// How many answers of the days count nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Uncounted {
    /// Answers of tests.
    pub tests: i64,
    /// Answers of automated browsers that were no tests.
    pub automated: i64,
}

/// The values are those of `super::WHICH` and [`OF_VISITS`].
pub(super) async fn load(db: &impl ConnectionTrait, values: Vec<Value>) -> AppResult<Uncounted> {
    let sql = format!(
        "SELECT COUNT(CASE WHEN g.is_test = 1 THEN 1 END) AS tests, COUNT(CASE WHEN g.is_test = 0 THEN 1 END) AS automated
      FROM (
        SELECT i.id, MAX(CASE WHEN i.is_test OR v.is_test OR q.is_test THEN 1 ELSE 0 END) AS is_test
        {QUESTIONS}
        WHERE {OF_VISITS} AND i.site_id = $1 AND i.prompt_id = $2 AND i.decided_at BETWEEN $6 AND $7
          AND v.site_id = i.site_id AND v.id = i.visit_id AND v.day BETWEEN $3 AND $4
          AND (i.is_test OR v.is_test OR q.is_test OR (v.is_automated AND NOT $5 AND (i.is_automatic OR $8)))
        GROUP BY 1
      ) g"
    );
    let row = Uncounted::find_by_statement(statement(db, sql, values))
        .one(db)
        .await?;
    Ok(row.unwrap_or_default())
}
