//! What of a card's style sheet is the owner's: its place, its colours, its corners and its font. Pure.

use crate::{prompt::types::Place, site::theme::Theme};

/// The style sheet of a card, which stands behind that of the script.
pub(super) fn sheet(place: Place, theme: &Theme) -> String {
    theme.css() + &at(place)
}

/// On phones every card is a sheet at the bottom, as the script has it.
fn at(place: Place) -> String {
    const TOP: &str = "inset-block:16px auto!important";
    const LEFT: &str = "inset-inline:16px auto!important";
    const MIDDLE: &str = "inset-inline:0!important;margin-inline:auto!important";
    let declared = match place {
        Place::BottomRight => return String::new(),
        Place::BottomLeft => LEFT.to_owned(),
        Place::BottomCenter => MIDDLE.to_owned(),
        Place::TopRight => TOP.to_owned(),
        Place::TopLeft => format!("{TOP};{LEFT}"),
        Place::Center => {
            format!(
                "{MIDDLE};inset-block:0!important;margin-block:auto!important;width:440px!important;height:fit-content!important"
            )
        }
    };
    let dimmed = if place == Place::Center {
        // The browser keeps it from taking clicks: the page stays usable.
        ":host::backdrop{background:rgb(0 0 0/.4)}"
    } else {
        ""
    };
    format!("@media (min-width:481px){{:host{{{declared}}}{dimmed}}}")
}
