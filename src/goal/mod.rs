//! Goals: what a site counts.

pub mod filter;
pub mod form;
mod meaning;
pub mod packs;
pub mod rule;
mod rule_form;
pub mod store;
pub mod types;
