//! Which visits opened a page on which a prompt may ask.

use jiff::ToSpan;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde::Deserialize;

use super::{OTHERS, Pages, Pauses, Query, count};
use crate::{
    error::AppResult,
    ingest::sums::{VISITS, WAYS},
    prompt::types::Target,
    report::{period::Period, prompt::OfPrompt, sums},
    site::calendar,
    types::{Millis, VisitId},
};

/// Visits whose pages are read at most, the newest first; from more of them the figure is scaled up.
const MOST_VISITS: i64 = 20_000;

/// Pauses that are reckoned with, the newest ones.
const MOST_PAUSES: usize = 200;

#[derive(FromQueryResult)]
struct ViewsRow {
    views: String,
    is_paused: i32,
}

/// What is kept of a page load, as far as this needs it.
#[derive(Deserialize)]
struct PageLoad {
    paths: Vec<String>,
    #[serde(default)]
    query: String,
}

/// Counts visits since the first publication. One that came to a moment counts as matched whatever the rule says now.
pub(super) async fn pages(
    db: &impl ConnectionTrait,
    of_prompt: &OfPrompt<'_>,
    target: &Target,
    since: Option<Millis>,
    pauses: &Pauses,
    fired: i64,
) -> AppResult<Pages> {
    let Some(since) = since else {
        return Ok(Pages::default());
    };
    let others = others(db, of_prompt, since).await?;
    let is_paused = is_paused(pauses);
    let query = Query::new(db, of_prompt.site, of_prompt.period);
    // A visit that was under way at the publication counts when it came to a moment.
    let values = || [of_prompt.id.into(), VisitId::first_of(since).into()];
    if target.addresses.is_empty() {
        let sql = format!("SELECT COUNT(*) AS n {OTHERS} AND ({is_paused})");
        let statement = query.statement(sql, values());
        let paused = match pauses.whole.is_empty() {
            true => 0,
            false => count(db, statement).await?,
        };
        return Ok(Pages {
            visits: others + fired,
            matched: others + fired,
            paused,
            is_scaled: false,
        });
    }
    let sql = format!(
        "SELECT v.views, CASE WHEN {is_paused} THEN 1 ELSE 0 END AS is_paused {OTHERS} ORDER BY v.id DESC LIMIT {MOST_VISITS}"
    );
    let statement = query.statement(sql, values());
    let mut rows = ViewsRow::find_by_statement(statement).all(db).await?;
    let count = |rows: &[ViewsRow]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let read = count(&rows);
    let scaled = |met: i64| (met * others + read / 2) / read.max(1);
    rows.retain(|row| is_met(target, &row.views));
    let matched = scaled(count(&rows));
    rows.retain(|row| row.is_paused == 1);
    Ok(Pages {
        visits: others + fired,
        matched: matched + fired,
        paused: scaled(count(&rows)),
        is_scaled: others > read,
    })
}

/// How many visits with a page came to no moment of the prompt: of whole days from their sums, and one by one on the day of the first
/// publication.
async fn others(
    db: &impl ConnectionTrait,
    of_prompt: &OfPrompt<'_>,
    since: Millis,
) -> AppResult<i64> {
    let (site, period) = (of_prompt.site, of_prompt.period);
    let day = calendar::day_of(since, &site.time_zone);
    let first = calendar::date_of(day).map_or(period.from, |day| day.saturating_add(1.day()));
    let mut others = 0;
    let whole = Period {
        from: period.from.max(first),
        ..period.clone()
    };
    if whole.from <= whole.to {
        let of_whole = OfPrompt {
            period: &whole,
            packed: of_prompt.packed.clone(),
            ..*of_prompt
        };
        let (all, _) = sums::of_period(&VISITS, site, &whole);
        let (own, values) = of_whole.rows(&WAYS);
        let sql = format!(
            "SELECT CAST((SELECT COALESCE(SUM(s.visits), 0) {all}) - (SELECT COALESCE(SUM(s.with_pages), 0) {own}) AS BIGINT) AS n"
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        others += count(db, statement).await?;
    }
    if period.days().any(|it| calendar::number(it) == day) {
        let sql = format!("SELECT COUNT(*) AS n {OTHERS} AND v.day = $9");
        let values = [
            of_prompt.id.into(),
            VisitId::first_of(since).into(),
            day.into(),
        ];
        let statement = Query::new(db, site, period).statement(sql, values);
        others += count(db, statement).await?;
    }
    Ok(others)
}

/// Whether the visit `v` began and ended in one pause. Of one that saw a part of it is not known which page it opened when.
fn is_paused(pauses: &Pauses) -> String {
    let newest = pauses.whole.iter().rev().take(MOST_PAUSES);
    let within = newest.map(|(off, on)| format!("v.started_at >= {off} AND v.last_at < {on}"));
    let within: Vec<String> = within.collect();
    match within.is_empty() {
        true => "1 = 0".into(),
        false => within.join(" OR "),
    }
}

/// Of an earlier page of a page load the query is not kept.
fn is_met(target: &Target, views: &str) -> bool {
    let loads: Vec<PageLoad> = serde_json::from_str(views).unwrap_or_default();
    loads.iter().any(|load| {
        let (last, earlier) = match load.paths.split_last() {
            Some(split) => split,
            None => return false,
        };
        target.is_on_address(last, &load.query)
            || earlier.iter().any(|path| target.is_on_address(path, ""))
    })
}
