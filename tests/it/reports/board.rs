//! The board of small steps, against figures counted by hand.

use exitpoll::{
    clock::DAY,
    db::entity::{drop, visit_goal},
    goal,
    report::{
        board,
        overview::Choice,
        period::{Period, PeriodQuery},
    },
    site::calendar,
    types::GoalId,
};

use sea_orm::{EntityTrait, Set};

use super::{
    overview::assert_same,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

const PRICING: i32 = 0;
const SIGNED_UP: i32 = 2;

/// A goal that the newest visit reached.
pub(super) fn reach(world: &mut World, bit: i32, n: i32, is_before: bool) {
    let visit = world.visits.last_mut().unwrap();
    visit.mask_all |= 1 << bit;
    if is_before {
        visit.mask_before |= 1 << bit;
    }
    let row = visit_goal::Model {
        site_id: visit.site_id,
        visit_id: visit.id,
        bit,
        first_at: visit.started_at + 60_000,
        n,
        value_minor: if bit == SIGNED_UP { 5_000 } else { 0 },
    };
    world.visit_goals.push(row);
}

/// Of 100 visits 10 saw the prices, twice each, and signed up; 5 signed up and saw them afterwards; 30 only saw them.
async fn hundred(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    for n in 0..100 {
        let is_main = n < 15;
        world.visit(if is_main { 3 } else { 0 });
        if n < 45 {
            reach(
                &mut world,
                PRICING,
                if n < 10 { 2 } else { 1 },
                !(10..15).contains(&n),
            );
        }
        if is_main {
            reach(&mut world, SIGNED_UP, 1, false);
        }
    }
    // Neither of them counts.
    world.visit(3).is_test = true;
    reach(&mut world, PRICING, 1, true);
    world.visit(3).is_automated = true;
    reach(&mut world, PRICING, 1, true);
    world.insert(app).await;
    world
}

async fn board_of(app: &TestApp, world: &World) -> String {
    let path = format!("/sites/{}/reports/steps", world.site.key);
    words(&app.owner().await.get(&path).await.body)
}

async fn figures(app: &TestApp, world: &World) -> board::Board {
    let period = Period::parse(&PeriodQuery::default(), &world.site.time_zone, world.now).unwrap();
    let loaded = board::load(&app.state.db, &world.site, &period, &Choice::default()).await;
    loaded.unwrap()
}

async fn pricing(app: &TestApp, world: &World) -> GoalId {
    let goals = goal::store::list_goals(&app.state.db.read, world.site.id).await;
    let is_pricing = |goal: &&goal::types::Goal| goal.name == "Viewed pricing";
    goals.unwrap().iter().find(is_pricing).unwrap().id
}

#[actix_web::test]
async fn the_figures_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;

    let text = board_of(&app, &world).await;

    assert_reads(
        &text,
        &[
            "After “Viewed pricing”, 25.0 % of visits reach “Signed up”",
            "“Signed up”: 15.0 %",
            "15 of 100 visits, 15 times in all.",
            // 45 of 100 visits; 20 + 5 + 30 = 55 times; 55 / 15 = 366.7 %.
            "45.0 % ±9.6 45 of 100 55.0 366.7",
            // Before signing up it was seen by 10 + 30, of whom 10 signed up; 10 of 15 sign-ups came that way.
            "25.0 % (14.2 to 40.2) 10 of 40 10 of 15",
            // A quarter of €50.
            "The figures speak for €12.50 (€7.09 to €20.10)",
            "1 visit of automated browsers is not counted.",
        ],
    );
}

#[actix_web::test]
async fn files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let owner = app.owner().await;
    let path = format!("/sites/{}/reports/steps", world.site.key);

    let (csv, json) = (
        owner.get(&format!("{path}.csv")).await,
        owner.get(&format!("{path}.json")).await.json(),
    );

    let row = json["steps"].as_array().unwrap().first().unwrap();
    assert_eq!(
        [&row["goal"], &row["part"], &row["stage"]],
        ["Viewed pricing", "period", "Intent"]
    );
    assert_eq!(
        (row["reached"].as_i64(), row["events"].as_i64()),
        (Some(45), Some(55))
    );
    assert_eq!(
        (row["after_k"].as_i64(), row["after_n"].as_i64()),
        (Some(10), Some(40))
    );
    assert_eq!(row["per_100_visits"].as_f64(), Some(55.0));
    assert!(row["coverage"].is_null(), "of 15 no share: {row}");
    let expected = ["expected_minor", "expected_low", "expected_high"];
    assert_eq!(
        expected.map(|name| row[name].as_i64()),
        [Some(1_250), Some(709), Some(2_010)]
    );
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let names = reader.headers().unwrap().clone();
    let first = reader.records().next().unwrap().unwrap();
    assert_same(&names, &first, row);
}

#[actix_web::test]
async fn a_value_is_suggested_of_all_visits_whose_amounts_are_known() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let owner = app.owner().await;
    let path = format!("/sites/{}/reports/steps", world.site.key);
    let suggests = async |query: &str| {
        let page = owner.get(&format!("{path}{query}")).await.body;
        page.contains("The figures speak for")
    };

    assert!(suggests("").await);
    assert!(!suggests("?device=desktop").await, "of some visits");
    let tx = app.state.db.begin().await.unwrap();
    drop::Entity::insert(drop::ActiveModel {
        site_id: Set(world.site.id),
        day: Set(calendar::day_of(world.now, &world.site.time_zone)),
        reason: Set("other_currency".into()),
        n: Set(2),
    })
    .exec_without_returning(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    assert!(!suggests("").await);
    assert_reads(
        &board_of(&app, &world).await,
        &[
            "2 amounts that came in these days or later were told in another currency than the site had then",
        ],
    );
}

#[actix_web::test]
async fn every_figure_stands_against_the_days_before() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    // Before: 40 visits, 10 saw the prices, twice each. Now: 40 visits, 30 saw them once.
    let today = calendar::day_of(world.now, &world.site.time_zone);
    let before = calendar::day_of(world.now - DAY, &world.site.time_zone);
    for (day, seen, times) in [(before, 10, 2), (today, 30, 1)] {
        for n in 0..40 {
            world.visit(i32::from(n < seen)).day = day;
            if n < seen {
                reach(&mut world, PRICING, times, true);
            }
        }
    }
    world.insert(&app).await;
    let path = format!("/sites/{}/reports/steps?days=1", world.site.key);

    let text = words(&app.owner().await.get(&path).await.body);

    assert_reads(
        &text,
        &[
            "Week from Visits Per 100 main goals Main goal after",
            ", so far",
            "Visits Of all visits. 75.0 %",
            "10 of 40 50.0 points more",
            "Per 100 visits 75.0 50.0 25.0",
            "Per 100 main goals – – –",
        ],
    );
}

#[actix_web::test]
async fn the_value_that_the_figures_speak_for_is_taken_by_a_click() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let (owner, id) = (app.owner().await, pricing(&app, &world).await);
    let path = format!("/sites/{}/goals/{id}/value", world.site.key);

    let taken = owner.post_form(&path, &[("minor", "1250")]).await;
    let refused = owner.post_form(&path, &[("minor", "0")]).await;

    assert_eq!((taken.status, refused.status), (303, 422));
    let goal = goal::store::find_goal(&app.state.db.read, world.site.id, id).await;
    assert_eq!(goal.unwrap().current.value_minor, Some(1_250));
}

#[actix_web::test]
async fn a_site_without_visits_or_goals_says_what_to_do() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Empty").await;

    let path = format!("/sites/{}/reports/steps", site.key);
    let text = words(&app.owner().await.get(&path).await.body);

    assert_reads(&text, &["No visits in these days", "Choose goals"]);
}

#[actix_web::test]
async fn weeks_add_up_to_the_period() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let today = world.visit(0).day;
    world.visits.clear();
    for (days_ago, visits) in [(0, 3), (3, 2), (9, 4), (27, 1), (28, 7), (60, 5)] {
        let day = exitpoll::site::calendar::date_of(today).unwrap();
        let day = day.saturating_sub(jiff::ToSpan::days(days_ago));
        for _ in 0..visits {
            world.visit(0).day = exitpoll::site::calendar::number(day);
            reach(&mut world, PRICING, 1, true);
        }
    }
    world.insert(&app).await;
    let board = figures(&app, &world).await;

    let pricing = &board.micros[0];
    assert_eq!((pricing.now.reached, pricing.before.reached), (10, 7));
    let weeks: Vec<i64> = pricing.weeks.iter().map(|(_, week)| week.reached).collect();
    assert_eq!(weeks, [1, 0, 4, 5]);
    assert_eq!(board.visits, 10);
}

#[actix_web::test]
async fn visits_count_by_the_present_goals_or_not_at_all() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let id = pricing(&app, &world).await;
    let owner = app.owner().await;
    let path = format!("/sites/{}/goals/{id}", world.site.key);
    // What it is worth changes nothing about who reached it.
    owner
        .post_form(&format!("{path}/value"), &[("minor", "1250")])
        .await;
    let board = figures(&app, &world).await;
    assert_eq!(board.micros[0].now.visits, 100);
    let fields = [
        ("name", "Viewed pricing"),
        ("kind", "url"),
        ("subject", "/prices"),
        ("role", "milestone"),
        ("stage", "intent"),
    ];
    assert_eq!(owner.post_form(&path, &fields).await.status, 303);

    let board = figures(&app, &world).await;

    let pricing = &board.micros[0];
    assert_eq!(
        (pricing.now.reached, pricing.now.visits),
        (0, 0),
        "until they are counted again"
    );
    let form = &board.micros[1];
    assert_eq!(form.now.visits, 100, "this goal is what it was");
    assert_eq!((board.visits, board.other_goals), (100, 0));
}

#[actix_web::test]
async fn goals_stand_under_the_stages_of_the_site_in_its_order() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let (owner, id) = (app.owner().await, pricing(&app, &world).await);
    let goals = format!("/sites/{}/goals", world.site.key);
    let stages = format!("{goals}/stages");
    let added = [("stage-intent", "Wants"), ("added", "Knows")];
    for fields in [&added[..], &[("do", "up:own-1")], &[("do", "up:own-1")]] {
        assert_eq!(owner.post_form(&stages, fields).await.status, 303);
    }
    let goal = goal::store::find_goal(&app.state.db.read, world.site.id, id).await;
    let form = goal::form::GoalForm::of(&goal.unwrap(), &world.site.currency);
    let fields = [
        ("name", form.name.as_str()),
        ("kind", form.kind.as_str()),
        ("subject", form.subject.as_str()),
        ("role", form.role.as_str()),
        ("value", form.value.as_str()),
        ("stage", "own-1"),
    ];
    let path = format!("{goals}/{id}");
    assert_eq!(owner.post_form(&path, &fields).await.status, 303);

    let text = board_of(&app, &world).await;

    let (_, table) = text.split_once("Coverage").unwrap();
    let at = |words: &str| {
        table
            .find(words)
            .unwrap_or_else(|| panic!("{words} in {table}"))
    };
    assert!(at("Knows") < at("Viewed pricing"));
    assert!(at("Viewed pricing") < at("Wants"));
    assert!(
        !table.contains("Awareness"),
        "stages without a goal are left out"
    );
}
