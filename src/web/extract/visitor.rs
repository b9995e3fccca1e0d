//! Which visitor a request comes from. Ingest and the demo's strip must agree, so there is one way to tell.

use actix_web::{
    HttpRequest,
    http::header::{ACCEPT_LANGUAGE, HeaderName, USER_AGENT},
};

use super::ClientIp;
use crate::{
    error::AppResult,
    ingest::{visit::VisitorHash, visitor::Traits},
    state::AppState,
    types::{Millis, SiteId},
};

/// The visitor's hashes under the salts that hold now. What they are made of is never stored.
pub async fn visitors_of(
    request: &HttpRequest,
    state: &AppState,
    site_id: SiteId,
    now: Millis,
) -> AppResult<Vec<VisitorHash>> {
    let header = |name: HeaderName| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let traits = Traits {
        address: ClientIp::of(request, &state.config)?.0,
        user_agent: header(USER_AGENT),
        language: header(ACCEPT_LANGUAGE),
    };
    Ok(state.salts.hashes(site_id, traits, now).await?)
}
