//! Wordings beside each other: what was drawn, what came of it, and what may be said of the difference.

use std::collections::BTreeMap;

use exitpoll::{
    clock,
    prompt::{
        store,
        types::{Design, Place, ShownAs, Wording},
    },
};

use super::world::{World, assert_reads, words};
use crate::support::app::TestApp;

const TITLE: &str = "questions.q1.title";

/// Publishes another version, after a change of what is there.
async fn publish(app: &TestApp, world: &World, change: impl FnOnce(&mut Design)) -> i32 {
    let (site, prompt, now) = (world.site.id, world.prompt_id, clock::now());
    let tx = app.state.db.begin().await.unwrap();
    let stored = store::find_prompt(&tx, site, prompt).await.unwrap();
    let mut design = stored.draft;
    change(&mut design);
    store::save_draft(&tx, site, prompt, &stored.name, &design, now)
        .await
        .unwrap();
    let version = store::publish(&tx, site, prompt, now).await.unwrap();
    tx.commit().await.unwrap();
    version
}

fn say(design: &mut Design, title: &str) {
    design.other_words.wordings = vec![Wording {
        id: "b".into(),
        words: BTreeMap::from([(TITLE.to_owned(), title.to_owned())]),
    }];
}

fn add(world: &mut World, version: i32, wording: &str, answered: usize, silent: usize) {
    for n in 0..answered + silent {
        world.visit(2);
        let shown = world.impression(Some("shown"));
        shown.prompt_version = version;
        shown.wording = Some(wording.into());
        shown.language = Some("en".into());
        if n < answered {
            world.answer(&[("c1", world.phone)], "");
        }
    }
}

async fn report(app: &TestApp, world: &World) -> String {
    let path = format!(
        "/sites/{}/prompts/{}/report",
        world.site.key, world.prompt_id
    );
    let page = app.owner().await.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    words(&page.body)
}

#[actix_web::test]
async fn wordings_stand_beside_each_other_with_their_difference() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let other = publish(&app, &world, |design| say(design, "Why?")).await;
    let tried = publish(&app, &world, |design| say(design, "What was in your way?")).await;
    let moved = publish(&app, &world, |design| design.look.place = Place::BottomLeft).await;
    // Another wording of the same name does not count.
    add(&mut world, other, "b", 40, 0);
    add(&mut world, tried, "a", 24, 16);
    add(&mut world, moved, "a", 24, 16);
    add(&mut world, tried, "b", 56, 14);
    world.insert(&app).await;

    let page = report(&app, &world).await;

    assert_reads(
        &page,
        &[
            "Which wording is answered",
            "Wording A “What kept you from finishing?” 80 48 60.0 %",
            "Wording B “What was in your way?” 70 56 80.0 %",
            "Wording B is answered more often than A: by 20.0 points (5.2 to 33.4).",
        ],
    );
    let path = format!(
        "/sites/{}/prompts/{}/report.json",
        world.site.key, world.prompt_id
    );
    let file = app.owner().await.get(&path).await.body;
    let told: serde_json::Value = serde_json::from_str(&file).unwrap();
    let rows = told["prompt"].as_array().unwrap().iter();
    let wordings: Vec<_> = rows.filter(|row| row["line"] == "wording").collect();
    let [first, second] = wordings.as_slice() else {
        panic!("two wordings: {wordings:?}")
    };
    assert_eq!(
        (&first["name"], &first["k"], &first["n"]),
        (&"a".into(), &48.into(), &80.into())
    );
    assert!(first["difference"].is_null(), "{first}");
    assert_eq!(second["question"], "What was in your way?");
    let points = ["difference", "difference_low", "difference_high"]
        .map(|name| (second[name].as_f64().unwrap() * 1e3).round());
    assert_eq!(points, [200.0, 52.0, 334.0]);
}

#[actix_web::test]
async fn other_words_on_the_tab_leave_the_comparison_as_it_was() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let tried = publish(&app, &world, |design| {
        say(design, "What was in your way?");
        design.look.shown_as = ShownAs::Tab;
        design.look.label = "Feedback".into();
    })
    .await;
    let told = publish(&app, &world, |design| {
        design.look.label = "Tell us".into();
    })
    .await;
    add(&mut world, tried, "a", 24, 16);
    add(&mut world, told, "a", 24, 16);
    add(&mut world, tried, "b", 56, 14);
    world.insert(&app).await;

    let page = report(&app, &world).await;

    assert_reads(
        &page,
        &[
            "Wording A “What kept you from finishing?” 80 48 60.0 %",
            "Wording B “What was in your way?” 70 56 80.0 %",
        ],
    );
}

#[actix_web::test]
async fn chance_is_said_to_be_chance_and_few_are_not_compared() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let version = publish(&app, &world, |design| say(design, "Why?")).await;
    add(&mut world, version, "a", 20, 20);
    add(&mut world, version, "b", 10, 8);
    world.insert(&app).await;
    let few = report(&app, &world).await;
    world.visits.clear();
    world.impressions.clear();
    world.answers.clear();
    world.choices.clear();
    world.visit_goals.clear();
    add(&mut world, version, "b", 12, 10);
    world.insert(&app).await;

    let enough = report(&app, &world).await;

    assert_reads(
        &few,
        &["Wording B and A cannot be compared yet: about 12 more cards of each."],
    );
    assert_reads(
        &enough,
        &["Wording B and A differ by no more than chance allows"],
    );
}

#[actix_web::test]
async fn an_answer_stands_in_the_wording_that_was_read() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let version = publish(&app, &world, |design| say(design, "Why?")).await;
    world.visit(2);
    let shown = world.impression(Some("shown"));
    (shown.prompt_version, shown.wording) = (version, Some("b".into()));
    let id = world.answer(&[("c1", world.phone)], "");
    world.answers.last_mut().unwrap().prompt_version = version;
    world.insert(&app).await;

    let path = format!("/sites/{}/answers/{id}", world.site.key);
    let page = app.owner().await.get(&path).await;

    assert_reads(&words(&page.body), &["Why?", "Shown in wording B"]);
}
