//! How soon PostgreSQL looks again at tables that grow with visits.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// Tables with rows for every visit.
const GROWING: [&str; 7] = [
    "visits",
    "visit_goals",
    "impressions",
    "answers",
    "answer_choices",
    "cube_day",
    "goal_day",
];

/// By default the server looks once a table has grown by a tenth. A new site beside a large one would be unknown to it for days, and of
/// what it does not know it expects one row: reports of that site would take minutes.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let after =
            "SET (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)";
        alter_all(manager, after).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let default = "RESET (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)";
        alter_all(manager, default).await
    }
}

async fn alter_all(manager: &SchemaManager<'_>, how: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for table in GROWING {
        let connection = manager.get_connection();
        let alter = format!("ALTER TABLE {table} {how}");
        connection.execute_unprepared(&alter).await?;
    }
    Ok(())
}
