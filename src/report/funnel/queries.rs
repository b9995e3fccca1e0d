//! What the funnel reads. One statement for both engines: `$1` is understood by either driver, sums are cast back to whole numbers.
//!
//! Rows come per funnel version and with automated visits apart; which of them count is decided in one place, `assemble`.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::{
    error::AppResult,
    types::{ImpressionId, Millis, ReasonId, SiteId, VisitId},
};

/// Which visits to read: those that started from `first` to `last`; `from` parts the period before from the period itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
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
}

/// Visits that are alike in everything that the funnel counts.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(super) struct VisitRow {
    /// Day of the start; 0 for the period before.
    pub(super) day: i32,
    /// The funnel they were counted by.
    pub(super) funnel_version: i32,
    /// Steps reached one after the other.
    pub(super) step: i32,
    /// 1 when the main goal was reached in any way.
    pub(super) converted: i32,
    /// 1 while they may still move on.
    pub(super) open: i32,
    /// 1 for automated browsers.
    pub(super) automated: i32,
    /// What became of asking: 3 answered, 2 silent, 1 left unasked, 0 could not be asked.
    pub(super) asked: i32,
    /// `desktop` or `touch`.
    pub(super) device: String,
    /// Bits of the goals beyond that step that they reached all the same.
    pub(super) beyond: i64,
    /// How many visits.
    pub(super) n: i64,
    /// How many answers they gave.
    pub(super) answers: i64,
}

/// Whoever only answered a question by its link has opened no page, and could reach no step.
/// What became of asking is looked up for visits that can be of these days only: their ids begin with the time.
const ASKED: &str = "WITH asked AS (
  SELECT i.visit_id,
         MAX(CASE WHEN a.impression_id IS NOT NULL THEN 3 WHEN i.arm = 'shown' THEN 2 ELSE 1 END) AS asked,
         COUNT(DISTINCT a.impression_id) AS answers
  FROM impressions i
  LEFT JOIN answers a ON a.site_id = i.site_id AND a.impression_id = i.id AND NOT a.is_test
  WHERE i.site_id = $1 AND i.visit_id BETWEEN $6 AND $7 AND NOT i.is_test AND (i.arm IS NOT NULL OR a.impression_id IS NOT NULL)
  GROUP BY i.visit_id
)";

const VISITS: &str = "SELECT CASE WHEN v.day < $3 THEN 0 ELSE v.day END AS day,
       v.funnel_version,
       v.funnel_step AS step,
       CASE WHEN v.macro_at IS NULL THEN 0 ELSE 1 END AS converted,
       CASE WHEN v.closed_at IS NULL AND v.last_at > $5 THEN 1 ELSE 0 END AS open,
       CASE WHEN v.is_automated THEN 1 ELSE 0 END AS automated,
       COALESCE(asked.asked, 0) AS asked,
       v.device";

const COUNTS: &str = "COUNT(*) AS n,
       CAST(SUM(COALESCE(asked.answers, 0)) AS BIGINT) AS answers
FROM visits v
LEFT JOIN asked ON asked.visit_id = v.id
WHERE v.site_id = $1 AND v.day BETWEEN $2 AND $4 AND NOT v.is_test AND v.pages > 0
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9";

/// The goals beyond the step of a visit `v` that it reached, in a funnel of these bits.
fn beyond(steps: &[u8]) -> String {
    let mut later = steps.iter().fold(0_i64, |mask, bit| mask | 1 << bit);
    let cases: String = (0..)
        .zip(steps)
        .map(|(step, bit): (usize, &u8)| {
            let case = format!(" WHEN {step} THEN {later}");
            later &= !(1 << bit);
            case
        })
        .collect();
    if cases.is_empty() {
        return "CAST(0 AS BIGINT)".into();
    }
    format!("v.mask_all & CASE v.funnel_step{cases} ELSE 0 END")
}

/// How many visits that stopped at a step gave a reason.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct ReasonRow {
    /// 1 in the period, 0 in the one before.
    pub(super) present: i32,
    /// As in [`VisitRow`].
    pub(super) funnel_version: i32,
    /// As in [`VisitRow`].
    pub(super) step: i32,
    /// As in [`VisitRow`].
    pub(super) automated: i32,
    /// The reason.
    pub(super) reason_id: ReasonId,
    /// Its name.
    pub(super) name: String,
    /// How many visits named it, each once.
    pub(super) n: i64,
}

/// The visit `v` in which the answer `a` was given to the decision `i`.
const OF_VISIT: &str = "JOIN impressions i ON i.site_id = a.site_id AND i.id = a.impression_id
JOIN visits v ON v.site_id = a.site_id AND v.id = i.visit_id";

/// Tests count nowhere, and visits without a page not here.
const COUNTED: &str = "NOT v.is_test AND v.pages > 0 AND NOT a.is_test AND NOT i.is_test";

const REASONS: &str = "SELECT CASE WHEN v.day < $3 THEN 0 ELSE 1 END AS present,
       v.funnel_version,
       v.funnel_step AS step,
       CASE WHEN v.is_automated THEN 1 ELSE 0 END AS automated,
       r.id AS reason_id,
       r.name,
       COUNT(DISTINCT v.id) AS n
FROM answer_choices c
JOIN answers a ON a.site_id = c.site_id AND a.impression_id = c.impression_id AND a.question_id = c.question_id";

const NAMED: &str = "JOIN reasons r ON r.site_id = c.site_id AND r.id = c.reason_id";

/// The newest words at a step.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct VerbatimRow {
    /// As in [`VisitRow`].
    pub(super) funnel_version: i32,
    /// As in [`VisitRow`].
    pub(super) step: i32,
    /// As in [`VisitRow`].
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
    /// As in [`VisitRow`].
    pub(super) funnel_version: i32,
    /// As in [`VisitRow`].
    pub(super) step: i32,
    /// As in [`VisitRow`].
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
fn asked_later(steps: &[u8]) -> String {
    format!(
        "WITH asked AS (
  SELECT i.id, i.visit_id, v.funnel_version, v.funnel_step AS step,
         CASE WHEN v.is_automated THEN 1 ELSE 0 END AS automated, {place} AS place
  FROM visits v
  JOIN impressions i ON i.site_id = v.site_id AND i.visit_id = v.id
  JOIN visit_goals g ON g.site_id = v.site_id AND g.visit_id = v.id AND g.first_at <= i.decided_at
  WHERE v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0
    AND NOT i.is_test AND i.arm IS NOT NULL AND {skips}
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

impl Scope {
    /// `$1` to `$4`.
    fn values(self) -> Vec<Value> {
        let days = [self.first, self.from, self.last].map(Value::from);
        std::iter::once(self.site_id.into()).chain(days).collect()
    }

    /// The site, and first and last day of the period alone.
    pub(super) fn present(self) -> Vec<Value> {
        vec![self.site_id.into(), self.from.into(), self.last.into()]
    }
}

/// Visits by everything that a funnel of the bits `steps` counts; open are those that were active after `open_after`.
pub(super) async fn visits(
    db: &impl ConnectionTrait,
    scope: Scope,
    steps: &[u8],
    open_after: Millis,
) -> AppResult<Vec<VisitRow>> {
    let mut values = scope.values();
    let (earliest, latest) = scope.known;
    values.extend([
        open_after.into(),
        VisitId::first_of(earliest).into(),
        VisitId::first_of(latest).into(),
    ]);
    let sql = format!("{ASKED} {VISITS}, {} AS beyond, {COUNTS}", beyond(steps));
    rows(db, &sql, values).await
}

/// Reasons by step, in the period and the one before.
pub(super) async fn reasons(db: &impl ConnectionTrait, scope: Scope) -> AppResult<Vec<ReasonRow>> {
    let sql = format!(
        "{REASONS} {OF_VISIT} {NAMED}
         WHERE c.site_id = $1 AND v.day BETWEEN $2 AND $4 AND {COUNTED} GROUP BY 1, 2, 3, 4, 5, 6"
    );
    rows(db, &sql, scope.values()).await
}

/// The newest words at each step of a funnel of the bits `steps`, in the period.
pub(super) async fn verbatims(
    db: &impl ConnectionTrait,
    scope: Scope,
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
    let sql = format!(
        "SELECT {place} AS place, {VERBATIMS}
         {is_later} AS is_later FROM answers a {OF_VISIT}
         WHERE a.site_id = $1 AND v.day BETWEEN $2 AND $3 AND a.comment <> '' AND {COUNTED}
         ) AS newest WHERE age = 1"
    );
    rows(db, &sql, scope.present()).await
}

/// Visits that were asked at a later step than their own, in the period: all of them, and by reason.
pub(super) async fn asked_at_later(
    db: &impl ConnectionTrait,
    scope: Scope,
    steps: &[u8],
) -> AppResult<Vec<LaterRow>> {
    if steps.len() < 2 {
        return Ok(vec![]);
    }
    let asked = asked_later(steps);
    let of_answer = "answers a ON a.site_id = $1 AND a.impression_id = asked.id AND NOT a.is_test";
    let all = format!(
        "{asked} {LATER}, CAST(NULL AS BIGINT) AS reason_id FROM asked LEFT JOIN {of_answer} GROUP BY 1, 2, 3, 4"
    );
    let named = format!(
        "{asked} {LATER}, c.reason_id FROM asked JOIN {of_answer}
         JOIN answer_choices c ON c.site_id = $1 AND c.impression_id = a.impression_id AND c.question_id = a.question_id
         WHERE c.reason_id IS NOT NULL GROUP BY 1, 2, 3, 4, 7"
    );
    let mut all: Vec<LaterRow> = rows(db, &all, scope.present()).await?;
    all.extend(rows::<LaterRow>(db, &named, scope.present()).await?);
    Ok(all)
}

/// Whether there is anything to report.
pub(super) async fn state(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<StateRow> {
    let row = StateRow::find_by_statement(statement(db, STATE, vec![site_id.into()]))
        .one(db)
        .await?;
    Ok(row.unwrap_or_default())
}
