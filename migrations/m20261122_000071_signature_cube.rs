//! Visits are summed up by day in a cube, by all that is counted of them.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, integer, text},
    sea_orm::DbBackend,
};

/// Adds to the visits what the cube needs of them, and the cube. Every visit is counted again, so that it knows its path.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn columns() -> Vec<ColumnDef> {
    vec![
        big_integer("mask_landmark").default(0).take(),
        integer("landmark").default(0).take(),
        text("path").default("").take(),
        text("source").default("").take(),
        text("campaign_name").default("").take(),
        text("country").default("").take(),
        big_integer("signature_id").default(0).take(),
        big_integer("path_id").default(0).take(),
        boolean("is_settled").default(false).take(),
    ]
}

const TABLES: [&str; 4] = [
    "CREATE TABLE signatures (
       site_id BIGINT NOT NULL, id BIGINT NOT NULL, version INTEGER NOT NULL,
       mask_all BIGINT NOT NULL, mask_before BIGINT NOT NULL, mask_landmark BIGINT NOT NULL,
       landmark INTEGER NOT NULL, funnel_step INTEGER NOT NULL, path TEXT,
       PRIMARY KEY (site_id, id))",
    "CREATE TABLE cube_day (
       site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL,
       is_automated BOOLEAN NOT NULL, signature_id BIGINT NOT NULL,
       visits BIGINT NOT NULL, conversions BIGINT NOT NULL, value_minor BIGINT NOT NULL, active_ms BIGINT NOT NULL,
       PRIMARY KEY (site_id, dim, day, value, is_automated, signature_id))",
    "CREATE TABLE goal_day (
       site_id BIGINT NOT NULL, dim INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL,
       is_automated BOOLEAN NOT NULL, version INTEGER NOT NULL, bit INTEGER NOT NULL,
       visits BIGINT NOT NULL, events BIGINT NOT NULL, value_minor BIGINT NOT NULL,
       PRIMARY KEY (site_id, dim, day, value, is_automated, version, bit))",
    "CREATE TABLE audits (
       site_id BIGINT NOT NULL, day INTEGER NOT NULL, audited_at BIGINT NOT NULL,
       visits BIGINT NOT NULL, differing BIGINT NOT NULL, mended BOOLEAN NOT NULL,
       PRIMARY KEY (site_id, day))",
];

/// Of the visits only those that are not in the cube stand in the first; of the cube only what is to be removed in the others.
const INDEXES: [&str; 3] = [
    "CREATE INDEX visits_unsettled ON visits (site_id, day) WHERE NOT is_settled",
    "CREATE INDEX cube_day_empty ON cube_day (site_id) WHERE visits = 0",
    "CREATE INDEX goal_day_empty ON goal_day (site_id) WHERE visits = 0",
];

/// The same definitions again, as a version that all visits are counted by.
fn begin(now: &str) -> [String; 3] {
    [
        format!(
            "INSERT INTO funnels (site_id, version, steps, primary_bit, since_at, bits)
             SELECT f.site_id, f.version + 1, f.steps, f.primary_bit, {now}, f.bits
             FROM funnels f
             WHERE f.version = (SELECT MAX(newest.version) FROM funnels newest WHERE newest.site_id = f.site_id)"
        ),
        "DELETE FROM recounts".into(),
        format!(
            "INSERT INTO recounts (site_id, version, since_at, recounted, is_tail, claimed_by, lease_until)
             SELECT site_id, MAX(version), {now}, 0, FALSE, '', 0 FROM funnels GROUP BY site_id"
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
        for column in columns() {
            let table = Table::alter().table("visits").add_column(column).take();
            manager.alter_table(table).await?;
        }
        let (rows, now) = match manager.get_database_backend() {
            DbBackend::Postgres => ("", "CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)"),
            _ => (
                " WITHOUT ROWID",
                "CAST(strftime('%s', 'now') AS INTEGER) * 1000",
            ),
        };
        let connection = manager.get_connection();
        for table in TABLES {
            let table = format!("{table}{rows}");
            connection.execute_unprepared(&table).await?;
        }
        for index in INDEXES {
            connection.execute_unprepared(index).await?;
        }
        for statement in begin(now) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("visits_unsettled")
            .table("visits")
            .to_owned();
        manager.drop_index(index).await?;
        for table in ["signatures", "cube_day", "goal_day", "audits"] {
            let table = Table::drop().table(table).to_owned();
            manager.drop_table(table).await?;
        }
        for column in columns() {
            let name = column.get_column_name().to_owned();
            let column = Table::alter()
                .table("visits")
                .drop_column(Alias::new(name))
                .take();
            manager.alter_table(column).await?;
        }
        Ok(())
    }
}
