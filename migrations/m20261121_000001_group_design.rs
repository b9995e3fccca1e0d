//! The stored design of a prompt is grouped: whom to ask, how often, how it looks, and a list of questions.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseBackend, Statement},
};
use serde_json::{Value, json};

/// Rewrites every draft and every version.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Half of the designs must never be left in the new form.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewrite(manager, group).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewrite(manager, spread).await
    }
}

/// Puts every stored design through `change`.
async fn rewrite(manager: &SchemaManager<'_>, change: fn(Value) -> Value) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    for (table, column) in [("prompts", "draft"), ("prompt_versions", "design")] {
        let select = format!("SELECT DISTINCT {column} AS design FROM {table}");
        let [new, old] = match backend {
            DatabaseBackend::Postgres => ["$1", "$2"],
            _ => ["?", "?"],
        };
        let update = format!("UPDATE {table} SET {column} = {new} WHERE {column} = {old}");
        for row in db
            .query_all_raw(Statement::from_string(backend, select))
            .await?
        {
            let stored: String = row.try_get("", "design")?;
            let design = serde_json::from_str(&stored)
                .map_err(|error| DbErr::Custom(format!("a design is no JSON: {error}")))?;
            let values = [change(design).to_string().into(), stored.into()];
            db.execute_raw(Statement::from_sql_and_values(backend, &update, values))
                .await?;
        }
    }
    Ok(())
}

fn group(mut design: Value) -> Value {
    let mut question = design["question"].take();
    for choice in question["choices"].as_array_mut().into_iter().flatten() {
        choice["reason"] = choice["reason_id"].take();
        remove(choice, &["reason_id"]);
    }
    remove(&mut design["moment"], &["form"]);
    design["target"] = json!({ "pages": design["pages"] });
    design["fairness"] = json!({ "held_out_percent": design["held_out_percent"] });
    design["look"] = json!({ "place": design["place"] });
    design["questions"] = json!([question]);
    remove(
        &mut design,
        &["question", "pages", "held_out_percent", "place"],
    );
    design
}

fn spread(mut design: Value) -> Value {
    let mut question = design["questions"][0].take();
    for choice in question["choices"].as_array_mut().into_iter().flatten() {
        choice["reason_id"] = choice["reason"].take();
        remove(choice, &["reason"]);
    }
    design["moment"]["form"] = Value::Null;
    design["pages"] = design["target"]["pages"].take();
    design["held_out_percent"] = design["fairness"]["held_out_percent"].take();
    design["place"] = design["look"]["place"].take();
    design["question"] = question;
    remove(&mut design, &["questions", "target", "fairness", "look"]);
    design
}

fn remove(object: &mut Value, keys: &[&str]) {
    if let Some(object) = object.as_object_mut() {
        for key in keys {
            object.remove(*key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_design_is_grouped_and_spread_again() {
        let old = json!({
            "template": "exit_intent",
            "moment": { "after": null, "ask_at": ["exit"], "form": null },
            "pages": ["/pricing"],
            "question": {
                "id": "q1", "kind": "single", "other": null,
                "choices": [{ "id": "c1", "label": "Yes", "reason_id": "r" }]
            },
            "thanks": "Thank you.", "lang": "en", "place": "bottom_left", "held_out_percent": 10
        });
        let new = json!({
            "template": "exit_intent",
            "moment": { "after": null, "ask_at": ["exit"] },
            "target": { "pages": ["/pricing"] },
            "fairness": { "held_out_percent": 10 },
            "questions": [{
                "id": "q1", "kind": "single", "other": null,
                "choices": [{ "id": "c1", "label": "Yes", "reason": "r" }]
            }],
            "thanks": "Thank you.", "lang": "en", "look": { "place": "bottom_left" }
        });

        assert_eq!(group(old.clone()), new);
        assert_eq!(spread(new), old);
    }
}
