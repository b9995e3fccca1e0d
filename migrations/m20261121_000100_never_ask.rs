//! Whether cards offer "don't ask me again".

use sea_orm_migration::{prelude::*, schema::boolean};

/// Adds the column: they do.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean("offers_never").default(true).take();
        manager
            .alter_table(
                Table::alter()
                    .table(Alias::new("sites"))
                    .add_column(column)
                    .take(),
            )
            .await?;
        // Whoever clicked it there could try the demo no more.
        let demo = "UPDATE sites SET offers_never = FALSE WHERE kind = 'demo'";
        manager.get_connection().execute_unprepared(demo).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table(Alias::new("sites"))
                    .drop_column(Alias::new("offers_never"))
                    .take(),
            )
            .await
    }
}
