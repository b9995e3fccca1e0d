//! What happens around every handler.

mod boundary;
mod headers;

pub use boundary::boundary;
