//! How far each site was counted again by its newest definitions: one row a site, which is also what a node claims.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect,
    UpdateMany,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    clock::{MINUTE, SECOND},
    db::entity::{
        OfSite,
        recount::{ActiveModel, Column, Entity, Model},
    },
    error::AppResult,
    goal::types::Recount,
    types::{Millis, SiteId, VisitId},
};

/// How long a site belongs to the node that counts it again; each portion renews it.
const LEASE: Millis = 10 * SECOND;
/// How long after a change visits may still begin under the definitions before it: other nodes learn of it within seconds, and
/// what they have queued is written within seconds more.
pub const SETTLES_AFTER: Millis = MINUTE;

/// Has all visits counted again by the definitions of this version; one that was under way before goes on with these.
pub(super) async fn begin(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    version: i32,
    at: Millis,
) -> AppResult<()> {
    let row = ActiveModel {
        site_id: Set(site_id),
        version: Set(version),
        since_at: Set(at),
        total: Set(None),
        recounted: Set(0),
        reached: Set(None),
        reached_day: Set(None),
        is_tail: Set(false),
        claimed_by: Set(String::new()),
        lease_until: Set(0),
        finished_at: Set(None),
    };
    let others = [
        Column::Version,
        Column::SinceAt,
        Column::Total,
        Column::Recounted,
        Column::Reached,
        Column::ReachedDay,
        Column::IsTail,
        Column::ClaimedBy,
        Column::LeaseUntil,
        Column::FinishedAt,
    ];
    let again = OnConflict::column(Column::SiteId)
        .update_columns(others)
        .to_owned();
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// How far the site is; `None` when nothing was ever changed.
pub async fn find(db: &impl ConnectionTrait, site_id: SiteId) -> Result<Option<Recount>, DbErr> {
    let row = Entity::of_site(site_id).one(db).await?;
    Ok(row.as_ref().map(recount_of))
}

/// Sites with something to do at `now`.
pub async fn list_due(db: &impl ConnectionTrait, now: Millis) -> Result<Vec<SiteId>, DbErr> {
    let settled = Column::SinceAt.lte(now - SETTLES_AFTER);
    Entity::find()
        .select_only()
        .column(Column::SiteId)
        .filter(Column::FinishedAt.is_null())
        .filter(Column::IsTail.eq(false).or(settled))
        .into_tuple()
        .all(db)
        .await
}

/// Takes the site for the node `name`, unless another one has it. On SQLite there is no other.
pub async fn claim(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    name: &str,
    now: Millis,
) -> Result<Option<Recount>, DbErr> {
    let mut take = Entity::update_many()
        .col_expr(Column::ClaimedBy, Expr::value(name))
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::FinishedAt.is_null());
    if tx.get_database_backend() != DbBackend::Sqlite {
        let is_free = Column::LeaseUntil.lte(now);
        take = take.filter(Column::ClaimedBy.eq(name).or(is_free));
    }
    if take.exec(tx).await?.rows_affected == 0 {
        return Ok(None);
    }
    find(tx, site_id).await
}

fn of_version(site_id: SiteId, version: i32) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Version.eq(version))
}

/// Notes how many visits there are to be counted again.
pub async fn set_total(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    version: i32,
    total: i64,
) -> Result<(), DbErr> {
    of_version(site_id, version)
        .col_expr(Column::Total, Expr::value(Some(total)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes, in the commit that counts them again, that `n` visits were, and that all down to `reached` were looked at.
pub async fn advance(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    version: i32,
    n: i64,
    (reached, day): (VisitId, i32),
) -> Result<(), DbErr> {
    of_version(site_id, version)
        .col_expr(Column::Recounted, Expr::col(Column::Recounted).add(n))
        .exec(tx)
        .await?;
    // Never back up: of two nodes that were at it, the slower one comes later.
    of_version(site_id, version)
        .filter(Column::Reached.is_null().or(Column::Reached.gt(reached)))
        .col_expr(Column::Reached, Expr::value(Some(reached)))
        .col_expr(Column::ReachedDay, Expr::value(Some(day)))
        .exec(tx)
        .await?;
    Ok(())
}

/// All visits were looked at: what began while the change was spreading is looked at once more, when it has.
pub async fn begin_tail(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    version: i32,
) -> Result<(), DbErr> {
    of_version(site_id, version)
        .col_expr(Column::IsTail, Expr::value(true))
        .col_expr(Column::Reached, Expr::value(None::<VisitId>))
        .exec(tx)
        .await?;
    Ok(())
}

/// Nothing is left to do.
pub async fn finish(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    version: i32,
    now: Millis,
) -> Result<(), DbErr> {
    of_version(site_id, version)
        .col_expr(Column::FinishedAt, Expr::value(Some(now)))
        .exec(tx)
        .await?;
    Ok(())
}

fn recount_of(row: &Model) -> Recount {
    Recount {
        version: row.version,
        since_at: row.since_at,
        total: row.total,
        recounted: row.recounted,
        reached: row.reached,
        reached_day: row.reached_day,
        is_tail: row.is_tail,
        is_finished: row.finished_at.is_some(),
    }
}
