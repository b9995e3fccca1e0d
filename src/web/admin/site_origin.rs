//! Where a page of the site can be opened, for links that lead there.

use crate::site::types::{Origin, Site, SiteKind};

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
