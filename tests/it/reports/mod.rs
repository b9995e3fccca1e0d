//! Pages that members read, against hand-counted worlds.

mod board;
mod corrected;
pub(crate) mod dice;
mod drop_answers;
mod effect;
mod estimate;
mod funnel;
mod funnel_parts;
mod journey;
mod knowable;
mod overview;
mod pauses;
mod predictors;
mod prompt;
mod quality;
mod questions;
mod reasons;
mod scores;
mod why;
mod wordings;
pub(crate) mod world;
