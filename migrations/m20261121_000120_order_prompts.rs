//! In which order the prompts of a site have their say.

use sea_orm_migration::{prelude::*, schema::integer};

/// Adds the place, with what held until now: by age, which is the order of ids where places are alike.
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
            .table(Alias::new("prompts"))
            .add_column(integer("place").default(0).take())
            .take();
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table(Alias::new("prompts"))
            .drop_column(Alias::new("place"))
            .take();
        manager.alter_table(table).await
    }
}
