//! Sums by day beside the cube: of visits, of what reports read of goals, of what became of questions, and of who could be asked.

use sea_orm_migration::{
    prelude::*,
    schema::big_integer,
    sea_orm::{DbBackend, Statement},
};

/// Adds the sums, and takes all visits out of the cube, which are then put into all of them.
#[derive(DeriveMigrationName)]
pub struct Migration;

const GOAL_COLUMNS: [&str; 4] = [
    "before_main",
    "followed",
    "by_landmark",
    "by_landmark_converted",
];

const TABLES: [&str; 3] = ["visit_day", "asked_day", "kind_day"];

fn columns_of_tables(id: &str) -> [String; 3] {
    let key = "site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL, is_automated BOOLEAN NOT NULL";
    let named = "site_id, dim, day, value, is_automated";
    [
        format!(
            "{key}, version INTEGER NOT NULL,
             visits BIGINT NOT NULL, conversions BIGINT NOT NULL, at_landmark BIGINT NOT NULL,
             at_landmark_converted BIGINT NOT NULL, before_landmark BIGINT NOT NULL,
             PRIMARY KEY ({named}, version)"
        ),
        format!(
            "{key}, prompt_id {id} NOT NULL, version INTEGER NOT NULL, is_automatic BOOLEAN NOT NULL,
             arm TEXT NOT NULL, unasked INTEGER NOT NULL, refusal TEXT NOT NULL, lost_to {id} NOT NULL,
             decisions BIGINT NOT NULL, visits BIGINT NOT NULL, telling BIGINT NOT NULL, opened BIGINT NOT NULL,
             seen BIGINT NOT NULL, begun BIGINT NOT NULL, answered BIGINT NOT NULL, closed BIGINT NOT NULL,
             reached BIGINT NOT NULL, reached_before BIGINT NOT NULL,
             PRIMARY KEY ({named}, prompt_id, version, is_automatic, arm, unasked, refusal, lost_to)"
        ),
        format!(
            "{key}, version INTEGER NOT NULL, step INTEGER NOT NULL, mask BIGINT NOT NULL, converted INTEGER NOT NULL,
             device TEXT NOT NULL, visitor TEXT NOT NULL, asked INTEGER NOT NULL, place INTEGER NOT NULL, chance INTEGER NOT NULL,
             visits BIGINT NOT NULL, answers BIGINT NOT NULL,
             PRIMARY KEY ({named}, version, step, mask, converted, device, visitor, asked, place, chance)"
        ),
    ]
}

const STATEMENTS: [&str; 6] = [
    "CREATE INDEX visit_day_empty ON visit_day (site_id) WHERE visits = 0",
    "CREATE INDEX asked_day_empty ON asked_day (site_id) WHERE decisions = 0",
    "CREATE INDEX kind_day_empty ON kind_day (site_id) WHERE visits = 0",
    "DELETE FROM cube_day",
    "DELETE FROM goal_day",
    "UPDATE visits SET is_settled = FALSE WHERE is_settled = TRUE",
];

/// The steps of each version, as bits; there are few versions.
async fn fill_steps(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let (connection, backend) = (manager.get_connection(), manager.get_database_backend());
    let all = Statement::from_string(backend, "SELECT site_id, version, steps FROM funnels");
    for row in connection.query_all_raw(all).await? {
        let steps: String = row.try_get("", "steps")?;
        let steps = steps.trim_matches(['[', ']']).split(',');
        let steps = steps.filter_map(|bit| bit.trim().parse::<u32>().ok());
        let bits = steps.fold(0, |bits, bit| bits | 1_i64 << bit);
        let (site, version): (i64, i32) =
            (row.try_get("", "site_id")?, row.try_get("", "version")?);
        let sql = match backend {
            DbBackend::Postgres => {
                "UPDATE funnels SET step_bits = $1 WHERE site_id = $2 AND version = $3"
            }
            _ => "UPDATE funnels SET step_bits = ? WHERE site_id = ? AND version = ?",
        };
        let values = [bits.into(), site.into(), version.into()];
        let update = Statement::from_sql_and_values(backend, sql, values);
        connection.execute_raw(update).await?;
    }
    Ok(())
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: &str) -> Result<(), DbErr> {
    let column = big_integer(column.to_owned()).default(0).take();
    let table = Table::alter().table(table).add_column(column).to_owned();
    manager.alter_table(table).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in GOAL_COLUMNS {
            add(manager, "goal_day", column).await?;
        }
        add(manager, "funnels", "step_bits").await?;
        fill_steps(manager).await?;
        let connection = manager.get_connection();
        let (id, after) = match manager.get_database_backend() {
            DbBackend::Postgres => (
                "UUID",
                " WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)",
            ),
            _ => ("BLOB", " WITHOUT ROWID"),
        };
        for (table, columns) in TABLES.iter().zip(columns_of_tables(id)) {
            let table = format!("CREATE TABLE {table} ({columns}){after}");
            connection.execute_unprepared(&table).await?;
        }
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let table = Table::drop().table(table).to_owned();
            manager.drop_table(table).await?;
        }
        let of_goals = GOAL_COLUMNS.map(|column| ("goal_day", column));
        for (table, column) in of_goals.into_iter().chain([("funnels", "step_bits")]) {
            let table = Table::alter().table(table).drop_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
