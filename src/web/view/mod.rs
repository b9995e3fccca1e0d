//! What pages have in common.

pub mod board;
pub mod chart;
pub mod dimension;
pub mod estimate;
pub mod file;
pub mod fired;
pub mod funnel;
pub mod journey;
pub mod knowable;
pub mod look;
pub mod matrix;
pub mod number;
pub mod overview;
pub mod page;
pub mod predictors;
pub mod prompt_effect;
pub mod prompt_parts;
pub mod prompt_report;
mod prompt_scores;
pub mod prompt_wordings;
pub mod prompt_words;
pub mod range;
pub mod recount;
pub mod swatch;
pub mod trend;
pub mod when;
pub mod why;
