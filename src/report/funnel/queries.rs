//! What the funnel reads. One statement for both engines: `$1` is understood by either driver, sums are cast back to whole numbers.
//!
//! Rows come per funnel version and with automated visits apart; which of them count is decided in one place, `assemble`.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::{
    error::AppResult,
    ingest::{cube::Dimension, sums},
    report::{
        period::{Period, known_within},
        signatures::{Query, of_visits},
    },
    site::{calendar, types::Site},
    types::{ImpressionId, Millis, ReasonId, SiteId, VisitId},
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
    /// When these visits can have become known, both ends included.
    pub(super) known: (Millis, Millis),
    /// Only those of which each dimension says this.
    pub(super) filters: &'a [(Dimension, String)],
}

/// How many visits that stopped at a step gave a reason.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct ReasonRow {
    /// 1 in the period, 0 in the one before.
    pub(super) present: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) funnel_version: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) step: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) automated: i32,
    /// The reason.
    pub(super) reason_id: ReasonId,
    /// Its name.
    pub(super) name: String,
    /// How many visits named it, each once.
    pub(super) n: i64,
}

/// The visit `v` in which the answer `a` was given to the decision `i`. CROSS JOIN has SQLite begin with the answers, of which there are
/// fewest.
const OF_VISIT: &str = "FROM answers a CROSS JOIN impressions i CROSS JOIN visits v";

/// Which of them count: tests count nowhere, and visits without a page not here. Nobody answers what was not shown.
const COUNTED: &str =
    "a.site_id = $1 AND i.site_id = a.site_id AND i.id = a.impression_id AND v.site_id = a.site_id
  AND v.id = i.visit_id AND NOT v.is_test AND v.pages > 0 AND NOT a.is_test AND NOT i.is_test AND i.arm IS NOT NULL";

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
    /// As in [`LaterRow`]; 0 when they were asked at their own step.
    pub(super) place: i32,
}

const VERBATIMS: &str = "funnel_version, step, automated, impression_id, answered_at, comment,
       (SELECT MIN(r.name) FROM answer_choices c JOIN reasons r ON r.site_id = c.site_id AND r.id = c.reason_id
        WHERE c.site_id = $1 AND c.impression_id = newest.impression_id) AS reason
FROM (
  SELECT v.funnel_version,
         v.funnel_step AS step,
         CASE WHEN v.is_automated THEN 1 ELSE 0 END AS automated,
         a.impression_id,
         a.answered_at,
         a.comment,
         i.visit_id,
         i.decided_at,
         ROW_NUMBER() OVER (
           PARTITION BY v.funnel_version, v.funnel_step, v.is_automated
           ORDER BY a.answered_at DESC, a.impression_id DESC, a.question_id
         ) AS age,";

/// Visits that were asked at a later step than the one they stand at, because they never took the next one.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(super) struct LaterRow {
    /// As in [`super::counts::VisitRow`].
    pub(super) funnel_version: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) step: i32,
    /// As in [`super::counts::VisitRow`].
    pub(super) automated: i32,
    /// Place of the step at which they were asked: the furthest that they had reached by then.
    pub(super) place: i32,
    /// A reason that they named there; `None` for all who were asked.
    pub(super) reason_id: Option<ReasonId>,
    /// How many visits.
    pub(super) n: i64,
    /// How many of them answered.
    pub(super) answered: i64,
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

/// Decisions that asked such a visit.
fn asked_later(steps: &[u8], only: &str) -> String {
    format!(
        "WITH asked AS MATERIALIZED (
  SELECT i.id, i.visit_id, v.funnel_version, v.funnel_step AS step,
         CASE WHEN v.is_automated THEN 1 ELSE 0 END AS automated, {place} AS place
  FROM impressions i CROSS JOIN visits v CROSS JOIN visit_goals g
  WHERE i.site_id = $1 AND i.visit_id BETWEEN $4 AND $5 AND v.site_id = i.site_id AND v.id = i.visit_id
    AND g.site_id = v.site_id AND g.visit_id = v.id AND g.first_at <= i.decided_at
    AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0 AND NOT i.is_test AND i.arm IS NOT NULL AND {skips}{only}
  GROUP BY 1, 2, 3, 4, 5
)",
        place = place_of_bit(steps),
        skips = skips_the_next(steps)
    )
}

const LATER: &str = "SELECT asked.funnel_version, asked.step, asked.automated, asked.place,
       COUNT(DISTINCT asked.visit_id) AS n,
       COUNT(DISTINCT CASE WHEN a.impression_id IS NOT NULL THEN asked.visit_id END) AS answered";

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

fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

pub(super) async fn rows<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> AppResult<Vec<R>> {
    Ok(R::find_by_statement(statement(db, sql, values))
        .all(db)
        .await?)
}

impl<'a> Scope<'a> {
    /// Which visits of a site.
    pub(super) fn new(site: &Site, period: &Period, filters: &'a [(Dimension, String)]) -> Self {
        let first = period.previous().0;
        Self {
            site_id: site.id,
            first: calendar::number(first),
            from: calendar::number(period.from),
            last: calendar::number(period.to),
            known: known_within(first, period.to, &site.time_zone),
            filters,
        }
    }

    /// The site, and first and last day of the period alone: `$1` to `$3`.
    pub(super) fn present(self) -> Vec<Value> {
        vec![self.site_id.into(), self.from.into(), self.last.into()]
    }

    /// All visits from this day on.
    pub(super) fn query(self, first: i32) -> Query {
        Query {
            filters: self.filters.to_vec(),
            // Those that may still move on are told apart only where that is asked for.
            ..Query::new(self.site_id, (first, self.last), Millis::MAX)
        }
    }

    /// The values with the least ids behind them of visits that can have become known first, and behind the last.
    pub(super) fn with_visits(self, mut values: Vec<Value>) -> Vec<Value> {
        let (earliest, latest) = self.known;
        let ids = [earliest, latest].map(VisitId::first_of);
        values.extend(ids.map(Value::from));
        values
    }

    /// Conditions on the visit `v` by the filters, and the values with theirs behind them.
    pub(super) fn narrowed(self, mut values: Vec<Value>) -> (String, Vec<Value>) {
        let only = of_visits(self.filters, values.len() + 1);
        let filters = self.filters.iter();
        values.extend(filters.map(|(_, value)| Value::from(value.as_str())));
        (only, values)
    }
}

/// Visits from this day on that named a reason, each once, by all that they have in common.
pub(super) fn named(scope: Scope<'_>, first: i32) -> (String, Vec<Value>) {
    let days = [first, scope.last].map(Value::from);
    let values = std::iter::once(scope.site_id.into()).chain(days);
    let (only, values) = scope.narrowed(scope.with_visits(values.collect()));
    let sql = format!(
        "SELECT v.day, v.is_automated, c.reason_id, {}, COUNT(DISTINCT v.id) AS visits
         {OF_VISIT} CROSS JOIN answer_choices c
         WHERE {COUNTED} AND v.day BETWEEN $2 AND $3 AND a.visit_id BETWEEN $4 AND $5 AND c.site_id = a.site_id
           AND c.impression_id = a.impression_id AND c.question_id = a.question_id AND c.reason_id IS NOT NULL{only}
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12",
        sums::kind()
    );
    (sql, values)
}

/// Reasons by step, in the period and the one before.
pub(super) async fn reasons(
    db: &impl ConnectionTrait,
    scope: Scope<'_>,
) -> AppResult<Vec<ReasonRow>> {
    let (named, values) = named(scope, scope.first);
    let sql = format!(
        "SELECT CASE WHEN s.day < {} THEN 0 ELSE 1 END AS present, s.version AS funnel_version, s.step,
           CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.reason_id, r.name, CAST(SUM(s.visits) AS BIGINT) AS n
         FROM ({named}) AS s JOIN reasons r ON r.site_id = $1 AND r.id = s.reason_id
         GROUP BY 1, 2, 3, 4, 5, 6",
        scope.from
    );
    rows(db, &sql, values).await
}

/// The newest words at each step of a funnel of the bits `steps`, in the period.
pub(super) async fn verbatims(
    db: &impl ConnectionTrait,
    scope: Scope<'_>,
    steps: &[u8],
) -> AppResult<Vec<VerbatimRow>> {
    let place = match steps {
        [_, _, ..] => format!(
            "CASE WHEN is_later THEN COALESCE((SELECT {} FROM visit_goals g
               WHERE g.site_id = $1 AND g.visit_id = newest.visit_id AND g.first_at <= newest.decided_at), 0) ELSE 0 END",
            place_of_bit(steps)
        ),
        _ => "0".into(),
    };
    let is_later = match steps {
        [_, _, ..] => skips_the_next(steps),
        _ => "FALSE".into(),
    };
    let (only, values) = scope.narrowed(scope.with_visits(scope.present()));
    let sql = format!(
        "SELECT {place} AS place, {VERBATIMS}
         {is_later} AS is_later {OF_VISIT}
         WHERE {COUNTED} AND v.day BETWEEN $2 AND $3 AND a.visit_id BETWEEN $4 AND $5 AND a.comment <> ''{only}
         ) AS newest WHERE age = 1"
    );
    rows(db, &sql, values).await
}

/// Visits that were asked at a later step than their own, in the period: all of them, and by reason.
pub(super) async fn asked_at_later(
    db: &impl ConnectionTrait,
    scope: Scope<'_>,
    steps: &[u8],
) -> AppResult<Vec<LaterRow>> {
    if steps.len() < 2 {
        return Ok(vec![]);
    }
    let (only, values) = scope.narrowed(scope.with_visits(scope.present()));
    let asked = asked_later(steps, &only);
    let of_answer = "answers a ON a.site_id = $1 AND a.impression_id = asked.id AND NOT a.is_test";
    let all = format!(
        "{asked} {LATER}, CAST(NULL AS BIGINT) AS reason_id FROM asked LEFT JOIN {of_answer} GROUP BY 1, 2, 3, 4"
    );
    let named = format!(
        "{asked} {LATER}, c.reason_id FROM asked JOIN {of_answer}
         JOIN answer_choices c ON c.site_id = $1 AND c.impression_id = a.impression_id AND c.question_id = a.question_id
         WHERE c.reason_id IS NOT NULL GROUP BY 1, 2, 3, 4, 7"
    );
    let mut all: Vec<LaterRow> = rows(db, &all, values.clone()).await?;
    all.extend(rows::<LaterRow>(db, &named, values).await?);
    Ok(all)
}

/// Whether there is anything to report.
pub(super) async fn state(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<StateRow> {
    let row = StateRow::find_by_statement(statement(db, STATE, vec![site_id.into()]))
        .one(db)
        .await?;
    Ok(row.unwrap_or_default())
}
