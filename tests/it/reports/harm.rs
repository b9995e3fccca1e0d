//! A question that costs conversions: told where its owner looks, and paused by itself where he chose so.

use exitpoll::{
    clock::{self, DAY, HOUR},
    db::{self, entity::harm_pause},
    delivery::Snapshots,
    harm::Guard,
    prompt::{self, types::PromptStatus},
    site,
};
use sea_orm::{DbBackend, EntityTrait};

use super::{
    effect::{group, list, report, set_fairness},
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// Of 1,800 that were asked `reached` reach the main goal, of 200 others 80: 40 of 100.
async fn asked(app: &TestApp, reached: usize, is_guarded: bool) -> World {
    let mut world = World::new(app, "Northwind").await;
    group(&mut world, "shown", 1_800, reached);
    group(&mut world, "held_out", 200, 80);
    world.insert(app).await;
    set_fairness(app, &world, |fairness| fairness.pauses_on_harm = is_guarded).await;
    world
}

async fn status(app: &TestApp, world: &World) -> PromptStatus {
    let db = &app.state.db.read;
    let prompt = prompt::store::find_prompt(db, world.site.id, world.prompt_id).await;
    prompt.unwrap().status
}

async fn page(app: &TestApp, world: &World, behind: &str) -> String {
    let path = format!("/sites/{}{behind}", world.site.key);
    words(&app.owner().await.get(&path).await.body)
}

#[actix_web::test]
async fn a_harmful_question_is_an_alarm_and_is_paused_once() {
    let app = TestApp::spawn().await;
    let world = asked(&app, 360, true).await;
    let alarm = "Asking “Sign-up not finished” costs conversions. Visits that are asked reach “Signed up” less often than those left unasked: 20.0 points fewer (−";
    assert_reads(&page(&app, &world, "").await, &[alarm]);
    let snapshots = &app.state.snapshots;
    let before = snapshots.get(&world.site.key).await.unwrap().unwrap();
    assert_eq!(before.prompts.len(), 1);

    assert_eq!(app.state.guard.look(clock::now()).await.unwrap(), 1);

    assert_eq!(status(&app, &world).await, PromptStatus::Paused);
    let after = snapshots.get(&world.site.key).await.unwrap().unwrap();
    assert_eq!(after.prompts.len(), 0);
    assert!(after.site.config_version > before.site.config_version);
    let editor = format!("/prompts/{}", world.prompt_id);
    let pages = [
        list(&app, &world).await,
        page(&app, &world, "").await,
        page(&app, &world, &editor).await,
        report(&app, &world, "").await,
    ];
    for page in pages {
        assert_reads(
            &page,
            &[
                "“Sign-up not finished” was paused by itself on ",
                "20.0 points fewer (−",
                "it is not paused by itself a second time, unless you leave another share unasked",
            ],
        );
    }
    assert_eq!(app.state.guard.look(clock::now()).await.unwrap(), 0);
    let noted = harm_pause::Entity::find().all(&app.state.db.read).await;
    let noted = noted.unwrap();
    assert_eq!(noted.len(), 1);
    let figures = &noted[0];
    assert_eq!((figures.asked, figures.asked_reached), (1_800, 360));
    assert_eq!((figures.unasked, figures.unasked_reached), (200, 80));
    assert_eq!((figures.percent, figures.goal.as_str()), (10, "Signed up"));
}

/// Whoever lets it ask again has seen the figures. With another share left unasked they begin anew.
#[actix_web::test]
async fn resumed_it_is_left_alone_until_another_comparison_begins() {
    let app = TestApp::spawn().await;
    let mut world = asked(&app, 360, true).await;
    app.state.guard.look(clock::now()).await.unwrap();
    let resume = format!(
        "/sites/{}/prompts/{}/resume",
        world.site.key, world.prompt_id
    );
    let client = app.owner().await;
    assert_eq!(client.post_form(&resume, &[]).await.status, 303);

    for later in [HOUR, DAY] {
        let now = clock::now() + later;
        assert_eq!(app.state.guard.look(now).await.unwrap(), 0);
    }

    assert_eq!(status(&app, &world).await, PromptStatus::Published);
    let told = "It was paused by itself on ";
    assert_reads(&list(&app, &world).await, &["costs conversions.", told]);
    assert_reads(
        &report(&app, &world, "").await,
        &[told, "and asks again since"],
    );
    let path = format!(
        "/sites/{}/prompts/{}/report",
        world.site.key, world.prompt_id
    );
    let rows = super::filters::rows(&app, &path, "").await;
    let pause = rows.iter().find(|row| row["line"] == "paused_by_itself");
    let pause = pause.unwrap();
    assert_eq!(
        (&pause["name"], &pause["verdict"]),
        (&"asks_again".into(), &"harm".into())
    );
    assert!(pause["high"].as_f64().unwrap() < 0.0);

    (world.visits, world.impressions) = (vec![], vec![]);
    set_fairness(&app, &world, |fairness| fairness.held_out_percent = 50).await;
    for (arm, reached) in [("shown", 100), ("held_out", 400)] {
        let first = world.impressions.len();
        group(&mut world, arm, 1_000, reached);
        for made in &mut world.impressions[first..] {
            made.probability = Some(0.5);
            made.decided_at += 10_000;
        }
    }
    world.insert(&app).await;
    assert_eq!(app.state.guard.look(clock::now()).await.unwrap(), 1);
    assert_eq!(status(&app, &world).await, PromptStatus::Paused);
}

#[actix_web::test]
async fn a_harmless_question_goes_on_and_so_does_one_without_the_setting() {
    let app = TestApp::spawn().await;
    let harmless = asked(&app, 720, true).await;
    let unguarded = asked(&app, 360, false).await;
    let uncompared = asked(&app, 360, true).await;
    set_fairness(&app, &uncompared, |fairness| fairness.held_out_percent = 0).await;

    assert_eq!(app.state.guard.look(clock::now()).await.unwrap(), 0);

    for world in [&harmless, &unguarded, &uncompared] {
        assert_eq!(status(&app, world).await, PromptStatus::Published);
    }
    assert!(!list(&app, &harmless).await.contains("Asking “"));
    assert_reads(
        &list(&app, &unguarded).await,
        &["Asking “Sign-up not finished” costs conversions."],
    );
    assert!(
        !page(&app, &harmless, "")
            .await
            .contains("costs conversions")
    );
}

#[actix_web::test]
async fn a_question_that_its_owner_has_paused_was_not_paused_by_itself() {
    let app = TestApp::spawn().await;
    let world = asked(&app, 360, true).await;
    app.state.guard.look(clock::now()).await.unwrap();
    let base = format!("/sites/{}/prompts/{}", world.site.key, world.prompt_id);
    let client = app.owner().await;
    for what in ["resume", "pause"] {
        client.post_form(&format!("{base}/{what}"), &[]).await;
    }

    assert_eq!(status(&app, &world).await, PromptStatus::Paused);
    assert!(!list(&app, &world).await.contains("by itself"));
}

#[actix_web::test]
async fn of_two_nodes_one_pauses_it() {
    let app = TestApp::spawn().await;
    let world = asked(&app, 360, true).await;
    let config_version = async || {
        let site = site::store::find(&app.state.db.read, world.site.id).await;
        site.unwrap().unwrap().config_version
    };
    let before = config_version().await;
    // A SQLite file has one node only: there two tasks must not both do it.
    let db = &app.state.db;
    let other = match db.backend() {
        DbBackend::Sqlite => db.clone(),
        _ => db::open(&app.database.url).await.unwrap(),
    };
    let other = Guard::new(other.clone(), Snapshots::new(other));
    let now = clock::now();

    let (here, there) = tokio::join!(app.state.guard.look(now), other.look(now));

    assert_eq!(here.unwrap() + there.unwrap(), 1);
    assert_eq!(config_version().await, before + 1);
    let noted = harm_pause::Entity::find().all(&app.state.db.read).await;
    assert_eq!(noted.unwrap().len(), 1);
}

#[actix_web::test]
async fn the_editor_sets_it_and_a_new_question_begins_with_it() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    let prompts = format!("/sites/{}/prompts", site.key);
    let template = [("template", "form_abandoned")];
    let editor = client.post_form(&prompts, &template).await;
    let editor = editor.location().to_owned();
    let is_set = async || {
        let stored = prompt::store::list_prompts(&app.state.db.read, site.id).await;
        stored.unwrap()[0].draft.fairness.pauses_on_harm
    };
    assert!(is_set().await);

    let fields = |value| {
        let mut fields = vec![
            ("name", "A"),
            ("question", "q1"),
            ("q1-title", "Why?"),
            ("q1-kind", "text"),
        ];
        fields.extend([
            ("ask_at", "exit"),
            ("sensitivity", "medium"),
            ("within_minutes", "10"),
        ]);
        fields.extend([
            ("min_active_seconds", "5"),
            ("thanks", "Thank you."),
            ("lang", "en"),
        ]);
        fields.extend([("held_out_percent", "10"), ("do", "save")]);
        fields.extend(value);
        fields
    };
    let off = client.post_form(&editor, &fields(None)).await;
    assert_eq!(off.status, 303, "{}", off.body);
    assert!(!is_set().await);
    let on = fields(Some(("pauses_on_harm", "1")));
    assert_eq!(client.post_form(&editor, &on).await.status, 303);
    assert!(is_set().await);
    let page = words(&client.get(&editor).await.body);
    assert_reads(
        &page,
        &["It is paused by itself when asking turns out to cost conversions."],
    );
}
