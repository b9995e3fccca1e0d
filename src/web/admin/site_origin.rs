//! Where a page of the site can be opened, for links that lead there.

use crate::{
    error::AppResult,
    site::{
        self,
        tool::{PARAMETER, link},
        types::{Origin, Site, SiteKind},
    },
    state::AppState,
};

/// How a tool of ours is opened on the live site.
pub(in crate::web) enum LiveLink {
    /// A link that opens a page.
    Link(String),
    /// No origin can be opened; what to add to an address instead.
    Parameter(String),
    /// Made-up history has no pages.
    None,
}

/// A link to `page` with a token; on the demo to a page of ours.
pub(in crate::web) async fn live_link(
    state: &AppState,
    site: &Site,
    page: &str,
    token: &str,
) -> AppResult<LiveLink> {
    let page = match site.kind {
        SiteKind::Sample => return Ok(LiveLink::None),
        SiteKind::Demo if !page.starts_with("/demo") => "/demo",
        _ => page,
    };
    let referrers = site::store::newest_referrers(&state.db.read, site.id).await?;
    Ok(match origin(site, &referrers) {
        Some(origin) => LiveLink::Link(link(&origin, page, token)),
        None => LiveLink::Parameter(format!("?{PARAMETER}={token}")),
    })
}

/// The origin that was last seen, else the first one listed; empty for the demo, whose pages are our own.
pub(super) fn origin(site: &Site, referrers: &[Origin]) -> Option<String> {
    if site.kind == SiteKind::Demo {
        return Some(String::new());
    }
    let seen = referrers.iter().find(|origin| site.allows(origin));
    let listed = || site.origins.iter().find(|origin| !origin.contains('*'));
    let seen = seen.map(Origin::as_str);
    seen.or_else(|| listed().map(String::as_str))
        .map(str::to_owned)
}
