//! The site at a glance, against figures counted by hand.

use exitpoll::{
    clock::{self, HOUR},
    report::{
        overview::{self, Choice, Overview},
        period::{Period, PeriodQuery},
    },
    site::calendar,
    stats::Rate,
    types::Millis,
};
use jiff::ToSpan;

use super::world::{World, assert_reads, words};
use crate::support::{app::TestApp, client::Reply};

const PRICING: i64 = 1;

/// Counts visits of `day` days ago, so many of which reached the main goal.
fn days_ago(world: &mut World, days: i64, visits: usize, converted: usize, device: &str) {
    let today = calendar::date_of(calendar::day_of(world.now, &world.site.time_zone)).unwrap();
    let day = calendar::number(today.saturating_sub(days.days()));
    for n in 0..visits {
        let visit = world.visit(if n < converted { 3 } else { 0 });
        visit.day = day;
        visit.device = device.into();
        visit.mask_all = if n % 2 == 0 { PRICING } else { 0 };
    }
}

/// These 28 days: 100 visits with a computer, of which 20 signed up, and 50 with a phone, of which 5 did. The 28 before: 80 and 8.
async fn world(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    days_ago(&mut world, 3, 100, 20, "desktop");
    days_ago(&mut world, 5, 50, 5, "touch");
    days_ago(&mut world, 30, 80, 8, "desktop");
    // Outside of both.
    days_ago(&mut world, 60, 7, 7, "desktop");
    // Neither of these counts.
    world.visit(3).is_test = true;
    world.visit(3).is_automated = true;
    // Four were asked, of whom one answered; one was left unasked.
    days_ago(&mut world, 2, 1, 0, "desktop");
    for n in 0..5 {
        world.impression(Some(if n == 4 { "held_out" } else { "shown" }));
        if n == 0 {
            let phone = world.phone;
            world.answer(&[("c1", phone)], "why");
        }
        // Each in a visit of its own.
        days_ago(&mut world, 2, 1, 0, "desktop");
    }
    world.reach_goals();
    world.insert(app).await;
    world
}

async fn get(app: &TestApp, world: &World, rest: &str) -> Reply {
    let path = format!("/sites/{}/reports/overview{rest}", world.site.key);
    let reply = app.owner().await.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

async fn figures(app: &TestApp, world: &World, choice: &Choice) -> Overview {
    let now = clock::now();
    let period = Period::parse(&PeriodQuery::default(), &world.site.time_zone, now).unwrap();
    let loaded = overview::load(&app.state.db, &world.site, &period, choice, now).await;
    loaded.unwrap()
}

/// Fails unless a row of the table says what the object says.
pub(super) fn assert_same(
    names: &csv::StringRecord,
    row: &csv::StringRecord,
    object: &serde_json::Value,
) {
    for (name, cell) in names.iter().zip(row) {
        let told = &object[name];
        let is_same = match told.as_f64() {
            // Reading a number from JSON may round its last digit.
            Some(number) => cell
                .parse::<f64>()
                .is_ok_and(|it| (it - number).abs() < 1e-12),
            None => {
                cell == told.as_str().unwrap_or_default() && (told.is_string() || told.is_null())
            }
        };
        assert!(is_same, "{name}: {cell:?} is not {told}");
    }
}

#[actix_web::test]
async fn the_figures_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;

    let text = words(&get(&app, &world, "").await.body);

    assert_reads(
        &text,
        &[
            "156 visits, 1 answer",
            // 25 of 156 against 8 of 80: 16.0 % by Wilson 11.1 to 22.6, before 10.0 % by 5.2 to 18.5; Newcombe −3.8 to 14.2.
            "Signed up Macro rate: visits that reached the main goal, of all visits.",
            "16.0 % (11.1 to 22.6) 25 of 156",
            "10.0 % (5.2 to 18.5) 8 of 80",
            "no clear change (−3.8 to 14.2 points)",
            "76 more",
            // Of four asked shares are not told.
            "1 of 4",
            "1 visit of automated browsers is not counted.",
            "Today is not over",
        ],
    );
    assert!(!text.contains("The first visit came"), "60 days ago");
    let young = words(&get(&app, &world, "?days=35").await.body);
    assert_reads(
        &young,
        &["The first visit came on", "the days before are not whole"],
    );
}

#[actix_web::test]
async fn rows_of_a_dimension_add_up_and_a_filter_gives_the_row() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;
    let by = Choice {
        by: exitpoll::ingest::cube::Dimension::parse("device"),
        ..Choice::default()
    };

    let whole = figures(&app, &world, &by).await;

    let of = |value: &str| whole.values.iter().find(|it| it.value == value).unwrap();
    let (desktop, touch) = (of("desktop"), of("touch"));
    assert_eq!(touch.now.main, Rate::new(5, 50));
    assert_eq!(desktop.now.main, Rate::new(20, 106));
    assert_eq!(desktop.before.main, Rate::new(8, 80));
    assert_eq!(desktop.now.visits + touch.now.visits, whole.now.visits);
    assert_eq!(
        (desktop.now.answers, desktop.now.response),
        (1, Rate::new(1, 4))
    );
    let filtered = Choice {
        by: None,
        filters: vec![(by.by.unwrap(), "touch".into())],
        ..Choice::default()
    };
    let only = figures(&app, &world, &filtered).await;
    assert_eq!(
        (only.now, only.before),
        (touch.now.clone(), touch.before.clone())
    );
    let text = words(&get(&app, &world, "?by=device&device=touch").await.body);
    assert_reads(
        &text,
        &["50 visits, 0 answers", "Device: Phone or tablet", "10.0 %"],
    );
    // By the first page they are read from the visits: the same in sum.
    let landing = Choice {
        by: exitpoll::ingest::cube::Dimension::parse("landing"),
        filters: filtered.filters,
        ..Choice::default()
    };
    assert_eq!(figures(&app, &world, &landing).await.now, touch.now);
}

#[actix_web::test]
async fn days_add_up_to_the_period() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;

    let whole = figures(&app, &world, &Choice::default()).await;

    assert_eq!(whole.days.len(), 28);
    let sum = |of: &dyn Fn(&overview::Figures) -> i64| -> i64 {
        whole.days.iter().map(|(_, figures)| of(figures)).sum()
    };
    assert_eq!(sum(&|it| it.visits), 156);
    assert_eq!(sum(&|it| it.main.k), 25);
    assert_eq!(sum(&|it| it.answers), 1);
    // Every second visit of each day has seen the prices.
    assert_eq!(whole.goals[0].1, "Viewed pricing");
    assert_eq!(whole.now.goals[0], Rate::new(50 + 25 + 6, 156));
}

#[actix_web::test]
async fn files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;

    let csv = get(&app, &world, ".csv?by=device").await;
    let json = get(&app, &world, ".json?by=device").await;

    assert!(csv.header("content-type").starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let names = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let told = json.json();
    let objects = told["overview"].as_array().unwrap();
    assert_eq!(rows.len(), objects.len());
    for (row, object) in rows.iter().zip(objects) {
        assert_same(&names, row, object);
    }
    let find = |part: &str, value: &str, metric: &str| {
        let is_it = |it: &&serde_json::Value| {
            it["part"] == part
                && it["metric"] == metric
                && it["value"].as_str().unwrap_or_default() == value
        };
        objects.iter().find(is_it).unwrap()
    };
    let main = find("period", "", "macro_rate");
    assert_eq!(
        (main["k"].as_i64(), main["n"].as_i64()),
        (Some(25), Some(156))
    );
    assert_eq!(main["goal"], "Signed up");
    assert!((main["share"].as_f64().unwrap() - 25.0 / 156.0).abs() < 1e-12);
    assert_eq!(main["before_k"], 8);
    assert!(main["difference_low"].as_f64().unwrap() < 0.0);
    // Of four no share.
    let response = find("period", "", "response_rate");
    assert_eq!(
        (response["k"].as_i64(), response["n"].as_i64()),
        (Some(1), Some(4))
    );
    assert!(response["share"].is_null() && response["difference"].is_null());
    assert_eq!(find("value", "touch", "visits")["k"], 50);
    assert_eq!(find("period", "", "automated_left_out")["k"], 1);
}

#[actix_web::test]
async fn fifteen_answers_and_ninety_visits_say_nothing_false() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Small").await;
    for n in 0..90 {
        world.visit(if n < 2 { 3 } else { 0 });
        if n < 20 {
            world.impression(Some("shown"));
        }
        if n < 15 {
            let looking = world.looking;
            world.answer(&[("c2", looking)], "");
        }
    }
    world.insert(&app).await;

    let text = words(&get(&app, &world, "").await.body);

    assert_reads(
        &text,
        &[
            "90 visits, 15 answers",
            "2.2 % (0.6 to 7.7) 2 of 90",
            "15 of 20",
            "15 of 20 – –",
        ],
    );
    for claim in ["points more", "points fewer", "75"] {
        assert!(!text.contains(claim), "{claim:?} in {text}");
    }
}

#[actix_web::test]
async fn an_empty_site_says_what_to_do_and_another_site_adds_nothing() {
    let app = TestApp::spawn().await;
    let _full = world(&app).await;
    let site = app.insert_site("Empty").await;
    let owner = app.owner().await;

    let path = format!("/sites/{}/reports/overview?by=source", site.key);
    let text = words(&owner.get(&path).await.body);

    assert_reads(
        &text,
        &[
            "No visits in these days",
            "Choose goals",
            "No visits to break down",
        ],
    );
    let csv = owner
        .get(&format!("/sites/{}/reports/overview.csv", site.key))
        .await;
    assert!(
        !csv.body.contains("Signed up") && csv.body.contains("visits"),
        "{}",
        csv.body
    );
    let unknown = "/sites/site_00000000000000000000/reports/overview.csv";
    assert_eq!(owner.get(unknown).await.status, 404);
    assert_eq!(app.anonymous().get(&path).await.status, 303);
}

/// 25 October 2026, 00:30 in Berlin: the day has 25 hours.
const LONG_DAY: Millis = 1_792_881_000_000;

#[actix_web::test]
async fn the_long_day_holds_the_visits_of_its_twenty_five_hours() {
    let app = TestApp::spawn().await;
    let mut world = World::new_in(&app, "Berlin", "Europe/Berlin").await;
    // Half past every hour, from an hour before the day to an hour behind it.
    for hour in -1..=25 {
        let at = LONG_DAY + hour * HOUR;
        let day = calendar::day_of(at, &world.site.time_zone);
        let visit = world.visit(0);
        visit.started_at = at;
        visit.id = exitpoll::types::VisitId::new(at);
        visit.day = day;
        world.impression(Some("shown"));
    }
    world.insert(&app).await;

    let json = get(&app, &world, ".json?from=2026-10-25&to=2026-10-25")
        .await
        .json();

    let rows = json["overview"].as_array().unwrap();
    let of = |part: &str, metric: &str| {
        let is_it = |it: &&serde_json::Value| it["part"] == part && it["metric"] == metric;
        rows.iter().find(is_it).unwrap().clone()
    };
    assert_eq!(of("period", "visits")["k"], 25);
    assert_eq!(of("period", "visits")["before_k"], 1);
    assert_eq!(of("day", "visits")["from"], "2026-10-25");
    assert_eq!(of("period", "response_rate")["n"], 25);
}
