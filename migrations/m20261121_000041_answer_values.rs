//! Answers hold numbers, addresses and orders: what scales, fields and rankings are answered with.

use sea_orm_migration::{
    prelude::*,
    schema::{double_null, integer_null, text},
};

/// Adds `answers.number`, `answers.value` and `answer_choices.place`.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Table and column, in the order in which they are added.
const COLUMNS: [(&str, &str); 3] = [
    ("answers", "number"),
    ("answers", "value"),
    ("answer_choices", "place"),
];

fn definition(column: &'static str) -> ColumnDef {
    match column {
        "number" => double_null(column),
        "value" => text(column).default("").take(),
        _ => integer_null(column),
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            let mut change = Table::alter();
            change
                .table(Alias::new(table))
                .add_column(definition(column));
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            let mut change = Table::alter();
            change
                .table(Alias::new(table))
                .drop_column(Alias::new(column));
            manager.alter_table(change).await?;
        }
        Ok(())
    }
}
