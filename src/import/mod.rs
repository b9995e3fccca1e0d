//! History from another tool, out of CSV files, into the same journal and facts as what the widget tells.
//!
//! `columns` knows the files, `row` reads a line and cleans it, `spill` brings the lines of a visit together without holding the file
//! in memory, `whole` makes a visit of them, `run` hands them to the writer and `rejects` keeps what could not be read. `quotes` stops
//! at a quote that is not closed.

mod answers;
mod clean;
pub mod columns;
mod events;
mod progress;
mod quotes;
mod rejects;
mod row;
mod run;
mod spill;
mod visits;
mod whole;

pub use columns::Kind;
pub use progress::Progress;
pub use run::{Request, Say, Summary, run};
