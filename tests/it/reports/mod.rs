//! Pages that members read, against hand-counted worlds.

mod board;
mod corrected;
pub(crate) mod dice;
mod drop_answers;
mod effect;
mod estimate;
mod forms;
mod funnel;
mod funnel_choices;
mod funnel_orders;
mod funnel_parts;
mod harm;
mod journey;
mod knowable;
mod overview;
mod pauses;
mod predictors;
mod prompt;
mod prompt_file;
mod quality;
mod questions;
mod reasons;
mod scales;
mod scores;
mod why;
mod wordings;
pub(crate) mod world;
