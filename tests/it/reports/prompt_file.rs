//! The report of one prompt as files.

use serde_json::{Value, json};

use super::{predictors::assert_tells, world::World};
use crate::support::app::TestApp;

/// 1,800 asked, of whom 360 sign up afterwards, 200 left unasked, of whom 80 do; 90 of the former answer, 30 close the card.
async fn costly(app: &TestApp) -> World {
    let mut world = World::new(app, "Northwind").await;
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    for place in 0..1_800 {
        world.visit(if place < 360 { 3 } else { 2 });
        world.impression(Some("shown")).probability = Some(0.9);
        match place {
            0..60 => drop(world.answer(&[phone], "")),
            60..90 => drop(world.answer(&[looking], "")),
            90..120 => {
                let made = world.impressions.last_mut().unwrap();
                made.dismissed_at = Some(made.decided_at + 500);
            }
            _ => {}
        }
    }
    for place in 0..200 {
        world.visit(if place < 80 { 3 } else { 2 });
        world.impression(Some("held_out")).probability = Some(0.1);
    }
    world.visit(2);
    world.impression(None);
    world.insert(app).await;
    world
}

async fn file(app: &TestApp, world: &World, ending: &str) -> String {
    let path = format!(
        "/sites/{}/prompts/{}/report{ending}",
        world.site.key, world.prompt_id
    );
    let reply = app.owner().await.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

#[actix_web::test]
async fn the_files_of_a_question_tell_what_became_of_it_and_what_asking_costs() {
    let app = TestApp::spawn().await;
    let world = costly(&app).await;

    let told: Value = serde_json::from_str(&file(&app, &world, ".json").await).unwrap();

    let rows = told["prompt"].as_array().unwrap();
    let find = |line: &str| {
        let found = rows.iter().find(|row| row["line"] == line);
        found.unwrap_or_else(|| panic!("no line {line}"))
    };
    for (line, k, n) in [
        ("could_be_asked", json!(2_000), Value::Null),
        ("left_unasked", json!(200), json!(2_000)),
        ("opened", json!(1_800), json!(1_800)),
        ("answered", json!(90), json!(1_800)),
        ("closed", json!(30), json!(1_800)),
        ("ignored", json!(1_680), json!(1_800)),
        ("imported", json!(0), Value::Null),
        ("choice", json!(60), json!(90)),
        ("not_asked", json!(1), Value::Null),
        ("effect_asked", json!(360), json!(1_800)),
        ("effect_unasked", json!(80), json!(200)),
    ] {
        let row = find(line);
        assert_eq!((&row["k"], &row["n"]), (&k, &n), "{line}");
    }
    let close = |found: &Value, figure: f64| {
        let found = found.as_f64().unwrap();
        assert!((found - figure).abs() < 1e-9, "{found} is not {figure}");
    };
    close(&find("answered")["value"], 0.05);
    let (difference, ratio) = (find("effect_difference"), find("effect_ratio"));
    close(&difference["value"], -0.2);
    close(&ratio["value"], 0.5);
    assert!(difference["high"].as_f64().unwrap() < 0.0);
    assert!(ratio["high"].as_f64().unwrap() < 1.0);
    for row in [difference, ratio] {
        assert_eq!(
            (&row["verdict"], &row["split"], &row["left_unasked_percent"]),
            (&json!("harm"), &json!("fine"), &json!(10))
        );
    }

    let table = file(&app, &world, ".csv").await;
    assert_tells(&table, rows);
}

#[actix_web::test]
async fn of_few_the_files_of_a_question_have_counts_only() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for arm in ["shown", "held_out"] {
        world.visit(3);
        world.impression(Some(arm)).probability = Some(0.5);
    }
    world.visit(1);
    world.impression(Some("imported")).probability = Some(1.0);
    world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;

    let told: Value = serde_json::from_str(&file(&app, &world, ".json").await).unwrap();

    let rows = told["prompt"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["value"].is_null()), "{rows:?}");
    let imported = rows.iter().find(|row| row["line"] == "imported");
    assert_eq!(imported.unwrap()["k"], json!(1));
    let asked = rows.iter().find(|row| row["line"] == "effect_asked");
    let asked = asked.unwrap();
    assert_eq!(
        (&asked["k"], &asked["verdict"]),
        (&json!(1), &json!("too_few"))
    );
}
