//! Sums of days, as reports read them: what is in them and what is not yet, which together are always all.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    period::Period,
    signatures::{Days, Query},
};
use crate::{
    error::AppResult,
    goal::types::Goal,
    ingest::sums::{GOALS, PACES, STAYS, Sums, VISITS},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    types::Millis,
};

/// Visits of a day. Several rows may be alike in all that tells them apart: what counts is their sum, here and below.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult, Deserialize)]
#[serde(default)]
pub struct VisitRow {
    /// Day of their start, YYYYMMDD.
    pub day: i32,
    /// What the dimension says that they are broken down by; else empty.
    pub value: String,
    /// Automated browsers: left out of figures unless they are asked for.
    pub is_automated: bool,
    /// Version of the definitions they were counted by.
    pub version: i32,
    /// How many.
    pub visits: i64,
    /// Of these, those that may still move on.
    pub open: i64,
    /// Of these, those with the main goal.
    pub conversions: i64,
    /// Of these, those that came to the landmark unconverted.
    pub at_landmark: i64,
    /// Of those, with the main goal after it.
    pub at_landmark_converted: i64,
    /// Of all, those that had converted before the landmark.
    pub before_landmark: i64,
}

/// Visits of a day that reached a goal.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult, Deserialize)]
#[serde(default)]
pub struct GoalRow {
    /// As in [`VisitRow`].
    pub day: i32,
    /// As in [`VisitRow`].
    pub value: String,
    /// As in [`VisitRow`].
    pub is_automated: bool,
    /// As in [`VisitRow`].
    pub version: i32,
    /// The goal version.
    pub bit: i32,
    /// How many.
    pub visits: i64,
    /// How often it happened in them.
    pub events: i64,
    /// What it was worth altogether, minor units.
    pub value_minor: i64,
    /// Of the visits, those in which the main goal did not come before it, nor with it.
    pub before_main: i64,
    /// Of these, those in which the main goal came afterwards.
    pub followed: i64,
    /// Of the visits that came to the landmark unconverted, those that had reached it by then.
    pub by_landmark: i64,
    /// Of these, with the main goal after it.
    pub by_landmark_converted: i64,
}

/// Visits, and what they reached.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// How many there are.
    pub visits: Vec<VisitRow>,
    /// Their goals.
    pub reached: Vec<GoalRow>,
}

impl Rows {
    /// Loads both; inside a snapshot, so that they agree. Where the sums do not hold them apart they may stand under `days`.
    pub async fn load(db: &impl ConnectionTrait, query: Query, days: &Days) -> AppResult<Self> {
        let tables = [(&VISITS, days), (&GOALS, days)];
        let query = query.with_packs(db, &tables).await?;
        Ok(Self {
            visits: visits(db, &query).await?,
            reached: goals(db, &query).await?,
        })
    }
}

/// The rows `s` of a table of sums that count of a period, with the values of the query.
pub(super) fn of_period(sums: &Sums, site: &Site, period: &Period) -> (String, Query) {
    let days = (calendar::number(period.from), calendar::number(period.to));
    // Visits that may still move on are not told apart.
    let query = Query::new(site.id, days, Millis::MAX);
    (of_query(sums, site, period, &query), query)
}

/// The same of a query of its days.
pub(super) fn of_query(sums: &Sums, site: &Site, period: &Period, query: &Query) -> String {
    let automated = match counts_automated(site, period) {
        true => "TRUE",
        false => "NOT s.is_automated",
    };
    format!("FROM ({}) AS s WHERE {automated}", query.sums(sums))
}

/// Spans in which visits are told of the same goals, parted at a day too.
pub(super) fn spans(goals: &[Goal], site: &Site, from: i32) -> Days {
    let goals = goals.iter().map(|goal| &goal.current);
    let told_from = goals.map(|goal| goal.told_from(&site.time_zone));
    Days::between(told_from.chain([from]).collect())
}

/// Whether automated browsers are asked for; of the demo they are all there is.
pub fn counts_automated(site: &Site, period: &Period) -> bool {
    period.automated || site.kind == SiteKind::Demo
}

/// Visits of a day by when they converted, or else were last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult, Deserialize)]
#[serde(default)]
pub struct StayRow {
    /// As in [`VisitRow`].
    pub day: i32,
    /// As in [`VisitRow`].
    pub is_automated: bool,
    /// As in [`VisitRow`].
    pub version: i32,
    /// How long after their beginning: [`crate::stats::Turnover`].
    pub bin: i32,
    /// How many.
    pub visits: i64,
    /// Of these, those that converted.
    pub conversions: i64,
}

/// Visits of all days that reached a goal and went on.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct PaceRow {
    /// As in [`VisitRow`].
    pub is_automated: bool,
    /// As in [`VisitRow`].
    pub version: i32,
    /// The goal version.
    pub bit: i32,
    /// 1 where they are told by when they converted or were last seen, 0 by when they had reached it.
    pub is_end: i32,
    /// How long after their beginning: [`crate::stats::Turnover`].
    pub bin: i32,
    /// How many.
    pub visits: i64,
    /// Of these, those that converted; 0 of those told by when they had reached it.
    pub conversions: i64,
}

/// Visits; inside a snapshot when other figures of the page are to agree with them.
pub async fn visits(db: &impl ConnectionTrait, query: &Query) -> AppResult<Vec<VisitRow>> {
    rows(db, query, &VISITS).await
}

/// What they reached.
pub async fn goals(db: &impl ConnectionTrait, query: &Query) -> AppResult<Vec<GoalRow>> {
    rows(db, query, &GOALS).await
}

/// How long visits stayed.
pub async fn stays(db: &impl ConnectionTrait, query: &Query) -> AppResult<Vec<StayRow>> {
    rows(db, query, &STAYS).await
}

/// How long it took them to reach goals, likewise. A goal that is `told_from` a day on is left out of the days before.
pub async fn paces(
    db: &impl ConnectionTrait,
    query: &Query,
    told_from: &[(i32, i32)],
) -> AppResult<Vec<PaceRow>> {
    let untold = told_from.iter();
    let untold = untold.map(|(bit, day)| format!(" AND NOT (r.bit = {bit} AND r.day < {day})"));
    let sql = format!(
        "SELECT r.is_automated, r.version, r.bit, r.is_end, r.bin, CAST(SUM(r.visits) AS BIGINT) AS visits,
           CAST(SUM(r.conversions) AS BIGINT) AS conversions
         FROM ({}) AS r WHERE 1 = 1{} GROUP BY 1, 2, 3, 4, 5",
        query.sums(&PACES),
        untold.collect::<String>()
    );
    let statement =
        Statement::from_sql_and_values(db.get_database_backend(), sql, query.values_of(&PACES));
    Ok(PaceRow::find_by_statement(statement).all(db).await?)
}

async fn rows<R: FromQueryResult + DeserializeOwned>(
    db: &impl ConnectionTrait,
    query: &Query,
    sums: &Sums,
) -> AppResult<Vec<R>> {
    let mut parted = query.parted(sums)?;
    let backend = db.get_database_backend();
    let others = Statement::from_sql_and_values(backend, parted.sql, parted.values);
    parted
        .packed
        .extend(R::find_by_statement(others).all(db).await?);
    Ok(parted.packed)
}
