//! The section "whom to ask, and where". Pure.

use super::fields::parse_pages;
use crate::{error::FieldErrors, prompt::types::Target};

/// A target as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetForm {
    /// One path pattern a line.
    pub pages: String,
}

impl TargetForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        if key == "pages" {
            value.clone_into(&mut self.pages);
        }
    }

    pub(super) fn of(target: &Target) -> Self {
        Self {
            pages: target.pages.join("\n"),
        }
    }

    pub(super) fn parse(&self, errors: &mut FieldErrors) -> Target {
        Target {
            pages: parse_pages(&self.pages, errors),
        }
    }
}
