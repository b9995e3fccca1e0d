//! Exitpoll: asks visitors of a website why, at the moment they walk away, and shows the answers where they left.

pub mod account;
pub mod answer;
pub mod clock;
pub mod config;
pub mod db;
pub mod delivery;
pub mod demo;
pub mod error;
pub mod goal;
pub mod harm;
pub mod import;
pub mod ingest;
pub mod limit;
pub mod prompt;
pub mod reason;
pub mod report;
pub mod secret;
pub mod seed;
pub mod server;
pub mod site;
pub mod state;
pub mod stats;
pub mod telemetry;
pub mod types;
pub mod web;
pub mod webhook;
