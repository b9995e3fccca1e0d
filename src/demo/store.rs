//! Every query of the live strip: the requester's own visit, and nobody else's. Of a very long one the end.

use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder};

use crate::{
    db::entity::{OfSite, batch, impression, visit, visit_goal},
    ingest::{
        VISIT_GAP,
        fold::{GoalFact, StoredBatch},
        visit::{Impression, Visit, VisitorHash},
    },
    report::journal,
    types::{Millis, SiteId},
};

/// The newest visit of these hashes that is still open, with what happened in it.
pub(super) async fn find_visit(
    snapshot: &DatabaseTransaction,
    site_id: SiteId,
    visitors: &[VisitorHash],
    now: Millis,
) -> Result<Option<(Visit, Vec<StoredBatch>)>, DbErr> {
    let hashes = visitors.iter().map(|hash| hash.to_vec());
    let row = visit::Entity::of_site(site_id)
        .filter(visit::Column::Visitor.is_in(hashes))
        .filter(visit::Column::ClosedAt.is_null())
        .filter(visit::Column::LastAt.gt(now - VISIT_GAP))
        .order_by_desc(visit::Column::LastAt)
        .one(snapshot)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let mut visit = Visit::from_row(row);
    let goals = visit_goal::Entity::of_site(site_id)
        .filter(visit_goal::Column::VisitId.eq(visit.id))
        .all(snapshot)
        .await?;
    visit.facts.goals = goals
        .into_iter()
        .filter_map(|row| {
            let fact = GoalFact {
                first_at: row.first_at,
                n: row.n,
                value_minor: row.value_minor,
            };
            Some((u8::try_from(row.bit).ok()?, fact))
        })
        .collect();
    let impressions = impression::Entity::of_site(site_id)
        .filter(impression::Column::VisitId.eq(visit.id))
        .order_by_asc(impression::Column::Id)
        .all(snapshot)
        .await?;
    visit.impressions = impressions.into_iter().map(Impression::from_row).collect();
    let journal = journal::newest(snapshot, site_id, visit.id).await?;
    let stored = |row: batch::Model| StoredBatch {
        view_id: row.view_id,
        first_seq: row.first_seq,
        view_started_at: row.view_started_at,
        events: serde_json::from_str(&row.body).unwrap_or_default(),
    };
    Ok(Some((
        visit,
        journal.batches.into_iter().map(stored).collect(),
    )))
}
