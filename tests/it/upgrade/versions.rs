//! Sums of answers: by which definitions visits were counted is told afterwards, where all visits of a day were counted by the same.

use migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Value, prelude::Uuid};
use sea_orm_migration::MigratorTrait;

use super::{all, before, insert, migrate, sums::rest};

const MIGRATION: &str = "m20261123_000720_version_answers";
const OF_ONE: i32 = 20_261_101;
const OF_TWO: i32 = 20_261_102;

#[derive(Debug, PartialEq, FromQueryResult)]
struct Answers {
    day: i32,
    version: i32,
    converted: i32,
    given: i64,
    answers: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Number {
    n: i64,
}

/// A day whose visits were counted by one version of the definitions, and one on which it changed.
async fn fill(connection: &DatabaseConnection) {
    let columns: Vec<&str> = ["site_id", "id", "is_test", "is_settled"]
        .into_iter()
        .chain(rest().0)
        .collect();
    let columns: [&'static str; 25] = columns.try_into().unwrap();
    let days = [(OF_ONE, 3), (OF_ONE, 3), (OF_TWO, 3), (OF_TWO, 4)];
    let visits = (1_u128..).zip(days).map(|(id, (day, version))| {
        let own: [Value; 4] = [
            7_i64.into(),
            Uuid::from_u128(id).into(),
            false.into(),
            true.into(),
        ];
        let (names, mut values) = rest();
        for (name, value) in names.iter().zip(&mut values) {
            match *name {
                "day" => *value = day.into(),
                "funnel_version" => *value = version.into(),
                _ => {}
            }
        }
        let row: Vec<Value> = own.into_iter().chain(values).collect();
        row.try_into().unwrap()
    });
    insert::<25>(connection, "visits", columns, visits).await;
    let columns = [
        "site_id",
        "dim",
        "day",
        "value",
        "is_automated",
        "prompt_id",
        "is_automatic",
        "question_id",
        "choice_id",
        "number",
        "converted",
        "given",
        "answers",
    ];
    let days = [(OF_ONE, 0), (OF_ONE, 1), (OF_TWO, 1)];
    let rows = days.map(|(day, converted)| {
        [
            7_i64.into(),
            0.into(),
            day.into(),
            "".into(),
            false.into(),
            Uuid::from_u128(9).into(),
            true.into(),
            "q1".into(),
            "c1".into(),
            Value::from(-1),
            converted.into(),
            Value::from(5_i64),
            Value::from(4_i64),
        ]
    });
    insert::<13>(connection, "answer_day", columns, rows.into_iter()).await;
    for row in [
        "cube_day (site_id, dim, day, value, is_automated, signature_id, visits, conversions, value_minor, active_ms)
         VALUES (7, 0, 20261101, '', FALSE, 9, 2, 0, 0, 6), (7, 0, 20261102, '', FALSE, 9, 2, 0, 0, 6)",
        "day_pack (site_id, day, part, mark, begun_at, is_made) VALUES (7, 20261101, '', 1, 1, TRUE)",
    ] {
        let sql = format!("INSERT INTO {row}");
        connection.execute_unprepared(&sql).await.unwrap();
    }
}

async fn count(connection: &DatabaseConnection, which: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {which}");
    all::<Number>(connection, &sql).await[0].n
}

#[actix_web::test]
async fn answers_of_a_day_of_one_version_are_its_and_other_days_are_put_in_again() {
    let (_database, connection) = before(MIGRATION).await;
    fill(&connection).await;

    migrate(&connection).await;

    let sql =
        "SELECT day, version, converted, given, answers FROM answer_day ORDER BY day, converted";
    let expected = [0, 1].map(|converted| Answers {
        day: OF_ONE,
        version: 3,
        converted,
        given: 5,
        answers: 4,
    });
    assert_eq!(all::<Answers>(&connection, sql).await, expected);
    for (which, n) in [
        ("cube_day WHERE day = 20261101", 1),
        ("cube_day WHERE day = 20261102", 0),
        ("visits WHERE day = 20261101 AND is_settled = TRUE", 2),
        ("visits WHERE day = 20261102 AND is_settled = TRUE", 0),
        ("day_pack", 0),
    ] {
        assert_eq!(count(&connection, which).await, n, "{which}");
    }

    Migrator::down(&connection, Some(1)).await.unwrap();

    let sql = "SELECT CAST(SUM(given) AS BIGINT) AS n FROM answer_day";
    assert_eq!(all::<Number>(&connection, sql).await[0].n, 10);
    let version = connection.execute_unprepared("SELECT version FROM answer_day");
    assert!(version.await.is_err());
}
