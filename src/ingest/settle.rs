//! Settles visits: puts those into the cube that have ended, beside everything else that the process does.
//!
//! Every night it compares days of the cube with their visits, and mends what differs by putting the visits of that day in again. Days
//! that are over and of which all visits are settled it packs.

use std::time::{Duration, Instant};

use tokio::{
    sync::oneshot,
    time::{interval, sleep},
};

use super::{
    VISIT_GAP,
    store::{self, audit},
    writer::Writer,
};
use crate::{
    clock,
    db::Db,
    error::AppResult,
    secret,
    site::calendar,
    types::{Millis, SiteId},
};

/// How often to look for visits that have ended.
const EVERY: Duration = Duration::from_secs(10);
/// How often to look for days that have no pack, and for how long to make some.
const PACKED_EVERY: Duration = Duration::from_secs(60);
const PACKED_FOR: Duration = Duration::from_secs(10);
/// What the writer is left alone for at most between two portions.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// Visits of one portion, which the writer does in one go: summed up by a few statements, or, where their fields are measured, folded
/// one by one as well.
const SUMMED: u64 = 500;
const FOLDED: u64 = 25;
/// The hour of the site's night from which on its days are compared.
const NIGHT: u8 = 3;
/// Days that are compared each night, the latest; and one of those before, drawn.
const LATEST: usize = 7;

/// Settles visits, and looks after the cube.
#[derive(Clone)]
pub struct Settler {
    db: Db,
    writer: Writer,
}

impl Settler {
    /// One that does nothing by itself before [`Self::run`].
    pub fn new(db: Db, writer: Writer) -> Self {
        Self { db, writer }
    }

    /// Settles what is due until `stop` is dropped.
    pub async fn run(self, mut stop: oneshot::Receiver<()>) {
        let (mut every, mut packed_every) = (interval(EVERY), interval(PACKED_EVERY));
        loop {
            let is_packing = tokio::select! {
                _ = &mut stop => return,
                _ = every.tick() => false,
                _ = packed_every.tick() => true,
            };
            let looked = async {
                match is_packing {
                    true => self.pack(clock::now()).await,
                    false => self.look().await,
                }
            };
            tokio::select! {
                _ = &mut stop => return,
                outcome = looked => if let Err(error) = outcome {
                    tracing::warn!(error = %error.for_log(), "visits could not be settled, or not packed");
                }
            }
        }
    }

    async fn look(&self) -> AppResult<()> {
        let now = clock::now();
        self.settle(now).await?;
        for (site, time_zone, _) in store::list_sites(&self.db.read).await? {
            let audited = async {
                match self.is_night(site, &time_zone, now).await? {
                    true => self.audit(site, &time_zone, now).await,
                    false => Ok(()),
                }
            };
            if let Err(error) = audited.await {
                tracing::warn!(error = %error.for_log(), "days of a site could not be compared");
            }
        }
        Ok(())
    }

    /// Puts all visits into the cube that had ended at `now`; tells how many.
    pub async fn settle(&self, now: Millis) -> AppResult<usize> {
        let mut n = 0;
        for (site, _, measures_fields) in store::list_sites(&self.db.read).await? {
            let at_once = if measures_fields { FOLDED } else { SUMMED };
            match self.settle_site(site, at_once, now).await {
                Ok(settled) => n += settled,
                // Of one site: the others go on.
                Err(error) => {
                    tracing::warn!(error = %error.for_log(), "visits of a site could not be settled");
                }
            }
        }
        Ok(n)
    }

    async fn settle_site(&self, site: SiteId, at_once: u64, now: Millis) -> AppResult<usize> {
        let mut n = 0;
        loop {
            let begun = Instant::now();
            let due = store::list_due(&self.db.read, site, at_once, now - VISIT_GAP).await?;
            if due.is_empty() {
                return Ok(n);
            }
            n += due.len();
            self.writer.settle(site, due).await?;
            sleep(begun.elapsed().min(LONGEST_PAUSE)).await;
        }
    }

    /// Packs days that are over at `now`, as many as there is time for.
    pub async fn pack(&self, now: Millis) -> AppResult<()> {
        let all = Instant::now();
        for (site, time_zone, _) in store::list_sites(&self.db.read).await? {
            let today = calendar::day_of(now, &time_zone);
            for day in store::list_unpacked(&self.db.read, site, today, now).await? {
                if all.elapsed() > PACKED_FOR {
                    return Ok(());
                }
                let begun = Instant::now();
                store::pack_day(&self.db, site, day).await?;
                sleep(begun.elapsed().min(LONGEST_PAUSE)).await;
            }
        }
        Ok(())
    }

    /// Whether this night's comparison is still to be made.
    async fn is_night(&self, site: SiteId, time_zone: &str, now: Millis) -> AppResult<bool> {
        let local = calendar::local_time(now, time_zone);
        if local.hour < NIGHT {
            return Ok(false);
        }
        let (newest, first) = audit::state(&self.db.read, site).await?;
        let due = first.and_then(|first| days_before(local.day, first).pop());
        Ok(due.is_some() && newest < due)
    }

    /// Compares the latest days before today, and one of those before them. The newest comes last: by it a night that was
    /// interrupted is known and done again.
    pub async fn audit(&self, site: SiteId, time_zone: &str, now: Millis) -> AppResult<()> {
        let (_, Some(first)) = audit::state(&self.db.read, site).await? else {
            return Ok(());
        };
        let mut days = days_before(calendar::day_of(now, time_zone), first);
        let latest = days.split_off(days.len().saturating_sub(LATEST));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place among some thousand days"
        )]
        let drawn = (secret::random_share() * days.len() as f64) as usize;
        for day in days.get(drawn).copied().into_iter().chain(latest) {
            self.audit_day(site, day, now).await?;
        }
        Ok(())
    }

    /// Compares a day, notes the outcome, and has its visits put in again where it differs. Its pack is made anew.
    pub async fn audit_day(
        &self,
        site: SiteId,
        day: i32,
        now: Millis,
    ) -> AppResult<audit::Compared> {
        let snapshot = self.db.snapshot().await?;
        let compared = audit::compare(&snapshot, site, day).await?;
        snapshot.commit().await?;
        if compared.differing > 0 {
            self.writer.unsettle_day(site, day).await?;
            tracing::warn!(
                day,
                rows = compared.differing,
                "the cube differed and is mended"
            );
        }
        let tx = self.db.begin().await?;
        store::delete_day(&tx, site, day).await?;
        audit::note(&tx, site, day, compared, now).await?;
        tx.commit().await?;
        Ok(compared)
    }
}

/// The days before today, from the first on.
fn days_before(today: i32, first: i32) -> Vec<i32> {
    let mut days = calendar::days_between(first, today);
    days.pop();
    days
}
