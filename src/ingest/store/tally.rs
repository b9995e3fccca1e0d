//! How many answers the prompts have that stop at a number of them.

use std::collections::hash_map::Entry;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use crate::{
    ingest::{group::Group, tally::Tally, writer::Task},
    prompt::types::PublishedPrompt,
    types::SiteId,
};

const ANSWERS: &str = "SELECT COUNT(*) AS n FROM (
  SELECT DISTINCT impression_id FROM answers WHERE site_id = $1 AND prompt_id = $2 AND NOT is_test LIMIT $3
) AS some_answers";

/// Goes on with the choices that are counted, a pair of parameters each.
const CHOICES: &str = "SELECT c.question_id, c.choice_id, COUNT(*) AS n
FROM answers a
JOIN answer_choices c ON c.site_id = a.site_id AND c.impression_id = a.impression_id AND c.question_id = a.question_id
WHERE a.site_id = $1 AND a.prompt_id = $2 AND NOT a.is_test AND (c.question_id, c.choice_id) IN (VALUES ";

/// Counts the answers of the prompts about which the tasks decide, where a number of them is the end.
pub(super) async fn load_tallies(
    tx: &impl ConnectionTrait,
    group: &mut Group,
    tasks: &[Task],
) -> Result<(), DbErr> {
    for task in tasks {
        let Task::Ingest(job, _) = task else { continue };
        let site = job.snapshot.site.id;
        for prompt in job.limited() {
            if let Entry::Vacant(unknown) = group.tallies.entry((site, prompt.id)) {
                unknown.insert(load_tally(tx, site, prompt).await?);
            }
        }
    }
    Ok(())
}

/// Counts the answers of one prompt, as far as a number of them is its end.
pub(in crate::ingest) async fn load_tally(
    tx: &impl ConnectionTrait,
    site: SiteId,
    prompt: &PublishedPrompt,
) -> Result<Tally, DbErr> {
    let statement = |sql: &str, values: Vec<Value>| {
        Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
    };
    let fairness = &prompt.design.fairness;
    let mut tally = Tally::default();
    if let Some(limit) = fairness.response_limit {
        let values = vec![site.into(), prompt.id.into(), i64::from(limit).into()];
        let row = tx.query_one_raw(statement(ANSWERS, values)).await?;
        let n: i64 = row.map_or(Ok(0), |row| row.try_get("", "n"))?;
        tally.answers = u32::try_from(n).unwrap_or(u32::MAX);
    }
    if !fairness.quotas.is_empty() {
        let mut values: Vec<Value> = vec![site.into(), prompt.id.into()];
        let mut pairs = vec![];
        for quota in &fairness.quotas {
            let nth = values.len();
            pairs.push(format!("(${}, ${})", nth + 1, nth + 2));
            values.extend([quota.question.as_str().into(), quota.choice.as_str().into()]);
        }
        let sql = format!(
            "{CHOICES}{}) GROUP BY c.question_id, c.choice_id",
            pairs.join(", ")
        );
        for row in tx.query_all_raw(statement(&sql, values)).await? {
            let key = (
                row.try_get("", "question_id")?,
                row.try_get("", "choice_id")?,
            );
            let n: i64 = row.try_get("", "n")?;
            tally
                .choices
                .insert(key, u32::try_from(n).unwrap_or(u32::MAX));
        }
    }
    Ok(tally)
}
