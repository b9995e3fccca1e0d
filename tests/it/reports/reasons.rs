//! Reasons by how far visits came, against figures counted by hand.

use exitpoll::types::ReasonId;
use serde_json::Value;

use super::{
    predictors::assert_tells,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// Visits that stopped at `step`, answered, and gave these reasons.
fn answers(world: &mut World, n: i64, step: i32, reasons: &[(&str, ReasonId)]) {
    for _ in 0..n {
        world.visit(step);
        world.impression(Some("shown"));
        world.answer(reasons, if reasons.is_empty() { "Hm" } else { "" });
    }
}

/// At the prices 40 answer: 10 name the phone number, 30 are just looking. At the form 40: 30 name the phone number, of whom 5 are
/// just looking too, 6 are only looking, 4 say it in their own words. Three who signed up name the phone number.
async fn eighty(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    answers(&mut world, 10, 1, &[phone]);
    answers(&mut world, 30, 1, &[looking]);
    answers(&mut world, 25, 2, &[phone]);
    answers(&mut world, 5, 2, &[phone, looking]);
    answers(&mut world, 6, 2, &[looking]);
    answers(&mut world, 4, 2, &[]);
    answers(&mut world, 3, 3, &[phone]);
    // Nobody answered these, and the last two do not count.
    world.visit(1);
    world.impression(Some("shown"));
    answers(&mut world, 1, 1, &[phone]);
    world.visits.last_mut().unwrap().is_automated = true;
    world.visit(1).is_test = true;
    world.impression(Some("shown"));
    world.answer(&[phone], "");
    world.insert(app).await;
    world
}

fn path(world: &World, ending: &str) -> String {
    format!("/sites/{}/reports/reasons{ending}", world.site.key)
}

async fn body(app: &TestApp, world: &World) -> String {
    app.owner().await.get(&path(world, "")).await.body
}

async fn page(app: &TestApp, world: &World) -> String {
    words(&body(app, world).await).replace('\u{a0}', " ")
}

async fn json(app: &TestApp, world: &World) -> Vec<Value> {
    let reply = app.owner().await.get(&path(world, ".json")).await;
    assert_eq!(reply.status, 200);
    reply.json()["reasons"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_figures_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let world = eighty(&app).await;

    let text = page(&app, &world).await;

    assert_reads(
        &text,
        &[
            // Of the two that stand out by more, this one is further away: 4.5 against 4.1.
            "“Just looking” is said more than elsewhere by those who came to “Viewed pricing” and no further",
            "What 83 visits with an answer said",
            "Before “Viewed pricing” 0 visits Viewed pricing 40 visits Started the form 40 visits Signed up 3 visits",
            "Phone number 51 % (41–62) 43 of 83 named it – 25 % (14–40) 10 of 40 named it : answers with “Phone number” at “Viewed pricing” fewer than expected 75 % (60–86) 30 of 40 named it : answers with “Phone number” at “Started the form” more than expected 3 of 3",
            // 41 of 83 are just looking, 30 of 40 at the prices.
            "Just looking 50 % (39–60) 41 of 83 named it – 75 % (60–86) 30 of 40 named it : answers with “Just looking” at “Viewed pricing” more than expected 28 % (16–43) 11 of 40 named it : answers with “Just looking” at “Started the form” fewer than expected 0 of 3",
            "1 visit of automated browsers that answered is not counted.",
        ],
    );
}

#[actix_web::test]
async fn shares_stand_for_everybody_who_could_have_been_asked() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    // At the form all of 30 on phones name it and none of 30 on desktops, where three times as many stay silent.
    for (device, reason, silent) in [("touch", phone, 30), ("desktop", looking, 90)] {
        let from = world.visits.len();
        answers(&mut world, 30, 2, &[reason]);
        for _ in 0..silent {
            world.visit(2);
            world.impression(Some("shown"));
        }
        for visit in world.visits.iter_mut().skip(from) {
            visit.device = device.into();
        }
    }
    // At the prices another 30 on phones.
    answers(&mut world, 30, 1, &[looking]);
    for visit in world.visits.iter_mut().rev().take(30) {
        visit.device = "touch".into();
    }
    world.insert(&app).await;

    let text = page(&app, &world).await;
    let rows = json(&app, &world).await;

    // 60 of 180 and not 30 of 60; of all 60 of 210 and not 30 of 90.
    assert_reads(
        &text,
        &["33 % (", "30 of 60 named it : answers with “Phone number”"],
    );
    let mut of_phone = rows.iter().filter(|row| row["reason"] == "Phone number");
    let at_form = of_phone.find(|row| row["step"] == 2).unwrap();
    let share = |name: &str| at_form[name].as_f64().unwrap();
    assert!((share("share") - 0.5).abs() < 1e-9);
    assert!((share("corrected") - 1.0 / 3.0).abs() < 1e-9);
    assert!(share("corrected_low") < share("corrected") && share("equal_answers") < 60.0);
    assert!((share("corrected_anywhere") - 60.0 / 210.0).abs() < 1e-9);
    assert_eq!(at_form["before_answered"], 0);
}

#[actix_web::test]
async fn each_cell_leads_to_the_answers_that_it_counts() {
    let app = TestApp::spawn().await;
    let world = eighty(&app).await;
    let body = body(&app, &world).await;
    let owner = app.owner().await;

    let links: Vec<&str> = body
        .split("href=\"")
        .filter_map(|part| part.split_once('"'))
        .map(|(link, _)| link)
        .filter(|link| link.contains("/answers?reason="))
        .collect();

    assert_eq!(links.len(), 5);
    for (link, n) in links.iter().zip([10, 30, 3, 30, 11]) {
        let link = link.replace("&amp;", "&").replace("&#38;", "&");
        let list = owner
            .get(&link.replace("/answers?", "/answers.json?"))
            .await;
        let listed = list.json()["answers"].as_array().unwrap().len();
        assert_eq!(listed, n, "{link}");
    }
}

#[actix_web::test]
async fn both_files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let world = eighty(&app).await;

    let rows = json(&app, &world).await;
    let table = app.owner().await.get(&path(&world, ".csv")).await;

    assert_eq!(rows.len(), 8);
    assert_tells(&table.body, &rows);
    let at = |reason: &str, step: i64| {
        let mut rows = rows.iter();
        let row = rows.find(|row| row["reason"] == reason && row["step"] == step);
        row.unwrap().clone()
    };
    let form = at("Phone number", 2);
    assert_eq!(
        (&form["named"], &form["answered"], &form["stands_out"]),
        (&30.into(), &40.into(), &"more".into())
    );
    // Expected 40 · 43 / 83 = 20.72; its standard error is √(20.72 · 43 / 83 · 40 / 83 · 83 / 82) = 2.29.
    let residual = form["residual"].as_f64().unwrap();
    assert!((residual - 4.053_9).abs() < 0.000_1, "{residual}");
    let few = at("Phone number", 3);
    assert_eq!(
        (&few["named"], &few["share"], &few["residual"]),
        (&3.into(), &Value::Null, &Value::Null)
    );
}

#[actix_web::test]
async fn few_answers_have_counts_and_no_marks() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    answers(&mut world, 12, 1, &[phone]);
    answers(&mut world, 12, 2, &[looking]);
    world.insert(&app).await;

    let text = page(&app, &world).await;

    assert_reads(
        &text,
        &[
            "Too few answers yet to tell reasons apart",
            "Just looking 12 of 24 – 0 of 12 12 of 12 : answers with “Just looking” at “Started the form” –",
            "6 more visits with an answer would bear a share with its range.",
        ],
    );
    assert!(
        !text.contains("fewer than expected") && !text.contains(" more than expected"),
        "{text}"
    );
}

#[actix_web::test]
async fn a_site_tells_of_its_own_answers_to_its_members_only() {
    let app = TestApp::spawn().await;
    let world = eighty(&app).await;
    let other = World::new(&app, "Other").await;

    assert_reads(
        &page(&app, &other).await,
        &["No answers in these days", "Choose a question"],
    );
    assert_eq!(json(&app, &other).await, [] as [Value; 0]);
    for ending in ["", ".csv", ".json"] {
        let stranger = app.anonymous().get(&path(&world, ending)).await;
        assert_eq!(stranger.status, 303);
        assert!(stranger.location().starts_with("/sign-in"));
    }
}
