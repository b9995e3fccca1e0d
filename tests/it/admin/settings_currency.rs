//! A site that counts in another currency: amounts keep their number.

use exitpoll::{
    clock::now,
    db::entity::{OfSite, batch, goal_version, visit_goal},
    goal::{
        store,
        types::{GoalRole, GoalRule},
    },
    site::types::Site,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{
    recount::{goal, recounted},
    reports::world::words,
    support::{
        app::TestApp,
        client::Client,
        widget::{Widget, page, track},
    },
};

async fn choose(owner: &Client, site: &Site, currency: &str) {
    let form = [
        ("name", "Shop"),
        ("time_zone", "Europe/Berlin"),
        ("currency", currency),
    ];
    let path = format!("/sites/{}/settings", site.key);
    assert_eq!(owner.post_form(&path, &form).await.status, 303);
}

/// A shop in this currency with a main goal worth 49, and a goal that was worth as much once and has ended.
async fn shop(app: &TestApp, owner: &Client, currency: &str, unit: i64) -> Site {
    let site = app.insert_site("Shop").await;
    choose(owner, &site, currency).await;
    let tx = app.state.db.begin().await.unwrap();
    for name in ["Ended", "Bought"] {
        let mut new = goal(name, GoalRole::Macro, GoalRule::event(name));
        new.value_minor = Some(49 * unit);
        let id = store::insert_goal(&tx, site.id, &new, now()).await.unwrap();
        if name == "Ended" {
            store::archive_goal(&tx, site.id, id, now()).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    app.state.snapshots.forget(site.id);
    site
}

#[actix_web::test]
async fn amounts_keep_their_number_in_another_currency() {
    let cases = [
        ("EUR", 100, "JPY", 1),
        ("JPY", 1, "EUR", 100),
        ("EUR", 100, "BHD", 1_000),
        ("BHD", 1_000, "JPY", 1),
        ("EUR", 100, "USD", 100),
    ];
    for (from, of_old, to, of_new) in cases {
        let app = TestApp::spawn().await;
        let owner = app.owner().await;
        let site = shop(&app, &owner, from, of_old).await;
        // One is worth what the goal says, one what its event says, one what it says in the old currency.
        for (agent, event) in [
            ("A", track(0, "Bought")),
            ("B", json!([0, "track", {"name": "Bought", "value": 30}])),
            (
                "C",
                json!([0, "track", {"name": "Bought", "value": 20, "props": {"currency": from}}]),
            ),
        ] {
            let widget = Widget::new(&app, &site).with_user_agent(agent);
            widget.view(0).send(json!([page(0, "/", ""), event])).await;
        }

        choose(&owner, &site, to).await;
        recounted(&app.state.db, &site).await;

        let db = &app.state.db.read;
        let versions = goal_version::Entity::of_site(site.id)
            .all(db)
            .await
            .unwrap();
        let values: Vec<_> = versions.iter().map(|it| it.value_minor).collect();
        assert_eq!(values, [Some(49 * of_new); 2], "{from} to {to}");
        let reached = visit_goal::Entity::of_site(site.id).all(db).await.unwrap();
        let mut worths: Vec<_> = reached.iter().map(|it| it.value_minor).collect();
        worths.sort_unstable();
        assert_eq!(worths, [0, 30 * of_new, 49 * of_new], "{from} to {to}");
        let page = owner.get(&format!("/sites/{}/goals", site.key)).await;
        let goals = words(&page.body);
        assert!(goals.contains(&format!("worth {to} 49 ")), "{goals}");
    }
}

#[actix_web::test]
async fn what_cannot_be_said_in_the_new_currency_is_rounded() {
    let app = TestApp::spawn().await;
    let owner = app.owner().await;
    let site = shop(&app, &owner, "EUR", 100).await;
    let bought = store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap()[0]
        .id;
    let tx = app.state.db.begin().await.unwrap();
    store::set_value(&tx, site.id, bought, 4_950, now())
        .await
        .unwrap();
    tx.commit().await.unwrap();

    choose(&owner, &site, "JPY").await;

    let goals = store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap();
    assert_eq!(goals[0].current.value_minor, Some(50));
}

#[actix_web::test]
async fn the_field_says_that_nothing_is_converted() {
    let app = TestApp::spawn().await;
    let owner = app.owner().await;
    let site = app.insert_site("Shop").await;

    let page = owner.get(&format!("/sites/{}/settings", site.key)).await;

    let said = "Amounts keep their number and change their name: nothing is converted.";
    assert!(page.body.contains(said), "{}", page.body);
}

#[actix_web::test]
async fn visits_that_cannot_be_counted_again_add_no_amounts_of_another_unit() {
    let app = TestApp::spawn().await;
    let owner = app.owner().await;
    let site = shop(&app, &owner, "EUR", 100).await;
    for agent in ["A", "B"] {
        let widget = Widget::new(&app, &site).with_user_agent(agent);
        widget
            .view(0)
            .send(json!([page(0, "/", ""), track(0, "Bought")]))
            .await;
    }
    let gone = app.visits(&site).await[0].id;
    let tx = app.state.db.begin().await.unwrap();
    batch::Entity::delete_many()
        .filter(batch::Column::VisitId.eq(gone))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    choose(&owner, &site, "JPY").await;
    recounted(&app.state.db, &site).await;

    let path = format!("/sites/{}/reports/revenue.json", site.key);
    let file = owner.get(&path).await;
    let row = &file.json()["revenue"][0];
    assert_eq!((&row["k"], &row["n"]), (&json!(49), &json!(1)), "{row}");
}
