//! Hidden fields: only what the owner named goes along with an answer.

use exitpoll::{
    prompt::types::{FieldSource, HiddenField},
    site::types::Site,
};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

fn field(name: &str, from: FieldSource) -> HiddenField {
    HiddenField {
        name: name.into(),
        from,
    }
}

#[actix_web::test]
async fn declared_fields_go_along_with_the_answer_and_nothing_else() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fields = vec![
        field("ref", FieldSource::Address),
        field("plan", FieldSource::Page),
        field("order", FieldSource::Code),
    ];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let script = app.anonymous().get(&format!("/x/{}.js", site.key)).await;
    assert!(
        script.body.contains("(?!utm_|ref=)"),
        "only this leaves the page"
    );
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(10);
    let long = "x".repeat(300);
    view.send(json!([
        page(0, "/pricing?ref=a%20partner&utm_source=news", ""),
        page(1, "/pricing", ""),
        [2, "set", {"props": {"plan": long, "mail": "anna@shop.example"}}],
    ]))
    .await;
    let mut later = widget.view(5);
    later
        .send(json!([page(0, "/pricing", "https://shop.example/pricing")]))
        .await;
    let asked = later.ask(prompt, "exit").await;
    assert_eq!(
        asked["show"]["content"]["fields"],
        json!(["order"]),
        "{asked}"
    );
    let shown = json!([5, "prompt_shown", {"p": prompt.to_string(), "props": {"order": 1001, "secret": "s3"}}]);
    later.send(json!([shown])).await;
    let token = asked["show"]["token"].as_str().unwrap();
    later.answer(token, 1, true, json!({"c": ["c1"]})).await;

    let made = app.impressions(&site).await.pop().unwrap();
    let stored: serde_json::Value = serde_json::from_str(made.fields.as_deref().unwrap()).unwrap();
    let plan = "x".repeat(200);
    assert_eq!(
        stored,
        json!({"order": "1001", "plan": plan, "ref": "a partner"})
    );
    let bodies: String = app
        .batches(&site)
        .await
        .into_iter()
        .map(|batch| batch.body)
        .collect();
    assert!(!bodies.contains("s3"), "{bodies}");

    let owner = app.owner().await;
    let list = format!("/sites/{}/answers", site.key);
    let answers = owner.get(&list).await.body;
    assert!(
        answers.contains("<span class=\"muted\">order</span> 1001"),
        "{answers}"
    );
    assert!(!answers.contains("anna@"));
    let delete = format!("{list}/{}/delete", made.id);
    assert_eq!(owner.post_form(&delete, &[]).await.status, 303);
    assert_eq!(app.impressions(&site).await.pop().unwrap().fields, None);
}

#[actix_web::test]
async fn what_was_deleted_does_not_come_back_with_the_end_of_the_card() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fields = vec![field("order", FieldSource::Code)];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let asked = view.ask(prompt, "exit").await;
    let p = prompt.to_string();
    view.send(json!([[5, "prompt_shown", {"p": p, "props": {"order": 1001}}]]))
        .await;
    let token = asked["show"]["token"].as_str().unwrap();
    view.answer(token, 1, false, json!({"c": ["c1"]})).await;
    let made = app.impressions(&site).await.pop().unwrap();
    assert_eq!(made.fields.as_deref(), Some(r#"{"order":"1001"}"#));
    let owner = app.owner().await;
    let delete = format!("/sites/{}/answers/{}/delete", site.key, made.id);
    assert_eq!(owner.post_form(&delete, &[]).await.status, 303);

    view.send(json!([[900, "prompt_dismissed", {"p": p, "why": "x"}]]))
        .await;

    let made = app.impressions(&site).await.pop().unwrap();
    assert!(made.dismissed_at.is_some());
    assert_eq!(made.fields, None);
}

#[actix_web::test]
async fn a_parameter_of_an_earlier_page_load_is_known_still() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fields = vec![field("ref", FieldSource::Address)];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    widget.open("/pricing?ref=a%20partner", "").await;
    let (mut view, _) = widget.open("/blog", "https://shop.example/pricing").await;

    view.ask(prompt, "exit").await;

    let made = app.impressions(&site).await.pop().unwrap();
    assert_eq!(made.fields.as_deref(), Some(r#"{"ref":"a partner"}"#));
}

#[actix_web::test]
async fn the_editor_keeps_names_and_says_what_is_wrong_with_one() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let owner = app.owner().await;
    let new = format!("/sites/{}/prompts", site.key);
    let made = owner.post_form(&new, &[("template", "exit_intent")]).await;
    let editor = made.location().to_owned();
    let page = owner.get(&editor).await.body;
    assert!(page.contains("Extra data with each answer"), "{page}");

    let fields = [
        ("name", "Leaving"),
        ("field_name", "order_id"),
        ("field_from", "code"),
        ("field_name", "my order"),
        ("field_from", "page"),
        ("do", "save"),
    ];
    let wrong = owner.post_form(&editor, &fields).await;

    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("id=\"field_2-e\""), "{}", wrong.body);
    for kept in [
        "value=\"order_id\"",
        "value=\"my order\"",
        "value=\"code\" selected",
    ] {
        assert!(wrong.body.contains(kept), "{kept}");
    }
}

/// Every text that the service holds, as one.
async fn stored(app: &TestApp, site: &Site) -> String {
    let rows = (
        app.visits(site).await,
        app.batches(site).await,
        app.impressions(site).await,
        app.answers(site).await,
        app.messages(site).await,
    );
    format!("{rows:?}")
}

/// The bytes of the database's file, once what waits beside it has been moved there; nothing on another engine.
async fn file(app: &TestApp) -> String {
    let Some(path) = app.database.url.strip_prefix("sqlite:") else {
        return String::new();
    };
    let tidy = "PRAGMA wal_checkpoint(TRUNCATE)";
    app.state.db.read.execute_unprepared(tidy).await.unwrap();
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

#[actix_web::test]
async fn with_an_answer_its_values_leave_the_journal_of_the_visit() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fields = vec![
        field("ref", FieldSource::Address),
        field("utm_source", FieldSource::Address),
        field("plan", FieldSource::Page),
        field("order", FieldSource::Code),
    ];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(10);
    view.send(json!([
        page(0, "/pricing?ref=canary-1&utm_source=canary-2&utm_medium=mail", ""),
        [2, "set", {"props": {"plan": "canary-3", "seats": 40}}],
    ]))
    .await;
    let asked = view.ask(prompt, "exit").await;
    let p = prompt.to_string();
    view.send(json!([[5, "prompt_shown", {"p": p, "props": {"order": "canary-4"}}]]))
        .await;
    let token = asked["show"]["token"].as_str().unwrap();
    view.answer(token, 1, true, json!({"c": ["c1"], "x": "canary-5"}))
        .await;
    let bystander = widget.clone().with_user_agent("Bystander/1.0");
    bystander.open("/pricing?ref=stays-here", "").await;
    for n in 1..=5 {
        let canary = format!("canary-{n}");
        assert!(stored(&app, &site).await.contains(&canary), "{canary}");
    }
    let made = app.impressions(&site).await.pop().unwrap();
    let delete = format!("/sites/{}/answers/{}/delete", site.key, made.id);

    let reply = app.owner().await.post_form(&delete, &[]).await;

    assert_eq!(reply.status, 303, "{}", reply.body);
    // The visit goes on: what the writer remembered of it does not come back.
    view.send(json!([[900, "prompt_dismissed", {"p": p, "why": "x"}], page(901, "/blog", "")]))
        .await;
    let left = stored(&app, &site).await;
    assert!(!left.contains("canary"), "{left}");
    assert!(!file(&app).await.contains("canary"));
    for kept in [
        "utm_medium=mail",
        "seats",
        "stays-here",
        "prompt_shown",
        "/blog",
    ] {
        assert!(left.contains(kept), "{kept}: {left}");
    }
}

#[actix_web::test]
async fn another_answer_of_the_visit_keeps_its_copy() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fields = vec![field("plan", FieldSource::Page)];
    let first = app.publish(&site, "First", &design).await;
    let second = app.publish(&site, "Second", &design).await;
    let third = app.publish(&site, "Third", &design).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    view.send(json!([[2, "set", {"props": {"plan": "canary"}}]]))
        .await;
    for prompt in [first, second] {
        let asked = view.ask(prompt, "asked").await;
        let token = asked["show"]["token"].as_str().unwrap();
        view.answer(token, 1, true, json!({"c": ["c1"]})).await;
    }
    view.ask(third, "asked").await;
    let made = app.impressions(&site).await;
    assert_eq!(made.iter().filter(|made| made.fields.is_some()).count(), 3);
    let delete = format!("/sites/{}/answers/{}/delete", site.key, made[0].id);

    app.owner().await.post_form(&delete, &[]).await;

    let made = app.impressions(&site).await;
    let fields = made.iter().map(|made| made.fields.as_deref());
    let copies = [None, Some(r#"{"plan":"canary"}"#), None];
    assert_eq!(fields.collect::<Vec<_>>(), copies);
    assert!(!format!("{:?}", app.batches(&site).await).contains("canary"));
    assert!(!format!("{:?}", app.visits(&site).await).contains("canary"));
}
