//! Counts visits again by definitions that were changed, beside everything else that the process does.
//!
//! Newest first, in small portions that the writer takes between the requests of visitors: what it holds in memory stays true, and
//! nobody waits for more than a portion. How far a site is lies in its row and in the versions of its visits, written in the same
//! commit, so that whoever is killed is followed by the next start, and a second change simply begins anew.

mod store;

use std::time::{Duration, Instant};

use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    time::{interval, sleep},
};

use super::writer::Writer;
use crate::{
    clock,
    db::Db,
    error::AppResult,
    goal::{
        self,
        store::recount::{self, SETTLES_AFTER},
        types::{Definitions, Recount},
    },
    secret,
    site::{self, types::Site},
    types::{SiteId, VisitId},
};

/// How often to look for sites whose definitions were changed.
const EVERY: Duration = Duration::from_secs(1);
/// Visits in one portion: a few milliseconds of the writer.
const PORTION: u64 = 25;
/// What the writer is left alone for at most between two portions.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Visits of one site that are to be counted by its newest definitions.
#[derive(Debug)]
pub(super) struct Portion {
    pub(super) site: Site,
    pub(super) definitions: Definitions,
    /// Newest first, with the days of their start.
    pub(super) visits: Vec<(VisitId, i32)>,
}

impl Portion {
    pub(super) fn keys(&self) -> impl Iterator<Item = (SiteId, VisitId)> {
        self.visits.iter().map(|(id, _)| (self.site.id, *id))
    }
}

/// Counts visits again.
#[derive(Clone)]
pub struct Recounter {
    db: Db,
    writer: Writer,
    /// What tells this process from other nodes.
    name: String,
}

impl Recounter {
    /// One that does nothing by itself before [`Self::run`].
    pub fn new(db: Db, writer: Writer) -> Self {
        Self {
            db,
            writer,
            name: secret::random_text(),
        }
    }

    /// Counts again what is due until `stop` is dropped.
    pub async fn run(self, mut stop: oneshot::Receiver<()>) {
        let mut every = interval(EVERY);
        loop {
            tokio::select! {
                _ = &mut stop => return,
                _ = every.tick() => {}
            }
            while self.look().await {
                if stop.try_recv() != Err(TryRecvError::Empty) {
                    return;
                }
            }
        }
    }

    /// Counts a portion of each site again that has something to do; tells whether there may be more.
    async fn look(&self) -> bool {
        let due = match recount::list_due(&self.db.read, clock::now()).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(error = %error, "what is to be counted again could not be read");
                return false;
            }
        };
        let mut is_more = false;
        for site_id in due {
            let begun = Instant::now();
            match self.count_portion(site_id).await {
                Ok(has_counted) => is_more |= has_counted,
                Err(error) => {
                    tracing::warn!(error = %error.for_log(), "visits could not be counted again")
                }
            }
            sleep(begun.elapsed().min(LONGEST_PAUSE)).await;
        }
        is_more
    }

    /// The next portion of a site, unless another node is at it.
    async fn count_portion(&self, site_id: SiteId) -> AppResult<bool> {
        let Some((recount, site, definitions)) = self.claim(site_id).await? else {
            return Ok(false);
        };
        let from = recount.is_tail;
        let from = from.then(|| VisitId::first_of(recount.since_at - SETTLES_AFTER));
        let (version, range) = (recount.version, (from, recount.reached));
        let visits = store::list_older(&self.db.read, site_id, version, range, PORTION).await?;
        if visits.is_empty() {
            self.end(site_id, &recount).await?;
            return Ok(false);
        }
        let portion = Portion {
            site,
            definitions,
            visits,
        };
        self.writer.recount(portion).await?;
        Ok(true)
    }

    /// Takes the site, with what it counts now.
    async fn claim(&self, site_id: SiteId) -> AppResult<Option<(Recount, Site, Definitions)>> {
        let tx = self.db.begin().await?;
        let Some(recount) = recount::claim(&tx, site_id, &self.name, clock::now()).await? else {
            return Ok(None);
        };
        let Some(site) = site::store::find(&tx, site_id).await? else {
            return Ok(None);
        };
        let definitions = goal::store::load_definitions(&tx, site_id).await?;
        if recount.total.is_none() {
            let total = store::count_older(&tx, site_id, recount.version).await?;
            recount::set_total(&tx, site_id, recount.version, total).await?;
        }
        tx.commit().await?;
        Ok((definitions.version() == recount.version).then_some((recount, site, definitions)))
    }

    /// Nothing older was found.
    async fn end(&self, site_id: SiteId, recount: &Recount) -> AppResult<()> {
        let tx = self.db.begin().await?;
        if recount.is_tail {
            recount::finish(&tx, site_id, recount.version, clock::now()).await?;
        } else {
            recount::begin_tail(&tx, site_id, recount.version).await?;
        }
        Ok(tx.commit().await?)
    }
}
