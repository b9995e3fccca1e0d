//! What to know about the data before believing it: what was not kept, what was unclear, who was no person.

use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
    Value,
};

use super::period::Period;
use crate::{
    clock::{HOUR, MINUTE},
    db::{
        Db,
        entity::{OfSite, audit, drop},
    },
    error::AppResult,
    goal::{self, types::Recount},
    ingest::reply::DropReason,
    site::{self, calendar, types::RefusedOrigin},
    stats::Rate,
    types::{Millis, SiteId, ViewId},
};

/// Data quality of one site over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QualityReport {
    /// What was not kept, by code of the reason, most frequent first. Days are UTC.
    pub drops: Vec<(String, i64)>,
    /// Addresses whose events were refused, newest first; of all time.
    pub refused: Vec<RefusedOrigin>,
    /// Visits of people for whom it was unclear which visit a page belonged to.
    pub ambiguous: Rate,
    /// Visits of automated browsers.
    pub automated: Rate,
    /// Visits of the owner's own tests.
    pub test: i64,
    /// Answers that arrived long after they were given.
    pub late: Rate,
    /// Visits that count.
    pub visits: i64,
    /// Of the newest visits, those with something that arrived more than an hour after all that happened in them.
    pub late_visits: Rate,
    /// Of the pages of the newest visits, those whose device's clock was off by more than a minute.
    pub wrong_clocks: Rate,
    /// Likewise by more than an hour.
    pub far_clocks: Rate,
    /// Visits of people that were read from a file.
    pub imported: Rate,
    /// Visits counted by older definitions of the goals than those in force.
    pub older_goals: Rate,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
    /// The newest comparisons of what reports read with the visits, newest first; of all time.
    pub audits: Vec<Audit>,
}

/// A day on which what reports read was compared with the visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit {
    /// YYYYMMDD.
    pub day: i32,
    /// When it was compared.
    pub at: Millis,
    /// Visits of that day.
    pub visits: i64,
    /// Rows that differed.
    pub differing: i64,
    /// Whether the day was summed up again.
    pub mended: bool,
}

#[derive(Debug, Default, FromQueryResult)]
struct VisitCounts {
    n: i64,
    test: i64,
    automated: i64,
    ambiguous: i64,
    older: i64,
    imported: i64,
}

const VISITS: &str = "SELECT COUNT(*) AS n,
  COUNT(CASE WHEN is_test THEN 1 END) AS test,
  COUNT(CASE WHEN is_automated AND NOT is_test THEN 1 END) AS automated,
  COUNT(CASE WHEN is_ambiguous AND NOT is_automated AND NOT is_test THEN 1 END) AS ambiguous,
  COUNT(CASE WHEN funnel_version < $4 AND NOT is_automated AND NOT is_test THEN 1 END) AS older,
  COUNT(CASE WHEN is_imported AND NOT is_automated AND NOT is_test THEN 1 END) AS imported
FROM visits WHERE site_id = $1 AND day BETWEEN $2 AND $3 AND pages > 0";

#[derive(Debug, Default, FromQueryResult)]
struct AnswerCounts {
    n: i64,
    late: i64,
}

const ANSWERS: &str = "SELECT COUNT(*) AS n, COUNT(CASE WHEN a.is_late THEN 1 END) AS late
FROM answers a JOIN visits v ON v.site_id = a.site_id AND v.id = a.visit_id
WHERE a.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT a.is_test AND NOT v.is_test";

#[derive(Debug, Default, FromQueryResult)]
struct ArrivalCounts {
    n: i64,
    late: i64,
}

/// Of visits that the script told of.
const ARRIVALS: &str = "SELECT COUNT(*) AS n,
  COUNT(CASE WHEN a.newest > a.last_at + $5 THEN 1 END) AS late
FROM (SELECT v.last_at,
        (SELECT MAX(b.received_at) FROM batches b WHERE b.site_id = v.site_id AND b.visit_id = v.id) AS newest
      FROM visits v WHERE v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND NOT v.is_automated AND NOT v.is_imported
      ORDER BY v.id DESC LIMIT $4) AS a
WHERE a.newest IS NOT NULL";

/// Of visits that the script told of, when each page was opened: by its id, which the device made, and by what arrived.
const OPENED: &str = "SELECT b.view_id, b.view_started_at FROM batches b
WHERE b.site_id = $1 AND b.first_seq = 0 AND b.visit_id IN (
  SELECT v.id FROM visits v WHERE v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND NOT v.is_automated AND NOT v.is_imported
  ORDER BY v.id DESC LIMIT $4)";

#[derive(Debug, FromQueryResult)]
struct Opened {
    view_id: ViewId,
    view_started_at: Millis,
}

/// Visits whose arrival is looked at.
pub const LOOKED_AT: i64 = 20_000;
/// Visits whose pages' clocks are looked at.
const CLOCKS_OF: i64 = 5_000;
/// Comparisons on the page.
const AUDITS: u64 = 8;

fn statement(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    sql: &str,
    period: &Period,
    more: &[i64],
) -> Statement {
    let mut values: Vec<Value> = vec![
        site_id.into(),
        calendar::number(period.from).into(),
        calendar::number(period.to).into(),
    ];
    values.extend(more.iter().map(|value| Value::from(*value)));
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

async fn counted<R: FromQueryResult + Default>(
    db: &impl ConnectionTrait,
    statement: Statement,
) -> AppResult<R> {
    Ok(R::find_by_statement(statement)
        .one(db)
        .await?
        .unwrap_or_default())
}

/// Loads the report.
pub async fn load(db: &Db, site_id: SiteId, period: &Period) -> AppResult<QualityReport> {
    let tx = db.snapshot().await?;
    let recount = goal::store::recount::find(&tx, site_id).await?;
    let definitions = goal::store::load_definitions(&tx, site_id).await?;
    let version = i64::from(definitions.version());
    let of = |sql, more: &[i64]| statement(&tx, site_id, sql, period, more);
    let visits: VisitCounts = counted(&tx, of(VISITS, &[version])).await?;
    let answers: AnswerCounts = counted(&tx, of(ANSWERS, &[])).await?;
    let arrivals: ArrivalCounts = counted(&tx, of(ARRIVALS, &[LOOKED_AT, HOUR])).await?;
    let opened = Opened::find_by_statement(of(OPENED, &[CLOCKS_OF]));
    let opened = opened.all(&tx).await?;
    let people = visits.n - visits.test - visits.automated;
    let report = QualityReport {
        drops: drops(&tx, site_id, period).await?,
        refused: site::store::list_refused(&tx, site_id).await?,
        ambiguous: Rate::new(visits.ambiguous, people),
        automated: Rate::new(visits.automated, visits.n - visits.test),
        test: visits.test,
        late: Rate::new(answers.late, answers.n),
        visits: people,
        late_visits: Rate::new(arrivals.late, arrivals.n),
        wrong_clocks: off_by_more_than(MINUTE, &opened),
        far_clocks: off_by_more_than(HOUR, &opened),
        imported: Rate::new(visits.imported, people),
        older_goals: Rate::new(visits.older, people),
        recount,
        audits: audits(&tx, site_id).await?,
    };
    tx.commit().await?;
    Ok(report)
}

/// Pages whose device's clock differs by more than so much (ms) from what arrived.
fn off_by_more_than(limit: Millis, opened: &[Opened]) -> Rate {
    let off = opened
        .iter()
        .filter_map(|it| Some(it.view_id.made_at()?.abs_diff(it.view_started_at)));
    let off: Vec<u64> = off.collect();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let wrong = off.iter().filter(|off| **off > limit.unsigned_abs());
    Rate::new(count(wrong.count()), count(off.len()))
}

async fn audits(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<Audit>> {
    let rows = audit::Entity::of_site(site_id)
        .order_by_desc(audit::Column::AuditedAt)
        .order_by_desc(audit::Column::Day)
        .limit(AUDITS)
        .all(db)
        .await?;
    let audit = |row: audit::Model| Audit {
        day: row.day,
        at: row.audited_at,
        visits: row.visits,
        differing: row.differing,
        mended: row.mended,
    };
    Ok(rows.into_iter().map(audit).collect())
}

/// How many events told amounts in another currency than the site had when they came, on the period's first day or later (days are UTC):
/// those of its visits are among them, however late they came or were imported. What they are worth is known only if the site's
/// currency changed since.
pub(super) async fn in_other_currency(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    period: &Period,
) -> AppResult<i64> {
    let rows = drop::Entity::of_site(site_id)
        .filter(drop::Column::Day.gte(calendar::number(period.from)))
        .filter(drop::Column::Reason.eq(DropReason::OtherCurrency.as_str()))
        .all(db)
        .await?;
    Ok(rows.iter().map(|row| row.n).sum())
}

async fn drops(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    period: &Period,
) -> AppResult<Vec<(String, i64)>> {
    let days = [calendar::number(period.from), calendar::number(period.to)];
    let rows = drop::Entity::of_site(site_id)
        .filter(drop::Column::Day.between(days[0], days[1]))
        .all(db)
        .await?;
    let mut drops: Vec<(String, i64)> = Vec::new();
    for row in rows {
        match drops.iter_mut().find(|(reason, _)| *reason == row.reason) {
            Some((_, n)) => *n += row.n,
            None => drops.push((row.reason, row.n)),
        }
    }
    drops.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    Ok(drops)
}
