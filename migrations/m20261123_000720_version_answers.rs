//! Sums of answers tell by which definitions their visits were counted, so that who reached another main goal is not said to have
//! converted.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Makes the table anew. Days whose visits were counted by several definitions are put into all sums again, which happens in the
/// background, as does packing.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Tables of sums beside that of answers.
const OTHERS: [&str; 13] = [
    "cube_day",
    "visit_day",
    "goal_day",
    "reach_day",
    "stay_day",
    "pace_day",
    "asked_day",
    "way_day",
    "wording_day",
    "kind_day",
    "named_day",
    "time_day",
    "word_day",
];

/// What the rows are told apart by beside the version.
const KEY: &str = "site_id, dim, day, value, is_automated, prompt_id, is_automatic, question_id, choice_id, number, converted";

fn create(backend: DbBackend, version: [&str; 2]) -> String {
    let [column, key] = version;
    let (id, after) = match backend {
        DbBackend::Postgres => (
            "UUID",
            " WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)",
        ),
        _ => ("BLOB", " WITHOUT ROWID"),
    };
    format!(
        "CREATE TABLE answer_day (site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL,
           is_automated BOOLEAN NOT NULL, {column}prompt_id {id} NOT NULL, is_automatic BOOLEAN NOT NULL, question_id TEXT NOT NULL,
           choice_id TEXT NOT NULL, number INTEGER NOT NULL, converted INTEGER NOT NULL, given BIGINT NOT NULL,
           answers BIGINT NOT NULL, PRIMARY KEY ({KEY}{key})){after}"
    )
}

/// Makes the table anew with these rows of the one before: a key cannot be changed on SQLite.
async fn renew(manager: &SchemaManager<'_>, version: [&str; 2], rows: &str) -> Result<(), DbErr> {
    let key = version[1];
    for statement in [
        "CREATE TABLE answer_day_before AS SELECT * FROM answer_day".to_owned(),
        "DROP TABLE answer_day".to_owned(),
        create(manager.get_database_backend(), version),
        format!("INSERT INTO answer_day ({KEY}{key}, given, answers) {rows}"),
        "DROP TABLE answer_day_before".to_owned(),
        "CREATE INDEX answer_day_empty ON answer_day (site_id) WHERE given = 0".to_owned(),
        "DELETE FROM day_pack".to_owned(),
    ] {
        let connection = manager.get_connection();
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn of_other_days(table: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM day_version d WHERE d.site_id = {table}.site_id AND d.day = {table}.day)"
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let days = "CREATE TABLE day_version AS SELECT site_id, day, MIN(funnel_version) AS version FROM visits
             WHERE is_settled = TRUE GROUP BY site_id, day HAVING MIN(funnel_version) = MAX(funnel_version)";
        connection.execute_unprepared(days).await?;
        connection
            .execute_unprepared("CREATE INDEX day_version_day ON day_version (site_id, day)")
            .await?;
        for table in OTHERS {
            let sql = format!("DELETE FROM {table} WHERE {}", of_other_days(table));
            connection.execute_unprepared(&sql).await?;
        }
        let unsettle = format!(
            "UPDATE visits SET is_settled = FALSE WHERE is_settled = TRUE AND {}",
            of_other_days("visits")
        );
        connection.execute_unprepared(&unsettle).await?;
        let of_before: Vec<String> = KEY.split(", ").map(|name| format!("b.{name}")).collect();
        let rows = format!(
            "SELECT {}, d.version, b.given, b.answers FROM answer_day_before b
             JOIN day_version d ON d.site_id = b.site_id AND d.day = b.day",
            of_before.join(", ")
        );
        renew(manager, ["version INTEGER NOT NULL, ", ", version"], &rows).await?;
        connection
            .execute_unprepared("DROP TABLE day_version")
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rows = format!(
            "SELECT {KEY}, CAST(SUM(given) AS BIGINT), CAST(SUM(answers) AS BIGINT) FROM answer_day_before GROUP BY {KEY}"
        );
        renew(manager, ["", ""], &rows).await
    }
}
