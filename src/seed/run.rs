//! Keeps many visits going at once, so that they share commits as real ones do under load.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    play::play,
    progress::{Phase, Progress},
    site,
    view::Stage,
    visitor::{Span, Visitor},
};
use crate::{
    db::Db,
    delivery::Snapshots,
    error::{AppError, AppResult},
    ingest::writer::Writer,
    site::types::Site,
    types::Millis,
};

/// Visits under way at once.
const IN_FLIGHT: usize = 500;

/// How much history, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Visits.
    pub visits: u64,
    /// Days up to today.
    pub days: u32,
    /// The same seed gives the same visitors. Who is left unasked is drawn by the server, as for anybody.
    pub seed: u64,
}

/// What a sample is made with.
#[derive(Clone, Debug)]
pub struct Means {
    /// The database.
    pub db: Db,
    /// Sites as ingest needs them.
    pub snapshots: Snapshots,
    /// The one writer.
    pub writer: Writer,
}

impl Means {
    /// For a process that does nothing else.
    pub fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            snapshots: Snapshots::new(db.clone()),
            writer: Writer::start(db.clone(), IN_FLIGHT).0,
        }
    }
}

/// Plays the visits into the sample site and returns when the last one is written.
pub async fn fill(
    means: &Means,
    site: &Site,
    request: Request,
    progress: &Progress,
    now: Millis,
) -> AppResult<()> {
    let stage = stage(means, site).await?;
    let span = Span::new(request.days, now);
    let starts = span.starts(request.visits, request.seed);
    let visits = (0..).zip(starts).map(|(number, start)| {
        let visitor = Visitor::draw(request.seed, number, start, span);
        play(&stage, visitor)
    });
    play_all(means, visits, progress).await
}

/// Where the visits of a site are played, as the site is now.
pub(super) async fn stage(means: &Means, site: &Site) -> AppResult<Stage> {
    means.snapshots.forget(site.id);
    let snapshot = means.snapshots.get(&site.key).await?;
    Ok(Stage {
        snapshot: snapshot.ok_or(AppError::NotFound("sample site"))?,
        writer: means.writer.clone(),
    })
}

/// Plays many visits at once, and returns when the last one is written.
pub(super) async fn play_all(
    means: &Means,
    visits: impl Iterator<Item = impl Future<Output = AppResult<()>>>,
    progress: &Progress,
) -> AppResult<()> {
    stream::iter(visits)
        .buffer_unordered(IN_FLIGHT)
        .try_for_each(async |()| {
            progress.advance();
            Ok(())
        })
        .await?;
    means.db.analyze().await;
    Ok(())
}

/// Makes a sample site and fills it beside everything else; `progress` tells how far it is.
pub async fn start(
    means: Means,
    request: Request,
    progress: Progress,
    now: Millis,
) -> AppResult<Site> {
    if !progress.begin(request.visits) {
        return Err(AppError::Conflict(
            "a sample is being made already; wait for it to be ready".into(),
        ));
    }
    let site = match site::create(&means.db, request.days, now).await {
        Ok(site) => site,
        Err(error) => {
            progress.end(Phase::Failed("the sample site could not be added".into()));
            return Err(error);
        }
    };
    let filled = site.clone();
    tokio::spawn(async move {
        let outcome = fill(&means, &filled, request, &progress, now).await;
        progress.end(match outcome {
            Ok(()) => Phase::Done(filled.key),
            Err(error) => {
                tracing::error!(error = %error.for_log(), "the sample could not be filled");
                Phase::Failed(error.to_string())
            }
        });
    });
    Ok(site)
}
