//! Sums of how long visits stayed: they are filled with the visits that are in the cube.

use sea_orm::{FromQueryResult, Value, prelude::Uuid};

use super::{all, before, insert, migrate, sums::rest};

#[derive(Debug, PartialEq, FromQueryResult)]
struct Row {
    bit: i32,
    is_end: i32,
    bin: i32,
    visits: i64,
    conversions: i64,
}

fn row(bit: i32, is_end: i32, bin: i32, visits: i64, conversions: i64) -> Row {
    Row {
        bit,
        is_end,
        bin,
        visits,
        conversions,
    }
}

/// Two visits that are in the cube and converted half a minute after their beginning, the second as a server told a minute later; one
/// that was last seen then, and one that is in no cube. All but the third reached a goal at once, and the first another one with the main goal.
#[actix_web::test]
async fn visits_that_are_in_the_cube_are_put_into_them() {
    let (_database, connection) = before("m20261122_000240_sum_stays").await;
    let columns: Vec<&str> = ["site_id", "id", "is_test", "is_settled", "macro_at"]
        .into_iter()
        .chain(rest().0)
        .collect();
    let columns: [&'static str; 26] = columns.try_into().unwrap();
    let visits = (1..5_u128).map(|n| {
        let own: [Value; 5] = [
            7_i64.into(),
            Uuid::from_u128(n).into(),
            false.into(),
            (n < 4).into(),
            [None, Some(30_001_i64), Some(90_001), None, None][n as usize].into(),
        ];
        let rest = columns[5..].iter().zip(rest().1);
        let rest = rest.map(|(name, value)| match *name {
            "last_at" => 30_001_i64.into(),
            _ => value,
        });
        let row: Vec<Value> = own.into_iter().chain(rest).collect();
        row.try_into().unwrap()
    });
    insert::<26>(&connection, "visits", columns, visits).await;
    let columns = ["site_id", "visit_id", "bit", "first_at", "n", "value_minor"];
    let reached = [(1, 0, 5_001), (1, 1, 30_001), (2, 0, 5_001), (4, 0, 5_001)];
    let reached = reached.map(|(visit, bit, at)| {
        [
            7_i64.into(),
            Uuid::from_u128(visit).into(),
            Value::from(bit),
            i64::from(at).into(),
            1.into(),
            0_i64.into(),
        ]
    });
    insert(&connection, "visit_goals", columns, reached.into_iter()).await;

    migrate(&connection).await;

    let of = |table: &str, bit: &str, is_end: &str| {
        format!(
            "SELECT {bit} AS bit, {is_end} AS is_end, bin, visits, conversions FROM {table}
             WHERE site_id = 7 AND dim = 0 AND day = 20261101 AND value = '' AND NOT is_automated AND version = 1
             ORDER BY 1, 2, 3"
        )
    };
    let stays = of("stay_day", "0", "1");
    assert_eq!(all::<Row>(&connection, &stays).await, [row(0, 1, 2, 3, 2)]);
    let reaches = of("pace_day", "bit", "is_end");
    assert_eq!(
        all::<Row>(&connection, &reaches).await,
        [row(0, 0, 1, 2, 0), row(0, 1, 2, 2, 2)]
    );
}
