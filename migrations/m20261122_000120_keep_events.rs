//! For how long a site keeps what happened in its visits.

use sea_orm_migration::{prelude::*, schema::integer_null};

/// Adds the number of days; none stands for as long as the site is there.
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
            .table("sites")
            .add_column(integer_null("keep_days"))
            .to_owned();
        manager.alter_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("sites")
            .drop_column("keep_days")
            .to_owned();
        manager.alter_table(table).await
    }
}
