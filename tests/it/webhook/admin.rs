//! The page about the webhook of a site.

use std::{fs, process::Stdio};

use exitpoll::{site::types::SiteKind, webhook::store};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{answer, asked, insert_webhook, said, set_up, spawn};
use crate::support::{
    app::{EMAIL, PASSWORD, TestApp},
    client::Client,
    database::Database,
    program::Program,
    sink::Sink,
    widget::Widget,
};

/// The secret that a page shows.
fn secret_in(page: &str) -> String {
    let start = page.split_once("whsec_").expect("a secret is shown").1;
    let key: String = start
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c))
        .collect();
    format!("whsec_{key}")
}

#[actix_web::test]
async fn the_secret_is_shown_once_when_it_is_made() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);

    let settings = client.get(&format!("/sites/{}/settings", site.key)).await;
    assert!(settings.body.contains(&path) && settings.body.contains("Set up a webhook"));
    let empty = client.get(&path).await.body;
    assert!(empty.contains("Every answer, sent to a program of yours"));
    assert!(!empty.contains("whsec_"));

    let created = client.post_form(&path, &[("url", &sink.url)]).await;
    assert_eq!(created.status, 200, "{}", created.body);
    let secret = secret_in(&created.body);
    let stored = store::find_webhook(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.secret.as_str(), secret);
    assert_eq!(created.header("cache-control"), "no-store");
    assert!(!client.get(&path).await.body.contains("whsec_"));
    let again = client.post_form(&path, &[("url", &sink.url)]).await;
    assert_eq!(again.status, 409, "one for each site");

    let renewed = client.post_form(&format!("{path}/secret"), &[]).await;
    let new = secret_in(&renewed.body);
    assert_ne!(new, secret);
    assert!(!client.get(&path).await.body.contains("whsec_"));
    client.post_form(&format!("{path}/test"), &[]).await;
    let message = sink.next().await;
    let now = store::find_webhook(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();
    assert!(
        message.is_signed_by(&stored.secret),
        "the old one, for a day"
    );
    assert!(message.is_signed_by(&now.secret));
}

#[actix_web::test]
async fn a_wrong_address_is_named_and_kept() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);

    for (url, words) in [
        ("", "This is no address"),
        ("http://example.com/hook", "must begin with https://"),
        (
            "http://localhost:9000/hook",
            "start with EXITPOLL_WEBHOOK_ALLOW_PRIVATE=true",
        ),
        ("https://192.168.1.20/hook", "inside a private network"),
        ("https://me:pass@example.com/", "Leave out the name"),
    ] {
        let reply = client.post_form(&path, &[("url", url)]).await;
        assert_eq!(reply.status, 422, "{url}");
        assert!(reply.body.contains(words), "{url}: {}", reply.body);
        assert!(reply.body.contains(&format!("value=\"{url}\"")), "{url}");
    }
    insert_webhook(&app.state.db, &site, "https://example.com/hook").await;
    let wrong = [("url", "https://10.0.0.1/"), ("enabled", "1")];
    let reply = client.post_form(&format!("{path}/save"), &wrong).await;
    assert_eq!(reply.status, 422);
    let stored = store::find_webhook(&app.state.db.read, site.id)
        .await
        .unwrap();
    assert_eq!(stored.unwrap().url, "https://example.com/hook");
}

#[actix_web::test]
async fn a_test_is_delivered_at_once_and_told() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let site = app.insert_site("Shop").await;
    let secret = insert_webhook(&app.state.db, &site, &sink.url).await;
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);
    let try_it = async || {
        let reply = client.post_form(&format!("{path}/test"), &[]).await;
        client.get(reply.location()).await.body
    };

    let page = try_it().await;
    assert!(page.contains("The test arrived.") && page.contains("Answered 200 after"));
    let body = sink.next().await.verified(&secret);
    assert_eq!(
        (&body["type"], &body["data"]["test"]),
        (&"test".into(), &true.into())
    );

    sink.answer_with(&[404]);
    let page = try_it().await;
    assert!(page.contains("The test was not delivered."), "{page}");
    assert!(page.contains("Answered 404 instead of 200"));
    assert!(
        !page.contains("/again"),
        "a test is made anew, not sent again"
    );
    // Also while it is off: that is when it is tried out.
    let off = [("url", sink.url.as_str())];
    client.post_form(&format!("{path}/save"), &off).await;
    assert!(try_it().await.contains("The test arrived."));
}

#[actix_web::test]
async fn switching_off_gives_up_what_waits() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, _) = set_up(&app, &sink).await;
    let widget = Widget::new(&app, &site);
    let (view, token) = asked(&widget, prompt).await;
    view.answer(&token, 1, false, said("half")).await;
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);
    let page = client.get(&format!("{path}?fragment=log")).await.body;
    assert!(
        page.contains("Nothing was sent yet"),
        "may still be completed: {page}"
    );
    assert!(!page.contains("<html"));

    let off = [("url", sink.url.as_str())];
    client.post_form(&format!("{path}/save"), &off).await;

    let given_up = app.message_when(&site, |row| row.state == "failed").await;
    assert_eq!(given_up.next_attempt_at, None);
    let page = client.get(&path).await.body;
    assert!(page.contains("switched off before it was sent"), "{page}");
    let on = [("url", sink.url.as_str()), ("enabled", "1")];
    client.post_form(&format!("{path}/save"), &on).await;
    answer(&app, &site, prompt, "on again").await;
    assert!(sink.next().await.body.contains("on again"));
}

#[actix_web::test]
async fn deleting_destroys_the_webhook_of_this_site_only() {
    let (app, mut sink) = (spawn().await, Sink::start());
    let (site, prompt, _) = set_up(&app, &sink).await;
    let (other, other_prompt, _) = set_up(&app, &sink).await;
    sink.answer_with(&[500, 500]);
    answer(&app, &site, prompt, "ours").await;
    sink.next().await;
    answer(&app, &other, other_prompt, "theirs").await;
    sink.next().await;
    let theirs = app
        .message_when(&other, |row| row.last_status == Some(500))
        .await;
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);

    let again = format!("{path}/messages/{}/again", theirs.id);
    assert_eq!(client.post_form(&again, &[]).await.status, 409);
    let tried = format!("{path}?tried={}", theirs.id);
    assert_eq!(client.get(&tried).await.status, 404);
    let deleted = client.post_form(&format!("{path}/delete"), &[]).await;

    assert_eq!(deleted.location(), format!("{path}?done=deleted"));
    assert!(app.messages(&site).await.is_empty());
    assert_eq!(app.messages(&other).await.len(), 1);
    let left = store::find_webhook(&app.state.db.read, other.id).await;
    assert!(left.unwrap().is_some());
    assert_eq!(app.answers(&site).await.len(), 1, "answers stay");
    assert_eq!(
        client
            .post_form(&format!("{path}/delete"), &[])
            .await
            .status,
        404
    );
    let nobody = app.anonymous().get(&path).await;
    assert_eq!(nobody.status, 303, "members only");
}

#[actix_web::test]
async fn a_sample_site_sends_nothing() {
    let app = spawn().await;
    let site = app.insert_site("Sample").await;
    use exitpoll::db::entity::site as row;
    let tx = app.state.db.begin().await.unwrap();
    row::Entity::update_many()
        .col_expr(row::Column::Kind, Expr::value(SiteKind::Sample.as_str()))
        .filter(row::Column::Id.eq(site.id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let client = app.owner().await;
    let path = format!("/sites/{}/webhook", site.key);

    let form = [("url", "https://example.com/")];
    assert_eq!(client.post_form(&path, &form).await.status, 409);
    assert_eq!(client.get(&path).await.status, 409);
    let settings = client.get(&format!("/sites/{}/settings", site.key)).await;
    assert!(!settings.body.contains("/webhook"));
}

/// Not even at the most talkative level, of our own code and of the libraries'.
#[actix_web::test]
async fn the_log_never_holds_a_secret_an_address_or_an_answer() {
    let (database, mut sink) = (Database::migrated().await, Sink::start());
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let variables = [
        ("EXITPOLL_LOG", "trace"),
        ("EXITPOLL_WEBHOOK_ALLOW_PRIVATE", "true"),
    ];
    let file = Stdio::from(fs::File::create(&log).unwrap());
    let program = Program::start_with(&database, &variables, file).await;
    let beside = exitpoll::db::open_beside(&database.url).await.unwrap();
    let (site, _) = crate::kill::set_up(&beside).await;
    let mut client = Client::new(&format!("http://{}", program.address));
    let form = [("email", EMAIL), ("password", PASSWORD)];
    client.post_form("/setup", &form).await;
    client.read_csrf().await;
    let path = format!("/sites/{}/webhook", site.key);

    let url = format!("{}?key=opensesame", sink.url);
    let created = client.post_form(&path, &[("url", &url)]).await;
    let secrets = [
        secret_in(&created.body),
        secret_in(&client.post_form(&format!("{path}/secret"), &[]).await.body),
    ];
    sink.answer_with(&[200, 500]);
    for _ in 0..2 {
        client.post_form(&format!("{path}/test"), &[]).await;
        sink.next().await;
    }
    let unreachable = [
        ("url", "http://127.0.0.1:1/?key=opensesame"),
        ("enabled", "1"),
    ];
    client
        .post_form(&format!("{path}/save"), &unreachable)
        .await;
    client.post_form(&format!("{path}/test"), &[]).await;
    program.kill();
    beside.close().await.unwrap();

    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("webhook message sent"), "it is the right log");
    for secret in &secrets {
        assert!(!log.contains(&secret[6..]), "a secret");
    }
    assert!(!log.contains("opensesame"), "an address");
    assert!(!log.contains("I pay less elsewhere"), "an answer");
}
