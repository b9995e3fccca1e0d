//! What became of questions, per day. One statement for both engines.

use jiff::civil::Date;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use super::Choice;
use crate::{
    error::AppResult,
    ingest::cube::Dimension,
    report::{period::known_within, prompt::ANSWER, signatures::of_visits},
    site::{calendar, types::Site},
    types::VisitId,
};

/// Questions in visits of a day.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct AskedRow {
    /// Day of the visit's start, YYYYMMDD.
    pub(super) day: i32,
    /// What the dimension says; else empty.
    pub(super) value: String,
    /// Whether the browser was automated.
    pub(super) is_automated: bool,
    /// Cards with an answer.
    pub(super) answers: i64,
    /// Of questions that wait for a moment: those that opened.
    pub(super) opened: i64,
    /// Of these, those with an answer.
    pub(super) answered: i64,
}

/// Loads what became of the questions in visits that began on these days.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    site: &Site,
    (from, to): (Date, Date),
    choice: &Choice,
) -> AppResult<Vec<AskedRow>> {
    let value = choice.by.map_or("CAST('' AS TEXT)", Dimension::of_visit);
    let filters = of_visits(&choice.filters, 6);
    let sql = format!(
        "SELECT v.day, {value} AS value, v.is_automated, COUNT(a.impression_id) AS answers,
           COUNT(CASE WHEN i.is_automatic AND (i.shown_at IS NOT NULL OR a.impression_id IS NOT NULL) THEN 1 END) AS opened,
           COUNT(CASE WHEN i.is_automatic THEN a.impression_id END) AS answered
         FROM impressions i
         JOIN visits v ON v.site_id = i.site_id AND v.id = i.visit_id
         {ANSWER}
         WHERE i.site_id = $1 AND i.visit_id BETWEEN $4 AND $5 AND v.day BETWEEN $2 AND $3
           AND NOT i.is_test AND NOT v.is_test AND i.arm IS NOT NULL{filters}
         GROUP BY 1, 2, 3"
    );
    let (earliest, latest) = known_within(from, to, &site.time_zone);
    let mut values: Vec<Value> = vec![
        site.id.into(),
        calendar::number(from).into(),
        calendar::number(to).into(),
        VisitId::first_of(earliest).into(),
        VisitId::first_of(latest).into(),
    ];
    let wanted = choice.filters.iter();
    values.extend(wanted.map(|(_, value)| Value::from(value.as_str())));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(AskedRow::find_by_statement(statement).all(db).await?)
}
