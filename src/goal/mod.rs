//! Goals: what a site counts.

pub mod form;
pub mod store;
pub mod types;
