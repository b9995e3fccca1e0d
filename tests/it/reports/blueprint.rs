//! The blueprint against figures counted by hand.

use exitpoll::{
    clock::{self, DAY},
    goal,
    site::{calendar, types::Site},
    types::GoalId,
};

use super::{
    board::reach,
    overview::assert_same,
    world::{World, assert_reads, time_zone, words},
};
use crate::support::{app::TestApp, client::Client};

const PRICING: i32 = 0;
const SIGNED_UP: i32 = 2;

/// Of `n` visits of so many days ago the first so many saw the prices, and the first so many signed up.
fn visits(world: &mut World, days_ago: i64, n: usize, (priced, signed_up): (usize, usize)) {
    let before = days_ago * DAY;
    for place in 0..n {
        let is_main = place < signed_up;
        let zone = world.site.time_zone.clone();
        let visit = world.visit(if is_main { 3 } else { 0 });
        visit.started_at -= before;
        visit.last_at -= before;
        visit.macro_at = visit.macro_at.map(|at| at - before);
        visit.day = calendar::day_of(visit.started_at, &zone);
        if place < priced {
            reach(world, PRICING, 1, true);
        }
        if is_main {
            reach(world, SIGNED_UP, 1, false);
        }
    }
}

/// 200 visits forty days ago, 100 today.
async fn two_months(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    visits(&mut world, 40, 200, (50, 30));
    visits(&mut world, 0, 100, (45, 15));
    // Of no account.
    world.visit(3).is_test = true;
    reach(&mut world, PRICING, 1, true);
    world.visit(3).is_automated = true;
    reach(&mut world, PRICING, 1, true);
    world.insert_settled(app).await;
    world
}

fn path(site: &Site) -> String {
    format!("/sites/{}/reports/blueprint", site.key)
}

/// `2026-11-20`, so many days ago.
fn date(days_ago: i64) -> String {
    let now = clock::now();
    let day = calendar::day_of(now - days_ago * DAY, time_zone(now));
    calendar::date_of(day).unwrap().to_string()
}

/// Holds goals against these days; all of them when none is named.
async fn hold(client: &Client, site: &Site, (from, to): (i64, i64), goal: &str) {
    let (from, to) = (date(from), date(to));
    let form = [("from", &*from), ("to", &*to), ("goal", goal)];
    let reply = client.post_form(&path(site), &form).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

async fn read(client: &Client, site: &Site) -> String {
    words(&client.get(&path(site)).await.body)
}

async fn id_of(app: &TestApp, site: &Site, name: &str) -> GoalId {
    let goals = goal::store::list_goals(&app.state.db.read, site.id).await;
    let mut goals = goals.unwrap().into_iter();
    goals.find(|goal| goal.name == name).unwrap().id
}

#[actix_web::test]
async fn the_figures_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let world = two_months(&app).await;
    let (client, site) = (app.owner().await, &world.site);
    let empty = read(&client, site).await;
    assert_reads(
        &empty,
        &[
            "Every goal, who looks after it, and how it stands",
            "Take these days as the baseline",
            "no baseline yet",
        ],
    );

    hold(&client, site, (54, 28), "").await;
    let page = read(&client, site).await;

    assert_reads(
        &page,
        &[
            "1 of 3 goals is above its baseline",
            "Intent",
            // Newcombe of 45 of 100 against 50 of 200.
            "25.0 % (19.5 to 31.4) 50 of 200",
            "45.0 % ±9.6 45 of 100 20.0 points more (8.6 to 31.2)",
            "15.0 % (10.7 to 20.6) 30 of 200",
            "15.0 % (9.3 to 23.3) 15 of 100 no clear change (−8.0 to 9.3 points)",
            "1 visit of automated browsers is not counted.",
        ],
    );
    // As the board of small steps has it.
    let board = format!("/sites/{}/reports/steps", site.key);
    let board = words(&client.get(&board).await.body);
    assert_reads(&board, &["45.0 % ±9.6 45 of 100"]);
}

#[actix_web::test]
async fn files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let world = two_months(&app).await;
    let (client, site) = (app.owner().await, &world.site);
    hold(
        &client,
        site,
        (54, 28),
        &id_of(&app, site, "Viewed pricing").await.to_string(),
    )
    .await;

    let csv = client.get(&format!("{}.csv", path(site))).await;
    let json = client.get(&format!("{}.json", path(site))).await.json();

    let rows = json["blueprint"].as_array().unwrap();
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let names = reader.headers().unwrap().clone();
    let lines: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), lines.len()), (3, 3));
    for (line, row) in lines.iter().zip(rows) {
        assert_same(&names, line, row);
    }
    let first = &rows[0];
    assert_eq!(first["goal"], "Viewed pricing");
    assert_eq!(
        (&first["baseline_from"], &first["baseline_to"]),
        (&date(54).into(), &date(28).into())
    );
    assert_eq!(
        (first["k"].as_i64(), first["n"].as_i64()),
        (Some(45), Some(100))
    );
    assert_eq!(first["baseline_k"].as_i64(), Some(50));
    assert!((first["difference"].as_f64().unwrap() - 0.2).abs() < 1e-12);
    assert!(rows[1]["baseline_from"].is_null() && rows[1]["difference"].is_null());
}

/// Days that are on both sides hold the same visits: nothing can be told of a difference.
#[actix_web::test]
async fn a_baseline_that_was_just_taken_waits_and_few_visits_have_no_share() {
    let app = TestApp::spawn().await;
    let world = two_months(&app).await;
    let (client, site) = (app.owner().await, &world.site);

    hold(&client, site, (27, 0), "").await;
    let page = read(&client, site).await;
    assert_reads(&page, &["until then days of the baseline are among these"]);
    assert!(!page.contains("points more"), "{page}");
    // Days that do not move on stay the same.
    let fixed = format!("{}?from={}&to={}", path(site), date(27), date(0));
    let fixed = words(&client.get(&fixed).await.body);
    assert_reads(
        &fixed,
        &["these days and those of the baseline are partly the same"],
    );

    // Nobody came in these days.
    hold(&client, site, (60, 50), "").await;
    assert_reads(
        &read(&client, site).await,
        &["too few visits: from 30 on each side on"],
    );
}

#[actix_web::test]
async fn who_looks_after_a_goal_is_no_part_of_what_is_counted() {
    let app = TestApp::spawn().await;
    let world = two_months(&app).await;
    let (client, site) = (app.owner().await, &world.site);
    let db = &app.state.db.read;
    let before = goal::store::load_definitions(db, site.id).await.unwrap();
    let id = id_of(&app, site, "Viewed pricing").await;
    let editor = format!("/sites/{}/goals/{id}", site.key);
    let form = |owner| {
        [
            ("name", "Viewed pricing"),
            ("role", "milestone"),
            ("stage", "intent"),
            ("kind", "url"),
            ("subject", "/pricing"),
            ("owner", owner),
        ]
    };

    let saved = client.post_form(&editor, &form(" jo@shop.example ")).await;

    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = read(&client, site).await;
    assert_reads(
        &page,
        &[
            "Viewed pricing Step jo@shop.example",
            "Say who looks after Signed up",
        ],
    );
    assert!(
        client
            .get(&editor)
            .await
            .body
            .contains("value=\"jo@shop.example\"")
    );
    let after = goal::store::load_definitions(db, site.id).await.unwrap();
    assert_eq!(after.version(), before.version());
    // A baseline beside it leaves it, and is left by it.
    hold(&client, site, (54, 28), "").await;
    client.post_form(&editor, &form("Support")).await;
    let page = read(&client, site).await;
    assert_reads(&page, &["Viewed pricing Step Support 25.0 %"]);
    let long = "x".repeat(101);
    let refused = client.post_form(&editor, &form(&long)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
}

#[actix_web::test]
async fn without_goals_or_visits_it_says_what_to_do() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let bare = app.insert_site("Bare").await;
    assert_reads(
        &read(&client, &bare).await,
        &["There is no goal yet.", "Choose goals"],
    );
    let world = World::new(&app, "Shop").await;
    assert_reads(
        &read(&client, &world.site).await,
        &["No visit was counted in these days."],
    );

    let (from, to) = (date(10), date(1));
    for goal in [GoalId::new(1).to_string(), "x".into(), String::new()] {
        let form = [("from", &*from), ("to", &*to), ("goal", &*goal)];
        let site = if goal.is_empty() { &bare } else { &world.site };
        let reply = client.post_form(&path(site), &form).await;
        assert_eq!(reply.status, 404, "{goal}: {}", reply.body);
    }
    let turned = [("from", &*to), ("to", &*from), ("goal", "")];
    let reply = client.post_form(&path(&world.site), &turned).await;
    assert_eq!(reply.status, 422, "{}", reply.body);
}
