//! Finds visits that reached the main goal, and those of visitors who agreed to be known again, by their days.

use sea_orm_migration::prelude::*;

/// Adds the indexes.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: [&str; 2] = [
    "CREATE INDEX visits_bought ON visits (site_id, day) WHERE macro_at IS NOT NULL",
    "CREATE INDEX visits_known_days ON visits (site_id, day, visitor_id) WHERE visitor_id IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in UP {
            manager
                .get_connection()
                .execute_unprepared(statement)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["visits_bought", "visits_known_days"] {
            let index = Index::drop().name(index).table("visits").to_owned();
            manager.drop_index(index).await?;
        }
        Ok(())
    }
}
