//! How long pages took to load: found in the events that are kept, and all visits are put into the sums again.

use sea_orm::{ConnectionTrait, FromQueryResult, Value, prelude::Uuid};

use super::{all, before, insert, migrate, sums::rest};

const MIGRATION: &str = "m20261123_000640_tell_loads";

/// The events of a batch, after when its page load began, of a visit.
const BATCHES: [(u128, i64, &str); 6] = [
    (
        1,
        1_000,
        r#"[[0,"page_view",{"u":"/"}],[3000,"page_load",{"ms":2800}]]"#,
    ),
    (
        2,
        9_000,
        r#"[[0,"page_view",{"u":"/b"}],[10,"page_load",{"ms":700}]]"#,
    ),
    (
        2,
        5_000,
        r#"[[0,"page_view",{"u":"/"}],[5,"page_load"],[6,"page_load",{"ms":4200}]]"#,
    ),
    (2, 2_000, r#"[[0,"page_view",{"u":"/"}]]"#),
    (
        3,
        1_000,
        r#"[[0,"page_view",{"u":"/"}],[3000,"active",{"ms":2800}]]"#,
    ),
    (4, 1_000, r#"[[3000,"page_load",{"ms":1}]]"#),
];

#[derive(Debug, PartialEq, FromQueryResult)]
struct Told {
    load_ms: Option<i64>,
    settled: i64,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Left {
    sums: i64,
    packs: i64,
}

#[actix_web::test]
async fn the_load_of_the_first_page_is_found_and_visits_are_put_in_again() {
    let (_database, connection) = before(MIGRATION).await;
    let columns: Vec<&str> = ["site_id", "id", "is_test", "is_settled"]
        .into_iter()
        .chain(rest().0)
        .collect();
    let columns: [&'static str; 25] = columns.try_into().unwrap();
    let visits = (1..6_u128).map(|n| {
        let id = Uuid::from_u128(n);
        let own: [Value; 4] = [7_i64.into(), id.into(), false.into(), (n != 3).into()];
        let row: Vec<Value> = own.into_iter().chain(rest().1).collect();
        row.try_into().unwrap()
    });
    insert::<25>(&connection, "visits", columns, visits).await;
    let batches = (1..).zip(BATCHES).map(|(n, (visit, at, body))| {
        [
            7_i64.into(),
            Uuid::from_u128(n).into(),
            0.into(),
            Uuid::from_u128(visit).into(),
            at.into(),
            at.into(),
            body.into(),
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
    for row in [
        "cube_day (site_id, dim, day, value, is_automated, signature_id, visits, conversions, value_minor, active_ms)
         VALUES (7, 0, 20261101, '', FALSE, 9, 4, 0, 0, 6)",
        "stay_day (site_id, dim, day, value, is_automated, version, bin, visits, conversions)
         VALUES (7, 0, 20261101, '', FALSE, 1, 0, 4, 0)",
        "day_pack (site_id, day, part, mark, begun_at, is_made) VALUES (7, 20261101, '', 1, 1, TRUE)",
    ] {
        let sql = format!("INSERT INTO {row}");
        connection.execute_unprepared(&sql).await.unwrap();
    }

    migrate(&connection).await;

    let told = "SELECT load_ms, CAST(CASE WHEN is_settled THEN 1 ELSE 0 END AS BIGINT) AS settled FROM visits ORDER BY id";
    let expected = [Some(2_800), None, None, Some(1), None].map(|load_ms| Told {
        load_ms,
        settled: 0,
    });
    assert_eq!(all::<Told>(&connection, told).await, expected);
    let left = "SELECT (SELECT COUNT(*) FROM cube_day) + (SELECT COUNT(*) FROM stay_day) AS sums, (SELECT COUNT(*) FROM day_pack) AS packs";
    let nothing = Left { sums: 0, packs: 0 };
    assert_eq!(all::<Left>(&connection, left).await, [nothing]);
}
