//! What the live strip shows to one visitor of the demo.

use std::{collections::HashMap, sync::Arc};

use super::{
    explain::{self, Known},
    store,
    tell::{self, Told},
    words::Explained,
};
use crate::{
    db::Db,
    delivery::Snapshot,
    error::AppResult,
    goal,
    ingest::visit::VisitorHash,
    prompt,
    report::{
        funnel::{self, FunnelChoice, FunnelReport},
        period::{Period, PeriodQuery},
    },
    types::Millis,
};

/// The strip at one moment.
#[derive(Debug)]
pub struct Watch {
    /// Whether anything was heard from this visitor.
    pub is_seen: bool,
    /// Each question that is live: what it waits for or why it stays silent.
    pub questions: Vec<Explained>,
    /// What happened, newest first.
    pub events: Vec<Told>,
    /// All visits of the demo in the last four weeks.
    pub funnel: FunnelReport,
}

/// Looks at the newest open visit of these hashes.
pub async fn look(
    db: &Db,
    snapshot: &Arc<Snapshot>,
    visitors: &[VisitorHash],
    now: Millis,
) -> AppResult<Watch> {
    let site = &snapshot.site;
    let tx = db.snapshot().await?;
    let found = store::find_visit(&tx, site.id, visitors, now).await?;
    tx.commit().await?;
    let prompts = prompt::store::list_prompts(&db.read, site.id).await?;
    let prompt_names: HashMap<_, _> = prompts.into_iter().map(|row| (row.id, row.name)).collect();
    let goal_names = goal::store::list_goal_names(&db.read, site.id).await?;
    let period = Period::parse(&PeriodQuery::default(), &site.time_zone, now)?;
    let known = Known {
        snapshot,
        prompt_names: &prompt_names,
        goal_names: &goal_names,
        now,
    };
    Ok(Watch {
        is_seen: found.is_some(),
        questions: explain::explain(known, found.as_ref()),
        events: found
            .as_ref()
            .map(|(visit, batches)| tell::tell(known, visit, batches))
            .unwrap_or_default(),
        funnel: funnel::load(db, site, &period, &FunnelChoice::default(), now).await?,
    })
}
