//! The section "how often". Pure.

use super::fields::parse_number;
use crate::{error::FieldErrors, prompt::types::Fairness};

/// How often to ask, as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FairnessForm {
    /// 0 to 50.
    pub held_out_percent: String,
}

impl FairnessForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        if key == "held_out_percent" {
            value.clone_into(&mut self.held_out_percent);
        }
    }

    pub(super) fn of(fairness: &Fairness) -> Self {
        Self {
            held_out_percent: fairness.held_out_percent.to_string(),
        }
    }

    pub(super) fn parse(&self, errors: &mut FieldErrors) -> Fairness {
        Fairness {
            held_out_percent: parse_number(
                &self.held_out_percent,
                0..=50,
                "held_out_percent",
                errors,
            ),
        }
    }
}
