//! What errors look like, to programs and to people.

use actix_web::{App, HttpResponse, middleware::from_fn, test, web::get};
use exitpoll::web::middleware::boundary;
use sea_orm::ConnectionTrait;

use crate::support::app::TestApp;

#[actix_web::test]
async fn programs_get_problem_json() {
    let app = TestApp::spawn().await;

    let reply = app.anonymous().get("/x/nothing").await;

    assert_eq!(reply.status, 404);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let problem = reply.json();
    assert_eq!(problem["code"], "not_found");
    assert!(problem["title"].is_string() && problem["detail"].is_string());
}

#[actix_web::test]
async fn people_get_a_page_with_a_way_back() {
    let app = TestApp::spawn().await;

    let reply = app.anonymous().get("/nothing").await;

    assert_eq!(reply.status, 404);
    assert!(reply.header("content-type").starts_with("text/html"));
    assert!(
        reply
            .header("content-security-policy")
            .starts_with("default-src 'none'; script-src 'self'")
    );
    assert!(reply.body.contains("href=\"/\""));
}

#[actix_web::test]
async fn widget_routes_set_no_cookie() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;

    for path in [
        format!("/x/{}.js", site.key),
        "/x/nothing".to_owned(),
        "/x/i".to_owned(),
    ] {
        assert_eq!(client.get(&path).await.header("set-cookie"), "", "{path}");
    }
}

#[actix_web::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let app = TestApp::spawn_with(&["--rate-client-per-s", "1", "--rate-client-burst", "3"]).await;
    let client = app.anonymous();
    for _ in 0..3 {
        assert_eq!(client.get("/x/nothing").await.status, 404);
    }

    let program = client.get("/x/nothing").await;
    let person = client.get("/setup").await;

    assert_eq!((program.status, person.status), (429, 429));
    assert_eq!(program.json()["code"], "too_many_requests");
    assert!(program.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(person.header("content-type").starts_with("text/html"));
    assert_eq!(client.get("/health").await.status, 200);
}

#[actix_web::test]
async fn limits_count_the_client_behind_a_trusted_proxy() {
    let flags = [
        "--rate-client-per-s",
        "1",
        "--rate-client-burst",
        "2",
        "--trusted-proxies",
        "127.0.0.0/8",
    ];
    let app = TestApp::spawn_with(&flags).await;
    let client = app.anonymous();
    let ask = |from: &'static str| {
        client.send(
            client
                .request("GET", "/x/nothing")
                .header("x-forwarded-for", from),
        )
    };

    assert_eq!(ask("192.0.2.1").await.status, 404);
    assert_eq!(ask("192.0.2.1").await.status, 404);
    assert_eq!(ask("198.51.100.7, 192.0.2.1").await.status, 429);
    assert_eq!(ask("192.0.2.2").await.status, 404);
}

#[actix_web::test]
async fn oversized_form_is_refused() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let name = "x".repeat(70_000);

    let reply = client.post_form("/sites/new", &[("name", &name)]).await;

    assert_eq!(reply.status, 413);
}

#[actix_web::test]
async fn files_are_kept_for_ever_and_found_under_their_hash_only() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let page = client.get("/setup").await.body;
    let path = page
        .split_once("stylesheet\" href=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap();

    let file = client.get(path).await;

    assert_eq!(file.status, 200);
    assert_eq!(
        file.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(client.get("/assets/app.000000000000.css").await.status, 404);
}

#[actix_web::test]
async fn ready_says_when_the_database_is_gone() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    assert_eq!(client.get("/ready").await.status, 200);

    app.state.db.clone().close().await.unwrap();

    let reply = client.get("/ready").await;
    assert_eq!(
        (reply.status, reply.json()["code"].as_str()),
        (503, Some("unavailable"))
    );
    assert_eq!(client.get("/health").await.status, 200);
    assert_eq!(client.get("/setup").await.status, 503);
}

#[actix_web::test]
async fn fault_of_ours_tells_a_reference_and_nothing_else() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let tx = app.state.db.begin().await.unwrap();
    tx.execute_unprepared("ALTER TABLE sites RENAME TO mislaid")
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let reply = client.get("/sites").await;

    assert_eq!(reply.status, 500);
    let reference = reply
        .body
        .split_once("reference ")
        .unwrap()
        .1
        .split('<')
        .next()
        .unwrap();
    assert_eq!(reference.len(), 32, "{reference}");
    for secret in ["sites (", "no such table", "relation", "SELECT"] {
        assert!(!reply.body.contains(secret), "{secret}");
    }
}

async fn break_down() -> HttpResponse {
    panic!("on purpose")
}

#[actix_web::test]
async fn panic_answers_500_and_leaves_the_server_running() {
    let app = TestApp::spawn().await;
    let service = test::init_service(
        App::new()
            .app_data(app.state.clone())
            .wrap(from_fn(boundary))
            .route("/panic", get().to(break_down))
            .route("/x/panic", get().to(break_down)),
    )
    .await;
    let ask = |path: &str| {
        test::TestRequest::get()
            .uri(path)
            .peer_addr(([127, 0, 0, 1], 1).into())
            .to_request()
    };

    for (path, kind) in [
        ("/panic", "text/html; charset=utf-8"),
        ("/x/panic", "application/problem+json"),
    ] {
        let error = test::try_call_service(&service, ask(path))
            .await
            .unwrap_err();
        let reply = error.error_response();
        assert_eq!(reply.status().as_u16(), 500, "{path}");
        assert_eq!(reply.headers().get("content-type").unwrap(), kind);
    }
    let reply = test::call_service(&service, ask("/nothing")).await;
    assert_eq!(reply.status().as_u16(), 404);
}
