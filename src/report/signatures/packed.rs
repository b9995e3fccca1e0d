//! Rows of sums that the tables do not hold: added up from the packs of days, of those visits that are asked for.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use serde::de::DeserializeOwned;

use super::{
    Deeds, Query,
    adding::{Adding, Group, Table, Values},
};
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
    pub(super) fn of(&self, day: i32) -> i32 {
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
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Packed {
    backend: Option<DbBackend>,
    /// Told apart by this.
    by: Option<Dimension>,
    /// Of visits of which each dimension says this.
    filters: Vec<(Dimension, String)>,
    /// And that did this.
    deeds: Deeds,
    /// First day.
    from: i32,
    /// Last day, included.
    to: i32,
    tables: Vec<Table>,
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
        let rows = table.read();
        let rows = rows.map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Some((rows, &table.days)))
    }

    fn table(&self, query: &Query, sums: &Sums) -> Option<&Table> {
        let mut tables = self.tables.iter();
        let table = tables.find(|table| table.name == sums.table);
        let is_asked = self.by == query.by && self.filters == query.filters;
        table.filter(|_| is_asked && self.deeds == query.deeds)
    }

    /// The parameter of that text.
    pub(super) fn value(&self, query: &Query, sums: &Sums) -> Option<Value> {
        let table = self.table(query, sums)?;
        Some(table.text().into())
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
                let visits = visits(query, *day, part, &mut values);
                for table in adding.iter_mut() {
                    let rows = part(Part::Rows(table.sums));
                    let rows = rows.and_then(|it| Listed::read(it, table.sums.packed().count()));
                    if let Some((visits, rows)) = visits.as_ref().zip(rows) {
                        table.add(*day, visits, &rows);
                    }
                }
            }
        }
        let values = values.as_json();
        let tables = adding.into_iter().filter(Adding::has_days);
        Ok(Self {
            backend: Some(db.get_database_backend()),
            by: query.by,
            filters: query.filters.clone(),
            deeds: query.deeds,
            from: query.from,
            to: query.to,
            tables: tables
                .map(|table| table.done(query.from, &values))
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

/// The visits of a day that are asked for, those of a group together; `None` where the pack lacks what that is told by.
fn visits<'a>(
    query: &Query,
    day: i32,
    part: impl Fn(Part) -> Option<&'a Vec<u8>>,
    values: &mut Values,
) -> Option<Vec<(Group, u32)>> {
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
            let of_values: Vec<u32> = said.values.iter().map(text).collect();
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
    let each = (0..).zip(stamps.places.iter().enumerate());
    let mut visits: Vec<(Group, u32)> = each
        .filter_map(|(nth, visit)| Some((group(visit)?, nth)))
        .collect();
    visits.sort_unstable();
    Some(visits)
}
