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

text_enum!(
    /// As what a prompt is shown.
    ShownAs {
        /// Opens by itself at a moment.
        Card = "card", "A card that opens at a moment";
        /// Always there; a click opens the card.
        Tab = "tab", "A tab at the side, which visitors click";
        /// An element of the page opens the card.
        Button = "button", "A card that a button of your page opens";
        /// A part of the page, where the owner wants it.
        Inline = "inline", "A part of your page";
        /// Answered by whoever opens its link.
        Link = "link", "A page of its own, with a link";
    }
);

text_enum!(
    /// On which side a tab is.
    Side {
        /// Where most tabs are.
        Right = "right", "Right";
        /// Clear of what stands at the right.
        Left = "left", "Left";
    }
);

impl ShownAs {
    /// Whether it waits for a moment; slot, quiet time and hold-out are for these alone.
    pub fn waits_for_a_moment(self) -> bool {
        self == Self::Card
    }
}

/// How and where a card is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// As what.
    pub shown_as: ShownAs,
    /// CSS selector: of [`ShownAs::Inline`] the element that it stands in, of [`ShownAs::Button`] what opens it beside elements
    /// that are marked with it.
    pub selector: String,
    /// Words on the tab.
    pub label: String,
    /// On which side the tab is.
    pub side: Side,
    /// Where the card opens on a wide screen.
    pub place: Place,
    /// A look of its own; `None` is that of the site.
    pub theme: Option<Theme>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            shown_as: ShownAs::Card,
            selector: String::new(),
            label: "Feedback".into(),
            side: Side::Right,
            place: Place::BottomRight,
            theme: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_release_stored_is_a_card() {
        let stored: Look = serde_json::from_str(r#"{"place":"bottom_left"}"#).unwrap();
        let expected = Look {
            place: Place::BottomLeft,
            ..Look::default()
        };
        assert_eq!(stored, expected);
        assert!(stored.shown_as.waits_for_a_moment());
    }
}
