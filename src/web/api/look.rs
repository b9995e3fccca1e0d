//! POST `/x/why`: what the debug panel asks while an owner looks, on the live site, why questions do or do not show.
//!
//! The token of the signed link is the only authority. Nothing is decided and nothing is written.

use std::sync::Arc;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    http::header::HeaderValue,
    web::{Data, Payload as Body},
};
use serde::Deserialize;
use uuid::Uuid;

use super::pick::{answer, own_origin};
use crate::{
    clock,
    delivery::Snapshot,
    error::{AppError, AppResult},
    goal,
    ingest::{payload::Payload, visit::Browser, writer::Job},
    prompt::{self, debug},
    state::AppState,
    types::{SiteKey, ViewId},
    web::{
        error::{self, ApiError},
        extract::{read_body, visitors_of},
        view::look::{Names, Told},
    },
};

/// Bytes of a request at most.
const MAX_BYTES: usize = 4 * 1024;

/// What the panel sends.
#[derive(Deserialize)]
struct Request {
    /// The site.
    k: SiteKey,
    /// The token of the link.
    #[serde(default)]
    x: String,
    /// The page load.
    w: Uuid,
}

/// Tells how the rules of all questions stand in the visit of the page load.
pub async fn create(request: HttpRequest, body: Body, state: Data<AppState>) -> HttpResponse {
    let (snapshot, origin, asked) = match admit(&request, body, &state).await {
        Ok(admitted) => admitted,
        // Without the header of an allowed origin, no other page reads even the error.
        Err(error) => return error::answer(&request, &Error::from(ApiError(error))),
    };
    let told = look(&request, &state, snapshot, asked).await;
    answer(&request, told, origin)
}

async fn admit(
    request: &HttpRequest,
    body: Body,
    state: &AppState,
) -> AppResult<(Arc<Snapshot>, HeaderValue, Request)> {
    let bytes = read_body(request, body, MAX_BYTES).await?;
    let asked: Request = serde_json::from_slice(&bytes)
        .map_err(|_| AppError::Malformed("it is not what the panel sends".into()))?;
    let snapshot = state
        .snapshots
        .get(&asked.k)
        .await?
        .ok_or(AppError::NotFound("site with this key"))?;
    let origin = own_origin(request, &snapshot)?;
    Ok((snapshot, origin, asked))
}

async fn look(
    request: &HttpRequest,
    state: &AppState,
    snapshot: Arc<Snapshot>,
    asked: Request,
) -> AppResult<Told> {
    let (site, view, now) = (&snapshot.site, ViewId(asked.w), clock::now());
    if !debug::check(&site.signing_key, &asked.x, now) {
        return Err(AppError::Forbidden(
            "This link has expired or is of another site. Open it again from “Why did it not show?”.".into(),
        ));
    }
    state.limits.check_picker(site.id)?;
    let prompts = prompt::store::list_prompts(&state.db.read, site.id).await?;
    let names = Names {
        prompts: prompts.into_iter().map(|row| (row.id, row)).collect(),
        goals: goal::store::list_goal_names(&state.db.read, site.id).await?,
    };
    let job = Job {
        payload: Payload::of_look(site, view, asked.x),
        visitors: visitors_of(request, state, site.id, now).await?,
        told: None,
        languages: vec![],
        origin: None,
        browser: Browser::default(),
        received_at: now,
        snapshot: Arc::clone(&snapshot),
    };
    let reply = state.writer.write(job).await?;
    Ok(Told::new(
        &snapshot,
        &names,
        reply.look.as_deref(),
        view,
        now,
    ))
}
