//! How many questions a visit gets, who took the moment of another question, and an index to count the answers of one.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, uuid_null},
};

/// Adds the columns with what held until now.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ("sites", integer("questions_per_visit").default(1).take()),
            ("sites", integer("cool_down_days").default(30).take()),
            ("impressions", uuid_null("lost_to")),
        ];
        for (table, column) in columns {
            let table = Table::alter()
                .table(Alias::new(table))
                .add_column(column)
                .take();
            manager.alter_table(table).await?;
        }
        let index = "CREATE INDEX answers_prompt ON answers (site_id, prompt_id, impression_id)";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP INDEX answers_prompt")
            .await?;
        for (table, column) in [
            ("sites", "questions_per_visit"),
            ("sites", "cool_down_days"),
            ("impressions", "lost_to"),
        ] {
            let table = Table::alter()
                .table(Alias::new(table))
                .drop_column(Alias::new(column))
                .take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
