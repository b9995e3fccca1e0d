//! Every query about goals. A changed rule gets a new version with a new bit; a bit never stands for another rule.

mod dismissed;
mod funnel;
pub mod plans;
pub mod recount;
mod seen;
mod stages;
mod versions;

pub use dismissed::{dismiss, list_dismissed};
pub use funnel::{count_again, start_funnel};
pub use seen::{MOST_SEEN_PATHS, count_visits, list_form_paths, list_seen_forms, list_seen_paths};
pub use stages::{list_stages, save_stages};
pub use versions::{PLACES, places_left, rename_currency};

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use self::{
    funnel::{list_funnels, refresh_funnel},
    stages::settle_stage,
    versions::{end_version, find_ended, insert_version, keep_version, list_versions, version_of},
};
use super::types::{Definitions, Goal, GoalRole, GoalRule, GoalStage, NewGoal, StageId};
use crate::{
    db::entity::{OfSite, goal, goal_version},
    error::{AppError, AppResult, FieldErrors},
    types::{GoalId, Millis, SiteId},
};

/// Everything that the site has ever counted.
pub async fn load_definitions(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<Definitions> {
    Ok(Definitions {
        goals: list_versions(db, site_id).await?,
        funnels: list_funnels(db, site_id).await?,
    })
}

/// The goals that the site counts now: steps in their order, then the rest by age.
pub async fn list_goals(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<Goal>> {
    let rows = goal::Entity::of_site(site_id)
        .filter(goal::Column::ArchivedAt.is_null())
        .all(db)
        .await?;
    let versions = goal_version::Entity::of_site(site_id)
        .filter(goal_version::Column::UntilAt.is_null())
        .all(db)
        .await?;
    let mut current: HashMap<GoalId, goal_version::Model> = versions
        .into_iter()
        .map(|version| (version.goal_id, version))
        .collect();
    let mut goals = rows
        .into_iter()
        .filter_map(|row| {
            current
                .remove(&row.id)
                .map(|version| goal_of(row, &version))
        })
        .collect::<AppResult<Vec<_>>>()?;
    let mains: Vec<GoalId> = goals
        .iter()
        .filter(|goal| goal.is_listed_main())
        .map(|goal| goal.id)
        .collect();
    for goal in &mut goals {
        goal.serves = goal.serves.filter(|main| mains.contains(main));
    }
    goals.sort_by_key(|goal| {
        (
            goal.funnel_position.is_none(),
            goal.funnel_position,
            goal.id,
        )
    });
    Ok(goals)
}

/// One goal that the site counts now.
pub async fn find_goal(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
) -> AppResult<Goal> {
    let goals = list_goals(db, site_id).await?;
    goals
        .into_iter()
        .find(|goal| goal.id == goal_id)
        .ok_or(AppError::NotFound("goal"))
}

/// Names of all goals that ever were, archived ones too: versions of prompts go on naming them.
pub async fn list_goal_names(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<HashMap<GoalId, String>> {
    let rows = goal::Entity::of_site(site_id).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Adds a goal, saved at `at`. A listed step goes to the end of the funnel; the first listed main goal becomes the one that figures refer to.
///
/// One that counted the same and has ended is that goal again: what names it goes on, and so does its bit.
pub async fn insert_goal(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewGoal,
    at: Millis,
) -> AppResult<GoalId> {
    let goals = list_goals(tx, site_id).await?;
    refuse_same_name(&goals, new, None)?;
    let ended = find_ended(tx, site_id, &new.rule).await?;
    let id = ended.unwrap_or_else(|| GoalId::new(at));
    let row = goal::ActiveModel {
        site_id: Set(site_id),
        id: Set(id),
        name: Set(new.name.clone()),
        role: Set(new.role.to_string()),
        stage: Set(settle_stage(tx, site_id, &new.stage).await?),
        is_listed: Set(new.is_listed),
        funnel_position: Set(is_step(new).then(|| next_position(&goals))),
        is_primary: Set(is_main(new) && !goals.iter().any(|goal| goal.is_primary)),
        created_at: Set(at),
        archived_at: Set(None),
        is_key: Set(is_key(new)),
        serves_id: Set(main_of(new, &goals, None)?),
    };
    let again = OnConflict::columns([goal::Column::SiteId, goal::Column::Id])
        .update_columns([
            goal::Column::Name,
            goal::Column::Role,
            goal::Column::Stage,
            goal::Column::IsListed,
            goal::Column::FunnelPosition,
            goal::Column::IsPrimary,
            goal::Column::ArchivedAt,
            goal::Column::IsKey,
            goal::Column::ServesId,
        ])
        .to_owned();
    goal::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    insert_version(tx, site_id, id, new, at).await?;
    refresh_funnel(tx, site_id, at).await?;
    Ok(id)
}

/// Changes a goal. Only another rule starts a new version of it; by another rule or value all visits are counted again.
///
/// A rule that counts the same takes the place of the old one: counted again, every visit would come out as it is.
pub async fn update_goal(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    new: &NewGoal,
    at: Millis,
) -> AppResult<()> {
    let goals = list_goals(tx, site_id).await?;
    refuse_same_name(&goals, new, Some(goal_id))?;
    let old = goals
        .iter()
        .find(|goal| goal.id == goal_id)
        .ok_or(AppError::NotFound("goal"))?;
    let position =
        is_step(new).then(|| old.funnel_position.unwrap_or_else(|| next_position(&goals)));
    let has_primary = goals
        .iter()
        .any(|goal| goal.is_primary && goal.id != goal_id);
    let stage = settle_stage(tx, site_id, &new.stage).await?;
    let serves = main_of(new, &goals, Some(goal_id))?;
    goal::Entity::update_many()
        .col_expr(goal::Column::Name, Expr::value(new.name.as_str()))
        .col_expr(goal::Column::Role, Expr::value(new.role.as_str()))
        .col_expr(goal::Column::Stage, Expr::value(stage))
        .col_expr(goal::Column::IsListed, Expr::value(new.is_listed))
        .col_expr(goal::Column::IsKey, Expr::value(is_key(new)))
        .col_expr(goal::Column::ServesId, Expr::value(serves))
        .col_expr(goal::Column::FunnelPosition, Expr::value(position))
        .col_expr(
            goal::Column::IsPrimary,
            Expr::value(is_main(new) && !has_primary),
        )
        .filter(goal::Column::SiteId.eq(site_id))
        .filter(goal::Column::Id.eq(goal_id))
        .exec(tx)
        .await?;
    let is_same = old.current.rule.counts_like(&new.rule);
    if is_same {
        keep_version(tx, site_id, &old.current, new).await?;
    } else {
        end_version(tx, site_id, goal_id, at).await?;
        insert_version(tx, site_id, goal_id, new, at).await?;
    }
    settle_primary(tx, site_id).await?;
    if is_same && old.current.value_minor != new.value_minor {
        return count_again(tx, site_id, at).await;
    }
    refresh_funnel(tx, site_id, at).await
}

/// Says what reaching a goal is worth, in minor units of the site's currency.
pub async fn set_value(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    value_minor: i64,
    at: Millis,
) -> AppResult<()> {
    let goal = find_goal(tx, site_id, goal_id).await?;
    let new = NewGoal {
        name: goal.name,
        role: goal.role,
        stage: goal.stage,
        rule: goal.current.rule,
        value_minor: Some(value_minor),
        is_listed: goal.is_listed,
        is_key: goal.is_key,
        serves: goal.serves,
    };
    update_goal(tx, site_id, goal_id, &new, at).await
}

/// Stops counting a goal. Answers and versions of prompts go on naming it.
pub async fn archive_goal(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    at: Millis,
) -> AppResult<()> {
    find_goal(tx, site_id, goal_id).await?;
    goal::Entity::update_many()
        .col_expr(goal::Column::ArchivedAt, Expr::value(at))
        .col_expr(goal::Column::IsPrimary, Expr::value(false))
        .filter(goal::Column::SiteId.eq(site_id))
        .filter(goal::Column::Id.eq(goal_id))
        .exec(tx)
        .await?;
    end_version(tx, site_id, goal_id, at).await?;
    settle_primary(tx, site_id).await?;
    refresh_funnel(tx, site_id, at).await
}

/// The goal whose current rule counts what `rule` does; made if there is none, as a signal that no list shows.
pub async fn ensure_goal(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    rule: &GoalRule,
    at: Millis,
) -> AppResult<GoalId> {
    let goals = list_goals(tx, site_id).await?;
    if let Some(goal) = goals
        .iter()
        .find(|goal| goal.current.rule.counts_like(rule))
    {
        return Ok(goal.id);
    }
    let new = NewGoal {
        name: rule.describe(),
        role: GoalRole::Engagement,
        stage: GoalStage::Consideration.into(),
        rule: rule.clone(),
        value_minor: None,
        is_listed: false,
        is_key: false,
        serves: None,
    };
    insert_goal(tx, site_id, &new, at).await
}

/// Makes a listed main goal the one that conversion and value refer to.
pub async fn choose_primary(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    at: Millis,
) -> AppResult<()> {
    let goal = find_goal(tx, site_id, goal_id).await?;
    if !goal.is_listed_main() {
        return Err(AppError::Conflict(
            "only a main goal can be the one that conversion refers to".into(),
        ));
    }
    set_primary(tx, site_id, Some(goal_id)).await?;
    refresh_funnel(tx, site_id, at).await
}

/// Puts the steps of the funnel in this order. Steps that are left out keep their order behind the others.
pub async fn set_step_order(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    order: &[GoalId],
    at: Millis,
) -> AppResult<()> {
    let mut steps: Vec<Goal> = list_goals(tx, site_id)
        .await?
        .into_iter()
        .filter(|goal| goal.funnel_position.is_some())
        .collect();
    steps.sort_by_key(|step| {
        order
            .iter()
            .position(|id| *id == step.id)
            .unwrap_or(usize::MAX)
    });
    for (position, step) in (0i32..).zip(&steps) {
        goal::Entity::update_many()
            .col_expr(goal::Column::FunnelPosition, Expr::value(Some(position)))
            .filter(goal::Column::SiteId.eq(site_id))
            .filter(goal::Column::Id.eq(step.id))
            .exec(tx)
            .await?;
    }
    refresh_funnel(tx, site_id, at).await
}

fn goal_of(row: goal::Model, version: &goal_version::Model) -> AppResult<Goal> {
    let unknown = || anyhow::anyhow!("stored role {:?} is not known to this release", row.role);
    Ok(Goal {
        id: row.id,
        role: GoalRole::parse(&row.role).ok_or_else(unknown)?,
        stage: StageId(row.stage),
        name: row.name,
        is_listed: row.is_listed,
        funnel_position: row.funnel_position,
        is_primary: row.is_primary,
        is_key: row.is_key,
        serves: row.serves_id,
        current: version_of(version)?,
    })
}

fn is_step(new: &NewGoal) -> bool {
    new.is_listed && new.role == GoalRole::Milestone
}

fn is_main(new: &NewGoal) -> bool {
    new.is_listed && new.role == GoalRole::Macro
}

fn is_key(new: &NewGoal) -> bool {
    new.is_key && new.is_listed && new.role != GoalRole::Macro
}

/// The main goal that it leads to, which must be one of the site.
fn main_of(
    new: &NewGoal,
    goals: &[Goal],
    itself: Option<GoalId>,
) -> Result<Option<GoalId>, FieldErrors> {
    let Some(wanted) = new.serves.filter(|_| new.role != GoalRole::Macro) else {
        return Ok(None);
    };
    let mut others = goals.iter().filter(|goal| Some(goal.id) != itself);
    if !others.any(|goal| goal.id == wanted && goal.is_listed_main()) {
        return Err(FieldErrors::one("serves", "Choose one of the main goals."));
    }
    Ok(Some(wanted))
}

fn next_position(goals: &[Goal]) -> i32 {
    goals
        .iter()
        .filter_map(|goal| goal.funnel_position)
        .max()
        .map_or(0, |last| last + 1)
}

/// Two listed goals of one name could not be told apart in a report.
fn refuse_same_name(goals: &[Goal], new: &NewGoal, except: Option<GoalId>) -> AppResult<()> {
    let is_taken = goals.iter().any(|goal| {
        goal.is_listed
            && Some(goal.id) != except
            && goal.name.to_lowercase() == new.name.to_lowercase()
    });
    if new.is_listed && is_taken {
        return Err(FieldErrors::one(
            "name",
            "Another goal has this name. Choose one that tells them apart.",
        )
        .into());
    }
    Ok(())
}

/// While there is a listed main goal, one of them is the one that figures refer to.
async fn settle_primary(tx: &impl ConnectionTrait, site_id: SiteId) -> AppResult<()> {
    let goals = list_goals(tx, site_id).await?;
    if goals.iter().any(|goal| goal.is_primary) {
        return Ok(());
    }
    let oldest = goals
        .iter()
        .filter(|goal| goal.is_listed_main())
        .map(|goal| goal.id)
        .min();
    set_primary(tx, site_id, oldest).await
}

async fn set_primary(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: Option<GoalId>,
) -> AppResult<()> {
    let set = |value: bool| {
        goal::Entity::update_many()
            .col_expr(goal::Column::IsPrimary, Expr::value(value))
            .filter(goal::Column::SiteId.eq(site_id))
    };
    set(false).exec(tx).await?;
    if let Some(goal_id) = goal_id {
        set(true)
            .filter(goal::Column::Id.eq(goal_id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
