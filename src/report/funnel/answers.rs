//! Which answers were given inside a drop-off: those that the funnel counts there.

use sea_orm::DatabaseTransaction;

use super::assemble::Facts;
use crate::{
    answer::types::LeftAt,
    error::{AppError, AppResult},
    goal,
    report::{overview::Choice, period::Period},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
};

/// A drop-off, or the end, by the names of its steps, and what finds its answers.
#[derive(Clone, Debug)]
pub struct DropAnswers {
    /// The step that they reached.
    pub here: String,
    /// The step that they did not reach; `None` behind the last one.
    pub next: Option<String>,
    /// Finds the answers.
    pub left_at: LeftAt,
}

/// Where visits stopped at step `step` of the site's funnel, over one period, of those that were asked for.
pub async fn drop_answers(
    db: &DatabaseTransaction,
    site: &Site,
    step: usize,
    period: &Period,
    choice: &Choice,
) -> AppResult<DropAnswers> {
    let facts = Facts {
        definitions: goal::store::load_definitions(db, site.id).await?,
        names: goal::store::list_goal_names(db, site.id).await?,
        ..Facts::default()
    };
    let names = facts.step_names();
    let here = names.get(step).ok_or(AppError::NotFound("step"))?;
    Ok(DropAnswers {
        here: here.clone(),
        next: names.get(step + 1).cloned(),
        left_at: LeftAt {
            step: i32::try_from(step).map_err(|_| AppError::NotFound("step"))?,
            from: calendar::number(period.from),
            to: calendar::number(period.to),
            funnel_versions: facts.versions_of_these_steps(),
            with_automated: site.kind == SiteKind::Demo || period.automated,
            only: choice.conditions(),
            deeds: choice.segment.deeds().of_visits(),
        },
    })
}
