//! Which prompts offer a reason, and pointing them at another one.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::list_prompts;
use crate::{
    db::entity::{OfSite, prompt, prompt_version},
    error::AppResult,
    prompt::types::{PromptStatus, Question},
    types::{ReasonId, SiteId},
};

/// Names of the prompts that offer each reason, in their draft or to visitors. Those that are put away offer none.
pub async fn list_reason_users(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<HashMap<ReasonId, Vec<String>>> {
    let published = super::list_published(db, site_id).await?;
    let mut users: HashMap<ReasonId, Vec<String>> = HashMap::new();
    for prompt in list_prompts(db, site_id).await? {
        if prompt.status == PromptStatus::Archived {
            continue;
        }
        let live = published.iter().find(|live| live.id == prompt.id);
        let designs = live.map(|live| &live.design).into_iter();
        let mut reasons: Vec<ReasonId> = designs
            .chain([&prompt.draft])
            .flat_map(|design| &design.questions)
            .flat_map(Question::reasons)
            .collect();
        reasons.sort_unstable();
        reasons.dedup();
        for reason in reasons {
            users.entry(reason).or_default().push(prompt.name.clone());
        }
    }
    Ok(users)
}

/// Points every design at another reason, those of old versions too: what visitors read stays as it was, what it stands for does not.
pub async fn replace_reason(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    from: ReasonId,
    into: ReasonId,
) -> AppResult<()> {
    super::offers::replace_reason(tx, site_id, from, into).await?;
    // Ids are long and random: as text they stand nowhere but where the reason is meant.
    let (from, into) = (from.to_string(), into.to_string());
    let drafts = prompt::Entity::of_site(site_id)
        .filter(prompt::Column::Draft.contains(&from))
        .all(tx)
        .await?;
    for row in drafts {
        prompt::Entity::update_many()
            .col_expr(
                prompt::Column::Draft,
                Expr::value(row.draft.replace(&from, &into)),
            )
            .filter(prompt::Column::SiteId.eq(site_id))
            .filter(prompt::Column::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    let versions = prompt_version::Entity::of_site(site_id)
        .filter(prompt_version::Column::Design.contains(&from))
        .all(tx)
        .await?;
    for row in versions {
        prompt_version::Entity::update_many()
            .col_expr(
                prompt_version::Column::Design,
                Expr::value(row.design.replace(&from, &into)),
            )
            .filter(prompt_version::Column::SiteId.eq(site_id))
            .filter(prompt_version::Column::PromptId.eq(row.prompt_id))
            .filter(prompt_version::Column::Version.eq(row.version))
            .exec(tx)
            .await?;
    }
    Ok(())
}
