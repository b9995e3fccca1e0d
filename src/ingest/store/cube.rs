//! Puts visits into the cube and takes them out, each with one statement a table. The packs of their days go with the first of them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value, sea_query::OnConflict,
};

use super::{
    super::{group::Group, sums, visit::Visit},
    packs,
};
use crate::{
    db::entity::{OfSite, signature, site, visit},
    goal::signature::Signature,
    types::{Millis, ReasonId, SiteId, VisitId},
};

/// Signatures that are remembered as stored.
const KEPT_SIGNATURES: usize = 50_000;
/// Visits in one statement.
const AT_ONCE: usize = 500;
/// Stands for the cube among the locks of PostgreSQL.
const LOCK: i32 = 0x63_75_62_65;

pub(super) fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Puts those of the visits that are in the cube out of it, or the others into it.
async fn turn(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
    is_in: bool,
) -> Result<(), DbErr> {
    for ids in visits.chunks(AT_ONCE) {
        let ids: Vec<String> = ids.iter().map(|id| format!("\"{}\"", id.0)).collect();
        let ids = format!("[{}]", ids.join(","));
        let which = these(tx.get_database_backend());
        turn_all(tx, site, (which, ids.into()), is_in).await?;
    }
    Ok(())
}

/// The visits `v` of a site whose ids stand in `$2`: one text for any number of them, which the connection finds prepared.
fn these(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "v.site_id = $1 AND v.id IN (SELECT CAST(t.id AS UUID) FROM json_array_elements_text(CAST($2 AS JSON)) AS t(id))"
        }
        _ => "v.site_id = $1 AND v.id IN (SELECT unhex(value, '-') FROM json_each($2))",
    }
}

/// The same of those visits `v` that a condition names, of the site `$1` and of `$2`.
async fn turn_all(
    tx: &impl ConnectionTrait,
    site: SiteId,
    (which, value): (&str, Value),
    is_in: bool,
) -> Result<(), DbErr> {
    let (sign, state) = if is_in { ("-", "TRUE") } else { ("", "FALSE") };
    // Compared, not named alone: SQLite would go through all that are not settled, and not by the ids.
    let which = format!("{which} AND v.is_settled = {state}");
    let turned = format!("UPDATE visits AS v SET is_settled = NOT v.is_settled WHERE {which}");
    let values = vec![site.into(), value];
    packs::delete_of(tx, (&which, values.clone())).await?;
    let backend = tx.get_database_backend();
    let summed = sums::EVERY
        .iter()
        .map(|sums| sums.turn(backend, sign, &which));
    for sql in summed.chain([turned]) {
        tx.execute_raw(statement(tx, &sql, values.clone())).await?;
    }
    Ok(())
}

/// Puts visits into the cube that are not in it.
pub(in crate::ingest) async fn settle(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
) -> Result<(), DbErr> {
    lock_visits(tx, site, visits).await?;
    lock(tx, site).await?;
    turn(tx, site, visits, false).await
}

/// Puts all visits of a day into the cube that are not in it: of a history that was written in one go, so that no writer holds
/// them in memory, or adds to them meanwhile.
pub async fn settle_day(tx: &impl ConnectionTrait, site: SiteId, day: i32) -> Result<(), DbErr> {
    lock_day(tx, site, day).await?;
    lock(tx, site).await?;
    let which = "v.site_id = $1 AND v.day = $2";
    turn_all(tx, site, (which, day.into()), false).await
}

/// Takes visits out of the cube that are in it, before anything of them changes.
pub(in crate::ingest) async fn unsettle(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
) -> Result<(), DbErr> {
    let settled = lock_visits(tx, site, visits).await?;
    take_out(tx, site, &settled).await
}

/// Takes those visits out of the cube whose answers named one of these reasons, before they name another.
pub async fn unsettle_named(
    tx: &impl ConnectionTrait,
    site: SiteId,
    reasons: &[ReasonId],
) -> Result<(), DbErr> {
    let sql = "SELECT a.visit_id FROM answer_choices c JOIN answers a ON a.site_id = c.site_id
         AND a.impression_id = c.impression_id AND a.question_id = c.question_id
       WHERE c.site_id = $1 AND c.reason_id = $2";
    let mut named = BTreeSet::new();
    for reason in reasons {
        let values = vec![site.into(), (*reason).into()];
        for row in tx.query_all_raw(statement(tx, sql, values)).await? {
            named.insert(row.try_get::<VisitId>("", "visit_id")?);
        }
    }
    // All of them before the cube.
    let named: Vec<VisitId> = named.into_iter().collect();
    let mut settled = vec![];
    for ids in named.chunks(AT_ONCE) {
        settled.extend(lock_visits(tx, site, ids).await?);
    }
    take_out(tx, site, &settled).await
}

/// Takes visits out that are locked and in the cube.
async fn take_out(
    tx: &impl ConnectionTrait,
    site: SiteId,
    settled: &[VisitId],
) -> Result<(), DbErr> {
    if settled.is_empty() {
        return Ok(());
    }
    lock(tx, site).await?;
    turn(tx, site, settled, true).await?;
    for sums in sums::EVERY {
        tx.execute_raw(statement(tx, &sums.delete_empty(), vec![site.into()]))
            .await?;
    }
    Ok(())
}

/// Takes all visits of a day out of the cube, whatever it says of them.
pub(in crate::ingest) async fn unsettle_day(
    tx: &impl ConnectionTrait,
    site: SiteId,
    day: i32,
) -> Result<(), DbErr> {
    use visit::Column;
    lock_day(tx, site, day).await?;
    lock(tx, site).await?;
    packs::delete_day(tx, site, day).await?;
    visit::Entity::update_many()
        .col_expr(Column::IsSettled, false.into())
        .filter(Column::SiteId.eq(site))
        .filter(Column::Day.eq(day))
        .exec(tx)
        .await?;
    for sums in sums::EVERY {
        let values = vec![site.into(), day.into()];
        tx.execute_raw(statement(tx, &sums.delete_day(), values))
            .await?;
    }
    Ok(())
}

/// Deletes all that is summed up of a site whose visits are gone.
pub async fn delete_sums(tx: &impl ConnectionTrait, site: SiteId) -> Result<(), DbErr> {
    packs::delete_all(tx, site).await?;
    for sums in sums::EVERY {
        let sql = format!("DELETE FROM {} WHERE site_id = $1", sums.table);
        tx.execute_raw(statement(tx, &sql, vec![site.into()]))
            .await?;
    }
    Ok(())
}

/// Nodes lock visits in the order of their keys, then the cube of the site. Those of them that are in it.
async fn lock_visits(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
) -> Result<Vec<VisitId>, DbErr> {
    use visit::Column;
    let ids = visits.iter().copied().collect();
    let rows = super::load::these_visits(site, &ids)
        .select_only()
        .columns([Column::Id, Column::IsSettled])
        .into_tuple::<(VisitId, bool)>()
        .all(tx)
        .await?
        .into_iter();
    Ok(rows.filter(|row| row.1).map(|(id, _)| id).collect())
}

/// The same of all visits of a day.
async fn lock_day(tx: &impl ConnectionTrait, site: SiteId, day: i32) -> Result<(), DbErr> {
    use visit::Column;
    if tx.get_database_backend() == DbBackend::Postgres {
        let of_day = visit::Entity::of_site(site).filter(Column::Day.eq(day));
        let ids = of_day.select_only().column(Column::Id);
        let locked = ids.order_by_asc(Column::Id).lock_exclusive();
        locked.into_tuple::<VisitId>().all(tx).await?;
    }
    Ok(())
}

pub(super) async fn lock(tx: &impl ConnectionTrait, site: SiteId) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let site = i32::try_from(site.0 & 0x7fff_ffff).unwrap_or_default();
        let sql = "SELECT pg_advisory_xact_lock($1, $2)";
        let values = vec![LOCK.into(), site.into()];
        tx.execute_raw(statement(tx, sql, values)).await?;
    }
    Ok(())
}

/// Takes those visits of the group out of the cube that it is about to write, and those in which it writes answers.
pub(super) async fn unsettle_changed(
    tx: &impl ConnectionTrait,
    group: &mut Group,
) -> Result<(), DbErr> {
    let answered = group.answers.iter();
    let answered = answered.map(|(site, answer)| (*site, answer.token.visit_id));
    let mut settled = BTreeMap::<SiteId, BTreeSet<VisitId>>::new();
    for (site, id) in group.changed.iter().copied().chain(answered) {
        // Of an answer alone the visit is not loaded, and looked up.
        let is_settled = match group.visits.get_mut(&(site, id)) {
            Some(visit) => std::mem::take(&mut visit.is_settled),
            None => true,
        };
        if is_settled {
            settled.entry(site).or_default().insert(id);
        }
    }
    // Of all sites before the cube of any.
    let mut locked = vec![];
    for (site, ids) in settled {
        let ids: Vec<VisitId> = ids.into_iter().collect();
        locked.push((site, lock_visits(tx, site, &ids).await?));
    }
    for (site, settled) in locked {
        take_out(tx, site, &settled).await?;
    }
    Ok(())
}

/// Stores the signatures of the visits that no visit had before.
pub(super) async fn save_signatures(
    tx: &impl ConnectionTrait,
    group: &mut Group,
) -> Result<(), DbErr> {
    let mut new = BTreeMap::new();
    for key in &group.changed {
        let Some(visit) = group.visits.get(key) else {
            continue;
        };
        for signature in signatures(visit) {
            let key = (visit.site_id, signature.id());
            if !group.signatures.contains(&key) {
                new.insert(key, signature);
            }
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let rows = new
        .iter()
        .map(|((site, id), signature)| row(*site, *id, signature));
    signature::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    group.new_signatures = new.into_keys().collect();
    Ok(())
}

/// Without the order, and with it.
fn signatures(visit: &Visit) -> [Signature; 2] {
    let signature = visit.facts.signature();
    let with_path = signature.with_path(&visit.facts.path);
    [signature, with_path]
}

fn row(site: SiteId, id: i64, signature: &Signature) -> signature::ActiveModel {
    use sea_orm::ActiveValue::Set;
    signature::ActiveModel {
        site_id: Set(site),
        id: Set(id),
        version: Set(signature.version),
        mask_all: Set(signature.mask_all),
        mask_before: Set(signature.mask_before),
        mask_landmark: Set(signature.mask_landmark),
        landmark: Set(signature.landmark.code()),
        funnel_step: Set(signature.funnel_step),
        path: Set(signature.path.clone()),
    }
}

impl Group {
    /// After a commit: what was stored stays.
    pub(in crate::ingest) fn remember_signatures(&mut self) {
        if self.signatures.len() > KEPT_SIGNATURES {
            self.signatures.clear();
        }
        self.signatures.extend(self.new_signatures.drain(..));
    }
}

/// All sites, in the order of their numbers.
pub(in crate::ingest) async fn list_sites(
    db: &impl ConnectionTrait,
) -> Result<Vec<(SiteId, String, bool)>, DbErr> {
    site::Entity::find()
        .select_only()
        .columns([
            site::Column::Id,
            site::Column::TimeZone,
            site::Column::MeasuresFields,
        ])
        .order_by_asc(site::Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// Visits of the newest days that are not in the cube and were not heard of since `quiet_since`. Those without a signature are
/// from before there were any, and wait until they are counted again.
pub(in crate::ingest) async fn list_due(
    db: &impl ConnectionTrait,
    site: SiteId,
    at_once: u64,
    quiet_since: Millis,
) -> Result<Vec<VisitId>, DbErr> {
    let sql = format!(
        "SELECT id FROM visits WHERE site_id = $1 AND NOT is_settled
         AND (closed_at IS NOT NULL OR last_at < $2) AND signature_id <> 0
         ORDER BY day DESC LIMIT {at_once}"
    );
    let values = vec![site.into(), quiet_since.into()];
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db, ingest::store::plans::plan_of_statement};

    #[tokio::test]
    async fn a_visit_is_put_in_without_reading_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("plans.db").display());
        let db = db::open(&url).await.unwrap();
        for sums in sums::EVERY {
            let these = these(DbBackend::Sqlite);
            let which = format!("{these} AND v.is_settled = FALSE");
            let put_in = sums.turn(DbBackend::Sqlite, "", &which);
            let put_in = statement(&db.read, &put_in, vec![1_i64.into(), "[]".into()]);

            let plan = plan_of_statement(&db, put_in).await;

            for step in plan.split("; ").filter(|step| step.starts_with("SEARCH")) {
                assert!(
                    !step.contains("(site_id=?)") && !step.contains(" id<?"),
                    "{step}"
                );
            }
            assert!(plan.contains("(site_id=? AND id=?)"), "{plan}");
        }
    }
}
