//! Sums of days: what is in the cube is put into all of them again.

use sea_orm::{ConnectionTrait, FromQueryResult, Value, prelude::Uuid};

use super::{all, before, insert, migrate};

const MIGRATION: &str = "m20261122_000200_sum_days";
/// It adds more of them.
const MORE: &str = "m20261122_000210_more_sums";

/// The columns that these rows do not care about, with what fills them.
pub(super) fn rest() -> ([&'static str; 21], [Value; 21]) {
    let (id, long) = (|| Value::from(Uuid::from_u128(1)), || Value::from(1_i64));
    let filled: [(&'static str, Value); 21] = [
        ("visitor", vec![1_u8; 16].into()),
        ("day", 20_261_101.into()),
        ("funnel_version", 1.into()),
        ("started_at", long()),
        ("last_at", long()),
        ("last_view_id", id()),
        ("last_seq", 0.into()),
        ("device", "touch".into()),
        ("browser", "Firefox".into()),
        ("language", "de".into()),
        ("entry_path", "/".into()),
        ("last_path", "/".into()),
        ("pages", 1.into()),
        ("active_ms", long()),
        ("mask_all", long()),
        ("mask_before", long()),
        ("value_minor", long()),
        ("funnel_step", 0.into()),
        ("views", "[]".into()),
        ("is_automated", false.into()),
        ("is_ambiguous", false.into()),
    ];
    (
        filled.each_ref().map(|(name, _)| *name),
        filled.map(|(_, value)| value),
    )
}

#[actix_web::test]
async fn visits_that_are_in_the_cube_are_put_into_all_sums_again() {
    put_in_again(MIGRATION).await;
    put_in_again(MORE).await;
}

async fn put_in_again(migration: &str) {
    #[derive(Debug, PartialEq, FromQueryResult)]
    struct Left {
        settled: i64,
        visits: i64,
        sums: i64,
    }
    let (_database, connection) = before(migration).await;
    let columns: Vec<&str> = ["site_id", "id", "is_test", "is_settled"]
        .into_iter()
        .chain(rest().0)
        .collect();
    let columns: [&'static str; 25] = columns.try_into().unwrap();
    let visits = (1..4_u128).map(|n| {
        let own: [Value; 4] = [
            7_i64.into(),
            Uuid::from_u128(n).into(),
            false.into(),
            (n < 3).into(),
        ];
        let row: Vec<Value> = own.into_iter().chain(rest().1).collect();
        row.try_into().unwrap()
    });
    insert::<25>(&connection, "visits", columns, visits).await;
    for row in [
        "cube_day (site_id, dim, day, value, is_automated, signature_id, visits, conversions, value_minor, active_ms)
         VALUES (7, 0, 20261101, '', FALSE, 9, 2, 0, 0, 6)",
        "goal_day (site_id, dim, day, value, is_automated, version, bit, visits, events, value_minor)
         VALUES (7, 0, 20261101, '', FALSE, 1, 0, 2, 2, 0)",
    ] {
        let sql = format!("INSERT INTO {row}");
        connection.execute_unprepared(&sql).await.unwrap();
    }

    migrate(&connection).await;

    let left = all::<Left>(
        &connection,
        "SELECT (SELECT COUNT(*) FROM visits WHERE is_settled = TRUE) AS settled, (SELECT COUNT(*) FROM visits) AS visits,
           (SELECT COUNT(*) FROM cube_day) + (SELECT COUNT(*) FROM goal_day) AS sums",
    );
    let expected = Left {
        settled: 0,
        visits: 3,
        sums: 0,
    };
    assert_eq!(left.await, [expected]);
}

#[actix_web::test]
async fn versions_know_their_steps_as_bits() {
    #[derive(Debug, PartialEq, FromQueryResult)]
    struct Version {
        version: i32,
        step_bits: i64,
    }
    let (_database, connection) = before(MIGRATION).await;
    let columns = ["site_id", "version", "steps", "since_at", "bits"];
    let versions = [(1, "[]"), (2, "[3]"), (3, "[0,40,2]")];
    let versions = versions.map(|(version, steps)| {
        let [site, since, bits] = [7_i64, 1, 0].map(Value::from);
        [site, version.into(), steps.into(), since, bits]
    });
    insert(&connection, "funnels", columns, versions.into_iter()).await;

    migrate(&connection).await;

    let sql = "SELECT version, step_bits FROM funnels ORDER BY version";
    let version = |version, step_bits| Version { version, step_bits };
    assert_eq!(
        all::<Version>(&connection, sql).await,
        [version(1, 0), version(2, 8), version(3, 5 + (1 << 40))]
    );
}
