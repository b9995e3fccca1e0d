//! Who could have been asked, by what was known of them when that was decided: the cells by which answers are weighted.

use sea_orm::{DatabaseTransaction, FromQueryResult};

use super::queries::{Scope, rows};
use crate::{
    error::AppResult,
    ingest::sums::{KINDS, Kind, NAMED},
    types::ReasonId,
};

/// Visits of the period that could have been asked and are alike in all that weights them, or those of them that named a reason.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(super) struct KindRow {
    /// 1 for automated browsers.
    pub(super) automated: i32,
    /// What they have in common.
    pub(super) kind: Kind,
    /// The reason that they named; `None` for all.
    pub(super) reason_id: Option<ReasonId>,
    /// How many visits.
    pub(super) n: i64,
    /// How many answers they gave; 0 of those that named a reason, who are among all.
    pub(super) answers: i64,
}

/// All who could have been asked in the period, and again those who named a reason, by reason.
pub(super) async fn kinds(db: &DatabaseTransaction, scope: Scope<'_>) -> AppResult<Vec<KindRow>> {
    let alike = "SELECT s.kind, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated";
    let query = scope.query(scope.from);
    let all = format!(
        "{alike}, CAST(NULL AS BIGINT) AS reason_id, CAST(SUM(s.visits) AS BIGINT) AS n, CAST(SUM(s.answers) AS BIGINT) AS answers
         FROM ({}) AS s GROUP BY 1, 2",
        query.sums(&KINDS)
    );
    let named = format!(
        "{alike}, s.reason_id, CAST(SUM(s.visits) AS BIGINT) AS n, CAST(0 AS BIGINT) AS answers
         FROM ({}) AS s GROUP BY 1, 2, 3",
        query.sums(&NAMED)
    );
    let mut kinds: Vec<KindRow> = rows(db, &all, query.values_of(&KINDS)).await?;
    kinds.retain(|row| row.kind.asked > 0);
    kinds.extend(rows::<KindRow>(db, &named, query.values_of(&NAMED)).await?);
    Ok(kinds)
}
