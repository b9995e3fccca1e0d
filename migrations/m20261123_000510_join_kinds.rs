//! What visits have in common that could be asked is one text: by one column rows are summed up several times as fast as by ten.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Makes the tables of it anew, with the rows that are there, and has the packs made anew, which happens in the background.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The parts in their order, with their types. The last may hold anything.
const PARTS: [(&str, &str); 10] = [
    ("asked", "INTEGER"),
    ("version", "INTEGER"),
    ("step", "INTEGER"),
    ("mask", "BIGINT"),
    ("converted", "INTEGER"),
    ("reached", "BIGINT"),
    ("place", "INTEGER"),
    ("visitor", "TEXT"),
    ("chance", "INTEGER"),
    ("device", "TEXT"),
];

/// What the rows of all tables of sums are told apart by, with and without types.
const KEY: [&str; 2] = [
    "site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL, is_automated BOOLEAN NOT NULL",
    "site_id, dim, day, value, is_automated",
];

/// How what visits have in common stands in a table: its columns, with and without types, and what they are of the rows before.
struct Form {
    columns: String,
    key: String,
    of_before: String,
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn joined() -> Form {
    let parts = PARTS.map(|(name, _)| format!("CAST({name} AS TEXT)"));
    Form {
        columns: "kind TEXT NOT NULL".into(),
        key: "kind".into(),
        of_before: parts.join(" || '/' || "),
    }
}

fn apart(backend: DbBackend) -> Form {
    let quoted = match backend {
        DbBackend::Postgres => "CAST(to_json(kind) AS TEXT)",
        _ => "json_quote(kind)",
    };
    let of_list = match backend {
        DbBackend::Postgres => "JSON",
        _ => "TEXT",
    };
    let part = |nth: usize| {
        format!("(CAST('[' || REPLACE({quoted}, '/', '\",\"') || ']' AS {of_list}) ->> {nth})")
    };
    let (last, others) = (PARTS.len() - 1, 0..PARTS.len() - 1);
    let behind: String = others
        .map(|nth| format!(" + LENGTH({})", part(nth)))
        .collect();
    let columns = PARTS.iter().enumerate();
    let columns = columns.map(|(nth, (_, kind))| match nth == last {
        true => format!("SUBSTR(kind, {}{behind})", PARTS.len()),
        false => format!("CAST({} AS {kind})", part(nth)),
    });
    Form {
        columns: list(
            PARTS
                .iter()
                .map(|(name, kind)| format!("{name} {kind} NOT NULL")),
        ),
        key: list(PARTS.iter().map(|(name, _)| (*name).to_owned())),
        of_before: list(columns),
    }
}

/// A table of sums by it: its name, its further keys with and without types, its sums likewise.
type Sums = (&'static str, [String; 2], [&'static str; 2]);

fn tables(id: &str) -> [Sums; 2] {
    let reason = format!(", reason_id {id} NOT NULL");
    [
        (
            "kind_day",
            Default::default(),
            [
                "visits BIGINT NOT NULL, answers BIGINT NOT NULL",
                "visits, answers",
            ],
        ),
        (
            "named_day",
            [reason, ", reason_id".into()],
            ["visits BIGINT NOT NULL", "visits"],
        ),
    ]
}

/// Makes both tables anew: a key cannot be changed on SQLite.
async fn renew(manager: &SchemaManager<'_>, form: &Form) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let (id, after) = match manager.get_database_backend() {
        DbBackend::Postgres => (
            "UUID",
            " WITH (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)",
        ),
        _ => ("BLOB", " WITHOUT ROWID"),
    };
    let Form {
        columns,
        key,
        of_before,
    } = form;
    let [all_columns, all] = KEY;
    for (table, [more_columns, more], [sum_columns, sums]) in tables(id) {
        for statement in [
            format!("CREATE TABLE {table}_before AS SELECT * FROM {table}"),
            format!("DROP TABLE {table}"),
            format!(
                "CREATE TABLE {table} ({all_columns}, {columns}{more_columns}, {sum_columns},
                   PRIMARY KEY ({all}, {key}{more})){after}"
            ),
            format!(
                "INSERT INTO {table} ({all}, {key}{more}, {sums}) SELECT {all}, {of_before}{more}, {sums} FROM {table}_before"
            ),
            format!("DROP TABLE {table}_before"),
            format!("CREATE INDEX {table}_empty ON {table} (site_id) WHERE visits = 0"),
        ] {
            connection.execute_unprepared(&statement).await?;
        }
    }
    connection
        .execute_unprepared("DELETE FROM day_pack")
        .await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        renew(manager, &joined()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        renew(manager, &apart(manager.get_database_backend())).await
    }
}
