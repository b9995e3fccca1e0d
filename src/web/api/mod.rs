//! What the widget talks to: public, from any origin, never with a cookie.

pub mod events;
pub mod ingest;
pub mod look;
mod owner_tool;
pub mod pick;
pub mod script;
