//! Packs of days: made behind the writer's back, and gone with the first change of a visit that is in one.
//!
//! Whoever makes one marks the day, reads its visits, and stores the pack where the mark still stands: what settles a visit of the day
//! or takes one out deletes mark and pack with it. Both hold the lock of the cube, so that none of them overlooks the other.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, QueryResult, StreamTrait, Value,
};

use super::cube::{lock, statement};
use crate::{
    clock::{self, MINUTE},
    db::Db,
    ingest::{
        cube::{ALL, Dimension},
        pack::{Outcome, Packer},
        sums::ASKED,
    },
    secret,
    types::{Millis, SiteId, VisitId},
};

/// How long a mark keeps others from making the same pack: whoever set it may have ended.
const LEASE: Millis = 10 * MINUTE;
/// Visits of a day that are worth a pack: fewer are read about as soon.
pub const WORTH: i64 = 1_000;

/// Days before `today` that are worth a pack and have none, newest first: those of which all visits are settled.
pub(in crate::ingest) async fn list_unpacked(
    db: &impl ConnectionTrait,
    site: SiteId,
    today: i32,
    now: Millis,
) -> Result<Vec<i32>, DbErr> {
    let sql = format!(
        "SELECT c.day FROM visit_day c WHERE c.site_id = $1 AND c.dim = {ALL} AND c.day < $2
           AND NOT EXISTS (SELECT 1 FROM day_pack p
             WHERE p.site_id = c.site_id AND p.day = c.day AND (p.begun_at > $3 OR p.pack IS NOT NULL))
           AND NOT EXISTS (SELECT 1 FROM visits v
             WHERE v.site_id = c.site_id AND v.day = c.day AND NOT v.is_settled AND v.signature_id <> 0)
         GROUP BY c.day HAVING SUM(c.visits) >= {WORTH} ORDER BY c.day DESC"
    );
    let values = vec![site.into(), today.into(), (now - LEASE).into()];
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "day")).collect()
}

/// Packs the visits of a day; false when something changed meanwhile, and there is no pack.
pub async fn pack_day(db: &Db, site: SiteId, day: i32) -> Result<bool, DbErr> {
    let mark = mark(db, site, day).await?;
    let snapshot = db.snapshot().await?;
    let pack = read_day(&snapshot, site, day).await?;
    snapshot.commit().await?;
    save(db, site, day, (mark, pack)).await
}

/// Marks the day, in place of a pack that there may be.
async fn mark(db: &Db, site: SiteId, day: i32) -> Result<i64, DbErr> {
    let mark = i64::from_le_bytes(secret::random_bytes());
    let tx = db.begin().await?;
    lock(&tx, site).await?;
    let sql = "INSERT INTO day_pack (site_id, day, mark, begun_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (site_id, day) DO UPDATE SET mark = excluded.mark, begun_at = excluded.begun_at, pack = NULL";
    let now = clock::now();
    let values = vec![site.into(), day.into(), mark.into(), now.into()];
    tx.execute_raw(statement(&tx, sql, values)).await?;
    tx.commit().await?;
    Ok(mark)
}

/// Stores the pack where its mark still stands.
async fn save(
    db: &Db,
    site: SiteId,
    day: i32,
    (mark, pack): (i64, Vec<u8>),
) -> Result<bool, DbErr> {
    let tx = db.begin().await?;
    let sql = "UPDATE day_pack SET pack = $4 WHERE site_id = $1 AND day = $2 AND mark = $3";
    let values = vec![site.into(), day.into(), mark.into(), pack.into()];
    let stored = tx.execute_raw(statement(&tx, sql, values)).await?;
    tx.commit().await?;
    Ok(stored.rows_affected() == 1)
}

/// What became of the questions in a visit.
#[derive(FromQueryResult)]
struct Asked {
    id: VisitId,
    answers: i64,
    opened: i64,
    answered: i64,
}

/// One visit after the other: only the columns of the pack are held in memory.
async fn read_day(
    snapshot: &DatabaseTransaction,
    site: SiteId,
    day: i32,
) -> Result<Vec<u8>, DbErr> {
    let which = "v.site_id = $1 AND v.day = $2 AND v.is_settled = TRUE";
    let asked = format!(
        "SELECT s.value AS id, CAST(SUM(s.answered) AS BIGINT) AS answers,
           CAST(SUM(CASE WHEN s.is_automatic THEN s.opened ELSE 0 END) AS BIGINT) AS opened,
           CAST(SUM(CASE WHEN s.is_automatic THEN s.answered ELSE 0 END) AS BIGINT) AS answered
         FROM ({}) AS s WHERE s.arm <> '' GROUP BY 1",
        ASKED.of_each_visit(which)
    );
    let values: Vec<Value> = vec![site.into(), day.into()];
    let asked = statement(snapshot, &asked, values.clone());
    let asked = Asked::find_by_statement(asked).all(snapshot).await?;
    let asked: HashMap<VisitId, Asked> = asked.into_iter().map(|row| (row.id, row)).collect();

    let says = Dimension::ALL.iter();
    let says: String = says
        .map(|it| format!("{} AS {}, ", it.of_visit(), name(*it)))
        .collect();
    let sql = format!(
        "SELECT {says}v.id, v.is_automated, v.pages, v.macro_at, v.funnel_version, v.mask_all
         FROM visits v WHERE {which} AND NOT v.is_test"
    );
    let mut packer = Packer::default();
    let visits = statement(snapshot, &sql, values);
    let mut visits = snapshot.stream_raw(visits).await?;
    while let Some(row) = visits.try_next().await? {
        let says: Result<Vec<String>, DbErr> = Dimension::ALL
            .iter()
            .map(|it| row.try_get("", &name(*it)))
            .collect();
        let asked = asked.get(&row.try_get("", "id")?);
        packer.add(&says?, outcome(&row, asked)?);
    }
    Ok(packer.into_bytes())
}

/// Under which name a column says it: that of the visit may be one of the others read.
fn name(dimension: Dimension) -> String {
    format!("says_{}", dimension.as_str())
}

fn outcome(row: &QueryResult, asked: Option<&Asked>) -> Result<Outcome, DbErr> {
    // A visit is asked each prompt once at most.
    let few = |of: fn(&Asked) -> i64| asked.map_or(0, |it| u8::try_from(of(it)).unwrap_or(u8::MAX));
    Ok(Outcome {
        is_automated: row.try_get("", "is_automated")?,
        has_pages: row.try_get::<i32>("", "pages")? > 0,
        is_converted: row.try_get::<Option<Millis>>("", "macro_at")?.is_some(),
        version: row.try_get("", "funnel_version")?,
        mask: row.try_get("", "mask_all")?,
        answers: few(|it| it.answers),
        opened: few(|it| it.opened),
        answered: few(|it| it.answered),
    })
}

/// Deletes the packs of the days of those visits `v` that a condition names.
pub(super) async fn delete_of(
    tx: &impl ConnectionTrait,
    (which, values): (&str, Vec<Value>),
) -> Result<(), DbErr> {
    let sql = format!(
        "DELETE FROM day_pack WHERE site_id = $1 AND day IN (SELECT v.day FROM visits v WHERE {which})"
    );
    tx.execute_raw(statement(tx, &sql, values)).await?;
    Ok(())
}

/// Deletes the pack of a day.
pub(in crate::ingest) async fn delete_day(
    tx: &impl ConnectionTrait,
    site: SiteId,
    day: i32,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM day_pack WHERE site_id = $1 AND day = $2";
    let values = vec![site.into(), day.into()];
    tx.execute_raw(statement(tx, sql, values)).await?;
    Ok(())
}

/// Deletes all packs of a site.
pub(super) async fn delete_all(tx: &impl ConnectionTrait, site: SiteId) -> Result<(), DbErr> {
    let sql = "DELETE FROM day_pack WHERE site_id = $1";
    tx.execute_raw(statement(tx, sql, vec![site.into()]))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db, ingest::store::unsettle_day};

    #[tokio::test]
    async fn a_pack_of_visits_that_changed_meanwhile_is_not_stored() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("packs.db").display());
        let db = db::open(&url).await.unwrap();
        let (site, day) = (SiteId(1), 20_261_122);

        let begun = mark(&db, site, day).await.unwrap();
        let tx = db.begin().await.unwrap();
        unsettle_day(&tx, site, day).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!save(&db, site, day, (begun, vec![])).await.unwrap());
        // Somebody else has begun anew.
        let again = mark(&db, site, day).await.unwrap();
        assert!(!save(&db, site, day, (begun, vec![])).await.unwrap());
        assert!(save(&db, site, day, (again, vec![])).await.unwrap());
    }
}
