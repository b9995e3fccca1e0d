//! From which version of the definitions on the worth of a goal is what it is now.

use sea_orm_migration::{prelude::*, schema::integer};

/// Adds the column: until now another worth was another goal version.
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
            .table("goal_versions")
            .add_column(integer("worth_since").default(0))
            .to_owned();
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("goal_versions")
            .drop_column("worth_since")
            .to_owned();
        manager.alter_table(table).await
    }
}
