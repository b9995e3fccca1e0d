//! Whom a prompt may ask, and where: its target against what is known of the visit.

use super::Refusal;
use crate::{
    delivery::snapshot::Snapshot,
    ingest::visit::Visit,
    prompt::types::{DeviceRule, PropertyRule, Target},
    types::ViewId,
};

/// Not on this page.
pub(super) fn refuse_by_page(target: &Target, visit: &Visit, view: ViewId) -> Option<Refusal> {
    let (path, query) = address(visit, view);
    (!target.is_on_address(path, query)).then_some(Refusal::Page)
}

/// Path and query that a page load shows, as far as they are known.
pub(super) fn address(visit: &Visit, view: ViewId) -> (&str, &str) {
    visit.facts.view(view).map_or(("/", ""), |view| {
        let path = view.paths.last().map_or("/", String::as_str);
        (path, view.query.as_str())
    })
}

/// With another kind of device.
pub(super) fn refuse_by_device(target: &Target, visit: &Visit) -> Option<Refusal> {
    (!is_with(target.device, &visit.browser.device)).then_some(Refusal::Device)
}

/// In another language.
pub(super) fn refuse_by_language(target: &Target, visit: &Visit) -> Option<Refusal> {
    (!target.is_in_language(&visit.browser.language)).then_some(Refusal::Language)
}

/// From elsewhere.
pub(super) fn refuse_by_source(
    snapshot: &Snapshot,
    target: &Target,
    visit: &Visit,
) -> Option<Refusal> {
    (!is_from(snapshot, target, visit)).then_some(Refusal::Source)
}

/// New or returning, other than it is for, or nobody knows.
pub(super) fn refuse_by_visitor(target: &Target, visit: &Visit) -> Option<Refusal> {
    match target.is_visit(visit.number) {
        None => Some(Refusal::UnknownVisitor),
        Some(false) => Some(Refusal::Visitor),
        Some(true) => None,
    }
}

/// The page did not say of the visit what it is for.
pub(super) fn refuse_by_properties(target: &Target, visit: &Visit) -> Option<Refusal> {
    let has = |rule: &PropertyRule| rule.holds(visit.facts.properties.get(&rule.name));
    let has_all = target.properties.iter().all(has);
    (!has_all).then_some(Refusal::Property)
}

fn is_with(wanted: DeviceRule, device: &str) -> bool {
    wanted == DeviceRule::Any || wanted.as_str() == device
}

/// A visit that begins on a page of the site itself, after a pause, came from no other site.
fn is_from(snapshot: &Snapshot, target: &Target, visit: &Visit) -> bool {
    let host = visit.facts.referrer.as_deref();
    let host = host.filter(|host| !snapshot.site.is_own_host(host));
    let campaign = visit.facts.campaign.as_ref();
    let mut rules = target.sources.iter();
    target.sources.is_empty() || rules.any(|rule| rule.holds(host, campaign))
}
