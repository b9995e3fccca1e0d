//! Where the way of an answer has led: whoever was led past a question has not been silent about it.

use sea_orm_migration::{prelude::*, schema::text_null};

use super::m20261123_000650_tell_offers::settle_again;

/// Adds where it led past questions and to questions that have no answer, and takes all visits out of the sums, into which they are then
/// put anew. Of answers that are stored it stays unknown.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 2] = ["led_past", "led_to"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let column = text_null(column);
            let table = Table::alter()
                .table("answers")
                .add_column(column)
                .to_owned();
            manager.alter_table(table).await?;
        }
        settle_again(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let table = Table::alter()
                .table("answers")
                .drop_column(column)
                .to_owned();
            manager.alter_table(table).await?;
        }
        settle_again(manager).await
    }
}
