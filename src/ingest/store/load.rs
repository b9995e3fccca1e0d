//! What a group needs, before anything is decided.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, QueryFilter, QueryOrder, QuerySelect, Select,
    Statement,
};

use crate::{
    db::entity::{OfSite, batch, impression, visit, visit_goal},
    ingest::{
        fold::GoalFact,
        group::{Group, VISIT_MAX},
        visit::{Impression, Visit, VisitorHash},
        writer::Task,
    },
    types::{PromptId, SiteId, ViewId, VisitId},
};

use super::{past::load_pasts, tally::load_tallies};

pub(in crate::ingest) async fn load(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    tasks: &[Task],
) -> Result<(), DbErr> {
    let mut views = BTreeSet::new();
    let mut visitors = BTreeSet::new();
    let mut told = BTreeSet::new();
    for task in tasks {
        match task {
            Task::Ingest(job, _)
                if !job.payload.e.is_empty() || job.payload.q || job.payload.looks =>
            {
                let key = (job.snapshot.site.id, job.payload.view());
                if !group.views.contains_key(&key) {
                    views.insert(key);
                    visitors.extend(job.visitors.iter().map(|hash| (key.0, *hash)));
                }
                visitors.extend(job.known().map(|hash| (key.0, hash)));
                told.extend(job.told.map(|visit| (key.0, visit)));
            }
            Task::Import(new, _) => {
                visitors.insert(new.visitor());
            }
            Task::Close(snapshot, hashes, ..) => {
                visitors.extend(hashes.iter().map(|hash| (snapshot.site.id, *hash)));
            }
            Task::Recount(portion, _) => told.extend(portion.keys()),
            Task::Ingest(..)
            | Task::Refused(..)
            | Task::Dropped(..)
            | Task::Erase(..)
            | Task::Settle(..)
            | Task::UnsettleDay(..)
            | Task::Forget(_) => {}
        }
    }
    visitors.retain(|key| !group.visitors.contains_key(key));
    if views.is_empty() && visitors.is_empty() && told.is_empty() {
        load_tallies(tx, group, tasks).await?;
        return load_pasts(tx, group, tasks).await;
    }
    lock_visitors(tx, &visitors).await?;
    load_views(tx, group, &views).await?;
    // From the earliest on: the requests of simulated history may lie days apart.
    let now = tasks
        .iter()
        .filter_map(received_at)
        .min()
        .unwrap_or_default();
    load_visits(tx, group, told, &views, &visitors, now - VISIT_MAX).await?;
    load_tallies(tx, group, tasks).await?;
    load_pasts(tx, group, tasks).await
}

fn received_at(task: &Task) -> Option<i64> {
    match task {
        Task::Ingest(job, _) => Some(job.received_at),
        // Whenever it was: it is looked for among all.
        Task::Import(..) => Some(0),
        Task::Refused(_, _, at) | Task::Dropped(.., at) | Task::Close(_, _, at, _) => Some(*at),
        Task::Erase(..)
        | Task::Recount(..)
        | Task::Settle(..)
        | Task::UnsettleDay(..)
        | Task::Forget(_) => None,
    }
}

/// Two nodes must not both open a visit for one visitor: on PostgreSQL each visitor is locked, in key order, until the commit.
async fn lock_visitors(
    tx: &impl ConnectionTrait,
    visitors: &BTreeSet<(SiteId, VisitorHash)>,
) -> Result<(), DbErr> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let keys: BTreeSet<i64> = visitors
        .iter()
        .map(|(site, hash)| {
            let mut short = [0; 8];
            short.copy_from_slice(&hash[..8]);
            i64::from_le_bytes(short) ^ site.0
        })
        .collect();
    for key in keys {
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [key.into()],
        );
        tx.execute_raw(lock).await?;
    }
    Ok(())
}

async fn load_views(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    views: &BTreeSet<(SiteId, ViewId)>,
) -> Result<(), DbErr> {
    for key in views {
        group.views.insert(*key, vec![]);
    }
    for (site, ids) in by_site(views.iter().copied()) {
        let rows: Vec<(ViewId, i32, VisitId)> = batch::Entity::of_site(site)
            .select_only()
            .columns([
                batch::Column::ViewId,
                batch::Column::FirstSeq,
                batch::Column::VisitId,
            ])
            .filter(batch::Column::ViewId.is_in(ids))
            .into_tuple()
            .all(tx)
            .await?;
        for (view, first_seq, visit_id) in rows {
            group
                .views
                .entry((site, view))
                .or_default()
                .push((first_seq, visit_id));
        }
    }
    Ok(())
}

/// Loads the visits of the page loads, those that servers tell of, and the open ones of the visitors, locked in key order where other nodes write.
async fn load_visits(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    told: BTreeSet<(SiteId, VisitId)>,
    views: &BTreeSet<(SiteId, ViewId)>,
    visitors: &BTreeSet<(SiteId, VisitorHash)>,
    opened_since: i64,
) -> Result<(), DbErr> {
    for key in visitors {
        group.visitors.insert(*key, vec![]);
    }
    let of_views = views.iter().flat_map(|key| {
        let batches = group.views.get(key).into_iter().flatten();
        batches.map(|(_, visit)| (key.0, *visit))
    });
    let mut wanted = by_site(of_views.chain(told));
    let mut open = vec![];
    for (site, hashes) in by_site(visitors.iter().copied()) {
        for by in [visit::Column::VisitorId, visit::Column::Visitor] {
            let found = open_visits(site, by, hashes.clone(), opened_since).into_tuple();
            let ids: Vec<VisitId> = found.all(tx).await?;
            open.extend(ids.iter().map(|id| (site, *id)));
            wanted.entry(site).or_default().extend(ids);
        }
    }
    for (site, mut ids) in wanted {
        ids.retain(|id| !group.visits.contains_key(&(site, *id)));
        if ids.is_empty() {
            continue;
        }
        let rows = these_visits(site, &ids).all(tx).await?;
        for row in rows {
            let visit = Visit::from_row(row);
            group.visits.insert((site, visit.id), visit);
        }
        load_goals_and_impressions(tx, group, site, ids).await?;
    }
    for (site, id) in open {
        let Some(visit) = group.visits.get(&(site, id)) else {
            continue;
        };
        for hash in std::iter::once(visit.visitor).chain(visit.visitor_id) {
            // Only those that were asked for: of the others not all visits are loaded.
            let of_visitor = group.visitors.get_mut(&(site, hash));
            if let Some(ids) = of_visitor.filter(|ids| !ids.contains(&id)) {
                ids.push(id);
            }
        }
    }
    Ok(())
}

/// Those of these visitors, who are known by their hash of the day or, having agreed to it, by one that lasts. Ids only, and unlocked: together with those of the page loads the rows are then locked in one order. Asked in one query with
/// them, or sorted by id, SQLite would read every visit of the site.
fn open_visits(
    site: SiteId,
    by: visit::Column,
    visitors: BTreeSet<VisitorHash>,
    opened_since: i64,
) -> Select<visit::Entity> {
    let visitors = visitors.into_iter().map(|hash| hash.to_vec());
    visit::Entity::of_site(site)
        .select_only()
        .column(visit::Column::Id)
        .filter(by.is_in(visitors))
        .filter(visit::Column::LastAt.gte(opened_since))
        .filter(visit::Column::ClosedAt.is_null())
}

pub(super) fn these_visits(site: SiteId, ids: &BTreeSet<VisitId>) -> Select<visit::Entity> {
    visit::Entity::of_site(site)
        .filter(visit::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(visit::Column::Id)
        .lock_exclusive()
}

async fn load_goals_and_impressions(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    site: SiteId,
    ids: BTreeSet<VisitId>,
) -> Result<(), DbErr> {
    let goals = visit_goal::Entity::of_site(site)
        .filter(visit_goal::Column::VisitId.is_in(ids.clone()))
        .all(tx)
        .await?;
    for row in goals {
        let Some(visit) = group.visits.get_mut(&(site, row.visit_id)) else {
            continue;
        };
        let fact = GoalFact {
            first_at: row.first_at,
            n: row.n,
            value_minor: row.value_minor,
        };
        visit
            .facts
            .goals
            .insert(u8::try_from(row.bit).unwrap_or_default(), fact);
    }
    for row in impressions_of(site, ids).all(tx).await? {
        let Some(visit) = group.visits.get_mut(&(site, row.visit_id)) else {
            continue;
        };
        if visit.impressions.iter().all(|known| known.id != row.id) {
            visit.impressions.push(Impression::from_row(row));
        }
    }
    Ok(())
}

/// Each visit's oldest first. Sorted by id alone, SQLite would read every impression of the site.
fn impressions_of(site: SiteId, visits: BTreeSet<VisitId>) -> Select<impression::Entity> {
    impression::Entity::of_site(site)
        .filter(impression::Column::VisitId.is_in(visits))
        .order_by_asc(impression::Column::VisitId)
        .order_by_asc(impression::Column::Id)
}

/// The version of the prompt that the first event of the page load was decided about. By its visit: decisions have no index by page load.
pub(in crate::ingest) async fn begun_version(
    db: &impl ConnectionTrait,
    site: SiteId,
    view: ViewId,
    prompt: PromptId,
) -> Result<Option<i32>, DbErr> {
    let visit: Option<VisitId> = batch::Entity::of_site(site)
        .select_only()
        .column(batch::Column::VisitId)
        .filter(batch::Column::ViewId.eq(view))
        .filter(batch::Column::FirstSeq.eq(0))
        .into_tuple()
        .one(db)
        .await?;
    let made = impressions_of(site, visit.into_iter().collect())
        .all(db)
        .await?;
    let is_first = |made: &&impression::Model| made.view_id == view && made.seq == 0;
    let mut first = made.iter().filter(is_first);
    let begun = first.find(|made| made.prompt_id == prompt);
    Ok(begun.map(|made| made.prompt_version))
}

/// Groups values by their site.
fn by_site<T: Ord>(keys: impl Iterator<Item = (SiteId, T)>) -> BTreeMap<SiteId, BTreeSet<T>> {
    let mut groups = BTreeMap::<SiteId, BTreeSet<T>>::new();
    for (site, value) in keys {
        groups.entry(site).or_default().insert(value);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db, ingest::store::plans::plan_of};

    #[tokio::test]
    async fn no_query_reads_the_whole_site() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("plans.db").display());
        let db = db::open(&url).await.unwrap();
        use visit::Column::{Visitor, VisitorId};
        let (site, visits) = (SiteId(1), BTreeSet::from([1, 2, 3].map(VisitId::new)));
        let visitors = BTreeSet::from([[1; 16], [2; 16], [3; 16]]);

        let plans = [
            plan_of(&db, open_visits(site, Visitor, visitors.clone(), 0)).await,
            plan_of(&db, open_visits(site, VisitorId, visitors, 0)).await,
            plan_of(&db, these_visits(site, &visits)).await,
            plan_of(&db, impressions_of(site, visits)).await,
        ];

        for (plan, by) in plans
            .iter()
            .zip(["visitor=?", "visitor_id=?", "id=?", "visit_id=?"])
        {
            assert!(plan.contains(&format!("(site_id=? AND {by}")), "{plan}");
        }
    }
}
