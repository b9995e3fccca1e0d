//! Who could have been asked, by what was known of them when that was decided: the cells by which answers are weighted.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::queries::{Scope, rows};
use crate::{
    error::AppResult,
    ingest::sums::{KINDS, NAMED},
    types::ReasonId,
};

/// Visits of the period that could have been asked and are alike in all that weights them, or those of them that named a reason.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(super) struct KindRow {
    /// The funnel they were counted by.
    pub(super) funnel_version: i32,
    /// Steps reached one after the other, in the end.
    pub(super) step: i32,
    /// 1 for automated browsers.
    pub(super) automated: i32,
    /// Bits of the steps that they took, in whatever order.
    pub(super) mask: i64,
    /// 1 when the main goal was reached in any way.
    pub(super) converted: i32,
    /// Those of the steps that they had taken when it was first decided whether to ask.
    pub(super) reached: i64,
    /// Steps reached one after the other by then.
    pub(super) place: i32,
    /// `desktop` or `touch`.
    pub(super) device: String,
    /// `new`, `returning` or `unknown`.
    pub(super) visitor: String,
    /// What became of asking: 3 answered, 2 silent, 1 left unasked.
    pub(super) asked: i32,
    /// Chance with which the question that they answered was shown.
    pub(super) probability: f64,
    /// The reason that they named; `None` for all.
    pub(super) reason_id: Option<ReasonId>,
    /// How many visits.
    pub(super) n: i64,
    /// How many answers they gave; 0 of those that named a reason, who are among all.
    pub(super) answers: i64,
}

/// All who could have been asked in the period, and again those who named a reason, by reason.
pub(super) async fn kinds(db: &impl ConnectionTrait, scope: Scope<'_>) -> AppResult<Vec<KindRow>> {
    let alike = "SELECT s.version AS funnel_version, s.step, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.mask,
           s.converted, s.reached, s.place, s.device, s.visitor, s.asked, CAST(s.chance AS DOUBLE PRECISION) / 100 AS probability";
    let query = scope.query(scope.from);
    let all = format!(
        "{alike}, CAST(NULL AS BIGINT) AS reason_id, CAST(SUM(s.visits) AS BIGINT) AS n, CAST(SUM(s.answers) AS BIGINT) AS answers
         FROM ({}) AS s WHERE s.asked > 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
        query.sums(&KINDS)
    );
    let named = format!(
        "{alike}, s.reason_id, CAST(SUM(s.visits) AS BIGINT) AS n, CAST(0 AS BIGINT) AS answers
         FROM ({}) AS s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12",
        query.sums(&NAMED)
    );
    let mut kinds: Vec<KindRow> = rows(db, &all, query.values_of(&KINDS)).await?;
    kinds.extend(rows::<KindRow>(db, &named, query.values_of(&NAMED)).await?);
    Ok(kinds)
}
