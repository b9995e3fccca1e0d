//! The writer without HTTP, at any time of one's choosing.

use std::sync::Arc;

use exitpoll::{
    delivery::snapshot::Snapshot,
    ingest::{
        payload::Payload,
        reply::Reply,
        visit::{Browser, VisitorHash},
        writer::{Job, Writer},
    },
    site::types::Site,
    types::Millis,
};
use serde_json::Value;

use super::{app::TestApp, widget::ORIGIN};

/// A request as the handler hands it to the writer.
pub(crate) fn job(
    snapshot: Arc<Snapshot>,
    body: &Value,
    visitors: &[VisitorHash],
    received_at: Millis,
) -> Job {
    Job {
        snapshot,
        told: None,
        payload: Payload::parse(body.to_string().as_bytes()).unwrap(),
        visitors: visitors.to_vec(),
        origin: Some(ORIGIN.to_owned()),
        browser: Browser {
            device: "desktop".into(),
            browser: "Firefox".into(),
            language: "en-GB".into(),
            country: String::new(),
            is_automated: false,
        },
        languages: vec![],
        received_at,
    }
}

impl TestApp {
    /// A request as the handler hands it to the writer.
    pub(crate) async fn job(
        &self,
        site: &Site,
        body: &Value,
        visitors: &[VisitorHash],
        received_at: Millis,
    ) -> Job {
        let snapshot = self.state.snapshots.get(&site.key).await.unwrap().unwrap();
        job(snapshot, body, visitors, received_at)
    }

    /// Writes a request that came at `received_at`.
    pub(crate) async fn write_at(
        &self,
        site: &Site,
        body: &Value,
        visitors: &[VisitorHash],
        received_at: Millis,
    ) -> Reply {
        let job = self.job(site, body, visitors, received_at).await;
        self.state.writer.write(job).await.unwrap()
    }
}

/// A writer beside the server's, whose queue holds `capacity` requests.
pub(crate) fn small_writer(app: &TestApp, capacity: usize) -> Writer {
    Writer::start(app.state.db.clone(), capacity).0
}
