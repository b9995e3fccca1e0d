//! Who looks after each goal, and the days that its figures are held against. No part of what is counted.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use crate::{
    db::entity::{
        OfSite,
        goal_plan::{ActiveModel, Column, Entity},
    },
    error::AppResult,
    goal::types::Plan,
    types::{GoalId, SiteId},
};

/// What is planned of the site's goals; one without a plan is missing.
pub async fn list(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<HashMap<GoalId, Plan>> {
    let rows = Entity::of_site(site_id).all(db).await?;
    let plans = rows.into_iter().map(|row| {
        let plan = Plan {
            owner: row.owner,
            baseline: row.baseline_from.zip(row.baseline_to),
        };
        (row.goal_id, plan)
    });
    Ok(plans.collect())
}

/// Says who looks after the goal; empty for nobody.
pub async fn set_owner(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    owner: &str,
) -> AppResult<()> {
    let row = ActiveModel {
        site_id: Set(site_id),
        goal_id: Set(goal_id),
        owner: Set(owner.to_owned()),
        ..Default::default()
    };
    let again = OnConflict::columns([Column::SiteId, Column::GoalId])
        .update_column(Column::Owner)
        .to_owned();
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Has the figures of the goal held against these days, both YYYYMMDD and included.
pub async fn set_baseline(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    (from, to): (i32, i32),
) -> AppResult<()> {
    let row = ActiveModel {
        site_id: Set(site_id),
        goal_id: Set(goal_id),
        baseline_from: Set(Some(from)),
        baseline_to: Set(Some(to)),
        ..Default::default()
    };
    let again = OnConflict::columns([Column::SiteId, Column::GoalId])
        .update_columns([Column::BaselineFrom, Column::BaselineTo])
        .to_owned();
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
