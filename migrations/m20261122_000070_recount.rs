//! What a site counts has one version, and visits of an older one are counted again by it.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, boolean, integer, integer_null, text, uuid_null},
    sea_orm::DbBackend,
};

/// Adds the goals in force to the versions of funnels, and how far each site is counted again.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn recounts() -> TableCreateStatement {
    Table::create()
        .table("recounts")
        .col(big_integer("site_id").primary_key())
        .col(integer("version"))
        .col(big_integer("since_at"))
        .col(big_integer_null("total"))
        .col(big_integer("recounted"))
        .col(uuid_null("reached"))
        .col(integer_null("reached_day"))
        .col(boolean("is_tail"))
        .col(text("claimed_by"))
        .col(big_integer("lease_until"))
        .col(big_integer_null("finished_at"))
        .to_owned()
}

/// What is due is looked for every second: of sites that are not done alone.
const DUE: &str = "CREATE INDEX recounts_due ON recounts (site_id) WHERE finished_at IS NULL";

/// Goals were counted from their saving on until now. Each site begins a version in which all of a visit is counted.
fn begin(now: &str) -> [String; 2] {
    [
        format!(
            "INSERT INTO funnels (site_id, version, steps, primary_bit, since_at, bits)
             SELECT f.site_id, f.version + 1, f.steps, f.primary_bit, {now},
                    COALESCE((SELECT CAST(SUM(CAST(1 AS BIGINT) << g.bit) AS BIGINT) FROM goal_versions g
                              WHERE g.site_id = f.site_id AND g.until_at IS NULL), 0)
             FROM funnels f
             WHERE f.version = (SELECT MAX(newest.version) FROM funnels newest WHERE newest.site_id = f.site_id)"
        ),
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
        let bits = Table::alter()
            .table("funnels")
            .add_column(big_integer("bits").default(0))
            .to_owned();
        manager.alter_table(bits).await?;
        manager.create_table(recounts()).await?;
        let now = match manager.get_database_backend() {
            DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)",
            _ => "CAST(strftime('%s', 'now') AS INTEGER) * 1000",
        };
        let connection = manager.get_connection();
        connection.execute_unprepared(DUE).await?;
        for statement in begin(now) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("recounts").to_owned();
        manager.drop_table(table).await?;
        let bits = Table::alter()
            .table("funnels")
            .drop_column("bits")
            .to_owned();
        manager.alter_table(bits).await
    }
}
