//! Signing in and out.

use exitpoll::account::links::first_link;

use crate::support::app::{EMAIL, PASSWORD, TestApp};

#[actix_web::test]
async fn wrong_password_and_unknown_address_get_the_same_answer() {
    let app = TestApp::spawn().await;
    app.owner().await;
    let client = app.anonymous();

    let wrong = client
        .post_form(
            "/sign-in",
            &[("email", EMAIL), ("password", "three green herons")],
        )
        .await;
    let unknown = client
        .post_form(
            "/sign-in",
            &[("email", "eve@shop.example"), ("password", PASSWORD)],
        )
        .await;

    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(wrong.body, unknown.body.replace("eve@shop.example", EMAIL));
    assert_eq!(wrong.header("set-cookie"), "");
}

#[actix_web::test]
async fn guessing_is_slowed_down_for_the_right_password_too() {
    let app = TestApp::spawn().await;
    app.owner().await;
    let client = app.anonymous();
    for _ in 0..5 {
        client
            .post_form("/sign-in", &[("email", EMAIL), ("password", "wrong")])
            .await;
    }

    let reply = client
        .post_form("/sign-in", &[("email", EMAIL), ("password", PASSWORD)])
        .await;

    assert_eq!(reply.status, 429);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[actix_web::test]
async fn signing_in_leads_to_the_page_that_was_asked_for() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.owner().await;
    let client = app.anonymous();
    let path = format!("/sites/{}/settings", site.key);

    let asked = client.get(&path).await;
    assert_eq!(
        (asked.status, asked.location()),
        (303, &*format!("/sign-in?next={}", path.replace('/', "%2F")))
    );
    let fields = [
        ("email", " ANNA@shop.example "),
        ("password", PASSWORD),
        ("next", path.as_str()),
    ];
    assert_eq!(client.post_form("/sign-in", &fields).await.location(), path);
    assert_eq!(client.get(&path).await.status, 200);

    let elsewhere = [
        ("email", EMAIL),
        ("password", PASSWORD),
        ("next", "//evil.example"),
    ];
    assert_eq!(
        app.anonymous()
            .post_form("/sign-in", &elsewhere)
            .await
            .location(),
        "/"
    );
}

#[actix_web::test]
async fn signing_out_ends_the_session_on_the_server() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let cookie = {
        let reply = app
            .anonymous()
            .post_form("/sign-in", &[("email", EMAIL), ("password", PASSWORD)])
            .await;
        reply
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    };
    let with_cookie = || {
        app.anonymous()
            .request("GET", "/sites")
            .header("cookie", &cookie)
    };
    assert_eq!(client.send(with_cookie()).await.status, 200);

    assert_eq!(
        client.post_form("/sign-out", &[]).await.location(),
        "/sign-in?done=signed_out"
    );
    assert_eq!(client.get("/sites").await.status, 303);
    // The other session goes on.
    assert_eq!(client.send(with_cookie()).await.status, 200);
}

#[actix_web::test]
async fn forms_from_elsewhere_are_refused() {
    let app = TestApp::spawn().await;
    let mut client = app.owner().await;
    let form = "application/x-www-form-urlencoded";
    let post = |site: Option<&str>, origin: Option<&str>| {
        let mut request = client
            .request("POST", "/sites/new")
            .header("content-type", form);
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.body(format!("csrf={}", client.csrf))
    };

    for (site, origin) in [
        (None, None),
        (Some("cross-site"), None),
        (Some("same-site"), None),
        (None, Some("https://evil.example")),
        (None, Some("null")),
    ] {
        assert_eq!(
            client.send(post(site, origin)).await.status,
            403,
            "{site:?} {origin:?}"
        );
    }
    assert_eq!(client.send(post(None, Some(&app.base))).await.status, 422);

    client.csrf = "wrong".to_owned();
    assert_eq!(
        client
            .post_form("/sites/new", &[("name", "Shop")])
            .await
            .status,
        403
    );
    client.csrf = String::new();
    assert_eq!(client.post_form("/sign-out", &[]).await.status, 403);
}

#[actix_web::test]
async fn a_nul_in_a_form_is_refused_before_any_database_sees_it() {
    let app = TestApp::spawn().await;
    let owner = app.owner().await;

    for name in ["a\0b", "\0"] {
        let reply = owner.post_form("/sites/new", &[("name", name)]).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
    }
    let percent = owner.post_form("/sites/new", &[("name", "100%00")]).await;
    assert_eq!(
        percent.status, 422,
        "a per cent sign before zeros is no NUL"
    );
}

#[actix_web::test]
async fn cookie_is_bound_to_the_host_over_tls() {
    let app = TestApp::spawn_with(&["--public-url", "https://poll.example"]).await;
    let link = first_link(&app.state.db, "").await.unwrap().unwrap();
    let token = link.split_once("link=").unwrap().1;

    let reply = app
        .anonymous()
        .post_form(
            "/setup",
            &[("email", EMAIL), ("password", PASSWORD), ("link", token)],
        )
        .await;

    let cookie = reply.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-exitpoll=") && cookie.contains("Secure"),
        "{cookie}"
    );
}
