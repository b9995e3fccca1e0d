//! Asking on the next visit: A was reached in the visit before this one, B was not, and this is its first page.
//!
//! The widget knows no such moment. The server names the question as one that was put off to this page.

use super::{Asked, Refusal, refuse_by_end, why_not};
use crate::{
    clock::DAY,
    delivery::snapshot::Snapshot,
    ingest::visit::Visit,
    prompt::types::{AskAt, PublishedPrompt},
    types::{Millis, ViewId},
};

/// After a longer time they no longer remember what they had stopped at.
const WITHIN: Millis = 7 * DAY;

/// Questions that this page load is to ask because of the visit before.
pub fn due<'a>(
    snapshot: &'a Snapshot,
    visit: &'a Visit,
    view: ViewId,
    now: Millis,
) -> impl Iterator<Item = &'a PublishedPrompt> {
    snapshot.prompts.iter().filter(move |prompt| {
        why_not(snapshot, prompt, visit, view, AskAt::NextVisit, now).is_none()
    })
}

/// What the widget means: it says of both that a question was put off to this page.
pub fn meant(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    visit: &Visit,
    view: ViewId,
    asked: Asked,
    now: Millis,
) -> Asked {
    let against = |ask_at| why_not(snapshot, prompt, visit, view, ask_at, now);
    let is_next_visit = asked == Asked::Automatic(AskAt::NextPage)
        && prompt.design.moment.ask_at.contains(&AskAt::NextVisit)
        && against(AskAt::NextPage).is_some()
        && against(AskAt::NextVisit).is_none();
    if is_next_visit {
        Asked::Automatic(AskAt::NextVisit)
    } else {
        asked
    }
}

/// Why not, as far as the goals of both visits have a say.
pub(super) fn refuse(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    visit: &Visit,
    view: ViewId,
    now: Millis,
) -> Option<Refusal> {
    let moment = &prompt.design.moment;
    if visit.visitor_id.is_none() {
        return Some(Refusal::UnknownVisitor);
    }
    let Some((mask, began_at)) = visit.past.last else {
        return Some(Refusal::NotReached);
    };
    let has_reached = |goal| mask & snapshot.definitions.mask_of(goal) != 0;
    if !moment.after.is_some_and(has_reached) {
        return Some(Refusal::NotReached);
    }
    let by_end = refuse_by_end(snapshot, moment, mask | visit.facts.mask_all);
    if by_end.is_some() {
        return by_end;
    }
    if now - began_at > WITHIN {
        return Some(Refusal::TooLate);
    }
    let is_first = visit.facts.pages <= 1
        && visit
            .facts
            .views
            .first()
            .is_some_and(|first| first.id == view);
    (!is_first).then_some(Refusal::Moment)
}
