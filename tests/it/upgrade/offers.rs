//! What questions offer is told from their designs, and of all visits anew.

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Value, prelude::Uuid};
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

#[derive(Debug, FromQueryResult)]
struct Marked {
    question_id: String,
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Counted {
    n: i64,
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
async fn questions_that_answers_lead_past_are_marked_and_visits_summed_up_anew() {
    let (_database, connection) = before("m20261123_001000_tell_jumps").await;
    let jump = |to: &str| json!([{"when": "answered", "value": "", "to": to}]);
    let design = json!({"questions": [
        {"id": "q1", "choices": [choice(1)], "jumps": jump("q3")},
        {"id": "q2", "choices": [choice(2)]},
        {"id": "q3", "choices": [choice(3)], "jumps": jump("e1")},
        {"id": "q4", "choices": [choice(4)], "jumps": []},
    ]});
    let prompt = Uuid::from_u128(100);
    let version: [Value; 6] = [
        7_i64.into(),
        prompt.into(),
        1.into(),
        design.to_string().into(),
        5_i64.into(),
        "".into(),
    ];
    let columns = [
        "site_id",
        "prompt_id",
        "version",
        "design",
        "published_at",
        "note",
    ];
    insert(
        &connection,
        "prompt_versions",
        columns,
        std::iter::once(version),
    )
    .await;
    let offers = (1..=4).map(|n: i32| -> [Value; 6] {
        let (question, reasons) = (format!("q{n}"), json!([reason(n as u128)]).to_string());
        [
            7_i64.into(),
            prompt.into(),
            1.into(),
            question.into(),
            n.into(),
            reasons.into(),
        ]
    });
    let columns = [
        "site_id",
        "prompt_id",
        "version",
        "question_id",
        "number",
        "reasons",
    ];
    insert(&connection, "offers", columns, offers).await;
    settled(&connection).await;

    migrate(&connection).await;

    let marked = "SELECT question_id FROM offers WHERE is_conditional = TRUE ORDER BY question_id";
    let marked: Vec<String> = all::<Marked>(&connection, marked)
        .await
        .into_iter()
        .map(|it| it.question_id)
        .collect();
    assert_eq!(marked, ["q2", "q4"]);
    assert_unsettled(&connection).await;
}

#[actix_web::test]
async fn cards_take_the_place_of_wordings_and_visits_are_summed_up_anew() {
    let (_database, connection) = before("m20261123_001010_sum_cards").await;
    settled(&connection).await;

    migrate(&connection).await;

    assert_unsettled(&connection).await;
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
