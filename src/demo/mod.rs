//! The built-in demo: a made-up site that is counted like any other, and what its visitors are told about it.

mod explain;
pub mod furnish;
pub mod provision;
mod store;
mod tell;
pub mod watch;
mod words;

pub use tell::Told;
pub use words::{Explained, Line, Mark, State};

/// The demo's key, as it stands in its pages.
pub const KEY: &str = "site_demo";
