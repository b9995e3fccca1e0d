//! Which main goal a small step leads to, on sites with several.

use sea_orm_migration::{prelude::*, schema::uuid_null};

/// Adds the main goal; none stands for the one that figures refer to.
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
            .add_column(uuid_null("serves_id"))
            .to_owned();
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("goals")
            .drop_column("serves_id")
            .to_owned();
        manager.alter_table(table).await
    }
}
