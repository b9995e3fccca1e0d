//! Tests through HTTP, against the real server and a real database. One binary; the folders mirror the addresses.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on may panic, in its helpers too"
)]

mod admin;
mod api;
mod cube;
mod demo;
mod errors;
mod import;
mod kill;
mod link;
mod recount;
mod reports;
mod seed;
mod startup;
mod support;
mod tidy;
mod upgrade;
mod webhook;
mod worlds;
