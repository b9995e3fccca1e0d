//! Databases that an earlier release has filled: what each migration makes of their rows.

use std::fs;

use exitpoll::{
    clock::{self, SECOND},
    secret,
};
use migrations::Migrator;
use sea_orm::{
    ConnectionTrait, Database as SeaOrm, DatabaseConnection, FromQueryResult, Statement, Value,
    prelude::Uuid,
    sea_query::{Expr, Query},
};
use sea_orm_migration::MigratorTrait;

use crate::support::database::Database;

mod imports;
mod kinds;
mod loads;
mod losses;
mod offers;
mod stays;
mod sums;
mod variants;
mod versions;

/// More than a migration reads at a time.
const MANY: i32 = 2_500;
/// A statement has so many rows, so that its parameters are not too many.
const AT_A_TIME: usize = 500;

/// A database as it was before this migration, which is the next one.
async fn before(migration: &str) -> (Database, DatabaseConnection) {
    let database = Database::create().await;
    let url = match database.url.starts_with("sqlite:") {
        true => format!("{}?mode=rwc", database.url),
        false => database.url.clone(),
    };
    let connection = SeaOrm::connect(url).await.unwrap();
    let migrations = Migrator::migrations();
    let earlier = migrations.iter().position(|it| it.name() == migration);
    let earlier = u32::try_from(earlier.unwrap()).unwrap();
    Migrator::up(&connection, Some(earlier)).await.unwrap();
    (database, connection)
}

async fn migrate(connection: &DatabaseConnection) {
    Migrator::up(connection, Some(1)).await.unwrap();
}

async fn insert<const N: usize>(
    connection: &DatabaseConnection,
    table: &'static str,
    columns: [&'static str; N],
    rows: impl Iterator<Item = [Value; N]>,
) {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let mut insert = Query::insert();
        insert.into_table(table).columns(columns);
        for row in rows.by_ref().take(AT_A_TIME) {
            insert.values_panic(row.map(Expr::value));
        }
        connection.execute(&insert).await.unwrap();
    }
}

async fn all<Row: FromQueryResult>(connection: &DatabaseConnection, sql: &str) -> Vec<Row> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    Row::find_by_statement(statement)
        .all(connection)
        .await
        .unwrap()
}

fn random_id() -> Uuid {
    Uuid::from_bytes(secret::random_bytes())
}

/// Answers of two sites, in an order that is not that of their keys.
async fn insert_answers(
    connection: &DatabaseConnection,
    words: impl Fn(i32) -> (String, String),
    n: i32,
) {
    let columns = [
        "site_id",
        "impression_id",
        "question_id",
        "visit_id",
        "prompt_id",
        "prompt_version",
        "answered_at",
        "received_at",
        "seq",
        "is_complete",
        "is_late",
        "is_test",
        "comment",
        "value",
    ];
    let mut impression = random_id();
    let rows = (0..n).map(|n| {
        // Three questions each, so that a page ends within one.
        if n % 3 == 0 {
            impression = random_id();
        }
        let (comment, value) = words(n);
        [
            i64::from(n / 3 % 2 + 1).into(),
            impression.into(),
            format!("q{}", n % 3).into(),
            random_id().into(),
            random_id().into(),
            1.into(),
            0_i64.into(),
            0_i64.into(),
            n.into(),
            true.into(),
            false.into(),
            false.into(),
            comment.into(),
            value.into(),
        ]
    });
    insert(connection, "answers", columns, rows).await;
}

#[derive(Debug, FromQueryResult)]
struct Words {
    seq: i32,
    comment: String,
    value: String,
    folded: String,
}

#[actix_web::test]
async fn every_answer_that_is_there_is_found_by_its_words() {
    let (_database, connection) = before("m20261122_000030_answer_inbox").await;
    let comment = |n: i32| format!(" Ärger  MIT\nRechnung {n} ΟΔΟΣ");
    let value = |n: i32| format!("Anna.{n}@Shop.example");
    let words = |n: i32| match n % 4 {
        0 => (comment(n), String::new()),
        1 => (String::new(), value(n)),
        2 => (comment(n), value(n)),
        _ => (String::new(), String::new()),
    };
    insert_answers(&connection, words, MANY).await;

    migrate(&connection).await;

    let stored: Vec<Words> = all(
        &connection,
        "SELECT seq, comment, value, folded FROM answers ORDER BY seq",
    )
    .await;
    assert_eq!(stored.len(), usize::try_from(MANY).unwrap());
    for (n, row) in (0..).zip(stored) {
        let (comment, value) = (
            format!("ärger mit rechnung {n} οδοσ"),
            format!("anna.{n}@shop.example"),
        );
        let folded = match n % 4 {
            0 => comment,
            1 => value,
            2 => format!("{comment} {value}"),
            _ => String::new(),
        };
        assert_eq!((row.seq, row.folded), (n, folded));
        assert_eq!((row.comment, row.value), words(n), "left as it was");
    }
}

/// The most memory that this process ever had, bytes.
fn most_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kb = line.unwrap().split_whitespace().nth(1).unwrap();
    kb.parse::<u64>().unwrap() * 1_024
}

#[actix_web::test]
async fn a_migration_needs_no_more_memory_for_more_answers() {
    let (_database, connection) = before("m20261122_000030_answer_inbox").await;
    let words = format!("Price{:4000}", "");
    insert_answers(&connection, |_| (words.clone(), String::new()), 10_000).await;
    let until_then = most_memory();

    migrate(&connection).await;

    let more = most_memory() - until_then;
    // Of the 40 MB that are stored.
    assert!(more < 15_000_000, "{more} bytes more");
    let left: Vec<Words> = all(
        &connection,
        "SELECT seq, comment, value, folded FROM answers WHERE folded <> 'price'",
    )
    .await;
    assert!(left.is_empty(), "{left:?}");
}

#[derive(Debug, FromQueryResult)]
struct State {
    site_id: i64,
    prompt_id: Uuid,
    at: i64,
    status: String,
}

#[actix_web::test]
async fn what_visitors_got_has_its_present_state_since_the_upgrade() {
    let (_database, connection) = before("m20261122_000010_note_states").await;
    let columns = [
        "site_id",
        "id",
        "name",
        "status",
        "draft",
        "published_version",
        "created_at",
        "updated_at",
    ];
    let kinds = [
        ("published", Some(3)),
        ("paused", Some(1)),
        ("archived", Some(2)),
        ("draft", None),
        ("archived", None),
    ];
    let (mut rows, mut expected) = (vec![], vec![]);
    for (n, (status, version)) in (0..MANY).zip(kinds.into_iter().cycle()) {
        let (site, id) = (i64::from(n % 2 + 1), random_id());
        rows.push([
            site.into(),
            id.into(),
            format!("Question {n}").into(),
            status.into(),
            "{}".into(),
            version.into(),
            0_i64.into(),
            0_i64.into(),
        ]);
        if version.is_some() {
            expected.push((site, id, status.to_owned()));
        }
    }
    insert(&connection, "prompts", columns, rows.into_iter()).await;
    let began = clock::now();

    migrate(&connection).await;

    let stored: Vec<State> = all(
        &connection,
        "SELECT site_id, prompt_id, at, status FROM prompt_states",
    )
    .await;
    // SQLite tells whole seconds.
    let known = began - SECOND..=clock::now();
    assert!(stored.iter().all(|state| known.contains(&state.at)));
    let told = stored.into_iter();
    let mut told: Vec<_> = told
        .map(|state| (state.site_id, state.prompt_id, state.status))
        .collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[actix_web::test]
async fn visits_are_counted_again_by_the_same_goals_so_that_the_cube_knows_their_order() {
    #[derive(Debug, PartialEq, FromQueryResult)]
    struct Counted {
        version: i32,
        steps: String,
        bits: i64,
        recounted_by: i32,
        finished_at: Option<i64>,
    }
    let (_database, connection) = before("m20261122_000071_signature_cube").await;
    let columns = [
        "site_id",
        "version",
        "steps",
        "primary_bit",
        "since_at",
        "bits",
    ];
    let versions = [(1, "[]", 0), (2, "[3]", 8)].map(|(version, steps, bits)| {
        let (site, primary) = (Value::from(7_i64), Value::from(3));
        let (since, bits) = (Value::from(1_i64), Value::from(i64::from(bits)));
        [site, version.into(), steps.into(), primary, since, bits]
    });
    insert(&connection, "funnels", columns, versions.into_iter()).await;
    let columns = [
        "site_id",
        "version",
        "since_at",
        "recounted",
        "is_tail",
        "claimed_by",
        "lease_until",
        "finished_at",
    ];
    let done: [Value; 8] = [
        7_i64.into(),
        2.into(),
        1_i64.into(),
        5_i64.into(),
        true.into(),
        "".into(),
        0_i64.into(),
        2_i64.into(),
    ];
    insert(&connection, "recounts", columns, std::iter::once(done)).await;

    migrate(&connection).await;

    let newest = all::<Counted>(
        &connection,
        "SELECT f.version, f.steps, f.bits, r.version AS recounted_by, r.finished_at
         FROM funnels f JOIN recounts r ON r.site_id = f.site_id ORDER BY f.version DESC LIMIT 1",
    );
    let expected = Counted {
        version: 3,
        steps: "[3]".into(),
        bits: 8,
        recounted_by: 3,
        finished_at: None,
    };
    assert_eq!(newest.await, [expected]);
}

#[actix_web::test]
async fn steps_of_the_funnel_become_key_small_steps() {
    #[derive(Debug, PartialEq, FromQueryResult)]
    struct Marked {
        name: String,
        is_key: bool,
    }
    let (_database, connection) = before("m20261122_000110_key_goals").await;
    let columns = [
        "site_id",
        "id",
        "name",
        "role",
        "stage",
        "is_listed",
        "is_primary",
        "created_at",
    ];
    let goals = [
        ("main", "macro", true),
        ("signal", "engagement", true),
        ("step", "milestone", true),
        ("unlisted", "milestone", false),
    ];
    let rows = goals.map(|(name, role, is_listed)| -> [Value; 8] {
        let is_primary = Value::from(role == "macro");
        let (site, id, at) = (7_i64.into(), random_id().into(), 1_i64.into());
        let words = [name, role, "intent"].map(Value::from);
        let [name, role, stage] = words;
        [
            site,
            id,
            name,
            role,
            stage,
            is_listed.into(),
            is_primary,
            at,
        ]
    });
    insert(&connection, "goals", columns, rows.into_iter()).await;

    migrate(&connection).await;

    let marked = all::<Marked>(&connection, "SELECT name, is_key FROM goals ORDER BY name").await;
    let keys: Vec<_> = marked.iter().filter(|goal| goal.is_key).collect();
    assert_eq!(marked.len(), 4);
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].name, "step");
}
