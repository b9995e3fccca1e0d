//! Packs of days: what their visits say and came to, column by column.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Adds the packs, which are made in the background.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// `mark` is drawn by whoever makes the pack, from `begun_at` on (ms); until it is made there is no `pack`, which stands last.
fn columns(bytes: &str) -> String {
    format!(
        "CREATE TABLE day_pack (site_id BIGINT NOT NULL, day INTEGER NOT NULL, mark BIGINT NOT NULL, begun_at BIGINT NOT NULL,
           pack {bytes}, PRIMARY KEY (site_id, day))"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            // Short already: to unfold it would take longer than to read it.
            DbBackend::Postgres => vec![
                columns("BYTEA"),
                "ALTER TABLE day_pack ALTER COLUMN pack SET STORAGE EXTERNAL".into(),
            ],
            _ => vec![columns("BLOB")],
        };
        for statement in statements {
            manager
                .get_connection()
                .execute_unprepared(&statement)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("day_pack").to_owned();
        manager.drop_table(table).await
    }
}
