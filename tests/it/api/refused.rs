//! What is refused, in which words, and what every reply carries.

use exitpoll::types::ViewId;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    widget::{Widget, page},
};

fn base(key: &str) -> Value {
    let view = ViewId::new(exitpoll::clock::now()).0;
    json!({"v": 1, "k": key, "c": 1, "w": view.to_string(), "s": 0, "t": 5, "e": [page(0, "/", "")]})
}

/// The body that a case of `refused.json` describes.
fn body_of(case: &Value, key: &str) -> String {
    let mut body = base(key);
    if let Some(text) = case["body"].as_str() {
        let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let deep = body
            .to_string()
            .replace(r#"{"u":"/"}"#, &format!(r#"{{"props":{{"a":{nested}}}}}"#));
        return text
            .replace("{base}", &body.to_string())
            .replace("{deep}", &deep);
    }
    if let Some(field) = case["without"].as_str() {
        body.as_object_mut().unwrap().remove(field);
    }
    for (field, value) in case["with"].as_object().into_iter().flatten() {
        body[field] = value.clone();
    }
    body.to_string()
}

#[actix_web::test]
async fn malformed_requests_name_the_field_and_never_the_value() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../fixtures/wire/refused.json")).unwrap();

    for case in &cases {
        let why = case["because"].as_str().unwrap();
        let reply = widget.post(body_of(case, site.key.as_str())).await;
        assert_eq!(
            u64::from(reply.status),
            case["status"].as_u64().unwrap(),
            "{why}: {}",
            reply.body
        );
        assert_eq!(
            reply.header("content-type"),
            "application/problem+json",
            "{why}"
        );
        let problem = reply.json();
        assert_eq!(problem["code"], case["code"], "{why}: {problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        if let Some(field) = case["field"].as_str().filter(|field| *field != "?") {
            assert_eq!(problem["errors"][0]["field"], field, "{why}: {problem}");
            assert!(problem["errors"][0]["message"].is_string());
        }
        assert!(!reply.body.contains("SECRET"), "{why}: {}", reply.body);
        assert!(!reply.body.contains("4711"), "{why}: {}", reply.body);
    }
    assert!(app.batches(&site).await.is_empty());
}

#[actix_web::test]
async fn every_limit_is_named() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut many = base(site.key.as_str());
    many["e"] = (0..51).map(|t| page(t, "/", "")).collect();
    let mut long_text = base(site.key.as_str());
    long_text["a"] =
        json!([{"i": "x", "n": 1, "t": 0, "done": true, "v": {"q1": {"x": "é".repeat(4_001)}}}]);
    let mut ancient = base(site.key.as_str());
    ancient["t"] = i64::MAX.into();
    let cases = [
        ("a page open for ages", ancient, "t"),
        ("51 events", many, "e"),
        ("an answer of 4,001 characters", long_text, "a[0]"),
    ];

    for (name, body, field) in cases {
        let reply = widget.post(body.to_string()).await;
        assert_eq!(reply.status, 422, "{name}: {}", reply.body);
        assert_eq!(reply.json()["errors"][0]["field"], field, "{name}");
    }
}

#[actix_web::test]
async fn bodies_over_64_kib_and_compressed_ones_are_refused() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut body = base(site.key.as_str());
    body["x"] = "x".repeat(64 * 1024).into();

    let declared = widget.post(body.to_string()).await;
    // Without a length, in pieces: the limit must hold while reading.
    let pieces = body
        .to_string()
        .into_bytes()
        .chunks(10_000)
        .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
        .collect::<Vec<_>>();
    let streamed = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let streamed = widget.post(streamed).await;
    let request = widget.request().header("content-encoding", "gzip");
    let compressed = widget
        .send(request.body(base(site.key.as_str()).to_string()))
        .await;

    assert_eq!((declared.status, streamed.status), (413, 413));
    assert_eq!(declared.json()["code"], "too_large");
    assert_eq!(compressed.status, 415);
    assert_eq!(compressed.json()["code"], "unsupported_encoding");
}

#[actix_web::test]
async fn unknown_sites_are_not_found() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);

    for key in ["site_doesnotexist0000000", "", "site_\0", "' OR 1=1 --"] {
        let reply = widget.post(base(key).to_string()).await;
        assert_eq!(reply.status, 404, "{key:?}: {}", reply.body);
        assert_eq!(reply.json()["code"], "not_found");
    }
    assert_eq!(app.anonymous().get("/x/site_%00.js").await.status, 404);
}

#[actix_web::test]
async fn other_origins_are_refused_and_shown_to_the_owner() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut widget = Widget::new(&app, &site);
    for (origin, status) in [
        ("https://shop.example", 200),
        ("http://localhost:3000", 200),
        ("https://shop.example:8443", 403),
        ("http://shop.example", 403),
        ("https://shop.example.evil.example", 403),
        ("https://evil.example", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("", 403),
    ] {
        widget.origin = origin.to_owned();
        let reply = widget.post(base(site.key.as_str()).to_string()).await;
        assert_eq!(reply.status, status, "{origin}: {}", reply.body);
    }

    // A refusal is written behind the reply; an accepted request waits for the same writer.
    widget.origin = "https://shop.example".to_owned();
    widget.open("/", "").await;

    assert_eq!(
        app.refused(&site).await,
        [
            ("http://shop.example".to_owned(), 1),
            ("https://evil.example".to_owned(), 2),
            ("https://shop.example.evil.example".to_owned(), 1),
            ("https://shop.example:8443".to_owned(), 1),
        ]
    );
    assert_eq!(
        app.drops(&site).await,
        [
            ("no_origin".to_owned(), 2),
            ("refused_origin".to_owned(), 5)
        ]
    );
}

#[actix_web::test]
async fn every_reply_can_be_read_by_the_page_and_none_sets_a_cookie() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut stranger = Widget::new(&app, &site);
    stranger.origin = "https://evil.example".to_owned();
    let widget = Widget::new(&app, &site);
    let good = base(site.key.as_str()).to_string();
    let client = app.anonymous();
    let preflight = client
        .request("OPTIONS", "/x/i")
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST");

    let replies = [
        ("accepted", widget.post(good.clone()).await, 200),
        ("malformed", widget.post("{").await, 400),
        ("refused origin", stranger.post(good).await, 403),
        (
            "unknown site",
            widget.post(base("site_x").to_string()).await,
            404,
        ),
        ("preflight", client.send(preflight).await, 204),
        (
            "script",
            client.get(&format!("/x/{}.js", site.key)).await,
            200,
        ),
        ("no script", client.get("/x/nothing.js").await, 404),
    ];

    for (name, reply, status) in replies {
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{name}");
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            "",
            "{name}"
        );
        assert_eq!(reply.header("set-cookie"), "", "{name}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{name}");
    }
}
