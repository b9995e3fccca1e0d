//! Visits from a file: those of an earlier release are told by when they arrived.

use exitpoll::clock::DAY;
use sea_orm::{FromQueryResult, Value, prelude::Uuid};

use super::{all, before, insert, migrate, sums::rest};

#[derive(Debug, PartialEq, FromQueryResult)]
struct Marked {
    id: Uuid,
}

#[actix_web::test]
async fn visits_that_arrived_more_than_a_day_after_their_end_are_marked_as_imported() {
    let (_database, connection) = before("m20261122_000220_mark_imports").await;
    let columns: Vec<&str> = ["site_id", "id", "is_test", "is_settled"]
        .into_iter()
        .chain(rest().0)
        .collect();
    let columns: [&'static str; 25] = columns.try_into().unwrap();
    let visits = (1..6_u128).map(|n| {
        let own: [Value; 4] = [
            7_i64.into(),
            Uuid::from_u128(n).into(),
            false.into(),
            true.into(),
        ];
        let row: Vec<Value> = own.into_iter().chain(rest().1).collect();
        row.try_into().unwrap()
    });
    insert::<25>(&connection, "visits", columns, visits).await;
    // At once, nearly a day late, from a file, in part from a file; of the last nothing is kept. They ended at 1 ms.
    let arrivals = [(1, 0), (2, DAY), (3, 2 * DAY), (4, 2 * DAY), (4, 0)];
    let batches = arrivals
        .iter()
        .enumerate()
        .map(|(n, (visit, received_at))| {
            [
                7_i64.into(),
                Uuid::from_u128(100 + n as u128).into(),
                0.into(),
                Uuid::from_u128(*visit).into(),
                0_i64.into(),
                (*received_at).into(),
                "[]".into(),
            ]
        });
    let columns = [
        "site_id",
        "view_id",
        "first_seq",
        "visit_id",
        "view_started_at",
        "received_at",
        "body",
    ];
    insert(&connection, "batches", columns, batches).await;

    migrate(&connection).await;

    let marked = all::<Marked>(&connection, "SELECT id FROM visits WHERE is_imported");
    let expected = Marked {
        id: Uuid::from_u128(3),
    };
    assert_eq!(marked.await, [expected]);
}
