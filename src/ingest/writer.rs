//! The one writer of a process: drains what is queued, writes it in one transaction, replies after the commit.
//!
//! There is no wait before a commit: under load requests queue while the last commit runs, and share the next one.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait, DbErr};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use super::{
    failure::Failure,
    group::Group,
    imported::{Imported, Taken},
    payload::Payload,
    recount::Portion,
    reply::{DropReason, Reply},
    store,
    visit::{Browser, VisitorHash},
};
use crate::{
    db::Db,
    delivery::snapshot::Snapshot,
    error::{AppError, AppResult},
    types::{ImpressionId, Millis, SiteId, VisitId},
};

/// Requests that share one transaction at most.
const GROUP: usize = 512;
/// How long a request waits for its commit; afterwards its outcome is unknown and the widget tries again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a task is tried again that was alone and yet in the way of another node.
const RETRIES: u8 = 2;

/// One request with everything that the writer needs to know.
#[derive(Debug)]
pub struct Job {
    /// The site, as it was when the request came.
    pub snapshot: Arc<Snapshot>,
    /// The visit, when the site's own server names it; no browser does.
    pub told: Option<VisitId>,
    /// What was sent.
    pub payload: Payload,
    /// The visitor's hash under today's salt, then under yesterday's.
    pub visitors: Vec<VisitorHash>,
    /// The page's origin, when the browser said it.
    pub origin: Option<String>,
    /// With what.
    pub browser: Browser,
    /// Languages that the browser asks for, the most wanted first; the visit does not keep them.
    pub languages: Vec<String>,
    /// When it came.
    pub received_at: Millis,
}

/// What waits for the writer.
#[derive(Debug)]
pub(super) enum Task {
    /// A request of the widget.
    Ingest(Box<Job>, oneshot::Sender<AppResult<Reply>>),
    /// A visit of another tool.
    Import(Box<Imported>, oneshot::Sender<AppResult<Reply>>),
    /// A request from an origin that the site does not allow.
    Refused(Arc<Snapshot>, String, Millis),
    /// Something of a site that was not kept.
    Dropped(Arc<Snapshot>, DropReason, usize, Millis),
    /// Visits of these hashes end now, by the demo's "new visitor".
    Close(
        Arc<Snapshot>,
        Vec<VisitorHash>,
        Millis,
        oneshot::Sender<AppResult<Reply>>,
    ),
    /// The owner deletes an answer.
    Erase(SiteId, ImpressionId, oneshot::Sender<AppResult<Reply>>),
    /// Visits that were counted by older definitions.
    Recount(Box<Portion>, oneshot::Sender<AppResult<Reply>>),
    /// Visits that have ended are put into the cube.
    Settle(SiteId, Vec<VisitId>, oneshot::Sender<AppResult<Reply>>),
    /// The cube of a day is wrong: its visits are taken out.
    UnsettleDay(SiteId, i32, oneshot::Sender<AppResult<Reply>>),
    /// Nothing that is held in memory may be trusted any more: a site was removed.
    Forget(oneshot::Sender<AppResult<Reply>>),
}

/// The way to the writer.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Task>,
}

impl Writer {
    /// Starts the writer. It ends, with everything written, when every handle is dropped.
    pub fn start(db: Db, capacity: usize) -> (Self, JoinHandle<()>) {
        let (queue, tasks) = mpsc::channel(capacity);
        (Self { queue }, tokio::spawn(run(db, tasks)))
    }

    /// Writes one request; the reply comes after the commit.
    pub async fn write(&self, job: Job) -> AppResult<Reply> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .try_send(Task::Ingest(Box::new(job), sender))
            .map_err(|_| AppError::Unavailable)?;
        wait(reply).await
    }

    /// Like [`Self::write`], but waits for room in the queue: for bulk work that can wait.
    pub async fn write_patiently(&self, job: Job) -> AppResult<Reply> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .send(Task::Ingest(Box::new(job), sender))
            .await
            .map_err(|_| AppError::Unavailable)?;
        reply.await.map_err(|_| AppError::Unavailable)?
    }

    /// Adds what another tool has recorded, unless it is there; waits for room in the queue.
    pub async fn import(&self, new: Imported) -> AppResult<Taken> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .send(Task::Import(Box::new(new), sender))
            .await
            .map_err(|_| AppError::Unavailable)?;
        let reply = reply.await.map_err(|_| AppError::Unavailable)??;
        reply.taken.ok_or(AppError::Unavailable)
    }

    /// Notes a refused origin; lost when the queue is full.
    pub fn note_refused(&self, snapshot: Arc<Snapshot>, origin: String, at: Millis) {
        if self
            .queue
            .try_send(Task::Refused(snapshot, origin, at))
            .is_err()
        {
            tracing::debug!("a refused origin was not noted: the queue is full");
        }
    }

    /// Counts what was not kept of a site; lost when the queue is full.
    pub fn note_dropped(&self, snapshot: Arc<Snapshot>, why: DropReason, n: usize, at: Millis) {
        let task = Task::Dropped(snapshot, why, n, at);
        if self.queue.try_send(task).is_err() {
            tracing::debug!("a drop was not counted: the queue is full");
        }
    }

    /// Ends the open visits of a visitor.
    pub async fn close_visits(
        &self,
        snapshot: Arc<Snapshot>,
        visitors: Vec<VisitorHash>,
        at: Millis,
    ) -> AppResult<()> {
        let (sender, reply) = oneshot::channel();
        let task = Task::Close(snapshot, visitors, at, sender);
        self.queue
            .try_send(task)
            .map_err(|_| AppError::Unavailable)?;
        wait(reply).await.map(drop)
    }

    /// Deletes an answer and what went along with it: it is the writer's work, or a visit that is held in memory would bring it back.
    pub async fn erase_answer(&self, site: SiteId, id: ImpressionId) -> AppResult<()> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .send(Task::Erase(site, id, sender))
            .await
            .map_err(|_| AppError::Unavailable)?;
        wait(reply).await.map(drop)
    }

    /// Counts visits again: it is the writer's work, or a visit that is held in memory would bring the old facts back.
    pub(super) async fn recount(&self, portion: Portion) -> AppResult<()> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .send(Task::Recount(Box::new(portion), sender))
            .await
            .map_err(|_| AppError::Unavailable)?;
        wait(reply).await.map(drop)
    }

    /// Puts visits into the cube: it is the writer's work, or one that is held in memory would not know that it is there.
    pub(super) async fn settle(&self, site: SiteId, visits: Vec<VisitId>) -> AppResult<()> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .send(Task::Settle(site, visits, sender))
            .await
            .map_err(|_| AppError::Unavailable)?;
        wait(reply).await.map(drop)
    }

    /// Takes the visits of a day out of the cube, whatever it says of them.
    pub(super) async fn unsettle_day(&self, site: SiteId, day: i32) -> AppResult<()> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .send(Task::UnsettleDay(site, day, sender))
            .await
            .map_err(|_| AppError::Unavailable)?;
        wait(reply).await.map(drop)
    }

    /// Has the writer forget what it holds in memory, after a site was removed.
    pub async fn forget(&self) -> AppResult<()> {
        let (sender, reply) = oneshot::channel();
        self.queue
            .send(Task::Forget(sender))
            .await
            .map_err(|_| AppError::Unavailable)?;
        wait(reply).await.map(drop)
    }
}

async fn wait(reply: oneshot::Receiver<AppResult<Reply>>) -> AppResult<Reply> {
    match timeout(PATIENCE, reply).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) | Err(_) => Err(AppError::Unavailable),
    }
}

async fn run(db: Db, mut tasks: mpsc::Receiver<Task>) {
    let mut group = Group::new(&db);
    let mut queued = Vec::with_capacity(GROUP);
    while tasks.recv_many(&mut queued, GROUP).await > 0 {
        commit(&db, &mut group, std::mem::take(&mut queued)).await;
    }
}

/// Writes the tasks in one transaction. When that fails they are halved until the one that cannot be written is alone.
async fn commit(db: &Db, group: &mut Group, tasks: Vec<Task>) {
    let mut waiting = vec![(tasks, 0)];
    while let Some((mut tasks, tried)) = waiting.pop() {
        let error = match write(db, group, &tasks).await {
            Ok(replies) => {
                for (task, reply) in tasks.into_iter().zip(replies) {
                    answer(task, Ok(reply));
                }
                continue;
            }
            Err(error) => error,
        };
        group.forget();
        let failure = Failure::of(&error);
        if tasks.len() > 1 && failure != Failure::Outage {
            waiting.push((tasks.split_off(tasks.len() / 2), 0));
            waiting.push((tasks, 0));
            continue;
        }
        if failure == Failure::Conflict && tried < RETRIES {
            waiting.push((tasks, tried + 1));
            continue;
        }
        tracing::error!(error = %error, tasks = tasks.len(), "could not write");
        for task in tasks {
            let refusal = refusal(failure, &task);
            answer(task, Err(refusal));
        }
    }
}

/// What the sender is told: whether to try again.
fn refusal(failure: Failure, task: &Task) -> AppError {
    match (failure, task) {
        (Failure::Outage | Failure::Conflict, _) => AppError::Unavailable,
        // A widget repeats after every 5xx, for as long as its page is open.
        (Failure::Content, Task::Ingest(..) | Task::Import(..)) => AppError::Unwritable,
        (Failure::Content, _) => {
            AppError::Internal(anyhow::anyhow!("this alone could not be written"))
        }
    }
}

fn answer(task: Task, outcome: AppResult<Reply>) {
    match task {
        Task::Ingest(_, sender)
        | Task::Import(_, sender)
        | Task::Close(.., sender)
        | Task::Erase(.., sender)
        | Task::Recount(_, sender)
        | Task::Settle(.., sender)
        | Task::UnsettleDay(.., sender)
        | Task::Forget(sender) => {
            // The client may have gone; what was committed stays committed.
            drop(sender.send(outcome));
        }
        Task::Refused(..) | Task::Dropped(..) => {}
    }
}

async fn write(db: &Db, group: &mut Group, tasks: &[Task]) -> Result<Vec<Reply>, DbErr> {
    let tx = db.begin().await?;
    group.load(&tx, tasks).await?;
    let mut replies = Vec::with_capacity(tasks.len());
    let mut ends = Vec::with_capacity(tasks.len());
    for task in tasks {
        replies.push(match task {
            Task::Ingest(job, _) => group.take(&tx, job).await?,
            Task::Import(new, _) => Reply {
                taken: Some(group.take_import(&tx, new).await?),
                ..Reply::default()
            },
            Task::Dropped(snapshot, why, n, at) => {
                group.drop_counted(snapshot.site.id, *why, *n, *at);
                Reply::default()
            }
            Task::Refused(snapshot, origin, at) => {
                group.refused(snapshot, origin, *at);
                group.drop_counted(snapshot.site.id, DropReason::RefusedOrigin, 1, *at);
                Reply::default()
            }
            Task::Close(snapshot, visitors, at, _) => {
                group.close(snapshot, visitors, *at);
                Reply::default()
            }
            Task::Recount(portion, _) => {
                group.recount(&tx, portion).await?;
                Reply::default()
            }
            Task::Erase(..) | Task::Settle(..) | Task::UnsettleDay(..) | Task::Forget(_) => {
                Reply::default()
            }
        });
        ends.push(group.answers.len());
    }
    group.save(&tx).await?;
    group.tell_over(&ends, &mut replies);
    let has_erased = write_behind(&tx, group, tasks).await?;
    tx.commit().await?;
    group.committed();
    if has_erased {
        group.forget();
    }
    if tasks.iter().any(|task| matches!(task, Task::Forget(_))) {
        group.forget_all();
    }
    Ok(replies)
}

/// What comes behind what the other tasks wrote, which may be of the same visit. Tells whether what is held in memory may be wrong now.
async fn write_behind(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    tasks: &[Task],
) -> Result<bool, DbErr> {
    let mut has_erased = false;
    for task in tasks {
        match task {
            Task::Erase(site, id, _) => {
                store::erase_answer(tx, *site, *id).await?;
                has_erased = true;
            }
            Task::UnsettleDay(site, day, _) => {
                store::unsettle_day(tx, *site, *day).await?;
                has_erased = true;
            }
            Task::Settle(site, visits, _) => {
                store::settle(tx, *site, visits).await?;
                store::save_fields(tx, *site, visits).await?;
                for id in visits {
                    if let Some(visit) = group.visits.get_mut(&(*site, *id)) {
                        visit.is_settled = true;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(has_erased)
}
