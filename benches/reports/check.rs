//! What was written in bulk is what the product would have written: its own audit says so of the cube, and its own fold of visits.

use exitpoll::{
    db::{
        Db,
        entity::{OfSite, visit, visit_goal},
    },
    delivery::Snapshot,
    ingest::{
        fold::{GoalFact, Rules, fold_numbered},
        store::{audit, load_batches},
        visit::Visit,
    },
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

/// Visits of a day that are folded again.
const REFOLDED: u64 = 5;

/// Ends the bench where a day of the cube differs from its visits, or a visit from its journal.
pub(crate) async fn check(db: &Db, snapshot: &Snapshot, days: &[i32]) {
    let site = &snapshot.site;
    let rules = Rules {
        definitions: &snapshot.definitions,
        currency: &site.currency,
    };
    let (mut visits, mut refolded) = (0, 0);
    for day in days {
        let compared = audit::compare(&db.read, site.id, *day).await.unwrap();
        assert_eq!(compared.differing, 0, "the cube of {day}");
        visits += compared.visits;
        let rows = visit::Entity::of_site(site.id)
            .filter(visit::Column::Day.eq(*day))
            .order_by_desc(visit::Column::MaskAll)
            .limit(REFOLDED)
            .all(&db.read);
        for row in rows.await.unwrap() {
            let stored = with_goals(db, Visit::from_row(row)).await;
            let batches = load_batches(&db.read, site.id, stored.id).await.unwrap();
            assert_eq!(fold_numbered(rules, stored.number, &batches), stored.facts);
            refolded += 1;
        }
    }
    println!(
        "checked: {} days of the cube hold their {visits} visits, {refolded} visits fold to what is stored",
        days.len()
    );
}

async fn with_goals(db: &Db, mut visit: Visit) -> Visit {
    let goals = visit_goal::Entity::of_site(visit.site_id)
        .filter(visit_goal::Column::VisitId.eq(visit.id))
        .all(&db.read)
        .await
        .unwrap();
    visit.facts.goals = goals
        .into_iter()
        .map(|goal| {
            let fact = GoalFact {
                first_at: goal.first_at,
                n: goal.n,
                value_minor: goal.value_minor,
            };
            (u8::try_from(goal.bit).unwrap(), fact)
        })
        .collect();
    visit
}
