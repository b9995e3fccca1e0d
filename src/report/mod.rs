//! Reports: what visitors did, beside what they said. Reads only.
//!
//! Every load goes through one read transaction, so that all figures of a page are of the same moment.

pub mod blueprint;
pub mod board;
pub mod estimate;
pub mod forms;
pub mod funnel;
pub mod journal;
pub mod journey;
pub mod knowable;
pub mod lately;
pub mod order;
pub mod overview;
pub mod pace;
pub mod period;
pub mod predictors;
pub mod prompt;
pub mod prompts;
pub mod quality;
pub mod revenue;
pub mod scores;
pub mod segment;
pub mod signatures;
pub mod suggest;
pub mod sums;
pub mod why;
pub mod wordings;
