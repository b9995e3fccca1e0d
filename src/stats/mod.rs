//! Statistics: pure formulas, tested against published figures. Nothing here reads, writes, asks for the time or knows the project.
//!
//! Shares are fractions of one, times are milliseconds, levels are the part of cases that an interval is meant to cover (0.95).
//! Every function is total: `None` where a figure is not defined, as of no visits at all.

mod compare;
mod distribution;
mod many;
mod rate;

pub use self::{
    compare::{Ratio, katz, p_value, ratio},
    many::{benjamini_hochberg, benjamini_yekutieli, differences_from, shown_level},
    rate::{ENOUGH, Interval, LEVEL, Rate, wilson_weighted},
};
