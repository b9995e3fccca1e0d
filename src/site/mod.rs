//! Sites: the tenants.

pub mod calendar;
pub mod consent;
pub mod form;
pub mod store;
pub mod theme;
pub mod tool;
pub mod types;
