//! The link that opens the picker on the owner's site.

use super::site_origin::{LiveLink, live_link};
use crate::{error::AppResult, goal::pick, site::types::Site, state::AppState, types::Millis};

/// A link with a fresh token.
pub(super) async fn load(state: &AppState, site: &Site, now: Millis) -> AppResult<LiveLink> {
    let token = pick::make(&site.signing_key, now);
    live_link(state, site, "/", &token).await
}
