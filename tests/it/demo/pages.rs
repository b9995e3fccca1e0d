//! The made-up site: a plain site with the snippet in it, which keeps nothing of what is typed.

use serde_json::json;

use super::{live, provide};
use crate::support::{
    app::TestApp,
    widget::{Widget, page},
};

#[actix_web::test]
async fn every_page_carries_the_snippet_as_a_customer_pastes_it() {
    let app = TestApp::spawn().await;
    provide(&app).await;
    let client = app.anonymous();

    for path in ["/demo", "/demo/pricing", "/demo/signup", "/demo/thanks"] {
        let reply = client.get(path).await;
        let snippet = format!(
            "<script async src=\"{}/x/site_demo.js\"></script>",
            app.base
        );
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.body.contains(&snippet), "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("frame-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
    }
    assert_eq!(client.get("/x/site_demo.js").await.status, 200);
}

#[actix_web::test]
async fn the_strip_may_stand_in_our_own_frame_only() {
    let app = TestApp::spawn().await;
    provide(&app).await;

    let reply = app.anonymous().get("/demo/strip").await;

    let policy = reply.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    assert!(policy.contains("trusted-types exitpoll"), "{policy}");
    assert!(
        reply.body.contains("Start the form, then go back Home"),
        "{}",
        reply.body
    );
}

#[actix_web::test]
async fn nothing_that_is_typed_is_kept() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let canary = "Zebra7Canary";
    let fields = ["name", "email", "company", "size", "phone", "password"];
    let form: Vec<(&str, &str)> = fields.iter().map(|field| (*field, canary)).collect();

    let reply = app.anonymous().post_form("/demo/signup", &form).await;

    assert_eq!((reply.status, reply.location()), (303, "/demo/thanks"));
    // The writer has gone on since: what was to be kept is kept by now.
    let mut widget = Widget::new(&app, &demo);
    widget.origin.clone_from(&app.base);
    widget.open("/demo", "").await;
    assert!(!live(&app).await.body.contains(canary));
    assert_ne!(files_hold(&app.database.url, canary), Some(true));
    assert_ne!(
        files_hold(&app.database.url, "page_view"),
        Some(false),
        "what was to be kept can be found, so the look is not in vain"
    );
    assert_eq!(app.visits(&demo).await.len(), 1);
}

/// Whether the database's files hold the text; `None` for a server's, which are not ours to read.
fn files_hold(url: &str, text: &str) -> Option<bool> {
    let file = url.strip_prefix("sqlite:")?;
    let is_there = ["", "-wal"].iter().any(|end| {
        let bytes = std::fs::read(format!("{file}{end}")).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    });
    Some(is_there)
}

#[actix_web::test]
async fn a_new_visitor_is_another_visit_and_old_pages_open_none() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let mut widget = Widget::new(&app, &demo);
    widget.origin.clone_from(&app.base);
    let (mut old, _) = widget.open("/demo", "").await;

    let client = app.anonymous();
    let request = client
        .request("POST", "/demo/new-visitor")
        .header("user-agent", &widget.user_agent)
        .header("accept-language", "en-GB,en")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    let reply = client.send(request).await;
    assert_eq!((reply.status, reply.location()), (303, "/demo"));
    old.send(json!([[0, "page_hidden"]])).await;
    let mut new = widget.view(0);
    new.send(json!([page(
        0,
        "/demo",
        &format!("{}/demo/strip", app.base)
    )]))
    .await;

    assert_eq!(app.visits(&demo).await.len(), 2);
}

#[actix_web::test]
async fn the_list_of_sites_leads_to_it() {
    let app = TestApp::spawn().await;
    provide(&app).await;

    let list = app.owner().await.get("/sites").await.body;

    let link = "<a href=\"/demo\" target=\"_blank\" rel=\"noopener\">Try it at /demo</a>";
    assert!(list.contains(link), "{list}");
}
