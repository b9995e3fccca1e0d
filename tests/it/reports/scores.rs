//! The report of scores, against figures counted by hand.

use exitpoll::{
    prompt::{draft::NewQuestion, types::QuestionKind},
    site::calendar,
    types::PromptId,
};
use jiff::ToSpan;
use serde_json::Value;

use super::world::{World, assert_reads, words};
use crate::support::{app::TestApp, prompt::pricing};

async fn nps(app: &TestApp, world: &World) -> PromptId {
    let mut design = pricing();
    design.questions = vec![NewQuestion {
        kind: QuestionKind::Nps,
        title: "Would you recommend us?".into(),
        ..NewQuestion::default()
    }];
    app.publish(&world.site, "Recommend", &design).await
}

/// Visits of `day` days ago that gave this score; those with step 3 reached the main goal.
fn gave(world: &mut World, prompt: PromptId, n: usize, score: i32, (days, step): (i64, i32)) {
    let today = calendar::date_of(calendar::day_of(world.now, &world.site.time_zone)).unwrap();
    let day = calendar::number(today.saturating_sub(days.days()));
    for _ in 0..n {
        let visit = world.visit(step);
        visit.day = day;
        visit.device = if score > 8 { "touch" } else { "desktop" }.into();
        world.impression(Some("shown")).prompt_id = prompt;
        world.answer(&[], "");
        let answer = world.answers.last_mut().unwrap();
        answer.prompt_id = prompt;
        answer.number = Some(f64::from(score));
    }
}

/// These 28 days: 50 promoters, all of whom signed up, 30 passives and 20 detractors. The 28 before: 10 and 10.
async fn hundred(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    let prompt = nps(app, &world).await;
    gave(&mut world, prompt, 50, 10, (0, 3));
    gave(&mut world, prompt, 30, 8, (10, 0));
    gave(&mut world, prompt, 20, 3, (10, 2));
    gave(&mut world, prompt, 10, 9, (30, 0));
    gave(&mut world, prompt, 10, 0, (30, 0));
    // None of these counts: a test, an automated browser, a day before both.
    gave(&mut world, prompt, 1, 0, (0, 0));
    world.visits.last_mut().unwrap().is_test = true;
    gave(&mut world, prompt, 1, 0, (0, 0));
    world.visits.last_mut().unwrap().is_automated = true;
    gave(&mut world, prompt, 1, 0, (60, 0));
    world.insert(app).await;
    world
}

fn path(world: &World, ending: &str) -> String {
    format!("/sites/{}/reports/scores{ending}", world.site.key)
}

async fn text(app: &TestApp, path: &str) -> String {
    let reply = app.owner().await.get(path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    words(&reply.body).replace('\u{a0}', " ")
}

#[actix_web::test]
async fn scores_by_outcome_and_kind_of_visit_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;

    let text = text(&app, &path(&world, "?by=device")).await;

    assert_reads(
        &text,
        &[
            "100 scores to 1 question",
            "Would you recommend us?",
            // 50 of 100 less 20 of 100, as published: 14.05 to 44.20. Before 10 of 20 less 10 of 20, and (10.75 + 10.75) / 23 / 23
            // is the variance: the difference is 0.291 ± 1.96 × √(0.0059 + 0.0406).
            "These days +30 (+14 to +44) 100 answers no clear difference (−13 to 71 points)",
            "0 (−40 to +40) 20 answers",
            // 50 of 50: 0.943 ± 0.077. None of 50 less 20: −0.377 ± 0.138.
            "Reached the main goal +100 (+87 to +100) 50 answers 140 points higher (116 to 148)",
            "Did not reach it −40 (−52 to −24) 50 answers",
            "Phone or tablet : only these visits +100",
            "Computer : only these visits −40",
            "1 answer of automated browsers is not counted.",
        ],
    );
}

#[actix_web::test]
async fn filters_leave_only_their_visits_and_weeks_add_up() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;

    let filtered = text(&app, &path(&world, "?device=desktop")).await;
    let told = app.owner().await.get(&path(&world, ".json")).await.json();

    assert_reads(
        &filtered,
        &["50 scores to 1 question", "These days −40 (−52 to −24)"],
    );
    let rows = told["scores"].as_array().unwrap();
    let answers = |part: &str| -> i64 {
        let of_part = rows.iter().filter(|row| row["part"] == part);
        of_part.map(|row| row["answers"].as_i64().unwrap()).sum()
    };
    assert_eq!(
        ["period", "before", "outcome", "week"].map(answers),
        [100, 20, 100, 100]
    );
}

#[actix_web::test]
async fn files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let client = app.owner().await;

    let told = client.get(&path(&world, ".json?by=device")).await.json();
    let table = client.get(&path(&world, ".csv?by=device")).await.body;

    let rows = told["scores"].as_array().unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let names = reader.headers().unwrap().clone();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().zip(rows) {
        super::overview::assert_same(&names, record, row);
    }
    let period = &rows[0];
    assert_eq!(period["measure"], "nps");
    assert_eq!(period["score"].as_f64().unwrap().round(), 30.0);
    assert_eq!(
        ["low", "high", "difference_low", "difference_high"]
            .map(|name| period[name].as_f64().unwrap().round()),
        [14.0, 44.0, -13.0, 71.0]
    );
    assert_eq!(rows[1]["compared_with"], Value::Null);
}

#[actix_web::test]
async fn a_site_that_asks_for_no_score_says_what_to_do() {
    let app = TestApp::spawn().await;
    let world = World::new(&app, "Shop").await;

    let empty = text(&app, &path(&world, "")).await;
    nps(&app, &world).await;
    let unanswered = text(&app, &path(&world, "")).await;

    assert_reads(&empty, &["You ask none yet.", "Choose a question"]);
    assert_reads(&unanswered, &["Nobody gave a score in these days"]);
}
