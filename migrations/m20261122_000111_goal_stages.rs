//! Stages of the way to a decision in the owner's words.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, text, text_null},
};

/// Creates the table. A site without a row has the four stages that it has had until now.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "goal_stages";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .col(big_integer("site_id"))
            .col(text("id"))
            .col(integer("place"))
            .col(text("name"))
            .col(text_null("merged_into"))
            .primary_key(Index::create().col("site_id").col("id"))
            .take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(TABLE).take()).await
    }
}
