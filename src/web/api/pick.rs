//! POST `/x/goals`: what the picker asks while an owner points at things on the live site.
//!
//! The token of the signed link is the only authority: it adds goals to its site and tells how often something happened.

use std::sync::Arc;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue, ORIGIN, VARY},
    web::{Data, Payload as Body},
};
use serde::{Deserialize, Serialize};

use super::ingest::allows;
use crate::{
    clock,
    delivery::Snapshot,
    error::{AppError, AppResult, FieldErrors},
    goal::{
        form::GoalForm,
        pick, store,
        types::{GoalRole, GoalRule, GoalStage},
    },
    report::lately::Lately,
    site::types::Origin,
    state::AppState,
    types::SiteKey,
    web::{
        admin::change::commit_change,
        error::{self, ApiError},
        extract::{base_url, read_body},
        view::{fired, when::When},
    },
};

/// Bytes of a request at most.
const MAX_BYTES: usize = 16 * 1024;
/// Rules that one element can be made of, and some to spare.
const MOST_RULES: usize = 8;

/// What the picker sends.
#[derive(Deserialize)]
struct Request {
    /// The site.
    k: SiteKey,
    /// The token of the link.
    #[serde(default)]
    x: String,
    #[serde(rename = "do")]
    task: Task,
    rules: Vec<GoalRule>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    /// How often each rule was met lately.
    Count,
    /// Adds a goal with the only rule.
    Save,
}

#[derive(Serialize)]
struct Told {
    /// A sentence for each rule.
    told: Vec<String>,
    /// Address of the site's goals.
    goals: String,
}

/// Counts or saves.
pub async fn create(request: HttpRequest, body: Body, state: Data<AppState>) -> HttpResponse {
    let (snapshot, origin, asked) = match admit(&request, body, &state).await {
        Ok(admitted) => admitted,
        // Without the header of an allowed origin, no other page reads even the error.
        Err(error) => return error::answer(&request, &Error::from(ApiError(error))),
    };
    let told = act(&request, &state, &snapshot, asked).await;
    answer(&request, told, origin)
}

/// The page's origin, if the page belongs to the site.
pub(super) fn own_origin(request: &HttpRequest, snapshot: &Snapshot) -> AppResult<HeaderValue> {
    let header = request.headers().get(ORIGIN);
    let origin = header.and_then(|value| Origin::parse(value.to_str().ok()?));
    match (header, origin) {
        (Some(header), Some(origin)) if allows(request, snapshot, &origin) => Ok(header.clone()),
        _ => Err(AppError::Forbidden(
            "this page is not at an address of the site; allow it under Settings".into(),
        )),
    }
}

/// A reply, or what is wrong, that pages of this origin alone may read.
pub(super) fn answer(
    request: &HttpRequest,
    told: AppResult<impl Serialize>,
    origin: HeaderValue,
) -> HttpResponse {
    let mut response = match told {
        Ok(told) => HttpResponse::Ok().json(told),
        Err(error) => error::answer(request, &Error::from(ApiError(error))),
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    response
}

/// The site that the request is about, if its page belongs to the site.
async fn admit(
    request: &HttpRequest,
    body: Body,
    state: &AppState,
) -> AppResult<(Arc<Snapshot>, HeaderValue, Request)> {
    let bytes = read_body(request, body, MAX_BYTES).await?;
    let asked: Request = serde_json::from_slice(&bytes)
        .map_err(|_| AppError::Malformed("it is not what the picker sends".into()))?;
    let snapshot = state
        .snapshots
        .get(&asked.k)
        .await?
        .ok_or(AppError::NotFound("site with this key"))?;
    let origin = own_origin(request, &snapshot)?;
    Ok((snapshot, origin, asked))
}

async fn act(
    request: &HttpRequest,
    state: &AppState,
    snapshot: &Snapshot,
    asked: Request,
) -> AppResult<Told> {
    if !pick::check(&snapshot.site.signing_key, &asked.x, clock::now()) {
        return Err(AppError::Forbidden(
            "this link has expired or is of another site; open the picker from the goals page again"
                .into(),
        ));
    }
    state.limits.check_picker(snapshot.site.id)?;
    if asked.rules.is_empty() || asked.rules.len() > MOST_RULES {
        let message = format!("send 1 to {MOST_RULES} rules");
        return Err(FieldErrors::one("rules", message).into());
    }
    let told = match asked.task {
        Task::Count => count(state, snapshot, &asked.rules).await?,
        Task::Save => save(state, snapshot, &asked).await?,
    };
    let base = base_url(request, &state.config);
    Ok(Told {
        told,
        goals: format!("{base}/sites/{}/goals", snapshot.site.key),
    })
}

async fn count(
    state: &AppState,
    snapshot: &Snapshot,
    rules: &[GoalRule],
) -> AppResult<Vec<String>> {
    let site = &snapshot.site;
    let when = When::new(&site.time_zone, clock::now());
    let lately = Lately::read(&state.db.read, site, when.now()).await?;
    let counted = rules.iter().zip(lately.count(rules));
    Ok(counted
        .map(|(rule, times)| fired::sentence(&lately, rule, times, &when))
        .collect())
}

/// Adds a step or a signal, checked as the form of the goals page is.
async fn save(state: &AppState, snapshot: &Snapshot, asked: &Request) -> AppResult<Vec<String>> {
    let [rule] = asked.rules.as_slice() else {
        return Err(FieldErrors::one("rules", "send one rule to save").into());
    };
    let role = GoalRole::parse(&asked.role).filter(|role| *role != GoalRole::Macro);
    let role = role.ok_or_else(|| FieldErrors::one("role", "Choose step or signal."))?;
    let form = GoalForm {
        name: asked.name.clone(),
        role: role.to_string(),
        stage: GoalStage::Intent.to_string(),
        ..GoalForm::of_rule(rule)
    };
    let new = form.parse(&snapshot.site.currency)?;
    let tx = state.db.begin().await?;
    store::insert_goal(&tx, snapshot.site.id, &new, clock::now()).await?;
    commit_change(state, tx, snapshot.site.id).await?;
    Ok(vec![new.name])
}
