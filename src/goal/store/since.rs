//! Counting from an earlier time on, where nothing that is stored would count otherwise than it does.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr,
};

use crate::{
    db::entity::{OfSite, funnel, goal_version, visit},
    error::AppResult,
    types::{Millis, SiteId},
};

/// Lets goals and funnels count from `at` on that have counted since before the first stored visit began.
///
/// History that is older than they are can then be added. Those that were saved later go on counting from when they were saved.
pub async fn count_since(tx: &impl ConnectionTrait, site_id: SiteId, at: Millis) -> AppResult<()> {
    let first: Option<Option<Millis>> = visit::Entity::of_site(site_id)
        .select_only()
        .column_as(visit::Column::StartedAt.min(), "first")
        .into_tuple()
        .one(tx)
        .await?;
    let first = first.flatten().unwrap_or(Millis::MAX);
    use goal_version::Column;
    // What was replaced before anything happened has counted nothing, and is to count nothing now.
    goal_version::Entity::update_many()
        .col_expr(Column::UntilAt, Expr::col(Column::SinceAt))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::UntilAt.lte(first))
        .exec(tx)
        .await?;
    goal_version::Entity::update_many()
        .col_expr(Column::SinceAt, Expr::value(at))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::SinceAt.lte(first))
        .filter(Column::SinceAt.gt(at))
        .filter(Column::UntilAt.is_null().or(Column::UntilAt.gt(first)))
        .exec(tx)
        .await?;
    // Of several that count from the same time on, the newest holds.
    funnel::Entity::update_many()
        .col_expr(funnel::Column::SinceAt, Expr::value(at))
        .filter(funnel::Column::SiteId.eq(site_id))
        .filter(funnel::Column::SinceAt.lte(first))
        .filter(funnel::Column::SinceAt.gt(at))
        .exec(tx)
        .await?;
    Ok(())
}
