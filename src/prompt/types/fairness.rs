//! How often to ask, and how many are left unasked. Pure.

use serde::{Deserialize, Serialize};

/// How often to ask, and how many are left unasked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fairness {
    /// Share of eligible visits left unasked for comparison, 0 to 50 %.
    pub held_out_percent: u8,
}
