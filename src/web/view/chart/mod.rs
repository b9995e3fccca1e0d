//! Charts as numbers: layouts are pure, the markup is in `templates/charts`.
//!
//! Everything is placed in percent of its box, so that the text beside it keeps its size at any width.

pub mod bars;
pub mod funnel;
pub mod trend;

/// A share as percent of the box, whatever the rounding.
pub(crate) fn percent(share: f64) -> f64 {
    if share.is_finite() {
        (share * 100.0).clamp(0.0, 100.0)
    } else {
        0.0
    }
}

/// A number as an attribute: two decimals are finer than any screen.
pub(crate) fn attribute(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
