//! Which visits opened a page on which a prompt may ask.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Deserialize;

use super::{OWN, Pages, Query, WHICH};
use crate::{
    error::AppResult,
    prompt::types::Target,
    types::{Millis, PromptId, VisitId},
};

/// Visits whose pages are read at most, the newest first; from more of them the figure is scaled up.
const MOST_VISITS: i64 = 20_000;

#[derive(FromQueryResult)]
struct ViewsRow {
    views: String,
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
    fired: i64,
) -> AppResult<Pages> {
    let Some(since) = since else {
        return Ok(Pages::default());
    };
    // A visit that was under way then counts when it came to a moment.
    let since = VisitId::first_of(since);
    let sql = format!(
        "SELECT COUNT(*) AS n FROM visits v WHERE {WHICH} AND v.pages > 0 AND v.id >= $8 AND NOT EXISTS ({OWN})"
    );
    let others = query.count(sql, [id.into(), since.into()]).await?;
    if target.addresses.is_empty() {
        return Ok(Pages {
            visits: others + fired,
            matched: others + fired,
            is_scaled: false,
        });
    }
    let sql = format!(
        "SELECT v.views FROM visits v WHERE {WHICH} AND v.pages > 0 AND v.id >= $8 AND NOT EXISTS ({OWN}) ORDER BY v.id DESC LIMIT {MOST_VISITS}"
    );
    let statement = query.statement(sql, [id.into(), since.into()]);
    let rows = ViewsRow::find_by_statement(statement).all(query.db).await?;
    let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let met = rows.iter().filter(|row| is_met(target, &row.views)).count();
    let met = i64::try_from(met).unwrap_or(i64::MAX);
    let scaled = (met * others + read / 2) / read.max(1);
    Ok(Pages {
        visits: others + fired,
        matched: scaled + fired,
        is_scaled: others > read,
    })
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
