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

/// Not among the share of visitors that it is for.
pub(super) fn refuse_by_sample(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    visit: &Visit,
) -> Option<Refusal> {
    let unit = visit.visitor_id.unwrap_or(visit.visitor);
    let drawn = draw::sample(&snapshot.site.signing_key, prompt.id, unit);
    let share = f64::from(prompt.design.fairness.sample_percent) / 100.0;
    (drawn >= share).then_some(Refusal::Sample)
}

/// Whether the visitor wants no question that opens by itself, as their browser or a card of this visit has told.
pub(super) fn is_never_asked(visit: &Visit, view: ViewId) -> bool {
    let view = visit.facts.view(view);
    let mut cards = visit.impressions.iter();
    view.is_some_and(|view| view.is_never_asked)
        || cards.any(|card| card.ending.as_deref() == Some(NEVER_ASK))
}

/// Not on this day or at this hour.
pub(super) fn refuse_by_schedule(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    now: Millis,
) -> Option<Refusal> {
    let local = calendar::local_time(now, &snapshot.site.time_zone);
    let is_open = prompt.design.fairness.schedule.is_open(local);
    (!is_open).then_some(Refusal::Schedule)
}

/// It has all the answers it wants.
pub(super) fn refuse_by_limit(prompt: &PublishedPrompt, tally: Option<&Tally>) -> Option<Refusal> {
    let limit = prompt.design.fairness.response_limit?;
    let is_full = tally.is_some_and(|tally| tally.answers >= limit);
    is_full.then_some(Refusal::Limit)
}

/// Each choice with a quota has as many answers as are wanted.
pub(super) fn refuse_by_quota(prompt: &PublishedPrompt, tally: Option<&Tally>) -> Option<Refusal> {
    let quotas = &prompt.design.fairness.quotas;
    let is_full = tally.is_some_and(|tally| tally.has_all(quotas));
    is_full.then_some(Refusal::Quota)
}

/// This prompt was decided before in this visit.
pub(super) fn refuse_by_own(prompt: &PublishedPrompt, visit: &Visit) -> Option<Refusal> {
    let is_own = |made: &Impression| made.prompt_id == prompt.id;
    drawn(visit).any(is_own).then_some(Refusal::AlreadyDecided)
}

/// This prompt was answered or closed in this visit.
pub(super) fn refuse_by_over(prompt: &PublishedPrompt, visit: &Visit) -> Option<Refusal> {
    let is_over = |made: &Impression| made.answered_at.is_some() || made.dismissed_at.is_some();
    let mut own = visit.impressions.iter();
    own.any(|made| made.prompt_id == prompt.id && is_over(made))
        .then_some(Refusal::AlreadyDecided)
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
