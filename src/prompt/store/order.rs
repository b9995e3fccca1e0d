//! The order in which the prompts of a site have their say: the first that may ask is the one that does.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::list_published;
use crate::{
    db::entity::{OfSite, prompt},
    error::{AppError, AppResult},
    types::{PromptId, SiteId},
};

/// A new prompt comes last.
pub(super) async fn next_place(db: &impl ConnectionTrait, site_id: SiteId) -> Result<i32, DbErr> {
    let last: Option<Option<i32>> = prompt::Entity::of_site(site_id)
        .select_only()
        .column_as(prompt::Column::Place.max(), "last")
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.flatten().map_or(0, |last| last.saturating_add(1)))
}

/// The prompts whose order means something: those that ask at a moment, the first to have its say first.
pub async fn list_in_order(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<PromptId>> {
    let published = list_published(db, site_id).await?.into_iter();
    let waiting = published.filter(|prompt| prompt.design.look.shown_as.waits_for_a_moment());
    Ok(waiting.map(|prompt| prompt.id).collect())
}

/// Moves a prompt by one among those that have an order: before the one above it, or behind the one below.
pub async fn move_prompt(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    is_up: bool,
) -> AppResult<()> {
    let mut rows: Vec<(PromptId, i32)> = prompt::Entity::of_site(site_id)
        .select_only()
        .columns([prompt::Column::Id, prompt::Column::Place])
        .order_by_asc(prompt::Column::Place)
        .order_by_asc(prompt::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    let from = rows.iter().position(|(other, _)| *other == id);
    let from = from.ok_or(AppError::NotFound("question"))?;
    let ordered = list_in_order(tx, site_id).await?;
    let asks = |(id, _): &(PromptId, i32)| ordered.contains(id);
    if !rows.get(from).is_some_and(asks) {
        return Err(AppError::Conflict(
            "only questions that ask at a moment have an order; publish it first".into(),
        ));
    }
    let to = if is_up {
        rows.iter().take(from).rposition(asks)
    } else {
        let below = rows.iter().skip(from + 1).position(asks);
        below.map(|below| from + 1 + below)
    };
    if let Some(to) = to {
        let moved = rows.remove(from);
        rows.insert(to, moved);
    }
    for (place, (id, before)) in (0..).zip(rows) {
        if before != place {
            prompt::Entity::update_many()
                .col_expr(prompt::Column::Place, Expr::value(place))
                .filter(prompt::Column::SiteId.eq(site_id))
                .filter(prompt::Column::Id.eq(id))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
