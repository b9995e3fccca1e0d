//! Killed in the middle of the load, again and again: what was acknowledged is there, once.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use exitpoll::{
    db::{
        self, Db,
        entity::{OfSite, answer, batch},
    },
    goal, secret,
    site::{
        self,
        types::{NewSite, Site, SiteKind},
    },
    types::{PromptId, ViewId},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::{
    database::Database,
    program::Program,
    prompt::{pricing, publish},
    widget::{ORIGIN, page, track},
};

/// Clients that send at the same time.
const CLIENTS: usize = 12;

/// What was answered with 200.
#[derive(Default)]
struct Acknowledged {
    /// Numbers of the events of each page load, by first number of the batch.
    batches: Mutex<BTreeMap<(String, i32), String>>,
    /// Comments by token.
    answers: Mutex<Vec<String>>,
}

impl Acknowledged {
    fn count(&self) -> usize {
        self.batches.lock().unwrap().len()
    }
}

/// One visitor after another until told to stop; remembers what the server acknowledged.
async fn visit_for_ever(
    http: reqwest::Client,
    address: String,
    site: Site,
    prompt: PromptId,
    acknowledged: Arc<Acknowledged>,
    stop: Arc<AtomicBool>,
    client: usize,
) {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let agent = format!("Browser {client}-{n}-{}", secret::random_share());
        let view = ViewId::new(exitpoll::clock::now()).0.to_string();
        let mut token = None;
        for (s, events) in [
            (0, json!([page(0, "/pricing", ""), track(1, "looked")])),
            (
                2,
                json!([[5, "eligible", {"p": prompt.to_string(), "m": "exit"}]]),
            ),
            (3, json!([track(6, "chose"), [7, "page_hidden"]])),
        ] {
            let body =
                json!({"v": 1, "k": site.key, "c": 0, "w": view, "s": s, "t": 10, "e": events});
            let Some(reply) = post(&http, &address, &agent, &body).await else {
                return;
            };
            acknowledged
                .batches
                .lock()
                .unwrap()
                .insert((view.clone(), s), agent.clone());
            token = token.or(reply["ask"][0]["show"]["token"].as_str().map(str::to_owned));
        }
        let token = token.expect("every new visitor is asked");
        let answer = json!({"i": token, "n": 1, "t": 9, "done": true, "v": {"q1": {"c": ["c1"], "x": agent}}});
        let body = json!({"v": 1, "k": site.key, "c": 0, "w": view, "s": 5, "t": 10, "e": [], "a": [answer]});
        if post(&http, &address, &agent, &body).await.is_none() {
            return;
        }
        acknowledged.answers.lock().unwrap().push(agent);
    }
}

/// The reply to an acknowledged request; nothing once the server is gone.
async fn post(http: &reqwest::Client, address: &str, agent: &str, body: &Value) -> Option<Value> {
    let reply = http
        .post(format!("http://{address}/x/i"))
        .header("origin", ORIGIN)
        .header("user-agent", agent)
        .body(body.to_string())
        .send()
        .await
        .ok()?;
    let status = reply.status();
    let text = reply.text().await.ok()?;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).ok()
}

/// Every acknowledged batch and answer is there, once, and the file is healthy.
async fn check(database: &Database, site: &Site, acknowledged: &Acknowledged) -> (usize, usize) {
    let db = db::open_beside(&database.url).await.unwrap();
    if db.backend() == DbBackend::Sqlite {
        let row = db
            .read
            .query_one_raw(Statement::from_string(
                DbBackend::Sqlite,
                "PRAGMA integrity_check",
            ))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "ok");
    }
    let mut stored = BTreeMap::<(String, i32), usize>::new();
    let rows: Vec<batch::Model> = batch::Entity::of_site(site.id).all(&db.read).await.unwrap();
    for row in rows {
        *stored
            .entry((row.view_id.0.to_string(), row.first_seq))
            .or_default() += 1;
    }
    let batches = acknowledged.batches.lock().unwrap().clone();
    let lost: Vec<_> = batches
        .keys()
        .filter(|key| stored.get(*key) != Some(&1))
        .collect();
    assert!(
        lost.is_empty(),
        "{} of {} batches are lost or doubled",
        lost.len(),
        batches.len()
    );
    let mut comments = BTreeMap::<String, usize>::new();
    let rows: Vec<answer::Model> = answer::Entity::of_site(site.id)
        .all(&db.read)
        .await
        .unwrap();
    for row in rows {
        *comments.entry(row.comment).or_default() += 1;
    }
    let answers = acknowledged.answers.lock().unwrap().clone();
    for comment in &answers {
        assert_eq!(comments.get(comment), Some(&1), "answer of {comment}");
    }
    db.close().await.unwrap();
    (batches.len(), answers.len())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a longer run is asked for by a variable"
)]
fn rounds() -> usize {
    std::env::var("EXITPOLL_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(5)
}

/// A site with a live question.
pub(crate) async fn set_up(db: &Db) -> (Site, PromptId) {
    let now = exitpoll::clock::now();
    let new = NewSite {
        name: "Shop".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        currency: "EUR".to_owned(),
        kind: SiteKind::Own,
        origins: vec![ORIGIN.to_owned()],
        allow_localhost: false,
    };
    let tx = db.begin().await.unwrap();
    let site = site::store::insert_site(&tx, new, now).await.unwrap();
    goal::store::start_funnel(&tx, site.id, now).await.unwrap();
    tx.commit().await.unwrap();
    let prompt = publish(db, &site, "Pricing", &pricing()).await;
    (site, prompt)
}

async fn load_and_kill(
    program: Program,
    site: &Site,
    prompt: PromptId,
    acknowledged: &Arc<Acknowledged>,
) {
    let stop = Arc::new(AtomicBool::new(false));
    // Its connections do not outlive the program.
    let http = reqwest::Client::new();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            actix_web::rt::spawn(visit_for_ever(
                http.clone(),
                program.address.clone(),
                site.clone(),
                prompt,
                Arc::clone(acknowledged),
                Arc::clone(&stop),
                client,
            ))
        })
        .collect();
    // After a random number of acknowledgements, however fast the machine is, and a moment more.
    let enough = acknowledged.count() + 20 + (200.0 * secret::random_share()) as usize;
    let begun = Instant::now();
    while acknowledged.count() < enough && begun.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_secs_f64(secret::random_share() / 20.0)).await;
    program.kill();
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
}

#[actix_web::test]
async fn what_was_acknowledged_survives_being_killed() {
    let database = Database::migrated().await;
    let acknowledged = Arc::new(Acknowledged::default());
    let mut program = Program::start(&database).await;
    // Beside the program, which holds the file: this process must never take its lock.
    let db = db::open_beside(&database.url).await.unwrap();
    let (site, prompt) = set_up(&db).await;
    db.close().await.unwrap();
    let mut slowest = Duration::ZERO;
    let mut counts = (0, 0);

    for _ in 0..rounds() {
        load_and_kill(program, &site, prompt, &acknowledged).await;
        program = Program::start(&database).await;
        slowest = slowest.max(program.started_in);
        counts = check(&database, &site, &acknowledged).await;
    }
    program.kill();

    println!(
        "{} kills: {} batches and {} answers acknowledged, all there once; slowest start {slowest:?}",
        rounds(),
        counts.0,
        counts.1
    );
    assert!(
        counts.0 > 50 && counts.1 > 10,
        "too little load: {counts:?}"
    );
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

/// A first start that is killed while the schema is being made leaves nothing that a second start trips over.
#[actix_web::test]
async fn a_first_start_that_was_killed_is_made_good_by_the_next() {
    for delay_ms in [2, 5, 10, 15, 20, 30, 45, 60] {
        let database = Database::migrated().await;
        let mut child = Command::new(env!("CARGO_BIN_EXE_exitpoll"))
            .env("EXITPOLL_BIND", "127.0.0.1:0")
            .env("DATABASE_URL", &database.url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        child.kill().unwrap();
        child.wait().unwrap();

        let program = Program::start(&database).await;
        let db = db::open_beside(&database.url).await.unwrap();
        set_up(&db).await;
        db.close().await.unwrap();
        program.kill();
    }
}
