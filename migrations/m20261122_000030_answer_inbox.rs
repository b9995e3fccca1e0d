//! Answers are searched by their words, starred and tagged.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text, uuid},
    sea_orm::{QueryResult, prelude::Uuid},
};

/// Adds what is searched, for the answers that are there too, and the tables of stars and tags.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn stars() -> TableCreateStatement {
    Table::create()
        .table("answer_stars")
        .col(big_integer("site_id"))
        .col(uuid("impression_id"))
        .col(big_integer("starred_at"))
        .primary_key(Index::create().col("site_id").col("impression_id"))
        .to_owned()
}

fn tags() -> TableCreateStatement {
    Table::create()
        .table("tags")
        .col(big_integer("site_id"))
        .col(uuid("id"))
        .col(text("name"))
        .col(text("folded"))
        .col(big_integer("created_at"))
        .primary_key(Index::create().col("site_id").col("id"))
        .to_owned()
}

fn answer_tags() -> TableCreateStatement {
    Table::create()
        .table("answer_tags")
        .col(big_integer("site_id"))
        .col(uuid("impression_id"))
        .col(uuid("tag_id"))
        .primary_key(
            Index::create()
                .col("site_id")
                .col("impression_id")
                .col("tag_id"),
        )
        .to_owned()
}

const INDEXES: [&str; 2] = [
    "CREATE UNIQUE INDEX tags_folded ON tags (site_id, folded)",
    "CREATE INDEX answer_tags_tag ON answer_tags (site_id, tag_id)",
];

/// Answers in memory at a time: there may be more than there is memory for.
const PAGE: u64 = 1_000;

/// As `answer::words` does at the time of this migration: engines do not agree on lower case beyond ASCII.
fn fold(words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let lower = words.join(" ");
    let lower = lower.chars().flat_map(char::to_lowercase);
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// What tells one answer from all others.
const KEY: [&str; 3] = ["site_id", "impression_id", "question_id"];

/// The next answers with words, in the order of their keys.
async fn page(
    connection: &SchemaManagerConnection<'_>,
    after: Option<[SimpleExpr; 3]>,
) -> Result<Vec<QueryResult>, DbErr> {
    let mut select = Query::select();
    select
        .columns(KEY)
        .columns(["comment", "value"])
        .from("answers")
        .cond_where(any![Expr::col("comment").ne(""), Expr::col("value").ne("")])
        .limit(PAGE);
    for column in KEY {
        select.order_by(column, Order::Asc);
    }
    if let Some(after) = after {
        let key = Expr::tuple(KEY.map(Expr::col));
        select.and_where(key.gt(Expr::tuple(after)));
    }
    connection.query_all(&select).await
}

/// Folds the words that are there, a page of them in memory at a time.
async fn fill(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = None;
    loop {
        let rows = page(connection, after.take()).await?;
        for row in &rows {
            let (comment, value): (String, String) =
                (row.try_get("", "comment")?, row.try_get("", "value")?);
            let site: i64 = row.try_get("", "site_id")?;
            let impression: Uuid = row.try_get("", "impression_id")?;
            let question: String = row.try_get("", "question_id")?;
            let key = [site.into(), impression.into(), question.into()].map(Expr::value::<Value>);
            let mut update = Query::update();
            update
                .table("answers")
                .value("folded", fold(&format!("{comment} {value}")));
            for (column, value) in KEY.into_iter().zip(key.clone()) {
                update.and_where(Expr::col(column).eq(value));
            }
            connection.execute(&update).await?;
            after = Some(key);
        }
        if after.is_none() {
            return Ok(());
        }
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut answers = Table::alter();
        answers
            .table("answers")
            .add_column(text("folded").default(""));
        manager.alter_table(answers).await?;
        fill(manager.get_connection()).await?;
        for table in [stars(), tags(), answer_tags()] {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["answer_tags", "tags", "answer_stars"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        let mut answers = Table::alter();
        answers.table("answers").drop_column("folded");
        manager.alter_table(answers).await
    }
}
