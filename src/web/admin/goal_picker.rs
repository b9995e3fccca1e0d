//! The link that opens the picker on the owner's site.

use super::site_origin::{LiveLink, live_link};
use crate::{
    error::AppResult,
    site::{tool::Tool, types::Site},
    state::AppState,
    types::Millis,
};

/// A link with a fresh token.
pub(super) async fn load(state: &AppState, site: &Site, now: Millis) -> AppResult<LiveLink> {
    let token = Tool::Picker.token(&site.signing_key, now);
    live_link(state, site, "/", &token).await
}
