//! The link that opens the picker on the owner's site.

use super::site_origin;
use crate::{
    error::AppResult,
    goal::pick,
    prompt::ask_again::{PARAMETER, link},
    site::{
        self,
        types::{Site, SiteKind},
    },
    state::AppState,
    types::Millis,
};

/// Where the owner picks.
pub(super) enum Picker {
    /// A link that opens a page of the site.
    Link(String),
    /// No origin can be opened; what to add to an address instead.
    Parameter(String),
    /// Made-up history has no pages.
    None,
}

/// A link with a fresh token.
pub(super) async fn load(state: &AppState, site: &Site, now: Millis) -> AppResult<Picker> {
    if site.kind == SiteKind::Sample {
        return Ok(Picker::None);
    }
    let token = pick::make(&site.signing_key, now);
    let page = if site.kind == SiteKind::Demo {
        "/demo"
    } else {
        "/"
    };
    let referrers = site::store::newest_referrers(&state.db.read, site.id).await?;
    Ok(match site_origin::origin(site, &referrers) {
        Some(origin) => Picker::Link(link(&origin, page, &token)),
        None => Picker::Parameter(format!("?{PARAMETER}={token}")),
    })
}
