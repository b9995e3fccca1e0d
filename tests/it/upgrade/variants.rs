//! Variants of experiments: no visit that is in the sums was told of any.

use migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult};
use sea_orm_migration::MigratorTrait;

use super::{all, before, migrate};

const MIGRATION: &str = "m20261123_000400_tell_variants";
/// Sums that are kept by every dimension, with their own columns.
const TABLES: [(&str, &str); 9] = [
    (
        "cube_day",
        "signature_id, visits, conversions, value_minor, active_ms",
    ),
    (
        "visit_day",
        "version, visits, conversions, at_landmark, at_landmark_converted, before_landmark, exits, exits_stayed",
    ),
    (
        "goal_day",
        "version, bit, visits, events, value_minor, before_main, followed, by_landmark, by_landmark_converted",
    ),
    (
        "reach_day",
        "version, step, mask, device, visits, conversions",
    ),
    (
        "asked_day",
        "prompt_id, version, is_automatic, arm, unasked, refusal, lost_to, decisions, visits, opened, seen, begun, answered, closed, reached, reached_before",
    ),
    (
        "kind_day",
        "version, step, mask, converted, device, visitor, asked, place, reached, chance, visits, answers",
    ),
    (
        "answer_day",
        "prompt_id, is_automatic, question_id, choice_id, number, converted, given, answers",
    ),
    (
        "named_day",
        "version, step, mask, converted, device, visitor, asked, place, reached, chance, reason_id, visits",
    ),
    (
        "word_day",
        "version, step, answered_at, impression_id, question_id, answers",
    ),
];

#[derive(Debug, PartialEq, FromQueryResult)]
struct Rows {
    whole: i64,
    by_device: i64,
    by_variant: i64,
    of_none: i64,
}

#[actix_web::test]
async fn what_is_summed_up_is_summed_up_under_no_variant_too() {
    let (_database, connection) = before(MIGRATION).await;
    for (table, columns) in TABLES {
        let values: Vec<&str> = columns.split(", ").map(value).collect();
        let values = values.join(", ");
        // All visits of two days, and those of one of them by device.
        let sql = format!(
            "INSERT INTO {table} (site_id, dim, day, value, is_automated, {columns}) VALUES
             (7, 0, 20261101, '', FALSE, {values}), (7, 0, 20261102, '', TRUE, {values}), (7, 1, 20261101, 'touch', FALSE, {values})"
        );
        connection.execute_unprepared(&sql).await.unwrap();
    }

    migrate(&connection).await;
    for (table, _) in TABLES {
        assert_eq!(rows(&connection, table).await, told(2), "{table}");
    }
    Migrator::down(&connection, Some(1)).await.unwrap();
    for (table, _) in TABLES {
        assert_eq!(rows(&connection, table).await, told(0), "{table}");
    }
}

/// What fits the column.
fn value(column: &str) -> &'static str {
    match column {
        "is_automatic" => "FALSE",
        "prompt_id" | "lost_to" | "reason_id" | "impression_id" => {
            "'00000000-0000-0000-0000-000000000009'"
        }
        "device" | "visitor" | "arm" | "refusal" | "question_id" | "choice_id" => "'touch'",
        _ => "1",
    }
}

fn told(by_variant: i64) -> Rows {
    Rows {
        whole: 2,
        by_device: 1,
        by_variant,
        of_none: by_variant,
    }
}

async fn rows(connection: &DatabaseConnection, table: &str) -> Rows {
    let sql = format!(
        "SELECT COUNT(CASE WHEN dim = 0 THEN 1 END) AS whole, COUNT(CASE WHEN dim = 1 THEN 1 END) AS by_device,
           COUNT(CASE WHEN dim = 8 THEN 1 END) AS by_variant, COUNT(CASE WHEN dim = 8 AND value = '' THEN 1 END) AS of_none FROM {table}"
    );
    all::<Rows>(connection, &sql).await.remove(0)
}
