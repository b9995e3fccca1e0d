//! Deletes the journal of visits.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::types::{SiteId, VisitId};

/// Visits at once.
const PORTION: u64 = 200;

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
