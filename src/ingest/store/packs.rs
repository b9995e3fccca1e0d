//! Packs of days: made behind the writer's back, and gone with the first change of a visit that is in one.
//!
//! Whoever makes one marks the day, reads its visits, and stores the pack where the mark still stands: what settles a visit of the day
//! or takes one out deletes the pack and leaves another mark. Both hold the lock of the cube, so that none of them overlooks the other.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, StreamTrait, Value};

use super::cube::{lock, statement};
use crate::{
    clock::{self, MINUTE},
    db::Db,
    ingest::{
        cube::{ALL, Dimension},
        pack::{Column, Lists, Part, Stamp},
        sums::EVERY,
    },
    secret,
    types::{Millis, SiteId, VisitId},
};

/// How long a mark keeps others from making the same pack: whoever set it may have ended.
const LEASE: Millis = 10 * MINUTE;
/// The row that holds the mark; it is none of the parts.
const MARK: &str = "";
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
             WHERE p.site_id = c.site_id AND p.day = c.day AND p.part = '{MARK}' AND (p.begun_at > $3 OR p.is_made))
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
    let parts = read_day(&snapshot, site, day).await?;
    snapshot.commit().await?;
    save(db, site, day, (mark, parts)).await
}

/// Marks the day, in place of a pack that there may be.
async fn mark(db: &Db, site: SiteId, day: i32) -> Result<i64, DbErr> {
    let mark = new_mark();
    let tx = db.begin().await?;
    lock(&tx, site).await?;
    let values = vec![site.into(), day.into()];
    delete_parts(&tx, ("day = $2", values.clone())).await?;
    let sql = format!(
        "INSERT INTO day_pack (site_id, day, part, mark, begun_at) VALUES ($1, $2, '{MARK}', $3, $4)
         ON CONFLICT (site_id, day, part) DO UPDATE SET mark = excluded.mark, begun_at = excluded.begun_at, is_made = FALSE"
    );
    let more = [mark.into(), clock::now().into()];
    let values = values.into_iter().chain(more).collect();
    tx.execute_raw(statement(&tx, &sql, values)).await?;
    tx.commit().await?;
    Ok(mark)
}

fn new_mark() -> i64 {
    i64::from_le_bytes(secret::random_bytes())
}

/// Parts of a pack, by their names.
type Parts = Vec<(&'static str, Vec<u8>)>;

/// Stores the parts where the mark still stands: it goes from its own row to theirs.
async fn save(db: &Db, site: SiteId, day: i32, (mark, parts): (i64, Parts)) -> Result<bool, DbErr> {
    let tx = db.begin().await?;
    lock(&tx, site).await?;
    let sql = format!(
        "UPDATE day_pack SET is_made = TRUE WHERE site_id = $1 AND day = $2 AND part = '{MARK}' AND mark = $3"
    );
    let which: Vec<Value> = vec![site.into(), day.into(), mark.into()];
    let stored = tx.execute_raw(statement(&tx, &sql, which.clone())).await?;
    if stored.rows_affected() != 1 {
        return Ok(false);
    }
    let sql = "INSERT INTO day_pack (site_id, day, part, mark, begun_at, pack) VALUES ($1, $2, $4, $3, 0, $5)";
    for (name, bytes) in parts {
        let values = which.iter().cloned().chain([name.into(), bytes.into()]);
        tx.execute_raw(statement(&tx, sql, values.collect()))
            .await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Which visits are packed: those of a day that are in the sums.
const WHICH: &str = "v.site_id = $1 AND v.day = $2 AND v.is_settled = TRUE";

/// One part after the other: only one is held in memory beside their bytes.
async fn read_day(snapshot: &DatabaseTransaction, site: SiteId, day: i32) -> Result<Parts, DbErr> {
    let values: Vec<Value> = vec![site.into(), day.into()];
    let (visits, mut parts) = read_visits(snapshot, values.clone()).await?;
    let backend = ConnectionTrait::get_database_backend(snapshot);
    for sums in EVERY {
        let of_each = sums.of_each_visit(backend, WHICH);
        let of_each = statement(snapshot, &of_each, values.clone());
        let mut lists = Lists::new(visits.len());
        let mut rows = snapshot.stream_raw(of_each).await?;
        while let Some(row) = rows.try_next().await? {
            let keys: String = row.try_get("", "said")?;
            let each: Result<Vec<i64>, DbErr> =
                sums.packed().map(|name| row.try_get("", name)).collect();
            if let Some(visit) = visits.get(&row.try_get("", "visit_id")?) {
                lists.add(*visit, &keys, &each?);
            }
        }
        parts.push((Part::Rows(sums).name(), lists.into_bytes()));
    }
    Ok(parts)
}

/// The place of each visit, and the parts that say what they are.
async fn read_visits(
    snapshot: &DatabaseTransaction,
    values: Vec<Value>,
) -> Result<(HashMap<VisitId, usize>, Parts), DbErr> {
    let says = Dimension::ALL.iter();
    let says: String = says
        .map(|it| format!("{} AS {}, ", it.of_visit(), name(*it)))
        .collect();
    let sql = format!(
        "SELECT {says}v.id, v.is_automated, v.funnel_version, v.mask_all FROM visits v WHERE {WHICH} AND NOT v.is_test"
    );
    let mut visits = HashMap::new();
    let mut stamps = Column::default();
    let columns = Dimension::ALL.iter().copied();
    let mut columns: Vec<_> = columns.map(|it| (it, Column::default())).collect();
    let mut rows = snapshot
        .stream_raw(statement(snapshot, &sql, values))
        .await?;
    while let Some(row) = rows.try_next().await? {
        visits.insert(row.try_get("", "id")?, visits.len());
        let stamp = Stamp {
            is_automated: row.try_get("", "is_automated")?,
            version: row.try_get("", "funnel_version")?,
            mask: row.try_get("", "mask_all")?,
        };
        stamps.add(&stamp.to_bytes());
        for (dimension, column) in &mut columns {
            column.add(row.try_get::<String>("", &name(*dimension))?.as_bytes());
        }
    }
    let columns = columns.into_iter();
    let columns = columns.map(|(it, column)| (Part::Says(it).name(), column.into_bytes()));
    let stamps = (Part::Stamps.name(), stamps.into_bytes());
    Ok((visits, columns.chain([stamps]).collect()))
}

/// Under which name a column says it: that of the visit may be one of the others read.
fn name(dimension: Dimension) -> String {
    format!("says_{}", dimension.as_str())
}

/// Deletes the packs of the days of those visits `v` that a condition names.
pub(super) async fn delete_of(
    tx: &impl ConnectionTrait,
    (which, values): (&str, Vec<Value>),
) -> Result<(), DbErr> {
    let days = format!("day IN (SELECT v.day FROM visits v WHERE {which})");
    delete(tx, (&days, values)).await
}

/// Deletes the pack of a day.
pub(in crate::ingest) async fn delete_day(
    tx: &impl ConnectionTrait,
    site: SiteId,
    day: i32,
) -> Result<(), DbErr> {
    delete(tx, ("day = $2", vec![site.into(), day.into()])).await
}

/// Deletes the packs of some days. What is left of each is another mark, by which it is made again after a while and not at once: the
/// next change may come soon.
async fn delete(
    tx: &impl ConnectionTrait,
    (days, values): (&str, Vec<Value>),
) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE day_pack SET is_made = FALSE, mark = ${}, begun_at = ${} WHERE site_id = $1 AND {days} AND part = '{MARK}'",
        values.len() + 1,
        values.len() + 2
    );
    let more = [new_mark().into(), clock::now().into()];
    let with_mark = values.iter().cloned().chain(more).collect();
    let marked = tx.execute_raw(statement(tx, &sql, with_mark)).await?;
    // Most changes are of today, which has no mark.
    match marked.rows_affected() {
        0 => Ok(()),
        _ => delete_parts(tx, (days, values)).await,
    }
}

async fn delete_parts(
    tx: &impl ConnectionTrait,
    (days, values): (&str, Vec<Value>),
) -> Result<(), DbErr> {
    let sql = format!("DELETE FROM day_pack WHERE site_id = $1 AND {days} AND part <> '{MARK}'");
    tx.execute_raw(statement(tx, &sql, values)).await?;
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
