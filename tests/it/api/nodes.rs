//! Other nodes on the same database: what is in the way of each other is tried again, and a lost connection is no error of the sender.

use std::time::Duration;

use exitpoll::{
    db::{self, Db, entity::batch},
    site::types::Site,
    types::VisitId,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page, track},
};

/// Another node is about to commit the same batch.
async fn hold(other: &Db, site: &Site, visit: VisitId, sent: &Value) -> DatabaseTransaction {
    let tx = other.begin().await.unwrap();
    let row = batch::ActiveModel {
        site_id: Set(site.id),
        view_id: Set(serde_json::from_value(sent["w"].clone())
            .map(exitpoll::types::ViewId)
            .unwrap()),
        first_seq: Set(1),
        visit_id: Set(visit),
        view_started_at: Set(exitpoll::clock::now()),
        received_at: Set(exitpoll::clock::now()),
        body: Set(sent["e"].to_string()),
    };
    batch::Entity::insert(row)
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx
}

#[actix_web::test]
async fn a_batch_that_two_nodes_write_at_once_is_taken_by_both_and_stored_once() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/", "").await;
    let sent = view.batch(json!([track(0, "deposit")]));
    let other = db::open_beside(&app.database.url).await.unwrap();
    let held = hold(&other, &site, app.visits(&site).await[0].id, &sent).await;

    let (widget, body) = (widget.clone(), sent.to_string());
    let posted = actix_web::rt::spawn(async move { widget.post(body).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    held.commit().await.unwrap();
    let reply = posted.await.unwrap();

    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(app.batches(&site).await.len(), 2);
    other.close().await.unwrap();
}

/// Ends every connection that waits for a lock.
async fn lose_connections(other: &Db) {
    let lost = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
    other.read.execute_unprepared(lost).await.unwrap();
}

#[actix_web::test]
async fn a_connection_lost_in_a_statement_means_try_again() {
    let app = TestApp::spawn().await;
    if app.state.db.backend() == DbBackend::Sqlite {
        // There is no connection to lose.
        return;
    }
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/", "").await;
    let sent = view.batch(json!([track(0, "deposit")]));
    let other = db::open_beside(&app.database.url).await.unwrap();
    let held = hold(&other, &site, app.visits(&site).await[0].id, &sent).await;

    let (again, body) = (widget.clone(), sent.to_string());
    let posted = actix_web::rt::spawn(async move { again.post(body).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    lose_connections(&other).await;
    let reply = posted.await.unwrap();
    held.rollback().await.unwrap();
    let retry = widget.post(sent.to_string()).await;

    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(retry.status, 200, "{}", retry.body);
    assert_eq!(app.batches(&site).await.len(), 2);
    other.close().await.unwrap();
}

#[actix_web::test]
async fn a_connection_lost_while_the_question_is_looked_up_loses_no_answer() {
    let app = TestApp::spawn().await;
    if app.state.db.backend() == DbBackend::Sqlite {
        // There is no connection to lose.
        return;
    }
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(10);
    view.send(json!([page(0, "/pricing", "")])).await;
    let decision = view.ask(prompt, "exit").await;
    let answer = json!({"i": decision["show"]["token"], "n": 1, "t": 10, "done": true, "v": {"q1": {"c": ["c1"]}}});
    let mut sent = view.batch(json!([]));
    sent["a"] = json!([answer]);
    // The version that was shown is no longer at hand.
    app.pause(&site, prompt).await;
    widget.open("/", "").await;
    let other = db::open_beside(&app.database.url).await.unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE prompt_versions IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();

    let (again, body) = (widget.clone(), sent.to_string());
    let posted = actix_web::rt::spawn(async move { again.post(body).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    lose_connections(&other).await;
    let reply = posted.await.unwrap();
    held.rollback().await.unwrap();
    let retry = widget.post(sent.to_string()).await;

    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(retry.status, 200, "{}", retry.body);
    assert_eq!(app.chosen(&site).await, ["c1"]);
    other.close().await.unwrap();
}
