//! Sends what is due, beside everything else that the process does.
//!
//! Each site has its own messages under way, so that an address that answers slowly holds up nobody else's. Several nodes share the
//! work: a message is claimed for a minute, and a node that dies leaves it to the next.

use std::{
    collections::HashMap,
    error::Error,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{
    sync::oneshot,
    task::{Id, JoinSet},
    time::{interval, timeout},
};

use super::{
    Reach,
    body::Message,
    poster::Poster,
    signing, store,
    types::{Delivery, DeliveryKind, Outcome, Webhook},
};
use crate::{
    clock,
    db::Db,
    error::{AppError, AppResult},
    site::{self, types::Site},
    types::SiteId,
};

/// How often to look for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// How often to look for what the log need not show any more.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
/// How long an address has for its answer, looking up its name included.
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages of one site that are sent at the same time.
const AT_ONCE: u64 = 16;

/// Sends messages to webhooks.
#[derive(Clone)]
pub struct Sender {
    db: Db,
    /// How far messages may go.
    pub reach: Reach,
    poster: Poster,
}

impl Sender {
    /// One that sends nothing by itself before [`Self::run`].
    pub fn new(db: Db, reach: Reach) -> Self {
        Self {
            db,
            reach,
            poster: Poster::new(),
        }
    }

    /// Sends what is due until `stop` is dropped, then ends what is under way.
    pub async fn run(self, mut stop: oneshot::Receiver<()>) {
        let (mut every, mut tidy) = (interval(EVERY), interval(TIDY_EVERY));
        let mut sending = JoinSet::new();
        let mut sites: HashMap<Id, SiteId> = HashMap::new();
        loop {
            tokio::select! {
                _ = &mut stop => break,
                Some(ended) = sending.join_next_with_id() => {
                    let id = ended.map_or_else(|failed| failed.id(), |(id, ())| id);
                    sites.remove(&id);
                }
                _ = every.tick() => {
                    for site_id in self.due_sites().await {
                        if !sites.values().any(|busy| *busy == site_id) {
                            let task = sending.spawn(self.clone().send_due(site_id));
                            sites.insert(task.id(), site_id);
                        }
                    }
                }
                _ = tidy.tick() => self.tidy().await,
            }
        }
        while sending.join_next().await.is_some() {}
    }

    /// Sends a made-up message now, once, and tells what came of it. Also while the webhook is switched off.
    pub async fn send_test(&self, site: &Site) -> AppResult<Delivery> {
        let webhook = store::find_webhook(&self.db.read, site.id)
            .await?
            .ok_or(AppError::NotFound("webhook"))?;
        let now = clock::now();
        let body = Message::sample(site, DeliveryKind::Test, now).to_json();
        let tx = self.db.begin().await?;
        let test = store::insert_claimed(&tx, site.id, DeliveryKind::Test, body, now).await?;
        tx.commit().await?;
        self.send(site, &webhook, &test).await?;
        store::find_delivery(&self.db.read, site.id, test.id).await
    }

    async fn due_sites(&self) -> Vec<SiteId> {
        match store::list_due_sites(&self.db.read, clock::now()).await {
            Ok(sites) => sites,
            Err(error) => {
                tracing::warn!(error = %error, "what webhooks have to send could not be read");
                vec![]
            }
        }
    }

    async fn tidy(&self) {
        let pruned = async {
            let tx = self.db.begin().await?;
            store::prune(&tx, clock::now()).await?;
            tx.commit().await
        };
        if let Err(error) = pruned.await {
            tracing::warn!(error = %error, "old webhook messages could not be removed");
        }
    }

    async fn send_due(self, site_id: SiteId) {
        if let Err(error) = self.try_send_due(site_id).await {
            // What was claimed is due again when its lease is over.
            tracing::warn!(
                error = &error as &dyn Error,
                "webhook messages could not be sent"
            );
        }
    }

    async fn try_send_due(&self, site_id: SiteId) -> AppResult<()> {
        let tx = self.db.begin().await?;
        let site = site::store::find(&tx, site_id).await?;
        let webhook = store::find_webhook(&tx, site_id).await?;
        let (Some(site), Some(webhook)) = (site, webhook.filter(|webhook| webhook.is_enabled))
        else {
            // Switched off or removed in the moment in which an answer was stored.
            store::give_up_waiting(&tx, site_id).await?;
            return Ok(tx.commit().await?);
        };
        let due = store::claim_due(&tx, site_id, clock::now(), AT_ONCE).await?;
        tx.commit().await?;
        let sent = due
            .iter()
            .map(|delivery| self.send(&site, &webhook, delivery));
        join_all(sent).await.into_iter().collect()
    }

    /// Sends a message that was claimed, and notes what came of it.
    async fn send(&self, site: &Site, webhook: &Webhook, delivery: &Delivery) -> AppResult<()> {
        let Some(body) = self.body_of(site, delivery).await? else {
            let tx = self.db.begin().await?;
            store::discard(&tx, delivery).await?;
            return Ok(tx.commit().await?);
        };
        let begun = Instant::now();
        let outcome = match timeout(PATIENCE, self.post(webhook, delivery, &body)).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::Unanswered(format!("No answer within {} s", PATIENCE.as_secs())),
        };
        let took_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        tracing::debug!(message = %delivery.id, status = ?outcome.status(), "webhook message sent");
        let tx = self.db.begin().await?;
        store::finish(&tx, delivery, &body, &outcome, took_ms, clock::now()).await?;
        Ok(tx.commit().await?)
    }

    /// What is sent: the same in every attempt. `None` when there is nothing to tell any more.
    async fn body_of(&self, site: &Site, delivery: &Delivery) -> AppResult<Option<String>> {
        if delivery.kind == DeliveryKind::Test {
            return Ok(delivery.body.clone());
        }
        let snapshot = self.db.snapshot().await?;
        let content = store::load_content(&snapshot, site, delivery).await?;
        snapshot.commit().await?;
        let as_it_was =
            |message: Message| delivery.body.clone().unwrap_or_else(|| message.to_json());
        Ok(content.map(as_it_was))
    }

    async fn post(&self, webhook: &Webhook, delivery: &Delivery, body: &str) -> Outcome {
        let sent = async {
            let url = self.reach.read(&webhook.url)?;
            let addresses = self.reach.resolve(&url).await?;
            let headers = signing::headers(webhook, delivery.id, body, clock::now());
            self.poster.post(&url, &addresses, headers, body).await
        };
        match sent.await {
            Ok(status) => Outcome::Answered(status),
            Err(why) => Outcome::Unanswered(why),
        }
    }
}
