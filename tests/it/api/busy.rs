//! Too much, too slow, too many: refused in a way that a retry can mend.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use exitpoll::{db::Db, error::AppError, types::ViewId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    simulated::small_writer,
    widget::{Widget, page},
};

/// Takes every connection that the writer could write with.
async fn occupy(db: &Db) -> Vec<DatabaseTransaction> {
    let mut held = vec![];
    while let Ok(Ok(tx)) = tokio::time::timeout(Duration::from_millis(500), db.begin()).await {
        held.push(tx);
    }
    held
}

fn batch(key: &str) -> Value {
    let now = exitpoll::clock::now();
    json!({
        "v": 1, "k": key, "c": 1, "w": ViewId::new(now).0.to_string(), "s": 0, "t": 5, "e": [page(0, "/", "")],
    })
}

#[actix_web::test]
async fn a_database_that_does_not_answer_means_try_again_and_the_retry_is_stored_once() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    // The salt of the day is made by the first request.
    widget.open("/", "").await;
    let body = batch(site.key.as_str());
    let held = occupy(&app.state.db).await;

    let started = Instant::now();
    let reply = widget.post(body.to_string()).await;
    let waited = started.elapsed();
    drop(held);
    let retry = widget.post(body.to_string()).await;

    assert_eq!(reply.status, 503, "{}", reply.body);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(reply.json()["code"], "unavailable");
    assert!(waited < Duration::from_secs(8), "{waited:?}");
    assert_eq!(retry.status, 200, "{}", retry.body);
    let stored = app.batches(&site).await;
    let ours = stored
        .iter()
        .filter(|row| row.view_id.0.to_string() == body["w"]);
    assert_eq!(ours.count(), 1);
}

#[actix_web::test]
async fn a_full_queue_refuses_at_once() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let writer = small_writer(&app, 1);
    let held = occupy(&app.state.db).await;
    let now = exitpoll::clock::now();
    let mut waiting = vec![];
    let mut refused_after = None;

    for _ in 0..4 {
        let job = app
            .job(&site, &batch(site.key.as_str()), &[[1; 16]], now)
            .await;
        let writer = writer.clone();
        let started = Instant::now();
        let mut write = Box::pin(async move { writer.write(job).await });
        match tokio::time::timeout(Duration::from_millis(200), &mut write).await {
            Ok(Err(AppError::Unavailable)) => refused_after = Some(started.elapsed()),
            Ok(other) => panic!("{other:?}"),
            Err(_) => waiting.push(write),
        }
    }
    drop(held);
    let waited = waiting.len();
    for write in waiting {
        write.await.unwrap();
    }

    assert!(refused_after.expect("the queue was full") < Duration::from_millis(100));
    assert_eq!(app.batches(&site).await.len(), waited);
}

#[actix_web::test]
async fn a_body_that_stalls_is_given_up() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let batch = format!("{{\"k\":\"{}\"", site.key);
    let [events, demo] =
        [("/x/i", batch), ("/demo/signup", "name=A".to_owned())].map(|(path, begun)| {
            let address = app.base.trim_start_matches("http://").to_owned();
            tokio::task::spawn_blocking(move || stall(&address, path, &begun))
        });

    for (task, status) in [(events, "HTTP/1.1 408"), (demo, "HTTP/1.1 303")] {
        let (waited, reply) = task.await.unwrap();
        assert!(reply.starts_with(status), "{reply}");
        assert!(waited < Duration::from_secs(12), "{waited:?}");
    }
}

/// Begins a request, goes silent, and waits for what the service says to that.
fn stall(address: &str, path: &str, begun: &str) -> (Duration, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(12)))
        .unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: https://shop.example\r\nContent-Length: 500\r\n\r\n{begun}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let started = Instant::now();
    let mut reply = [0; 4_096];
    let n = stream.read(&mut reply).unwrap();
    let text = String::from_utf8_lossy(&reply[..n]).into_owned();
    (started.elapsed(), text)
}

#[actix_web::test]
async fn one_site_over_its_limit_is_told_when_to_come_back_and_others_go_on() {
    let flags = [
        "--rate-client-per-s",
        "1000",
        "--rate-client-burst",
        "1000",
        "--rate-site-per-s",
        "1",
        "--rate-site-burst",
        "5",
    ];
    let app = TestApp::spawn_with(&flags).await;
    let noisy = app.insert_site("Noisy").await;
    let quiet = app.insert_site("Quiet").await;
    let widget = Widget::new(&app, &noisy);
    let mut statuses = vec![];
    let mut last = None;
    for _ in 0..7 {
        let reply = widget.post(batch(noisy.key.as_str()).to_string()).await;
        statuses.push(reply.status);
        last = Some(reply);
    }

    let other = Widget::new(&app, &quiet)
        .post(batch(quiet.key.as_str()).to_string())
        .await;

    assert_eq!(statuses[..5], [200; 5]);
    let last = last.unwrap();
    assert_eq!(last.status, 429);
    assert_eq!(last.json()["code"], "too_many_requests");
    assert!(last.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(other.status, 200);
}

#[actix_web::test]
async fn what_cannot_be_written_does_not_take_its_neighbours_along() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let writer = small_writer(&app, 100);
    let now = exitpoll::clock::now();
    // Held until all of them wait, so that they share one transaction.
    let held = occupy(&app.state.db).await;
    let mut writes = vec![];
    for n in 0..20_u8 {
        let mut job = app
            .job(&site, &batch(site.key.as_str()), &[[n; 16]], now)
            .await;
        if n == 7 {
            // PostgreSQL takes no NUL; the parser would have removed it.
            job.browser.language = "en\0".into();
        }
        let writer = writer.clone();
        writes.push(actix_web::rt::spawn(async move { writer.write(job).await }));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(held);

    let mut outcomes = vec![];
    for write in writes {
        outcomes.push(write.await.unwrap().is_ok());
    }

    let poisoned = outcomes.remove(7);
    assert!(outcomes.iter().all(|is_ok| *is_ok), "{outcomes:?}");
    assert_eq!(
        app.batches(&site).await.len(),
        19 + usize::from(poisoned),
        "a refused request left nothing behind"
    );
}

/// Has the database refuse visits that begin at `/never`, and find those that begin at `/later` in another's way.
async fn refuse_visits(db: &Db) {
    let statements = match db.backend() {
        DbBackend::Sqlite => [
            "CREATE TRIGGER never BEFORE INSERT ON visits WHEN NEW.entry_path = '/never'
             BEGIN SELECT RAISE(ABORT, 'SECRET'); END",
            "CREATE TABLE taken (id INTEGER PRIMARY KEY)",
            "CREATE TRIGGER later BEFORE INSERT ON visits WHEN NEW.entry_path = '/later'
             BEGIN INSERT INTO taken VALUES (1); INSERT INTO taken VALUES (1); END",
        ],
        _ => [
            "ALTER TABLE visits ADD CONSTRAINT never CHECK (entry_path <> '/never')",
            "CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'SECRET' USING ERRCODE = '40001'; END $$",
            "CREATE TRIGGER later BEFORE INSERT ON visits FOR EACH ROW
             WHEN (NEW.entry_path = '/later') EXECUTE FUNCTION later()",
        ],
    };
    let tx = db.begin().await.unwrap();
    for statement in statements {
        tx.execute_unprepared(statement).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn what_can_never_be_written_is_refused_for_good_and_what_is_in_the_way_is_to_come_back() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    refuse_visits(&app.state.db).await;
    let at = |path| {
        let mut body = batch(site.key.as_str());
        body["e"] = json!([page(0, path, "")]);
        body.to_string()
    };

    let never = widget.post(at("/never")).await;
    let later = widget.post(at("/later")).await;
    let fine = widget.post(at("/")).await;

    assert_eq!(never.status, 422, "{}", never.body);
    assert_eq!(never.header("content-type"), "application/problem+json");
    assert_eq!(never.json()["code"], "unwritable");
    assert_eq!(later.status, 503, "{}", later.body);
    assert!(later.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(fine.status, 200, "{}", fine.body);
    for reply in [never, later] {
        assert!(!reply.body.contains("SECRET") && !reply.body.contains("/never"));
    }
    assert_eq!(app.batches(&site).await.len(), 1);
}
