//! A visit keeps the campaign that it came by, and what the page said of it.

use sea_orm_migration::{prelude::*, schema::text_null};

/// Adds two columns to the visits; visits until now have neither.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 2] = ["campaign", "properties"];

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
                .add_column(text_null(column))
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
