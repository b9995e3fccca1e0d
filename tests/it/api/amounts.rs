//! What events tell that they are worth, in the site's currency and in others.

use exitpoll::{
    clock::now,
    db::entity::{OfSite, drop as dropped, visit_goal},
    goal::{
        store,
        types::{GoalRole, GoalRule},
    },
    ingest::told::visit_token,
    site::{self, types::Site},
};
use serde_json::{Value, json};

use crate::{
    recount::goal,
    reports::world::words,
    support::{
        app::TestApp,
        widget::{Widget, page},
    },
};

/// A shop that counts in euros; without an amount a purchase is worth 49.
async fn shop(app: &TestApp) -> Site {
    let site = app.insert_site("Shop").await;
    let tx = app.state.db.begin().await.unwrap();
    let new = goal("Bought", GoalRole::Macro, GoalRule::event("purchase"));
    store::insert_goal(&tx, site.id, &new, now()).await.unwrap();
    tx.commit().await.unwrap();
    app.state.snapshots.forget(site.id);
    site
}

fn purchase(value: &Value, props: &Value) -> Value {
    json!([0, "track", {"name": "purchase", "value": value, "props": props}])
}

async fn worths(app: &TestApp, site: &Site) -> Vec<i64> {
    let rows = visit_goal::Entity::of_site(site.id)
        .all(&app.state.db.read)
        .await
        .unwrap();
    rows.iter().map(|row| row.value_minor).collect()
}

/// Events that told an amount in another currency.
async fn counted(app: &TestApp, site: &Site) -> i64 {
    let rows = dropped::Entity::of_site(site.id)
        .all(&app.state.db.read)
        .await
        .unwrap();
    let rows = rows.iter().filter(|row| row.reason == "other_currency");
    rows.map(|row| row.n).sum()
}

#[actix_web::test]
async fn only_amounts_in_the_currency_of_the_site_are_added_up() {
    let app = TestApp::spawn().await;
    let cases = [
        (purchase(&json!(5_000), &json!({"currency": "JPY"})), 0, 1),
        (purchase(&json!(12.5), &json!({"currency": " usd"})), 0, 1),
        (
            purchase(&json!(12.5), &json!({"currency": "eur "})),
            1_250,
            0,
        ),
        (purchase(&json!(12.5), &json!({})), 1_250, 0),
        // What is no code of a currency says nothing of one.
        (purchase(&json!(12.5), &json!({"currency": "€"})), 1_250, 0),
        (purchase(&json!(12.5), &json!({"currency": 978})), 1_250, 0),
        // No amount was told: the goal's own stands.
        (
            purchase(&Value::Null, &json!({"currency": "JPY"})),
            4_900,
            0,
        ),
    ];
    for (event, worth, others) in cases {
        let site = shop(&app).await;
        let widget = Widget::new(&app, &site);
        let (mut view, _) = widget.open("/", "").await;
        let batch = view.batch(json!([event.clone()]));
        view.post(&batch).await;
        // The same once more, as after a lost reply.
        view.post(&batch).await;

        assert_eq!(worths(&app, &site).await, [worth], "{event}");
        assert_eq!(counted(&app, &site).await, others, "{event}");
    }
}

#[actix_web::test]
async fn data_quality_says_how_many_and_a_server_tells_no_other_way() {
    let app = TestApp::spawn().await;
    let site = shop(&app).await;
    let tx = app.state.db.begin().await.unwrap();
    let secret = site::store::replace_secret(&tx, site.id, now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let widget = Widget::new(&app, &site);
    let (_, start) = widget.open("/", "").await;
    let visit = start["visit"].as_str().unwrap().parse().unwrap();
    let body = json!({
        "token": visit_token(&site.signing_key, visit), "name": "purchase", "value": 5_000, "props": {"currency": "JPY"}, "id": "order 7",
    });

    for _ in 0..2 {
        let client = app.anonymous();
        let request = client
            .request("POST", "/x/e")
            .header("authorization", format!("Bearer {secret}"))
            .body(body.to_string());
        assert_eq!(client.send(request).await.status, 200);
    }

    assert_eq!(worths(&app, &site).await, [0]);
    let owner = app.owner().await;
    let path = format!("/sites/{}/reports/quality", site.key);
    let text = words(&owner.get(&path).await.body);
    let said = "Amount in another currency than the site’s: not added up 1";
    assert!(text.contains(said), "{text}");
}

#[actix_web::test]
async fn the_first_amount_of_a_goal_is_the_one_that_was_told_first() {
    let app = TestApp::spawn().await;
    let site = shop(&app).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    let first = view.batch(json!([
        page(0, "/", ""),
        purchase(&json!(5_000), &json!({"currency": "JPY"}))
    ]));
    let second = view.batch(json!([purchase(&json!(12.5), &json!({"currency": "EUR"}))]));

    view.post(&second).await;
    view.post(&first).await;

    assert_eq!(worths(&app, &site).await, [0]);
}
