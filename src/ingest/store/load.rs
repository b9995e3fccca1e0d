//! What a group needs, before anything is decided.

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, QueryFilter, QueryOrder,
    QuerySelect, Statement, sea_query::ExprTrait,
};

use crate::{
    db::entity::{OfSite, batch, impression, visit, visit_goal},
    ingest::{
        fold::GoalFact,
        group::{Group, VISIT_MAX},
        visit::{Impression, Visit, VisitorHash},
        writer::Task,
    },
    types::{SiteId, ViewId, VisitId},
};

pub(in crate::ingest) async fn load(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    tasks: &[Task],
) -> Result<(), DbErr> {
    let mut views = BTreeSet::new();
    let mut visitors = BTreeSet::new();
    for task in tasks {
        match task {
            Task::Ingest(job, _) if !job.payload.e.is_empty() => {
                let key = (job.snapshot.site.id, job.payload.view());
                if !group.views.contains_key(&key) {
                    views.insert(key);
                    visitors.extend(job.visitors.iter().map(|hash| (key.0, *hash)));
                }
            }
            Task::Close(snapshot, hashes, ..) => {
                visitors.extend(hashes.iter().map(|hash| (snapshot.site.id, *hash)));
            }
            Task::Ingest(..) | Task::Refused(..) | Task::Dropped(..) | Task::Forget(_) => {}
        }
    }
    visitors.retain(|key| !group.visitors.contains_key(key));
    if views.is_empty() && visitors.is_empty() {
        return Ok(());
    }
    lock_visitors(tx, &visitors).await?;
    load_views(tx, group, &views).await?;
    // From the earliest on: the requests of simulated history may lie days apart.
    let now = tasks
        .iter()
        .filter_map(received_at)
        .min()
        .unwrap_or_default();
    load_visits(tx, group, &views, &visitors, now - VISIT_MAX).await
}

fn received_at(task: &Task) -> Option<i64> {
    match task {
        Task::Ingest(job, _) => Some(job.received_at),
        Task::Refused(_, _, at) | Task::Dropped(.., at) | Task::Close(_, _, at, _) => Some(*at),
        Task::Forget(_) => None,
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

/// Loads the visits of the page loads and the open ones of the visitors, locked in key order where other nodes write.
async fn load_visits(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    views: &BTreeSet<(SiteId, ViewId)>,
    visitors: &BTreeSet<(SiteId, VisitorHash)>,
    opened_since: i64,
) -> Result<(), DbErr> {
    for key in visitors {
        group.visitors.insert(*key, vec![]);
    }
    let known: BTreeSet<(SiteId, VisitId)> = views
        .iter()
        .flat_map(|key| {
            group
                .views
                .get(key)
                .into_iter()
                .flatten()
                .map(|(_, visit)| (key.0, *visit))
        })
        .filter(|key| !group.visits.contains_key(key))
        .collect();
    let mut by_visitor = by_site(visitors.iter().map(|(site, hash)| (*site, hash.to_vec())));
    let mut by_id = by_site(known.into_iter());
    let sites: BTreeSet<SiteId> = by_visitor.keys().chain(by_id.keys()).copied().collect();
    for site in sites {
        let hashes = by_visitor.remove(&site).unwrap_or_default();
        let ids = by_id.remove(&site).unwrap_or_default();
        let wanted = Condition::any()
            .add_option((!ids.is_empty()).then(|| visit::Column::Id.is_in(ids)))
            .add_option((!hashes.is_empty()).then(|| {
                visit::Column::Visitor
                    .is_in(hashes)
                    .and(visit::Column::LastAt.gte(opened_since))
                    .and(visit::Column::ClosedAt.is_null())
            }));
        let rows = visit::Entity::of_site(site)
            .filter(wanted)
            .order_by_asc(visit::Column::Id)
            .lock_exclusive()
            .all(tx)
            .await?;
        let ids: Vec<VisitId> = rows.iter().map(|row| row.id).collect();
        for row in rows {
            let visit = Visit::from_row(row);
            let of_visitor = group.visitors.entry((site, visit.visitor)).or_default();
            if !of_visitor.contains(&visit.id) {
                of_visitor.push(visit.id);
            }
            group.visits.entry((site, visit.id)).or_insert(visit);
        }
        load_goals_and_impressions(tx, group, site, ids).await?;
    }
    Ok(())
}

async fn load_goals_and_impressions(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    site: SiteId,
    ids: Vec<VisitId>,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
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
    let impressions = impression::Entity::of_site(site)
        .filter(impression::Column::VisitId.is_in(ids))
        .order_by_asc(impression::Column::Id)
        .all(tx)
        .await?;
    for row in impressions {
        let Some(visit) = group.visits.get_mut(&(site, row.visit_id)) else {
            continue;
        };
        if visit.impressions.iter().all(|known| known.id != row.id) {
            visit.impressions.push(Impression::from_row(row));
        }
    }
    Ok(())
}

/// Groups values by their site.
fn by_site<T>(
    keys: impl Iterator<Item = (SiteId, T)>,
) -> std::collections::BTreeMap<SiteId, Vec<T>> {
    let mut groups = std::collections::BTreeMap::<SiteId, Vec<T>>::new();
    for (site, value) in keys {
        groups.entry(site).or_default().push(value);
    }
    groups
}
