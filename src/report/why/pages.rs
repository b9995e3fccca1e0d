//! Which visits opened a page on which a prompt may ask.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Deserialize;

use super::{OWN, Pages, Pauses, Query, WHICH};
use crate::{
    error::AppResult,
    prompt::types::Target,
    types::{Millis, PromptId, VisitId},
};

/// Visits whose pages are read at most, the newest first; from more of them the figure is scaled up.
const MOST_VISITS: i64 = 20_000;

/// Pauses that are reckoned with, the newest ones.
const MOST_PAUSES: usize = 200;

#[derive(FromQueryResult)]
struct CountRow {
    n: i64,
    paused: i64,
}

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
    query: &Query<'_, impl ConnectionTrait>,
    id: PromptId,
    target: &Target,
    since: Option<Millis>,
    pauses: &Pauses,
    fired: i64,
) -> AppResult<Pages> {
    let Some(since) = since else {
        return Ok(Pages::default());
    };
    // A visit that was under way then counts when it came to a moment.
    let since = VisitId::first_of(since);
    let is_paused = is_paused(pauses);
    let sql = format!(
        "SELECT COUNT(*) AS n, COUNT(CASE WHEN {is_paused} THEN 1 END) AS paused
         FROM visits v WHERE {WHICH} AND v.pages > 0 AND v.id >= $8 AND NOT EXISTS ({OWN})"
    );
    let statement = query.statement(sql, [id.into(), since.into()]);
    let others = CountRow::find_by_statement(statement).one(query.db).await?;
    let (others, paused) = others.map_or((0, 0), |row| (row.n, row.paused));
    if target.addresses.is_empty() {
        return Ok(Pages {
            visits: others + fired,
            matched: others + fired,
            paused,
            is_scaled: false,
        });
    }
    let sql = format!(
        "SELECT v.views, CASE WHEN {is_paused} THEN 1 ELSE 0 END AS is_paused
         FROM visits v WHERE {WHICH} AND v.pages > 0 AND v.id >= $8 AND NOT EXISTS ({OWN}) ORDER BY v.id DESC LIMIT {MOST_VISITS}"
    );
    let statement = query.statement(sql, [id.into(), since.into()]);
    let mut rows = ViewsRow::find_by_statement(statement).all(query.db).await?;
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
