//! Which visits another tool has recorded.

use sea_orm_migration::{prelude::*, schema::boolean};

/// Adds the mark, with what could be told until now: events are taken for a day, so what first arrived later than that after the
/// visit's last event was read from a file.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A day and a minute, ms. Of most visits the first batch that is looked at speaks against it.
const FIND: &str = "UPDATE visits SET is_imported = TRUE
WHERE EXISTS (SELECT 1 FROM batches b WHERE b.site_id = visits.site_id AND b.visit_id = visits.id)
  AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.site_id = visits.site_id AND b.visit_id = visits.id
    AND b.received_at <= visits.last_at + 86460000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("visits")
            .add_column(boolean("is_imported").default(false))
            .to_owned();
        manager.alter_table(table).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(FIND).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("visits")
            .drop_column("is_imported")
            .to_owned();
        manager.alter_table(table).await
    }
}
