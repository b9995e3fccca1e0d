//! What the overview reads: visits, which goals they reached, and what became of questions, by day or by what a dimension says.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::{
    error::AppResult,
    ingest::sums::{ASKED, GOALS, VISITS},
    report::signatures::{Days, Parted, Query},
};

/// Visits. Several rows may be alike in all that tells them apart: what counts is their sum, here and below.
#[derive(Clone, Debug, Default, FromQueryResult, Deserialize)]
#[serde(default)]
pub(super) struct VisitRow {
    /// Day of their start, or the first one of its span, YYYYMMDD.
    pub(super) day: i32,
    /// What the dimension says; else empty.
    pub(super) value: String,
    /// Whether the browser was automated.
    pub(super) is_automated: bool,
    /// Version of the definitions they were counted by.
    pub(super) version: i32,
    /// How many.
    pub(super) visits: i64,
    /// Of these, those that may still move on.
    pub(super) open: i64,
    /// Of these, those with the main goal.
    pub(super) conversions: i64,
}

/// Visits that reached a goal.
#[derive(Clone, Debug, Default, FromQueryResult, Deserialize)]
#[serde(default)]
pub(super) struct ReachedRow {
    /// As in [`VisitRow`], like all that follows.
    pub(super) day: i32,
    pub(super) value: String,
    pub(super) is_automated: bool,
    pub(super) version: i32,
    /// The goal version.
    pub(super) bit: i32,
    /// How many.
    pub(super) visits: i64,
}

/// Questions in visits.
#[derive(Clone, Debug, Default, FromQueryResult, Deserialize)]
#[serde(default)]
pub(super) struct AskedRow {
    /// As in [`VisitRow`], like what follows.
    pub(super) day: i32,
    pub(super) value: String,
    pub(super) is_automated: bool,
    /// Whether they wait for a moment.
    #[serde(deserialize_with = "yes_or_no")]
    pub(super) is_automatic: bool,
    /// What chance decided; empty where nothing could be asked.
    pub(super) arm: String,
    /// Those that opened.
    pub(super) opened: i64,
    /// Cards with an answer.
    pub(super) answered: i64,
}

/// SQLite writes 1 or 0 into JSON.
fn yes_or_no<'de, D: Deserializer<'de>>(told: D) -> Result<bool, D::Error> {
    let told = Json::deserialize(told)?;
    Ok(told == true || told == 1)
}

/// All that is counted, told apart in one way.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) visits: Vec<VisitRow>,
    pub(super) reached: Vec<ReachedRow>,
    pub(super) asked: Vec<AskedRow>,
}

/// Loads the rows, with the goals of these bits.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    query: &Query,
    days: &Days,
    bits: &[u8],
) -> AppResult<Rows> {
    let tables = [(&VISITS, days), (&GOALS, days), (&ASKED, days)];
    let query = &query.clone().with_packs(db, &tables).await?;
    let sum = |of: &str| format!("CAST(SUM({of}) AS BIGINT)");
    let alike = format!("SELECT {} AS day, s.value, s.is_automated", days.sql());
    let visits = |from: &str| {
        format!(
            "{alike}, s.version, {} AS visits, {} AS open, {} AS conversions FROM ({from}) AS s GROUP BY 1, 2, 3, 4",
            sum("s.visits"),
            sum("s.open"),
            sum("s.conversions"),
        )
    };
    let bits: Vec<String> = bits.iter().map(u8::to_string).collect();
    let reached = |from: &str| {
        format!(
            "{alike}, s.version, s.bit, {} AS visits FROM ({from}) AS s WHERE s.bit IN ({}) GROUP BY 1, 2, 3, 4, 5",
            sum("s.visits"),
            bits.join(", ")
        )
    };
    let asked = |from: &str| {
        format!(
            "{alike}, s.is_automatic, s.arm, {} AS opened, {} AS answered FROM ({from}) AS s WHERE s.arm <> '' GROUP BY 1, 2, 3, 4, 5",
            sum("s.opened"),
            sum("s.answered"),
        )
    };
    Ok(Rows {
        visits: both(db, query.parted(&VISITS)?, visits).await?,
        reached: match bits.as_slice() {
            [] => vec![],
            _ => both(db, query.parted(&GOALS)?, reached).await?,
        },
        asked: both(db, query.parted(&ASKED)?, asked).await?,
    })
}

/// Rows of packs, and those that a text makes of the others.
async fn both<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    parted: Parted<R>,
    text: impl Fn(&str) -> String,
) -> AppResult<Vec<R>> {
    let backend = db.get_database_backend();
    let others = Statement::from_sql_and_values(backend, text(&parted.sql), parted.values);
    let mut all = parted.packed;
    all.extend(R::find_by_statement(others).all(db).await?);
    Ok(all)
}
