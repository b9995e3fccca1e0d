//! Packs of days hold the rows of all tables of sums, part by part.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Has the packs made anew, which happens in the background.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// `mark` is drawn by whoever makes the pack, from `begun_at` on (ms); the row of no part tells whether it is made. `pack` stands last.
fn columns(bytes: &str) -> String {
    format!(
        "CREATE TABLE day_pack (site_id BIGINT NOT NULL, day INTEGER NOT NULL, part TEXT NOT NULL, mark BIGINT NOT NULL,
           begun_at BIGINT NOT NULL, is_made BOOLEAN NOT NULL DEFAULT FALSE, pack {bytes}, PRIMARY KEY (site_id, day, part))"
    )
}

/// How they stood before.
fn whole(bytes: &str) -> String {
    format!(
        "CREATE TABLE day_pack (site_id BIGINT NOT NULL, day INTEGER NOT NULL, mark BIGINT NOT NULL, begun_at BIGINT NOT NULL,
           pack {bytes}, PRIMARY KEY (site_id, day))"
    )
}

async fn renew(manager: &SchemaManager<'_>, columns: fn(&str) -> String) -> Result<(), DbErr> {
    let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
    let connection = manager.get_connection();
    let bytes = if is_postgres { "BYTEA" } else { "BLOB" };
    connection.execute_unprepared("DROP TABLE day_pack").await?;
    connection.execute_unprepared(&columns(bytes)).await?;
    if is_postgres {
        // Short already: to unfold it would take longer than to read it.
        let external = "ALTER TABLE day_pack ALTER COLUMN pack SET STORAGE EXTERNAL";
        connection.execute_unprepared(external).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        renew(manager, columns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        renew(manager, whole).await
    }
}
