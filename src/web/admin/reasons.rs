//! The site's reasons: how often each was named, who uses it, renaming, and making one of two.

use std::collections::HashMap;

use actix_web::{
    HttpResponse, Responder,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::change::commit_change;
use crate::{
    answer,
    error::{AppError, AppResult},
    ingest, prompt,
    reason::{alike::alike, store, types::Reason},
    site::types::Site,
    state::AppState,
    types::ReasonId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other_with},
        },
    },
};

/// Suggestions on the page; the next ones follow once these are settled.
const MOST_SUGGESTIONS: usize = 5;

/// A reason of the list.
struct ReasonRow {
    reason: Reason,
    answers: i64,
    told: String,
    prompts: Vec<String>,
    others: Vec<Reason>,
}

/// Two reasons that look alike; the second has more answers.
struct Suggestion {
    from: Reason,
    into: Reason,
}

#[derive(Template)]
#[template(path = "admin/reasons.html")]
struct ReasonsPage {
    page: Page,
    base: String,
    reasons: Vec<ReasonRow>,
    suggestions: Vec<Suggestion>,
}

/// GET `/sites/{key}/reasons`.
pub async fn index(state: Data<AppState>, scope: SiteScope) -> Result<impl Responder, PageError> {
    let (db, site) = (&state.db.read, &scope.site);
    let reasons = store::list_reasons(db, site.id).await?;
    let counts = answer::store::count_by_reason(db, site.id).await?;
    let users = prompt::store::list_reason_users(db, site.id).await?;
    Ok(Html::ok(ReasonsPage {
        page: scope.page(Nav::Prompts),
        base: reasons_url(site),
        suggestions: suggest(&reasons, &counts),
        reasons: rows(reasons, &counts, &users),
    }))
}

fn rows(
    reasons: Vec<Reason>,
    counts: &HashMap<ReasonId, i64>,
    users: &HashMap<ReasonId, Vec<String>>,
) -> Vec<ReasonRow> {
    let all = reasons.clone();
    let mut rows: Vec<ReasonRow> = reasons
        .into_iter()
        .map(|reason| {
            let answers = counts.get(&reason.id).copied().unwrap_or(0);
            ReasonRow {
                answers,
                told: number::count(answers),
                prompts: users.get(&reason.id).cloned().unwrap_or_default(),
                others: all
                    .iter()
                    .filter(|other| other.id != reason.id)
                    .cloned()
                    .collect(),
                reason,
            }
        })
        .collect();
    // Stable: by name where they are named as often.
    rows.sort_by_key(|row| std::cmp::Reverse(row.answers));
    rows
}

fn suggest(reasons: &[Reason], counts: &HashMap<ReasonId, i64>) -> Vec<Suggestion> {
    let answers = |reason: &Reason| counts.get(&reason.id).copied().unwrap_or(0);
    alike(reasons)
        .into_iter()
        .map(|(left, right)| {
            let (from, into) = if answers(left) > answers(right) {
                (right, left)
            } else {
                (left, right)
            };
            Suggestion {
                from: from.clone(),
                into: into.clone(),
            }
        })
        .take(MOST_SUGGESTIONS)
        .collect()
}

/// What is to be done with a reason.
#[derive(Deserialize)]
pub struct ReasonForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    no_loss: String,
    #[serde(default)]
    into: String,
}

/// POST `/sites/{key}/reasons/{id}`: another name, and whether it stands for a loss.
pub async fn change(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<ReasonForm>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let reason = Reason {
        id: reason_id(&path.1)?,
        name: form.name,
        is_loss: form.no_loss.is_empty(),
    };
    let tx = state.db.begin().await?;
    store::change_reason(&tx, site.id, &reason).await?;
    tx.commit().await?;
    Ok(see_other_with(reasons_url(site), Flash::Saved))
}

/// Which other reason.
#[derive(Deserialize)]
pub struct MergeQuery {
    #[serde(default)]
    into: String,
}

#[derive(Template)]
#[template(path = "admin/reason_merge.html")]
struct MergePage {
    page: Page,
    base: String,
    from: Reason,
    into: Reason,
    moving: i64,
    staying: i64,
    together: i64,
    prompts: Vec<String>,
}

impl MergePage {
    fn named_both(&self) -> i64 {
        self.moving + self.staying - self.together
    }
}

/// GET `/sites/{key}/reasons/{id}/merge?into=`: what merging would do.
pub async fn preview(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    query: Query<MergeQuery>,
) -> Result<impl Responder, PageError> {
    let (db, site) = (&state.db.read, &scope.site);
    let from = find(&state, site, &path.1).await?;
    let into = find(&state, site, &query.into).await?;
    refuse_itself(&from, &into)?;
    let counts = answer::store::count_by_reason(db, site.id).await?;
    let mut users = prompt::store::list_reason_users(db, site.id).await?;
    let count = |reason: &Reason| counts.get(&reason.id).copied().unwrap_or(0);
    Ok(Html::ok(MergePage {
        page: scope.page(Nav::Prompts),
        base: reasons_url(site),
        moving: count(&from),
        staying: count(&into),
        together: answer::store::count_with_reasons(db, site.id, [from.id, into.id]).await?,
        prompts: users.remove(&from.id).unwrap_or_default(),
        from,
        into,
    }))
}

/// POST `/sites/{key}/reasons/{id}/merge`: makes one of two, in the past too.
pub async fn merge(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<ReasonForm>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let from = find(&state, site, &path.1).await?;
    let into = find(&state, site, &form.into).await?;
    refuse_itself(&from, &into)?;
    let tx = state.db.begin().await?;
    let reasons = store::merge_reasons(&tx, site.id, from.id, into.id).await?;
    ingest::store::unsettle_named(&tx, site.id, &reasons).await?;
    for merged in reasons {
        answer::store::replace_reason(&tx, site.id, merged, into.id).await?;
        prompt::store::replace_reason(&tx, site.id, merged, into.id).await?;
    }
    commit_change(&state, tx, site.id).await?;
    Ok(see_other_with(reasons_url(site), Flash::Merged))
}

fn refuse_itself(from: &Reason, into: &Reason) -> AppResult<()> {
    if from.id == into.id {
        return Err(AppError::Conflict(
            "a reason cannot be merged with itself; choose another one".into(),
        ));
    }
    Ok(())
}

async fn find(state: &AppState, site: &Site, id: &str) -> AppResult<Reason> {
    let id = reason_id(id)?;
    let reasons = store::list_reasons(&state.db.read, site.id).await?;
    reasons
        .into_iter()
        .find(|reason| reason.id == id)
        .ok_or(AppError::NotFound("reason"))
}

fn reason_id(text: &str) -> AppResult<ReasonId> {
    text.parse().map_err(|_| AppError::NotFound("reason"))
}

fn reasons_url(site: &Site) -> String {
    format!("/sites/{}/reasons", site.key)
}
