//! Made-up history for looking around: scripted visitors on a simulated clock, through the same writer as real ones.
//!
//! `visitor` draws who comes and what they are up to, `play` acts it out in the words of the wire contract, `run` keeps many of
//! them going at once. `world` plays others, of which the truth is known. Nothing is written past the writer, so every figure of a sample came about as every other figure does.

mod card;
mod comments;
mod play;
mod progress;
pub mod random;
mod run;
pub mod site;
mod store;
mod view;
mod visitor;
pub mod world;

pub use progress::{Phase, Progress};
pub use run::{Means, Request, fill, start};
pub use view::ORIGIN;

/// What one click in the admin makes: two spans of four weeks, so that one can be held against the other.
pub const ONE_CLICK: Request = Request {
    visits: 8_000,
    days: 56,
    seed: 1,
};
