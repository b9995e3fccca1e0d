//! What a site's widget is given: its script with the configuration inside, and the view that draws the card.

mod config;
mod form_paths;
mod places;
pub mod script;
pub mod snapshot;

pub use snapshot::{Snapshot, Snapshots};
