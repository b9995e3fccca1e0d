//! Writes visits in bulk: their rows as the writer makes them, then a day at a time into the cube.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::Write,
    ops::Range,
    time::Instant,
};

use exitpoll::{
    answer::record,
    clock::DAY,
    db::{
        Db,
        entity::{batch, seen_path, signature},
    },
    delivery::Snapshot,
    goal::signature::Signature,
    ingest::{
        fold::StoredBatch,
        store::{rows, settle_day},
    },
    seed::random::Random,
    site::calendar,
    types::SiteId,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, Statement};
use tokio::sync::mpsc;

use crate::visits::{Drawn, Maker};

/// Visits in one statement of each table.
const AT_ONCE: usize = 2_000;
/// Statements' worth of visits that are drawn ahead: about as many as come while SQLite puts a day into the sums.
const AHEAD: usize = 12;
/// Events of a visit, about.
const EVENTS: f64 = 6.63;
/// Visits that end as an answer, of all who are asked to.
const ANSWERED: f64 = 0.11;
/// Pages that a site is remembered to have.
const SEEN: usize = 500;
/// Indexes into which visits come in no order, nearly each on a page of its own: as usual where much is written at once, they are
/// made when all is there.
const UNORDERED: [&str; 2] = ["visits_visitor", "visits_known"];

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filled {
    pub(crate) visits: u64,
    pub(crate) events: u64,
    pub(crate) answers: u64,
    pub(crate) seconds: f64,
}

/// Fills the site with about so many events, spread over these days: drawn on a thread of their own, while a day before is written.
pub(crate) async fn fill(db: &Db, snapshot: &Snapshot, days: &[i32], events: u64) -> Filled {
    let (begun, mut filled) = (Instant::now(), Filled::default());
    save_seen(db, snapshot.site.id).await;
    let unordered = drop_unordered(db).await;
    let plan = plan(days, events);
    std::thread::scope(|scope| {
        let (sender, mut drawn) = mpsc::channel::<Vec<Drawn>>(AHEAD);
        let each = plan.clone();
        scope.spawn(move || {
            for (day, numbers) in each {
                draw(snapshot, day, numbers, &sender);
            }
        });
        let written = async {
            let mut known = BTreeMap::new();
            let mut before = None;
            for (day, numbers) in plan {
                let written = fill_day(
                    db,
                    snapshot.site.id,
                    (day, numbers.end),
                    &mut drawn,
                    &mut filled,
                    &mut known,
                );
                settle_beside(db, snapshot.site.id, before, written).await;
                if filled.seconds == 0.0 {
                    // PostgreSQL would look at the new rows by itself after a minute, and plan as if there were none till then.
                    db.analyze().await;
                }
                // SQLite writes one after the other, and has put it in.
                before = (db.backend() == DbBackend::Postgres).then_some(day);
                filled.seconds = begun.elapsed().as_secs_f64();
                print!(
                    "\r{day}: {} events, {} visits, {:.0} events/s ",
                    filled.events,
                    filled.visits,
                    filled.events as f64 / filled.seconds
                );
                std::io::stdout().flush().unwrap();
            }
            settle_beside(db, snapshot.site.id, before, async {}).await;
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(written));
    });
    println!();
    make(db, &unordered).await;
    filled.seconds = begun.elapsed().as_secs_f64();
    db.analyze().await;
    filled
}

/// Drops those indexes; what makes them again.
async fn drop_unordered(db: &Db) -> Vec<String> {
    let defined = match db.backend() {
        DbBackend::Postgres => "SELECT indexdef AS sql FROM pg_indexes WHERE indexname = ",
        _ => "SELECT sql FROM sqlite_master WHERE name = ",
    };
    let tx = db.begin().await.unwrap();
    let mut made = vec![];
    for name in UNORDERED {
        let defined = format!("{defined}'{name}'");
        let defined = Statement::from_string(db.backend(), defined);
        let row = tx.query_one_raw(defined).await.unwrap().unwrap();
        made.push(row.try_get("", "sql").unwrap());
        let dropped = format!("DROP INDEX {name}");
        tx.execute_unprepared(&dropped).await.unwrap();
    }
    tx.commit().await.unwrap();
    made
}

async fn make(db: &Db, indexes: &[String]) {
    let tx = db.begin().await.unwrap();
    for index in indexes {
        tx.execute_unprepared(index).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Which visits come on which day.
fn plan(days: &[i32], events: u64) -> Vec<(i32, Range<u64>)> {
    let visits = events as f64 / EVENTS / days.len() as f64;
    let mut first = 0;
    let each = days.iter().enumerate().map(|(nth, day)| {
        let of_day = (visits * [1.1, 1.1, 1.1, 1.1, 1.0, 0.8, 0.8][nth % 7]) as u64;
        let numbers = first..first + of_day;
        first = numbers.end;
        (*day, numbers)
    });
    each.collect()
}

/// Puts a day into the sums while the next one is written.
async fn settle_beside(db: &Db, site: SiteId, day: Option<i32>, written: impl Future<Output = ()>) {
    let settled = async {
        if let Some(day) = day {
            let tx = db.begin().await.unwrap();
            settle_day(&tx, site, day).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    tokio::join!(settled, written);
}

/// Writes a day, up to the visit of this number.
async fn fill_day(
    db: &Db,
    site: SiteId,
    (day, end): (i32, u64),
    drawn: &mut mpsc::Receiver<Vec<Drawn>>,
    filled: &mut Filled,
    known: &mut BTreeMap<i64, Signature>,
) {
    let tx = db.begin().await.unwrap();
    while filled.visits < end {
        let drawn = drawn.recv().await.unwrap();
        filled.visits += drawn.len() as u64;
        save(&tx, site, drawn, filled, known).await;
    }
    if db.backend() == DbBackend::Sqlite {
        settle_day(&tx, site, day).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Draws the visits of a day, a statement's worth at a time, in the order of their beginning.
fn draw(snapshot: &Snapshot, day: i32, numbers: Range<u64>, sender: &mpsc::Sender<Vec<Drawn>>) {
    let start = calendar::start_of_day(day, &snapshot.site.time_zone);
    let maker = Maker {
        snapshot,
        answers: ANSWERED,
    };
    let n = numbers.end - numbers.start;
    let mut chunk = Vec::with_capacity(AT_ONCE);
    for (nth, number) in numbers.enumerate() {
        // Spread evenly, so that ids rise as they do in life.
        let at = start
            + (DAY - 2 * exitpoll::clock::HOUR) * i64::try_from(nth).unwrap()
                / i64::try_from(n).unwrap();
        let jitter = Random::new(2, number).between(0, 1_000);
        chunk.push(maker.draw(number, at + jitter));
        if chunk.len() == AT_ONCE {
            sender.blocking_send(std::mem::take(&mut chunk)).unwrap();
        }
    }
    if !chunk.is_empty() {
        sender.blocking_send(chunk).unwrap();
    }
}

async fn save(
    tx: &impl ConnectionTrait,
    site: SiteId,
    drawn: Vec<Drawn>,
    filled: &mut Filled,
    known: &mut BTreeMap<i64, Signature>,
) {
    let mut signatures = vec![];
    let (mut visits, mut goals, mut shown, mut batches) = (vec![], vec![], vec![], vec![]);
    let mut answers = vec![];
    for Drawn {
        visit,
        batches: told,
        answer,
    } in drawn
    {
        let facts = &visit.facts;
        let signature = facts.signature();
        for signature in [signature.with_path(&facts.path), signature] {
            let id = signature.id();
            if let Entry::Vacant(vacant) = known.entry(id) {
                signatures.push(signature_row(site, id, &signature));
                vacant.insert(signature);
            }
        }
        goals.extend(visit.goal_rows());
        shown.extend(
            visit
                .impressions
                .iter()
                .map(|made| made.row(site, visit.id)),
        );
        filled.events += told
            .iter()
            .map(|batch| batch.events.len() as u64)
            .sum::<u64>();
        batches.extend(
            told.into_iter()
                .map(|batch| batch_row(site, &visit, &batch)),
        );
        answers.extend(answer);
        visits.push(visit.row());
    }
    rows::insert(tx, &mut signatures, &[]).await.unwrap();
    rows::insert(tx, &mut batches, &[]).await.unwrap();
    rows::insert(tx, &mut visits, &[]).await.unwrap();
    rows::insert(tx, &mut goals, &[]).await.unwrap();
    rows::insert(tx, &mut shown, &[]).await.unwrap();
    filled.answers += answers.len() as u64;
    for mut answer in answers {
        record::record(tx, site, &mut answer).await.unwrap();
    }
}

fn signature_row(site: SiteId, id: i64, signature: &Signature) -> signature::ActiveModel {
    signature::ActiveModel {
        site_id: Set(site),
        id: Set(id),
        version: Set(signature.version),
        mask_all: Set(signature.mask_all),
        mask_before: Set(signature.mask_before),
        mask_landmark: Set(signature.mask_landmark),
        landmark: Set(signature.landmark.code()),
        funnel_step: Set(signature.funnel_step),
        path: Set(signature.path.clone()),
    }
}

fn batch_row(
    site: SiteId,
    visit: &exitpoll::ingest::visit::Visit,
    batch: &StoredBatch,
) -> batch::ActiveModel {
    let last = batch.events.last().map_or(0, |event| event.t);
    batch::ActiveModel {
        site_id: Set(site),
        view_id: Set(batch.view_id),
        first_seq: Set(batch.first_seq),
        visit_id: Set(visit.id),
        view_started_at: Set(batch.view_started_at),
        received_at: Set(batch.view_started_at + last + 50),
        body: Set(serde_json::to_string(&batch.events).unwrap()),
    }
}

async fn save_seen(db: &Db, site: SiteId) {
    let tx = db.begin().await.unwrap();
    let paths = (0..SEEN).map(|page| seen_path::ActiveModel {
        site_id: Set(site),
        path: Set(format!("{}{page}", crate::site::PRODUCTS)),
        first_at: Set(0),
    });
    rows::insert(&tx, &mut paths.collect::<Vec<_>>(), &[])
        .await
        .unwrap();
    tx.commit().await.unwrap();
}
