//! The addresses that may send to a site, and what the settings tell of those that may not.

use exitpoll::{db::entity::refused_origin, site, types::SiteId};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{reports::world::words, support::app::TestApp};

async fn insert_refused(app: &TestApp, site_id: SiteId, origin: &str) {
    let now = exitpoll::clock::now();
    let row = refused_origin::ActiveModel {
        site_id: Set(site_id),
        origin: Set(origin.to_owned()),
        first_at: Set(now),
        last_at: Set(now),
        n: Set(37),
    };
    let tx = app.state.db.begin().await.unwrap();
    refused_origin::Entity::insert(row)
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn refused_origin_is_allowed_with_one_click() {
    let app = TestApp::spawn().await;
    let (site, other) = (
        app.insert_site("Shop").await,
        app.insert_site("Other").await,
    );
    let client = app.owner().await;
    let path = format!("/sites/{}/settings", site.key);
    insert_refused(&app, site.id, "https://staging.shop.example").await;
    insert_refused(&app, other.id, "https://other.example").await;

    let page = client.get(&path).await;
    assert!(
        page.body
            .contains("Seen at https://staging.shop.example, refused")
            && page.body.contains("37 times")
    );
    assert!(!page.body.contains("https://other.example"));
    let of_other = [("origin", "https://other.example"), ("do", "allow")];
    assert_eq!(
        client
            .post_form(&format!("{path}/refused"), &of_other)
            .await
            .status,
        404
    );
    let allow = [("origin", "https://staging.shop.example"), ("do", "allow")];
    assert_eq!(
        client
            .post_form(&format!("{path}/refused"), &allow)
            .await
            .location(),
        format!("{path}?done=origin_allowed")
    );

    let saved = site::store::find(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        saved.origins,
        ["https://shop.example", "https://staging.shop.example"]
    );
    assert!(saved.allow_localhost, "the tick stays");
    assert!(
        site::store::list_refused(&app.state.db.read, site.id)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        site::store::list_refused(&app.state.db.read, other.id)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[actix_web::test]
async fn ignored_origin_leaves_the_list() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    insert_refused(&app, site.id, "https://evil.example").await;

    let ignore = [("origin", "https://evil.example"), ("do", "ignore")];
    client
        .post_form(&format!("/sites/{}/settings/refused", site.key), &ignore)
        .await;

    assert!(
        site::store::list_refused(&app.state.db.read, site.id)
            .await
            .unwrap()
            .is_empty()
    );
    let stored = site::store::find(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored, site);
}

#[actix_web::test]
async fn install_check_is_a_fragment() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;

    let fragment = client
        .get(&format!("/sites/{}/settings?fragment=install", site.key))
        .await;

    assert!(
        fragment.body.starts_with("<p class=\"status wait\">"),
        "{}",
        fragment.body
    );
    assert!(!fragment.body.contains("<html"));
}

#[actix_web::test]
async fn install_check_names_an_address_that_was_refused() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    insert_refused(&app, site.id, "http://127.0.0.1:4801").await;
    let client = app.owner().await;

    let path = format!("/sites/{}/settings", site.key);
    for path in [format!("{path}?fragment=install"), path] {
        let page = client.get(&path).await;
        assert!(
            page.body
                .contains("Pages at http://127.0.0.1:4801 send, but it is not among the addresses"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("Waiting for the first visit"));
    }
}

#[actix_web::test]
async fn an_address_without_a_scheme_is_completed_aloud() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/settings", site.key);
    let save = async |origins: &str| {
        let reply = client
            .post_form(&format!("{path}/origins"), &[("origins", origins)])
            .await;
        words(&client.get(reply.location()).await.body)
    };
    let told = "We put https:// before it";

    assert!(save("https://a.example\nb.example").await.contains(told));
    assert!(!save("https://a.example").await.contains(told));
    let new = |origin: &'static str| {
        [
            ("name", "Next"),
            ("time_zone", "Europe/Berlin"),
            ("currency", "EUR"),
            ("origin", origin),
        ]
    };
    let typed = client.post_form("/sites/new", &new("next.example")).await;
    let whole = client
        .post_form("/sites/new", &new("https://next.example"))
        .await;
    assert_eq!((typed.status, whole.status), (303, 303));
    assert!(words(&client.get(typed.location()).await.body).contains(told));
    assert!(!words(&client.get(whole.location()).await.body).contains(told));
}
