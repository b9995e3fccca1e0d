//! More sums by day: of how far visits came, of what became of moments, and of answers.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Adds the sums, and takes all visits out of the others, so that they are put into all of them.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What visits have in common that could be asked: columns, and their names.
const KIND: [&str; 2] = [
    "version INTEGER NOT NULL, step INTEGER NOT NULL, mask BIGINT NOT NULL, converted INTEGER NOT NULL,
     device TEXT NOT NULL, visitor TEXT NOT NULL, asked INTEGER NOT NULL, place INTEGER NOT NULL, chance INTEGER NOT NULL",
    "version, step, mask, converted, device, visitor, asked, place, chance",
];

/// A table of sums: its name, its own keys with and without their types, its sums.
struct Sums(&'static str, String, String, &'static [&'static str]);

impl Sums {
    fn create(&self, after: &str) -> String {
        let Self(table, columns, key, sums) = self;
        let sums: String = sums
            .iter()
            .map(|sum| format!(", {sum} BIGINT NOT NULL"))
            .collect();
        format!(
            "CREATE TABLE {table} (site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL,
               is_automated BOOLEAN NOT NULL, {columns}{sums}, PRIMARY KEY (site_id, dim, day, value, is_automated, {key})){after}"
        )
    }

    fn index_empty(&self) -> String {
        let Self(table, .., sums) = self;
        let first = sums.first().copied().unwrap_or_default();
        format!("CREATE INDEX {table}_empty ON {table} (site_id) WHERE {first} = 0")
    }
}

fn kinds(more: [&str; 2]) -> Sums {
    let [columns, key] = KIND;
    let [more_columns, more_key] = more;
    Sums(
        "kind_day",
        format!("{columns}{more_columns}"),
        format!("{key}{more_key}"),
        &["visits", "answers"],
    )
}

const REACHED: [&str; 2] = [", reached BIGINT NOT NULL", ", reached"];

fn added(id: &str) -> Vec<Sums> {
    let [columns, key] = KIND;
    vec![
        Sums(
            "reach_day",
            "version INTEGER NOT NULL, step INTEGER NOT NULL, mask BIGINT NOT NULL, device TEXT NOT NULL".into(),
            "version, step, mask, device".into(),
            &["visits", "conversions"],
        ),
        Sums(
            "way_day",
            format!(
                "prompt_id {id} NOT NULL, prompt_version INTEGER NOT NULL, way TEXT NOT NULL, code TEXT NOT NULL,
                 is_seen BOOLEAN NOT NULL, is_begun BOOLEAN NOT NULL, is_never BOOLEAN NOT NULL, is_asked BOOLEAN NOT NULL"
            ),
            "prompt_id, prompt_version, way, code, is_seen, is_begun, is_never, is_asked".into(),
            &["visits", "with_pages"],
        ),
        Sums(
            "wording_day",
            format!("prompt_id {id} NOT NULL, prompt_version INTEGER NOT NULL, is_automatic BOOLEAN NOT NULL, wording TEXT NOT NULL"),
            "prompt_id, prompt_version, is_automatic, wording".into(),
            &["cards", "opened", "answered"],
        ),
        kinds(REACHED),
        Sums(
            "answer_day",
            format!(
                "prompt_id {id} NOT NULL, is_automatic BOOLEAN NOT NULL, question_id TEXT NOT NULL, choice_id TEXT NOT NULL,
                 number INTEGER NOT NULL, converted INTEGER NOT NULL"
            ),
            "prompt_id, is_automatic, question_id, choice_id, number, converted".into(),
            &["given", "answers"],
        ),
        Sums(
            "named_day",
            format!("{columns}{}, reason_id {id} NOT NULL", REACHED[0]),
            format!("{key}{}, reason_id", REACHED[1]),
            &["visits"],
        ),
        Sums(
            "word_day",
            format!(
                "version INTEGER NOT NULL, step INTEGER NOT NULL, answered_at BIGINT NOT NULL, impression_id {id} NOT NULL,
                 question_id TEXT NOT NULL"
            ),
            "version, step, answered_at, impression_id, question_id".into(),
            &["answers"],
        ),
        Sums(
            "time_day",
            format!("prompt_id {id} NOT NULL, is_automatic BOOLEAN NOT NULL, ms BIGINT NOT NULL"),
            "prompt_id, is_automatic, ms".into(),
            &["answers"],
        ),
    ]
}

/// Few answers are tests, and few visits: they are looked for alone.
const OF_TESTS: [&str; 2] = [
    "CREATE INDEX answers_test ON answers (site_id, visit_id) WHERE is_test",
    "CREATE INDEX visits_test ON visits (site_id, day) WHERE is_test",
];

const EMPTIED: [&str; 5] = [
    "DELETE FROM cube_day",
    "DELETE FROM goal_day",
    "DELETE FROM visit_day",
    "DELETE FROM asked_day",
    "UPDATE visits SET is_settled = FALSE WHERE is_settled = TRUE",
];

const EXITS: [&str; 2] = ["exits", "exits_stayed"];

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}

async fn add(manager: &SchemaManager<'_>, sums: &Sums) -> Result<(), DbErr> {
    let after = match manager.get_database_backend() {
        DbBackend::Postgres => {
            " WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)"
        }
        _ => " WITHOUT ROWID",
    };
    run(manager, &[&sums.create(after), &sums.index_empty()]).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = match manager.get_database_backend() {
            DbBackend::Postgres => "UUID",
            _ => "BLOB",
        };
        // A key cannot be changed on SQLite, so the table is made anew.
        run(manager, &["DROP TABLE kind_day"]).await?;
        for sums in added(id) {
            add(manager, &sums).await?;
        }
        run(manager, &["ALTER TABLE asked_day DROP COLUMN telling"]).await?;
        for column in EXITS {
            let sql =
                format!("ALTER TABLE visit_day ADD COLUMN {column} BIGINT NOT NULL DEFAULT 0");
            run(manager, &[&sql]).await?;
        }
        run(manager, &OF_TESTS).await?;
        run(manager, &EMPTIED).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for Sums(table, ..) in added("") {
            run(manager, &[&format!("DROP TABLE {table}")]).await?;
        }
        add(manager, &kinds(["", ""])).await?;
        for column in EXITS {
            run(
                manager,
                &[&format!("ALTER TABLE visit_day DROP COLUMN {column}")],
            )
            .await?;
        }
        let sums = ["ALTER TABLE asked_day ADD COLUMN telling BIGINT NOT NULL DEFAULT 0"];
        run(manager, &sums).await?;
        run(
            manager,
            &["DROP INDEX answers_test", "DROP INDEX visits_test"],
        )
        .await?;
        run(manager, &EMPTIED).await
    }
}
