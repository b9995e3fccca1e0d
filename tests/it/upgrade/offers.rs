//! What questions offer is told from their designs, and of all visits anew.

use migrations::Migrator;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, Value, prelude::Uuid,
};
use sea_orm_migration::MigratorTrait;
use serde_json::json;

use super::{all, before, insert, migrate, sums::rest};

const MIGRATION: &str = "m20261123_000650_tell_offers";

#[derive(Debug, PartialEq, FromQueryResult)]
struct Offer {
    site_id: i64,
    prompt_id: Uuid,
    version: i32,
    question_id: String,
    number: i32,
    reasons: String,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Counted {
    n: i64,
}

/// An id as this engine writes it.
fn id(connection: &DatabaseConnection) -> &'static str {
    match connection.get_database_backend() {
        DbBackend::Postgres => "'00000000-0000-0000-0000-000000000001'",
        _ => "x'00000000000000000000000000000001'",
    }
}

/// An answer.
async fn answered(connection: &DatabaseConnection) {
    let id = id(connection);
    let sql = format!(
        "INSERT INTO answers (site_id, impression_id, question_id, visit_id, prompt_id, prompt_version, answered_at, received_at, seq,
           is_complete, is_late, is_test, comment, value, folded)
         VALUES (7, {id}, 'q1', {id}, {id}, 1, 5, 5, 1, TRUE, FALSE, FALSE, '', '', '')"
    );
    connection.execute_unprepared(&sql).await.unwrap();
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Left {
    settled: i64,
    visits: i64,
    sums: i64,
}

fn reason(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

fn choice(n: u128) -> serde_json::Value {
    json!({"id": format!("c{n}"), "label": "Words", "reason": reason(n)})
}

/// A visit that stands in the sums.
async fn settled(connection: &DatabaseConnection) {
    let columns: Vec<&str> = ["site_id", "id", "is_test", "is_settled"]
        .into_iter()
        .chain(rest().0)
        .collect();
    let columns: [&'static str; 25] = columns.try_into().unwrap();
    let visit: Vec<Value> = [
        7_i64.into(),
        Uuid::from_u128(1).into(),
        false.into(),
        true.into(),
    ]
    .into_iter()
    .chain(rest().1)
    .collect();
    let visit: [Value; 25] = visit.try_into().unwrap();
    insert(connection, "visits", columns, std::iter::once(visit)).await;
    for row in [
        "kind_day (site_id, dim, day, value, is_automated, kind, visits, answers)
         VALUES (7, 0, 20261101, '', FALSE, '3/1/0/0/0/0/0/new/100/desktop', 1, 1)",
        "visit_day (site_id, dim, day, value, is_automated, version, visits, conversions, at_landmark, at_landmark_converted,
           before_landmark, exits, exits_stayed) VALUES (7, 0, 20261101, '', FALSE, 1, 1, 0, 0, 0, 0, 0, 0)",
        "day_pack (site_id, day, part, mark, begun_at, is_made) VALUES (7, 20261101, '', 1, 1, TRUE)",
    ] {
        let sql = format!("INSERT INTO {row}");
        connection.execute_unprepared(&sql).await.unwrap();
    }
}

async fn assert_unsettled(connection: &DatabaseConnection) {
    let left = "SELECT (SELECT COUNT(*) FROM visits WHERE is_settled = TRUE) AS settled, (SELECT COUNT(*) FROM visits) AS visits,
       (SELECT COUNT(*) FROM kind_day) + (SELECT COUNT(*) FROM visit_day) + (SELECT COUNT(*) FROM day_pack) AS sums";
    let expected = Left {
        settled: 0,
        visits: 1,
        sums: 0,
    };
    assert_eq!(all::<Left>(connection, left).await, [expected]);
}

#[actix_web::test]
async fn what_questions_offer_follows_from_their_designs_and_visits_are_summed_up_anew() {
    let (_database, connection) = before(MIGRATION).await;
    let (asking, other) = (Uuid::from_u128(100), Uuid::from_u128(200));
    let first = json!({"questions": [
        {"id": "q1", "kind": "nps"},
        {"id": "q2", "kind": "single", "choices": [choice(2), choice(1), choice(1)], "other": null},
        {"id": "q3", "kind": "single", "choices": [choice(3)], "names_reasons": false},
    ]});
    let second = json!({"questions": [
        {"id": "q2", "kind": "single", "choices": [choice(1)], "other": reason(2), "names_reasons": true},
        {"id": "q4", "kind": "multi", "choices": [choice(4)]},
    ]});
    let designs = [
        (7_i64, asking, 1, 5_i64, &first),
        (7, asking, 2, 6, &second),
        (
            7,
            other,
            1,
            7,
            &json!({"questions": [{"id": "q1", "choices": []}]}),
        ),
        (8, other, 1, 8, &second),
    ]
    .map(|(site, prompt, version, at, design)| -> [Value; 6] {
        let (design, note) = (design.to_string().into(), "".into());
        [
            site.into(),
            prompt.into(),
            version.into(),
            design,
            at.into(),
            note,
        ]
    });
    let columns = [
        "site_id",
        "prompt_id",
        "version",
        "design",
        "published_at",
        "note",
    ];
    insert(&connection, "prompt_versions", columns, designs.into_iter()).await;
    settled(&connection).await;

    migrate(&connection).await;

    let offer = |site_id, prompt_id, version, question: &str, number, reasons: &[u128]| Offer {
        site_id,
        prompt_id,
        version,
        question_id: question.into(),
        number,
        reasons: json!(reasons.iter().map(|n| reason(*n)).collect::<Vec<_>>()).to_string(),
    };
    let offers = "SELECT * FROM offers ORDER BY site_id, prompt_id, version, question_id";
    assert_eq!(
        all::<Offer>(&connection, offers).await,
        [
            offer(7, asking, 1, "q2", 1, &[1, 2]),
            offer(7, asking, 2, "q2", 1, &[1, 2]),
            offer(7, asking, 2, "q4", 2, &[4]),
            offer(8, other, 1, "q2", 1, &[1, 2]),
            offer(8, other, 1, "q4", 2, &[4]),
        ]
    );
    assert_unsettled(&connection).await;
}

#[actix_web::test]
async fn where_answers_led_is_unknown_of_those_that_are_stored_and_visits_are_summed_up_anew() {
    let (_database, connection) = before("m20261123_001000_tell_ways").await;
    settled(&connection).await;
    answered(&connection).await;

    migrate(&connection).await;

    assert_unsettled(&connection).await;
    let led = "SELECT COUNT(*) AS n FROM answers WHERE led_past IS NULL AND led_to IS NULL";
    assert_eq!(all::<Counted>(&connection, led).await, [Counted { n: 1 }]);
    Migrator::down(&connection, Some(1)).await.unwrap();
    let answers = "SELECT COUNT(*) AS n FROM answers";
    assert_eq!(
        all::<Counted>(&connection, answers).await,
        [Counted { n: 1 }]
    );
    migrate(&connection).await;
}

#[actix_web::test]
async fn cards_take_the_place_of_wordings_and_visits_are_summed_up_anew() {
    let (_database, connection) = before("m20261123_001010_sum_cards").await;
    let key =
        "site_id, dim, day, value, is_automated, prompt_id, prompt_version, is_automatic, wording";
    let values = format!(
        "7, 0, 20261101, '', FALSE, {}, 1, TRUE, 'b'",
        id(&connection)
    );
    for (table, more, said) in [
        ("wording_day", "", ""),
        ("card_day", ", device, visitor", ", 'touch', 'new'"),
    ] {
        settled(&connection).await;
        let row = format!(
            "INSERT INTO {table} ({key}{more}, cards, opened, answered) VALUES ({values}{said}, 3, 2, 1)"
        );
        connection.execute_unprepared(&row).await.unwrap();

        match table {
            "wording_day" => migrate(&connection).await,
            _ => Migrator::down(&connection, Some(1)).await.unwrap(),
        }

        assert_unsettled(&connection).await;
        assert!(
            connection.execute_unprepared(&row).await.is_err(),
            "{table} is gone"
        );
        connection
            .execute_unprepared("DELETE FROM visits")
            .await
            .unwrap();
    }
    migrate(&connection).await;
    let cards = "SELECT COUNT(*) AS n FROM card_day";
    assert_eq!(all::<Counted>(&connection, cards).await, [Counted { n: 0 }]);
}

#[actix_web::test]
async fn what_visits_could_be_asked_is_summed_up_anew() {
    let (_database, connection) = before("m20261123_000900_tell_could").await;
    settled(&connection).await;

    migrate(&connection).await;

    assert_unsettled(&connection).await;
}
