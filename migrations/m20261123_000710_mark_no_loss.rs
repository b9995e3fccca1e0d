//! Which reasons stand for a loss.

use sea_orm_migration::{prelude::*, schema::boolean};

/// Adds the column: all do, but for the one by which a question of the bank lets visitors say that they found what they came for.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("reasons")
            .add_column(boolean("is_loss").default(true))
            .to_owned();
        manager.alter_table(table).await?;
        let sql = "UPDATE reasons SET is_loss = FALSE WHERE name = 'Found what they came for'";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("reasons")
            .drop_column("is_loss")
            .to_owned();
        manager.alter_table(table).await
    }
}
