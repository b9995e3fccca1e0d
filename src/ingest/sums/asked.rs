//! Sums of what became of questions.

use super::{ANSWER, DECISIONS, Kept, Sums, kind::KIND};
use crate::ingest::cube::visitor;

/// Decisions about prompts, and what became of them.
///
/// `visits` are those of which it is the first one that led to asking, or leaving unasked, by itself. `unasked` is the share that
/// chance left unasked, percent; of an eligible visit that was asked for certain, and of one that was not eligible, 0. Where no
/// other prompt was in the way, `lost_to` is the prompt itself.
///
/// Ids are compared `= TRUE`, here and below: of a bare comparison SQLite would make a search through all earlier decisions of the site.
pub const ASKED: Sums = Sums {
    table: "asked_day",
    keys: &[&[
        ("prompt_id", "i.prompt_id"),
        ("version", "v.funnel_version"),
        ("is_automatic", "i.is_automatic"),
        ("arm", "COALESCE(i.arm, '')"),
        (
            "unasked",
            "CAST(ROUND(100 * COALESCE(CASE i.arm WHEN 'held_out' THEN i.probability ELSE 1 - i.probability END, 0)) AS INTEGER)",
        ),
        ("refusal", "COALESCE(i.refusal, '')"),
        ("lost_to", "COALESCE(i.lost_to, i.prompt_id)"),
    ]],
    sums: &[
        ("decisions", "COUNT(*)"),
        (
            "visits",
            "COUNT(CASE WHEN i.is_automatic AND i.arm IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM impressions e WHERE e.site_id = i.site_id AND e.visit_id = i.visit_id AND e.is_automatic
                 AND e.arm IS NOT NULL AND NOT e.is_test AND (e.id < i.id) = TRUE) THEN 1 END)",
        ),
        (
            "opened",
            "COUNT(CASE WHEN i.shown_at IS NOT NULL OR a.impression_id IS NOT NULL THEN 1 END)",
        ),
        (
            "seen",
            "COUNT(CASE WHEN i.seen_at IS NOT NULL OR a.impression_id IS NOT NULL THEN 1 END)",
        ),
        (
            "begun",
            "COUNT(CASE WHEN i.started_at IS NOT NULL OR a.impression_id IS NOT NULL THEN 1 END)",
        ),
        ("answered", "COUNT(a.impression_id)"),
        (
            "closed",
            "COUNT(CASE WHEN i.shown_at IS NOT NULL AND i.dismissed_at IS NOT NULL AND a.impression_id IS NULL THEN 1 END)",
        ),
        (
            "reached",
            "COUNT(CASE WHEN v.macro_at > i.decided_at THEN 1 END)",
        ),
        (
            "reached_before",
            "COUNT(CASE WHEN v.macro_at <= i.decided_at THEN 1 END)",
        ),
    ],
    joined: &[DECISIONS, ANSWER],
    counted: "NOT v.is_test AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test",
    kept: Kept::ByDimension,
};

/// Visits that came to a moment of a prompt, each by the decision that tells what became of it.
///
/// That is one that was in its favour, else the latest. `code` says why it was held back or did not open, or how it was closed; `is_asked` whether any prompt was asked in the
/// visit, or left unasked by chance.
pub const WAYS: Sums = Sums {
    table: "way_day",
    keys: &[&[
        ("prompt_id", "i.prompt_id"),
        ("prompt_version", "i.prompt_version"),
        (
            "way",
            "CASE WHEN i.arm IS NULL THEN 'held_back' WHEN i.arm = 'held_out' THEN 'unasked'
             WHEN a.is_complete THEN 'complete' WHEN a.impression_id IS NOT NULL THEN 'partial'
             WHEN i.shown_at IS NULL THEN 'not_opened' WHEN i.dismissed_at IS NOT NULL THEN 'closed'
             WHEN i.started_at IS NOT NULL THEN 'begun' WHEN i.seen_at IS NOT NULL THEN 'seen' ELSE 'unseen' END",
        ),
        (
            "code",
            "CASE WHEN i.arm IS NULL THEN COALESCE(i.refusal, '')
             WHEN i.arm = 'shown' AND (i.shown_at IS NULL OR i.dismissed_at IS NOT NULL) AND a.impression_id IS NULL
               THEN COALESCE(i.ending, '') ELSE '' END",
        ),
        (
            "is_seen",
            "(COALESCE(i.arm, '') = 'shown' AND (i.seen_at IS NOT NULL OR a.impression_id IS NOT NULL))",
        ),
        (
            "is_begun",
            "(COALESCE(i.arm, '') = 'shown' AND (i.started_at IS NOT NULL OR a.impression_id IS NOT NULL))",
        ),
        ("is_never", "(COALESCE(i.ending, '') = 'never')"),
        (
            "is_asked",
            "(EXISTS (SELECT 1 FROM impressions e WHERE e.site_id = i.site_id AND e.visit_id = i.visit_id AND e.is_automatic
               AND NOT e.is_test AND e.arm IS NOT NULL))",
        ),
    ]],
    sums: &[
        ("visits", "COUNT(*)"),
        ("with_pages", "COUNT(CASE WHEN v.pages > 0 THEN 1 END)"),
    ],
    joined: &[DECISIONS, ANSWER],
    counted: "NOT v.is_test AND i.site_id = v.site_id AND i.visit_id = v.id AND i.is_automatic AND NOT i.is_test AND NOT EXISTS (
      SELECT 1 FROM impressions e WHERE e.site_id = i.site_id AND e.visit_id = i.visit_id AND e.prompt_id = i.prompt_id
        AND e.is_automatic AND NOT e.is_test AND e.id <> i.id AND (e.arm IS NOT NULL AND i.arm IS NULL OR
          (e.arm IS NULL) = (i.arm IS NULL) AND (e.decided_at, e.id) > (i.decided_at, i.id)))",
    kept: Kept::Whole,
};

/// Cards that were to open, and what became of them, by what was drawn and by the kind of visit: whether some kinds answer less takes
/// two dimensions at once.
pub const CARDS: Sums = Sums {
    table: "card_day",
    keys: &[&[
        ("prompt_id", "i.prompt_id"),
        ("prompt_version", "i.prompt_version"),
        ("is_automatic", "i.is_automatic"),
        ("wording", "COALESCE(i.wording, '')"),
        ("device", "v.device"),
        ("visitor", visitor!()),
    ]],
    sums: &[
        ("cards", "COUNT(*)"),
        (
            "opened",
            "COUNT(CASE WHEN i.shown_at IS NOT NULL OR a.impression_id IS NOT NULL THEN 1 END)",
        ),
        ("answered", "COUNT(a.impression_id)"),
    ],
    joined: &[DECISIONS, ANSWER],
    counted: "NOT v.is_test AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test AND i.arm = 'shown'",
    kept: Kept::Whole,
};

/// Visits that could be asked, each by its first decision, and how many answers they gave.
pub const KINDS: Sums = Sums {
    table: "kind_day",
    keys: &[KIND],
    sums: &[
        ("visits", "COUNT(*)"),
        (
            "answers",
            "SUM((SELECT COUNT(*) FROM impressions e
              WHERE e.site_id = v.site_id AND e.visit_id = v.id AND NOT e.is_test AND EXISTS (
                SELECT 1 FROM answers w WHERE w.site_id = e.site_id AND w.impression_id = e.id AND NOT w.is_test)))",
        ),
    ],
    joined: &[DECISIONS],
    counted: "NOT v.is_test AND v.pages > 0 AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test AND i.arm IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM impressions e WHERE e.site_id = i.site_id AND e.visit_id = i.visit_id AND NOT e.is_test
        AND e.arm IS NOT NULL AND (e.id < i.id) = TRUE)",
    kept: Kept::ByDimension,
};
