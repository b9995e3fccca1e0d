//! Rows of sums that the tables do not hold: added up from the packs of days, of those visits that are asked for.

use std::{collections::HashMap, fmt::Write};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::Query;
use crate::{
    error::AppResult,
    ingest::{
        cube::Dimension,
        pack::{Listed, Part, Said, Stamp},
        sums::Sums,
    },
};

/// Packs that are in memory at once.
const AT_ONCE: usize = 4;

/// Under which day rows stand.
#[derive(Clone, Debug)]
pub enum Days {
    /// Their own.
    Each,
    /// The latest of these days, latest first, that does not come behind their own; the earliest of all where there is none.
    Spans(Vec<i32>),
}

impl Days {
    /// Spans between the days on which something begins.
    pub fn between(mut beginnings: Vec<i32>) -> Self {
        beginnings.sort_unstable_by_key(|day| std::cmp::Reverse(*day));
        beginnings.dedup();
        Self::Spans(beginnings)
    }

    /// That of a day.
    fn of(&self, day: i32) -> i32 {
        match self {
            Self::Each => day,
            Self::Spans(spans) => {
                let mut spans = spans.iter();
                spans.find(|from| day >= **from).copied().unwrap_or(0)
            }
        }
    }

    /// That of the day of the row `s`.
    pub fn sql(&self) -> String {
        match self {
            Self::Each => "s.day".into(),
            Self::Spans(spans) => {
                let spans = spans.iter();
                let spans: String = spans
                    .map(|day| format!(" WHEN s.day >= {day} THEN {day}"))
                    .collect();
                format!("CASE{spans} ELSE 0 END")
            }
        }
    }
}

/// Rows of tables of sums, added up from packs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    backend: Option<DbBackend>,
    /// Told apart by this.
    by: Option<Dimension>,
    /// First day.
    from: i32,
    /// Last day, included.
    to: i32,
    tables: Vec<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    name: &'static str,
    /// Of these days.
    days: Vec<i32>,
    /// JSON.
    rows: String,
}

impl Packed {
    /// The text that reads the rows of a table, and of which days they are; `None` where none are packed as it is asked for.
    pub(super) fn of(&self, query: &Query, sums: &Sums) -> Option<(String, &[i32])> {
        let table = self.table(query, sums)?;
        let sql = sums.told(self.backend?, query.place_of_packed());
        Some((sql, &table.days))
    }

    /// The rows themselves; `None` too where they are not of the very days that are asked for.
    pub(super) fn read<R: DeserializeOwned>(
        &self,
        query: &Query,
        sums: &Sums,
    ) -> AppResult<Option<(Vec<R>, &[i32])>> {
        let table = self.table(query, sums);
        let Some(table) = table.filter(|_| (self.from, self.to) == (query.from, query.to)) else {
            return Ok(None);
        };
        let rows = serde_json::from_str(&table.rows);
        let rows = rows.map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Some((rows, &table.days)))
    }

    fn table(&self, query: &Query, sums: &Sums) -> Option<&Table> {
        let mut tables = self.tables.iter();
        let table = tables.find(|table| table.name == sums.table);
        table.filter(|_| self.by == query.by)
    }

    /// The parameter of that text.
    pub(super) fn value(&self, query: &Query, sums: &Sums) -> Option<Value> {
        let table = self.table(query, sums)?;
        Some(table.rows.as_str().into())
    }

    /// Adds up the rows of these tables that the visits come to which a query asks for.
    pub(super) async fn load(
        db: &impl ConnectionTrait,
        query: &Query,
        tables: &[(&'static Sums, &Days)],
    ) -> AppResult<Self> {
        let mut adding: Vec<Adding<'_>> = tables.iter().map(|it| Adding::new(*it)).collect();
        let mut values = Values::default();
        for days in packed_days(db, query).await?.chunks(AT_ONCE) {
            let parts = read(db, query, days, tables).await?;
            for day in days {
                let part = |part: Part| parts.get(&(*day, part.name().to_owned()));
                // What cannot be read is not packed: its visits are read.
                let groups = groups(query, *day, part, &mut values);
                for table in adding.iter_mut() {
                    let rows = part(Part::Rows(table.sums));
                    let rows = rows.and_then(|it| Listed::read(it, table.sums.packed().count()));
                    if let Some((groups, rows)) = groups.as_ref().zip(rows) {
                        table.add(*day, groups, &rows);
                    }
                }
            }
        }
        let tables = adding.into_iter().filter(|it| !it.days.is_empty());
        Ok(Self {
            backend: Some(db.get_database_backend()),
            by: query.by,
            from: query.from,
            to: query.to,
            tables: tables
                .map(|table| table.told(query.from, &values))
                .collect(),
        })
    }
}

fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Days of which there is a pack.
async fn packed_days(db: &impl ConnectionTrait, query: &Query) -> Result<Vec<i32>, DbErr> {
    let sql = "SELECT day FROM day_pack WHERE site_id = $1 AND day BETWEEN $2 AND $3 AND part = '' AND is_made ORDER BY day";
    let values = vec![query.site_id.into(), query.from.into(), query.to.into()];
    let rows = db.query_all_raw(statement(db, sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "day")).collect()
}

/// Parts of packs, by day and name.
type Parts = HashMap<(i32, String), Vec<u8>>;

/// What is needed of the packs of these days.
async fn read(
    db: &impl ConnectionTrait,
    query: &Query,
    days: &[i32],
    tables: &[(&'static Sums, &Days)],
) -> Result<Parts, DbErr> {
    let filtered = query.filters.iter().map(|(dimension, _)| *dimension);
    let says = filtered.chain(query.by).map(Part::Says);
    let rows = tables.iter().map(|(sums, _)| Part::Rows(sums));
    let names = says.chain(rows).chain([Part::Stamps]);
    let names: Vec<String> = names.map(|part| format!("'{}'", part.name())).collect();
    let days: Vec<String> = days.iter().map(i32::to_string).collect();
    let sql = format!(
        "SELECT day, part, pack FROM day_pack WHERE site_id = $1 AND day IN ({}) AND part IN ({})",
        days.join(", "),
        names.join(", ")
    );
    let rows = statement(db, &sql, vec![query.site_id.into()]);
    let rows = db.query_all_raw(rows).await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get("", "day")?, row.try_get("", "part")?);
            Ok((key, row.try_get("", "pack")?))
        })
        .collect()
}

/// What the dimension says that visits are told apart by.
#[derive(Default)]
struct Values {
    places: HashMap<String, usize>,
    all: Vec<String>,
}

impl Values {
    fn place(&mut self, value: &str) -> usize {
        if let Some(place) = self.places.get(value) {
            return *place;
        }
        self.places.insert(value.to_owned(), self.all.len());
        self.all.push(value.to_owned());
        self.all.len() - 1
    }
}

/// Whose rows are added up together: the place of what the dimension says, and automated browsers or the others.
type Group = (usize, bool);

/// The group of each visit of a day; `None` of one that is not asked for. `None` of all where the pack lacks what that is told by.
fn groups<'a>(
    query: &Query,
    day: i32,
    part: impl Fn(Part) -> Option<&'a Vec<u8>>,
    values: &mut Values,
) -> Option<Vec<Option<Group>>> {
    let says = |dimension| Said::read(part(Part::Says(dimension))?);
    let mut wanted = vec![];
    for (dimension, value) in &query.filters {
        let said = says(*dimension)?;
        let place = said.values.iter().position(|it| *it == value.as_bytes());
        wanted.push((said.places, place));
    }
    let by = match query.by {
        Some(by) => {
            let said = says(by)?;
            let text = |value: &&[u8]| values.place(&String::from_utf8_lossy(value));
            let of_values: Vec<usize> = said.values.iter().map(text).collect();
            Some((said.places, of_values))
        }
        None => None,
    };
    let alone = values.place("");
    let stamps = Said::read(part(Part::Stamps)?)?;
    let is_automated: Option<Vec<Option<bool>>> = stamps
        .values
        .iter()
        .map(|stamp| {
            let stamp = Stamp::of_bytes(stamp)?;
            let is_wanted = query.deeds.are_of(day, stamp.version, stamp.mask);
            Some(is_wanted.then_some(stamp.is_automated))
        })
        .collect();
    let is_automated = is_automated?;
    let group = |(visit, stamp): (usize, &usize)| {
        let is_automated = (*is_automated.get(*stamp)?)?;
        let is_wanted = |(places, place): &(Vec<usize>, Option<usize>)| {
            place.is_some() && places.get(visit).copied() == *place
        };
        let value = match &by {
            Some((places, of_values)) => *of_values.get(*places.get(visit)?)?,
            None => alone,
        };
        wanted
            .iter()
            .all(is_wanted)
            .then_some((value, is_automated))
    };
    Some(stamps.places.iter().enumerate().map(group).collect())
}

/// What a row is told apart by: under which day it stands, its group, and the place of its keys.
type Alike = (i32, Group, usize);

/// Rows of a table that are being added up.
struct Adding<'a> {
    sums: &'static Sums,
    under: &'a Days,
    days: Vec<i32>,
    keys: HashMap<String, usize>,
    rows: HashMap<Alike, Vec<i64>>,
}

impl<'a> Adding<'a> {
    fn new((sums, under): (&'static Sums, &'a Days)) -> Self {
        Self {
            sums,
            under,
            days: vec![],
            keys: HashMap::new(),
            rows: HashMap::new(),
        }
    }

    /// Adds the visits of a day.
    fn add(&mut self, day: i32, groups: &[Option<Group>], listed: &Listed<'_>) {
        self.days.push(day);
        let keys: Vec<usize> = listed
            .rows
            .iter()
            .map(|(keys, _)| self.place(keys))
            .collect();
        // How many visits of a group come to the same list: there are far fewer of these than visits.
        let is_any = |place: &usize| {
            listed
                .lists
                .get(*place)
                .is_some_and(|list| !list.is_empty())
        };
        let visits = groups.iter().zip(&listed.places);
        let mut visits: Vec<(Group, usize)> = visits
            .filter(|(_, list)| is_any(list))
            .filter_map(|(group, list)| Some(((*group)?, *list)))
            .collect();
        visits.sort_unstable();
        let under = self.under.of(day);
        for alike in visits.chunk_by(|one, next| one == next) {
            let Some((group, list)) = alike.first() else {
                continue;
            };
            let n = i64::try_from(alike.len()).unwrap_or(i64::MAX);
            for row in listed.lists.get(*list).into_iter().flatten() {
                if let Some(((_, sums), keys)) = listed.rows.get(*row).zip(keys.get(*row)) {
                    self.add_row((under, *group, *keys), sums, n);
                }
            }
        }
    }

    fn place(&mut self, keys: &str) -> usize {
        let next = self.keys.len();
        match self.keys.get(keys) {
            Some(place) => *place,
            None => *self.keys.entry(keys.to_owned()).or_insert(next),
        }
    }

    /// Adds a row so many times.
    fn add_row(&mut self, alike: Alike, sums: &[i64], n: i64) {
        let row = self
            .rows
            .entry(alike)
            .or_insert_with(|| vec![0; sums.len()]);
        for (sum, more) in row.iter_mut().zip(sums) {
            *sum += more * n;
        }
    }

    /// As text. What stands under a day before the first one that is asked for stands under that.
    fn told(self, first: i32, values: &Values) -> Table {
        let mut keys = vec![""; self.keys.len()];
        for (text, place) in &self.keys {
            if let Some(key) = keys.get_mut(*place) {
                *key = text.trim_end_matches('}');
            }
        }
        let values = values.all.iter();
        let values: Vec<String> = values
            .map(|it| Json::from(it.as_str()).to_string())
            .collect();
        let mut rows = String::from("[");
        for ((day, (value, is_automated), key), sums) in self.rows {
            let (Some(key), Some(value)) = (keys.get(key), values.get(value)) else {
                continue;
            };
            if rows.len() > 1 {
                rows.push(',');
            }
            let day = day.max(first);
            // Writing to text cannot fail.
            let _ = write!(
                rows,
                "{key},\"day\":{day},\"value\":{value},\"is_automated\":{is_automated}"
            );
            for (name, sum) in self.sums.packed().zip(sums).filter(|(_, sum)| *sum != 0) {
                let _ = write!(rows, ",\"{name}\":{sum}");
            }
            rows.push('}');
        }
        rows.push(']');
        Table {
            name: self.sums.table,
            days: self.days,
            rows,
        }
    }
}
