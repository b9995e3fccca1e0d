//! The order in which the prompts of a site have their say: the first that may ask is the one that does.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    db::entity::{OfSite, prompt},
    error::{AppError, AppResult},
    prompt::types::PromptStatus,
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

/// Moves a prompt that asks by one among those that ask: before the one above it, or behind the one below.
pub async fn move_prompt(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    is_up: bool,
) -> AppResult<()> {
    let mut rows: Vec<(PromptId, String, i32)> = prompt::Entity::of_site(site_id)
        .select_only()
        .columns([
            prompt::Column::Id,
            prompt::Column::Status,
            prompt::Column::Place,
        ])
        .order_by_asc(prompt::Column::Place)
        .order_by_asc(prompt::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    let from = rows.iter().position(|(other, ..)| *other == id);
    let from = from.ok_or(AppError::NotFound("question"))?;
    let asks = |row: &(PromptId, String, i32)| row.1 == PromptStatus::Published.as_str();
    if !rows.get(from).is_some_and(asks) {
        return Err(AppError::Conflict(
            "only questions that ask have an order; publish it first".into(),
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
    for (place, (id, _, before)) in (0..).zip(rows) {
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
