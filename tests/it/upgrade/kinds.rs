//! Kinds of visits that could be asked: what stood in ten columns stands in one, and says the same.

use exitpoll::ingest::sums::Kind;
use migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, prelude::Uuid};
use sea_orm_migration::MigratorTrait;

use super::{all, before, insert, migrate};

const MIGRATION: &str = "m20261123_000510_join_kinds";
const PARTS: &str =
    "version, step, mask, converted, reached, place, visitor, asked, chance, device";

#[derive(Debug, PartialEq, FromQueryResult)]
struct Asked {
    kind: String,
    visits: i64,
    answers: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Named {
    kind: String,
    reason_id: Uuid,
    visits: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Before {
    version: i32,
    step: i32,
    mask: i64,
    converted: i32,
    reached: i64,
    place: i32,
    visitor: String,
    asked: i32,
    chance: i32,
    device: String,
    visits: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Packs {
    n: i64,
}

fn kind(version: i32, device: &str) -> Kind {
    Kind {
        version,
        step: 2,
        mask: i64::MIN + 5,
        converted: 1,
        reached: 4,
        place: 2,
        visitor: "returning".into(),
        asked: 3,
        device: device.into(),
        ..Kind::default()
    }
}

/// The chance of being asked: one for all then. What was offered was not told yet.
const CHANCE: i32 = 50;

fn text(kind: &Kind) -> String {
    let Kind {
        version, device, ..
    } = kind;
    format!(
        "3/{version}/2/{}/1/4/2/returning/{CHANCE}/{device}",
        kind.mask
    )
}

/// What a page says of its device may be anything.
fn kinds() -> [Kind; 3] {
    [
        kind(1, "desktop"),
        kind(2, ""),
        kind(3, "a/\"smart\"\\/TV/ü"),
    ]
}

async fn fill(connection: &DatabaseConnection) {
    let columns = [
        "site_id",
        "dim",
        "day",
        "value",
        "is_automated",
        "version",
        "step",
        "mask",
        "converted",
        "reached",
        "place",
        "visitor",
        "asked",
        "chance",
        "device",
        "visits",
    ];
    let rows = || {
        kinds().map(|it| {
            [
                7_i64.into(),
                0.into(),
                20_261_101.into(),
                "".into(),
                false.into(),
                it.version.into(),
                it.step.into(),
                it.mask.into(),
                it.converted.into(),
                it.reached.into(),
                it.place.into(),
                it.visitor.into(),
                it.asked.into(),
                CHANCE.into(),
                it.device.into(),
                i64::from(it.version * 10).into(),
            ]
        })
    };
    let asked: [&'static str; 17] = [&columns[..], &["answers"]].concat().try_into().unwrap();
    let rows_of = |row: [sea_orm::Value; 16], last: sea_orm::Value| -> [sea_orm::Value; 17] {
        let row: Vec<_> = row.into_iter().chain([last]).collect();
        row.try_into().unwrap()
    };
    let with_answers = rows().map(|row| rows_of(row, 8_i64.into()));
    insert::<17>(connection, "kind_day", asked, with_answers.into_iter()).await;
    let named: [&'static str; 17] = [&columns[..], &["reason_id"]].concat().try_into().unwrap();
    let with_reasons = rows().map(|row| rows_of(row, Uuid::from_u128(9).into()));
    insert::<17>(connection, "named_day", named, with_reasons.into_iter()).await;
    let pack = "INSERT INTO day_pack (site_id, day, part, mark, begun_at, is_made) VALUES (7, 20261101, '', 1, 1, TRUE)";
    connection.execute_unprepared(pack).await.unwrap();
}

async fn packs(connection: &DatabaseConnection) -> i64 {
    all::<Packs>(connection, "SELECT COUNT(*) AS n FROM day_pack").await[0].n
}

#[actix_web::test]
async fn what_was_known_of_who_could_be_asked_is_told_the_same_and_back_again() {
    let (_database, connection) = before(MIGRATION).await;
    fill(&connection).await;

    migrate(&connection).await;

    let where_ = "WHERE site_id = 7 AND dim = 0 AND day = 20261101 AND value = '' AND NOT is_automated ORDER BY kind";
    let asked = format!("SELECT kind, visits, answers FROM kind_day {where_}");
    let named = format!("SELECT kind, reason_id, visits FROM named_day {where_}");
    let visits = |kind: &Kind| i64::from(kind.version * 10);
    let expected = kinds().map(|kind| Asked {
        visits: visits(&kind),
        kind: text(&kind),
        answers: 8,
    });
    assert_eq!(all::<Asked>(&connection, &asked).await, expected);
    let expected = kinds().map(|kind| Named {
        visits: visits(&kind),
        kind: text(&kind),
        reason_id: Uuid::from_u128(9),
    });
    assert_eq!(all::<Named>(&connection, &named).await, expected);
    assert_eq!(packs(&connection).await, 0, "packs hold rows of the tables");

    Migrator::down(&connection, Some(1)).await.unwrap();

    for table in ["kind_day", "named_day"] {
        let sql = format!("SELECT {PARTS}, visits FROM {table} ORDER BY version");
        let expected = kinds().map(|it| Before {
            visits: visits(&it),
            version: it.version,
            step: it.step,
            mask: it.mask,
            converted: it.converted,
            reached: it.reached,
            place: it.place,
            visitor: it.visitor,
            asked: it.asked,
            chance: CHANCE,
            device: it.device,
        });
        assert_eq!(all::<Before>(&connection, &sql).await, expected, "{table}");
    }
}
