//! The first schema. Tables that belong to a site have keys that begin with `site_id`.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, binary, boolean, double_null, integer, integer_null, text,
        text_null, uuid, uuid_null,
    },
    sea_orm::DbBackend,
};

/// Creates every table.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A table with its columns and primary key.
fn table<const N: usize>(
    name: &'static str,
    columns: [ColumnDef; N],
    key: &[&'static str],
) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new(name));
    for mut column in columns {
        table.col(&mut column);
    }
    let mut index = Index::create();
    for column in key {
        index.col(Alias::new(*column));
    }
    table.primary_key(&mut index);
    table
}

/// Tables of the instance: who may sign in, and the daily salts.
fn instance_tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "salts",
            [integer("day"), binary("salt"), big_integer("created_at")],
            &["day"],
        ),
        table(
            "members",
            [
                uuid("id"),
                text("email"),
                text("password_hash"),
                text("role"),
                big_integer("created_at"),
            ],
            &["id"],
        ),
        table(
            "sessions",
            [
                binary("token_hash"),
                uuid("member_id"),
                big_integer("created_at"),
                big_integer("seen_at"),
            ],
            &["token_hash"],
        ),
        table(
            "one_time_links",
            [
                binary("token_hash"),
                text("purpose"),
                uuid_null("member_id"),
                big_integer("expires_at"),
            ],
            &["token_hash"],
        ),
        table(
            "sites",
            [
                big_integer("id"),
                text("key"),
                text("name"),
                text("time_zone"),
                text("currency"),
                text("kind"),
                text("origins"),
                boolean("allow_localhost"),
                big_integer("config_version"),
                binary("signing_key"),
                big_integer("created_at"),
            ],
            &["id"],
        ),
    ]
}

/// What a site asks and counts.
fn design_tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "goals",
            [
                big_integer("site_id"),
                uuid("id"),
                text("name"),
                text("role"),
                text("stage"),
                boolean("is_listed"),
                integer_null("funnel_position"),
                boolean("is_primary"),
                big_integer("created_at"),
                big_integer_null("archived_at"),
            ],
            &["site_id", "id"],
        ),
        table(
            "goal_versions",
            [
                big_integer("site_id"),
                integer("bit"),
                uuid("goal_id"),
                text("rule"),
                big_integer_null("value_minor"),
                big_integer("since_at"),
                big_integer_null("until_at"),
            ],
            &["site_id", "bit"],
        ),
        table(
            "funnels",
            [
                big_integer("site_id"),
                integer("version"),
                text("steps"),
                integer_null("primary_bit"),
                big_integer("since_at"),
            ],
            &["site_id", "version"],
        ),
        table(
            "reasons",
            [
                big_integer("site_id"),
                uuid("id"),
                text("name"),
                big_integer("created_at"),
            ],
            &["site_id", "id"],
        ),
        table(
            "prompts",
            [
                big_integer("site_id"),
                uuid("id"),
                text("name"),
                text("status"),
                text("draft"),
                integer_null("published_version"),
                big_integer("created_at"),
                big_integer("updated_at"),
            ],
            &["site_id", "id"],
        ),
        table(
            "prompt_versions",
            [
                big_integer("site_id"),
                uuid("prompt_id"),
                integer("version"),
                text("design"),
                big_integer("published_at"),
            ],
            &["site_id", "prompt_id", "version"],
        ),
    ]
}

/// What visitors did.
fn behaviour_tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "batches",
            [
                big_integer("site_id"),
                uuid("view_id"),
                integer("first_seq"),
                uuid("visit_id"),
                big_integer("view_started_at"),
                big_integer("received_at"),
                text("body"),
            ],
            &["site_id", "view_id", "first_seq"],
        ),
        table(
            "visits",
            [
                big_integer("site_id"),
                uuid("id"),
                binary("visitor"),
                integer("day"),
                integer("funnel_version"),
                big_integer("started_at"),
                big_integer("last_at"),
                uuid("last_view_id"),
                integer("last_seq"),
                big_integer_null("closed_at"),
                text("device"),
                text("browser"),
                text("language"),
                text_null("referrer"),
                text("entry_path"),
                text("last_path"),
                integer("pages"),
                big_integer("active_ms"),
                big_integer("mask_all"),
                big_integer("mask_before"),
                big_integer_null("macro_at"),
                big_integer("value_minor"),
                integer("funnel_step"),
                text("views"),
                boolean("is_automated"),
                boolean("is_test"),
                boolean("is_ambiguous"),
            ],
            &["site_id", "id"],
        ),
        table(
            "visit_goals",
            [
                big_integer("site_id"),
                uuid("visit_id"),
                integer("bit"),
                big_integer("first_at"),
                integer("n"),
                big_integer("value_minor"),
            ],
            &["site_id", "visit_id", "bit"],
        ),
        table(
            "seen_paths",
            [
                big_integer("site_id"),
                text("path"),
                big_integer("first_at"),
            ],
            &["site_id", "path"],
        ),
        table(
            "seen_forms",
            [
                big_integer("site_id"),
                text("form"),
                text("path"),
                text("label"),
                big_integer("first_at"),
            ],
            &["site_id", "form", "path"],
        ),
        table(
            "refused_origins",
            [
                big_integer("site_id"),
                text("origin"),
                big_integer("first_at"),
                big_integer("last_at"),
                big_integer("n"),
            ],
            &["site_id", "origin"],
        ),
        table(
            "drops",
            [
                big_integer("site_id"),
                integer("day"),
                text("reason"),
                big_integer("n"),
            ],
            &["site_id", "day", "reason"],
        ),
    ]
}

/// What was asked and answered.
fn feedback_tables() -> Vec<TableCreateStatement> {
    vec![
        table(
            "impressions",
            [
                big_integer("site_id"),
                uuid("id"),
                uuid("visit_id"),
                uuid("view_id"),
                integer("seq"),
                uuid("prompt_id"),
                integer("prompt_version"),
                text("asked_at_moment"),
                big_integer("decided_at"),
                text_null("arm"),
                double_null("probability"),
                text_null("refusal"),
                integer("funnel_step"),
                boolean("is_test"),
                boolean("is_automatic"),
                big_integer_null("shown_at"),
                big_integer_null("seen_at"),
                big_integer_null("started_at"),
                big_integer_null("answered_at"),
                big_integer_null("dismissed_at"),
                text_null("ending"),
            ],
            &["site_id", "id"],
        ),
        table(
            "answers",
            [
                big_integer("site_id"),
                uuid("impression_id"),
                text("question_id"),
                uuid("visit_id"),
                uuid("prompt_id"),
                integer("prompt_version"),
                big_integer("answered_at"),
                big_integer("received_at"),
                integer("seq"),
                boolean("is_complete"),
                boolean("is_late"),
                boolean("is_test"),
                text("comment"),
            ],
            &["site_id", "impression_id", "question_id"],
        ),
        table(
            "answer_choices",
            [
                big_integer("site_id"),
                uuid("impression_id"),
                text("question_id"),
                text("choice_id"),
                uuid_null("reason_id"),
            ],
            &["site_id", "impression_id", "question_id", "choice_id"],
        ),
    ]
}

/// Indexes besides the primary keys. One arm per visit and prompt is a rule of the product, so it is one of the schema.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX sites_key ON sites (key)",
    "CREATE UNIQUE INDEX members_email ON members (email)",
    "CREATE UNIQUE INDEX reasons_name ON reasons (site_id, name)",
    "CREATE INDEX batches_visit ON batches (site_id, visit_id)",
    "CREATE INDEX visits_visitor ON visits (site_id, visitor)",
    "CREATE INDEX visits_day ON visits (site_id, day, funnel_version)",
    "CREATE INDEX impressions_visit ON impressions (site_id, visit_id)",
    "CREATE INDEX impressions_prompt ON impressions (site_id, prompt_id, decided_at)",
    "CREATE UNIQUE INDEX impressions_arm ON impressions (site_id, visit_id, prompt_id) WHERE arm IS NOT NULL AND is_automatic AND NOT is_test",
    "CREATE INDEX answers_visit ON answers (site_id, visit_id)",
    "CREATE INDEX answers_time ON answers (site_id, answered_at)",
];

/// The journal of batches, one row an event, for people with a SQL prompt.
const EVENTS_SQLITE: &str = "CREATE VIEW events AS
SELECT b.site_id, b.visit_id, b.view_id, b.first_seq + e.key AS seq,
       b.view_started_at + json_extract(e.value, '$[0]') AS at,
       json_extract(e.value, '$[1]') AS kind,
       json_extract(e.value, '$[2]') AS props
FROM batches b, json_each(b.body) e";

const EVENTS_POSTGRES: &str = "CREATE VIEW events AS
SELECT b.site_id, b.visit_id, b.view_id, b.first_seq + (e.n - 1)::int AS seq,
       b.view_started_at + (e.value ->> 0)::bigint AS at,
       e.value ->> 1 AS kind,
       (e.value -> 2)::text AS props
FROM batches b, jsonb_array_elements(b.body::jsonb) WITH ORDINALITY AS e (value, n)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// sea-orm asks for a transaction only on PostgreSQL; half a schema must never stay on SQLite either.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in all_tables() {
            manager.create_table(table).await?;
        }
        let connection = manager.get_connection();
        for index in INDEXES {
            connection.execute_unprepared(index).await?;
        }
        let view = match manager.get_database_backend() {
            DbBackend::Postgres => EVENTS_POSTGRES,
            _ => EVENTS_SQLITE,
        };
        connection.execute_unprepared(view).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("DROP VIEW events").await?;
        for table in all_tables().iter().rev() {
            let Some(TableRef::Table(name, _)) = table.get_table_name() else {
                continue;
            };
            manager
                .drop_table(Table::drop().table(name.clone()).take())
                .await?;
        }
        Ok(())
    }
}

fn all_tables() -> Vec<TableCreateStatement> {
    [
        instance_tables(),
        design_tables(),
        behaviour_tables(),
        feedback_tables(),
    ]
    .concat()
}
