//! Visits by what they have in common: the figures from which funnels, boards and comparisons are made without going through visits.
//!
//! Days in the cube are read from it, visits that are not in it yet from their rows, in one query; together they are always all.
//! What the cube is not summed up by (several dimensions at once, the first page, what visits did, or the order of goals within one) is
//! added up from the packs of days, and read from the visits of days without one: the same rows, more slowly.

mod adding;
pub mod funnel;
mod packed;

use std::sync::Arc;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use serde::de::DeserializeOwned;

pub use self::packed::{Days, Packed};
use crate::{
    error::AppResult,
    goal::signature::{Landmark, Signature},
    ingest::{
        cube::{ALL, BY_PATH, Dimension},
        sums::{CUBE, Sums},
    },
    site::calendar,
    types::{Millis, SiteId},
};

/// Which visits, and how they are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The tenant.
    pub site_id: SiteId,
    /// First day in the site's time zone, YYYYMMDD.
    pub from: i32,
    /// Last day, included.
    pub to: i32,
    /// A visit may still move on when its last event came after this: now less [`crate::ingest::VISIT_GAP`].
    pub open_after: Millis,
    /// Broken down by this.
    pub by: Option<Dimension>,
    /// Only visits of which each dimension says this.
    pub filters: Vec<(Dimension, String)>,
    /// Only visits that did this.
    pub deeds: Deeds,
    /// Whether the order of goals is asked for: there are many more rows with it.
    pub is_ordered: bool,
    /// What packs of days hold of them.
    pub packed: Arc<Packed>,
}

/// Rows of packs, and what reads the others.
pub struct Parted<R> {
    /// Those of packs.
    pub packed: Vec<R>,
    /// Reads the others.
    pub sql: String,
    /// What stands in it.
    pub values: Vec<Value>,
}

/// What visits did, by the goals that they reached: those of them that can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    /// They reached all of these, as bits.
    pub with: i64,
    /// And none of these.
    pub without: i64,
    /// They were counted by this version of the definitions or a later one.
    pub since: i32,
    /// They began on this day (YYYYMMDD) or later.
    pub from: i32,
}

impl Deeds {
    /// Whether a visit of this day and version of the definitions, which reached these goals, did so.
    pub(super) fn are_of(self, day: i32, version: i32, mask: i64) -> bool {
        let is_told = version >= self.since && day >= self.from;
        is_told && mask & self.with == self.with && mask & self.without == 0
    }

    /// Conditions on the visit `v`, each beginning with `AND`.
    pub fn of_visits(self) -> String {
        let Self {
            with,
            without,
            since,
            from,
        } = self;
        match self == Self::default() {
            true => String::new(),
            false => format!(
                " AND (v.mask_all & {with}) = {with} AND (v.mask_all & {without}) = 0 AND v.funnel_version >= {since} AND v.day >= {from}"
            ),
        }
    }
}

/// Visits of a day that are alike. Several rows may be of the same day and signature: what counts is their sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Day of their start, YYYYMMDD.
    pub day: i32,
    /// What the dimension says that they are broken down by; else empty.
    pub value: String,
    /// Automated browsers: left out of figures unless they are asked for.
    pub is_automated: bool,
    /// What they have in common.
    pub signature: Signature,
    /// How many.
    pub visits: i64,
    /// Of these, those that may still move on.
    pub open: i64,
    /// Of these, those with the main goal.
    pub conversions: i64,
    /// Worth of all goals reached in them, minor units of the site's currency.
    pub value_minor: i64,
    /// Their active time, ms.
    pub active_ms: i64,
}

#[derive(Debug, FromQueryResult)]
struct Stored {
    day: i32,
    value: String,
    is_automated: bool,
    version: i32,
    mask_all: i64,
    mask_before: i64,
    mask_landmark: i64,
    landmark: i32,
    funnel_step: i32,
    path: Option<String>,
    open: i64,
    visits: i64,
    conversions: i64,
    value_minor: i64,
    active_ms: i64,
}

impl Query {
    /// All visits of these days.
    pub fn new(site_id: SiteId, (from, to): (i32, i32), open_after: Millis) -> Self {
        Self {
            site_id,
            from,
            to,
            open_after,
            by: None,
            filters: vec![],
            deeds: Deeds::default(),
            is_ordered: false,
            packed: Arc::default(),
        }
    }

    /// The same, with what packs hold of those of these tables that do not hold what is asked for.
    pub async fn with_packs(
        self,
        db: &impl ConnectionTrait,
        tables: &[(&'static Sums, &Days)],
    ) -> AppResult<Self> {
        let tables = tables.iter().filter(|(sums, _)| !self.is_summed(sums));
        let tables: Vec<(&'static Sums, &Days)> = tables.copied().collect();
        if tables.is_empty() {
            return Ok(self);
        }
        let packed = Packed::load(db, &self, &tables).await?;
        Ok(Self {
            packed: packed.into(),
            ..self
        })
    }

    /// Under which number the cube holds what is asked for; `None` when it does not.
    fn in_cube(&self) -> Option<i32> {
        if self.deeds != Deeds::default() {
            return None;
        }
        let filtered = self.filters.iter().map(|(dimension, _)| *dimension);
        let mut dimensions: Vec<_> = filtered.chain(self.by).collect();
        dimensions.sort_unstable();
        dimensions.dedup();
        match (dimensions.as_slice(), self.is_ordered) {
            ([], false) => Some(ALL),
            ([], true) => Some(BY_PATH),
            ([dimension], false) => dimension.code(),
            _ => None,
        }
    }

    /// Reads the rows, with [`Query::values_of`] the cube.
    pub(super) fn sql(&self) -> String {
        let columns = |value: &str, path: &str| {
            format!(
                "SELECT c.day, {value} AS value, c.is_automated, s.version, s.mask_all, s.mask_before, s.mask_landmark, s.landmark,
                   s.funnel_step, {path} AS path, CAST(0 AS BIGINT) AS open, c.visits, c.conversions, c.value_minor, c.active_ms"
            )
        };
        let joined = "JOIN signatures s ON s.site_id = $1 AND s.id = c.signature_id";
        if let Some(dim) = self.in_cube() {
            let (value, which) = self.in_sums(dim);
            return format!(
                "{} FROM cube_day c {joined} WHERE {which} UNION ALL {}",
                columns(value, "s.path"),
                self.sql_of_visits(FRESH)
            );
        }
        let Some((packed, days)) = self.packed.of(self, &CUBE) else {
            return self.sql_of_visits("");
        };
        let path = match self.is_ordered {
            true => "s.path",
            false => "CAST(NULL AS TEXT)",
        };
        let packed = format!("{} FROM ({packed}) AS c {joined}", columns("c.value", path));
        let others = self.beside(days, |which| self.sql_of_visits(which));
        format!("{packed} UNION ALL {others}")
    }

    /// Reads the rows of a table of sums, and those that visits would come to that are not in it, with [`Query::values_of`] it.
    pub(super) fn sums(&self, sums: &Sums) -> String {
        if let Some(dim) = self.in_cube().filter(|dim| sums.has(*dim)) {
            let (value, stored) = self.in_sums(dim);
            return format!(
                "{} UNION ALL {}",
                sums.stored(value, &stored),
                self.of_visits(sums, FRESH)
            );
        }
        match self.packed.of(self, sums) {
            Some((packed, days)) => {
                let others = self.beside(days, |which| self.of_visits(sums, which));
                format!("{packed} UNION ALL {others}")
            }
            None => self.of_visits(sums, ""),
        }
    }

    /// Rows of a table of sums that packs hold, and what reads the others, with its values: the database takes its time to read a great
    /// many rows again.
    pub(super) fn parted<R: DeserializeOwned>(&self, sums: &Sums) -> AppResult<Parted<R>> {
        let packed = match self.is_summed(sums) {
            true => None,
            false => self.packed.read(self, sums)?,
        };
        Ok(match packed {
            Some((packed, days)) => Parted {
                packed,
                sql: self.beside(days, |which| self.of_visits(sums, which)),
                values: self.values(),
            },
            None => Parted {
                packed: vec![],
                sql: self.sums(sums),
                values: self.values_of(sums),
            },
        })
    }

    /// The rows that visits come to.
    fn of_visits(&self, sums: &Sums, which: &str) -> String {
        let by = self.by.map_or("CAST('' AS TEXT)", Dimension::of_visit);
        let which = format!(
            "{which}v.site_id = $1 AND v.day BETWEEN $2 AND $3{}",
            self.narrowed()
        );
        sums.of_visits(by, &which)
    }

    /// The rows of visits that are not settled, or not of these days.
    fn beside(&self, days: &[i32], of_visits: impl Fn(&str) -> String) -> String {
        let mut others = calendar::days_between(self.from, self.to);
        others.retain(|day| !days.contains(day));
        let settled = match others.as_slice() {
            [] => String::new(),
            others => {
                let which = format!("v.is_settled = TRUE AND v.day IN ({}) AND ", listed(others));
                // A reading of its own, so that each has its index.
                format!(" UNION ALL {}", of_visits(&which))
            }
        };
        format!("{}{settled}", of_visits(FRESH))
    }

    /// Whether a table of sums holds what is asked for; else the rows are read from packs and visits.
    pub(super) fn is_summed(&self, sums: &Sums) -> bool {
        self.in_cube().is_some_and(|dim| sums.has(dim))
    }

    /// The number of the parameter that is of packs.
    fn place_of_packed(&self) -> usize {
        5 + self.filters.len()
    }

    /// What rows of a table of sums `c` are told apart by, and which are asked for.
    fn in_sums(&self, dim: i32) -> (&'static str, String) {
        let value = match self.by {
            Some(_) => "c.value",
            None => "CAST('' AS TEXT)",
        };
        // Day by day where one value is asked for, so that the rows of others, which stand between, are not gone through.
        let of_days = match calendar::days_between(self.from, self.to).as_slice() {
            days @ [_, ..] if !self.filters.is_empty() => format!("c.day IN ({})", listed(days)),
            _ => "c.day BETWEEN $2 AND $3".to_owned(),
        };
        let only = |(nth, _)| format!(" AND c.value = ${}", nth + 5);
        let filters: String = self.filters.iter().enumerate().map(only).collect();
        let which = format!("c.site_id = $1 AND c.dim = {dim} AND {of_days}{filters}");
        (value, which)
    }

    fn sql_of_visits(&self, which: &str) -> String {
        let value = self.by.map_or("CAST('' AS TEXT)", Dimension::of_visit);
        let path = match self.is_ordered {
            true => "CASE WHEN v.path <> '' OR v.mask_all = 0 THEN v.path END",
            false => "CAST(NULL AS TEXT)",
        };
        let filters = self.narrowed();
        format!(
            "SELECT v.day, {value} AS value, v.is_automated, v.funnel_version AS version, v.mask_all, v.mask_before, v.mask_landmark,
               v.landmark, v.funnel_step, {path} AS path,
               COUNT(CASE WHEN v.closed_at IS NULL AND v.last_at > $4 THEN 1 END) AS open,
               COUNT(*) AS visits, COUNT(v.macro_at) AS conversions,
               CAST(SUM(v.value_minor) AS BIGINT) AS value_minor, CAST(SUM(v.active_ms) AS BIGINT) AS active_ms
             FROM visits v
             WHERE {which}v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0{filters}
             GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
        )
    }

    /// Conditions on the visit `v` by filters and deeds.
    fn narrowed(&self) -> String {
        let filters = of_visits(&self.filters, 5);
        format!("{filters}{}", self.deeds.of_visits())
    }

    /// What stands in [`Query::sums`] of a table. There must be no more of it: PostgreSQL prepares a text once, for so many values.
    pub(super) fn values_of(&self, sums: &Sums) -> Vec<Value> {
        let mut values = self.values();
        if !self.is_summed(sums) {
            values.extend(self.packed.value(self, sums));
        }
        values
    }

    /// The same where nothing is read from packs.
    pub(super) fn values(&self) -> Vec<Value> {
        let days = [self.from, self.to].map(Value::from);
        let filters = self.filters.iter();
        std::iter::once(self.site_id.into())
            .chain(days)
            .chain([self.open_after.into()])
            .chain(filters.map(|(_, value)| value.as_str().into()))
            .collect()
    }
}

/// Days, separated by commas.
fn listed(days: &[i32]) -> String {
    let days: Vec<String> = days.iter().map(i32::to_string).collect();
    days.join(", ")
}

/// Visits that are in no sums and in no pack.
const FRESH: &str = "NOT v.is_settled AND ";

/// Conditions on the visit `v`, each beginning with `AND`; their values are counted from `first` on.
pub(super) fn of_visits(filters: &[(Dimension, String)], first: usize) -> String {
    let only = |((dimension, _), nth): (&(Dimension, String), usize)| {
        format!(" AND {} = ${nth}", dimension.of_visit())
    };
    filters.iter().zip(first..).map(only).collect()
}

/// Loads the rows; inside a snapshot when other figures of the page are to agree with them.
pub async fn load(db: &impl ConnectionTrait, query: &Query) -> AppResult<Vec<Row>> {
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, query.sql(), query.values_of(&CUBE));
    let rows = Stored::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

impl From<Stored> for Row {
    fn from(row: Stored) -> Self {
        Self {
            day: row.day,
            value: row.value,
            is_automated: row.is_automated,
            signature: Signature {
                version: row.version,
                mask_all: row.mask_all,
                mask_before: row.mask_before,
                mask_landmark: row.mask_landmark,
                landmark: Landmark::of_code(row.landmark),
                funnel_step: row.funnel_step,
                path: row.path,
            },
            visits: row.visits,
            open: row.open,
            conversions: row.conversions,
            value_minor: row.value_minor,
            active_ms: row.active_ms,
        }
    }
}
