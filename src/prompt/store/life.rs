//! The life of a prompt after its first draft: paused, put away, brought back, doubled, and an old version used again.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    find_prompt, insert_draft, list_versions, load_version, save_draft,
    states::{delete_states, write_status},
};
use crate::{
    db::entity::{prompt, prompt_version},
    error::{AppError, AppResult},
    goal,
    prompt::types::{Design, Prompt, PromptStatus},
    types::{Millis, PromptId, SiteId},
};

/// Characters of a name at most, as the editor takes it.
const LONGEST_NAME: usize = 80;

/// Asks nobody from now on.
pub async fn pause(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    at: Millis,
) -> AppResult<()> {
    set_status(
        tx,
        site_id,
        id,
        PromptStatus::Published,
        PromptStatus::Paused,
        at,
    )
    .await
}

/// Asks again, with the version that was published before the pause.
pub async fn resume(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    at: Millis,
) -> AppResult<()> {
    if let Some(version) = find_prompt(tx, site_id, id).await?.published_version {
        let published = load_version(tx, site_id, id, version).await?;
        refuse_lost_goals(tx, site_id, &published.design).await?;
    }
    set_status(
        tx,
        site_id,
        id,
        PromptStatus::Paused,
        PromptStatus::Published,
        at,
    )
    .await
}

/// A question about a goal that is no longer counted would be silent for ever, or ask those who converted.
pub(super) async fn refuse_lost_goals(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    design: &Design,
) -> AppResult<()> {
    let goals = goal::store::list_goals(tx, site_id).await?;
    let moment = &design.moment;
    let mut named = moment
        .after
        .iter()
        .chain(&moment.expect)
        .chain(&moment.cancel)
        .chain(design.target.goals());
    if named.all(|id| goals.iter().any(|goal| goal.id == *id)) {
        return Ok(());
    }
    Err(AppError::Conflict(
        "this question refers to a goal that is no longer counted; choose another goal in it, then publish"
            .into(),
    ))
}

/// A draft with everything that the prompt's own draft holds, under a name that tells it apart.
pub async fn duplicate(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    at: Millis,
) -> AppResult<PromptId> {
    let original = find_prompt(tx, site_id, id).await?;
    let name: String = format!("Copy of {}", original.name)
        .chars()
        .take(LONGEST_NAME)
        .collect();
    insert_draft(tx, site_id, &name, &original.draft, at).await
}

/// Puts a prompt away: it asks nobody, its report and its answers stay.
pub async fn archive(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    at: Millis,
) -> AppResult<()> {
    refuse_archived(&find_prompt(tx, site_id, id).await?)?;
    write_status(tx, site_id, id, PromptStatus::Archived, at).await
}

/// Brings a prompt back: paused when visitors ever got it, else as a draft.
pub async fn bring_back(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    at: Millis,
) -> AppResult<()> {
    let prompt = find_prompt(tx, site_id, id).await?;
    let to = match prompt.published_version {
        Some(_) => PromptStatus::Paused,
        None => PromptStatus::Draft,
    };
    set_status(tx, site_id, id, PromptStatus::Archived, to, at).await
}

/// Deletes a prompt that visitors never got. Any other has answers to keep the wording for.
pub async fn delete_draft(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
) -> AppResult<()> {
    find_prompt(tx, site_id, id).await?;
    if !list_versions(tx, site_id, id).await?.is_empty() {
        return Err(AppError::Conflict(
            "this question was published, and its answers need its wording; archive it instead, \
             which takes it out of the list"
                .into(),
        ));
    }
    delete_states(tx, site_id, id).await?;
    prompt::Entity::delete_many()
        .filter(prompt::Column::SiteId.eq(site_id))
        .filter(prompt::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the design of an old version the draft. Versions stay as they are: publishing it makes a new one.
pub async fn use_version(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    version: i32,
    at: Millis,
) -> AppResult<()> {
    let prompt = find_prompt(tx, site_id, id).await?;
    let old = load_version(tx, site_id, id, version).await?;
    save_draft(tx, site_id, id, &prompt.name, &old.design, at).await
}

/// Sets the owner's note about a version. What the version froze stays.
pub async fn describe_version(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    version: i32,
    note: &str,
) -> AppResult<()> {
    let changed = prompt_version::Entity::update_many()
        .col_expr(prompt_version::Column::Note, Expr::value(note))
        .filter(prompt_version::Column::SiteId.eq(site_id))
        .filter(prompt_version::Column::PromptId.eq(id))
        .filter(prompt_version::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AppError::NotFound("version of this question"));
    }
    Ok(())
}

/// What is put away is neither changed nor published.
pub(super) fn refuse_archived(prompt: &Prompt) -> AppResult<()> {
    if prompt.status == PromptStatus::Archived {
        return Err(AppError::Conflict(
            "this question is archived; bring it back first".into(),
        ));
    }
    Ok(())
}

async fn set_status(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    from: PromptStatus,
    to: PromptStatus,
    at: Millis,
) -> AppResult<()> {
    let prompt = find_prompt(tx, site_id, id).await?;
    if prompt.status != from {
        let is = prompt.status.label().to_lowercase();
        return Err(AppError::Conflict(format!(
            "this question is {is}; reload the page to see what can be done"
        )));
    }
    write_status(tx, site_id, id, to, at).await
}
