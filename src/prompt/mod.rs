//! Prompts: what visitors may be asked, and when.

pub mod changes;
pub mod draft;
pub mod form;
pub mod languages;
pub mod sentence;
pub mod start_page;
pub mod store;
pub mod templates;
pub mod tried;
pub mod types;
