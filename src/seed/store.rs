//! Removes a site with everything that belongs to it.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::{
    db::{
        Db,
        entity::{
            OfSite, answer, answer_choice, answer_star, answer_tag, audit, batch,
            dismissed_suggestion, drop, funnel, goal, goal_plan, goal_stage, goal_version,
            harm_pause, impression, offer, prompt, prompt_state, prompt_version, reason, recount,
            refused_origin, seen_form, seen_path, signature, site, tag, visit, visit_field,
            visit_goal, webhook, webhook_delivery,
        },
    },
    ingest::store::delete_sums,
    types::{SiteId, VisitId},
};

/// Visits removed in one transaction, so that real visitors wait for a moment only.
const AT_ONCE: u64 = 1_000;

/// Visits and answers of the site.
pub(super) async fn count(db: &impl ConnectionTrait, site_id: SiteId) -> Result<(u64, u64), DbErr> {
    Ok((
        visit::Entity::of_site(site_id).count(db).await?,
        // One a card, as the inbox counts them.
        answer::Entity::of_site(site_id)
            .select_only()
            .column(answer::Column::ImpressionId)
            .distinct()
            .count(db)
            .await?,
    ))
}

/// Removes everything but the site itself, a piece at a time.
pub(super) async fn remove_contents(db: &Db, site_id: SiteId) -> Result<(), DbErr> {
    loop {
        let tx = db.begin().await?;
        let visits: Vec<VisitId> = visit::Entity::find()
            .select_only()
            .column(visit::Column::Id)
            .filter(visit::Column::SiteId.eq(site_id))
            .limit(AT_ONCE)
            .into_tuple()
            .all(&tx)
            .await?;
        if visits.is_empty() {
            break;
        }
        remove_visits(&tx, site_id, visits).await?;
        tx.commit().await?;
    }
    let tx = db.begin().await?;
    macro_rules! clear {
        ($($table:ident),+) => {$(
            $table::Entity::delete_many()
                .filter($table::Column::SiteId.eq(site_id))
                .exec(&tx)
                .await?;
        )+};
    }
    clear!(
        answer_choice,
        answer_star,
        answer_tag,
        tag,
        answer,
        batch,
        impression,
        visit_field,
        visit_goal,
        dismissed_suggestion,
        drop,
        refused_origin,
        seen_form,
        seen_path,
        prompt_version,
        offer,
        prompt_state,
        harm_pause,
        prompt,
        reason,
        goal_version,
        goal_plan,
        goal,
        goal_stage,
        funnel,
        recount,
        signature,
        audit,
        webhook_delivery,
        webhook
    );
    delete_sums(&tx, site_id).await?;
    tx.commit().await
}

/// Removes the site itself.
pub(super) async fn remove_site(db: &Db, site_id: SiteId) -> Result<(), DbErr> {
    let tx = db.begin().await?;
    site::Entity::delete_by_id(site_id).exec(&tx).await?;
    tx.commit().await
}

async fn remove_visits(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    visits: Vec<VisitId>,
) -> Result<(), DbErr> {
    macro_rules! clear {
        ($table:ident, $column:ident) => {
            $table::Entity::delete_many()
                .filter($table::Column::SiteId.eq(site_id))
                .filter($table::Column::$column.is_in(visits.clone()))
                .exec(tx)
                .await?;
        };
    }
    clear!(batch, VisitId);
    clear!(answer, VisitId);
    clear!(impression, VisitId);
    clear!(visit_field, VisitId);
    clear!(visit_goal, VisitId);
    clear!(visit, Id);
    Ok(())
}
