//! What the funnel reads. One statement for both engines: `$1` is understood by either driver, sums are cast back to whole numbers.
//!
//! Rows come per funnel version and with automated visits apart; which of them count is decided in one place, `assemble`.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement, Value};

use crate::{
    error::AppResult,
    ingest::{
        cube::Dimension,
        sums::{Kind, NAMED, Sums, VISITS, WORDS},
    },
    report::{
        overview::Choice,
        period::Period,
        signatures::{Days, Deeds, Packed, Query, of_visits},
    },
    site::{calendar, types::Site},
    types::{ImpressionId, Millis, ReasonId, SiteId},
};

/// Which visits to read: those that started from `first` to `last`; `from` parts the period before from the period itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// The tenant.
    pub(super) site_id: SiteId,
    /// First day of the period before, YYYYMMDD.
    pub(super) first: i32,
    /// First day of the period.
    pub(super) from: i32,
    /// Last day of the period.
    pub(super) last: i32,
    /// Only those of which each dimension says this.
    pub(super) filters: &'a [(Dimension, String)],
    /// Only those that did this.
    pub(super) deeds: Deeds,
    /// What packs of days hold of them.
    pub(super) packed: Option<&'a Arc<Packed>>,
}

/// How many visits of a kind gave a reason.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct ReasonRow {
    /// 1 in the period, 0 in the one before.
    pub(super) present: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) automated: i32,
    /// What they have in common.
    pub(super) kind: Kind,
    /// The reason.
    pub(super) reason_id: ReasonId,
    /// Its name.
    pub(super) name: String,
    /// Whether who names it is lost.
    pub(super) is_loss: bool,
    /// How many visits named it, each once.
    pub(super) n: i64,
}

/// The newest words at a step.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct VerbatimRow {
    /// As in [`super::counts::VisitRow`].
    pub(super) funnel_version: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) step: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) automated: i32,
    /// Where they stand.
    pub(super) impression_id: ImpressionId,
    /// When they were written.
    pub(super) answered_at: Millis,
    /// The words.
    pub(super) comment: String,
    /// A reason given with them.
    pub(super) reason: Option<String>,
    /// Place of the step at which they were asked, where that is a later one than their own; else 0.
    pub(super) place: i32,
}

/// The furthest step that a visit `g.visit_id` had reached by a time, as `WHEN` of its bit.
fn place_of_bit(steps: &[u8]) -> String {
    let cases = (1..).zip(steps);
    let cases: String = cases
        .map(|(place, bit): (usize, &u8)| format!(" WHEN {bit} THEN {place}"))
        .collect();
    format!("MAX(CASE g.bit{cases} ELSE 0 END)")
}

/// Whether a visit `v` never took the step after its own, and took one behind it.
fn skips_the_next(steps: &[u8]) -> String {
    let cases = |mask: &dyn Fn(usize) -> i64| -> String {
        let cases = (0..steps.len()).map(|step| format!(" WHEN {step} THEN {}", mask(step)));
        format!(
            "v.mask_all & CASE v.funnel_step{} ELSE 0 END",
            cases.collect::<String>()
        )
    };
    let bit = |bit: &u8| 1_i64 << bit;
    let next = cases(&|step| steps.get(step).map_or(0, bit));
    let behind = cases(&|step| {
        steps
            .iter()
            .skip(step + 1)
            .fold(0, |mask, one| mask | bit(one))
    });
    format!("({next}) = 0 AND ({behind}) <> 0")
}

/// Whether there is anything to report, and anything that asks.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(super) struct StateRow {
    /// 1 when the site was ever visited.
    pub(super) visited: i64,
    /// Prompts that ask now.
    pub(super) live_prompts: i64,
}

const STATE: &str = "SELECT
  (SELECT COUNT(*) FROM (SELECT 1 FROM visits WHERE site_id = $1 LIMIT 1) AS any_visit) AS visited,
  (SELECT COUNT(*) FROM prompts WHERE site_id = $1 AND status = 'published') AS live_prompts";

fn statement(db: &DatabaseTransaction, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Taken one by one: as the database gives them, a hundred thousand of them would take a hundred megabytes.
pub(super) async fn rows<R: FromQueryResult + Send + Unpin>(
    db: &DatabaseTransaction,
    sql: &str,
    values: Vec<Value>,
) -> AppResult<Vec<R>> {
    let rows = R::find_by_statement(statement(db, sql, values));
    Ok(rows.stream(db).await?.try_collect().await?)
}

impl<'a> Scope<'a> {
    /// Which visits of a site.
    pub(super) fn new(site: &Site, period: &Period, choice: &'a Choice) -> Self {
        let first = period.previous().0;
        Self {
            site_id: site.id,
            first: calendar::number(first),
            from: calendar::number(period.from),
            last: calendar::number(period.to),
            filters: &choice.filters,
            deeds: choice.segment.deeds(),
            packed: None,
        }
    }

    /// The period and the one before.
    pub(super) fn spans(self) -> Days {
        Days::between(vec![self.first, self.from])
    }

    /// What packs hold of them, of these tables; of visits by each day.
    pub(super) async fn packs(
        self,
        db: &DatabaseTransaction,
        tables: &[&'static Sums],
    ) -> AppResult<Arc<Packed>> {
        let spans = self.spans();
        let tables = tables.iter().map(|sums| (*sums, &spans));
        let tables: Vec<_> = [(&VISITS, &Days::Each)].into_iter().chain(tables).collect();
        Ok(self.query(self.first).with_packs(db, &tables).await?.packed)
    }

    /// The site, and first and last day of the period alone: `$1` to `$3`.
    pub(super) fn present(self) -> Vec<Value> {
        vec![self.site_id.into(), self.from.into(), self.last.into()]
    }

    /// All visits from this day on.
    pub(super) fn query(self, first: i32) -> Query {
        Query {
            filters: self.filters.to_vec(),
            deeds: self.deeds,
            packed: self.packed.cloned().unwrap_or_default(),
            // Those that may still move on are told apart only where that is asked for.
            ..Query::new(self.site_id, (first, self.last), Millis::MAX)
        }
    }

    /// 1 of the rows `s` that are of the period, 0 of those of the one before.
    pub(super) fn is_present(self) -> String {
        format!("CASE WHEN s.day < {} THEN 0 ELSE 1 END", self.from)
    }

    /// Conditions on the visit `v` by the filters, and the values with theirs behind them.
    pub(super) fn narrowed(self, mut values: Vec<Value>) -> (String, Vec<Value>) {
        let only = of_visits(self.filters, values.len() + 1);
        let only = format!("{only}{}", self.deeds.of_visits());
        let filters = self.filters.iter();
        values.extend(filters.map(|(_, value)| Value::from(value.as_str())));
        (only, values)
    }
}

/// Reasons by kind, in the period and the one before.
pub(super) async fn reasons(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
) -> AppResult<Vec<ReasonRow>> {
    let query = scope.query(scope.first);
    let sql = format!(
        "SELECT n.*, r.name, r.is_loss FROM (
           SELECT s.kind, {} AS present, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.reason_id,
             CAST(SUM(s.visits) AS BIGINT) AS n
           FROM ({}) AS s GROUP BY 1, 2, 3, 4
         ) AS n JOIN reasons r ON r.site_id = $1 AND r.id = n.reason_id",
        scope.is_present(),
        query.sums(&NAMED)
    );
    rows(db, &sql, query.values_of(&NAMED)).await
}

/// The newest words at each step of a funnel of the bits `steps`, in the period.
pub(super) async fn verbatims(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    steps: &[u8],
) -> AppResult<Vec<VerbatimRow>> {
    let place = match steps {
        [_, _, ..] => format!(
            "CASE WHEN {} THEN COALESCE((SELECT {} FROM visit_goals g
               WHERE g.site_id = $1 AND g.visit_id = i.visit_id AND g.first_at <= i.decided_at), 0) ELSE 0 END",
            skips_the_next(steps),
            place_of_bit(steps)
        ),
        _ => "0".into(),
    };
    let query = scope.query(scope.from);
    let sql = format!(
        "SELECT {place} AS place, n.funnel_version, n.step, n.automated, n.impression_id, n.answered_at, a.comment,
           (SELECT MIN(r.name) FROM answer_choices c JOIN reasons r ON r.site_id = c.site_id AND r.id = c.reason_id
            WHERE c.site_id = $1 AND c.impression_id = n.impression_id) AS reason
         FROM (
           SELECT s.version AS funnel_version, s.step, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.answered_at,
             s.impression_id, s.question_id, ROW_NUMBER() OVER (
               PARTITION BY s.version, s.step, s.is_automated ORDER BY s.answered_at DESC, s.impression_id DESC, s.question_id
             ) AS age
           FROM ({}) AS s
         ) AS n CROSS JOIN answers a CROSS JOIN impressions i CROSS JOIN visits v
         WHERE n.age = 1 AND a.site_id = $1 AND a.impression_id = n.impression_id AND a.question_id = n.question_id
           AND i.site_id = $1 AND i.id = n.impression_id AND v.site_id = $1 AND v.id = i.visit_id",
        query.sums(&WORDS)
    );
    rows(db, &sql, query.values_of(&WORDS)).await
}

/// Whether there is anything to report.
pub(super) async fn state(db: &DatabaseTransaction, site_id: SiteId) -> AppResult<StateRow> {
    let row = StateRow::find_by_statement(statement(db, STATE, vec![site_id.into()]))
        .one(db)
        .await?;
    Ok(row.unwrap_or_default())
}

impl ReasonRow {
    /// Whether they answered questions that offer these sets of reasons, by number, and no other.
    pub(super) fn is_of(&self, sets: &[i32]) -> bool {
        let answered = self.kind.answered.iter().map(|(set, _)| set);
        answered.eq(sets)
    }
}
