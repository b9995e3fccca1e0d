//! How far an import has come, for whoever waits for it.

use std::time::{Duration, Instant};

/// How often it is told.
const EVERY: Duration = Duration::from_millis(500);

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Lines are read and checked.
    Reading,
    /// Visits are stored.
    Storing,
}

/// A stage under way.
#[derive(Clone, Debug)]
pub struct Progress {
    stage: Stage,
    rows: u64,
    done: u64,
    total: u64,
    begun: Instant,
    told: Option<Instant>,
}

impl Progress {
    /// A stage that is over when `total` is done: bytes to read, or rows to store.
    pub(super) fn of(stage: Stage, total: u64) -> Self {
        Self {
            stage,
            rows: 0,
            done: 0,
            total,
            begun: Instant::now(),
            told: None,
        }
    }

    /// So many more rows, after which so much is done; told from time to time.
    pub(super) fn advance(&mut self, rows: u64, done: u64, tell: &mut dyn FnMut(&Self)) {
        self.rows += rows;
        self.done = done;
        if self.told.is_none_or(|told| told.elapsed() >= EVERY) {
            self.told = Some(Instant::now());
            tell(self);
        }
    }

    /// Rows since the stage began.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// What is going on.
    pub fn stage(&self) -> &'static str {
        match self.stage {
            Stage::Reading => "reading",
            Stage::Storing => "storing",
        }
    }

    /// Whole per cent.
    pub fn percent(&self) -> u64 {
        (self.done * 100).checked_div(self.total).unwrap_or(100)
    }

    /// For the command line.
    pub fn line(&self) -> String {
        let stage = self.stage();
        let percent = self.percent();
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let rate = self.rows * 1_000 / ms.max(1);
        format!("{stage} {percent:3} %  {} rows  {rate} rows/s", self.rows)
    }
}
