//! What the funnel is asked for, on its page and in its files.

use exitpoll::{clock::DAY, db::entity::visit_goal, site::calendar, types::GoalId};

use super::{
    funnel_orders::world,
    overview::assert_same,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// 40 in order, 30 with the help between, 20 the other way round, 10 that only look; before, 100 of which 20 in order.
async fn northwind(app: &TestApp) -> (World, GoalId) {
    let (mut world, help) = world(app, "Northwind").await;
    for (way, n) in [("012", 40), ("0132", 30), ("102", 20), ("3", 10)] {
        for nth in 0..n {
            let visit = world.walk(way);
            visit.device = if nth % 2 == 0 { "touch" } else { "desktop" }.into();
            visit.source = if nth % 2 == 0 {
                "News & more"
            } else {
                "direct"
            }
            .into();
        }
        if way == "3" {
            let phone = world.phone;
            world.impression(Some("shown"));
            world.answer(&[("c1", phone)], "they ask for too much");
        }
    }
    let before = calendar::day_of(world.now - DAY, &world.site.time_zone);
    for nth in 0..100 {
        world.walk(if nth < 20 { "012" } else { "0" }).day = before;
    }
    world.insert_settled(app).await;
    (world, help)
}

async fn text_of(app: &TestApp, world: &World, query: &str) -> String {
    let page = format!("/sites/{}?days=1&{query}", world.site.key);
    let reply = app.owner().await.get(&page).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    words(&reply.body)
}

#[actix_web::test]
async fn the_page_says_how_steps_count_and_where_the_reasons_are() {
    let app = TestApp::spawn().await;
    let (world, help) = northwind(&app).await;

    let plain = text_of(&app, &world, "").await;
    assert_reads(
        &plain,
        &[
            "70 Signed up",
            "answered 1",
            "20 of them reached “Signed up” another way",
        ],
    );
    assert!(!plain.contains("is told where steps count"), "{plain}");

    let any = text_of(&app, &world, "order=any").await;
    assert_reads(
        &any,
        &[
            "In any order ×",
            "90 1 step or more 90.0 %",
            "90 2 steps or more 100 %",
            "90 All 3 steps 100 %",
            "10 left here",
            "why visitors leave, is told where steps count in this order, with anything between them .",
        ],
    );
    let strict = text_of(&app, &world, "order=strict").await;
    assert_reads(
        &strict,
        &[
            "Directly one after the other ×",
            "90 Viewed pricing",
            "70 Started the form",
            "40 Signed up",
        ],
    );
    let without = text_of(&app, &world, &format!("without={help}")).await;
    assert_reads(
        &without,
        &[
            "“Opened the help” not between ×",
            "70 Started the form",
            "40 Signed up",
        ],
    );
    for other in [&any, &strict, &without] {
        // Nothing of the parts is shown where they are not joined.
        for part in [
            "answered 1",
            "could not be asked",
            "How sure?",
            "What to fix first",
            "Ask visitors who leave",
        ] {
            assert!(!other.contains(part), "{part} in {other}");
        }
    }
}

#[actix_web::test]
async fn steps_stand_against_the_days_before_with_the_range_of_the_difference() {
    let app = TestApp::spawn().await;
    let (world, _) = northwind(&app).await;

    let text = text_of(&app, &world, "").await;

    assert_reads(
        &text,
        &[
            "All visits 100 100 the same",
            // 90 of 100 against all 100; Newcombe: d −0.1, by Wilson 82.6 to 94.5 and 96.3 to 100.
            "Viewed pricing Of all visits. 90.0 % (82.6 to 94.5) 90 of 100 100 % (96.3 to 100.0) 100 of 100 10.0 points fewer (−17.4 to −4.2)",
            "All the way Visits that came to the last step, of all. 70.0 %",
        ],
    );
}

#[actix_web::test]
async fn times_from_step_to_step_are_told_of_visits_that_took_them_in_order() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let step = |world: &mut World, bit: i32, seconds: i64| {
        let visit = world.visits.last().unwrap();
        world.visit_goals.push(visit_goal::Model {
            site_id: visit.site_id,
            visit_id: visit.id,
            bit,
            first_at: visit.started_at + seconds * 1_000,
            n: 1,
            value_minor: 0,
        });
    };
    for n in 0..40 {
        world.walk("01");
        step(&mut world, 0, 10);
        step(&mut world, 1, 10 + n);
    }
    // It came to the form before the prices, and again: that time is not kept.
    world.walk("101");
    step(&mut world, 0, 20);
    step(&mut world, 1, 5);
    // What does not count has no time either.
    world.walk("01").is_automated = true;
    step(&mut world, 0, 9_000);
    step(&mut world, 1, 9_999);
    world.walk("01").device = "touch".into();
    step(&mut world, 0, 10);
    step(&mut world, 1, 10_000);
    world.insert(&app).await;

    let plain = text_of(&app, &world, "device=desktop").await;
    assert!(!plain.contains("From step to step"), "{plain}");
    let anyhow = text_of(&app, &world, "order=any&times=1").await;
    assert_reads(
        &anyhow,
        &[
            "Times from step to step are told where steps count as “In this order”, in any time and whatever came between.",
        ],
    );
    let timed = text_of(&app, &world, "device=desktop&times=1").await;

    // 0 to 39 s but for the visit at the very moment of the step before, whose order is not known: 1 to 39.
    assert_reads(
        &timed,
        &[
            "Start of the visit → Viewed pricing 10 s 10 s to 10 s 41 of 41",
            "Viewed pricing → Started the form 20 s 11 s to 30 s 39 of 41",
            "Started the form → Signed up – – 0 of 0",
        ],
    );
    let file = format!(
        "/sites/{}/reports/funnel.json?days=1&times=1",
        world.site.key
    );
    let json = app.owner().await.get(&file).await.json();
    let lines = json["funnel"].as_array().unwrap();
    let to_form = lines
        .iter()
        .find(|it| it["line"] == "step_rate" && it["step"] == 2);
    let to_form = to_form.unwrap();
    assert_eq!(
        (&to_form["timed"], &to_form["median_ms"]),
        (&40.into(), &20_500.into())
    );
}

#[actix_web::test]
async fn a_row_of_the_break_down_leads_to_the_funnel_of_these_visits_and_to_their_answers() {
    let app = TestApp::spawn().await;
    let (world, _) = northwind(&app).await;
    let client = app.owner().await;
    let home = format!("/sites/{}", world.site.key);

    let page = client.get(&format!("{home}?days=1&by=source")).await.body;
    let text = words(&page);
    assert_reads(
        &text,
        &[
            "By source",
            "Direct : only these visits 50",
            "Each step of those at the step before",
        ],
    );
    let link = page
        .split("href=\"?")
        .find(|it| it.contains("source=direct"))
        .unwrap();
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let only = client.get(&format!("{home}?{link}")).await.body;
    assert_reads(
        &words(&only),
        &[
            "Source: Direct ×",
            "50 visits",
            "35 Signed up",
            "1 answer · Read answers",
        ],
    );
    let other = text_of(&app, &world, "source=News+%26+more").await;
    assert_reads(&other, &["Source: News &#38; more ×", "50 visits"]);
    // Nobody of these was asked: reasons, words and what to fix are theirs too.
    for elsewhere in ["Phone number", "they ask for too much", "Too few answers"] {
        assert!(!other.contains(elsewhere), "{elsewhere} in {other}");
    }
    // Its live part, its files and its answers are of these visits too.
    assert!(
        only.contains("data-live=\"?fragment=funnel&amp;days=1&#38;by=source&#38;source=direct\""),
        "{only}"
    );
    let answers = only
        .split("href=\"")
        .find(|it| it.contains("/answers?step=0"))
        .unwrap();
    let answers = answers.split('"').next().unwrap().replace("&#38;", "&");
    assert!(answers.ends_with("&source=direct"), "{answers}");
    let list = words(&client.get(&answers).await.body);
    assert_reads(
        &list,
        &["1 answer", "Source: Direct", "they ask for too much"],
    );
    let none = words(
        &client
            .get(&answers.replace("direct", "News+%26+more"))
            .await
            .body,
    );
    assert!(!none.contains("they ask for too much"), "{none}");
}

#[actix_web::test]
async fn files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let (world, _) = northwind(&app).await;
    let client = app.owner().await;
    for query in [
        "days=1",
        "days=1&by=source&device=touch",
        "days=1&order=strict&by=device",
    ] {
        let file = |kind: &str| format!("/sites/{}/reports/funnel.{kind}?{query}", world.site.key);
        let csv = client.get(&file("csv")).await;
        let json = client.get(&file("json")).await.json();
        let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
        let names = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let objects = json["funnel"].as_array().unwrap();
        assert_eq!(rows.len(), objects.len());
        for (row, object) in rows.iter().zip(objects) {
            assert_same(&names, row, object);
        }
        let of = |line: &str, value: Option<&str>, step: i64| {
            let is_it = |it: &&serde_json::Value| {
                it["line"] == line && it["step"] == step && it["value"].as_str() == value
            };
            let found = objects.iter().find(is_it);
            found.unwrap_or_else(|| panic!("{line} {value:?} {step} is missing in {json}"))
        };
        if query == "days=1" {
            let signed_up = of("step", None, 3);
            assert_eq!(
                (&signed_up["visits"], &signed_up["before_visits"]),
                (&70.into(), &20.into())
            );
            assert!(signed_up["difference_low"].as_f64().unwrap() > 0.0);
            assert_eq!(of("step_rate", None, 2)["of"], 90);
            assert_eq!(of("left", None, 0)["answered"], 1);
        }
        if query.contains("touch") {
            assert_eq!(of("group", Some("News & more"), 0)["visits"], 50);
            assert_eq!(of("step", None, 0)["visits"], 50);
        }
        if query.contains("strict") {
            assert_eq!(of("group_rate", Some("touch"), 3)["visits"], 20);
            assert_eq!(of("left", None, 0)["answered"], serde_json::Value::Null);
            assert_eq!(of("step", None, 3)["order"], "strict");
        }
    }
}
