//! What visitors do with each field of a form, on sites that have it measured.

use sea_orm_migration::{prelude::*, schema::boolean, sea_orm::DbBackend};

/// Adds the choice, off for every site, and the figures of each visit.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "CREATE TABLE visit_fields (
    site_id BIGINT NOT NULL, visit_id UUID NOT NULL, form TEXT NOT NULL, field TEXT NOT NULL,
    position INTEGER NOT NULL, focuses INTEGER NOT NULL, returns INTEGER NOT NULL,
    active_ms BIGINT NOT NULL, hesitation_ms BIGINT, changes INTEGER NOT NULL, deletes INTEGER NOT NULL,
    is_pasted BOOLEAN NOT NULL, is_autofilled BOOLEAN NOT NULL, errors INTEGER NOT NULL,
    is_filled BOOLEAN NOT NULL, is_last BOOLEAN NOT NULL,
    PRIMARY KEY (site_id, visit_id, form, field))";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("sites")
            .add_column(boolean("measures_fields").default(false))
            .to_owned();
        manager.alter_table(table).await?;
        let table = match manager.get_database_backend() {
            // Looked at as soon as the other tables that grow with visits.
            DbBackend::Postgres => format!(
                "{TABLE} WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)"
            ),
            _ => format!("{} WITHOUT ROWID", TABLE.replace("UUID", "BLOB")),
        };
        manager.get_connection().execute_unprepared(&table).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("visit_fields").to_owned();
        manager.drop_table(table).await?;
        let table = Table::alter()
            .table("sites")
            .drop_column("measures_fields")
            .to_owned();
        manager.alter_table(table).await
    }
}
