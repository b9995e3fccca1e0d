//! The harness: a server of one's own, a database of one's own, and people who use them.

pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod database;
pub(crate) mod program;
pub(crate) mod prompt;
mod rows;
pub(crate) mod simulated;
pub(crate) mod sink;
pub(crate) mod widget;
