//! Suggestions of goals that the owner does not want to see again.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text},
};

/// Creates the table.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "dismissed_suggestions";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .col(big_integer("site_id"))
            .col(text("rule"))
            .col(big_integer("dismissed_at"))
            .primary_key(Index::create().col("site_id").col("rule"))
            .take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(TABLE).take()).await
    }
}
