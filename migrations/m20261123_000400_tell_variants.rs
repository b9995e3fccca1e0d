//! Which variant of another tool's experiment a visit saw.

use sea_orm_migration::{prelude::*, schema::text};

/// Adds the column, and fills the sums by it: of the visits that are in them none was told.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Under this number sums are kept by variant.
const VARIANT: i32 = 8;

/// Tables that are summed up by each dimension, with their other columns: its own keys, then its sums.
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
        "prompt_id, version, is_automatic, arm, unasked, refusal, lost_to, decisions, visits, opened, seen, begun, answered, closed,
         reached, reached_before",
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

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("visits")
            .add_column(text("variant").default(""))
            .to_owned();
        manager.alter_table(table).await?;
        // Under 0 all visits stand, and say nothing.
        for (table, columns) in TABLES {
            let sql = format!(
                "INSERT INTO {table} (site_id, dim, day, value, is_automated, {columns})
                 SELECT site_id, {VARIANT}, day, value, is_automated, {columns} FROM {table} WHERE dim = 0"
            );
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, _) in TABLES {
            let sql = format!("DELETE FROM {table} WHERE dim = {VARIANT}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        let table = Table::alter()
            .table("visits")
            .drop_column("variant")
            .to_owned();
        manager.alter_table(table).await
    }
}
