//! Compares the cube of a day with its visits, counted afresh, and the other sums with what the visits come to by now.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    QuerySelect, Statement, sea_query::OnConflict,
};

use super::super::{
    cube::{ALL, BY_PATH, Dimension},
    sums,
};
use crate::{
    db::entity::{OfSite, audit},
    types::{Millis, SiteId},
};

/// What the comparison came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Compared {
    /// Visits of the day in the cube.
    pub visits: i64,
    /// Rows that only one of both has.
    pub differing: i64,
}

const IN_CUBE: &str = "SELECT c.dim, c.value, c.is_automated, s.version, s.mask_all, s.mask_before, s.mask_landmark, s.landmark,
  s.funnel_step, s.path, c.visits, c.conversions, c.value_minor, c.active_ms
FROM cube_day c LEFT JOIN signatures s ON s.site_id = c.site_id AND s.id = c.signature_id
WHERE c.site_id = $1 AND c.day = $2";

const SETTLED: &str = "v.site_id = $1 AND v.day = $2 AND v.is_settled = TRUE";

/// The visits by what `value` says: nothing of the numbers under which signatures lie is used.
fn visits_by(dim: i32, value: &str) -> String {
    let path = match dim {
        BY_PATH => "CASE WHEN v.path <> '' OR v.mask_all = 0 THEN v.path END",
        _ => "CAST(NULL AS TEXT)",
    };
    format!(
        "SELECT {dim} AS dim, {value} AS value, v.is_automated, v.funnel_version, v.mask_all, v.mask_before, v.mask_landmark,
           v.landmark, v.funnel_step, {path} AS path, COUNT(*) AS visits, COUNT(v.macro_at) AS conversions,
           CAST(SUM(v.value_minor) AS BIGINT) AS value_minor, CAST(SUM(v.active_ms) AS BIGINT) AS active_ms
         FROM visits v WHERE {SETTLED} AND NOT v.is_test AND v.pages > 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
    )
}

/// Rows that only one of two tables has.
fn only(left: &str, right: &str) -> String {
    let rows = |left, right| {
        format!("(SELECT COUNT(*) FROM (SELECT * FROM {left} EXCEPT SELECT * FROM {right}) AS d)")
    };
    format!("{} + {}", rows(left, right), rows(right, left))
}

fn difference() -> String {
    let nothing = "CAST('' AS TEXT)";
    let codes = Dimension::ALL.iter();
    let codes = codes.filter_map(|it| Some((it.code()?, it.of_visit())));
    let visits: Vec<String> = [(ALL, nothing), (BY_PATH, nothing)]
        .into_iter()
        .chain(codes)
        .map(|(dim, value)| visits_by(dim, value))
        .collect();
    let dims = sums::numbers();
    let mut tables = vec![
        format!("cube AS ({IN_CUBE})"),
        format!("visited AS ({})", visits.join(" UNION ALL ")),
    ];
    let mut differing = vec![only("cube", "visited")];
    for sums in sums::EVERY.iter().filter(|it| it.table != sums::CUBE.table) {
        let (table, columns) = (sums.table, sums.columns());
        tables.push(format!(
            "{table}_in AS (SELECT {columns} FROM {table} WHERE site_id = $1 AND dim IN ({dims}) AND day = $2), {table}_of AS ({})",
            sums.rows("", SETTLED)
        ));
        differing.push(only(&format!("{table}_in"), &format!("{table}_of")));
    }
    format!(
        "WITH {} SELECT (SELECT CAST(COALESCE(SUM(visits), 0) AS BIGINT) FROM cube WHERE dim = {ALL}) AS visits, {} AS differing",
        tables.join(", "),
        differing.join(" + ")
    )
}

/// Compares a day.
pub async fn compare(db: &impl ConnectionTrait, site: SiteId, day: i32) -> Result<Compared, DbErr> {
    let values = [site.into(), day.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), difference(), values);
    let compared = Compared::find_by_statement(statement).one(db).await?;
    Ok(compared.unwrap_or_default())
}

/// Notes what a comparison came to.
pub(in crate::ingest) async fn note(
    tx: &impl ConnectionTrait,
    site: SiteId,
    day: i32,
    compared: Compared,
    at: Millis,
) -> Result<(), DbErr> {
    use audit::Column;
    let row = audit::ActiveModel {
        site_id: Set(site),
        day: Set(day),
        audited_at: Set(at),
        visits: Set(compared.visits),
        differing: Set(compared.differing),
        mended: Set(compared.differing > 0),
    };
    let again = OnConflict::columns([Column::SiteId, Column::Day])
        .update_columns([
            Column::AuditedAt,
            Column::Visits,
            Column::Differing,
            Column::Mended,
        ])
        .to_owned();
    audit::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The newest day of the site that was compared, and the first on which it was visited.
pub(in crate::ingest) async fn state(
    db: &impl ConnectionTrait,
    site: SiteId,
) -> Result<(Option<i32>, Option<i32>), DbErr> {
    let newest = audit::Entity::of_site(site)
        .select_only()
        .column_as(audit::Column::Day.max(), "newest")
        .into_tuple::<Option<i32>>()
        .one(db)
        .await?
        .flatten();
    Ok((newest, first_day(db, site).await?))
}

/// The first day (YYYYMMDD) on which the site was visited; `None` when it never was.
pub async fn first_day(db: &impl ConnectionTrait, site: SiteId) -> Result<Option<i32>, DbErr> {
    let sql = "SELECT MIN(day) AS day FROM visits WHERE site_id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [site.into()]);
    let first = db.query_one_raw(statement).await?;
    let first = first.map(|row| row.try_get("", "day")).transpose()?;
    Ok(first.flatten())
}
