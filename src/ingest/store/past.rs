//! Earlier visits of the visitors who agreed to be known again.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{
    db::entity::{OfSite, impression, visit},
    ingest::{
        group::Group,
        known::{PastPrompt, PastVisit},
        visit::VisitorHash,
        writer::Task,
    },
    types::{Millis, PromptId, SiteId, VisitId},
};

/// Visits that are looked back on: the latest. Only a program makes so many that more would matter.
const MAX_PAST: u64 = 100;

type Drawn = (VisitId, PromptId, Millis, Option<Millis>, Option<Millis>);

/// Loads what earlier visits came to, where the tasks decide about somebody who is known.
pub(super) async fn load_pasts(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    tasks: &[Task],
) -> Result<(), DbErr> {
    for (site, visitor) in wanted(group, tasks) {
        let visits = load_past(tx, site, visitor).await?;
        group.pasts.insert((site, visitor), visits);
    }
    Ok(())
}

fn wanted(group: &Group, tasks: &[Task]) -> BTreeSet<(SiteId, VisitorHash)> {
    let mut visitors = BTreeSet::new();
    for task in tasks {
        let Task::Ingest(job, _) = task else { continue };
        if !job.needs_past() {
            continue;
        }
        let site = job.snapshot.site.id;
        visitors.extend(job.known().map(|known| (site, known)));
        let batches = group.views.get(&(site, job.payload.view()));
        let visits = batches.into_iter().flatten();
        let visits = visits.filter_map(|(_, id)| group.visits.get(&(site, *id)));
        visitors.extend(visits.filter_map(|visit| Some((site, visit.visitor_id?))));
    }
    visitors
}

async fn load_past(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visitor: VisitorHash,
) -> Result<Vec<PastVisit>, DbErr> {
    let rows: Vec<(VisitId, Option<i32>, Millis, i64)> =
        past_visits(site, visitor).into_tuple().all(tx).await?;
    let ids = rows.iter().map(|(id, ..)| *id).collect();
    let drawn: Vec<Drawn> = drawn_in(site, ids).into_tuple().all(tx).await?;
    let mut prompts = BTreeMap::<VisitId, Vec<(PromptId, PastPrompt)>>::new();
    for (visit, prompt, asked_at, answered_at, dismissed_at) in drawn {
        let seen = PastPrompt {
            asked_at,
            answered_at,
            dismissed_at,
        };
        prompts.entry(visit).or_default().push((prompt, seen));
    }
    let visits = rows
        .into_iter()
        .map(|(id, number, started_at, mask_all)| PastVisit {
            id,
            started_at,
            number: number.unwrap_or_default(),
            mask_all,
            prompts: prompts.remove(&id).unwrap_or_default(),
        });
    Ok(visits.collect())
}

fn past_visits(site: SiteId, visitor: VisitorHash) -> Select<visit::Entity> {
    visit::Entity::of_site(site)
        .select_only()
        .columns([
            visit::Column::Id,
            visit::Column::VisitNumber,
            visit::Column::StartedAt,
            visit::Column::MaskAll,
        ])
        .filter(visit::Column::VisitorId.eq(visitor.to_vec()))
        .order_by_desc(visit::Column::StartedAt)
        .limit(MAX_PAST)
}

/// What was drawn in the visits. The owner's own tests are nobody's past.
fn drawn_in(site: SiteId, visits: BTreeSet<VisitId>) -> Select<impression::Entity> {
    use impression::Column;
    impression::Entity::of_site(site)
        .select_only()
        .columns([
            Column::VisitId,
            Column::PromptId,
            Column::DecidedAt,
            Column::AnsweredAt,
            Column::DismissedAt,
        ])
        .filter(Column::VisitId.is_in(visits))
        .filter(Column::Arm.is_not_null())
        .filter(Column::IsTest.eq(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db, ingest::store::plans::plan_of};

    #[tokio::test]
    async fn a_visitors_past_is_found_by_index() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("plans.db").display());
        let db = db::open(&url).await.unwrap();
        let (site, visits) = (SiteId(1), BTreeSet::from([1, 2, 3].map(VisitId::new)));

        let by_visitor = plan_of(&db, past_visits(site, [1; 16])).await;
        let by_visit = plan_of(&db, drawn_in(site, visits)).await;

        assert!(
            by_visitor.contains("visits_known (site_id=? AND visitor_id=?"),
            "{by_visitor}"
        );
        assert!(!by_visitor.contains("TEMP B-TREE"), "{by_visitor}");
        assert!(by_visit.contains("(site_id=? AND visit_id=?"), "{by_visit}");
    }
}
