//! Which small steps the owner looks at first.

use sea_orm_migration::{prelude::*, schema::boolean};

/// Adds the mark, with what held until now: the steps of the funnel are key, signals are not.
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
            .table("goals")
            .add_column(boolean("is_key").default(false))
            .to_owned();
        manager.alter_table(table).await?;
        let steps = "UPDATE goals SET is_key = TRUE WHERE role = 'milestone' AND is_listed";
        let connection = manager.get_connection();
        connection.execute_unprepared(steps).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("goals")
            .drop_column("is_key")
            .to_owned();
        manager.alter_table(table).await
    }
}
