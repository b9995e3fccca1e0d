//! What a dimension says of visits, in words. Pure.

use crate::ingest::cube::{Dimension, LoadBand};

/// `Phone or tablet`, `Direct`, `No campaign`; what visits brought themselves stays as it is.
pub fn value_words(dimension: Dimension, value: &str) -> String {
    let words = match (dimension, value) {
        (Dimension::Device, "desktop") => "Computer",
        (Dimension::Device, "touch") => "Phone or tablet",
        (Dimension::Source, "direct") => "Direct",
        (Dimension::Campaign, "") => "No campaign",
        (Dimension::Variant, "") => "No experiment",
        (Dimension::Load, "") => "Not told",
        (Dimension::Visitor, "new") => "New",
        (Dimension::Visitor, "returning") => "Returning",
        (Dimension::Visitor, "unknown") | (_, "") => "Not known",
        (Dimension::Load, band) => LoadBand::parse(band).map_or(band, |it| it.label()),
        (_, other) => other,
    };
    words.to_owned()
}

/// Where a value stands before those that have more visits: bands of page load from quick to slow, what is not told behind them.
pub fn place(dimension: Dimension, value: &str) -> usize {
    let mut bands = LoadBand::ALL.iter();
    match dimension {
        Dimension::Load => bands
            .position(|band| band.as_str() == value)
            .unwrap_or(LoadBand::ALL.len()),
        _ => 0,
    }
}
