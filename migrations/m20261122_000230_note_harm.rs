//! When a question was paused by itself, because asking cost conversions.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, text, uuid},
};

/// Adds a row for each such pause, with the figures that led to it.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn harm_pauses() -> TableCreateStatement {
    Table::create()
        .table("harm_pauses")
        .col(big_integer("site_id"))
        .col(uuid("prompt_id"))
        .col(big_integer("at"))
        .col(big_integer("since"))
        .col(text("goal"))
        .col(integer("percent"))
        .col(big_integer("asked"))
        .col(big_integer("asked_reached"))
        .col(big_integer("unasked"))
        .col(big_integer("unasked_reached"))
        .primary_key(Index::create().col("site_id").col("prompt_id").col("at"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(harm_pauses()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("harm_pauses").to_owned();
        manager.drop_table(table).await
    }
}
