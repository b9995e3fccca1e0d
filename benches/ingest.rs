//! What taking an event costs: the real server beside a bare handler that only parses the same body, in one run.
//!
//! `cargo bench --bench ingest` prints a table. Both servers run as processes of their own with two workers; their CPU time is read
//! from `/proc`. A view sends several batches, as the widget does. `-- --seconds 10 --clients 64 --database-url postgres://…` changes
//! the run; with PostgreSQL the CPU time of the database server is not counted.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and ends when something is wrong"
)]

mod bare;
mod load;
mod server;

use std::{fs::File, io::Write, path::Path, time::Instant};

use bare::Bare;
use clap::Parser;
use exitpoll::{
    clock::{DAY, now},
    db::{self, Db},
    goal,
    site::{
        self,
        types::{NewSite, SiteKind},
    },
};
use load::{Figures, Load};
use server::{Ours, Process};

/// The ratios that are asked for: CPU per event, ours to the bare handler that takes one event a request.
const GOAL_SINGLE: f64 = 5.0;
const GOAL_TENS: f64 = 0.8;

#[derive(Parser)]
struct Options {
    /// Seconds of load for each line
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections that are kept open
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Where ours writes; a file in the target folder when left out
    #[arg(long)]
    database_url: Option<String>,
    /// Be the bare handler (used by the bench itself)
    #[arg(long, hide = true)]
    bare: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    if options.bare {
        return bare::serve_bare();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(&options));
}

async fn run(options: &Options) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let url = options
        .database_url
        .clone()
        .unwrap_or_else(|| format!("sqlite:{}", folder.path().join("bench.db").display()));
    println!(
        "{} clients, {} s a line, {}; append + fsync of 4 KiB on this disk: p50 {:.0} µs",
        options.clients,
        options.seconds,
        url.split(':').next().unwrap_or_default(),
        fsync_p50_us(folder.path())
    );
    println!(
        "{:<16} {:>9} {:>10} {:>12} {:>9} {:>9} {:>10}",
        "", "events/s", "requests/s", "CPU µs/event", "p50 ms", "p99 ms", "B/event"
    );
    let bare = Bare::start().await;
    let ours = Ours::start(&url).await;
    let db = db::open_beside(&url).await.unwrap();
    let mut floor = None;
    for events in [1, 10, 30] {
        let key = new_site(&db).await;
        let load = Load {
            key,
            events,
            clients: options.clients,
            seconds: options.seconds,
        };
        // A little of each first: pages are mapped, the salt of the day is made, caches are warm.
        load.warm(&bare).await;
        load.warm(&ours).await;
        let of_bare = load.run(&bare).await;
        print_line(&format!("bare, {events}"), &of_bare, None);
        let before = bytes(&url);
        let of_ours = load.run(&ours).await;
        checkpoint(&db).await;
        let grown = before.zip(bytes(&url));
        let a_event = grown
            .map(|(before, after)| after.saturating_sub(before) as f64 / of_ours.events as f64);
        print_line(&format!("exitpoll, {events}"), &of_ours, a_event);
        let floor = *floor.get_or_insert(of_bare.cpu_us());
        let (ratio, goal) = (
            of_ours.cpu_us() / floor,
            if events == 1 { GOAL_SINGLE } else { GOAL_TENS },
        );
        println!(
            "{:<16} {ratio:.2} × the bare handler of one event (goal ≤ {goal}); {:.2} × the bare handler of the same body",
            "",
            of_ours.cpu_us() / of_bare.cpu_us()
        );
    }
    println!(
        "resident memory of exitpoll: {} MiB",
        ours.status_kib("VmRSS:") / 1024
    );
    db.close().await.unwrap();
}

fn print_line(name: &str, figures: &Figures, bytes: Option<f64>) {
    println!(
        "{name:<16} {:>9.0} {:>10.0} {:>12.2} {:>9.2} {:>9.2} {:>10}",
        figures.events as f64 / figures.seconds,
        figures.latencies_us.len() as f64 / figures.seconds,
        figures.cpu_us(),
        figures.latency_ms(0.50),
        figures.latency_ms(0.99),
        bytes.map(|bytes| format!("{bytes:.0}")).unwrap_or_default()
    );
}

/// A site with a funnel of three steps, so that every event is matched against goals.
async fn new_site(db: &Db) -> String {
    use goal::types::GoalRule;
    let at = now() - DAY;
    let new = NewSite {
        name: "Bench".into(),
        time_zone: "Europe/Berlin".into(),
        currency: "EUR".into(),
        kind: SiteKind::Own,
        origins: vec![load::ORIGIN.into()],
        allow_localhost: false,
    };
    let tx = db.begin().await.unwrap();
    let site = site::store::insert_site(&tx, new, at).await.unwrap();
    goal::store::start_funnel(&tx, site.id, at).await.unwrap();
    for rule in [
        GoalRule::Url {
            path: "/pricing".into(),
        },
        GoalRule::FormStarted {
            form: "signup".into(),
        },
        GoalRule::Event {
            name: "signed_up".into(),
            filters: vec![],
        },
    ] {
        goal::store::ensure_goal(&tx, site.id, &rule, at)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    site.key.to_string()
}

/// Median of 300 appends of 4 KiB, each brought to the disk.
fn fsync_p50_us(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("fsync")).unwrap();
    let mut took: Vec<_> = (0..300)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&[7; 4096]).unwrap();
            file.sync_data().unwrap();
            begun.elapsed()
        })
        .collect();
    took.sort();
    took.get(150).unwrap().as_secs_f64() * 1e6
}

/// Moves what stands in the write-ahead log into the file, so that the file's size is what is kept.
async fn checkpoint(db: &Db) {
    use sea_orm::ConnectionTrait;
    if db.backend() == sea_orm::DbBackend::Sqlite {
        db.read
            .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
            .await
            .unwrap();
    }
}

/// Size of the SQLite file; nothing for a server.
fn bytes(url: &str) -> Option<u64> {
    let path = url.strip_prefix("sqlite:")?;
    Some(std::fs::metadata(path).unwrap().len())
}
