//! "Don't ask me again": what the server makes of the sign that a browser keeps after that click.

use exitpoll::site::{tool::Tool, types::Site};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{View, Widget, page},
};

const ANNA: &str = "1a8fk3Jq02lXnZ7bWm5R";

/// Opens the pricing page with what the browser keeps.
async fn open<'a>(widget: &'a Widget, kept: &str) -> (View<'a>, Value) {
    let mut view = widget.view(0);
    let mut batch = view.batch(json!([page(0, "/pricing", "")]));
    batch["i"] = kept.into();
    let reply = view.post(&batch).await;
    (view, reply)
}

async fn save_page(app: &TestApp, site: &Site, fields: &[(&str, &str)]) {
    let path = format!("/sites/{}/settings/page", site.key);
    let reply = app.owner().await.post_form(&path, fields).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

#[actix_web::test]
async fn such_a_browser_is_asked_nothing_that_opens_by_itself() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    for (n, kept) in ["!", "!!", &format!("{ANNA}!")].into_iter().enumerate() {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, first) = open(&widget, kept).await;

        let by_itself = view.ask(prompt, "exit").await;
        let on_request = view.ask(prompt, "asked").await;

        assert_eq!(first["slot"], false, "{kept}");
        assert_eq!(by_itself["no"], "never", "{kept}");
        assert!(on_request["show"].is_object(), "{on_request}");
        assert_eq!(on_request["show"]["content"]["never"], Value::Null);
    }
    let known: Vec<bool> = app
        .visits(&site)
        .await
        .into_iter()
        .map(|visit| visit.visitor_id.is_some())
        .collect();
    assert_eq!(known, [false, false, true], "the sign alone is nobody's id");
}

#[actix_web::test]
async fn the_click_holds_for_the_visit_too_however_many_questions_it_may_have() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let path = format!("/sites/{}/settings/asking", site.key);
    let fields = [("questions_per_visit", "3"), ("cool_down_days", "0")];
    assert_eq!(
        app.owner().await.post_form(&path, &fields).await.status,
        303
    );
    app.state.snapshots.forget(site.id);
    let first = app.publish(&site, "Pricing", &pricing()).await;
    let second = app.publish(&site, "Pricing again", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;

    let asked = view.ask(first, "exit").await;
    assert_eq!(asked["show"]["content"]["never"], "Don't ask me again");
    let closed = json!([0, "prompt_dismissed", {"p": first.to_string(), "why": "never"}]);
    view.send(json!([closed])).await;

    assert_eq!(view.ask(second, "exit").await["no"], "never");
}

#[actix_web::test]
async fn a_site_may_leave_the_button_off_and_still_keeps_to_what_was_clicked() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    save_page(&app, &site, &[]).await;
    let widget = Widget::new(&app, &site);

    let (mut view, _) = widget.open("/pricing", "").await;
    let asked = view.ask(prompt, "exit").await;
    let earlier = Widget::new(&app, &site).with_user_agent("Clicked before");
    let (mut view, _) = open(&earlier, "!").await;

    assert_eq!(asked["show"]["content"]["never"], Value::Null, "{asked}");
    assert_eq!(view.ask(prompt, "exit").await["no"], "never");
}

#[actix_web::test]
async fn the_owners_own_test_is_asked() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    view.test_token = Some(Tool::AskAgain.token(&site.signing_key, exitpoll::clock::now()));
    let mut batch = view.batch(json!([page(0, "/pricing", "")]));
    batch["i"] = "!".into();
    view.post(&batch).await;

    assert!(view.ask(prompt, "exit").await["show"].is_object());
}

#[actix_web::test]
async fn a_fold_from_the_journal_remembers_it() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = open(&widget, "!").await;
    // Out of order, so that all is folded again.
    view.age_ms = 50;
    view.send(json!([[60, "scroll", {"p": 25}]])).await;
    view.send(json!([[10, "scroll", {"p": 50}]])).await;

    assert_eq!(view.ask(prompt, "exit").await["no"], "never");
    let rows = exitpoll::db::entity::visit::Entity::find()
        .all(&app.state.db.read)
        .await
        .unwrap();
    assert!(rows[0].visitor_id.is_none());
}
