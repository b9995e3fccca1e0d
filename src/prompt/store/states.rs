//! When a prompt asked and when it did not: each change of its state, with its time.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::{
    db::entity::{OfSite, prompt, prompt_state},
    error::AppResult,
    prompt::types::PromptStatus,
    types::{Millis, PromptId, SiteId},
};

/// Sets the state and notes since when it holds. Of several changes in one millisecond the last one tells.
pub(super) async fn write_status(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    to: PromptStatus,
    at: Millis,
) -> AppResult<()> {
    prompt::Entity::update_many()
        .col_expr(prompt::Column::Status, Expr::value(to.as_str()))
        .filter(prompt::Column::SiteId.eq(site_id))
        .filter(prompt::Column::Id.eq(id))
        .exec(tx)
        .await?;
    let key = [
        prompt_state::Column::SiteId,
        prompt_state::Column::PromptId,
        prompt_state::Column::At,
    ];
    let again = OnConflict::columns(key)
        .update_column(prompt_state::Column::Status)
        .to_owned();
    prompt_state::Entity::insert(prompt_state::ActiveModel {
        site_id: Set(site_id),
        prompt_id: Set(id),
        at: Set(at),
        status: Set(to.to_string()),
    })
    .on_conflict(again)
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Since when the prompt was in which state, oldest first. What held before the first of them is not known.
pub async fn list_states(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
) -> AppResult<Vec<(Millis, PromptStatus)>> {
    let rows = prompt_state::Entity::of_site(site_id)
        .filter(prompt_state::Column::PromptId.eq(id))
        .order_by_asc(prompt_state::Column::At)
        .all(db)
        .await?;
    let known = rows
        .into_iter()
        .filter_map(|row| Some((row.at, PromptStatus::parse(&row.status)?)));
    Ok(known.collect())
}

/// Forgets the states of a prompt that is deleted.
pub(super) async fn delete_states(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
) -> AppResult<()> {
    prompt_state::Entity::delete_many()
        .filter(prompt_state::Column::SiteId.eq(site_id))
        .filter(prompt_state::Column::PromptId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
