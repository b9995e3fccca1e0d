//! Webhooks: where answers of a site are sent, and every message with what became of it.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, integer, integer_null, text, text_null, uuid,
        uuid_null,
    },
};

/// Adds the outbox of answers.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn webhooks() -> TableCreateStatement {
    Table::create()
        .table("webhooks")
        .col(big_integer("site_id").primary_key())
        .col(text("url"))
        .col(text("secret"))
        .col(text_null("old_secret"))
        .col(big_integer_null("old_secret_until"))
        .col(boolean("is_enabled"))
        .col(big_integer_null("gone_at"))
        .col(big_integer("created_at"))
        .to_owned()
}

fn webhook_deliveries() -> TableCreateStatement {
    Table::create()
        .table("webhook_deliveries")
        .col(big_integer("site_id"))
        .col(uuid("id"))
        .col(text("kind"))
        .col(uuid_null("impression_id"))
        .col(integer_null("answer_seq"))
        .col(text_null("body"))
        .col(text("state"))
        .col(integer("attempts"))
        .col(big_integer_null("next_attempt_at"))
        .col(big_integer_null("last_attempt_at"))
        .col(big_integer_null("last_ms"))
        .col(integer_null("last_status"))
        .col(text_null("last_error"))
        .col(big_integer("created_at"))
        .col(big_integer_null("delivered_at"))
        .primary_key(Index::create().col("site_id").col("id"))
        .to_owned()
}

/// One message for each state of an answer is a rule of the product, so it is one of the schema. What is due is looked for every
/// second: of messages that wait alone.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX webhook_deliveries_answer ON webhook_deliveries (site_id, impression_id, answer_seq)",
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (site_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL",
    "CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(webhooks()).await?;
        manager.create_table(webhook_deliveries()).await?;
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["webhook_deliveries", "webhooks"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
