//! What reading a report costs on a large site: the real server over HTTP, signed in, no page asked for twice.
//!
//! `cargo bench --bench reports` seeds a site of a million events into a SQLite file and prints a table; `-- --events 10000000
//! --database-url postgres://…` changes the run. Rows are written in bulk, and at the end the product's own audit and its own fold
//! say whether they are what the writer would have written. A database that is there already is read again as it is.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and ends when something is wrong"
)]

mod check;
mod fill;
mod pages;
#[path = "../server.rs"]
mod server;
mod site;
mod visits;

use std::{path::PathBuf, sync::Arc};

use clap::Parser;
use exitpoll::{
    clock::{DAY, now},
    db::{self, Db},
    delivery::Snapshot,
    goal,
    ingest::store::pack_day,
    site::calendar,
    types::Millis,
};
use pages::{Page, Reader, Took};
use server::{Ours, Process};

const DAYS: i64 = 60;

#[derive(Parser)]
struct Options {
    /// Events to seed
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// An empty database; a file in the target folder when left out
    #[arg(long)]
    database_url: Option<String>,
    /// Pages of each kind that are read warm
    #[arg(long, default_value_t = 40)]
    warm: usize,
    /// Times that the server is started afresh for each kind
    #[arg(long, default_value_t = 5)]
    cold: usize,
    /// Only pages whose name begins so
    #[arg(long, default_value = "")]
    page: String,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let options = Options::parse();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let url = options.database_url.clone().unwrap_or_else(|| {
        let file: PathBuf = folder.path().join("bench.db");
        format!("sqlite:{}", file.display())
    });
    let seeded = prepare(&url, options.events).await;
    let of_site = pages::pages(&seeded.prompt, &seeded.goal);
    let mut reader = Reader::new(&seeded.site, &seeded.session, &seeded.days);
    println!(
        "{:<22} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>7} {:>7}",
        "", "warm p50", "p95", "cold p50", "p95", "CPU ms", "RSS + MiB", "÷ warm", "÷ cold"
    );
    for page in of_site
        .iter()
        .filter(|page| page.name.starts_with(&options.page))
    {
        measure(&mut reader, &url, page, &options).await;
    }
}

/// What is known of a site that was seeded.
struct Seeded {
    site: String,
    session: String,
    prompt: String,
    goal: String,
    days: Vec<i32>,
}

/// Fills an empty database; one that was filled by an earlier run is read as it is.
async fn prepare(url: &str, events: u64) -> Seeded {
    // Whoever opens a database alone has it until the process ends: so it is a server's, which makes it.
    let server = Ours::start(url).await;
    let db = db::open_beside(url).await.unwrap();
    let now = now();
    let member = site::sign_in(&db, now).await;
    let (snapshot, days) = match site::find(&db).await {
        Some(snapshot) => {
            let days = days_since(snapshot.site.created_at, now);
            (snapshot, days)
        }
        None => seed(&db, events, now).await,
    };
    // What the server does by itself within minutes.
    let packed = site::packed_days(&db, snapshot.site.id).await;
    for day in days.iter().filter(|day| !packed.contains(day)) {
        pack_day(&db, snapshot.site.id, *day).await.unwrap();
    }
    let goals = goal::store::list_goals(&db.read, snapshot.site.id).await;
    db.close().await.unwrap();
    drop(server);
    Seeded {
        site: snapshot.site.key.to_string(),
        session: member,
        prompt: snapshot.prompts[0].id.to_string(),
        goal: goals.unwrap()[1].id.to_string(),
        days,
    }
}

/// The days from this time on that are over.
fn days_since(since: Millis, now: Millis) -> Vec<i32> {
    let day = |at| calendar::day_of(at, site::TIME_ZONE);
    let mut days = calendar::days_between(day(since), day(now));
    days.pop();
    days
}

async fn seed(db: &Db, events: u64, now: Millis) -> (Arc<Snapshot>, Vec<i32>) {
    let days = days_since(now - DAYS * DAY, now);
    let since = calendar::start_of_day(days[0], site::TIME_ZONE);
    let snapshot = site::create(db, since).await;
    let filled = fill::fill(db, &snapshot, &days, events).await;
    println!(
        "{} events, {} visits, {} answers in {:.0} s: {:.0} events/s",
        filled.events,
        filled.visits,
        filled.answers,
        filled.seconds,
        filled.events as f64 / filled.seconds
    );
    check::check(db, &snapshot, &days).await;
    (snapshot, days)
}

async fn measure(reader: &mut Reader, url: &str, page: &Page, options: &Options) {
    let mut cold = vec![];
    let mut server = Ours::start(url).await;
    for _ in 0..options.cold {
        drop(server);
        server = Ours::start(url).await;
        pages::forget_file(url);
        cold.push(reader.read(&server, page).await);
    }
    for _ in 0..3 {
        reader.read(&server, page).await;
    }
    let (before, cpu) = (pages::begin_peak(&server), server.cpu_us());
    let mut warm = vec![];
    for _ in 0..options.warm {
        warm.push(reader.read(&server, page).await);
    }
    let cpu = (server.cpu_us() - cpu) / 1e3 / options.warm as f64;
    let grown = (server.status_kib("VmHWM:").saturating_sub(before)) as f64 / 1024.0;
    let (cold, warm) = (Took::of(cold), Took::of(warm));
    println!(
        "{:<22} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {cpu:>8.1} {grown:>9.1} {:>7.2} {:>7.2}",
        page.name,
        warm.ms(0.5),
        warm.ms(0.95),
        cold.ms(0.5),
        cold.ms(0.95),
        warm.ms(0.95) / page.warm_ms,
        cold.ms(0.95) / page.cold_ms
    );
}
