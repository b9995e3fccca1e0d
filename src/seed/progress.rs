//! How far a sample has come, for whoever waits for it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use crate::types::SiteKey;

/// What is going on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was asked for since the start.
    #[default]
    Idle,
    /// Visits are being played.
    Running,
    /// The sample is ready.
    Done(SiteKey),
    /// It came to an end before its time; says why.
    Failed(String),
}

/// One sample at a time.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    done: AtomicU64,
    total: AtomicU64,
    phase: Mutex<Phase>,
}

impl Progress {
    /// One that has begun.
    pub fn of(total: u64) -> Self {
        let progress = Self::default();
        progress.begin(total);
        progress
    }

    /// For the command line.
    pub fn line(&self) -> String {
        let (done, total) = self.counts();
        format!("{:3} %  {done} of {total} visits", self.percent())
    }

    /// Begins a sample of so many visits; false while another one runs.
    pub(super) fn begin(&self, total: u64) -> bool {
        let mut phase = self.shared.phase.lock().expect("no holder panics");
        if *phase == Phase::Running {
            return false;
        }
        *phase = Phase::Running;
        self.shared.done.store(0, Relaxed);
        self.shared.total.store(total, Relaxed);
        true
    }

    /// One more visit is written.
    pub(super) fn advance(&self) {
        self.shared.done.fetch_add(1, Relaxed);
    }

    /// It is over.
    pub(super) fn end(&self, phase: Phase) {
        *self.shared.phase.lock().expect("no holder panics") = phase;
    }

    /// What is going on.
    pub fn phase(&self) -> Phase {
        self.shared.phase.lock().expect("no holder panics").clone()
    }

    /// Visits written, and asked for.
    pub fn counts(&self) -> (u64, u64) {
        (
            self.shared.done.load(Relaxed),
            self.shared.total.load(Relaxed),
        )
    }

    /// Whole per cent.
    pub fn percent(&self) -> u64 {
        let (done, total) = self.counts();
        (done * 100).checked_div(total).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sample_at_a_time() {
        let progress = Progress::default();
        assert!(progress.begin(4));
        assert!(!progress.begin(4));
        progress.advance();
        assert_eq!(progress.percent(), 25);
        progress.end(Phase::Failed("no".into()));
        assert!(progress.begin(2));
        assert_eq!(progress.counts(), (0, 2));
    }
}
