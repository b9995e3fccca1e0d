//! A version of a prompt may carry a note of its owner: what changed, and why.

use sea_orm_migration::{prelude::*, schema::text};

/// Adds `prompt_versions.note`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table
            .table(Alias::new("prompt_versions"))
            .add_column(text("note").default(""));
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table
            .table(Alias::new("prompt_versions"))
            .drop_column(Alias::new("note"));
        manager.alter_table(table).await
    }
}
