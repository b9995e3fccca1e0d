//! Visits by how long they stayed, and by how long after their beginning they reached goals: sums of days for risk sets.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Adds the sums, and fills them with the visits that are in the cube.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [(&str, &str); 2] = [("stay_day", "bin"), ("pace_day", "bit, is_end, bin")];

/// How long after the beginning of a visit something was, in bins that widen.
fn bin(at: &str) -> String {
    let since = format!("({at} - v.started_at)");
    format!(
        "CAST(CASE WHEN {since} < 15000 THEN 0 WHEN {since} < 300000 THEN {since} / 15000
         WHEN {since} < 900000 THEN 10 + {since} / 30000 WHEN {since} < 1800000 THEN 25 + {since} / 60000
         WHEN {since} < 7200000 THEN 49 + {since} / 300000 ELSE 73 END AS INTEGER)"
    )
}

fn fill() -> [String; 2] {
    let counted = "v.is_settled = TRUE AND NOT v.is_test AND v.pages > 0";
    let (reached, end) = (
        bin("g.first_at"),
        bin("(CASE WHEN v.macro_at < v.last_at THEN v.macro_at ELSE v.last_at END)"),
    );
    [
        format!(
            "INSERT INTO stay_day SELECT v.site_id, 0, v.day, '', v.is_automated, v.funnel_version, {end}, COUNT(*), COUNT(v.macro_at)
             FROM visits v WHERE {counted} GROUP BY 1, 3, 5, 6, 7"
        ),
        format!(
            "INSERT INTO pace_day SELECT v.site_id, 0, v.day, '', v.is_automated, v.funnel_version, g.bit, e.is_end,
               CASE e.is_end WHEN 1 THEN {end} ELSE 1 + {reached} END, COUNT(*), COUNT(CASE e.is_end WHEN 1 THEN v.macro_at END)
             FROM visits v JOIN visit_goals g ON g.site_id = v.site_id AND g.visit_id = v.id
               CROSS JOIN (SELECT 0 AS is_end UNION ALL SELECT 1) AS e
             WHERE {counted} AND {reached} < {end} GROUP BY 1, 3, 5, 6, 7, 8, 9"
        ),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let after = match manager.get_database_backend() {
            DbBackend::Postgres => {
                " WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)"
            }
            _ => " WITHOUT ROWID",
        };
        for (table, keys) in TABLES {
            let columns: String = keys
                .split(", ")
                .map(|key| format!("{key} INTEGER NOT NULL, "))
                .collect();
            let statements = [
                format!(
                    "CREATE TABLE {table} (site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL,
                       is_automated BOOLEAN NOT NULL, version INTEGER NOT NULL, {columns}
                       visits BIGINT NOT NULL, conversions BIGINT NOT NULL,
                       PRIMARY KEY (site_id, dim, day, value, is_automated, version, {keys})){after}"
                ),
                format!("CREATE INDEX {table}_empty ON {table} (site_id) WHERE visits = 0"),
            ];
            for statement in statements {
                connection.execute_unprepared(&statement).await?;
            }
        }
        for statement in fill() {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, _) in TABLES {
            let table = Table::drop().table(table).to_owned();
            manager.drop_table(table).await?;
        }
        Ok(())
    }
}
