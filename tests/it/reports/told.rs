//! What pages say of visits that were not counted by the goals as they are now, and of goals that not all days tell of.

use exitpoll::{
    clock::DAY,
    db::entity::recount,
    goal::{
        store,
        types::{GoalRole, GoalRule},
    },
    prompt::{draft::NewQuestion, types::QuestionKind},
};
use jiff::ToSpan;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::world::{World, assert_reads, words};
use crate::{
    recount::goal,
    support::{app::TestApp, prompt::pricing},
};

/// Words of a page of the site.
async fn read(app: &TestApp, world: &World, path: &str) -> String {
    let reply = app
        .owner()
        .await
        .get(&format!("/sites/{}{path}", world.site.key))
        .await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    words(&reply.body).replace('\u{a0}', " ")
}

/// By definitions from before the main goal: what these visits reached was another.
fn of_before(world: &mut World, n: usize, step: i32) {
    for _ in 0..n {
        world.visit(step).funnel_version = 0;
    }
}

/// As if all visits were to be counted again, by definitions that this node does not know yet.
async fn begin_recount(app: &TestApp, world: &World, total: i64) {
    let row = recount::Model {
        site_id: world.site.id,
        version: world.funnel_version + 1,
        since_at: world.now,
        total: Some(total),
        recounted: 0,
        reached: None,
        reached_day: None,
        is_tail: false,
        claimed_by: String::new(),
        lease_until: 0,
        finished_at: None,
    };
    let tx = app.state.db.begin().await.unwrap();
    recount::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn who_reached_another_main_goal_has_not_converted_nor_failed_to() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    of_before(&mut world, 1, 3);
    world.impression(Some("shown"));
    let id = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;

    let inbox = read(&app, &world, "/answers").await;
    let page = read(&app, &world, &format!("/answers/{id}")).await;
    let path = format!("/sites/{}/answers.json", world.site.key);
    let file = app.owner().await.get(&path).await.json();

    assert_reads(&inbox, &["not known: Signed up"]);
    assert!(!inbox.contains("later: Signed up"), "{inbox}");
    assert_reads(&page, &["Whether it reached “Signed up” is not known"]);
    assert!(!page.contains("after the answer"), "{page}");
    let answer = &file["answers"][0];
    assert_eq!(answer["converted"], "unknown");
    assert!(answer["converted_at"].is_null(), "{answer}");
}

#[actix_web::test]
async fn the_rate_of_what_can_be_known_is_that_of_the_present_main_goal() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    for n in 0..40 {
        world.visit(if n < 10 { 3 } else { 0 });
    }
    of_before(&mut world, 60, 3);
    world.insert(&app).await;

    let text = read(&app, &world, "/reports/knowable").await;

    assert_reads(
        &text,
        &[
            "Visits 100 (",
            "10 of 40",
            "60 visits of these days can no longer be counted by the present main goal: their events are not kept any more.",
        ],
    );
}

#[actix_web::test]
async fn scores_by_outcome_leave_out_visits_whose_outcome_is_not_known() {
    for is_settled in [false, true] {
        let app = TestApp::spawn().await;
        let mut world = World::new(&app, "Shop").await;
        let mut design = pricing();
        design.questions = vec![NewQuestion {
            kind: QuestionKind::Nps,
            title: "Would you recommend us?".into(),
            ..NewQuestion::default()
        }];
        let prompt = app.publish(&world.site, "Recommend", &design).await;
        for (n, version, step, score) in [
            (40, None, 3, 10.0),
            (50, None, 0, 0.0),
            (31, Some(0), 3, 0.0),
        ] {
            for _ in 0..n {
                let visit = world.visit(step);
                visit.funnel_version = version.unwrap_or(visit.funnel_version);
                world.impression(Some("shown")).prompt_id = prompt;
                world.answer(&[], "");
                let answer = world.answers.last_mut().unwrap();
                (answer.prompt_id, answer.number) = (prompt, Some(score));
            }
        }
        match is_settled {
            true => world.insert_settled(&app).await,
            false => world.insert(&app).await,
        }

        let text = read(&app, &world, "/reports/scores").await;

        assert_reads(
            &text,
            &[
                "These days −34",
                "121 answers",
                "Reached the main goal +100",
                "40 answers",
                "Did not reach it −100",
                "50 answers",
                "Of 31 answers it is not known whether their visits reached the main goal",
            ],
        );
    }
}

const FOUR: [&str; 4] = ["overview", "revenue", "steps", "predictors"];

#[actix_web::test]
async fn visits_that_nothing_will_count_again_are_not_said_to_wait() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    for _ in 0..7 {
        world.visit(0);
    }
    of_before(&mut world, 2, 3);
    world.insert(&app).await;

    for report in FOUR {
        let text = read(&app, &world, &format!("/reports/{report}")).await;
        assert_reads(
            &text,
            &["2 visits of these days can no longer be counted by the present"],
        );
        assert_reads(&text, &["their events are not kept any more."]);
        assert!(!text.contains("yet."), "{report}: {text}");
    }
    begin_recount(&app, &world, 2).await;
    for report in FOUR {
        let text = read(&app, &world, &format!("/reports/{report}")).await;
        assert_reads(
            &text,
            &["2 visits of these days are not counted by the present"],
        );
        assert!(!text.contains("no longer"), "{report}: {text}");
    }
    for report in ["forms", "scores", "knowable"] {
        let text = read(&app, &world, &format!("/reports/{report}")).await;
        assert_reads(&text, &["Recounting by the new steps: 0 of 2 visits."]);
    }
}

#[actix_web::test]
async fn a_step_that_fewer_visits_are_counted_with_says_so() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    for _ in 0..2 {
        world.visit(0);
    }
    let tx = app.state.db.begin().await.unwrap();
    let help = goal(
        "Asked for help",
        GoalRole::Engagement,
        GoalRule::event("help"),
    );
    store::insert_goal(&tx, world.site.id, &help, world.now - DAY)
        .await
        .unwrap();
    let definitions = store::load_definitions(&tx, world.site.id).await.unwrap();
    tx.commit().await.unwrap();
    world.funnel_version = definitions.version();
    for _ in 0..7 {
        world.visit(0);
    }
    world.insert(&app).await;

    let text = read(&app, &world, "/reports/steps").await;

    assert_reads(
        &text,
        &[
            "0 of 9",
            "0 of 7",
            "“Asked for help”: 2 visits of these days can no longer be counted by it as it is now: their events are not kept any more.",
        ],
    );
    assert!(!text.contains("by the present goals"), "{text}");
    begin_recount(&app, &world, 2).await;
    let text = read(&app, &world, "/reports/steps").await;
    assert_reads(
        &text,
        &["“Asked for help”: 2 visits of these days are not counted by it as it is now yet."],
    );
}

#[actix_web::test]
async fn a_goal_that_is_recorded_from_its_saving_on_says_from_when_it_counts() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let tx = app.state.db.begin().await.unwrap();
    let search = goal("Searched", GoalRole::Engagement, GoalRule::Search);
    store::insert_goal(&tx, world.site.id, &search, world.now)
        .await
        .unwrap();
    let definitions = store::load_definitions(&tx, world.site.id).await.unwrap();
    tx.commit().await.unwrap();
    world.funnel_version = definitions.version();
    for _ in 0..7 {
        world.visit(0);
    }
    world.insert(&app).await;

    let zone = jiff::tz::TimeZone::get(&world.site.time_zone).unwrap();
    let saved = jiff::Timestamp::from_millisecond(world.now)
        .unwrap()
        .to_zoned(zone);
    let day = saved.date().saturating_add(1.days()).strftime("%-d %b");
    for report in ["steps", "blueprint"] {
        let text = read(&app, &world, &format!("/reports/{report}")).await;
        let says = format!("counted from {day} on");
        assert_reads(&text, &[&says]);
        assert_eq!(text.matches("counted from").count(), 1, "{report}: {text}");
    }
}

#[actix_web::test]
async fn an_answer_whose_visit_is_not_kept_says_so() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    world.visit(2);
    world.impression(Some("shown"));
    let gone = world.answer(&[("c1", world.phone)], "");
    world.visit(2).last_view_id = exitpoll::types::ViewId::new(world.now + 1);
    world.impression(Some("shown"));
    world.events(r#"[[0,"page_view",{"u":"/"}]]"#);
    let kept = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let settings = format!("/sites/{}/settings/keep", world.site.key);

    let (gone, kept) = (format!("/answers/{gone}"), format!("/answers/{kept}"));
    assert_reads(
        &read(&app, &world, &gone).await,
        &["What this visit did is no longer kept."],
    );
    let saved = app
        .owner()
        .await
        .post_form(&settings, &[("keep_days", "30")])
        .await;
    assert_eq!(saved.status, 303);

    assert_reads(
        &read(&app, &world, &gone).await,
        &["What this visit did is no longer kept (30 days)."],
    );
    let text = read(&app, &world, &kept).await;
    assert!(!text.contains("no longer kept"), "{text}");
}

#[actix_web::test]
async fn a_site_with_imported_visits_alone_says_that_no_live_one_came() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    world.visit(0).is_imported = true;
    world.insert(&app).await;

    let text = read(&app, &world, "/settings").await;

    assert_reads(
        &text,
        &["No live visit yet: all visits here come from a file. Open your site in another tab."],
    );
    let list = words(&app.owner().await.get("/sites").await.body);
    assert_reads(&list, &["No live visit yet, only those of a file"]);
    for text in [text, list] {
        assert!(!text.contains("Last event"), "{text}");
        assert!(!text.contains("Waiting for the first visit"), "{text}");
    }
}
