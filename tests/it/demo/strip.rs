//! The live strip explains silence, whatever the reason for it.

use exitpoll::{
    clock,
    prompt::{
        self,
        types::{Prompt, PromptTemplate},
    },
    site::types::Site,
};
use serde_json::{Value, json};

use super::{live, provide};
use crate::support::{
    app::TestApp,
    widget::{View, Widget, page},
};

async fn prompt(app: &TestApp, demo: &Site, template: PromptTemplate) -> Prompt {
    prompt::store::list_prompts(&app.state.db.read, demo.id)
        .await
        .unwrap()
        .into_iter()
        .find(|prompt| prompt.draft.template == template)
        .unwrap()
}

fn widget(app: &TestApp, demo: &Site) -> Widget {
    let mut widget = Widget::new(app, demo);
    widget.origin.clone_from(&app.base);
    widget
}

async fn expect(app: &TestApp, texts: &[&str]) {
    let body = live(app).await.body;
    for text in texts {
        assert!(body.contains(text), "{text:?} is not in\n{body}");
    }
}

fn started(t: i64) -> Value {
    json!([t, "form_started", {"f": "signup", "n": "name"}])
}

/// On the sign-up page for ten seconds, with the form begun.
async fn begin(view: &mut View<'_>) {
    view.send(json!([page(0, "/demo/signup", ""), started(5_000)]))
        .await;
}

#[actix_web::test]
async fn before_anything_happened() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;

    expect(
        &app,
        &[
            "Nothing has arrived yet",
            "Waits for the first event",
            "“Fire this moment” opens a question at once",
        ],
    )
    .await;

    widget(&app, &demo).open("/demo", "").await;
    expect(
        &app,
        &[
            "Waits until this happens: started the sign-up form",
            "Waits until this happens: viewed pricing",
            "Leaves you 5 seconds on each page first",
            "Opened /demo",
        ],
    )
    .await;
}

#[actix_web::test]
async fn while_it_waits_it_says_what_to_do() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let widget = widget(&app, &demo);
    let mut view = widget.view(10_000);
    view.send(json!([page(0, "/demo/pricing", "")])).await;
    expect(
        &app,
        &[
            "Asks when you move the pointer quickly over the top edge",
            "Open Home, and 3 seconds later it asks",
        ],
    )
    .await;

    let mut form = widget.view(9_000);
    form.send(json!([
        page(0, "/demo/signup", &format!("{}/demo/pricing", app.base)),
        [1_000, "form_viewed", {"f": "signup"}],
        started(5_000),
        [6_000, "field_focused", {"f": "signup", "n": "email"}]
    ]))
    .await;
    expect(
        &app,
        &[
            "stop typing and move the pointer quickly over the top edge",
            "stop for a minute",
            "Went to the field email",
        ],
    )
    .await;
}

#[actix_web::test]
async fn once_one_is_asked_the_others_say_so() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let form = prompt(&app, &demo, PromptTemplate::FormAbandoned).await;
    let widget = widget(&app, &demo);
    let mut view = widget.view(10_000);
    begin(&mut view).await;
    let decision = view.ask(form.id, "exit").await;
    expect(&app, &["The server said yes"]).await;

    let shown = json!([10_000, "prompt_shown", {"p": form.id.to_string()}]);
    view.send(json!([shown])).await;
    expect(
        &app,
        &[
            "It is on screen",
            "“Sign-up not finished” was asked in this visit, and a visit is asked once at most: press New visitor",
        ],
    )
    .await;

    let token = decision["show"]["token"].as_str().unwrap();
    view.answer(token, 1, true, json!({"c": ["c2"]})).await;
    expect(
        &app,
        &[
            "You answered it",
            "Unsure about giving a detail (1)",
            "Answered “Sign-up not finished”",
        ],
    )
    .await;
}

#[actix_web::test]
async fn a_closed_question_and_one_that_could_not_open() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let exit = prompt(&app, &demo, PromptTemplate::ExitIntent).await;
    let id = exit.id.to_string();
    let widget = widget(&app, &demo);
    let mut view = widget.view(10_000);
    view.send(json!([page(0, "/demo", "")])).await;
    view.ask(exit.id, "exit").await;
    view.send(json!([[10_000, "prompt_failed", {"p": id, "why": "late"}]]))
        .await;
    expect(&app, &["came too late to ask"]).await;

    view.send(json!([[10_000, "prompt_shown", {"p": id}], [10_000, "prompt_dismissed", {"p": id, "why": "close"}]]))
        .await;
    expect(
        &app,
        &["You closed it: it does not come back in this visit"],
    )
    .await;
}

#[actix_web::test]
async fn after_the_goal_and_when_it_is_too_late() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let widget = widget(&app, &demo);
    let mut view = widget.view(700_000);
    begin(&mut view).await;
    view.send(json!([[699_000, "active", {"ms": 3_000}]])).await;
    expect(&app, &["That was not in the last 10 minutes"]).await;

    view.send(json!([[700_000, "form_completed", {"f": "signup", "by": "weak"}]]))
        .await;
    expect(&app, &["Nothing to ask, for this has happened: signed up"]).await;
}

#[actix_web::test]
async fn on_a_phone_there_are_other_signs_of_leaving() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let phone = widget(&app, &demo);
    let mut view = phone.view(10_000);
    let mut batch = view.batch(json!([page(0, "/demo/pricing", "")]));
    batch["d"] = "touch".into();
    view.post(&batch).await;

    expect(
        &app,
        &["go to another app and come back, or read down and scroll up fast"],
    )
    .await;
}

#[actix_web::test]
async fn a_visit_left_unasked_for_comparison() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let exit = prompt(&app, &demo, PromptTemplate::ExitIntent).await;
    let mut design = exit.draft.clone();
    design.fairness.held_out_percent = 100;
    let (now, tx) = (clock::now(), app.state.db.begin().await.unwrap());
    prompt::store::save_draft(&tx, demo.id, exit.id, &exit.name, &design, now)
        .await
        .unwrap();
    prompt::store::publish(&tx, demo.id, exit.id, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.state.snapshots.forget(demo.id);
    let widget = widget(&app, &demo);
    let mut view = widget.view(10_000);
    view.send(json!([page(0, "/demo", "")])).await;
    view.ask(exit.id, "exit").await;

    expect(&app, &["Left unasked for comparison"]).await;
}
