//! `/x/…`: what the widget talks to.

mod amounts;
mod answers;
mod batches;
mod busy;
mod debug;
mod eligible;
mod fairness;

mod hidden;
pub(crate) mod interleaving;
mod kinds;
mod known;
mod languages;
mod malformed;
mod never;
mod nodes;
mod picker;
mod places;
mod refused;
mod scripts;
mod target;
mod templates;
mod told;
mod visits;
mod whom;
