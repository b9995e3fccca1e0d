//! How the cards of a site look.

use sea_orm_migration::{prelude::*, schema::text};

/// Adds `sites.theme`, JSON; empty is the usual look.
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
            .table(Alias::new("sites"))
            .add_column(text("theme").default(""));
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::alter();
        table
            .table(Alias::new("sites"))
            .drop_column(Alias::new("theme"));
        manager.alter_table(table).await
    }
}
