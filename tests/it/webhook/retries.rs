//! What is not taken is tried again, for about three days, and then no more.

use exitpoll::{
    clock::{DAY, MINUTE, SECOND},
    db::entity::webhook_delivery::Column,
    webhook::store,
};
use sea_orm::sea_query::Expr;

use super::{answer, set_up, spawn};
use crate::support::sink::Sink;

#[actix_web::test]
async fn a_message_that_was_not_taken_comes_again_as_it_was() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    sink.answer_with(&[500, 302]);
    answer(&app, &site, prompt, "too dear").await;

    let first = sink.next().await;
    let failed = app
        .message_when(&site, |row| row.last_status == Some(500))
        .await;
    let wait = failed.next_attempt_at.unwrap() - failed.last_attempt_at.unwrap();
    assert!((5 * SECOND..8 * SECOND).contains(&wait), "{wait} ms");
    assert_eq!((failed.attempts, failed.state.as_str()), (1, "waiting"));
    app.make_due(&site).await;
    let second = sink.next().await;
    let failed = app
        .message_when(&site, |row| row.last_status == Some(302))
        .await;
    let wait = failed.next_attempt_at.unwrap() - failed.last_attempt_at.unwrap();
    assert!((5 * MINUTE..6 * MINUTE).contains(&wait), "{wait} ms");
    app.make_due(&site).await;
    let third = sink.next().await;
    app.message_when(&site, |row| row.state == "delivered" && row.attempts == 3)
        .await;

    for message in [&first, &second, &third] {
        assert_eq!((message.id(), &message.body), (first.id(), &first.body));
        message.verified(&secret);
    }
    assert_eq!(sink.unread(), 0, "a redirect is not followed");
}

#[actix_web::test]
async fn after_ten_attempts_a_message_is_given_up_until_the_owner_sends_it_again() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    sink.answer_with(&[503, 503]);
    answer(&app, &site, prompt, "too dear").await;
    sink.next().await;
    app.message_when(&site, |row| row.last_status == Some(503))
        .await;

    app.set_waiting(&site, Column::Attempts, Expr::value(9))
        .await;
    app.make_due(&site).await;
    sink.next().await;

    let given_up = app.message_when(&site, |row| row.state == "failed").await;
    assert_eq!((given_up.attempts, given_up.next_attempt_at), (10, None));
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);
    let page = client.get(&path).await.body;
    assert!(page.contains("Answered 503 instead of 200"), "{page}");
    let again = format!("{path}/messages/{}/again", given_up.id);
    assert!(page.contains(&again));
    assert_eq!(
        client.post_form(&again, &[]).await.location(),
        format!("{path}?done=sending_again")
    );
    assert_eq!(sink.next().await.verified(&secret)["data"]["test"], false);
    app.message_when(&site, |row| row.state == "delivered")
        .await;
    assert_eq!(client.post_form(&again, &[]).await.status, 409);
}

#[actix_web::test]
async fn a_receiver_that_is_gone_gets_nothing_more() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, _) = set_up(&app, &sink).await;
    sink.answer_with(&[500, 410]);
    answer(&app, &site, prompt, "first").await;
    sink.next().await;
    app.message_when(&site, |row| row.last_status == Some(500))
        .await;
    answer(&app, &site, prompt, "second").await;
    sink.next().await;

    app.messages_when(&site, |all| {
        all.len() == 2 && all.iter().all(|row| row.state == "failed")
    })
    .await;
    let stored = store::find_webhook(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();
    assert!(!stored.is_enabled && stored.gone_at.is_some());
    answer(&app, &site, prompt, "third").await;
    assert_eq!(app.messages(&site).await.len(), 2);
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);
    let page = client.get(&path).await.body;
    assert!(page.contains("Switched off by its receiver"), "{page}");

    let form = [("url", sink.url.as_str()), ("enabled", "1")];
    client.post_form(&format!("{path}/save"), &form).await;
    answer(&app, &site, prompt, "fourth").await;
    assert!(sink.next().await.body.contains("fourth"));
    let page = client.get(&path).await.body;
    assert!(!page.contains("Switched off by its receiver"));
}

#[actix_web::test]
async fn what_is_under_way_when_the_service_stops_is_brought_to_its_end() {
    let (mut app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, _) = set_up(&app, &sink).await;
    answer(&app, &site, prompt, "last words").await;
    sink.next().await;
    app.stop().await;

    let db = exitpoll::db::open_beside(&app.database.url).await.unwrap();
    let messages = store::list_deliveries(&db.read, site.id, 10).await.unwrap();

    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].last_status, Some(200), "{messages:?}");
    db.close().await.unwrap();
}

#[actix_web::test]
async fn the_list_forgets_after_thirty_days() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, _) = set_up(&app, &sink).await;
    sink.answer_with(&[500, 500]);
    for comment in ["old", "new"] {
        answer(&app, &site, prompt, comment).await;
        sink.next().await;
    }
    let rows = app
        .messages_when(&site, |all| {
            all.iter().all(|row| row.last_status == Some(500))
        })
        .await;
    let old = rows
        .iter()
        .find(|row| row.body.as_ref().unwrap().contains("\"old\""))
        .unwrap();
    let (now, tx) = (exitpoll::clock::now(), app.state.db.begin().await.unwrap());
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    exitpoll::db::entity::webhook_delivery::Entity::update_many()
        .col_expr(Column::CreatedAt, Expr::value(now - 30 * DAY - MINUTE))
        .filter(Column::Id.eq(old.id))
        .exec(&tx)
        .await
        .unwrap();
    assert_eq!(store::prune(&tx, now).await.unwrap(), 1);
    tx.commit().await.unwrap();

    let left = app.messages(&site).await;
    assert_eq!(left.len(), 1);
    assert_ne!(left[0].id, old.id);
}
