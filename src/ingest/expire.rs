//! Deletes what happened in visits once its site keeps it no longer. The visits stay, and with them every figure.

use std::time::Instant;

use tokio::time::sleep;

use super::{settle::LONGEST_PAUSE, store};
use crate::{
    clock::DAY,
    db::Db,
    error::AppResult,
    site,
    types::{Millis, SiteId, VisitId},
};

/// A visit lasts a day at most, and events may arrive a day late.
const LONGEST: Millis = 2 * DAY;

/// What began before is deleted where events are kept for so many days.
pub fn kept_from(days: i32, now: Millis) -> Millis {
    now - Millis::from(days) * DAY - LONGEST
}

/// How many visits have events that began before.
pub async fn count_before(db: &Db, site: SiteId, before: Millis) -> AppResult<i64> {
    Ok(store::count_kept(&db.read, site, VisitId::first_of(before)).await?)
}

/// Deletes the events of all visits that began before the days which their site keeps, whole visits at a time. Tells how many
/// batches there were.
pub async fn expire(db: &Db, now: Millis) -> AppResult<u64> {
    let mut n = 0;
    for site in site::store::list(&db.read).await? {
        let Some(days) = site.keep_days else {
            continue;
        };
        let before = VisitId::first_of(kept_from(days, now));
        loop {
            let begun = Instant::now();
            let tx = db.begin().await?;
            let deleted = store::delete_batches(&tx, site.id, before).await?;
            tx.commit().await?;
            n += deleted;
            if deleted == 0 {
                break;
            }
            // Visitors are written in between.
            sleep(begun.elapsed().min(LONGEST_PAUSE)).await;
        }
    }
    Ok(n)
}
