//! How and where a card is shown. Pure.

use serde::{Deserialize, Serialize};

use crate::{site::theme::Theme, text_enum};

text_enum!(
    /// Where the card opens on a wide screen; phones have it at the bottom.
    Place {
        /// Where chat windows stand too.
        BottomRight = "bottom_right", "Bottom right";
        /// Clear of what stands at the right.
        BottomLeft = "bottom_left", "Bottom left";
        /// Near the middle of what is read, without covering it.
        BottomCenter = "bottom_center", "Bottom, in the middle";
        /// Clear of what stands at the bottom.
        TopRight = "top_right", "Top right";
        /// Likewise.
        TopLeft = "top_left", "Top left";
        /// Over the page, which is dimmed and can be used all the same.
        Center = "center", "In the middle, over the dimmed page";
    }
);

/// How and where a card is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// Where the card opens on a wide screen.
    pub place: Place,
    /// A look of its own; `None` is that of the site.
    pub theme: Option<Theme>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            place: Place::BottomRight,
            theme: None,
        }
    }
}
