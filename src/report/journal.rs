//! The journal of one visit, as far as a page tells it.

use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect};
use serde::de::IgnoredAny;

use crate::{
    db::entity::{OfSite, batch},
    types::{SiteId, VisitId},
};

/// Events of a visit that are told at most; only a program comes to more.
pub const MOST_EVENTS: usize = 5_000;
/// Batches read at once.
const AT_ONCE: u64 = 500;

/// The batches of a visit that came last.
pub struct Newest {
    /// The last to come first, which need not be the order of their events; together at least [`MOST_EVENTS`], if there are so many.
    pub batches: Vec<batch::Model>,
    /// Whether there are no older ones.
    pub is_all: bool,
}

/// Reads the journal backwards until there are enough events.
///
/// Backwards in the order of arrival: a page that was opened early may be the one that says something last. In a snapshot, or a batch
/// that arrives meanwhile would move the others between what is read at once.
pub async fn newest(
    snapshot: &DatabaseTransaction,
    site_id: SiteId,
    visit_id: VisitId,
) -> Result<Newest, DbErr> {
    let query = batch::Entity::of_site(site_id)
        .filter(batch::Column::VisitId.eq(visit_id))
        .order_by_desc(batch::Column::ReceivedAt)
        .order_by_desc(batch::Column::ViewId)
        .order_by_desc(batch::Column::FirstSeq)
        .limit(AT_ONCE);
    let (mut batches, mut events) = (Vec::new(), 0);
    loop {
        let read = query.clone().offset(batches.len() as u64);
        let older = read.all(snapshot).await?;
        let is_all = (older.len() as u64) < AT_ONCE;
        events += older.iter().map(|batch| count(&batch.body)).sum::<usize>();
        batches.extend(older);
        if is_all || events >= MOST_EVENTS {
            return Ok(Newest { batches, is_all });
        }
    }
}

fn count(body: &str) -> usize {
    serde_json::from_str::<Vec<IgnoredAny>>(body).map_or(0, |events| events.len())
}
