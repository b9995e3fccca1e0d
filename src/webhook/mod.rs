//! Webhooks: each answer of a site is sent to an address of the owner's, signed, until it is taken.
//!
//! `store::outbox` notes a message in the commit that stores the answer; `sender` sends what is due, `body` says what, `signing` proves
//! from whom, `address` says where nothing may be sent, `poster` goes there.

mod address;
mod body;
pub mod form;
mod poster;
pub mod sender;
mod signing;
pub mod store;
pub mod types;

pub use address::Reach;
pub use body::example;
