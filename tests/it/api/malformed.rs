//! One event that cannot be read, among others that can.

use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    widget::{Widget, page, track},
};

/// Kinds and times of what is journaled of the only batch.
async fn journaled(app: &TestApp, site: &exitpoll::site::types::Site) -> Vec<Value> {
    let [batch] = &app.batches(site).await[..] else {
        panic!("one batch");
    };
    serde_json::from_str(&batch.body).unwrap()
}

#[actix_web::test]
async fn an_event_that_cannot_be_read_leaves_its_place_empty_and_the_others_are_kept() {
    let bad = [
        json!([10, "form_completed", {"f": 5}]),
        json!([10, "eligible", {"p": {"id": 1}, "m": "exit"}]),
        json!([10, "track", {"name": ["a"]}]),
        json!([10, "page_load", {"ms": "840"}]),
        json!(["10", "page_hidden"]),
        json!([10]),
        json!({"t": 10, "kind": "page_hidden"}),
        json!("page_hidden"),
        Value::Null,
    ];
    let app = TestApp::spawn().await;
    for event in bad {
        let site = app.insert_site("Shop").await;
        let widget = Widget::new(&app, &site);
        let mut view = widget.view(100);

        let batch = view.batch(json!([page(0, "/", ""), event, track(20, "deposit")]));
        let reply = view.post(&batch).await;
        let retry = view.post(&batch).await;

        assert_eq!(
            reply["dropped"],
            json!([{"why": "malformed", "n": 1}]),
            "{event}"
        );
        assert_eq!(retry["visit"], reply["visit"], "{event}");
        assert_eq!(
            journaled(&app, &site).await,
            [
                page(0, "/", ""),
                json!([0, "unknown"]),
                track(20, "deposit")
            ],
            "{event}"
        );
        assert_eq!(app.drops(&site).await, [("malformed".to_owned(), 1)]);
    }
}

#[actix_web::test]
async fn a_first_event_that_cannot_be_read_does_not_move_the_beginning() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(60_000);

    view.send(json!([[0], page(59_000, "/", "")])).await;

    assert_eq!(
        journaled(&app, &site).await,
        [json!([59_000, "unknown"]), page(59_000, "/", "")]
    );
}

#[actix_web::test]
async fn what_is_too_long_is_cut_between_characters_and_times_are_rounded() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(100);
    let key = "ключ".repeat(30);
    let text = format!("x{}", "é".repeat(1_500));
    let many: serde_json::Map<String, Value> =
        (10..60).map(|n| (format!("p{n}"), n.into())).collect();

    let mut batch = view.batch(json!([
        page(0, "/", ""),
        [10.6, "page_load", {"ms": 840.4}],
        [20, "track", {"name": text, "props": {key.as_str(): 1, "a\0b": 2}}],
        [30, "track", {"name": "many", "props": many}],
    ]));
    batch["t"] = json!(100.5);
    let reply = view.post(&batch).await;

    assert_eq!(reply.get("dropped"), None);
    let events = journaled(&app, &site).await;
    assert_eq!(events[1], json!([11, "page_load", {"ms": 840}]));
    let cut_name = format!("x{}", "é".repeat(1_023));
    let cut_key = "ключ".repeat(16);
    assert_eq!(
        events[2],
        json!([20, "track", {"name": cut_name, "props": {cut_key: 1, "ab": 2}}])
    );
    assert_eq!(events[3][2]["props"].as_object().unwrap().len(), 32);
}

#[actix_web::test]
async fn half_a_character_is_replaced() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let batch = widget
        .view(100)
        .batch(json!([page(0, "/", ""), track(1, "HALF \u{1f600}")]))
        .to_string();

    let reply = widget.post(batch.replace("HALF", "\\ud83d")).await;

    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json().get("dropped"), None);
    assert_eq!(
        journaled(&app, &site).await[1],
        track(1, "\u{fffd} \u{1f600}")
    );
}

#[actix_web::test]
async fn an_envelope_that_is_wrong_is_named_even_beside_a_wrong_event() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let batch = widget
        .view(100)
        .batch(json!([page(0, "/", ""), [1, "track", {"name": 5}]]));
    for (field, value) in [
        ("v", json!(2)),
        ("k", json!(7)),
        ("w", json!("x")),
        ("s", json!(-1)),
        ("t", json!("now")),
        ("e", json!(vec![json!([0]); 51])),
    ] {
        let mut wrong = batch.clone();
        wrong[field] = value;
        let reply = widget.post(wrong.to_string()).await;
        assert_eq!(reply.status, 422, "{field}: {}", reply.body);
        assert_eq!(reply.json()["errors"][0]["field"], field);
    }
}
