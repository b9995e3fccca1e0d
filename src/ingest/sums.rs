//! Tables of sums by day, each told by how its rows follow from visits: so they are put in, taken out, compared and read in one way.
//! Text only.

use super::cube::{ALL, BY_PATH, Dimension};

/// A table of sums of visits. Its rows are of a site, a dimension's number, a day, what the dimension says, and automated browsers or
/// the others; beside that of its own keys.
pub struct Sums {
    /// Its name.
    pub table: &'static str,
    /// What else its rows are told apart by, and what it is of the visit `v` and of what is joined to it.
    pub keys: &'static [(&'static str, &'static str)],
    /// What is added up, likewise. The first is a number of visits or decisions: a row without any is none.
    pub sums: &'static [(&'static str, &'static str)],
    /// What is joined to the visit; CROSS JOIN has SQLite begin with the visits.
    joined: &'static [&'static str],
    /// Which of it counts.
    counted: &'static str,
    /// Whether it is kept by the order of goals too.
    is_by_path: bool,
}

/// Adds the answer `a` of the impression `i`, once however many questions were answered, by way of the key of the answers.
pub const ANSWER: &str = "LEFT JOIN answers a ON a.site_id = i.site_id AND a.impression_id = i.id AND a.question_id = (
  SELECT MIN(f.question_id) FROM answers f WHERE f.site_id = i.site_id AND f.impression_id = i.id AND NOT f.is_test)";

/// Whoever only answered a question by its link has opened no page.
const WITH_PAGES: &str = "NOT v.is_test AND v.pages > 0";

/// Visits by all that they have in common.
pub const CUBE: Sums = Sums {
    table: "cube_day",
    keys: &[(
        "signature_id",
        "CASE k.dim WHEN 7 THEN v.path_id ELSE v.signature_id END",
    )],
    sums: &[
        ("visits", "COUNT(*)"),
        ("conversions", "COUNT(v.macro_at)"),
        ("value_minor", "SUM(v.value_minor)"),
        ("active_ms", "SUM(v.active_ms)"),
    ],
    joined: &[],
    counted: WITH_PAGES,
    is_by_path: true,
};

/// Visits, and how many came to the landmark.
pub const VISITS: Sums = Sums {
    table: "visit_day",
    keys: &[("version", "v.funnel_version")],
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
    ],
    joined: &[],
    counted: WITH_PAGES,
    is_by_path: false,
};

/// Visits that reached a goal; `before_main` are those that the main goal did not come before, nor with it.
pub const GOALS: Sums = Sums {
    table: "goal_day",
    keys: &[("version", "v.funnel_version"), ("bit", "g.bit")],
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
    is_by_path: false,
};

/// Decisions about prompts, and what became of them.
///
/// `visits` are those of which it is the first one that led to asking, or leaving
/// unasked, by itself; `telling` those of which it tells what became of the prompt: such a one, else the latest. `unasked` is the share
/// that chance left unasked, percent; of an eligible visit that was asked for certain, and of one that was not eligible, 0. Where no
/// other prompt was in the way, `lost_to` is the prompt itself.
///
/// Ids are compared `= TRUE`, here and below: of a bare comparison SQLite would make a search through all earlier decisions of the site.
pub const ASKED: Sums = Sums {
    table: "asked_day",
    keys: &[
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
    ],
    sums: &[
        ("decisions", "COUNT(*)"),
        (
            "visits",
            "COUNT(CASE WHEN i.is_automatic AND i.arm IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM impressions e WHERE e.site_id = i.site_id AND e.visit_id = i.visit_id AND e.is_automatic
                 AND e.arm IS NOT NULL AND NOT e.is_test AND (e.id < i.id) = TRUE) THEN 1 END)",
        ),
        (
            "telling",
            "COUNT(CASE WHEN i.is_automatic AND NOT EXISTS (
               SELECT 1 FROM impressions e WHERE e.site_id = i.site_id AND e.visit_id = i.visit_id AND e.prompt_id = i.prompt_id
                 AND e.is_automatic AND NOT e.is_test AND e.id <> i.id AND (e.arm IS NOT NULL AND i.arm IS NULL OR
                   (e.arm IS NULL) = (i.arm IS NULL) AND (e.decided_at, e.id) > (i.decided_at, i.id))) THEN 1 END)",
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
    joined: &["CROSS JOIN impressions i", ANSWER],
    counted: "NOT v.is_test AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test",
    is_by_path: false,
};

/// What visits have in common that could be asked: where they stand in the funnel, of whose steps `mask` holds those that they reached;
/// what became of asking (3 answered, 2 silent, 1 left unasked); and what weights their answers: their kind, the step at the first
/// decision (`place`), and the chance, percent, with which they were asked what they answered.
const KIND: &[(&str, &str)] = &[
    ("version", "v.funnel_version"),
    ("step", "v.funnel_step"),
    (
        "mask",
        "v.mask_all & COALESCE((SELECT f.step_bits FROM funnels f WHERE f.site_id = v.site_id AND f.version = v.funnel_version), 0)",
    ),
    (
        "converted",
        "CASE WHEN v.macro_at IS NULL THEN 0 ELSE 1 END",
    ),
    ("device", "v.device"),
    (
        "visitor",
        "CASE WHEN v.visit_number IS NULL THEN 'unknown' WHEN v.visit_number = 1 THEN 'new' ELSE 'returning' END",
    ),
    (
        "asked",
        "(SELECT MAX(CASE WHEN EXISTS (SELECT 1 FROM answers w WHERE w.site_id = e.site_id AND w.impression_id = e.id AND NOT w.is_test)
             THEN 3 WHEN e.arm = 'shown' THEN 2 ELSE 1 END)
          FROM impressions e WHERE e.site_id = v.site_id AND e.visit_id = v.id AND NOT e.is_test AND e.arm IS NOT NULL)",
    ),
    (
        "place",
        "(SELECT MIN(e.funnel_step) FROM impressions e
          WHERE e.site_id = v.site_id AND e.visit_id = v.id AND NOT e.is_test AND e.arm IS NOT NULL)",
    ),
    (
        "chance",
        "CAST(ROUND(100 * COALESCE((SELECT MAX(e.probability) FROM impressions e
          WHERE e.site_id = v.site_id AND e.visit_id = v.id AND NOT e.is_test AND e.arm IS NOT NULL AND EXISTS (
            SELECT 1 FROM answers w WHERE w.site_id = e.site_id AND w.impression_id = e.id AND NOT w.is_test)), 1)) AS INTEGER)",
    ),
];

/// What the visit `v` has in common with others, each under its name.
pub fn kind() -> String {
    list(KIND.iter().map(|(name, of)| format!("{of} AS {name}")))
}

/// Visits that could be asked, each by its first decision, and how many answers they gave.
pub const KINDS: Sums = Sums {
    table: "kind_day",
    keys: KIND,
    sums: &[
        ("visits", "COUNT(*)"),
        (
            "answers",
            "SUM((SELECT COUNT(*) FROM impressions e
              WHERE e.site_id = v.site_id AND e.visit_id = v.id AND NOT e.is_test AND EXISTS (
                SELECT 1 FROM answers w WHERE w.site_id = e.site_id AND w.impression_id = e.id AND NOT w.is_test)))",
        ),
    ],
    joined: &["CROSS JOIN impressions i"],
    counted: "NOT v.is_test AND v.pages > 0 AND i.site_id = v.site_id AND i.visit_id = v.id AND NOT i.is_test AND i.arm IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM impressions e WHERE e.site_id = i.site_id AND e.visit_id = i.visit_id AND NOT e.is_test
        AND e.arm IS NOT NULL AND (e.id < i.id) = TRUE)",
    is_by_path: false,
};

/// All of them.
pub const EVERY: [&Sums; 5] = [&CUBE, &VISITS, &GOALS, &ASKED, &KINDS];

/// What the dimension `k` says of the visit `v`.
fn value() -> String {
    let cases: String = Dimension::ALL
        .iter()
        .copied()
        .filter_map(|dimension| {
            let code = dimension.code()?;
            Some(format!(" WHEN {code} THEN {}", dimension.of_visit()))
        })
        .collect();
    format!("CASE k.dim{cases} ELSE '' END")
}

/// All numbers that stand for a dimension: the day stands behind them in the keys, so they are named where a day is looked for.
pub(super) fn numbers() -> String {
    list(ALL..=BY_PATH)
}

/// Names, separated by commas.
fn list(names: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.join(", ")
}

impl Sums {
    /// Names of all that its rows are told apart by.
    fn key(&self) -> impl Iterator<Item = &'static str> {
        let all = ["site_id", "dim", "day", "value", "is_automated"];
        all.into_iter()
            .chain(self.keys.iter().map(|(name, _)| *name))
    }

    /// The numbers under which a visit is summed up, as a table `k`.
    fn dimensions(&self) -> String {
        let codes = Dimension::ALL.iter().copied().filter_map(Dimension::code);
        let path = self.is_by_path.then_some(BY_PATH);
        let each: Vec<String> = std::iter::once(ALL)
            .chain(codes)
            .chain(path)
            .map(|code| format!("SELECT {code} AS dim"))
            .collect();
        format!("({}) AS k", each.join(" UNION ALL "))
    }

    /// What is added up of visits, by `sign`, each under its name.
    fn added(&self, sign: &str) -> String {
        list(
            self.sums
                .iter()
                .map(|(name, sum)| format!("CAST({sign}{sum} AS BIGINT) AS {name}")),
        )
    }

    /// The rows to which those visits come that a condition names.
    pub(super) fn rows(&self, sign: &str, which: &str) -> String {
        let keys = list(self.keys.iter().map(|(name, of)| format!("{of} AS {name}")));
        let places = list(1..=self.key().count());
        format!(
            "SELECT v.site_id, k.dim, v.day, {} AS value, v.is_automated, {keys}, {}
             FROM visits v {} CROSS JOIN {}
             WHERE {which} AND {}
             GROUP BY {places}",
            value(),
            self.added(sign),
            self.joined.join(" "),
            self.dimensions(),
            self.counted,
        )
    }

    /// Adds the visits, or takes them away.
    pub(super) fn turn(&self, sign: &str, which: &str) -> String {
        let (table, key) = (self.table, list(self.key()));
        let places = list(1..=self.key().count());
        let added = self
            .sums
            .iter()
            .map(|(name, _)| format!("{name} = {table}.{name} + excluded.{name}"));
        format!(
            "INSERT INTO {table} ({key}, {}) {} ORDER BY {places}
             ON CONFLICT ({key}) DO UPDATE SET {}",
            list(self.sums.iter().map(|(name, _)| name)),
            self.rows(sign, which),
            list(added)
        )
    }

    /// Names of all columns.
    pub(super) fn columns(&self) -> String {
        list(self.key().chain(self.sums.iter().map(|(name, _)| *name)))
    }

    /// A row of nothing is none.
    pub(super) fn delete_empty(&self) -> String {
        let n = self.sums.first().map_or("", |(name, _)| *name);
        format!("DELETE FROM {} WHERE site_id = $1 AND {n} = 0", self.table)
    }

    /// Whatever it says of a day, under all numbers.
    pub(super) fn delete_day(&self) -> String {
        format!(
            "DELETE FROM {} WHERE site_id = $1 AND dim IN ({}) AND day = $2",
            self.table,
            numbers()
        )
    }

    /// The same rows of visits that are not in it, told apart by one thing that is said of them, as they stand beside [`Self::stored`].
    pub(crate) fn of_visits(&self, value: &str, which: &str) -> String {
        let keys = list(self.keys.iter().map(|(name, of)| format!("{of} AS {name}")));
        let places = list(1..=self.keys.len() + 3);
        format!(
            "SELECT v.day, {value} AS value, v.is_automated, {keys}, {OPEN} AS open, {}
             FROM visits v {} WHERE {which} AND {} GROUP BY {places}",
            self.added(""),
            self.joined.join(" "),
            self.counted
        )
    }

    /// Rows of the table `c`.
    pub(crate) fn stored(&self, value: &str, which: &str) -> String {
        format!(
            "SELECT c.day, {value} AS value, c.is_automated, {}, CAST(0 AS BIGINT) AS open, {}
             FROM {} c WHERE {which}",
            list(self.keys.iter().map(|(name, _)| format!("c.{name}"))),
            list(self.sums.iter().map(|(name, _)| format!("c.{name}"))),
            self.table
        )
    }
}

/// Visits that may still move on: `$4` is when they were heard of at the latest.
const OPEN: &str = "COUNT(CASE WHEN v.closed_at IS NULL AND v.last_at > $4 THEN 1 END)";
