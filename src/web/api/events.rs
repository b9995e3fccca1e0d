//! POST `/x/e`: the site's own server tells what happened in a visit. The reply comes after the commit.

use std::num::NonZeroU32;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::AUTHORIZATION,
    web::{Data, Payload as Body},
};
use serde_json::json;

use super::ingest::read;
use crate::{
    clock,
    error::{AppError, AppResult},
    ingest::{told::ToldEvent, visit::Browser, writer::Job},
    site::{self, types::Site},
    state::AppState,
    web::error::ApiError,
};

/// Takes one event.
pub async fn create(
    request: HttpRequest,
    body: Body,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let now = clock::now();
    let site = authorized(&request, &state).await?;
    let told = ToldEvent::parse(&read(&request, body).await?, &site, now)?;
    let snapshot = state.snapshots.get(&site.key).await?;
    let snapshot = snapshot.ok_or(AppError::NotFound("site"))?;
    state.limits.check_site(site.id, NonZeroU32::MIN)?;
    let visit = told.visit;
    let job = Job {
        told: Some(visit),
        payload: told.payload(&site, now),
        visitors: vec![],
        origin: None,
        browser: Browser::default(),
        languages: vec![],
        received_at: now,
        snapshot,
    };
    let reply = state.writer.write(job).await?;
    if !reply.dropped.is_empty() {
        return Err(AppError::NotFound("visit; it may have been erased").into());
    }
    Ok(HttpResponse::Ok().json(json!({ "visit": visit })))
}

/// The site whose secret the request carries.
async fn authorized(request: &HttpRequest, state: &AppState) -> AppResult<Site> {
    let header = request.headers().get(AUTHORIZATION);
    let text = header.and_then(|value| value.to_str().ok());
    let secret = text
        .and_then(|text| text.strip_prefix("Bearer "))
        .ok_or(AppError::NoSecret)?;
    site::store::find_by_secret(&state.db.read, secret.trim())
        .await?
        .ok_or(AppError::NoSecret)
}
