//! Who looks after a goal, and the days that its figures are held against.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer_null, text, uuid},
};

/// Adds them beside the goals: they are no part of what is counted.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn goal_plans() -> TableCreateStatement {
    Table::create()
        .table("goal_plans")
        .col(big_integer("site_id"))
        .col(uuid("goal_id"))
        .col(text("owner").default(""))
        .col(integer_null("baseline_from"))
        .col(integer_null("baseline_to"))
        .primary_key(Index::create().col("site_id").col("goal_id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(goal_plans()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("goal_plans").to_owned();
        manager.drop_table(table).await
    }
}
