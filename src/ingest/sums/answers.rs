//! Sums of what was answered.

use super::{ANSWER, DECISIONS, Kept, Sums, kind::KIND};

/// Answers to questions, by what was chosen; of a ranking, by what was put first.
///
/// No moment is known of an answer from a file: it stands with those that moments led to. An answer of several choices stands in the row of each (`given`), and is counted in that of one of them (`answers`). `number` is the
/// value on a scale, else −1: what was written as a number has as many values as it likes.
pub const ANSWERS: Sums = Sums {
    table: "answer_day",
    keys: &[&[
        ("version", "v.funnel_version"),
        ("prompt_id", "i.prompt_id"),
        ("is_automatic", "(i.is_automatic OR i.arm = 'imported')"),
        ("question_id", "q.question_id"),
        ("choice_id", "COALESCE(c.choice_id, '')"),
        (
            "number",
            "CASE WHEN q.value = '' AND q.number IS NOT NULL THEN CAST(q.number AS INTEGER) ELSE -1 END",
        ),
        (
            "converted",
            "CASE WHEN v.macro_at IS NULL THEN 0 ELSE 1 END",
        ),
    ]],
    sums: &[
        ("given", "COUNT(*)"),
        (
            "answers",
            "COUNT(CASE WHEN c.choice_id IS NULL OR NOT EXISTS (
               SELECT 1 FROM answer_choices e WHERE e.site_id = q.site_id AND e.impression_id = q.impression_id
                 AND e.question_id = q.question_id AND (e.place IS NULL OR e.place = 1) AND e.choice_id < c.choice_id) THEN 1 END)",
        ),
    ],
    joined: &[
        DECISIONS,
        "CROSS JOIN answers q",
        "LEFT JOIN answer_choices c ON c.site_id = q.site_id AND c.impression_id = q.impression_id AND c.question_id = q.question_id
           AND (c.place IS NULL OR c.place = 1)",
    ],
    counted: "NOT v.is_test AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test AND i.arm IS NOT NULL
      AND q.site_id = i.site_id AND q.impression_id = i.id AND NOT q.is_test",
    kept: Kept::ByDimension,
};

/// Visits that named a reason, each once however often, by all that weights their answers.
pub const NAMED: Sums = Sums {
    table: "named_day",
    keys: &[KIND, &[("reason_id", "c.reason_id")]],
    sums: &[("visits", "COUNT(DISTINCT v.id)")],
    joined: &[
        DECISIONS,
        "CROSS JOIN answers a",
        "CROSS JOIN answer_choices c",
    ],
    counted: "NOT v.is_test AND v.pages > 0 AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test AND i.arm IS NOT NULL
      AND a.site_id = i.site_id AND a.impression_id = i.id AND NOT a.is_test AND c.site_id = a.site_id
      AND c.impression_id = a.impression_id AND c.question_id = a.question_id AND c.reason_id IS NOT NULL",
    kept: Kept::ByDimension,
};

/// Cards that were answered, by how long it took from their opening to the first answer, ms.
pub const TIMES: Sums = Sums {
    table: "time_day",
    keys: &[&[
        ("prompt_id", "i.prompt_id"),
        ("is_automatic", "i.is_automatic"),
        ("ms", "i.answered_at - i.shown_at"),
    ]],
    sums: &[("answers", "COUNT(*)")],
    joined: &[DECISIONS, ANSWER],
    counted: "NOT v.is_test AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test AND i.arm = 'shown'
      AND i.answered_at >= i.shown_at AND a.impression_id IS NOT NULL",
    kept: Kept::Whole,
};

/// Answers with words, one by one, by how far their visits came.
pub const WORDS: Sums = Sums {
    table: "word_day",
    keys: &[&[
        ("version", "v.funnel_version"),
        ("step", "v.funnel_step"),
        ("answered_at", "a.answered_at"),
        ("impression_id", "a.impression_id"),
        ("question_id", "a.question_id"),
    ]],
    sums: &[("answers", "COUNT(*)")],
    joined: &[DECISIONS, "CROSS JOIN answers a"],
    counted: "NOT v.is_test AND v.pages > 0 AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test AND i.arm IS NOT NULL
      AND a.site_id = i.site_id AND a.impression_id = i.id AND NOT a.is_test AND a.comment <> ''",
    kept: Kept::ByDimension,
};
