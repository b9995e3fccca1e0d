//! Takes what the widget sends: reads it, finds its visit, folds it in, decides about prompts, all in one commit.
//!
//! `payload` → `writer` → `group` (`continuity`, `fold`, `decide`) → `store` → `reply`.

mod amount;
mod answering;
mod asked;
pub mod browser;
pub mod content;
pub mod continuity;
pub mod cube;
pub mod decide;
pub mod event;
pub mod expire;
mod failure;
mod fields;
pub mod fold;
mod group;
pub mod hidden;
pub mod imported;
pub mod imported_answer;
mod kept;
pub mod known;
pub mod link;
pub mod look;
mod memory;
pub mod pack;
mod page_address;
pub mod payload;
mod placing;
pub mod recount;
pub mod reply;
pub mod settle;
mod sheet;
pub mod store;
pub mod sums;
mod surrogates;
pub mod tally;
pub mod told;
pub mod visit;
pub mod visitor;
pub mod witness;
pub mod writer;

pub use group::{VISIT_GAP, VISIT_MAX};
