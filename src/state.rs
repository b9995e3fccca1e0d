//! What every request may reach.

use crate::{
    account::Accounts,
    config::Config,
    db::Db,
    delivery::Snapshots,
    harm::Guard,
    ingest::{recount::Recounter, settle::Settler, visitor::Salts, writer::Writer},
    limit::Limits,
    seed::{Means, Progress},
    webhook::{Reach, sender::Sender},
};

/// Requests that may wait for the writer; one more is told to come back later.
const QUEUE: usize = 10_000;

/// Shared by all workers of a process.
pub struct AppState {
    /// Settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Sites as ingest and the widget need them.
    pub snapshots: Snapshots,
    /// What tells visitors apart.
    pub salts: Salts,
    /// The one writer of what visitors do.
    pub writer: Writer,
    /// What counts visits again after a change of what the site counts.
    pub recounter: Recounter,
    /// What puts visits that have ended into the cube.
    pub settler: Settler,
    /// What pauses questions that cost conversions.
    pub guard: Guard,
    /// The one sender of messages to webhooks.
    pub webhooks: Sender,
    /// Rate limits.
    pub limits: Limits,
    /// Password work and the brake on guessing.
    pub accounts: Accounts,
    /// How far the sample that is being made has come.
    pub sample: Progress,
}

impl AppState {
    /// The state at start.
    pub fn new(config: Config, db: Db) -> Self {
        let reach = Reach {
            is_private_allowed: config.webhook_allow_private,
        };
        let writer = Writer::start(db.clone(), QUEUE).0;
        let snapshots = Snapshots::new(db.clone());
        Self {
            guard: Guard::new(db.clone(), snapshots.clone()),
            snapshots,
            salts: Salts::new(db.clone()),
            recounter: Recounter::new(db.clone(), writer.clone()),
            settler: Settler::new(db.clone(), writer.clone()),
            writer,
            webhooks: Sender::new(db.clone(), reach),
            limits: Limits::new(&config),
            accounts: Accounts::new(),
            sample: Progress::default(),
            config,
            db,
        }
    }

    /// What made-up history is made with.
    pub fn means(&self) -> Means {
        Means {
            db: self.db.clone(),
            snapshots: self.snapshots.clone(),
            writer: self.writer.clone(),
        }
    }
}
