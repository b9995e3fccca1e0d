//! Every query about prompts. A published version is written once and never changed.

mod life;
mod offers;
mod order;
mod reasons;
mod resolve;
mod states;

pub use life::{
    archive, bring_back, delete_draft, describe_version, duplicate, pause, resume, use_version,
};
pub use offers::{insert_offers, list_offers};
pub use order::{list_in_order, move_prompt};
pub use reasons::{list_reason_users, replace_reason};
pub use resolve::resolve_design;
pub use states::list_states;

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};

use super::types::{Design, Prompt, PromptStatus, PromptVersion, PublishedPrompt};
use crate::{
    db::entity::{OfSite, prompt, prompt_version},
    error::{AppError, AppResult},
    types::{GoalId, Millis, PromptId, SiteId},
};

/// The site's prompts, newest first.
pub async fn list_prompts(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<Prompt>> {
    let rows = prompt::Entity::of_site(site_id)
        .order_by_desc(prompt::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(prompt_of).collect()
}

/// One prompt of the site.
pub async fn find_prompt(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
) -> AppResult<Prompt> {
    let row = prompt::Entity::of_site(site_id)
        .filter(prompt::Column::Id.eq(id))
        .one(db)
        .await?;
    prompt_of(row.ok_or(AppError::NotFound("question"))?)
}

/// Adds a prompt that asks nobody yet.
pub async fn insert_draft(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    name: &str,
    design: &Design,
    at: Millis,
) -> AppResult<PromptId> {
    let id = PromptId::new(at);
    prompt::Entity::insert(prompt::ActiveModel {
        site_id: Set(site_id),
        id: Set(id),
        name: Set(name.to_owned()),
        status: Set(PromptStatus::Draft.to_string()),
        draft: Set(to_json(design)?),
        published_version: Set(None),
        created_at: Set(at),
        updated_at: Set(at),
        place: Set(order::next_place(tx, site_id).await?),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(id)
}

/// Saves what the editor holds. Visitors go on getting the published version.
pub async fn save_draft(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    name: &str,
    design: &Design,
    at: Millis,
) -> AppResult<()> {
    life::refuse_archived(&find_prompt(tx, site_id, id).await?)?;
    prompt::Entity::update_many()
        .col_expr(prompt::Column::Name, Expr::value(name))
        .col_expr(prompt::Column::Draft, Expr::value(to_json(design)?))
        .col_expr(prompt::Column::UpdatedAt, Expr::value(at))
        .filter(prompt::Column::SiteId.eq(site_id))
        .filter(prompt::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the draft what visitors get, as a new version unless it is word for word the last one. Returns the version.
pub async fn publish(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    at: Millis,
) -> AppResult<i32> {
    let prompt = find_prompt(tx, site_id, id).await?;
    life::refuse_archived(&prompt)?;
    life::refuse_lost_goals(tx, site_id, &prompt.draft).await?;
    let newest = list_versions(tx, site_id, id).await?.into_iter().next();
    let version = match newest {
        Some(newest) if newest.design == prompt.draft => newest.version,
        newest => {
            let version = newest.map_or(1, |newest| newest.version + 1);
            insert_version(tx, site_id, id, version, &prompt.draft, at).await?;
            version
        }
    };
    prompt::Entity::update_many()
        .col_expr(prompt::Column::PublishedVersion, Expr::value(Some(version)))
        .filter(prompt::Column::SiteId.eq(site_id))
        .filter(prompt::Column::Id.eq(id))
        .exec(tx)
        .await?;
    if prompt.status != PromptStatus::Published {
        states::write_status(tx, site_id, id, PromptStatus::Published, at).await?;
    }
    Ok(version)
}

/// Every version that visitors ever got, newest first.
pub async fn list_versions(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
) -> AppResult<Vec<PromptVersion>> {
    let rows = prompt_version::Entity::of_site(site_id)
        .filter(prompt_version::Column::PromptId.eq(id))
        .order_by_desc(prompt_version::Column::Version)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PromptVersion {
                version: row.version,
                design: from_json(&row.design)?,
                published_at: row.published_at,
                note: row.note,
            })
        })
        .collect()
}

/// The prompts that ask now, in the order in which they have their say.
pub async fn list_published(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<Vec<PublishedPrompt>> {
    let live = prompt_version::Entity::belongs_to(prompt::Entity)
        .from((
            prompt_version::Column::SiteId,
            prompt_version::Column::PromptId,
            prompt_version::Column::Version,
        ))
        .to((
            prompt::Column::SiteId,
            prompt::Column::Id,
            prompt::Column::PublishedVersion,
        ));
    let rows = prompt_version::Entity::of_site(site_id)
        .join(JoinType::InnerJoin, live.into())
        .filter(prompt::Column::Status.eq(PromptStatus::Published.as_str()))
        .order_by_asc(prompt::Column::Place)
        .order_by_asc(prompt::Column::Id)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PublishedPrompt {
                id: row.prompt_id,
                version: row.version,
                design: from_json(&row.design)?,
            })
        })
        .collect()
}

/// A version of a prompt as visitors got it.
pub async fn load_version(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    version: i32,
) -> AppResult<PublishedPrompt> {
    find_version(db, site_id, id, version)
        .await?
        .ok_or(AppError::NotFound("version of this question"))
}

/// A version, live or replaced, for the writer, which must tell an outage from what is not there.
pub async fn find_version(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    version: i32,
) -> Result<Option<PublishedPrompt>, DbErr> {
    let row = prompt_version::Entity::of_site(site_id)
        .filter(prompt_version::Column::PromptId.eq(id))
        .filter(prompt_version::Column::Version.eq(version))
        .one(db)
        .await?;
    row.map(|row| {
        let design = serde_json::from_str(&row.design);
        Ok(PublishedPrompt {
            id,
            version,
            design: design.map_err(|error| DbErr::Json(error.to_string()))?,
        })
    })
    .transpose()
}

/// Ids of questions and choices that the prompt has or ever published: a new one must take none of them.
pub async fn list_part_ids(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
) -> AppResult<BTreeSet<String>> {
    let draft = find_prompt(db, site_id, id).await?.draft;
    let versions = list_versions(db, site_id, id).await?;
    let designs = versions
        .into_iter()
        .map(|version| version.design)
        .chain([draft]);
    Ok(designs
        .flat_map(|design| design.questions)
        .flat_map(|question| {
            let choices = question.choices.into_iter().map(|choice| choice.id);
            choices.chain([question.id])
        })
        .collect())
}

/// Names of the prompts that ask now and whose moment or target refers to the goal.
pub async fn list_waiting_for(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
) -> AppResult<Vec<String>> {
    let published = list_published(db, site_id).await?;
    let waiting: Vec<PromptId> = published
        .into_iter()
        .filter(|prompt| {
            let Design { moment, target, .. } = &prompt.design;
            moment.refers_to(goal_id) || target.goals().any(|id| *id == goal_id)
        })
        .map(|prompt| prompt.id)
        .collect();
    let prompts = list_prompts(db, site_id).await?;
    Ok(prompts
        .into_iter()
        .filter(|prompt| waiting.contains(&prompt.id))
        .map(|prompt| prompt.name)
        .collect())
}

fn prompt_of(row: prompt::Model) -> AppResult<Prompt> {
    let status = PromptStatus::parse(&row.status).ok_or_else(|| {
        anyhow::anyhow!(
            "stored status {:?} is not known to this release",
            row.status
        )
    })?;
    Ok(Prompt {
        id: row.id,
        name: row.name,
        status,
        draft: from_json(&row.draft)?,
        published_version: row.published_version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        place: row.place,
    })
}

fn to_json(design: &Design) -> AppResult<String> {
    Ok(serde_json::to_string(design).map_err(anyhow::Error::from)?)
}

fn from_json(text: &str) -> AppResult<Design> {
    Ok(serde_json::from_str(text).map_err(anyhow::Error::from)?)
}

async fn insert_version(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    version: i32,
    design: &Design,
    at: Millis,
) -> AppResult<()> {
    prompt_version::Entity::insert(prompt_version::ActiveModel {
        site_id: Set(site_id),
        prompt_id: Set(id),
        version: Set(version),
        design: Set(to_json(design)?),
        published_at: Set(at),
        note: Set(String::new()),
    })
    .exec_without_returning(tx)
    .await?;
    insert_offers(tx, site_id, id, version, design).await
}
