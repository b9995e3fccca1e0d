//! Visitors who agreed to be known again: a keyed hash of the id in their browser, and how many visits they have made.

use sea_orm_migration::prelude::*;

/// Adds the columns and the index that the writer looks a visitor up by.
#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: [&str; 2] = [
    "ALTER TABLE visits ADD COLUMN visit_number integer",
    // Most visits have none: they cost this index nothing.
    "CREATE INDEX visits_known ON visits (site_id, visitor_id, started_at) WHERE visitor_id IS NOT NULL",
];

const DOWN: [&str; 3] = [
    "DROP INDEX visits_known",
    "ALTER TABLE visits DROP COLUMN visit_number",
    "ALTER TABLE visits DROP COLUMN visitor_id",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut visitor = ColumnDef::new(Alias::new("visitor_id"));
        let mut table = Table::alter();
        table
            .table(Alias::new("visits"))
            .add_column(visitor.binary());
        manager.alter_table(table.take()).await?;
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}
