//! Goals: what a site counts.

pub mod filter;
pub mod form;
mod meaning;
pub mod packs;
pub mod path;
pub mod rule;
mod rule_form;
pub mod selector;
pub mod signature;
pub mod stage;
pub mod store;
pub mod tactics;
pub mod types;
