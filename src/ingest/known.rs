//! Visitors who agreed to be known again: their visits are continued by the id in their browser, and remember earlier ones.

use std::collections::BTreeMap;

use super::{
    event::EventKind,
    group::Group,
    placing::is_open,
    visit::{Visit, VisitorHash},
    visitor,
    writer::Job,
};
use crate::types::{Millis, PromptId, VisitId};

/// What the earlier visits of a known visitor came to. Empty for everybody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Bits of all goal versions reached in them.
    pub mask_all: i64,
    /// The bits of the latest of them, and when it began.
    pub last: Option<(i64, Millis)>,
    /// What became of each prompt that was drawn for them.
    pub prompts: BTreeMap<PromptId, PastPrompt>,
}

/// What became of a prompt in the earlier visits of a visitor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PastPrompt {
    /// When it was last drawn, whichever arm.
    pub asked_at: Millis,
    /// When it was last answered.
    pub answered_at: Option<Millis>,
    /// When it was last closed.
    pub dismissed_at: Option<Millis>,
}

/// One visit of a known visitor, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PastVisit {
    pub(super) id: VisitId,
    pub(super) number: i32,
    pub(super) started_at: Millis,
    pub(super) mask_all: i64,
    pub(super) prompts: Vec<(PromptId, PastPrompt)>,
}

impl Past {
    /// What the visits came to, without the one that is under way.
    fn of(visits: &[PastVisit], current: VisitId) -> Self {
        let mut past = Self::default();
        for visit in visits.iter().filter(|visit| visit.id != current) {
            past.mask_all |= visit.mask_all;
            if past.last.is_none_or(|(_, at)| at < visit.started_at) {
                past.last = Some((visit.mask_all, visit.started_at));
            }
            for (prompt, seen) in &visit.prompts {
                let known = past.prompts.entry(*prompt).or_default();
                known.asked_at = known.asked_at.max(seen.asked_at);
                known.answered_at = known.answered_at.max(seen.answered_at);
                known.dismissed_at = known.dismissed_at.max(seen.dismissed_at);
            }
        }
        past
    }
}

impl Job {
    /// Who the visitor is across visits, when they agreed to it.
    pub(super) fn known(&self) -> Option<VisitorHash> {
        let id = self.payload.i.as_deref()?;
        Some(visitor::known(&self.snapshot.site.signing_key, id))
    }

    /// Whether something is decided that earlier visits have a say in.
    pub(super) fn needs_past(&self) -> bool {
        let mut kinds = self.payload.e.iter().flatten().map(|event| event.kind);
        self.payload.s == 0
            || self.payload.looks
            || self.payload.i.is_some()
            || kinds.any(|kind| kind == Some(EventKind::Eligible))
    }
}

impl Group {
    /// The open visit of a visitor who agreed to be known again: there is nothing to guess.
    pub(super) fn open_visit_of_known(&self, job: &Job, at: Millis) -> Option<VisitId> {
        let (site, known) = (job.snapshot.site.id, job.known()?);
        let visits = self.visits_of(site, &[known]);
        let visits = visits.iter().filter_map(|id| self.visits.get(&(site, *id)));
        visits
            .filter(|visit| visit.visitor_id == Some(known) && is_open(visit, at))
            .max_by_key(|visit| visit.facts.last)
            .map(|visit| visit.id)
    }

    /// Notes who the visitor is, or no longer wants to be, and what their earlier visits came to.
    pub(super) fn identify(&mut self, job: &Job, visit: &mut Visit) {
        let before = visit.visitor_id;
        if job.payload.is_withdrawn {
            (visit.visitor_id, visit.number) = (None, None);
        } else if let Some(known) = job.known() {
            visit.visitor_id = Some(known);
        }
        self.remember_past(visit);
        if visit.visitor_id == before {
            return;
        }
        let key = (visit.site_id, visit.id);
        self.rewritten.insert(key);
        if let Some(known) = visit.visitor_id {
            let earlier = latest_number(self, visit, known);
            visit.number = Some(earlier.map_or(1, |number| number.saturating_add(1)));
            let ids = self.visitors.get_mut(&(visit.site_id, known));
            if let Some(ids) = ids.filter(|ids| !ids.contains(&visit.id)) {
                ids.push(visit.id);
            }
        }
    }
}

impl Group {
    /// Notes what the visitor's earlier visits came to, as far as they were loaded.
    pub(super) fn remember_past(&self, visit: &mut Visit) {
        let pasts = visit
            .visitor_id
            .and_then(|known| self.pasts.get(&(visit.site_id, known)));
        if let Some(visits) = pasts {
            visit.past = Past::of(visits, visit.id);
        } else if visit.visitor_id.is_none() {
            visit.past = Past::default();
        }
    }
}

/// Number of the latest of the visitor's other visits.
fn latest_number(group: &Group, visit: &Visit, known: VisitorHash) -> Option<i32> {
    let stored = group.pasts.get(&(visit.site_id, known));
    let others = stored
        .into_iter()
        .flatten()
        .filter(|past| past.id != visit.id);
    others.map(|past| past.number).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_that_of_the_other_visits_and_the_latest_counts() {
        let prompt = PromptId::new(1);
        let seen = |asked_at, answered_at| PastPrompt {
            asked_at,
            answered_at,
            dismissed_at: None,
        };
        let visit = |at: i64, mask_all, prompts: Vec<PastPrompt>| PastVisit {
            id: VisitId::new(at),
            number: 1,
            started_at: at,
            mask_all,
            prompts: prompts.into_iter().map(|seen| (prompt, seen)).collect(),
        };
        let current = visit(3, 0b100, vec![seen(30, Some(31))]);
        let visits = [
            current.clone(),
            visit(2, 0b010, vec![seen(20, None)]),
            visit(1, 0b001, vec![seen(10, Some(11))]),
        ];

        let past = Past::of(&visits, current.id);

        assert_eq!((past.mask_all, past.last), (0b011, Some((0b010, 2))));
        assert_eq!(past.prompts[&prompt], seen(20, Some(11)));
    }
}
