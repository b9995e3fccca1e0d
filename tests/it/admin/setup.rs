//! The first sign-in.

use exitpoll::account::links::first_link;

use crate::support::{
    app::{EMAIL, PASSWORD, TestApp},
    client::encode,
};

#[actix_web::test]
async fn first_visit_from_this_machine_offers_set_up() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();

    assert_eq!(client.get("/").await.location(), "/setup");
    assert_eq!(client.get("/sign-in").await.location(), "/setup");
    let page = client.get("/setup").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("name=\"password\""));

    let reply = client
        .post_form("/setup", &[("email", EMAIL), ("password", PASSWORD)])
        .await;
    assert_eq!((reply.status, reply.location()), (303, "/"));
    assert!(
        reply
            .header("set-cookie")
            .contains("HttpOnly; SameSite=Lax")
    );
    assert_eq!(client.get("/").await.location(), "/sites/new");
}

#[actix_web::test]
async fn set_up_is_closed_to_everybody_else() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let disguises = [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "localhost"),
        ("forwarded", "for=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("via", "1.1 proxy"),
        ("host", "evil.example"),
        ("host", "localhost.evil.example"),
        ("host", "192.168.1.5:8080"),
    ];
    for (name, value) in disguises {
        let page = client
            .send(client.request("GET", "/setup").header(name, value))
            .await;
        assert_eq!(page.status, 403, "{name}: {value}");
        assert!(page.body.contains("setup-link"), "{name}: {value}");

        let request = client
            .request("POST", "/setup")
            .header(name, value)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encode(&[("email", EMAIL), ("password", PASSWORD)]));
        assert_eq!(client.send(request).await.status, 403, "{name}: {value}");
    }
    assert_eq!(client.get("/setup").await.status, 200);
}

/// A proxy left at its defaults: it speaks HTTP/1.0, names us as the host and says nothing of whom it speaks for.
#[actix_web::test]
async fn a_silent_proxy_on_this_machine_does_not_open_the_door() {
    use std::io::{Read, Write};
    let app = TestApp::spawn().await;
    let host = app.base.trim_start_matches("http://").to_owned();
    let ask = async |version: &'static str| {
        let host = host.clone();
        let ask = move || {
            let mut stream = std::net::TcpStream::connect(&host).unwrap();
            write!(
                stream,
                "GET /setup HTTP/{version}\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).unwrap();
            reply.split(' ').nth(1).unwrap().to_owned()
        };
        actix_web::rt::task::spawn_blocking(ask).await.unwrap()
    };

    assert_eq!(ask("1.1").await, "200");
    assert_eq!(ask("1.0").await, "403");
}

#[actix_web::test]
async fn a_service_with_a_public_name_needs_the_link() {
    let app = TestApp::spawn_with(&["--public-url", "https://poll.example"]).await;
    let at_home = TestApp::spawn_with(&["--public-url", "http://localhost:8080"]).await;

    assert_eq!(app.anonymous().get("/setup").await.status, 403);
    assert_eq!(at_home.anonymous().get("/setup").await.status, 200);
}

#[actix_web::test]
async fn link_opens_set_up_once() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let link = first_link(&app.state.db, &app.base).await.unwrap().unwrap();
    let token = link.split_once("link=").unwrap().1;
    let from_afar = |method: &str, path: &str| {
        client
            .request(method, path)
            .header("x-forwarded-for", "192.0.2.1")
            .header("sec-fetch-site", "same-origin")
    };

    let page = client
        .send(from_afar("GET", &format!("/setup?link={token}")))
        .await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(token));
    let wrong = client.send(from_afar("GET", "/setup?link=abc")).await;
    assert_eq!(wrong.status, 403);

    let form = encode(&[("email", EMAIL), ("password", PASSWORD), ("link", token)]);
    let kind = "application/x-www-form-urlencoded";
    let reply = client
        .send(
            from_afar("POST", "/setup")
                .header("content-type", kind)
                .body(form.clone()),
        )
        .await;
    assert_eq!(reply.location(), "/");

    let again = client
        .send(
            from_afar("POST", "/setup")
                .header("content-type", kind)
                .body(form),
        )
        .await;
    assert_eq!(again.location(), "/sign-in");
    assert_eq!(
        client.get(&format!("/setup?link={token}")).await.location(),
        "/sign-in"
    );
    assert!(
        first_link(&app.state.db, &app.base)
            .await
            .unwrap()
            .is_none()
    );
}

#[actix_web::test]
async fn newer_link_replaces_the_older_one() {
    let app = TestApp::spawn().await;
    let older = first_link(&app.state.db, "").await.unwrap().unwrap();
    let newer = first_link(&app.state.db, "").await.unwrap().unwrap();

    assert_eq!(app.anonymous().get(&older).await.status, 403);
    assert_eq!(app.anonymous().get(&newer).await.status, 200);
}

#[actix_web::test]
async fn wrong_fields_are_named_and_what_was_typed_is_kept() {
    let app = TestApp::spawn().await;

    let reply = app
        .anonymous()
        .post_form("/setup", &[("email", EMAIL), ("password", "anna1234")])
        .await;

    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("value=\"anna@shop.example\""));
    assert!(reply.body.contains("id=\"password-e\""));
    assert!(!reply.body.contains("anna1234"));
}
