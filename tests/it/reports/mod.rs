//! Pages that members read, against hand-counted worlds.

mod drop_answers;
mod estimate;
mod funnel;
mod funnel_parts;
mod journey;
mod prompt;
mod quality;
mod questions;
pub(crate) mod world;
