//! Reasons: the codebook of a site, to which choices of every prompt map.

pub mod alike;
pub mod store;
pub mod types;
