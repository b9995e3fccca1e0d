//! How often a question would have fired last week, told from the stored behaviour of real visits.
//!
//! The journal is read, not the facts of visits: a goal that an editor has just described was counted in none of them.

mod replay;

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use self::replay::{Moment, replay};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        types::{Goal, GoalRule},
    },
    ingest::{
        event::{EventKind, Placed},
        fold::StoredBatch,
    },
    prompt::{
        draft::{GoalChoice, NewDesign},
        types::{AskAt, DeviceRule, Schedule, Target},
    },
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    types::{Millis, PromptId, ViewId, VisitId},
};

/// Visits that are read at most, the newest first; from more of them the figures are scaled up.
const MOST_VISITS: u64 = 20_000;
/// Visits whose journal is held at once.
const AT_ONCE: usize = 1_000;
/// An earlier question that is asked for in the same request is decided so shortly after.
const SAME_REQUEST: Millis = 2_000;

/// What last week tells about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// First of the seven days.
    pub from: Date,
    /// Last of them, yesterday.
    pub to: Date,
    /// Visits of these days that can tell.
    pub visits: i64,
    /// Visits of these days that were imported and left out: imports do not tell of such a moment.
    pub imported: i64,
    /// Of them, those that reached A.
    pub reached: i64,
    /// Of them, those in which it would have fired.
    pub fired: i64,
    /// Of these, those in which as many others came first as a visit may have, or one was closed before.
    pub taken: i64,
    /// Only the newest visits were read.
    pub is_scaled: bool,
    /// Moments of the question of which the journal does not tell.
    pub untold: Vec<AskAt>,
    /// A, B or C is about a visit as a whole (scrolling, staying, viewing again, coming back), which the journal is not gone through for.
    pub is_of_whole_visit: bool,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The prompt that the design is of: its own decisions take nothing from it.
    pub prompt: PromptId,
    /// The design as the editor holds it.
    pub design: &'a NewDesign,
    /// The goals that the site counts.
    pub goals: &'a [Goal],
}

#[derive(Debug, FromQueryResult)]
struct VisitRow {
    id: VisitId,
    device: String,
    language: String,
    visit_number: Option<i32>,
    is_imported: bool,
}

impl VisitRow {
    /// Whether the question is meant for who came.
    fn is_meant(&self, target: &Target) -> bool {
        (target.device == DeviceRule::Any || target.device.as_str() == self.device)
            && target.is_in_language(&self.language)
            && target.is_visit(self.visit_number) == Some(true)
    }
}

#[derive(Debug, FromQueryResult)]
struct CountRow {
    n: i64,
}

#[derive(Debug, FromQueryResult)]
struct BatchRow {
    visit_id: VisitId,
    view_id: ViewId,
    first_seq: i32,
    view_started_at: Millis,
    body: String,
}

/// What is stored of a visit.
type Journal = Vec<StoredBatch>;

/// Whether it tells nothing that only a script in the page can.
fn is_of_most_imports(journal: &Journal) -> bool {
    let mut events = journal.iter().flat_map(|batch| &batch.events);
    !journal.is_empty() && events.all(|event| event.kind.is_none_or(is_in_most_imports))
}

#[derive(Debug, FromQueryResult)]
struct DrawnRow {
    visit_id: VisitId,
    prompt_id: PromptId,
    decided_at: Millis,
    dismissed_at: Option<Millis>,
}

/// Which visits count: `$1` site, `$2` and `$3` first and last day, `$4` automated browsers too.
const WHICH: &str =
    "v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND (NOT v.is_automated OR $4)";

/// What tools for statistics record; moves to leave, scrolling and the like they do not.
fn is_in_most_imports(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::PageView
            | EventKind::Track
            | EventKind::Click
            | EventKind::FormStarted
            | EventKind::FormCompleted
    )
}

/// Whether a visit of which only these are known cannot tell of the moment.
fn is_beyond_imports(design: &NewDesign) -> bool {
    let moment = &design.moment;
    let is_beyond = |ask_at: &AskAt| {
        !matches!(
            ask_at,
            AskAt::PageView | AskAt::NextPage | AskAt::Event | AskAt::Reached
        )
    };
    if moment.all {
        moment.ask_at.iter().any(is_beyond)
    } else {
        moment.ask_at.iter().all(is_beyond)
    }
}

/// Goes through the visits of the last seven full days.
pub async fn load(db: &Db, site: &Site, asked: Asked<'_>, now: Millis) -> AppResult<Estimate> {
    let today = calendar::date_of(calendar::day_of(now, &site.time_zone)).unwrap_or_default();
    let (from, to) = (
        today.saturating_sub(7.days()),
        today.saturating_sub(1.day()),
    );
    let tx = db.snapshot().await?;
    let form_paths = goal::store::list_form_paths(&tx, site.id).await?;
    let moment = moment_of(asked, &form_paths);
    let week = Week {
        db: &tx,
        site,
        values: [
            site.id.into(),
            calendar::number(from).into(),
            calendar::number(to).into(),
            (site.kind == SiteKind::Demo).into(),
        ],
    };
    let visits = week.visits().await?;
    let mut found = Found::default();
    let mut rules = moment.after.iter().chain(&moment.against);
    let is_of_whole_visit = rules.any(|rule| rule.needs_visit());
    let gone_through = visits.chunks(AT_ONCE).filter(|_| !is_of_whole_visit);
    for some in gone_through {
        week.count(some, &moment, asked, &mut found).await?;
    }
    let all = match visits.len() as u64 {
        MOST_VISITS.. => week.count_visits().await?,
        few => i64::try_from(few).unwrap_or(i64::MAX),
    };
    tx.commit().await?;
    let read = i64::try_from(visits.len()).unwrap_or(i64::MAX).max(1);
    let scaled = |n: i64| (n * all + read / 2) / read;
    Ok(Estimate {
        from,
        to,
        visits: all - scaled(found.imported),
        imported: scaled(found.imported),
        reached: scaled(found.reached),
        fired: scaled(found.fired),
        taken: scaled(found.taken),
        is_scaled: all > read,
        untold: untold(asked.design),
        is_of_whole_visit,
    })
}

fn untold(design: &NewDesign) -> Vec<AskAt> {
    let ask_at = design.moment.ask_at.iter().copied();
    ask_at.filter(|ask_at| !replay::is_told(*ask_at)).collect()
}

fn moment_of<'a>(asked: Asked<'a>, form_paths: &'a [(String, String)]) -> Moment<'a> {
    let moment = &asked.design.moment;
    let rule = |choice: &'a GoalChoice| choice.rule(asked.goals);
    let steps = asked
        .goals
        .iter()
        .filter(|goal| goal.funnel_position.is_some() || goal.is_primary);
    Moment {
        after: moment.after.as_ref().and_then(rule),
        against: moment
            .expect
            .iter()
            .chain(&moment.cancel)
            .filter_map(rule)
            .collect::<Vec<&GoalRule>>(),
        steps: steps.map(|goal| &goal.current.rule).collect(),
        ask_at: &moment.ask_at,
        is_all: moment.all,
        delay: moment.delay_ms,
        within: moment.within_ms,
        about: &moment.details,
        min_active: moment.min_active_ms,
        keys: moment.keys,
        target: &asked.design.target,
        form_paths,
    }
}

#[derive(Default)]
struct Found {
    imported: i64,
    reached: i64,
    fired: i64,
    taken: i64,
}

/// The visits of the seven days.
struct Week<'a, C> {
    db: &'a C,
    site: &'a Site,
    values: [Value; 4],
}

impl<C: ConnectionTrait> Week<'_, C> {
    fn statement(&self, sql: String, more: impl IntoIterator<Item = Value>) -> Statement {
        let values = self.values.iter().cloned().chain(more);
        Statement::from_sql_and_values(self.db.get_database_backend(), sql, values)
    }

    /// The newest ones, oldest first.
    async fn visits(&self) -> AppResult<Vec<VisitRow>> {
        let sql = format!(
            "SELECT v.id, v.device, v.language, v.visit_number, v.is_imported FROM visits v WHERE {WHICH} ORDER BY v.id DESC LIMIT {MOST_VISITS}"
        );
        let rows = VisitRow::find_by_statement(self.statement(sql, []))
            .all(self.db)
            .await?;
        Ok(rows.into_iter().rev().collect())
    }

    async fn count_visits(&self) -> AppResult<i64> {
        let sql = format!("SELECT COUNT(*) AS n FROM visits v WHERE {WHICH}");
        let row = CountRow::find_by_statement(self.statement(sql, []))
            .one(self.db)
            .await?;
        Ok(row.map_or(0, |row| row.n))
    }

    /// Adds what these visits, which follow each other, came to.
    async fn count(
        &self,
        visits: &[VisitRow],
        moment: &Moment<'_>,
        asked: Asked<'_>,
        found: &mut Found,
    ) -> AppResult<()> {
        let [Some(first), Some(last)] = [visits.first(), visits.last()] else {
            return Ok(());
        };
        let range = [first.id.into(), last.id.into()];
        let mut journal = self.journal(range.clone()).await?;
        let drawn = self.drawn(range).await?;
        let is_beyond_imports = is_beyond_imports(asked.design);
        for visit in visits {
            let journal = journal.remove(&visit.id).unwrap_or_default();
            if is_beyond_imports && visit.is_imported && is_of_most_imports(&journal) {
                found.imported += 1;
                continue;
            }
            if !visit.is_meant(moment.target) {
                continue;
            }
            let mut events: Vec<Placed<'_>> =
                journal.iter().flat_map(StoredBatch::placed).collect();
            events.sort_by_key(|placed| placed.order);
            let outcome = replay(moment, &events);
            found.reached += i64::from(outcome.is_reached);
            let schedule = &asked.design.fairness.schedule;
            let fired_at = outcome.fired_at.filter(|at| self.is_open(schedule, *at));
            let Some(at) = fired_at else { continue };
            found.fired += 1;
            let others = drawn.get(&visit.id).into_iter().flatten();
            let others = others.filter(|other| other.prompt_id != asked.prompt);
            let is_taken = self.is_taken(others, asked.prompt, at);
            found.taken += i64::from(is_taken);
        }
        Ok(())
    }

    /// Whether it would have asked at that hour of that day.
    fn is_open(&self, schedule: &Schedule, at: Millis) -> bool {
        schedule.is_open(calendar::local_time(at, &self.site.time_zone))
    }

    /// Whether the visit had its questions by then, or had closed one.
    fn is_taken<'r>(
        &self,
        others: impl Iterator<Item = &'r DrawnRow>,
        prompt: PromptId,
        at: Millis,
    ) -> bool {
        let mut before = 0;
        for other in others {
            // Of several in one request the first of the list comes first; that is mostly the oldest.
            let is_older = other.prompt_id < prompt;
            let grace = if is_older { SAME_REQUEST } else { 0 };
            before += u8::from(other.decided_at <= at + grace);
            if other.dismissed_at.is_some_and(|closed| closed <= at) {
                return true;
            }
        }
        before >= self.site.questions_per_visit
    }

    async fn journal(&self, range: [Value; 2]) -> AppResult<HashMap<VisitId, Journal>> {
        let sql = format!(
            "SELECT b.visit_id, b.view_id, b.first_seq, b.view_started_at, b.body
             FROM visits v JOIN batches b ON b.site_id = v.site_id AND b.visit_id = v.id
             WHERE {WHICH} AND v.id BETWEEN $5 AND $6"
        );
        let rows = BatchRow::find_by_statement(self.statement(sql, range))
            .all(self.db)
            .await?;
        let mut journal: HashMap<VisitId, Journal> = HashMap::new();
        for row in rows {
            let batch = StoredBatch {
                view_id: row.view_id,
                first_seq: row.first_seq,
                view_started_at: row.view_started_at,
                events: serde_json::from_str(&row.body).unwrap_or_default(),
            };
            journal.entry(row.visit_id).or_default().push(batch);
        }
        Ok(journal)
    }

    /// Decisions that used up a visit's one question.
    async fn drawn(&self, range: [Value; 2]) -> AppResult<HashMap<VisitId, Vec<DrawnRow>>> {
        let sql = "SELECT i.visit_id, i.prompt_id, i.decided_at, i.dismissed_at FROM impressions i
             WHERE i.site_id = $1 AND i.visit_id BETWEEN $2 AND $3 AND i.arm IS NOT NULL AND i.is_automatic AND NOT i.is_test";
        let values = [self.site.id.into()].into_iter().chain(range);
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
        let mut drawn: HashMap<VisitId, Vec<DrawnRow>> = HashMap::new();
        for row in DrawnRow::find_by_statement(statement).all(self.db).await? {
            drawn.entry(row.visit_id).or_default().push(row);
        }
        Ok(drawn)
    }
}
