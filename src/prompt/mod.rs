//! Prompts: what visitors may be asked, and when.

pub mod ask_again;
pub mod changes;
pub mod debug;
pub mod draft;
pub mod form;
pub mod languages;
pub mod sentence;
pub mod store;
pub mod templates;
pub mod tried;
pub mod types;
