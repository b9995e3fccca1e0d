//! The section "how it looks". Pure.

use crate::prompt::types::{Look, Place};

/// A look as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookForm {
    /// A [`Place`]; empty is the usual one.
    pub place: String,
}

impl LookForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        if key == "place" {
            value.clone_into(&mut self.place);
        }
    }

    pub(super) fn of(look: &Look) -> Self {
        Self {
            place: look.place.to_string(),
        }
    }

    pub(super) fn parse(&self) -> Look {
        Look {
            place: Place::parse(&self.place).unwrap_or(Place::BottomRight),
        }
    }
}
