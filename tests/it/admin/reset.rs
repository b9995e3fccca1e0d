//! A forgotten password.

use exitpoll::{account::links::reset_link, config::Config};

use crate::support::app::{EMAIL, PASSWORD, TestApp};

#[actix_web::test]
async fn printed_link_sets_a_new_password_once() {
    let app = TestApp::spawn().await;
    let owner = app.owner().await;
    let config = Config {
        database_url: app.database.url.clone(),
        ..app.state.config.clone()
    };
    let link = reset_link(&config, "Anna@Shop.example").await.unwrap();
    let token = link.split_once("link=").unwrap().1;
    let client = app.anonymous();

    let page = client.get(&format!("/reset?link={token}")).await;
    assert!(page.status == 200 && page.body.contains(EMAIL));
    let short = client
        .post_form("/reset", &[("password", "short"), ("link", token)])
        .await;
    assert_eq!(short.status, 422);
    let fields = [("password", "four green herons"), ("link", token)];
    assert_eq!(
        client.post_form("/reset", &fields).await.location(),
        "/sign-in?done=password_changed"
    );

    let used = client.post_form("/reset", &fields).await;
    assert_eq!(used.status, 403);
    assert!(
        used.body.contains("sign in with that") && !used.body.contains("Go back"),
        "{}",
        used.body
    );
    assert_eq!(
        owner.get("/sites").await.status,
        303,
        "earlier sessions end"
    );
    let old = client
        .post_form("/sign-in", &[("email", EMAIL), ("password", PASSWORD)])
        .await;
    assert_eq!(old.status, 422);
    let new = client
        .post_form(
            "/sign-in",
            &[("email", EMAIL), ("password", "four green herons")],
        )
        .await;
    assert_eq!(new.location(), "/");
}

#[actix_web::test]
async fn unknown_address_gets_no_link() {
    let app = TestApp::spawn().await;
    let config = Config {
        database_url: app.database.url.clone(),
        ..app.state.config.clone()
    };

    let error = reset_link(&config, "eve@shop.example").await.unwrap_err();

    assert_eq!(error.to_string(), "nobody signs in as \"eve@shop.example\"");
}
