//! POST `/x/i`: reads, checks and hands to the writer; the reply comes after the commit.

use std::{num::NonZeroU32, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCEPT_LANGUAGE, AcceptLanguage, CONTENT_ENCODING, HOST, Header as _, ORIGIN, USER_AGENT, q,
    },
    web::{Data, Payload as Body},
};

use crate::{
    clock,
    delivery::Snapshot,
    error::{AppError, AppResult},
    ingest::{
        browser,
        payload::{MAX_BYTES, Payload},
        reply::DropReason,
        visit::Browser,
        writer::Job,
    },
    site::types::{Origin, Site, SiteKind},
    state::AppState,
    web::{
        error::ApiError,
        extract::{country_of, read_body, visitors_of},
    },
};

/// Languages of one browser; a person speaks fewer.
const MAX_LANGUAGES: usize = 10;

/// Takes events, moments and answers.
pub async fn create(
    request: HttpRequest,
    body: Body,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let received_at = clock::now();
    let bytes = read(&request, body).await?;
    let mut payload = Payload::parse(&bytes)?;
    let snapshot = state
        .snapshots
        .get(&payload.k)
        .await?
        .ok_or(AppError::NotFound("site with this key"))?;
    if says_no(&request, &snapshot.site) {
        payload.i = None;
    }
    let origin = check_origin(&request, &state, &snapshot, received_at)?;
    if let Err(limited) = state.limits.check_site(snapshot.site.id, events(&payload)) {
        let lost = payload.e.len() + payload.a.len();
        state
            .writer
            .note_dropped(snapshot, DropReason::RateLimited, lost, received_at);
        return Err(limited.into());
    }
    let job = job(
        &request,
        &state,
        snapshot,
        payload,
        Some(origin),
        received_at,
    )
    .await?;
    Ok(HttpResponse::Ok().json(state.writer.write(job).await?))
}

/// Global Privacy Control counts as no consent whatever the page says, and so does Do Not Track where the owner honours it.
fn says_no(request: &HttpRequest, site: &Site) -> bool {
    let is_on = |name| {
        request
            .headers()
            .get(name)
            .is_some_and(|value| value == "1")
    };
    is_on("sec-gpc") || (site.page.honours_dnt && is_on("dnt"))
}

/// A page that sends another content type asks first.
pub async fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("Access-Control-Allow-Methods", "POST"))
        .insert_header(("Access-Control-Allow-Headers", "Content-Type"))
        .insert_header(("Access-Control-Max-Age", "86400"))
        .finish()
}

pub(super) async fn read(request: &HttpRequest, body: Body) -> AppResult<Vec<u8>> {
    let encoding = request.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return Err(AppError::UnsupportedEncoding);
    }
    read_body(request, body, MAX_BYTES).await
}

/// What a request counts for against the limit of its site.
fn events(payload: &Payload) -> NonZeroU32 {
    let count = u32::try_from(payload.e.len() + payload.a.len()).unwrap_or(u32::MAX);
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

/// The page's origin, when the site takes events from it. A refusal is noted for the owner.
fn check_origin(
    request: &HttpRequest,
    state: &AppState,
    snapshot: &Arc<Snapshot>,
    at: i64,
) -> AppResult<String> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let text = header(ORIGIN).unwrap_or_default();
    // Nearly every request: a browser writes the origin as it is listed, so that it need not be taken apart.
    if snapshot.site.origins.iter().any(|listed| listed == text) {
        return Ok(text.to_owned());
    }
    let Some(origin) = Origin::parse(text) else {
        state
            .writer
            .note_dropped(Arc::clone(snapshot), DropReason::NoOrigin, 1, at);
        return Err(AppError::Forbidden(
            "the request names no origin; events are taken from web pages only".into(),
        ));
    };
    if allows(request, snapshot, &origin) {
        return Ok(origin.as_str().to_owned());
    }
    state
        .writer
        .note_refused(Arc::clone(snapshot), origin.as_str().to_owned(), at);
    Err(AppError::Forbidden(format!(
        "{} is not an address of this site; the owner can allow it under Settings",
        origin.as_str()
    )))
}

/// Whether pages of the origin belong to the site; those of the demo are wherever the service is.
pub(super) fn allows(request: &HttpRequest, snapshot: &Snapshot, origin: &Origin) -> bool {
    let own = request.headers().get(HOST);
    let own = own.and_then(|value| value.to_str().ok());
    let host = origin.as_str().split_once("://").map(|(_, host)| host);
    let is_own_demo = snapshot.site.kind == SiteKind::Demo && host.is_some() && host == own;
    is_own_demo || snapshot.site.allows(origin)
}

/// The language that the browser asks for first.
fn first_language(request: &HttpRequest) -> &str {
    let header = request.headers().get(ACCEPT_LANGUAGE);
    let languages = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let first = languages
        .split([',', ';'])
        .next()
        .unwrap_or_default()
        .trim();
    // A tag is ASCII; longer ones than this are no language.
    first.get(..first.len().min(35)).unwrap_or_default()
}

/// The languages that the browser asks for, the most wanted first.
pub(in crate::web) fn languages(request: &HttpRequest) -> Vec<String> {
    let Ok(mut accepted) = AcceptLanguage::parse(request) else {
        return vec![];
    };
    accepted.0.retain(|language| language.quality > q(0.0));
    let ranked = accepted.ranked().into_iter().take(MAX_LANGUAGES);
    let tags = ranked.filter_map(|language| Some(language.item()?.to_string()));
    tags.collect()
}

/// What the writer needs to know of a request.
pub(in crate::web) async fn job(
    request: &HttpRequest,
    state: &AppState,
    snapshot: Arc<Snapshot>,
    payload: Payload,
    origin: Option<String>,
    received_at: i64,
) -> AppResult<Job> {
    let visitors = visitors_of(request, state, snapshot.site.id, received_at).await?;
    let user_agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Ok(Job {
        languages: languages(request),
        browser: Browser {
            device: payload.d.clone().unwrap_or_else(|| "desktop".into()),
            browser: browser::family(user_agent).into(),
            language: first_language(request).into(),
            country: country_of(request, &state.config),
            is_automated: payload.b || browser::is_program(user_agent),
        },
        snapshot,
        told: None,
        payload,
        visitors,
        origin,
        received_at,
    })
}
