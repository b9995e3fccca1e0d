//! Tables of sums by day, each told by how its rows follow from visits: so they are put in, taken out, compared and read in one way.
//! Text only.

mod answers;
mod asked;
mod kind;
mod stays;
mod visits;

pub use self::{
    answers::{ANSWERS, NAMED, TIMES, WORDS},
    asked::{ASKED, CARDS, KINDS, WAYS},
    kind::{ANSWERED, Kind},
    stays::{PACES, STAYS},
    visits::{CUBE, GOALS, REACHES, VISITS},
};
use sea_orm::DbBackend;

use super::cube::{ALL, BY_PATH, Dimension};

/// A table of sums of visits. Its rows are of a site, a dimension's number, a day, what the dimension says, and automated browsers or
/// the others; beside that of its own keys.
pub struct Sums {
    /// Its name.
    pub table: &'static str,
    /// What else its rows are told apart by, and what it is of the visit `v` and of what is joined to it.
    pub keys: &'static [&'static [(&'static str, &'static str)]],
    /// What is added up, likewise. The first is a number of visits or decisions: a row without any is none.
    pub sums: &'static [(&'static str, &'static str)],
    /// What is joined to the visit; CROSS JOIN has SQLite begin with the visits.
    joined: &'static [&'static str],
    /// Which of it counts.
    counted: &'static str,
    /// By what it is kept beside the days.
    kept: Kept,
}

/// By what sums are kept, beside those of all visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// Nothing else: no report breaks them down.
    Whole,
    /// What each dimension says.
    ByDimension,
    /// That, and all visits again by the order of their goals.
    ByPathToo,
}

/// Whoever only answered a question by its link has opened no page.
const WITH_PAGES: &str = "NOT v.is_test AND v.pages > 0";

/// The answer `a` of the impression `i`, if there is one: once however many questions were answered, by way of the key of the answers.
const ANSWER: &str = "LEFT JOIN answers a ON a.site_id = i.site_id AND a.impression_id = i.id AND a.question_id = (
  SELECT MIN(f.question_id) FROM answers f WHERE f.site_id = i.site_id AND f.impression_id = i.id AND NOT f.is_test)";

/// The decisions `i` of the visit.
const DECISIONS: &str = "CROSS JOIN impressions i";

/// All of them.
pub const EVERY: [&Sums; 14] = [
    &CUBE, &VISITS, &GOALS, &REACHES, &STAYS, &PACES, &ASKED, &WAYS, &CARDS, &KINDS, &ANSWERS,
    &NAMED, &TIMES, &WORDS,
];

/// Keys that are ids, which SQLite holds as bytes.
const IDS: [&str; 4] = ["impression_id", "lost_to", "prompt_id", "reason_id"];

/// What the dimension of a number says of the visit `v`.
fn value(dim: i32) -> &'static str {
    let mut dimensions = Dimension::ALL.iter().copied();
    let dimension = dimensions.find(|dimension| dimension.code() == Some(dim));
    dimension.map_or("''", Dimension::of_visit)
}

/// What the dimension `k` says, of what each says: `told` names it.
fn value_of_any(told: impl Fn(i32) -> String) -> String {
    let codes = Dimension::ALL.iter().copied().filter_map(Dimension::code);
    let cases: String = codes
        .map(|code| format!(" WHEN {code} THEN {}", told(code)))
        .collect();
    format!("CASE k.dim{cases} ELSE '' END")
}

/// All numbers under which visits can be summed up.
fn every_number() -> impl Iterator<Item = i32> {
    let codes = Dimension::ALL.iter().copied().filter_map(Dimension::code);
    [ALL, BY_PATH].into_iter().chain(codes)
}

/// The same in SQL: the day stands behind them in the keys, so they are named where a day is looked for.
pub(super) fn numbers() -> String {
    list(every_number())
}

/// Names, separated by commas.
fn list(names: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.join(", ")
}

impl Sums {
    fn keys(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        self.keys.iter().copied().flatten()
    }

    /// Names of all that its rows are told apart by.
    fn key(&self) -> impl Iterator<Item = &'static str> {
        let all = ["site_id", "dim", "day", "value", "is_automated"];
        all.into_iter().chain(self.keys().map(|(name, _)| *name))
    }

    /// Names of the sums that packs hold. By the worth and the active time of visits there would be nearly as many rows as visits.
    pub(crate) fn packed(&self) -> impl Iterator<Item = &'static str> {
        let names = self.sums.iter().map(|(name, _)| *name);
        names.filter(|name| {
            self.kept != Kept::ByPathToo || !["value_minor", "active_ms"].contains(name)
        })
    }

    /// Whether visits are summed up under a number.
    pub(crate) fn has(&self, dim: i32) -> bool {
        match dim {
            ALL => true,
            BY_PATH => self.kept == Kept::ByPathToo,
            _ => self.kept != Kept::Whole,
        }
    }

    /// The numbers under which a visit is summed up.
    fn numbers(&self) -> impl Iterator<Item = i32> {
        every_number().filter(|dim| self.has(*dim))
    }

    /// The same as a table.
    fn dimensions(&self) -> String {
        let each: Vec<String> = self
            .numbers()
            .map(|dim| format!("SELECT {dim} AS dim"))
            .collect();
        each.join(" UNION ALL ")
    }

    /// What is added up of visits, by `sign`, each under its name.
    fn added(&self, sign: &str) -> String {
        list(
            self.sums
                .iter()
                .map(|(name, sum)| format!("CAST({sign}{sum} AS BIGINT) AS {name}")),
        )
    }

    /// The rows to which those visits come that a condition names. By a bare day SQLite would group in the order of the days, through
    /// all visits of the site; and it sorts what it groups, sooner where what comes first tells much apart, as the last keys do.
    pub(super) fn rows(&self, sign: &str, which: &str) -> String {
        if self.joined.contains(&DECISIONS) && self.kept != Kept::Whole {
            return self.rows_of_decisions(sign, which);
        }
        let keys = list(self.keys().map(|(name, of)| format!("{of} AS {name}")));
        format!(
            "SELECT v.site_id, k.dim, +v.day AS day, {} AS value, v.is_automated, {keys}, {}
             FROM visits v {} CROSS JOIN ({}) AS k
             WHERE {which} AND {}
             GROUP BY {}",
            value_of_any(|dim| value(dim).to_owned()),
            self.added(sign),
            self.joined.join(" "),
            self.dimensions(),
            self.counted,
            list((1..=self.key().count()).rev())
        )
    }

    /// What is told of decisions is looked up beside each: it is summed up by all that dimensions say, and then by what each says.
    fn rows_of_decisions(&self, sign: &str, which: &str) -> String {
        let told: Vec<String> = (self.numbers().filter(|dim| *dim != ALL))
            .map(|dim| format!("{} AS said_{dim}", value(dim)))
            .collect();
        let keys = list(self.keys().map(|(name, of)| format!("{of} AS {name}")));
        let grouped = 3 + told.len() + self.keys().count();
        let summed = self.sums.iter();
        let summed = summed.map(|(name, _)| format!("CAST(SUM(s.{name}) AS BIGINT) AS {name}"));
        format!(
            "SELECT s.site_id, k.dim, s.day, {} AS value, s.is_automated, {}, {} FROM (
               SELECT v.site_id, +v.day AS day, v.is_automated, {}, {keys}, {} FROM visits v {} WHERE {which} AND {} GROUP BY {}
             ) AS s CROSS JOIN ({}) AS k GROUP BY {}",
            value_of_any(|dim| format!("s.said_{dim}")),
            list(self.keys().map(|(name, _)| format!("s.{name}"))),
            list(summed),
            list(told.iter()),
            self.added(sign),
            self.joined.join(" "),
            self.counted,
            list(1..=grouped),
            self.dimensions(),
            list(1..=self.key().count())
        )
    }

    /// Adds the visits, or takes them away. SQLite writes them sooner in the order of their keys; PostgreSQL would sort all that it
    /// groups for it, and is quicker without.
    pub(super) fn turn(&self, backend: DbBackend, sign: &str, which: &str) -> String {
        let (table, key) = (self.table, list(self.key()));
        let order = match backend {
            DbBackend::Sqlite => format!("ORDER BY {}", list(1..=self.key().count())),
            _ => String::new(),
        };
        let added = self
            .sums
            .iter()
            .map(|(name, _)| format!("{name} = {table}.{name} + excluded.{name}"));
        format!(
            "INSERT INTO {table} ({key}, {}) {} {order}
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
        let keys = list(self.keys().map(|(name, of)| format!("{of} AS {name}")));
        let places = list(1..=self.keys().count() + 3);
        format!(
            "SELECT v.day, {value} AS value, v.is_automated, {keys}, {OPEN} AS open, {}
             FROM visits v {} WHERE {which} AND {} GROUP BY {places}",
            self.added(""),
            self.joined.join(" "),
            self.counted
        )
    }

    /// Their rows by visit, with the keys in one text, `said`: a JSON object.
    pub(super) fn of_each_visit(&self, backend: DbBackend, which: &str) -> String {
        let keys = list(self.keys().map(|(name, of)| format!("{of} AS {name}")));
        let said = list(self.keys().map(|(name, _)| match backend {
            DbBackend::Sqlite if IDS.contains(name) => format!("'{name}', hex(s.{name})"),
            _ => format!("'{name}', s.{name}"),
        }));
        let said = match backend {
            DbBackend::Postgres => format!("CAST(json_build_object({said}) AS TEXT)"),
            _ => format!("json_object({said})"),
        };
        // By a bare id SQLite would group in the order of the ids, through all visits of the site.
        format!(
            "SELECT s.visit_id, {said} AS said, {} FROM (
               SELECT COALESCE(v.id, v.id) AS visit_id, {keys}, {} FROM visits v {} CROSS JOIN (SELECT {BY_PATH} AS dim) AS k
               WHERE {which} AND {} GROUP BY {}) AS s",
            list(self.packed().map(|name| format!("s.{name}"))),
            self.added(""),
            self.joined.join(" "),
            self.counted,
            list(1..=self.keys().count() + 1)
        )
    }

    /// Rows that stand as JSON objects in the parameter of this number, those of days that are asked for, as they stand beside
    /// [`Self::stored`].
    pub(crate) fn told(&self, backend: DbBackend, nth: usize) -> String {
        let all = ["day", "value", "is_automated"].into_iter();
        let keys = all.chain(self.keys().map(|(name, _)| *name));
        let column = |name: &str| match backend {
            DbBackend::Postgres => format!("c.{name}"),
            _ if IDS.contains(&name) => format!("unhex(c.value ->> '{name}') AS {name}"),
            _ => format!("c.value ->> '{name}' AS {name}"),
        };
        let (from, day) = match backend {
            DbBackend::Postgres => (
                format!(
                    "json_populate_recordset(CAST(NULL AS {}), CAST(${nth} AS JSON))",
                    self.table
                ),
                "c.day",
            ),
            _ => (format!("json_each(${nth})"), "c.value ->> 'day'"),
        };
        // What is not packed is unknown, and what is nothing is left out.
        let sum = |name: &'static str| match (self.packed().any(|it| it == name), backend) {
            (false, _) => format!("CAST(NULL AS BIGINT) AS {name}"),
            (true, DbBackend::Postgres) => format!("COALESCE(c.{name}, 0) AS {name}"),
            (true, _) => format!("COALESCE(c.value ->> '{name}', 0) AS {name}"),
        };
        format!(
            "SELECT {}, CAST(0 AS BIGINT) AS open, {} FROM {from} c WHERE {day} BETWEEN $2 AND $3",
            list(keys.map(column)),
            list(self.sums.iter().map(|(name, _)| sum(name))),
        )
    }

    /// Rows of the table `c`.
    pub(crate) fn stored(&self, value: &str, which: &str) -> String {
        format!(
            "SELECT c.day, {value} AS value, c.is_automated, {}, CAST(0 AS BIGINT) AS open, {}
             FROM {} c WHERE {which}",
            list(self.keys().map(|(name, _)| format!("c.{name}"))),
            list(self.sums.iter().map(|(name, _)| format!("c.{name}"))),
            self.table
        )
    }
}

/// Visits that may still move on: `$4` is when they were heard of at the latest.
const OPEN: &str = "COUNT(CASE WHEN v.closed_at IS NULL AND v.last_at > $4 THEN 1 END)";
