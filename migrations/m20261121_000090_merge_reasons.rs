//! A reason may have been merged into another: its name goes on leading there.

use sea_orm_migration::{prelude::*, schema::uuid_null};

/// Adds `reasons.merged_into`.
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
            .table(Alias::new("reasons"))
            .add_column(uuid_null("merged_into"));
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table
            .table(Alias::new("reasons"))
            .drop_column(Alias::new("merged_into"));
        manager.alter_table(table).await
    }
}
