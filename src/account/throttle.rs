//! Slows guessing: after a few failures an account and a client each have to wait, twice as long every time.
//!
//! Only keyed hashes are held, in memory; a restart forgets them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    clock::{HOUR, MINUTE, SECOND},
    error::AppError,
    limit::ClientKey,
    secret,
    types::Millis,
};

/// Failures that cost nothing: people mistype.
const FREE: u32 = 4;
/// The longest wait.
const LONGEST: Millis = 15 * MINUTE;
/// Failures are forgotten after so long without another.
const MEMORY: Millis = HOUR;
/// Entries held at most; beyond it the oldest go first.
const MOST: usize = 50_000;

#[derive(Clone, Copy)]
struct Failures {
    n: u32,
    last_at: Millis,
}

impl Failures {
    fn open_at(self) -> Millis {
        let doublings = self.n.saturating_sub(FREE);
        if doublings == 0 {
            return self.last_at;
        }
        self.last_at + (SECOND << doublings.min(20)).min(LONGEST)
    }
}

/// Remembers failed sign-ins.
pub struct Throttle {
    key: [u8; 32],
    failures: Mutex<HashMap<[u8; 16], Failures>>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self {
            key: secret::random_bytes(),
            failures: Mutex::default(),
        }
    }

    fn keys(&self, email: &str, client: &ClientKey) -> [[u8; 16]; 2] {
        [
            secret::keyed_hash(&self.key, &[b"account", email.as_bytes()]),
            secret::keyed_hash(&self.key, &[b"client", client]),
        ]
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<[u8; 16], Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a try as failed beforehand, so that parallel guesses wait for each other; an error says how long to wait.
    pub fn begin(&self, email: &str, client: &ClientKey, now: Millis) -> Result<(), AppError> {
        let mut failures = self.failures();
        let keys = self.keys(email, client);
        let open_at = keys
            .iter()
            .filter_map(|key| failures.get(key))
            .map(|entry| entry.open_at())
            .max();
        if let Some(wait) = open_at.map(|at| at - now).filter(|wait| *wait > 0) {
            let retry_after_s = u64::try_from(wait / SECOND + 1).unwrap_or(1);
            return Err(AppError::TooManyRequests { retry_after_s });
        }
        if failures.len() >= MOST {
            failures.retain(|_, entry| entry.open_at() > now);
        }
        for key in keys {
            let entry = failures
                .entry(key)
                .or_insert(Failures { n: 0, last_at: now });
            *entry = Failures {
                n: entry.n.saturating_add(1),
                last_at: now,
            };
        }
        Ok(())
    }

    /// The try succeeded: nothing is held against account and client any more.
    pub fn forgive(&self, email: &str, client: &ClientKey) {
        let mut failures = self.failures();
        for key in self.keys(email, client) {
            failures.remove(&key);
        }
    }

    pub(super) fn tidy(&self, now: Millis) {
        self.failures()
            .retain(|_, entry| entry.last_at + MEMORY > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_for_account_and_client_and_end_with_success() {
        let throttle = Throttle::new();
        let client = [1; 16];
        for _ in 0..=FREE {
            throttle.begin("anna@shop.example", &client, 0).unwrap();
        }

        let early = throttle.begin("anna@shop.example", &[2; 16], SECOND);
        assert!(matches!(
            early,
            Err(AppError::TooManyRequests { retry_after_s: 2 })
        ));
        assert!(
            throttle
                .begin("other@shop.example", &client, SECOND)
                .is_err()
        );
        assert!(
            throttle
                .begin("other@shop.example", &[3; 16], SECOND)
                .is_ok()
        );

        throttle
            .begin("anna@shop.example", &client, 2 * SECOND)
            .unwrap();
        assert!(
            throttle
                .begin("anna@shop.example", &client, 5 * SECOND)
                .is_err()
        );

        throttle.forgive("anna@shop.example", &client);
        throttle
            .begin("anna@shop.example", &client, 5 * SECOND)
            .unwrap();
    }
}
