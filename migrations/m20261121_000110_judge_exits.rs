//! A visit keeps how often its visitor moved to leave, and how often they were still there a minute later.

use sea_orm_migration::{prelude::*, schema::integer};

/// Adds two columns to the visits; those until now are taken for visits without a move to leave.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 2] = ["exits", "exits_stayed"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// One column without the other must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let table = Table::alter()
                .table(Alias::new("visits"))
                .add_column(integer(column).default(0))
                .take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let table = Table::alter()
                .table(Alias::new("visits"))
                .drop_column(Alias::new(column))
                .take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
