//! The built-in demo: pages of a made-up site that carry the snippet, and the live strip beside them.

pub mod pages;
pub mod strip;
