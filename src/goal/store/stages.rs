//! Stages of a site and the goals that stand in them. No part of a definition: nothing is counted again.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use crate::{
    db::entity::{OfSite, goal, goal_stage},
    error::{AppResult, FieldErrors},
    goal::stage::{Stage, StageId, Stages},
    types::SiteId,
};

/// The stages of the site; those that every site begins with until its owner has changed them.
pub async fn list_stages(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Stages> {
    let rows = goal_stage::Entity::of_site(site_id)
        .order_by_asc(goal_stage::Column::Place)
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Stages::default());
    }
    let stages = rows.into_iter().map(|row| Stage {
        id: StageId(row.id),
        name: row.name,
        merged_into: row.merged_into.map(StageId),
    });
    Ok(Stages(stages.collect()))
}

/// Puts these in the place of the old ones. Goals of a removed stage go where it went.
pub async fn save_stages(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    stages: &Stages,
) -> AppResult<()> {
    goal_stage::Entity::delete_many()
        .filter(goal_stage::Column::SiteId.eq(site_id))
        .exec(tx)
        .await?;
    let rows = (0i32..).zip(&stages.0).map(|(place, stage)| {
        let merged_into = stage.merged_into.as_ref();
        goal_stage::ActiveModel {
            site_id: Set(site_id),
            id: Set(stage.id.to_string()),
            place: Set(place),
            name: Set(stage.name.clone()),
            merged_into: Set(merged_into.map(StageId::to_string)),
        }
    });
    goal_stage::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    let gone = stages.0.iter().filter(|it| it.merged_into.is_some());
    for stage in gone {
        let Some(into) = stages.find(&stage.id) else {
            continue;
        };
        goal::Entity::update_many()
            .col_expr(goal::Column::Stage, Expr::value(into.id.to_string()))
            .filter(goal::Column::SiteId.eq(site_id))
            .filter(goal::Column::Stage.eq(stage.id.to_string()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The stage of now that a goal is to stand in.
pub(super) async fn settle_stage(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    wanted: &StageId,
) -> AppResult<String> {
    let stages = list_stages(tx, site_id).await?;
    let found = stages.find(wanted).map(|stage| stage.id.to_string());
    found.ok_or_else(|| FieldErrors::one("stage", "Choose a stage.").into())
}
