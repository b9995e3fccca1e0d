//! Whom a prompt may ask, and where: its target against what is known of the visit.

use super::Refusal;
use crate::{
    delivery::snapshot::Snapshot,
    ingest::visit::Visit,
    prompt::types::{DeviceRule, PropertyRule, Target},
    types::ViewId,
};

/// Why not, as far as the target has a say. The owner's own test meets what the page does, not who comes, how or from where.
pub(super) fn refuse(
    snapshot: &Snapshot,
    target: &Target,
    visit: &Visit,
    view: ViewId,
) -> Option<Refusal> {
    let facts = &visit.facts;
    let is_visit = target.is_visit(visit.number);
    let (path, query) = match facts.view(view) {
        Some(view) => (
            view.paths.last().map_or("/", String::as_str),
            view.query.as_str(),
        ),
        None => ("/", ""),
    };
    let has_reached = |goal| facts.mask_all & snapshot.definitions.mask_of(goal) != 0;
    let has = |rule: &PropertyRule| rule.holds(facts.properties.get(&rule.name));
    if !target.is_on_address(path, query) {
        Some(Refusal::Page)
    } else if !visit.is_test && !is_with(target.device, &visit.browser.device) {
        Some(Refusal::Device)
    } else if !visit.is_test && !target.is_in_language(&visit.browser.language) {
        Some(Refusal::Language)
    } else if !visit.is_test && !is_from(snapshot, target, visit) {
        Some(Refusal::Source)
    } else if !visit.is_test && is_visit.is_none() {
        Some(Refusal::UnknownVisitor)
    } else if !visit.is_test && is_visit == Some(false) {
        Some(Refusal::Visitor)
    } else if !target.reached.iter().copied().all(has_reached) {
        Some(Refusal::Goal)
    } else if !target.properties.iter().all(has) {
        Some(Refusal::Property)
    } else {
        None
    }
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
