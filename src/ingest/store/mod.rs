//! Every query of the writer: what a group needs is loaded with one query a table, and written with one statement a table.

pub mod audit;
mod cube;
mod erase;
mod expire;
mod fields;
mod load;
mod packs;
mod past;
#[cfg(test)]
mod plans;
pub mod rows;
mod save;
mod tally;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, ExprTrait, QueryFilter, QuerySelect, Statement,
    sea_query::Expr,
};

pub use self::{
    cube::{delete_sums, settle_day, unsettle_named},
    packs::{WORTH, pack_day},
};
pub(super) use self::{
    cube::{list_due, list_sites, settle, unsettle_day},
    erase::erase_answer,
    expire::{count_kept, delete_batches},
    fields::save_fields,
    load::{begun_version, load},
    packs::{delete_day, list_unpacked},
    save::save,
    tally::load_tally,
};
use super::fold::StoredBatch;
use crate::{
    db::entity::{OfSite, batch},
    types::{SiteId, VisitId},
};

/// Batches of a visit that is folded again.
const MAX_REFOLD_BATCHES: i64 = 5_000;
/// Bytes of their events.
const MAX_REFOLD_BYTES: i64 = 4 * 1024 * 1024;

/// Whether the visit is small enough to be folded again while everybody waits. No person's visit is larger; what comes out of
/// order in a larger one is journaled and not counted.
pub(super) async fn is_refoldable(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visit: VisitId,
) -> Result<bool, DbErr> {
    let row = tx
        .query_one_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes FROM (
               SELECT octet_length(body) AS bytes FROM batches WHERE site_id = $1 AND visit_id = $2 LIMIT $3
             ) AS some_batches",
            [site.into(), visit.into(), (MAX_REFOLD_BATCHES + 1).into()],
        ))
        .await?;
    let Some(row) = row else { return Ok(true) };
    let (n, bytes): (i64, i64) = (row.try_get("", "n")?, row.try_get("", "bytes")?);
    Ok(n <= MAX_REFOLD_BATCHES && bytes <= MAX_REFOLD_BYTES)
}

/// Those of these visits that are, likewise.
pub async fn list_refoldable(
    db: &impl ConnectionTrait,
    site: SiteId,
    visits: Vec<VisitId>,
) -> Result<Vec<VisitId>, DbErr> {
    let bytes = || Expr::cust("CAST(SUM(octet_length(body)) AS BIGINT)");
    let of_visits = batch::Entity::of_site(site).filter(batch::Column::VisitId.is_in(visits));
    of_visits
        .select_only()
        .column(batch::Column::VisitId)
        .group_by(batch::Column::VisitId)
        .having(batch::Column::VisitId.count().lte(MAX_REFOLD_BATCHES))
        .having(bytes().lte(MAX_REFOLD_BYTES))
        .into_tuple()
        .all(db)
        .await
}

/// All batches of a visit, in no order.
pub async fn load_batches(
    db: &impl ConnectionTrait,
    site: SiteId,
    visit: VisitId,
) -> Result<Vec<StoredBatch>, DbErr> {
    let rows = batch::Entity::of_site(site)
        .filter(batch::Column::VisitId.eq(visit))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredBatch {
            view_id: row.view_id,
            first_seq: row.first_seq,
            view_started_at: row.view_started_at,
            events: serde_json::from_str(&row.body).unwrap_or_default(),
        })
        .collect())
}
