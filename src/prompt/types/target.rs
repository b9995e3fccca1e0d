//! Whom to ask, and where. Pure.

use serde::{Deserialize, Serialize};

use crate::goal::types::matches_pattern;

/// Whom to ask, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// Path patterns; empty means every page.
    pub pages: Vec<String>,
}

impl Target {
    /// Whether the prompt may ask on this path.
    pub fn is_on_page(&self, path: &str) -> bool {
        self.pages.is_empty()
            || self
                .pages
                .iter()
                .any(|pattern| matches_pattern(pattern, path))
    }
}
