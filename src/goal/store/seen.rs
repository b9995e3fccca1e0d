//! What the site has been seen to have, and how often its goals were met.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect, Statement};

use crate::{
    db::entity::{OfSite, seen_form, seen_path},
    error::AppResult,
    types::SiteId,
};

/// Pages that are listed at most.
pub const MOST_SEEN_PATHS: usize = 200;

/// Pages that the site has been seen to have, for the editor to offer.
pub async fn list_seen_paths(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<String>> {
    let rows = seen_path::Entity::of_site(site_id)
        .order_by_asc(seen_path::Column::Path)
        .limit(MOST_SEEN_PATHS as u64)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.path).collect())
}

/// Forms that the site has been seen to have, each once.
pub async fn list_seen_forms(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<String>> {
    let rows = seen_form::Entity::of_site(site_id)
        .order_by_asc(seen_form::Column::Form)
        .limit(200)
        .all(db)
        .await?;
    let mut forms: Vec<String> = rows.into_iter().map(|row| row.form).collect();
    forms.dedup();
    Ok(forms)
}

/// Forms that the site has been seen to have, with each page that holds them.
pub async fn list_form_paths(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<Vec<(String, String)>> {
    let rows = seen_form::Entity::of_site(site_id).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.form, row.path)).collect())
}

#[derive(FromQueryResult)]
struct CountRow {
    bit: i32,
    n: i64,
}

/// Visits from day `from` to day `to` (YYYYMMDD) that met each goal as it is now, by its bit.
///
/// Those that wait to be counted again may have met what it was before. With `with_automated`, those of automated browsers too.
pub async fn count_visits(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    (from, to): (i32, i32),
    with_automated: bool,
) -> AppResult<HashMap<i32, i64>> {
    let rows = CountRow::find_by_statement(Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT CAST(m.bit AS INTEGER) AS bit, COUNT(*) AS n \
         FROM visit_goals m \
         JOIN visits v ON v.site_id = m.site_id AND v.id = m.visit_id \
         WHERE m.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test \
           AND (NOT v.is_automated OR $4) \
         GROUP BY m.bit",
        [
            site_id.into(),
            from.into(),
            to.into(),
            with_automated.into(),
        ],
    ))
    .all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.bit, row.n)).collect())
}
