//! A prompt with several questions: kept question by question, and told so everywhere.

use exitpoll::{
    clock::{self, DAY},
    db::entity::answer_choice,
    goal,
    prompt::{
        draft::{NewChoice, NewDesign, NewQuestion},
        store,
        types::QuestionKind,
    },
    reason,
    site::types::Site,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::world::{assert_reads, goals, words};
use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{View, Widget},
};

/// What held them back, what else did, and anything else.
fn three_questions() -> NewDesign {
    let mut design = pricing();
    let choice = |(id, label): (&str, &str)| NewChoice {
        id: id.into(),
        label: label.into(),
        reason: label.into(),
    };
    let missing = [("c3", "A trial"), ("c4", "An export")].map(choice);
    design.questions.push(NewQuestion {
        id: "q2".into(),
        kind: QuestionKind::Multi,
        title: "What is missing?".into(),
        choices: missing.into(),
        ..NewQuestion::default()
    });
    design.questions.push(NewQuestion {
        id: "q3".into(),
        title: "What else?".into(),
        ..NewQuestion::default()
    });
    design
}

async fn send(view: &mut View<'_>, token: &Value, n: i32, done: bool, v: Value) -> Value {
    let mut body = view.batch(json!([]));
    body["a"] = json!([{"i": token, "n": n, "t": 0, "done": done, "v": v}]);
    view.post(&body).await
}

/// Question, number, whether complete.
async fn stored(app: &TestApp, site: &Site) -> Vec<(String, i32, bool)> {
    let answers = app.answers(site).await.into_iter();
    answers
        .map(|row| (row.question_id, row.seq, row.is_complete))
        .collect()
}

#[actix_web::test]
async fn each_step_is_kept_and_a_branch_that_was_left_is_taken_back() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &three_questions()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = view.ask(prompt, "exit").await["show"]["token"].clone();
    let row = |id: &str, seq, done| (id.to_owned(), seq, done);
    let (first, second) = (json!({"c": ["c1"]}), json!({"c": ["c3", "c4"]}));

    send(&mut view, &token, 1, false, json!({"q1": first})).await;
    assert_eq!(stored(&app, &site).await, [row("q1", 1, false)]);
    send(
        &mut view,
        &token,
        2,
        false,
        json!({"q1": first, "q2": second}),
    )
    .await;
    assert_eq!(
        stored(&app, &site).await,
        [row("q1", 2, false), row("q2", 2, false)]
    );
    send(
        &mut view,
        &token,
        3,
        false,
        json!({"q1": first, "q3": {"x": "no"}}),
    )
    .await;
    assert_eq!(app.chosen(&site).await, ["c1"], "the branch of q2 was left");
    send(&mut view, &token, 2, true, json!({"q2": second})).await;
    let all = json!({"q1": {"c": ["c2"]}, "q3": {"x": "yes"}});
    send(&mut view, &token, 4, true, all.clone()).await;
    send(&mut view, &token, 4, true, all).await;
    send(&mut view, &token, 5, true, json!({"q2": second})).await;

    assert_eq!(
        stored(&app, &site).await,
        [row("q1", 4, true), row("q3", 4, true)],
        "complete once is complete for good"
    );
    assert_eq!(app.chosen(&site).await, ["c2"]);
}

#[actix_web::test]
async fn choices_that_are_no_reasons_count_in_their_question_and_not_where_visitors_leave() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let tx = app.state.db.begin().await.unwrap();
    let [.., main] = goals();
    let since = clock::now() - 30 * DAY;
    goal::store::insert_goal(&tx, site.id, &main, since)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut design = three_questions();
    design.questions[1].names_reasons = false;
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = view.ask(prompt, "exit").await["show"]["token"].clone();

    let values = json!({"q1": {"c": ["c1"]}, "q2": {"c": ["c3", "c4"]}});
    send(&mut view, &token, 1, true, values).await;

    let stored = answer_choice::Entity::find().all(&app.state.db.read).await;
    let mut mapped: Vec<_> = stored
        .unwrap()
        .into_iter()
        .map(|row| (row.choice_id, row.reason_id.is_some()))
        .collect();
    mapped.sort();
    let expected = [("c1", true), ("c3", false), ("c4", false)];
    assert_eq!(
        mapped,
        expected.map(|(id, is_reason)| (id.to_owned(), is_reason))
    );
    let client = app.owner().await;
    let home = format!("/sites/{}", site.key);
    let funnel = words(&client.get(&home).await.body);
    assert_reads(&funnel, &["1 of 1 Too dear"]);
    let (_, bands) = funnel.split_once("All visits").unwrap();
    assert!(!bands.contains("A trial"), "{funnel}");
    let report = client.get(&format!("{home}/prompts/{prompt}/report")).await;
    assert_reads(
        &words(&report.body),
        &["What is missing?", "A trial", "An export"],
    );
    let users = store::list_reason_users(&app.state.db.read, site.id).await;
    let users = users.unwrap();
    let reasons = reason::store::list_reasons(&app.state.db.read, site.id).await;
    for reason in reasons.unwrap() {
        let is_used = users.contains_key(&reason.id);
        let is_expected = !["A trial", "An export"].contains(&reason.name.as_str());
        assert_eq!(is_used, is_expected, "{}", reason.name);
    }
}

#[actix_web::test]
async fn what_nobody_was_asked_is_refused_by_name_and_spoils_nothing() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &three_questions()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = view.ask(prompt, "exit").await["show"]["token"].clone();

    let v = json!({"q1": {"c": ["c1"]}, "q2": {"c": ["c9", "c4"]}, "q9": {"x": "?"}});
    let reply = send(&mut view, &token, 1, true, v).await;

    let refused = json!([{"why": "does_not_fit", "n": 1, "what": ["q2.c9", "q9"]}]);
    assert_eq!(reply["dropped"], refused);
    let kept = stored(&app, &site).await;
    assert_eq!(kept, [("q1".into(), 1, true), ("q2".into(), 1, true)]);
    assert_eq!(app.chosen(&site).await, ["c1", "c4"]);
}

#[actix_web::test]
async fn every_page_tells_all_questions_and_counts_an_answer_once() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &three_questions()).await;
    let widget = Widget::new(&app, &site);
    for n in 0..2 {
        let browser = widget.clone().with_user_agent(&format!("Firefox {n}"));
        let (mut view, _) = browser.open("/pricing", "").await;
        let token = view.ask(prompt, "exit").await["show"]["token"].clone();
        let v = match n {
            0 => json!({"q1": {"c": ["c1"]}, "q2": {"c": ["c3", "c4"]}, "q3": {"x": "Your logo"}}),
            _ => json!({"q1": {"c": ["c1"], "x": "Much"}, "q2": {"c": ["c4"]}}),
        };
        send(&mut view, &token, 1, true, v).await;
    }
    let client = app.owner().await;
    let read = async |path: &str| {
        let reply = client.get(&format!("/sites/{}{path}", site.key)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        words(&reply.body)
    };

    let list = read("/answers").await;
    assert_reads(
        &list,
        &[
            "2 answers",
            "“Much” What is missing? An export Prompt: Pricing",
            "What is missing? A trial · An export What else? “Your logo”",
        ],
    );
    assert_eq!(list.matches("Delete this answer").count(), 2);
    let comments = read("/answers?words=1").await;
    assert_reads(&comments, &["2 answers", "“Your logo”"]);
    let report = read(&format!("/prompts/{prompt}/report?automated=1")).await;
    assert_reads(
        &report,
        &[
            "2 of 2 answered",
            "“What held you back?” 2 of 2 Too dear",
            "“What is missing?” 1 of 2 A trial 2 of 2 An export",
            "“What else?” 1 answer in their own words",
            "Too dear, A trial, An export",
        ],
    );
    let impression = app.impressions(&site).await[0].id;
    let journey = read(&format!("/answers/{impression}")).await;
    assert_reads(
        &journey,
        &[
            "Answered: Too dear, A trial, An export",
            "What is missing? A trial, An export What else? “Your logo”",
            "Reason A trial, An export, Too dear",
        ],
    );
    let prompts = read("/prompts").await;
    assert_reads(&prompts, &["“What held you back?” (+2 more)"]);
}

#[actix_web::test]
async fn a_ranking_that_was_sent_untouched_is_said_to_be_left_as_shown() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = three_questions();
    design.questions[1].kind = QuestionKind::Ranking;
    let prompt = app.publish(&site, "Order", &design).await;
    for (n, done) in [true, false].into_iter().enumerate() {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, _) = widget.open("/pricing", "").await;
        let asked = view.ask(prompt, "exit").await;
        let token = &asked["show"]["token"];
        send(&mut view, token, 1, done, json!({"q1": {"c": ["c1"]}})).await;
    }
    let client = app.owner().await;
    let base = format!("/sites/{}/answers", site.key);

    let list = client.get(&base).await.body;
    let table = client.get(&format!("{base}.csv")).await.body;

    // Of the other it is not known whether the question was reached.
    assert_eq!(list.matches("Left as shown").count(), 1, "{list}");
    assert_eq!(table.matches("What is missing?: Left as shown").count(), 1);
}
