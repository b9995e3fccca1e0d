//! Goals: what a site counts.

pub mod form;
pub mod packs;
pub mod rule;
pub mod store;
pub mod types;
