//! Sums of cards by kind of visit: whether some kinds answer less is read of them, and of no card.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use super::m20261123_000650_tell_offers::settle_again;

/// Puts the sums of cards in the place of those of wordings, and takes all visits out of the sums, into which they are then put anew.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Puts a table in the place of another: `more` is what its rows are told apart by beside the version of the prompt.
async fn replace(
    manager: &SchemaManager<'_>,
    old: &str,
    new: &str,
    more: &str,
) -> Result<(), DbErr> {
    let (id, after) = match manager.get_database_backend() {
        DbBackend::Postgres => (
            "UUID",
            " WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)",
        ),
        _ => ("BLOB", " WITHOUT ROWID"),
    };
    let columns: String = more
        .split(", ")
        .map(|key| format!("{key} TEXT NOT NULL, "))
        .collect();
    for statement in [
        format!("DROP TABLE {old}"),
        format!(
            "CREATE TABLE {new} (site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL,
               is_automated BOOLEAN NOT NULL, prompt_id {id} NOT NULL, prompt_version INTEGER NOT NULL, is_automatic BOOLEAN NOT NULL,
               {columns} cards BIGINT NOT NULL, opened BIGINT NOT NULL, answered BIGINT NOT NULL,
               PRIMARY KEY (site_id, dim, day, value, is_automated, prompt_id, prompt_version, is_automatic, {more})){after}"
        ),
        format!("CREATE INDEX {new}_empty ON {new} (site_id) WHERE cards = 0"),
    ] {
        manager
            .get_connection()
            .execute_unprepared(&statement)
            .await?;
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
        settle_again(manager).await?;
        replace(
            manager,
            "wording_day",
            "card_day",
            "wording, device, visitor",
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, "card_day", "wording_day", "wording").await?;
        settle_again(manager).await
    }
}
