//! Members, how they sign in, and the links that let them in the first time.
//!
//! Only `web` and `main` use it: nothing about visitors is here.

pub mod links;
pub mod password;
pub mod store;
mod throttle;
pub mod types;

use password::Passwords;
use throttle::Throttle;

/// What sign-in needs beside the database, one per process.
pub struct Accounts {
    /// Hashes and checks passwords without starving other work.
    pub passwords: Passwords,
    /// Slows guessing.
    pub throttle: Throttle,
}

impl Accounts {
    /// Nothing remembered yet.
    pub fn new() -> Self {
        Self {
            passwords: Passwords::new(),
            throttle: Throttle::new(),
        }
    }

    /// Forgets failed sign-ins that no longer slow anything; to be called now and then.
    pub fn tidy(&self) {
        self.throttle.tidy(crate::clock::now());
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self::new()
    }
}
