//! Suggestions that the owner does not want to see again.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use crate::{
    db::entity::{OfSite, dismissed_suggestion},
    error::AppResult,
    goal::types::GoalRule,
    types::{Millis, SiteId},
};

/// What is not suggested any more.
pub async fn list_dismissed(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<BTreeSet<GoalRule>> {
    let rows = dismissed_suggestion::Entity::of_site(site_id)
        .all(db)
        .await?;
    let rules = rows
        .iter()
        .map(|row| serde_json::from_str(&row.rule).map_err(anyhow::Error::from));
    Ok(rules.collect::<Result<_, _>>()?)
}

/// Suggests it no more. Once is enough.
pub async fn dismiss(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    rule: &GoalRule,
    at: Millis,
) -> AppResult<()> {
    dismissed_suggestion::Entity::insert(dismissed_suggestion::ActiveModel {
        site_id: Set(site_id),
        rule: Set(serde_json::to_string(rule).map_err(anyhow::Error::from)?),
        dismissed_at: Set(at),
    })
    .on_conflict(OnConflict::new().do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    Ok(())
}
