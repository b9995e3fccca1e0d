//! Deletes the journal of visits.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    db::entity::{OfSite, batch},
    types::{SiteId, VisitId},
};

/// Visits at once.
const PORTION: u64 = 200;

/// How many visits that began before `before` have batches.
pub(in crate::ingest) async fn count_kept(
    db: &impl ConnectionTrait,
    site: SiteId,
    before: VisitId,
) -> Result<i64, DbErr> {
    let visits: Option<i64> = batch::Entity::of_site(site)
        .filter(batch::Column::VisitId.lt(before))
        .select_only()
        .column_as(Expr::col(batch::Column::VisitId).count_distinct(), "n")
        .into_tuple()
        .one(db)
        .await?;
    Ok(visits.unwrap_or_default())
}

/// Deletes all batches of some visits that began before `before`, the oldest first; 0 once there are none.
pub(in crate::ingest) async fn delete_batches(
    tx: &impl ConnectionTrait,
    site: SiteId,
    before: VisitId,
) -> Result<u64, DbErr> {
    let sql = format!(
        "DELETE FROM batches WHERE site_id = $1 AND visit_id IN (
           SELECT DISTINCT visit_id FROM batches WHERE site_id = $1 AND visit_id < $2 ORDER BY visit_id LIMIT {PORTION})"
    );
    let values = [site.into(), before.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
