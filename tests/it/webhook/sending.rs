//! One signed message for each answer, whatever is repeated, killed or shared.

use std::{collections::BTreeSet, net::TcpListener, process::Stdio};

use exitpoll::{
    clock::{self, MINUTE},
    db::{self, entity::webhook_delivery},
    prompt::types::{FieldSource, HiddenField},
    site::tool::Tool,
    webhook::{Reach, sender::Sender, types::PARTIAL_AFTER},
};
use futures_util::future::join_all;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{answer, asked, insert_webhook, said, set_up, spawn};
use crate::support::{
    database::Database,
    program::Program,
    prompt::pricing,
    sink::Sink,
    widget::{ORIGIN, Widget},
};

#[actix_web::test]
async fn an_answer_arrives_signed_with_what_was_asked_and_no_more() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    answer(&app, &site, prompt, "too dear, “really”").await;

    let message = sink.next().await;

    let body = message.verified(&secret);
    let stored = &app.answers(&site).await[0];
    let at = |at: i64| jiff::Timestamp::from_millisecond(at).unwrap();
    let expected = json!({
        "type": "answer.completed",
        "timestamp": format!("{:.3}", at(stored.received_at)),
        "data": {
            "site": site.key,
            "answer": stored.impression_id,
            "visit": stored.visit_id,
            "prompt": {"id": prompt, "name": "Pricing", "version": 1},
            "answered_at": format!("{:.3}", at(stored.answered_at)),
            "complete": true,
            "test": false,
            "answers": [{
                "question": "q1",
                "title": "What held you back?",
                "kind": "single",
                "choices": [{"id": "c1", "label": "Too dear", "reason": "Too dear"}],
                "comment": "too dear, “really”",
            }],
            "page": "/pricing",
            "device": "desktop",
        },
    });
    assert_eq!(body, expected);
    assert_eq!(message.path, "/hook");
    assert_eq!(message.headers["content-type"], "application/json");
    let kept = app
        .message_when(&site, |row| row.state == "delivered")
        .await;
    assert_eq!(kept.id.to_string(), message.id());
    assert_eq!((kept.attempts, kept.last_status), (1, Some(200)));
    assert_eq!(kept.body, None, "what was taken is not kept twice");
}

#[actix_web::test]
async fn hidden_fields_go_along() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fields = vec![HiddenField {
        name: "plan".into(),
        from: FieldSource::Address,
    }];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let secret = insert_webhook(&app.state.db, &site, &sink.url).await;
    answer(&app, &site, prompt, "too dear").await;

    let body = sink.next().await.verified(&secret);

    assert_eq!(body["data"]["fields"], json!({"plan": "pro"}));
}

#[actix_web::test]
async fn a_site_without_a_webhook_or_with_one_switched_off_notes_nothing() {
    let (app, sink) = (spawn().await, Sink::start());
    let (site, prompt, _) = set_up(&app, &sink).await;
    let tx = app.state.db.begin().await.unwrap();
    exitpoll::webhook::store::save_webhook(&tx, site.id, &sink.url, false)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    answer(&app, &site, prompt, "nobody hears").await;

    assert_eq!(app.answers(&site).await.len(), 1);
    assert!(app.messages(&site).await.is_empty());
}

#[actix_web::test]
async fn a_state_is_told_once_however_often_it_is_sent() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    let widget = Widget::new(&app, &site);
    let (view, token) = asked(&widget, prompt).await;

    join_all((0..8).map(|_| view.answer(&token, 3, true, said("once")))).await;
    assert_eq!(
        sink.next().await.verified(&secret)["data"]["complete"],
        true
    );
    app.message_when(&site, |row| row.state == "delivered")
        .await;
    // After it was told, too; and neither an older state nor a newer one changes what is complete.
    for seq in [3, 2, 9] {
        view.answer(&token, seq, true, said("again")).await;
    }

    // Whatever else had been noted would have been sent before this one.
    answer(&app, &site, prompt, "the next visitor").await;
    let next = sink.next().await.verified(&secret);
    assert_eq!(next["data"]["answers"][0]["comment"], "the next visitor");
    assert_eq!(app.messages(&site).await.len(), 2);
}

#[actix_web::test]
async fn an_answer_in_part_waits_for_its_rest_and_is_told_when_left_alone() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    let widget = Widget::new(&app, &site);
    let (view, token) = asked(&widget, prompt).await;

    view.answer(&token, 1, false, said("too")).await;
    view.answer(&token, 2, false, said("too d")).await;

    let [waiting] = &app.messages(&site).await[..] else {
        panic!("an older state is not told");
    };
    let received_at = app.answers(&site).await[0].received_at;
    assert_eq!(PARTIAL_AFTER, 30 * MINUTE);
    assert_eq!(waiting.next_attempt_at, Some(received_at + PARTIAL_AFTER));
    app.make_due(&site).await;
    let partial = sink.next().await;
    let body = partial.verified(&secret);
    assert_eq!(body["type"], "answer.partial");
    assert_eq!(body["data"]["complete"], false);
    assert_eq!(body["data"]["answers"][0]["comment"], "too d");
    app.message_when(&site, |row| row.state == "delivered")
        .await;

    view.answer(&token, 2, false, said("too d")).await;
    assert_eq!(app.messages(&site).await.len(), 1, "told already");
    view.answer(&token, 3, true, said("too dear")).await;
    let complete = sink.next().await;
    let body = complete.verified(&secret);
    assert_eq!(body["type"], "answer.completed");
    assert_eq!(body["data"]["answers"][0]["comment"], "too dear");
    assert_ne!(complete.id(), partial.id());
}

#[actix_web::test]
async fn an_answer_that_is_completed_in_time_is_told_once() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    let widget = Widget::new(&app, &site);
    let (view, token) = asked(&widget, prompt).await;

    view.answer(&token, 1, false, said("too")).await;
    view.answer(&token, 2, true, said("too dear")).await;

    assert_eq!(
        sink.next().await.verified(&secret)["type"],
        "answer.completed"
    );
    app.message_when(&site, |row| row.state == "delivered")
        .await;
}

#[actix_web::test]
async fn an_answer_that_was_deleted_is_not_sent_any_more() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    sink.answer_with(&[500]);
    answer(&app, &site, prompt, "me@example.com").await;
    sink.next().await;
    let failed = app
        .message_when(&site, |row| row.last_status == Some(500))
        .await;
    assert!(failed.body.unwrap().contains("me@example.com"));
    let client = app.owner().await;
    let path = format!("/sites/{}/answers", site.key);
    let id = failed.impression_id.unwrap();

    client.post_form(&format!("{path}/{id}/delete"), &[]).await;

    assert!(app.messages(&site).await.is_empty());
    answer(&app, &site, prompt, "the next visitor").await;
    let next = sink.next().await.verified(&secret);
    assert_eq!(next["data"]["answers"][0]["comment"], "the next visitor");
}

#[actix_web::test]
async fn the_owners_own_answers_are_marked_as_tests() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    view.test_token = Some(Tool::AskAgain.token(&site.signing_key, clock::now()));
    view.send(json!([[0, "page_view", {"u": "/pricing"}]]))
        .await;
    let decision = view.ask(prompt, "exit").await;
    let token = decision["show"]["token"].as_str().unwrap();

    view.answer(token, 1, true, said("only me")).await;

    assert_eq!(sink.next().await.verified(&secret)["data"]["test"], true);
}

#[actix_web::test]
async fn nodes_share_the_work_and_send_nothing_twice() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, secret) = set_up(&app, &sink).await;
    let reach = Reach {
        is_private_allowed: true,
    };
    // On PostgreSQL a node with connections of its own; one process alone may have the file of SQLite.
    let db = match app.database.url.starts_with("sqlite") {
        true => app.state.db.clone(),
        false => db::open(&app.database.url).await.unwrap(),
    };
    let stops: Vec<_> = (0..3)
        .map(|_| {
            let (stop, stopped) = tokio::sync::oneshot::channel();
            tokio::spawn(Sender::new(db.clone(), reach).run(stopped));
            stop
        })
        .collect();

    let comments: Vec<String> = (0..24).map(|n| format!("visitor {n}")).collect();
    for comment in &comments {
        answer(&app, &site, prompt, comment).await;
    }
    let mut heard = vec![];
    for _ in &comments {
        let body = sink.next().await.verified(&secret);
        heard.push(body["data"]["answers"][0]["comment"].clone());
    }

    app.messages_when(&site, |all| all.iter().all(|row| row.state == "delivered"))
        .await;
    heard.sort_by_key(Value::to_string);
    heard.dedup();
    assert_eq!((heard.len(), sink.unread()), (24, 0));
    let rows = app.messages(&site).await;
    assert!(rows.iter().all(|row| row.attempts == 1));
    drop(stops);
}

/// Killed after the answers were acknowledged and before their messages were taken: the next start sends them all.
#[actix_web::test]
async fn what_was_acknowledged_is_sent_after_being_killed() {
    let database = Database::migrated().await;
    // Takes connections and says nothing.
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = deaf.local_addr().unwrap();
    let variables = [("EXITPOLL_WEBHOOK_ALLOW_PRIVATE", "true")];
    let program = Program::start_with(&database, &variables, Stdio::inherit()).await;
    let beside = db::open_beside(&database.url).await.unwrap();
    let (site, prompt) = crate::kill::set_up(&beside).await;
    let secret = insert_webhook(&beside, &site, &format!("http://{address}/hook")).await;
    for n in 0..5 {
        acknowledged_answer(&program.address, site.key.as_str(), &prompt.to_string(), n).await;
    }

    program.kill();
    // What the program had begun to send is lost with its connections.
    drop(deaf);
    let mut sink = Sink::on(TcpListener::bind(address).unwrap());
    let program = Program::start_with(&database, &variables, Stdio::inherit()).await;
    make_all_due(&beside).await;

    let mut comments = BTreeSet::new();
    while comments.len() < 5 {
        let body = sink.next().await.verified(&secret);
        comments.insert(body["data"]["answers"][0]["comment"].to_string());
    }
    program.kill();
    beside.close().await.unwrap();
}

async fn acknowledged_answer(address: &str, key: &str, prompt: &str, n: usize) {
    let view = exitpoll::types::ViewId::new(clock::now()).0.to_string();
    let send = async |body: Value| -> Value {
        let reply = reqwest::Client::new()
            .post(format!("http://{address}/x/i"))
            .header("origin", ORIGIN)
            .header("user-agent", format!("Browser {n}"))
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), 200);
        serde_json::from_str(&reply.text().await.unwrap()).unwrap()
    };
    let events =
        json!([[0, "page_view", {"u": "/pricing"}], [5, "eligible", {"p": prompt, "m": "exit"}]]);
    let reply =
        send(json!({"v": 1, "k": key, "c": 0, "w": view, "s": 0, "t": 10, "e": events})).await;
    let token = reply["ask"][0]["show"]["token"].clone();
    let answer = json!({"i": token, "n": 1, "t": 9, "done": true, "v": {"q1": {"c": ["c1"], "x": format!("visitor {n}")}}});
    send(json!({"v": 1, "k": key, "c": 0, "w": view, "s": 2, "t": 10, "e": [], "a": [answer]}))
        .await;
}

/// As if the leases of the node that was killed had run out.
async fn make_all_due(db: &db::Db) {
    use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
    let tx = db.begin().await.unwrap();
    webhook_delivery::Entity::update_many()
        .col_expr(
            webhook_delivery::Column::NextAttemptAt,
            Expr::value(clock::now()),
        )
        .filter(webhook_delivery::Column::NextAttemptAt.is_not_null())
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}
