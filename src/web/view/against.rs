//! Figures against the days before, in words. Pure.

use super::{board::Cell, number};
use crate::stats::Rate;

/// A figure against the days before.
pub struct LineView {
    /// What was counted.
    pub name: String,
    /// What that means, where it does not say it.
    pub meaning: &'static str,
    /// In these days.
    pub now: Cell,
    /// In the days before.
    pub before: Cell,
    /// How it changed, with the range.
    pub difference: String,
}

/// How many, without a share.
pub(super) fn counts(name: &str, meaning: &'static str, now: i64, before: i64) -> LineView {
    let cell = |n: i64| Cell {
        share: number::count(n),
        spread: String::new(),
        of: String::new(),
    };
    let more = |n: i64, word: &str| format!("{} {word}", number::count(n));
    LineView {
        name: name.to_owned(),
        meaning,
        now: cell(now),
        before: cell(before),
        difference: match now - before {
            0 => "the same".into(),
            more_now if more_now > 0 => more(more_now, "more"),
            fewer => more(-fewer, "fewer"),
        },
    }
}

/// A share.
pub(super) fn rates(name: &str, meaning: &'static str, now: Rate, before: Rate) -> LineView {
    LineView {
        name: name.to_owned(),
        meaning,
        now: Cell::new(now),
        before: Cell::new(before),
        difference: difference(now, before),
    }
}

/// `2.1 points more (0.4 to 3.8)`; a dash where a share cannot be told.
pub(super) fn difference(now: Rate, before: Rate) -> String {
    difference_from(now, before, "no clear change")
}

/// The same of any two shares, with what is said where chance alone explains it.
pub(super) fn difference_from(now: Rate, before: Rate, none: &str) -> String {
    let is_enough = now.is_enough() && before.is_enough();
    let Some((points, interval)) = now.difference(before).filter(|_| is_enough) else {
        return "–".into();
    };
    let range = number::points_range(interval);
    match interval.contains_zero() {
        true => format!("{none} ({range} points)"),
        false => format!("{} ({range})", number::points_more(points)),
    }
}
