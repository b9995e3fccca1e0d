//! Events that the site's own server tells: `POST /x/e`.

use exitpoll::{
    clock::{self, DAY, HOUR, MINUTE},
    ingest::told::visit_token,
    site::{self, types::Site},
    types::VisitId,
};
use serde_json::{Value, json};

use crate::{
    reports::world::words,
    support::{
        app::TestApp,
        client::Reply,
        prompt::{event, pricing},
        widget::{Widget, page, track},
    },
};

/// The site's server.
struct Server<'a> {
    app: &'a TestApp,
    secret: String,
}

impl<'a> Server<'a> {
    async fn of(app: &'a TestApp, site: &Site) -> Self {
        let tx = app.state.db.begin().await.unwrap();
        let secret = site::store::replace_secret(&tx, site.id, clock::now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self { app, secret }
    }

    async fn tell(&self, body: &Value) -> Reply {
        let client = self.app.anonymous();
        let request = client
            .request("POST", "/x/e")
            .header("authorization", format!("Bearer {}", self.secret))
            .body(body.to_string());
        client.send(request).await
    }
}

/// Opens the pricing page and names the visit as the page would.
async fn open(app: &TestApp, site: &Site) -> String {
    let widget = Widget::new(app, site);
    let (view, _) = widget.open("/pricing", "").await;
    let asks = json!({"v": 1, "k": site.key.to_string(), "c": 1, "w": view.id.0.to_string(), "t": 0, "q": true});
    let token = view.post(&asks).await["token"].clone();
    token.as_str().expect("a token").to_owned()
}

#[actix_web::test]
async fn an_event_counts_in_the_visit_and_leaves_its_times() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Pricing", &pricing()).await;
    let server = Server::of(&app, &site).await;
    let token = open(&app, &site).await;
    let before = app.visits(&site).await.remove(0);

    let reply = server
        .tell(&json!({"token": token, "name": "signed_up", "value": 49.5, "props": {"plan": "pro", "seats": 3}}))
        .await;

    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.json()["visit"], before.id.to_string());
    let after = app.visits(&site).await.remove(0);
    assert!(after.mask_all > before.mask_all, "the goal of the event");
    assert_eq!(
        (after.started_at, after.last_at, after.pages, &after.views),
        (
            before.started_at,
            before.last_at,
            before.pages,
            &before.views
        )
    );
    let told = app.batches(&site).await.into_iter().map(|batch| batch.body);
    let told: Vec<_> = told.filter(|body| body.contains("signed_up")).collect();
    assert_eq!(
        told,
        [
            r#"[[0,"track",{"by":"server","name":"signed_up","props":{"plan":"pro","seats":3},"value":49.5}]]"#
        ]
    );
}

#[actix_web::test]
async fn a_question_is_not_asked_once_the_server_says_it_is_pointless() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let server = Server::of(&app, &site).await;
    let widget = Widget::new(&app, &site);
    let (mut view, start) = widget.open("/pricing", "").await;
    let visit: VisitId = start["visit"].as_str().unwrap().parse().unwrap();
    let token = visit_token(&site.signing_key, visit);

    server
        .tell(&json!({"token": token, "name": "left_for_good"}))
        .await;

    assert_eq!(view.ask(prompt, "exit").await["no"], "cancelled");
}

#[actix_web::test]
async fn a_question_that_waits_for_what_only_the_server_knows_is_asked_after_it() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.after = Some(event("mail_confirmed"));
    let prompt = app.publish(&site, "Confirmed", &design).await;
    let server = Server::of(&app, &site).await;
    let widget = Widget::new(&app, &site);
    let (mut view, start) = widget.open("/", "").await;
    let visit: VisitId = start["visit"].as_str().unwrap().parse().unwrap();
    let token = visit_token(&site.signing_key, visit);

    let before = view.ask(prompt, "exit").await;
    server
        .tell(&json!({"token": token, "name": "mail_confirmed"}))
        .await;
    let (_, next) = widget.open("/about", &format!("{}/", widget.origin)).await;
    let after = view.ask(prompt, "exit").await;

    assert_eq!(before["no"], "not_reached");
    assert_eq!(
        next["goals"].as_array().map(Vec::len),
        Some(1),
        "the next page learns of it: {next}"
    );
    assert!(after["show"]["token"].is_string(), "{after}");
}

#[actix_web::test]
async fn a_journey_says_what_the_server_has_told() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let server = Server::of(&app, &site).await;
    let widget = Widget::new(&app, &site);
    let (mut view, start) = widget.open("/pricing", "").await;
    let visit: VisitId = start["visit"].as_str().unwrap().parse().unwrap();
    let asked = view.ask(prompt, "exit").await;
    let token = asked["show"]["token"].as_str().unwrap();
    view.answer(token, 1, true, json!({"c": ["c1"]})).await;
    view.send(json!([track(0, "compared")])).await;
    let token = visit_token(&site.signing_key, visit);
    server.tell(&json!({"token": token, "name": "paid"})).await;

    let answer = app.impressions(&site).await.pop().unwrap().id;
    let page = app
        .owner()
        .await
        .get(&format!("/sites/{}/answers/{answer}", site.key))
        .await;

    let text = words(&page.body);
    assert_eq!(text.matches("told by your server").count(), 1, "{text}");
    let at = |word: &str| text.rfind(word).unwrap();
    assert!(at("paid") < at("told by your server"), "{text}");
}

#[actix_web::test]
async fn the_same_key_counts_once() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Pricing", &pricing()).await;
    let server = Server::of(&app, &site).await;
    let token = open(&app, &site).await;
    let body = json!({"token": token, "name": "signed_up", "id": "order-1001"});

    for _ in 0..3 {
        assert_eq!(server.tell(&body).await.status, 200);
    }

    assert_eq!(
        app.batches(&site).await.len(),
        2,
        "the page view, and the event once"
    );
}

#[actix_web::test]
async fn any_order_of_pages_and_server_events_gives_the_same_facts() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Pricing", &pricing()).await;
    let server = Server::of(&app, &site).await;
    let mut all = vec![];
    for told_first in [true, false] {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {told_first}"));
        let mut view = widget.view(5 * MINUTE);
        let reply = view.send(json!([page(0, "/pricing", "")])).await;
        let visit: VisitId = reply["visit"].as_str().unwrap().parse().unwrap();
        let told = json!({"token": visit_token(&site.signing_key, visit), "name": "signed_up"});
        let later = view.batch(json!([
            track(1000, "left_for_good"),
            page(2000, "/about", "")
        ]));
        if told_first {
            assert_eq!(server.tell(&told).await.status, 200);
            view.post(&later).await;
        } else {
            view.post(&later).await;
            assert_eq!(server.tell(&told).await.status, 200);
        }
        let row = app.visits(&site).await.pop().unwrap();
        all.push((
            row.mask_all,
            row.mask_before,
            row.pages,
            row.last_path,
            row.funnel_step,
            row.is_told,
        ));
    }
    assert_eq!(all[0], all[1]);
    assert!(all[0].5);
}

#[actix_web::test]
async fn what_is_wrong_is_named_field_by_field() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let other = app.insert_site("Other").await;
    let server = Server::of(&app, &site).await;
    let token = open(&app, &site).await;
    let now = clock::now();
    let old = visit_token(&site.signing_key, VisitId::new(now - 8 * DAY - HOUR));
    let foreign = visit_token(&other.signing_key, VisitId::new(now));
    let many: serde_json::Map<String, Value> =
        (0..33).map(|n| (format!("p{n}"), n.into())).collect();
    let cases = [
        (json!({"name": "paid"}), "token"),
        (json!({"token": token}), "name"),
        (json!({"token": "nonsense", "name": "paid"}), "token"),
        (json!({"token": foreign, "name": "paid"}), "token"),
        (json!({"token": old, "name": "paid"}), "token"),
        (json!({"token": token, "name": ""}), "name"),
        (json!({"token": token, "name": "x".repeat(65)}), "name"),
        (json!({"token": token, "name": 7}), "name"),
        (
            json!({"token": token, "name": "paid", "at": now - 7 * DAY - MINUTE}),
            "at",
        ),
        (
            json!({"token": token, "name": "paid", "at": now + 11 * MINUTE}),
            "at",
        ),
        (
            json!({"token": token, "name": "paid", "at": "yesterday"}),
            "at",
        ),
        (
            json!({"token": token, "name": "paid", "value": "much"}),
            "value",
        ),
        (json!({"token": token, "name": "paid", "id": ""}), "id"),
        (
            json!({"token": token, "name": "paid", "props": {"deep": {"a": 1}}}),
            "props.deep",
        ),
        (
            json!({"token": token, "name": "paid", "props": many}),
            "props",
        ),
    ];
    for (body, field) in cases {
        let reply = server.tell(&body).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.body);
        assert_eq!(
            reply.json()["errors"][0]["field"],
            field,
            "{body}: {}",
            reply.body
        );
        assert!(!reply.body.contains("nonsense"), "nothing sent is echoed");
    }
    assert_eq!(server.tell(&json!("x")).await.status, 422);
    assert_eq!(app.batches(&site).await.len(), 1, "only the page view");
}

#[actix_web::test]
async fn without_the_secret_of_the_site_nothing_is_taken() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let old = Server::of(&app, &site).await;
    let new = Server::of(&app, &site).await;
    let token = open(&app, &site).await;
    let body = json!({"token": token, "name": "paid"});
    let none = Server {
        app: &app,
        secret: String::new(),
    };

    for server in [&old, &none] {
        let reply = server.tell(&body).await;
        assert_eq!(
            (reply.status, &reply.json()["code"]),
            (401, &json!("no_secret"))
        );
    }
    assert_eq!(new.tell(&body).await.status, 200);
    let gone = visit_token(&site.signing_key, VisitId::new(clock::now()));
    let reply = new.tell(&json!({"token": gone, "name": "paid"})).await;
    assert_eq!(reply.status, 404, "{}", reply.body);
}

#[actix_web::test]
async fn no_browser_can_pass_for_the_server() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/", "").await;

    view.send(json!([[0, "track", {"name": "paid", "by": "server"}]]))
        .await;

    assert!(!app.visits(&site).await[0].is_told);
}

#[actix_web::test]
async fn the_secret_is_shown_once_and_stored_as_a_hash() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let owner = app.owner().await;
    let path = format!("/sites/{}/settings", site.key);

    let made = owner.post_form(&format!("{path}/secret"), &[]).await;
    let again = owner.get(&path).await;

    assert_eq!(made.status, 200, "{}", made.body);
    let secret = made
        .body
        .split("eps_")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    assert_eq!(secret.len(), 52);
    assert!(!again.body.contains("eps_") && again.body.contains("Replace the secret"));
    let found = site::store::find_by_secret(&app.state.db.read, &format!("eps_{secret}")).await;
    assert_eq!(found.unwrap().unwrap().id, site.id);
}
