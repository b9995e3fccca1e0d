//! How and where a card is shown. Pure.

use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum!(
    /// Where the card opens on a wide screen; phones have it at the bottom.
    Place {
        /// Where chat windows stand too.
        BottomRight = "bottom_right", "Bottom right";
        /// Clear of what stands at the right.
        BottomLeft = "bottom_left", "Bottom left";
    }
);

/// How and where a card is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// Where the card opens on a wide screen.
    pub place: Place,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            place: Place::BottomRight,
        }
    }
}
