//! Puts visits into the cube and takes them out, each with one statement a table.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect,
    Statement, Value, sea_query::OnConflict,
};

use super::super::{
    cube::{ALL, BY_PATH, Dimension},
    group::Group,
    visit::Visit,
};
use crate::{
    db::entity::{OfSite, cube_day, goal_day, signature, site, visit},
    goal::signature::Signature,
    types::{Millis, SiteId, VisitId},
};

/// Signatures that are remembered as stored.
const KEPT_SIGNATURES: usize = 50_000;
/// Visits in one statement.
const AT_ONCE: usize = 500;
/// Stands for the cube among the locks of PostgreSQL.
const LOCK: i32 = 0x63_75_62_65;

/// The numbers under which a visit is summed up, as a table `k`.
fn dimensions(with_path: bool) -> String {
    let codes = Dimension::ALL.iter().copied().filter_map(Dimension::code);
    let path = with_path.then_some(BY_PATH);
    let each: Vec<String> = std::iter::once(ALL)
        .chain(codes)
        .chain(path)
        .map(|code| format!("SELECT {code} AS dim"))
        .collect();
    format!("({}) AS k", each.join(" UNION ALL "))
}

/// What the dimension `k` says of the visit `v`.
fn value() -> String {
    let cases: String = Dimension::ALL
        .iter()
        .copied()
        .filter_map(|dimension| {
            let code = dimension.code()?;
            Some(format!(" WHEN {code} THEN {}", dimension.of_visit()))
        })
        .collect();
    format!("CASE k.dim{cases} ELSE '' END")
}

/// Visits that count at all.
const COUNTED: &str = "NOT v.is_test AND v.pages > 0";

/// Adds the visits, or takes them away.
fn sum_visits(sign: &str, which: &str) -> String {
    format!(
        "INSERT INTO cube_day (site_id, dim, day, value, is_automated, signature_id, visits, conversions, value_minor, active_ms)
         SELECT v.site_id, k.dim, v.day, {}, v.is_automated, CASE k.dim WHEN {BY_PATH} THEN v.path_id ELSE v.signature_id END,
                {sign}COUNT(*), {sign}COUNT(v.macro_at), CAST({sign}SUM(v.value_minor) AS BIGINT), CAST({sign}SUM(v.active_ms) AS BIGINT)
         FROM visits v CROSS JOIN {}
         WHERE {which} AND {COUNTED}
         GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
         ON CONFLICT (site_id, dim, day, value, is_automated, signature_id) DO UPDATE SET
           visits = cube_day.visits + excluded.visits,
           conversions = cube_day.conversions + excluded.conversions,
           value_minor = cube_day.value_minor + excluded.value_minor,
           active_ms = cube_day.active_ms + excluded.active_ms",
        value(),
        dimensions(true)
    )
}

/// The same of the goals that they reached.
fn sum_goals(sign: &str, which: &str) -> String {
    format!(
        "INSERT INTO goal_day (site_id, dim, day, value, is_automated, version, bit, visits, events, value_minor)
         SELECT v.site_id, k.dim, v.day, {}, v.is_automated, v.funnel_version, g.bit,
                {sign}COUNT(*), CAST({sign}SUM(g.n) AS BIGINT), CAST({sign}SUM(g.value_minor) AS BIGINT)
         FROM visits v
         JOIN visit_goals g ON g.site_id = v.site_id AND g.visit_id = v.id
         CROSS JOIN {}
         WHERE {which} AND {COUNTED}
         GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
         ON CONFLICT (site_id, dim, day, value, is_automated, version, bit) DO UPDATE SET
           visits = goal_day.visits + excluded.visits,
           events = goal_day.events + excluded.events,
           value_minor = goal_day.value_minor + excluded.value_minor",
        value(),
        dimensions(false)
    )
}

fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
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
        let places: Vec<String> = (2..ids.len() + 2).map(|nth| format!("${nth}")).collect();
        let which = format!("v.id IN ({})", places.join(", "));
        let ids = ids.iter().map(|id| (*id).into()).collect();
        turn_all(tx, site, (which, ids), is_in).await?;
    }
    Ok(())
}

/// The same of those visits `v` that a condition names, whose values are counted from `$2` on.
async fn turn_all(
    tx: &impl ConnectionTrait,
    site: SiteId,
    (which, values): (String, Vec<Value>),
    is_in: bool,
) -> Result<(), DbErr> {
    let (sign, state) = if is_in { ("-", "TRUE") } else { ("", "FALSE") };
    // Compared, not named alone: SQLite would go through all that are not settled, and not by the ids.
    let which = format!("v.site_id = $1 AND {which} AND v.is_settled = {state}");
    let turned = format!("UPDATE visits AS v SET is_settled = NOT v.is_settled WHERE {which}");
    let values: Vec<Value> = std::iter::once(site.into()).chain(values).collect();
    for sql in [sum_visits(sign, &which), sum_goals(sign, &which), turned] {
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
/// them in memory.
pub async fn settle_day(tx: &impl ConnectionTrait, site: SiteId, day: i32) -> Result<(), DbErr> {
    lock(tx, site).await?;
    turn_all(tx, site, ("v.day = $2".into(), vec![day.into()]), false).await
}

/// Takes visits out of the cube that are in it, before anything of them changes.
pub(in crate::ingest) async fn unsettle(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
) -> Result<(), DbErr> {
    lock(tx, site).await?;
    turn(tx, site, visits, true).await?;
    for table in ["cube_day", "goal_day"] {
        let empty = format!("DELETE FROM {table} WHERE site_id = $1 AND visits = 0");
        tx.execute_raw(statement(tx, &empty, vec![site.into()]))
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
    let of_day = visit::Entity::of_site(site).filter(Column::Day.eq(day));
    if tx.get_database_backend() == DbBackend::Postgres {
        let ids = of_day.select_only().column(Column::Id).lock_exclusive();
        ids.into_tuple::<VisitId>().all(tx).await?;
    }
    lock(tx, site).await?;
    visit::Entity::update_many()
        .col_expr(Column::IsSettled, false.into())
        .filter(Column::SiteId.eq(site))
        .filter(Column::Day.eq(day))
        .exec(tx)
        .await?;
    let every = ALL..=BY_PATH;
    cube_day::Entity::delete_many()
        .filter(cube_day::Column::SiteId.eq(site))
        .filter(cube_day::Column::Dim.is_in(every.clone()))
        .filter(cube_day::Column::Day.eq(day))
        .exec(tx)
        .await?;
    goal_day::Entity::delete_many()
        .filter(goal_day::Column::SiteId.eq(site))
        .filter(goal_day::Column::Dim.is_in(every))
        .filter(goal_day::Column::Day.eq(day))
        .exec(tx)
        .await?;
    Ok(())
}

/// Nodes lock visits in the order of their keys, then the cube of the site.
async fn lock_visits(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let ids = visits.iter().copied().collect();
        super::load::these_visits(site, &ids).all(tx).await?;
    }
    Ok(())
}

async fn lock(tx: &impl ConnectionTrait, site: SiteId) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let site = i32::try_from(site.0 & 0x7fff_ffff).unwrap_or_default();
        let sql = "SELECT pg_advisory_xact_lock($1, $2)";
        let values = vec![LOCK.into(), site.into()];
        tx.execute_raw(statement(tx, sql, values)).await?;
    }
    Ok(())
}

/// Takes those visits of the group out of the cube that it is about to write.
pub(super) async fn unsettle_changed(
    tx: &impl ConnectionTrait,
    group: &mut Group,
) -> Result<(), DbErr> {
    let mut settled = BTreeMap::<SiteId, Vec<VisitId>>::new();
    for (site, id) in &group.changed {
        let visit = group.visits.get_mut(&(*site, *id));
        if let Some(visit) = visit.filter(|visit| visit.is_settled) {
            visit.is_settled = false;
            settled.entry(*site).or_default().push(*id);
        }
    }
    for (site, ids) in settled {
        unsettle(tx, site, &ids).await?;
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
    use sea_orm::QueryOrder;
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
