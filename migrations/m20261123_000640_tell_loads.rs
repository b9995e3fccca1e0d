//! How long the first page of a visit took to load.

use sea_orm_migration::{prelude::*, schema::big_integer_null, sea_orm::DbBackend};

/// Adds the column, fills it from the events that are kept, and takes all visits out of the sums, so that they are put into all of
/// them.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Under this number sums are kept by it.
const LOAD: i32 = 9;

/// Tables that are summed up by each dimension.
const BY_DIMENSION: [&str; 9] = [
    "cube_day",
    "visit_day",
    "goal_day",
    "reach_day",
    "asked_day",
    "kind_day",
    "answer_day",
    "named_day",
    "word_day",
];
/// Those that are not.
const WHOLE: [&str; 5] = ["stay_day", "pace_day", "way_day", "wording_day", "time_day"];

/// As the fold does: what is told before a second page.
fn fill(backend: DbBackend) -> String {
    let ms = match backend {
        DbBackend::Postgres => "CAST(CAST(e.props AS JSONB) ->> 'ms' AS BIGINT)",
        _ => "json_extract(e.props, '$.ms')",
    };
    format!(
        "UPDATE visits SET is_settled = FALSE, load_ms = (
           SELECT {ms} FROM events e
           WHERE e.site_id = visits.site_id AND e.visit_id = visits.id AND e.kind = 'page_load' AND {ms} IS NOT NULL
             AND (SELECT COUNT(*) FROM events p
               WHERE p.site_id = visits.site_id AND p.visit_id = visits.id AND p.kind = 'page_view'
                 AND (p.at, p.view_id, p.seq) < (e.at, e.view_id, e.seq)) <= 1
           ORDER BY e.at, e.view_id, e.seq LIMIT 1)"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("visits")
            .add_column(big_integer_null("load_ms"))
            .to_owned();
        manager.alter_table(table).await?;
        let connection = manager.get_connection();
        let fill = fill(manager.get_database_backend());
        connection.execute_unprepared(&fill).await?;
        for table in BY_DIMENSION.iter().chain(&WHOLE).chain(&["day_pack"]) {
            let sql = format!("DELETE FROM {table}");
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in BY_DIMENSION {
            let sql = format!("DELETE FROM {table} WHERE dim = {LOAD}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        let table = Table::alter()
            .table("visits")
            .drop_column("load_ms")
            .to_owned();
        manager.alter_table(table).await
    }
}
