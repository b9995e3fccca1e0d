//! Goals that are suggested from what visitors do, above the list.

use actix_web::{HttpResponse, web::Data};

use super::goals::goals_url;
use crate::{
    clock,
    error::AppResult,
    goal::{
        form::GoalForm,
        store,
        types::{Goal, GoalRule, GoalStage},
    },
    report::{
        lately::Lately,
        suggest::{Suggestion, suggest},
    },
    site::types::Site,
    state::AppState,
    stats::Rate,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            number,
            page::{Flash, see_other_with},
        },
    },
};

/// A suggestion as it is read, with the form that takes it up.
pub(super) struct SuggestionRow {
    /// “Start free trial” was clicked
    pub(super) what: String,
    /// 7.0 % of visits
    pub(super) share: String,
    /// 84 of 1,204
    pub(super) counted: String,
    pub(super) stage: GoalStage,
    pub(super) form: GoalForm,
}

/// What is suggested now.
pub(super) async fn load(
    state: &AppState,
    site: &Site,
    goals: &[Goal],
) -> AppResult<Vec<SuggestionRow>> {
    let db = &state.db.read;
    let lately = Lately::read(db, site, clock::now()).await?;
    let dismissed = store::list_dismissed(db, site.id).await?;
    let found = suggest(&lately.seen(), lately.visits, goals, &dismissed);
    Ok(found.into_iter().map(SuggestionRow::of).collect())
}

/// POST `/sites/{key}/goals/dismiss`.
pub async fn dismiss(
    state: Data<AppState>,
    scope: SiteScope,
    Form(form): Form<GoalForm>,
) -> Result<HttpResponse, PageError> {
    let rule = form.parse_rule()?;
    let tx = state.db.begin().await?;
    store::dismiss(&tx, scope.site.id, &rule, clock::now()).await?;
    tx.commit().await?;
    Ok(see_other_with(goals_url(&scope.site), Flash::Saved))
}

impl SuggestionRow {
    fn of(suggestion: Suggestion) -> Self {
        let Suggestion { rule, visits } = suggestion;
        Self {
            what: happened(&rule),
            share: share(visits),
            counted: if visits.is_enough() {
                number::of(visits)
            } else {
                String::new()
            },
            stage: match rule {
                GoalRule::Url { .. } => GoalStage::Consideration,
                _ => GoalStage::Intent,
            },
            form: GoalForm::of_rule(&rule),
        }
    }
}

fn share(visits: Rate) -> String {
    if visits.is_enough() {
        format!("{} of visits", number::percent(visits))
    } else {
        format!("{} visits", number::of(visits))
    }
}

fn happened(rule: &GoalRule) -> String {
    match rule {
        GoalRule::Url { path } => format!("{path} was viewed"),
        GoalRule::Event { name, .. } => format!("The event {name} was reported"),
        GoalRule::FormStarted { form } => format!("The form “{form}” was started"),
        GoalRule::FormCompleted { form, .. } => format!("The form “{form}” was completed"),
        GoalRule::Click { label, href, .. } if label.is_empty() => {
            format!("A link to {href} was clicked")
        }
        GoalRule::Click { label, href, .. } if !href.is_empty() => {
            format!("“{label}”, to {href}, was clicked")
        }
        GoalRule::Click { label, .. } => format!("“{label}” was clicked"),
        // Nothing else is suggested.
        rule => rule.meaning(),
    }
}
