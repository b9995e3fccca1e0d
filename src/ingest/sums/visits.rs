//! Sums of visits, and of what they reached.

use super::{Kept, Sums, WITH_PAGES};

/// Visits by all that they have in common.
pub const CUBE: Sums = Sums {
    table: "cube_day",
    keys: &[&[(
        "signature_id",
        "CASE k.dim WHEN 7 THEN v.path_id ELSE v.signature_id END",
    )]],
    sums: &[
        ("visits", "COUNT(*)"),
        ("conversions", "COUNT(v.macro_at)"),
        ("value_minor", "SUM(v.value_minor)"),
        ("active_ms", "SUM(v.active_ms)"),
    ],
    joined: &[],
    counted: WITH_PAGES,
    kept: Kept::ByPathToo,
};

/// Visits, how many came to the landmark, and moves to leave.
pub const VISITS: Sums = Sums {
    table: "visit_day",
    keys: &[&[("version", "v.funnel_version")]],
    sums: &[
        ("visits", "COUNT(*)"),
        ("conversions", "COUNT(v.macro_at)"),
        ("at_landmark", "COUNT(CASE WHEN v.landmark = 1 THEN 1 END)"),
        (
            "at_landmark_converted",
            "COUNT(CASE WHEN v.landmark = 1 THEN v.macro_at END)",
        ),
        (
            "before_landmark",
            "COUNT(CASE WHEN v.landmark = 2 THEN 1 END)",
        ),
        ("exits", "SUM(v.exits)"),
        ("exits_stayed", "SUM(v.exits_stayed)"),
    ],
    joined: &[],
    counted: WITH_PAGES,
    kept: Kept::ByDimension,
};

/// Visits that reached a goal; `before_main` are those that the main goal did not come before, nor with it.
pub const GOALS: Sums = Sums {
    table: "goal_day",
    keys: &[&[("version", "v.funnel_version"), ("bit", "g.bit")]],
    sums: &[
        ("visits", "COUNT(*)"),
        ("events", "SUM(g.n)"),
        ("value_minor", "SUM(g.value_minor)"),
        ("before_main", "SUM((v.mask_before >> g.bit) & 1)"),
        (
            "followed",
            "SUM(CASE WHEN v.macro_at IS NULL THEN 0 ELSE (v.mask_before >> g.bit) & 1 END)",
        ),
        (
            "by_landmark",
            "SUM(CASE WHEN v.landmark = 1 THEN (v.mask_landmark >> g.bit) & 1 ELSE 0 END)",
        ),
        (
            "by_landmark_converted",
            "SUM(CASE WHEN v.landmark = 1 AND v.macro_at IS NOT NULL THEN (v.mask_landmark >> g.bit) & 1 ELSE 0 END)",
        ),
    ],
    joined: &["CROSS JOIN visit_goals g"],
    counted: "NOT v.is_test AND v.pages > 0 AND g.site_id = v.site_id AND g.visit_id = v.id",
    kept: Kept::ByDimension,
};

/// Visits by how far they came in the funnel, whose steps `mask` holds as far as they took them, in whatever order.
pub const REACHES: Sums = Sums {
    table: "reach_day",
    keys: &[&[
        ("version", "v.funnel_version"),
        ("step", "v.funnel_step"),
        ("mask", "v.mask_all & COALESCE(f.step_bits, 0)"),
        ("device", "v.device"),
    ]],
    sums: &[("visits", "COUNT(*)"), ("conversions", "COUNT(v.macro_at)")],
    joined: &["LEFT JOIN funnels f ON f.site_id = v.site_id AND f.version = v.funnel_version"],
    counted: WITH_PAGES,
    kept: Kept::ByDimension,
};
