//! A report as a file: one table, of which CSV and JSON are made alike.

use std::fmt;

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::{
    error::{AppError, AppResult},
    site::calendar::date_of,
    stats::{Interval, Rate},
    web::view::file::harmless,
};

/// What a file tells, row by row.
pub(super) struct Table {
    /// Names the file, and the list in JSON.
    pub(super) name: &'static str,
    /// As programs read them.
    pub(super) columns: &'static [&'static str],
    /// A cell for each column; null for what is not known or not defined.
    pub(super) rows: Vec<Vec<Value>>,
}

/// As what a file is sent.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// With a line of the columns' names.
    Csv,
    /// An object with one list.
    Json,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Csv { "csv" } else { "json" })
    }
}

impl Table {
    /// The whole file.
    pub(super) fn sent_as(&self, format: Format) -> AppResult<HttpResponse> {
        let (kind, body) = match format {
            Format::Csv => ("text/csv; charset=utf-8; header=present", self.csv()?),
            Format::Json => ("application/json", self.json()?),
        };
        let disposition = format!("attachment; filename=\"{}.{format}\"", self.name);
        Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, kind))
            .insert_header((CONTENT_DISPOSITION, disposition))
            .body(body))
    }

    fn csv(&self) -> AppResult<Vec<u8>> {
        let mut writer = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(vec![]);
        let wrong = |error: ::csv::Error| AppError::Internal(error.into());
        writer.write_record(self.columns).map_err(wrong)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(cell)).map_err(wrong)?;
        }
        let written = writer.into_inner();
        written.map_err(|error| AppError::Internal(error.into_error().into()))
    }

    fn json(&self) -> AppResult<Vec<u8>> {
        let wrong = |error: serde_json::Error| AppError::Internal(error.into());
        let named = |row| Named(self.columns, row);
        let rows: Vec<Named<'_>> = self.rows.iter().map(named).collect();
        let rows = serde_json::to_string(&rows).map_err(wrong)?;
        Ok(format!("{{\"{}\":{rows}}}\n", self.name).into_bytes())
    }
}

/// A row with the names of its columns, in their order.
struct Named<'a>(&'a [&'a str], &'a Vec<Value>);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in self.0.iter().zip(self.1) {
            map.serialize_entry(column, value)?;
        }
        map.end()
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text.clone()),
        other => other.to_string(),
    }
}

/// A fraction or ratio; null when it is none, or endless.
pub(super) fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Null, Value::from)
}

/// Both ends of what chance allows.
pub(super) fn ends(interval: Option<Interval>) -> [Value; 2] {
    [
        number(interval.map(|it| it.low)),
        number(interval.map(|it| it.high)),
    ]
}

/// Count, total, share, and both ends of its interval; of few, no share.
pub(super) fn rate(rate: Rate) -> [Value; 5] {
    let [low, high] = ends(rate.wilson().filter(|_| rate.is_enough()));
    let share = rate.share().filter(|_| rate.is_enough());
    [rate.k.into(), rate.n.into(), number(share), low, high]
}

/// `2026-11-20`, of a day written YYYYMMDD.
pub(super) fn day_text(day: i32) -> Value {
    date_of(day).map_or(Value::Null, |date| date.to_string().into())
}

/// How much larger a share is than before, and both ends; where both sides bear a share.
pub(super) fn difference(now: Rate, before: Rate) -> [Value; 3] {
    let is_enough = now.is_enough() && before.is_enough();
    let (points, interval) = now.difference(before).filter(|_| is_enough).unzip();
    let [low, high] = ends(interval);
    [number(points), low, high]
}
