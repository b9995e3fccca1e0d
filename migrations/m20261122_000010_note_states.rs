//! When each question asked, was paused or was put away.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text, uuid},
    sea_orm::DbBackend,
};

/// Adds a row for each change of a prompt's state.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn prompt_states() -> TableCreateStatement {
    Table::create()
        .table("prompt_states")
        .col(big_integer("site_id"))
        .col(uuid("prompt_id"))
        .col(big_integer("at"))
        .col(text("status"))
        .primary_key(Index::create().col("site_id").col("prompt_id").col("at"))
        .to_owned()
}

/// Of a prompt that visitors got before, its present state is all that is known: when it was paused was not stored.
fn fill(now: &str) -> String {
    format!(
        "INSERT INTO prompt_states (site_id, prompt_id, at, status) \
         SELECT site_id, id, {now}, status FROM prompts WHERE published_version IS NOT NULL"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(prompt_states()).await?;
        let now = match manager.get_database_backend() {
            DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)",
            _ => "CAST(strftime('%s', 'now') AS INTEGER) * 1000",
        };
        manager
            .get_connection()
            .execute_unprepared(&fill(now))
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("prompt_states").to_owned();
        manager.drop_table(table).await
    }
}
