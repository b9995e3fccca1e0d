//! What the tools that an owner opens on the live site have in common: who is let in, and who may read what is answered.
//!
//! The token of the signed link is the only authority.

use std::sync::Arc;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue, ORIGIN, VARY},
    web::Payload as Body,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::ingest::allows;
use crate::{
    clock,
    delivery::Snapshot,
    error::{AppError, AppResult},
    site::{tool::Tool, types::Origin},
    state::AppState,
    types::SiteKey,
    web::{
        error::{self, ApiError},
        extract::read_body,
    },
};

/// A tool as its address serves it.
pub(super) struct Served {
    pub(super) tool: Tool,
    /// Bytes of a request at most.
    pub(super) max_bytes: usize,
    /// What is said of a request that cannot be read.
    pub(super) malformed: &'static str,
    /// What is said of a token that does not hold.
    pub(super) expired: &'static str,
}

/// What every tool sends, and what it asks.
#[derive(Deserialize)]
struct Request<T> {
    /// The site.
    k: SiteKey,
    /// The token of the link.
    #[serde(default)]
    x: String,
    #[serde(flatten)]
    asked: T,
}

/// A request that was let in.
pub(super) struct Admitted<T> {
    /// The site that it is about.
    pub(super) snapshot: Arc<Snapshot>,
    /// The token that let it in.
    pub(super) token: String,
    pub(super) asked: T,
}

/// Lets a request in, acts, and answers the page that asked.
pub(super) async fn serve<T: DeserializeOwned, R: Serialize>(
    request: &HttpRequest,
    body: Body,
    state: &AppState,
    served: &Served,
    act: impl AsyncFnOnce(Admitted<T>) -> AppResult<R>,
) -> HttpResponse {
    let (origin, admitted) = match read(request, body, state, served).await {
        Ok(read) => read,
        // Without the header of an allowed origin, no other page reads even the error.
        Err(error) => return error::answer(request, &Error::from(ApiError(error))),
    };
    let told = match check(state, served, &admitted) {
        Ok(()) => act(admitted).await,
        Err(error) => Err(error),
    };
    answer(request, told, origin)
}

/// The page's origin and what it asks, if the page belongs to the site.
async fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    body: Body,
    state: &AppState,
    served: &Served,
) -> AppResult<(HeaderValue, Admitted<T>)> {
    let bytes = read_body(request, body, served.max_bytes).await?;
    let Request { k, x, asked } =
        serde_json::from_slice(&bytes).map_err(|_| AppError::Malformed(served.malformed.into()))?;
    let snapshot = state.snapshots.get(&k).await?;
    let snapshot = snapshot.ok_or(AppError::NotFound("site with this key"))?;
    let origin = own_origin(request, &snapshot)?;
    let admitted = Admitted {
        snapshot,
        token: x,
        asked,
    };
    Ok((origin, admitted))
}

fn own_origin(request: &HttpRequest, snapshot: &Snapshot) -> AppResult<HeaderValue> {
    let header = request.headers().get(ORIGIN);
    let origin = header.and_then(|value| Origin::parse(value.to_str().ok()?));
    match (header, origin) {
        (Some(header), Some(origin)) if allows(request, snapshot, &origin) => Ok(header.clone()),
        _ => Err(AppError::Forbidden(
            "this page is not at an address of the site; allow it under Settings".into(),
        )),
    }
}

/// Whether the token holds, and the site was not asked too often.
fn check<T>(state: &AppState, served: &Served, admitted: &Admitted<T>) -> AppResult<()> {
    let site = &admitted.snapshot.site;
    let tool = served.tool;
    if !tool.is_opened_by(&site.signing_key, &admitted.token, clock::now()) {
        return Err(AppError::Forbidden(served.expired.into()));
    }
    state.limits.check_owner_tool(site.id)
}

/// A reply, or what is wrong, that pages of this origin alone may read.
fn answer(
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
