//! What goes along with an answer without being asked.

use sea_orm_migration::{prelude::*, schema::text_null};

/// Adds the column to what was decided: it is known when the card opens, and there is one card for each answer.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table(Alias::new("impressions"))
            .add_column(text_null("fields"))
            .take();
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table(Alias::new("impressions"))
            .drop_column(Alias::new("fields"))
            .take();
        manager.alter_table(table).await
    }
}
