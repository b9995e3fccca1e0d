//! Deletes an answer, with what went along with it: there, in the facts and in the journal of its visit.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::cube::unsettle;
use crate::{
    answer,
    db::entity::{OfSite, batch, impression, visit},
    ingest::{
        event::Event,
        hidden::Forgotten,
        visit::{Impression, Visit},
    },
    prompt,
    types::{ImpressionId, SiteId, VisitId},
    webhook,
};

/// Batches read at once.
const AT_ONCE: u64 = 500;

/// Deletes what was answered, and every trace of its hidden fields but for the copies of other answers.
pub(in crate::ingest) async fn erase_answer(
    tx: &impl ConnectionTrait,
    site: SiteId,
    id: ImpressionId,
) -> Result<(), DbErr> {
    let asked = impression::Entity::of_site(site).filter(impression::Column::Id.eq(id));
    if let Some(made) = asked.clone().one(tx).await? {
        unsettle(tx, site, &[made.visit_id]).await?;
        let version =
            prompt::store::find_version(tx, site, made.prompt_id, made.prompt_version).await?;
        let design = version.as_ref().map(|version| &version.design);
        if let Some(design) = design.filter(|design| !design.fields.is_empty()) {
            let forgotten = Forgotten::new(made.prompt_id, design);
            erase_facts(tx, site, made.visit_id, &forgotten).await?;
            erase_journal(tx, site, made.visit_id, &forgotten).await?;
            erase_copies(tx, site, made.visit_id, &forgotten).await?;
        }
    }
    // After the visit, as everybody locks: a state that another node stores comes before the deletion, or finds it done.
    asked.lock_exclusive().one(tx).await?;
    answer::store::delete_answer(tx, site, id).await?;
    webhook::store::forget_answer(tx, site, id).await
}

/// First of all: whoever locks the visit has its journal to itself.
async fn erase_facts(
    tx: &impl ConnectionTrait,
    site: SiteId,
    id: VisitId,
    forgotten: &Forgotten<'_>,
) -> Result<(), DbErr> {
    use visit::Column;
    let row = visit::Entity::of_site(site)
        .filter(Column::Id.eq(id))
        .lock_exclusive()
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let mut visit = Visit::from_row(row);
    forgotten.leave_facts(&mut visit.facts);
    let row = visit.row();
    visit::Entity::update_many()
        .col_expr(Column::Campaign, Expr::value(row.campaign.unwrap()))
        .col_expr(Column::Source, Expr::value(row.source.unwrap()))
        .col_expr(
            Column::CampaignName,
            Expr::value(row.campaign_name.unwrap()),
        )
        .col_expr(Column::Properties, Expr::value(row.properties.unwrap()))
        .col_expr(Column::Views, Expr::value(row.views.unwrap()))
        .filter(Column::SiteId.eq(site))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn erase_journal(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visit: VisitId,
    forgotten: &Forgotten<'_>,
) -> Result<(), DbErr> {
    use batch::Column;
    let query = batch::Entity::of_site(site)
        .filter(Column::VisitId.eq(visit))
        .order_by_asc(Column::ViewId)
        .order_by_asc(Column::FirstSeq)
        .limit(AT_ONCE);
    for page in 0.. {
        let batches = query.clone().offset(page * AT_ONCE).all(tx).await?;
        let is_last = (batches.len() as u64) < AT_ONCE;
        for batch in batches {
            let events: Vec<Event> = serde_json::from_str(&batch.body).map_err(|error| {
                DbErr::Custom(format!("a batch of {visit} is no JSON: {error}"))
            })?;
            let mut left = events.clone();
            left.iter_mut().for_each(|event| forgotten.leave(event));
            if left == events {
                continue;
            }
            let body = serde_json::to_string(&left).expect("events are plain data");
            batch::Entity::update_many()
                .col_expr(Column::Body, Expr::value(body))
                .filter(Column::SiteId.eq(site))
                .filter(Column::ViewId.eq(batch.view_id))
                .filter(Column::FirstSeq.eq(batch.first_seq))
                .exec(tx)
                .await?;
        }
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Cards of the visit that were closed without an answer have a copy that belongs to nothing.
async fn erase_copies(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visit: VisitId,
    forgotten: &Forgotten<'_>,
) -> Result<(), DbErr> {
    use impression::Column;
    let rows = impression::Entity::of_site(site)
        .filter(Column::VisitId.eq(visit))
        .filter(Column::Fields.is_not_null())
        .all(tx)
        .await?;
    for row in rows {
        if answer::record::is_answered(tx, site, row.id).await? {
            continue;
        }
        let mut made = Impression::from_row(row);
        made.fields.retain(|name, _| !forgotten.has(name));
        impression::Entity::update_many()
            .col_expr(Column::Fields, Expr::value(made.fields_json()))
            .filter(Column::SiteId.eq(site))
            .filter(Column::Id.eq(made.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
