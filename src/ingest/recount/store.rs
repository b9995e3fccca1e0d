//! Which visits were counted by older definitions.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    db::entity::{OfSite, visit},
    types::{SiteId, VisitId},
};

/// How many visits were counted by definitions before `version`.
pub(super) async fn count_older(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    version: i32,
) -> Result<i64, DbErr> {
    let older = visit::Entity::of_site(site_id).filter(visit::Column::FunnelVersion.lt(version));
    Ok(i64::try_from(older.count(db).await?).unwrap_or(i64::MAX))
}

/// Visits that were counted by definitions before `version`, with the days of their start: of those from `from` on and before
/// `below` the newest, at most `limit`.
pub(super) async fn list_older(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    version: i32,
    (from, below): (Option<VisitId>, Option<VisitId>),
    limit: u64,
) -> Result<Vec<(VisitId, i32)>, DbErr> {
    let mut older = visit::Entity::of_site(site_id)
        .filter(visit::Column::FunnelVersion.lt(version))
        .order_by_desc(visit::Column::Id)
        .limit(limit);
    if let Some(from) = from {
        older = older.filter(visit::Column::Id.gte(from));
    }
    if let Some(below) = below {
        older = older.filter(visit::Column::Id.lt(below));
    }
    older
        .select_only()
        .columns([visit::Column::Id, visit::Column::Day])
        .into_tuple()
        .all(db)
        .await
}
