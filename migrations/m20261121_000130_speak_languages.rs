//! Which language and which wording of a question a visitor read.

use sea_orm_migration::{prelude::*, schema::text_null};

/// Adds the columns, empty for what was shown before.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 2] = ["language", "wording"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let table = Table::alter()
                .table(Alias::new("impressions"))
                .add_column(text_null(column))
                .take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let table = Table::alter()
                .table(Alias::new("impressions"))
                .drop_column(Alias::new(column))
                .take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
