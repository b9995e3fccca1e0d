//! Answers: what came back.
//!
//! `payload` is read by ingest, let in by `token` and kept by `record`; `store` lists, marks and deletes.

pub mod filter;
pub mod payload;
pub mod record;
pub mod replay;
pub mod step;
pub mod stepwise;
pub mod store;
pub mod tag;
pub mod token;
pub mod types;
pub mod value;
mod way;
pub mod words;
