//! What one transaction of the writer holds: visits loaded, batches folded in, rows to be written.
//!
//! On SQLite this process alone writes the file, so what was loaded stays true after the commit and is kept for the next group.
//! On PostgreSQL other nodes write too: visits are locked in key order and loaded afresh for each group.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, RuntimeErr};

use super::{
    asked, decide,
    event::{Event, EventKind},
    fold::{Facts, Rules, StoredBatch, fold_numbered},
    hidden,
    kept::kept_events,
    known::PastVisit,
    recount::Portion,
    reply::{DropReason, Dropped, Reply},
    store,
    tally::Tallies,
    told,
    visit::{Change, Visit, VisitorHash},
    witness::Record,
    writer::{Job, Task},
};
use crate::{
    answer::record::NewAnswer,
    clock::{DAY, MINUTE},
    db::{Db, entity::batch},
    delivery::snapshot::Snapshot,
    error::AppError,
    goal::{self, types::Definitions},
    site::{self, calendar, tool::Tool, types::Site},
    types::{Millis, Scalar, SiteId, ViewId, VisitId},
};

/// A visit ends after this long without an event.
pub const VISIT_GAP: Millis = 30 * MINUTE;
/// A visit ends at this age.
pub const VISIT_MAX: Millis = DAY;
/// Clocks of two requests may differ by this much without moving a page load in time.
const JITTER: Millis = 2_000;
/// Batches of a page load: number of the first event, and the visit that each belongs to.
pub(super) type ViewBatches = Vec<(i32, VisitId)>;

/// Rows and state of one transaction.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// No other process writes.
    pub(super) is_alone: bool,
    pub(super) views: HashMap<(SiteId, ViewId), ViewBatches>,
    pub(super) visitors: HashMap<(SiteId, VisitorHash), Vec<VisitId>>,
    pub(super) visits: HashMap<(SiteId, VisitId), Visit>,
    /// Visits to be written, so that a commit need not look through all that are kept.
    pub(super) changed: BTreeSet<(SiteId, VisitId)>,
    pub(super) goals_changed: HashSet<(SiteId, VisitId)>,
    /// Visits of which more has changed than what grows: folded afresh, or the visitor became known.
    pub(super) rewritten: BTreeSet<(SiteId, VisitId)>,
    /// Earlier visits of the known visitors about whom something is decided.
    pub(super) pasts: BTreeMap<(SiteId, VisitorHash), Vec<PastVisit>>,
    /// Answers of the prompts with a limit about which something is decided.
    pub(super) tallies: Tallies,
    pub(super) batches: Vec<batch::ActiveModel>,
    pub(super) answers: Vec<(SiteId, NewAnswer)>,
    /// Which of them came to an answer that takes nothing more, where whoever sent them is told.
    pub(super) over: Vec<usize>,
    pub(super) drops: BTreeMap<(SiteId, i32, DropReason), i64>,
    pub(super) refused: BTreeMap<(SiteId, String), (Millis, i64)>,
    pub(super) paths: BTreeSet<(SiteId, String)>,
    pub(super) forms: BTreeMap<(SiteId, String, String), String>,
    /// Paths and forms that are stored already, so that only new ones are written.
    pub(super) seen: HashSet<(SiteId, String, String)>,
    /// Signatures that are stored already.
    pub(super) signatures: HashSet<(SiteId, i64)>,
    /// Those that this group stores.
    pub(super) new_signatures: Vec<(SiteId, i64)>,
    pub(super) at: Millis,
}

impl Group {
    pub(super) fn new(db: &Db) -> Self {
        Self {
            is_alone: db.backend() == DbBackend::Sqlite,
            ..Self::default()
        }
    }

    /// Loads what the tasks need, each kind with one query.
    pub(super) async fn load(
        &mut self,
        tx: &impl ConnectionTrait,
        tasks: &[Task],
    ) -> Result<(), DbErr> {
        store::load(tx, self, tasks).await
    }

    /// Writes everything that changed.
    pub(super) async fn save(&mut self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        store::save(tx, self).await
    }

    pub(super) fn drop_counted(&mut self, site: SiteId, reason: DropReason, n: usize, at: Millis) {
        let day = calendar::day_of(at, "UTC");
        *self.drops.entry((site, day, reason)).or_default() += i64::try_from(n).unwrap_or(i64::MAX);
    }

    pub(super) fn refused(&mut self, snapshot: &Snapshot, origin: &str, at: Millis) {
        let entry = self
            .refused
            .entry((snapshot.site.id, origin.to_owned()))
            .or_insert((at, 0));
        *entry = (at.max(entry.0), entry.1 + 1);
    }

    pub(super) fn close(&mut self, snapshot: &Snapshot, visitors: &[VisitorHash], at: Millis) {
        for id in self.visits_of(snapshot.site.id, visitors) {
            if let Some(visit) = self.visits.get_mut(&(snapshot.site.id, id)) {
                visit.closed_at = visit.closed_at.or(Some(at));
                visit.change = visit.change.max(Change::Updated);
                self.changed.insert((snapshot.site.id, id));
            }
        }
    }

    /// Takes one request in and builds its reply, which is sent after the commit.
    pub(super) async fn take(
        &mut self,
        tx: &impl ConnectionTrait,
        job: &Job,
    ) -> Result<Reply, DbErr> {
        self.at = self.at.max(job.received_at);
        let mut reply = Reply {
            cv: job.snapshot.site.config_version,
            ..Reply::default()
        };
        reply.config = asked::config(job);
        let mut dropped = BTreeMap::new();
        if !job.payload.e.is_empty() {
            self.take_events(tx, job, &mut reply, &mut dropped).await?;
        }
        let mut misfits = vec![];
        if job.payload.q {
            reply.token = self.token_of(job);
        }
        if job.payload.looks {
            reply.look = self.look(job);
        }
        for answer in &job.payload.a {
            if let Err((reason, names)) = self.take_answer(tx, job, answer).await? {
                *dropped.entry(reason).or_default() += 1;
                misfits.extend(names);
            }
        }
        for (why, n) in dropped {
            self.drop_counted(job.snapshot.site.id, why, n, job.received_at);
            let what = match why {
                DropReason::DoesNotFit => std::mem::take(&mut misfits),
                _ => vec![],
            };
            reply.dropped.push(Dropped { why, n, what });
        }
        Ok(reply)
    }

    /// Names the visit of the page load, once it is known.
    fn token_of(&self, job: &Job) -> Option<String> {
        let visit = self.visit_of_view(job)?;
        Some(told::visit_token(&job.snapshot.site.signing_key, visit))
    }

    async fn take_events(
        &mut self,
        tx: &impl ConnectionTrait,
        job: &Job,
        reply: &mut Reply,
        dropped: &mut BTreeMap<DropReason, usize>,
    ) -> Result<(), DbErr> {
        let site = job.snapshot.site.id;
        let (view, first_seq) = (job.payload.view(), job.payload.s);
        let known = self
            .views
            .get(&(site, view))
            .and_then(|batches| batches.iter().find(|(seq, _)| *seq == first_seq));
        let visit_id = match known {
            // Committed before: a retry changes nothing and gets the same reply.
            Some((_, visit_id)) => *visit_id,
            None => {
                let (events, lost) = kept_events(job);
                for reason in lost {
                    *dropped.entry(reason).or_default() += 1;
                }
                let is_unheard = self.views.get(&(site, view)).is_none_or(Vec::is_empty);
                if is_unheard && events.iter().all(|event| event.kind.is_none()) {
                    // Nothing is left that a visit could begin with.
                    return Ok(());
                }
                let visit_id = job.told.unwrap_or_else(|| self.find_or_open(job, &events));
                if !self.visits.contains_key(&(site, visit_id)) {
                    // Its visit was erased: the sender is told, and nobody else.
                    *dropped.entry(DropReason::NoVisit).or_default() += 1;
                    return Ok(());
                }
                self.append(tx, job, visit_id, events).await?;
                visit_id
            }
        };
        let visit = self.visits.get(&(site, visit_id));
        let Some(visit) = visit.filter(|_| job.told.is_none()) else {
            return Ok(());
        };
        let visit = asked::as_met(job, visit);
        reply.ask = asked::outcomes(&job.snapshot, &visit, job);
        reply.armed = asked::armed(job, &visit);
        if first_seq == 0 {
            reply.start = Some(asked::start(&job.snapshot, &visit));
            let due = asked::next_visit_config(job, &visit, view);
            reply.config = due.or(reply.config.take());
        }
        if first_seq == 0 || !reply.ask.is_empty() {
            let is_picking = asked::tool(job) == Some(Tool::Picker);
            reply.decided = Some(asked::decided(&visit, &reply.ask));
            reply.slot = Some(decide::has_slot(&job.snapshot, &visit, view) && !is_picking);
        }
        Ok(())
    }

    /// Journals the batch and folds it in.
    async fn append(
        &mut self,
        tx: &impl ConnectionTrait,
        job: &Job,
        visit_id: VisitId,
        events: Vec<Event>,
    ) -> Result<(), DbErr> {
        let site = job.snapshot.site.id;
        let (view_id, first_seq) = (job.payload.view(), job.payload.s);
        let Some(mut visit) = self.visits.remove(&(site, visit_id)) else {
            return Ok(());
        };
        let base = job.received_at - job.payload.t;
        let view_started_at = match visit.facts.view(view_id) {
            Some(view) if (view.started_at - base).abs() < JITTER => view.started_at,
            _ => base,
        };
        let batch = StoredBatch {
            view_id,
            first_seq,
            view_started_at,
            events,
        };
        self.batches.push(batch::ActiveModel {
            site_id: Set(site),
            view_id: Set(view_id),
            first_seq: Set(first_seq),
            visit_id: Set(visit_id),
            view_started_at: Set(view_started_at),
            received_at: Set(job.received_at),
            body: Set(serde_json::to_string(&batch.events).expect("events are plain data")),
        });
        self.views
            .entry((site, view_id))
            .or_default()
            .push((first_seq, visit_id));
        self.count_other_currencies(&job.snapshot.site, &batch, job.received_at);
        visit.is_test |= asked::tool(job).is_some();
        self.identify(job, &mut visit);
        self.fold_in(tx, job, &mut visit, &batch).await?;
        let record = self.record(tx, job, &visit, &batch).await?;
        self.follow(job, &mut visit, &batch, &record);
        visit.change = visit.change.max(Change::Updated);
        self.changed.insert((site, visit_id));
        self.visits.insert((site, visit_id), visit);
        Ok(())
    }

    async fn fold_in(
        &mut self,
        tx: &impl ConnectionTrait,
        job: &Job,
        visit: &mut Visit,
        batch: &StoredBatch,
    ) -> Result<(), DbErr> {
        let newer = newer_definitions(tx, job, visit).await?;
        let (site, definitions) = match &newer {
            Some((site, definitions)) => (site, definitions),
            None => (&job.snapshot.site, &job.snapshot.definitions),
        };
        let rules = Rules {
            definitions,
            currency: &site.currency,
        };
        let goals = visit.facts.goals.clone();
        let is_known = visit.facts.last.is_none() || visit.facts.number == visit.number;
        let is_current =
            is_known && [0, rules.definitions.version()].contains(&visit.facts.funnel_version);
        let is_next = is_next(&visit.facts, batch);
        let is_refolded =
            !(is_current && is_next) && self.refold(tx, rules, &site.time_zone, visit).await?;
        visit.facts.number = visit.number;
        if !is_refolded && is_next {
            for placed in batch.placed() {
                visit.facts.apply(rules, &placed);
            }
        }
        if visit.change == Change::New {
            visit.day = calendar::day_of(visit.facts.started_at, &site.time_zone);
        }
        if visit.facts.goals != goals {
            self.goals_changed.insert((visit.site_id, visit.id));
        }
        Ok(())
    }

    /// Folds a visit afresh, by the newest definitions. False when it is too large for that, or its journal is no longer there.
    async fn refold(
        &mut self,
        tx: &impl ConnectionTrait,
        rules: Rules<'_>,
        time_zone: &str,
        visit: &mut Visit,
    ) -> Result<bool, DbErr> {
        if !store::is_refoldable(tx, visit.site_id, visit.id).await? {
            return Ok(false);
        }
        let mut batches = store::load_batches(tx, visit.site_id, visit.id).await?;
        batches.extend(self.unsaved_batches(visit));
        let facts = fold_numbered(rules, visit.number, &batches);
        let reaches_back = facts.last.is_some() && facts.started_at <= visit.facts.started_at;
        if visit.facts.last.is_some() && !reaches_back {
            return Ok(false);
        }
        visit.facts = facts;
        visit.day = calendar::day_of(visit.facts.started_at, time_zone);
        self.rewritten.insert((visit.site_id, visit.id));
        Ok(true)
    }

    /// Folds those of the visits afresh that were counted by older definitions, and notes how far the site is.
    pub(super) async fn recount(
        &mut self,
        tx: &impl ConnectionTrait,
        portion: &Portion,
    ) -> Result<(), DbErr> {
        let site = &portion.site;
        let rules = Rules {
            definitions: &portion.definitions,
            currency: &site.currency,
        };
        let version = rules.definitions.version();
        let mut n = 0;
        for (id, _) in &portion.visits {
            let key = (site.id, *id);
            let Some(mut visit) = self.visits.remove(&key) else {
                continue;
            };
            if visit.facts.funnel_version < version {
                if self.refold(tx, rules, &site.time_zone, &mut visit).await? {
                    self.goals_changed.insert(key);
                    n += 1;
                } else {
                    // Its day is known without its journal.
                    visit.day = calendar::day_of(visit.facts.started_at, &site.time_zone);
                    self.rewritten.insert(key);
                }
                visit.change = visit.change.max(Change::Updated);
                self.changed.insert(key);
            }
            self.visits.insert(key, visit);
        }
        match portion.visits.last() {
            Some(last) => goal::store::recount::advance(tx, site.id, version, n, *last).await,
            None => Ok(()),
        }
    }

    /// Batches of the visit that wait in this group.
    pub(super) fn unsaved_batches(&self, visit: &Visit) -> Vec<StoredBatch> {
        let models = self.batches.iter().filter(|batch| {
            batch.visit_id.as_ref() == &visit.id && batch.site_id.as_ref() == &visit.site_id
        });
        models
            .map(|batch| StoredBatch {
                view_id: *batch.view_id.as_ref(),
                first_seq: *batch.first_seq.as_ref(),
                view_started_at: *batch.view_started_at.as_ref(),
                events: serde_json::from_str(batch.body.as_ref()).unwrap_or_default(),
            })
            .collect()
    }

    /// Decisions, the life of cards, and the pages and forms that the site is seen to have.
    fn follow(&mut self, job: &Job, visit: &mut Visit, batch: &StoredBatch, record: &Record) {
        let site = job.snapshot.site.id;
        let mut eligible = vec![];
        for placed in batch.placed() {
            let (at, view, _) = placed.order;
            let props = &placed.event.props;
            let prompt = props.p.as_ref().and_then(Scalar::as_text);
            match placed.event.kind {
                Some(EventKind::Eligible) => eligible.push(placed),
                Some(
                    kind @ (EventKind::PromptShown
                    | EventKind::PromptSeen
                    | EventKind::PromptStarted
                    | EventKind::PromptDismissed
                    | EventKind::PromptFailed),
                ) => {
                    if let Some(id) = prompt.and_then(|id| id.parse().ok()) {
                        visit.follow_card(kind, id, props.why.as_deref(), at);
                        visit.add_fields(id, hidden::told(placed.event));
                    }
                }
                Some(EventKind::PageView) => {
                    self.note_seen(site, String::new(), current_path(visit, view), "")
                }
                Some(EventKind::FormViewed | EventKind::FormStarted) => {
                    let form = props.f.clone().unwrap_or_default();
                    job.snapshot.note_form(&form, &current_path(visit, view));
                    self.note_seen(
                        site,
                        form,
                        current_path(visit, view),
                        props.l.as_deref().unwrap_or_default(),
                    );
                }
                _ => {}
            }
        }
        self.decide_all(job, visit, eligible, record);
    }

    pub(super) fn note_seen(&mut self, site: SiteId, form: String, path: String, label: &str) {
        if self.seen.contains(&(site, form.clone(), path.clone())) {
            return;
        }
        if form.is_empty() {
            self.paths.insert((site, path));
        } else {
            self.forms.insert((site, form, path), label.to_owned());
        }
    }
}

/// Whether the batch can be applied behind what was folded so far.
fn is_next(facts: &Facts, batch: &StoredBatch) -> bool {
    let mut placed = batch.placed();
    let is_newest = placed
        .next()
        .is_none_or(|first| facts.is_newest(first.order));
    is_newest && batch.events.is_sorted_by_key(|event| event.t)
}

/// What the request knows nothing of: it came before it was saved, and its visit is counted by it already. The site as it is now, and
/// what it counts.
async fn newer_definitions(
    tx: &impl ConnectionTrait,
    job: &Job,
    visit: &Visit,
) -> Result<Option<(Site, Definitions)>, DbErr> {
    if visit.facts.funnel_version <= job.snapshot.definitions.version() {
        return Ok(None);
    }
    let site = site::store::find(tx, visit.site_id).await?;
    let loaded = goal::store::load_definitions(tx, visit.site_id).await;
    let definitions = loaded.map_err(|error| match error {
        AppError::Internal(cause) => match cause.downcast::<DbErr>() {
            Ok(error) => error,
            Err(cause) => DbErr::Custom(cause.to_string()),
        },
        other => DbErr::Conn(RuntimeErr::Internal(other.to_string())),
    })?;
    Ok(site.map(|site| (site, definitions)))
}

fn current_path(visit: &Visit, view: ViewId) -> String {
    visit
        .facts
        .view(view)
        .and_then(|view| view.paths.last())
        .cloned()
        .unwrap_or_else(|| "/".into())
}
