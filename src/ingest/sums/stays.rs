//! Sums of how long visits stayed, and of how long it took them to reach goals: what risk sets are made of ([`crate::stats::risk_sets`]).
//! Text only.

use super::{Kept, Sums, WITH_PAGES};

/// The bin of an instant of the visit `v`: a quarter of a minute wide in the first five minutes, half a minute until a quarter of an
/// hour, a minute until half an hour, five until two hours; all beyond is one.
macro_rules! bin {
    ($at:literal) => {
        concat!(
            "CAST(CASE WHEN ",
            $at,
            " - v.started_at < 15000 THEN 0",
            " WHEN ",
            $at,
            " - v.started_at < 300000 THEN (",
            $at,
            " - v.started_at) / 15000",
            " WHEN ",
            $at,
            " - v.started_at < 900000 THEN 10 + (",
            $at,
            " - v.started_at) / 30000",
            " WHEN ",
            $at,
            " - v.started_at < 1800000 THEN 25 + (",
            $at,
            " - v.started_at) / 60000",
            " WHEN ",
            $at,
            " - v.started_at < 7200000 THEN 49 + (",
            $at,
            " - v.started_at) / 300000",
            " ELSE 73 END AS INTEGER)"
        )
    };
}

/// The bin in which the visit `v` converted, or else was last seen: a main goal that a server tells of afterwards keeps nobody there.
macro_rules! end {
    () => {
        bin!("(CASE WHEN v.macro_at < v.last_at THEN v.macro_at ELSE v.last_at END)")
    };
}

/// Visits by when they converted, or else were last seen.
pub const STAYS: Sums = Sums {
    table: "stay_day",
    keys: &[&[("version", "v.funnel_version"), ("bin", end!())]],
    sums: &[("visits", "COUNT(*)"), ("conversions", "COUNT(v.macro_at)")],
    joined: &[],
    counted: WITH_PAGES,
    kept: Kept::Whole,
};

/// Visits that reached a goal and went on beyond that bin: once by the bin behind it, and once, `is_end`, by the one in which they
/// converted or were last seen.
pub const PACES: Sums = Sums {
    table: "pace_day",
    keys: &[&[
        ("version", "v.funnel_version"),
        ("bit", "g.bit"),
        ("is_end", "e.is_end"),
        (
            "bin",
            concat!(
                "CASE e.is_end WHEN 1 THEN ",
                end!(),
                " ELSE 1 + ",
                bin!("g.first_at"),
                " END"
            ),
        ),
    ]],
    sums: &[
        ("visits", "COUNT(*)"),
        (
            "conversions",
            "COUNT(CASE e.is_end WHEN 1 THEN v.macro_at END)",
        ),
    ],
    joined: &[
        "CROSS JOIN visit_goals g",
        "CROSS JOIN (SELECT 0 AS is_end UNION ALL SELECT 1) AS e",
    ],
    counted: concat!(
        "NOT v.is_test AND v.pages > 0 AND g.site_id = v.site_id AND g.visit_id = v.id AND ",
        bin!("g.first_at"),
        " < ",
        end!()
    ),
    kept: Kept::Whole,
};
