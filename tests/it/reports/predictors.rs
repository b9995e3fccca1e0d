//! What goes with converting, against figures counted by hand.

use exitpoll::{
    clock::HOUR,
    db::entity::visit_goal,
    goal::{self, types::GoalRule},
};
use serde_json::Value;

use super::world::{World, assert_reads, goals, words};
use crate::support::app::TestApp;

const PRICING: i64 = 1;
const FORM: i64 = 2;
const SIGNED_UP: i64 = 4;

/// As `Landmark` is stored.
const NOT_REACHED: i32 = 0;
const OPEN: i32 = 1;
const OVER: i32 = 2;

/// Visits that came to the landmark or not, had reached `by_then`, and then `before` in all before converting, or leaving.
fn visits(world: &mut World, n: i64, landmark: i32, by_then: i64, before: i64, converts: bool) {
    for _ in 0..n {
        let visit = world.visit(if converts { 3 } else { 0 });
        visit.landmark = landmark;
        visit.mask_landmark = by_then;
        visit.mask_before = before;
        visit.mask_all = before | if converts { SIGNED_UP } else { 0 };
    }
}

/// Of 400 visits at the landmark 100 had seen the prices, of whom 40 sign up; of the others 60, half of whom see them later on.
/// Five had started the form, of whom three sign up.
async fn four_hundred(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    visits(&mut world, 37, OPEN, PRICING, PRICING, true);
    visits(&mut world, 3, OPEN, PRICING | FORM, PRICING | FORM, true);
    visits(&mut world, 58, OPEN, PRICING, PRICING, false);
    visits(&mut world, 2, OPEN, PRICING | FORM, PRICING | FORM, false);
    visits(&mut world, 30, OPEN, 0, PRICING, true);
    visits(&mut world, 30, OPEN, 0, 0, true);
    visits(&mut world, 240, OPEN, 0, 0, false);
    // These had converted by then, or were gone.
    visits(&mut world, 10, OVER, 0, 0, true);
    visits(&mut world, 20, NOT_REACHED, 0, 0, false);
    // Neither of these counts.
    visits(&mut world, 1, OPEN, PRICING, PRICING, true);
    world.visits.last_mut().unwrap().is_test = true;
    visits(&mut world, 1, OPEN, PRICING, PRICING, true);
    world.visits.last_mut().unwrap().is_automated = true;
    world.reach_goals();
    world.insert(app).await;
    world
}

fn path(world: &World, ending: &str) -> String {
    format!("/sites/{}/reports/predictors{ending}", world.site.key)
}

async fn page(app: &TestApp, world: &World) -> String {
    words(&app.owner().await.get(&path(world, "")).await.body).replace('\u{a0}', " ")
}

#[actix_web::test]
async fn the_figures_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let world = four_hundred(&app).await;

    let text = page(&app, &world).await;

    assert_reads(
        &text,
        &[
            "“Viewed pricing” goes with “Signed up”: 2.0 times as often",
            "Compared are 400 of 430 visits:",
            "Of these 25.0 % (21.0 to 29.5), 100 of 400, reached it afterwards. Of the others 20 ended before and 10 had reached it already.",
            "Goes with more “Signed up”",
            // 40 of 100 against 60 of 300; the interval by the formula of Donner and Zou, beside the program.
            "40.0 % ±9.4 40 of 100 20.0 % (15.9 to 24.9) 60 of 300 2.00 times (1.43 to 2.75) 20.0 points more (9.7 to 30.6)",
            // All 110 sign-ups; 40 had seen the prices by the landmark, 30 after it.
            "70 of 110",
            // z = 0.2 / √(0.25 · 0.75 · (1/100 + 1/300)) = 4: p = 0.000063; the form's is larger, so q is twice that.
            "p &#60;0.001 → q &#60;0.001 of 2 steps tested",
            // 2 + √2, and the same of 1.43.
            "3.41, at the end of the range 2.21",
            // 70 of 130 against 40 of 300.
            "Without regard to time 4.04 times",
            "Counted without regard to time it looks different",
            "1 visit of automated browsers is not counted.",
        ],
    );
    assert!(!text.contains("Turns around among"), "{text}");
    let body = app.owner().await.get(&path(&world, "")).await.body;
    for template in ["pricing_viewed", "form_abandoned"] {
        let (_, ask) = body
            .split_once(&format!("/prompts/new?template={template}&#38;"))
            .unwrap();
        let ask = ask.split('"').next().unwrap().replace("&#38;", "&");
        let page = format!("/sites/{}/prompts/new?{ask}", world.site.key);
        let page = app.owner().await.get(&page).await.body;
        assert_reads(
            &words(&page),
            &["For visitors who reached “", "” and not “Signed up”."],
        );
    }
}

#[actix_web::test]
async fn of_few_there_are_counts_and_how_many_more_it_takes() {
    let app = TestApp::spawn().await;
    let world = four_hundred(&app).await;

    let text = page(&app, &world).await;

    // Five of 400: it takes six times as many until thirty had taken it.
    assert_reads(
        &text,
        &[
            "Started the form Not enough data: about 2,000 more visits Ask here : visitors who took “Started the form” and did not convert · Look at these visits : those that took “Started the form” 3 of 5",
        ],
    );
    let rows = json(&app, &world).await;
    let form = rows.iter().find(|row| row["goal"] == "Started the form");
    let form = form.unwrap();
    assert_eq!(
        (&form["with_converted"], &form["with_visits"]),
        (&3.into(), &5.into())
    );
    for told in ["with_share", "ratio", "difference", "p", "q", "e_value"] {
        assert_eq!(form[told], Value::Null, "{told}");
    }
}

async fn json(app: &TestApp, world: &World) -> Vec<Value> {
    let reply = app.owner().await.get(&path(world, ".json")).await;
    assert_eq!(reply.status, 200);
    reply.json()["predictors"].as_array().unwrap().clone()
}

/// Whether a cell of the table says what the other file says.
fn is_same(cell: &str, told: &Value) -> bool {
    match told {
        Value::Null => cell.is_empty(),
        Value::String(text) => cell == text,
        Value::Bool(is) => cell == is.to_string(),
        other => {
            let cell: f64 = cell.parse().unwrap();
            (cell - other.as_f64().unwrap()).abs() < 1e-12
        }
    }
}

/// That a table holds the rows of the other file, cell by cell.
pub(super) fn assert_tells(table: &str, rows: &[Value]) {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().zip(rows) {
        assert_eq!(row.as_object().unwrap().len(), columns.len());
        for (column, cell) in columns.iter().zip(record) {
            assert!(is_same(cell, &row[column]), "{column}: {cell}");
        }
    }
}

#[actix_web::test]
async fn both_files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let world = four_hundred(&app).await;

    let rows = json(&app, &world).await;
    let table = app.owner().await.get(&path(&world, ".csv")).await;

    assert_eq!(
        table.header("content-disposition"),
        "attachment; filename=\"predictors.csv\""
    );
    assert_tells(&table.body, &rows);
    let first = &rows[0];
    assert_eq!(
        (&first["goal"], &first["standing"]),
        (&"Viewed pricing".into(), &"strong".into())
    );
    for (column, figure) in [
        ("ratio", 2.0),
        ("with_share", 0.4),
        ("coverage", 70.0 / 110.0),
    ] {
        let told = first[column].as_f64().unwrap();
        assert!((told - figure).abs() < 1e-9, "{column}: {told}");
    }
}

#[actix_web::test]
async fn a_direction_that_turns_around_among_those_alike_is_told() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    // On phones 40 of 200 against 3 of 30, on computers 20 of 40 against 80 of 200: more each time. Together 60 of 240, 83 of 230.
    for (device, by_then, k, n) in [
        ("touch", PRICING, 40, 200),
        ("touch", 0, 3, 30),
        ("desktop", PRICING, 20, 40),
        ("desktop", 0, 80, 200),
    ] {
        let begin = world.visits.len();
        visits(&mut world, k, OPEN, by_then, by_then, true);
        visits(&mut world, n - k, OPEN, by_then, by_then, false);
        for visit in &mut world.visits[begin..] {
            visit.device = device.into();
        }
    }
    world.reach_goals();
    world.insert(&app).await;

    let text = page(&app, &world).await;

    assert_reads(
        &text,
        &[
            "Nothing stands out yet that goes with “Signed up”",
            // Beyond chance, but not beyond 0.9.
            "Leans towards fewer “Signed up”",
            "0.69 times (0.52 to 0.91)",
            "Turns around among visits with the same kind of device",
        ],
    );
    assert!(!text.contains("Turns around among visits from"), "{text}");
    assert_eq!(json(&app, &world).await[0]["turned_by"], "device");
}

#[actix_web::test]
async fn a_site_tells_of_its_own_visits_to_its_members_only() {
    let app = TestApp::spawn().await;
    let world = four_hundred(&app).await;
    let other = World::new(&app, "Other").await;

    assert_reads(&page(&app, &other).await, &["No visits in these days"]);
    let rows = json(&app, &other).await;
    assert!(
        rows.iter().all(|row| row["without_visits"] == 0),
        "{rows:?}"
    );
    for ending in ["", ".csv", ".json"] {
        let stranger = app.anonymous().get(&path(&world, ending)).await;
        assert_eq!(stranger.status, 303);
        assert!(stranger.location().starts_with("/sign-in"));
    }
}

#[actix_web::test]
async fn without_goals_or_visits_it_says_what_to_do() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Empty").await;
    let path = format!("/sites/{}/reports/predictors", site.key);
    let text = words(&app.owner().await.get(&path).await.body);
    assert_reads(&text, &["No visits in these days", "Choose goals"]);

    let mut world = World::new(&app, "Short").await;
    visits(&mut world, 3, NOT_REACHED, 0, 0, false);
    world.insert(&app).await;
    assert_reads(
        &page(&app, &world).await,
        &["No visit stayed long enough to compare", "Show 90 days"],
    );
}

/// Whoever searched before the goal was saved is not known, however far back visits were counted again.
#[actix_web::test]
async fn what_is_recorded_from_saving_on_counts_from_then_on() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let [mut searched, ..] = goals();
    searched.name = "Searched".into();
    searched.rule = GoalRule::Search;
    let tx = app.state.db.begin().await.unwrap();
    goal::store::insert_goal(&tx, world.site.id, &searched, world.now)
        .await
        .unwrap();
    let definitions = goal::store::load_definitions(&tx, world.site.id).await;
    tx.commit().await.unwrap();
    visits(&mut world, 40, OPEN, 0, 0, true);
    visits(&mut world, 60, OPEN, 0, 0, false);
    let version = definitions.unwrap().version();
    for visit in &mut world.visits {
        visit.funnel_version = version;
    }
    world.insert(&app).await;

    let rows = json(&app, &world).await;

    let visits_of = |goal: &str| {
        let row = rows.iter().find(|row| row["goal"] == goal).unwrap();
        row["without_visits"].as_i64()
    };
    assert_eq!(
        (visits_of("Viewed pricing"), visits_of("Searched")),
        (Some(100), Some(0))
    );
    for (report, visits) in [("overview", "n"), ("steps", "visits")] {
        let path = format!("/sites/{}/reports/{report}.json", world.site.key);
        let told = app.owner().await.get(&path).await.body;
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let rows = told[report].as_array().unwrap();
        let visits_of = |goal: &str| {
            let mut of_goal = rows
                .iter()
                .filter(|row| row["goal"] == goal && row["part"] == "period");
            of_goal.next().unwrap()[visits].as_i64()
        };
        assert_eq!(
            (visits_of("Viewed pricing"), visits_of("Searched")),
            (Some(100), Some(0)),
            "{report}"
        );
    }
}

const QUARTER: i64 = 15_000;

/// Visits with a second page that took the step, converted or were last seen so many quarters of a minute after their beginning.
fn at(world: &mut World, n: i64, step: Option<i64>, converts: Option<i64>, gone: i64) {
    for _ in 0..n {
        let visit = world.visit(if converts.is_some() { 3 } else { 0 });
        let start = visit.started_at;
        let by_then = step.is_some_and(|step| step < 2);
        visit.landmark = OPEN;
        visit.mask_landmark = if by_then { PRICING } else { 0 };
        visit.mask_before = step.map_or(0, |_| PRICING);
        visit.mask_all = visit.mask_before | converts.map_or(0, |_| SIGNED_UP);
        visit.macro_at = converts.map(|at| start + at * QUARTER + 1);
        visit.last_at = start + gone * QUARTER + 1;
        let (site_id, visit_id) = (visit.site_id, visit.id);
        let reached = step.map(|at| visit_goal::Model {
            site_id,
            visit_id,
            bit: 0,
            first_at: start + at * QUARTER,
            n: 1,
            value_minor: 0,
        });
        world.visit_goals.extend(reached);
    }
}

/// Of the last `n` visits a server told afterwards that they had converted, when nobody was there any more.
fn told_afterwards(world: &mut World, n: usize) {
    let first = world.visits.len() - n;
    for visit in &mut world.visits[first..] {
        visit.last_at = visit.macro_at.unwrap();
        visit.macro_at = visit.macro_at.map(|at| at + 3 * HOUR);
    }
}

/// A minute on, 20 of 100 convert that had taken the step at once, and 10 of the others. In the third minute 30 of the former are gone,
/// and 40 of the latter have taken it: now 18 of 90 convert, and 2 of 50.
fn two_minutes(world: &mut World) {
    at(world, 20, Some(0), Some(4), 40);
    told_afterwards(world, 20);
    at(world, 30, Some(0), None, 6);
    at(world, 10, Some(0), Some(12), 40);
    at(world, 40, Some(0), None, 20);
    at(world, 10, None, Some(4), 40);
    at(world, 8, Some(8), Some(12), 12);
    at(world, 32, Some(8), None, 20);
    at(world, 2, None, Some(12), 40);
    at(world, 48, None, None, 20);
    // Neither of these counts.
    at(world, 1, Some(0), Some(4), 40);
    world.visits.last_mut().unwrap().is_test = true;
    at(world, 1, Some(0), Some(4), 40);
    world.visits.last_mut().unwrap().is_automated = true;
}

#[actix_web::test]
async fn whoever_had_taken_it_stands_beside_those_still_there() {
    let app = TestApp::spawn().await;
    let mut worlds = vec![];
    for name in ["Open", "Settled"] {
        let mut world = World::new(&app, name).await;
        two_minutes(&mut world);
        worlds.push(world);
    }
    worlds[0].insert(&app).await;
    worlds[1].insert_settled(&app).await;

    for world in &worlds {
        let text = page(&app, world).await;
        let rows = json(&app, world).await;

        // Σ a·n0/n = 20·100/200 + 18·50/140, Σ b·n1/n = 10·100/200 + 2·90/140: 16.4286 / 6.2857. The variance of its logarithm is
        // (6.5 + 4.3347) / (16.4286 · 6.2857).
        assert_reads(
            &text,
            &[
                "At the same point of a visit 2.61 times (1.39 to 4.93), of 38 conversions after it and 12 without it",
            ],
        );
        let of = |column: &str| rows[0][column].as_f64().unwrap();
        assert_eq!(rows[0]["goal"], "Viewed pricing");
        assert!((of("risk_sets_ratio") - 2.613_64).abs() < 1e-5);
        assert!((of("risk_sets_low") - 1.385_2).abs() < 1e-3);
        assert!((of("risk_sets_high") - 4.931_3).abs() < 1e-3);
        assert_eq!(
            (
                of("risk_sets_with_converted"),
                of("risk_sets_without_converted")
            ),
            (38.0, 12.0)
        );
    }
}

#[actix_web::test]
async fn of_few_conversions_on_one_side_no_rates_are_compared() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    at(&mut world, 4, Some(0), Some(4), 40);
    at(&mut world, 60, Some(0), None, 40);
    at(&mut world, 30, None, Some(4), 40);
    at(&mut world, 30, None, None, 40);
    world.insert(&app).await;

    let text = page(&app, &world).await;

    assert_reads(
        &text,
        &[
            "At the same point of a visit not enough to tell, of 4 conversions after it and 30 without it",
        ],
    );
    let row = &json(&app, &world).await[0];
    assert_eq!(
        (&row["risk_sets_with_converted"], &row["risk_sets_ratio"]),
        (&4.into(), &Value::Null)
    );
}
