//! Which questions answers can lead past: whoever finished a card without such a one has answered it all the same.

use sea_orm_migration::{
    prelude::*,
    schema::boolean,
    sea_orm::{DbBackend, Statement, prelude::Uuid},
};
use serde_json::Value;

use super::m20261123_000650_tell_offers::settle_again;

/// Marks such questions, and takes all visits out of the sums, into which they are then put anew.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The ids of the questions that a jump leads past: neither to them nor to one before them.
fn conditional(design: &Value) -> Vec<&str> {
    let questions = design["questions"].as_array().into_iter().flatten();
    let (mut ids, mut targets, mut found) = (vec![], vec![], vec![]);
    for question in questions {
        let id = question["id"].as_str().unwrap_or_default();
        ids.push(id);
        if targets.iter().any(|to| !ids.contains(to)) {
            found.push(id);
        }
        let jumps = question["jumps"].as_array().into_iter().flatten();
        targets.extend(jumps.map(|jump| jump["to"].as_str().unwrap_or_default()));
    }
    found
}

async fn mark(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let (connection, backend) = (manager.get_connection(), manager.get_database_backend());
    let all = "SELECT site_id, prompt_id, version, design FROM prompt_versions";
    let update = match backend {
        DbBackend::Postgres => {
            "UPDATE offers SET is_conditional = TRUE WHERE site_id = $1 AND prompt_id = $2 AND version = $3 AND question_id = $4"
        }
        _ => {
            "UPDATE offers SET is_conditional = TRUE WHERE site_id = ? AND prompt_id = ? AND version = ? AND question_id = ?"
        }
    };
    for row in connection
        .query_all_raw(Statement::from_string(backend, all))
        .await?
    {
        let (site, version): (i64, i32) =
            (row.try_get("", "site_id")?, row.try_get("", "version")?);
        let prompt: Uuid = row.try_get("", "prompt_id")?;
        let design: String = row.try_get("", "design")?;
        let design: Value =
            serde_json::from_str(&design).map_err(|error| DbErr::Json(error.to_string()))?;
        for id in conditional(&design) {
            let values = [site.into(), prompt.into(), version.into(), id.into()];
            let update = Statement::from_sql_and_values(backend, update, values);
            connection.execute_raw(update).await?;
        }
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean("is_conditional").default(false).take();
        let table = Table::alter().table("offers").add_column(column).to_owned();
        manager.alter_table(table).await?;
        mark(manager).await?;
        settle_again(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table("offers")
            .drop_column("is_conditional")
            .to_owned();
        manager.alter_table(table).await?;
        settle_again(manager).await
    }
}
