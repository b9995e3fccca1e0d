//! Answers: what came back.
//!
//! `payload` is read by ingest, let in by `token` and kept by `record`; `store` lists and deletes.

pub mod payload;
pub mod record;
pub mod step;
pub mod stepwise;
pub mod store;
pub mod token;
pub mod types;
pub mod value;
