//! How often a prompt asks: its sample, its schedule, its limits, and what was asked before.

use super::{Refusal, draw};
use crate::{
    clock::DAY,
    delivery::snapshot::Snapshot,
    ingest::{
        event::NEVER_ASK,
        tally::Tally,
        visit::{Impression, Visit},
    },
    prompt::types::PublishedPrompt,
    site::{calendar, types::Site},
    types::{Millis, ViewId},
};

/// Why not, as far as it has been enough; the same for all who come at that time.
pub(super) fn refuse_by_limits(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    visit: &Visit,
    tally: Option<&Tally>,
    now: Millis,
) -> Option<Refusal> {
    let fairness = &prompt.design.fairness;
    let (key, unit) = (
        &snapshot.site.signing_key,
        visit.visitor_id.unwrap_or(visit.visitor),
    );
    let local = || calendar::local_time(now, &snapshot.site.time_zone);
    let is_full = |tally: &Tally| {
        let limit = fairness.response_limit;
        limit.is_some_and(|limit| tally.answers >= limit)
    };
    if draw::sample(key, prompt.id, unit) >= f64::from(fairness.sample_percent) / 100.0 {
        Some(Refusal::Sample)
    } else if !fairness.schedule.is_open(local()) {
        Some(Refusal::Schedule)
    } else if tally.is_some_and(is_full) {
        Some(Refusal::Limit)
    } else if tally.is_some_and(|tally| tally.has_all(&fairness.quotas)) {
        Some(Refusal::Quota)
    } else {
        None
    }
}

/// Whether the visitor wants no question that opens by itself, as their browser or a card of this visit has told.
pub(super) fn is_never_asked(visit: &Visit, view: ViewId) -> bool {
    let view = visit.facts.view(view);
    let mut cards = visit.impressions.iter();
    view.is_some_and(|view| view.is_never_asked)
        || cards.any(|card| card.ending.as_deref() == Some(NEVER_ASK))
}

/// What was asked before in this visit.
pub(super) fn refuse_by_caps(
    site: &Site,
    prompt: &PublishedPrompt,
    visit: &Visit,
) -> Option<Refusal> {
    if drawn(visit).any(|impression| impression.prompt_id == prompt.id) {
        return Some(Refusal::AlreadyDecided);
    }
    if !is_slot_free(site, visit) {
        return Some(Refusal::SlotUsed);
    }
    is_quiet(site, visit).then_some(Refusal::Quiet)
}

/// Automatic questions of the visit, held out ones too.
pub(super) fn drawn(visit: &Visit) -> impl Iterator<Item = &Impression> {
    let all = visit.impressions.iter();
    all.filter(|impression| impression.arm.is_some() && impression.is_automatic)
}

/// Whether the visit may still have an automatic question, as far as these are counted.
pub(super) fn is_slot_free(site: &Site, visit: &Visit) -> bool {
    drawn(visit).count() < usize::from(site.questions_per_visit)
}

/// After a question was closed, or as many were answered as the visit may have.
pub(super) fn is_quiet(site: &Site, visit: &Visit) -> bool {
    let mut all = visit.impressions.iter();
    let answered = all.clone().filter(|seen| seen.answered_at.is_some());
    answered.count() >= usize::from(site.questions_per_visit)
        || all.any(|seen| seen.dismissed_at.is_some())
}

/// What earlier visits of a known visitor forbid.
pub(super) fn refuse_by_past(
    site: &Site,
    prompt: &PublishedPrompt,
    visit: &Visit,
    now: Millis,
) -> Option<Refusal> {
    let fairness = &prompt.design.fairness;
    let is_within = |days: i32, at: Millis| now - at < i64::from(days) * DAY;
    if let Some(seen) = visit.past.prompts.get(&prompt.id) {
        if fairness.until_answered && seen.answered_at.is_some() {
            return Some(Refusal::AnsweredBefore);
        }
        if is_within(fairness.ask_again_days, seen.asked_at) {
            return Some(Refusal::AskedBefore);
        }
    }
    let past = visit.past.prompts.values();
    let mut closed = past.filter_map(|seen| seen.dismissed_at);
    closed
        .any(|at| is_within(site.cool_down_days, at))
        .then_some(Refusal::ClosedBefore)
}
