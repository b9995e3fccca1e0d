//! What a dimension says of visits, in words. Pure.

use crate::ingest::cube::Dimension;

/// `Phone or tablet`, `Direct`, `No campaign`; what visits brought themselves stays as it is.
pub fn value_words(dimension: Dimension, value: &str) -> String {
    let words = match (dimension, value) {
        (Dimension::Device, "desktop") => "Computer",
        (Dimension::Device, "touch") => "Phone or tablet",
        (Dimension::Source, "direct") => "Direct",
        (Dimension::Campaign, "") => "No campaign",
        (Dimension::Variant, "") => "No experiment",
        (Dimension::Visitor, "new") => "New",
        (Dimension::Visitor, "returning") => "Returning",
        (Dimension::Visitor, "unknown") => "Not known without consent",
        (_, "") => "Not known",
        (_, other) => other,
    };
    words.to_owned()
}
