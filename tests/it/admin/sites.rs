//! The list of sites and adding one.

use exitpoll::site;

use crate::support::app::TestApp;

#[actix_web::test]
async fn new_site_gets_a_snippet() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    assert_eq!(client.get("/").await.location(), "/sites/new");
    let fields = [
        ("name", "Northwind <b>Desk"),
        ("origin", "www.northwind.example/pricing"),
        ("localhost", "1"),
        ("time_zone", "europe/berlin"),
        ("currency", "chf"),
    ];

    let reply = client.post_form("/sites/new", &fields).await;

    let site = site::store::list(&app.state.db.read)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        reply.location(),
        format!("/sites/{}/settings?done=site_created_with_scheme", site.key)
    );
    assert_eq!(
        (site.time_zone.as_str(), site.currency.as_str()),
        ("Europe/Berlin", "CHF")
    );
    assert_eq!(site.origins, ["https://www.northwind.example"]);
    assert!(site.allow_localhost);
    let page = client.get(reply.location()).await;
    let script = format!("{}/x/{}.js", app.base, site.key);
    assert!(page.body.contains(&script), "{}", page.body);
    assert!(
        page.body.contains("The site is ready")
            && page.body.contains("Waiting for the first visit")
    );
    assert!(page.body.contains("Northwind &#60;b&#62;Desk") && !page.body.contains("<b>Desk"));
    assert_eq!(
        client.get("/").await.location(),
        format!("/sites/{}", site.key)
    );
    let list = client.get("/sites").await;
    assert!(list.body.contains("www.northwind.example"));
}

#[actix_web::test]
async fn wrong_site_keeps_what_was_typed() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let fields = [
        ("name", "Shop"),
        ("origin", "javascript:alert(1)"),
        ("time_zone", "Mars"),
        ("currency", "EURO"),
    ];

    let reply = client.post_form("/sites/new", &fields).await;

    assert_eq!(reply.status, 422);
    for kept in [
        "value=\"Shop\"",
        "value=\"javascript:alert(1)\"",
        "value=\"Mars\"",
        "3 things to put right",
    ] {
        assert!(reply.body.contains(kept), "{kept}");
    }
    assert!(
        site::store::list(&app.state.db.read)
            .await
            .unwrap()
            .is_empty()
    );
}

#[actix_web::test]
async fn an_owner_without_a_site_is_welcomed_and_told_the_next_step() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;

    let before = client.get("/sites").await.body;
    app.insert_site("Shop").await;
    let after = client.get("/sites").await.body;

    assert!(before.contains("Welcome to Exitpoll"), "{before}");
    assert!(before.contains("href=\"/sites/new\">Add your site</a>"));
    assert!(!after.contains("Welcome to Exitpoll"), "{after}");
}
