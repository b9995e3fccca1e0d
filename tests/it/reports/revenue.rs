//! What visits and visitors bring, against figures counted by hand.

use exitpoll::{
    db::entity::{goal_version, visit_goal},
    site::calendar,
};
use jiff::ToSpan;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::{
    predictors::assert_tells,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// Bit of the main goal.
const SIGNED_UP: i32 = 2;

/// A visit of a visitor who agreed to be known again, or of nobody known, that bought for so many minor units.
fn visit(world: &mut World, who: Option<u8>, bought: Option<i64>) {
    let visit = world.visit(if bought.is_some() { 3 } else { 0 });
    visit.visitor_id = who.map(|who| vec![who; 16]);
    let goal = visit_goal::Model {
        site_id: visit.site_id,
        visit_id: visit.id,
        bit: SIGNED_UP,
        first_at: visit.started_at,
        n: 2,
        value_minor: bought.unwrap_or_default(),
    };
    world.visit_goals.extend(bought.map(|_| goal));
}

/// Moves the last visit.
fn days_ago(world: &mut World, days: i64) {
    let today = calendar::date_of(calendar::day_of(world.now, &world.site.time_zone)).unwrap();
    world.visits.last_mut().unwrap().day = calendar::number(today.saturating_sub(days.days()));
}

/// Of 120 visitors who agreed 12 buy for 10.00 and then for 30.00, and 24 once for 20.00, of whom 9 come again. 59 visits are of nobody
/// known; ten of them buy, and the page tells no amount. In the days before one of three visitors bought for 40.00, twice.
fn shop(world: &mut World) {
    for who in 0..12 {
        visit(world, Some(who), Some(1_000));
        visit(world, Some(who), Some(3_000));
    }
    for who in 12..36 {
        visit(world, Some(who), Some(2_000));
    }
    for who in 12..21 {
        visit(world, Some(who), None);
    }
    for who in 36..120 {
        visit(world, Some(who), None);
    }
    for n in 0..59 {
        visit(world, None, (n < 10).then_some(5_000));
    }
    for (who, bought) in [(0, Some(1_500)), (0, Some(2_500)), (1, None), (36, None)] {
        visit(world, Some(who), bought);
        days_ago(world, 30);
    }
    // None of these counts: too long ago, a test, and an automated browser.
    visit(world, Some(30), Some(2_000));
    days_ago(world, 60);
    visit(world, Some(31), Some(2_000));
    world.visits.last_mut().unwrap().is_test = true;
    visit(world, Some(32), Some(2_000));
    world.visits.last_mut().unwrap().is_automated = true;
}

fn path(world: &World, ending: &str) -> String {
    format!("/sites/{}/reports/revenue{ending}", world.site.key)
}

async fn page(app: &TestApp, world: &World) -> String {
    words(&app.owner().await.get(&path(world, "")).await.body).replace('\u{a0}', " ")
}

async fn json(app: &TestApp, world: &World) -> Vec<Value> {
    let reply = app.owner().await.get(&path(world, ".json")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["revenue"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_figures_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let mut worlds = vec![];
    for name in ["Open", "Settled"] {
        let mut world = World::new(&app, name).await;
        shop(&mut world);
        worlds.push(world);
    }
    worlds[0].insert(&app).await;
    worlds[1].insert_settled(&app).await;

    for world in &worlds {
        assert_reads(
            &page(&app, world).await,
            &[
                "A visit brings €7.30, and 33.3 % of those who bought did so again",
                // 12 · (10 + 30) + 24 · 20 + 10 · 50 of 141 + 59; the ranges by Hall's formula, beside the program.
                "Revenue per visit Of all visits, with or without consent. €7.30 (€5.60 to €9.38) €1,460 of 200 visits €40 of 4 visits",
                "Revenue per visitor Of visitors who agreed to be known again. €8 (€5.82 to €10.64) €960 of 120 visitors €40 of 3 visitors",
                "Bought again Of those of them who bought, those who did in two visits or more. 33.3 % (20.2 to 49.7) 12 of 36 1 of 1",
                "120 visitors in these days, of whom 21 came more than once.",
                "Where the page told no amount, “Signed up” counts €50, as the goal says.",
                "1 visit of automated browsers is not counted.",
            ],
        );
    }
}

#[actix_web::test]
async fn both_files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    shop(&mut world);
    world.insert(&app).await;

    let rows = json(&app, &world).await;
    let table = app.owner().await.get(&path(&world, ".csv")).await;

    assert_tells(&table.body, &rows);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let [k, n] = ["k", "n"].map(|it| row[it].as_i64().unwrap());
            (row["metric"].as_str().unwrap(), k, n)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("revenue_per_visit", 146_000, 200),
            ("revenue_per_visitor", 96_000, 120),
            ("repeat_purchase", 12, 36),
            ("revenue_per_visit", 4_000, 4),
            ("revenue_per_visitor", 4_000, 3),
            ("repeat_purchase", 1, 1),
        ]
    );
    assert_eq!(
        (&rows[0]["value"], &rows[0]["currency"]),
        (&730.0.into(), &"EUR".into())
    );
}

#[actix_web::test]
async fn without_amounts_or_consent_it_says_so() {
    let app = TestApp::spawn().await;
    let mut untold = World::new(&app, "Untold").await;
    for who in 0..3 {
        visit(&mut untold, Some(who), Some(5_000));
    }
    untold.insert(&app).await;
    let mut unknown = World::new(&app, "Unknown").await;
    visit(&mut unknown, None, Some(1_000));
    visit(&mut unknown, None, None);
    unknown.insert(&app).await;

    assert_reads(
        &page(&app, &untold).await,
        &[
            "3 visits brought €150",
            "Bought again Of those of them who bought, those who did in two visits or more. 0 of 3",
            "In these days the page told nothing but what the goal says: each “Signed up” counts €50.",
        ],
    );
    assert_eq!(json(&app, &untold).await.len(), 6);

    // A goal without a value either: there is nothing but who bought again.
    let mut without = World::new(&app, "Without").await;
    for _ in 0..2 {
        visit(&mut without, Some(1), Some(0));
    }
    without.insert(&app).await;
    let tx = app.state.db.begin().await.unwrap();
    goal_version::Entity::update_many()
        .col_expr(goal_version::Column::ValueMinor, Option::<i64>::None.into())
        .filter(goal_version::Column::SiteId.eq(without.site.id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let text = page(&app, &without).await;
    assert_reads(
        &text,
        &[
            "In these days the page told no amount with “Signed up”.",
            "Bought again Of those of them who bought, those who did in two visits or more. 1 of 1",
        ],
    );
    assert!(!text.contains("Revenue per visit Of"), "{text}");
    assert_eq!(json(&app, &without).await.len(), 2);

    let text = page(&app, &unknown).await;
    assert_reads(
        &text,
        &[
            // Of one purchase there is a sum, and no range.
            "2 visits brought €10",
            "Revenue per visit Of all visits, with or without consent. €10 of 2 visits",
            "Nobody agreed to be known again in these days",
        ],
    );
    assert!(!text.contains("Bought again Of those"), "{text}");
}

#[actix_web::test]
async fn a_site_tells_of_its_own_visits_to_its_members_only() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    shop(&mut world);
    world.insert(&app).await;
    let other = World::new(&app, "Other").await;

    assert_reads(&page(&app, &other).await, &["No visits in these days"]);
    for ending in ["", ".csv", ".json"] {
        let stranger = app.anonymous().get(&path(&world, ending)).await;
        assert_eq!(stranger.status, 303);
        assert!(stranger.location().starts_with("/sign-in"));
    }
}
