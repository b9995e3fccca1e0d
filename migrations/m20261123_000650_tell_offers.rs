//! Which reasons each question offers: a share of a reason is one of those who could have named it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, text, uuid},
    sea_orm::{DbBackend, Statement, prelude::Uuid},
};
use serde_json::Value;

/// Adds a row for each question of a version that offers reasons, and takes all visits out of the sums, into which they are then put
/// with what was offered to them.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn offers() -> TableCreateStatement {
    let key = ["site_id", "prompt_id", "version", "question_id"];
    let mut index = Index::create();
    for column in key {
        index.col(column);
    }
    Table::create()
        .table("offers")
        .col(big_integer("site_id"))
        .col(uuid("prompt_id"))
        .col(integer("version"))
        .col(text("question_id"))
        .col(integer("number"))
        .col(text("reasons"))
        .primary_key(&mut index)
        .to_owned()
}

/// The ids of the reasons behind the choices of a question, in their order.
fn reasons(question: &Value) -> BTreeSet<&str> {
    if question["names_reasons"] == Value::Bool(false) {
        return BTreeSet::new();
    }
    let choices = question["choices"].as_array().into_iter().flatten();
    let reasons = choices.map(|choice| &choice["reason"]);
    let reasons = reasons.chain([&question["other"]]);
    reasons.filter_map(Value::as_str).collect()
}

/// The same reasons have the same number on a site. There are few versions.
async fn fill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let (connection, backend) = (manager.get_connection(), manager.get_database_backend());
    let all = "SELECT site_id, prompt_id, version, design FROM prompt_versions ORDER BY site_id, published_at, prompt_id, version";
    let insert = match backend {
        DbBackend::Postgres => "INSERT INTO offers VALUES ($1, $2, $3, $4, $5, $6)",
        _ => "INSERT INTO offers VALUES (?, ?, ?, ?, ?, ?)",
    };
    let mut numbers: BTreeMap<i64, BTreeMap<String, i32>> = BTreeMap::new();
    let all = Statement::from_string(backend, all);
    for row in connection.query_all_raw(all).await? {
        let (site, version): (i64, i32) =
            (row.try_get("", "site_id")?, row.try_get("", "version")?);
        let prompt: Uuid = row.try_get("", "prompt_id")?;
        let design: String = row.try_get("", "design")?;
        let design: Value =
            serde_json::from_str(&design).map_err(|error| DbErr::Json(error.to_string()))?;
        let questions = design["questions"].as_array().into_iter().flatten();
        for question in questions {
            let reasons = reasons(question);
            if reasons.is_empty() {
                continue;
            }
            let reasons = serde_json::json!(reasons).to_string();
            let known = numbers.entry(site).or_default();
            let next = known.values().max().map_or(1, |last| last + 1);
            let number = *known.entry(reasons.clone()).or_insert(next);
            let id = question["id"].as_str().unwrap_or_default();
            let values = [
                site.into(),
                prompt.into(),
                version.into(),
                id.into(),
                number.into(),
                reasons.into(),
            ];
            let insert = Statement::from_sql_and_values(backend, insert, values);
            connection.execute_raw(insert).await?;
        }
    }
    Ok(())
}

/// Tables of sums.
const SUMS: [&str; 14] = [
    "cube_day",
    "visit_day",
    "goal_day",
    "reach_day",
    "stay_day",
    "pace_day",
    "asked_day",
    "way_day",
    "wording_day",
    "kind_day",
    "answer_day",
    "named_day",
    "time_day",
    "word_day",
];

/// Has all visits put into the sums anew, and the packs made anew, which happens in the background.
pub(super) async fn settle_again(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for table in SUMS.iter().chain(&["day_pack"]) {
        let sql = format!("DELETE FROM {table}");
        connection.execute_unprepared(&sql).await?;
    }
    let sql = "UPDATE visits SET is_settled = FALSE WHERE is_settled = TRUE";
    connection.execute_unprepared(sql).await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(offers()).await?;
        fill(manager).await?;
        settle_again(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::drop().table("offers").to_owned();
        manager.drop_table(table).await?;
        settle_again(manager).await
    }
}
