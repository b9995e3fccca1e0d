//! Which visit a batch belongs to: that of its page load, that of a visitor who is known, the open one that nothing speaks against,
//! or a new one.

use super::{
    continuity::{self, Arrival},
    event::{Event, EventKind},
    group::{Group, VISIT_GAP, VISIT_MAX},
    visit::{Visit, VisitorHash},
    writer::Job,
};
use crate::types::{Millis, SiteId, VisitId};

impl Group {
    /// The visit that a batch belongs to.
    pub(super) fn find_or_open(&mut self, job: &Job, events: &[Event]) -> VisitId {
        let site = job.snapshot.site.id;
        let (view, first_seq) = (job.payload.view(), job.payload.s);
        let base = job.received_at - job.payload.t;
        let first_at = base + events.first().map_or(0, |event| event.t);
        let batches = self
            .views
            .get(&(site, view))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let before = batches
            .iter()
            .filter(|(seq, _)| *seq < first_seq)
            .max_by_key(|(seq, _)| *seq);
        if let Some((_, id)) = before.or(batches.iter().min_by_key(|(seq, _)| *seq)) {
            // A closed visit takes no new page loads; the last words of those it has still belong to it.
            let is_over = self
                .visits
                .get(&(site, *id))
                .is_some_and(|visit| !is_within(visit, first_at));
            if !is_over {
                return *id;
            }
        }
        if let Some(id) = self.open_visit_of_known(job, first_at) {
            return id;
        }
        let page = events
            .iter()
            .find(|event| event.kind == Some(EventKind::PageView));
        let arrival = Arrival::new(
            job.origin.as_deref(),
            page.and_then(|page| page.props.u.as_deref()).unwrap_or("/"),
            page.and_then(|page| page.props.r.as_deref()),
            job.payload.n.as_deref(),
        );
        if job.known().is_some() && arrival.from_path.is_none() && !arrival.is_return {
            // Nothing says that a visit without an id, by the same hash, is theirs.
            return self.open(job);
        }
        let candidates: Vec<&Visit> = self
            .visits_of(site, &job.visitors)
            .iter()
            .filter_map(|id| self.visits.get(&(site, *id)))
            // Whoever is known says so: without that, it is somebody else.
            .filter(|visit| is_open(visit, first_at) && visit.visitor_id.is_none())
            .collect();
        let facts: Vec<_> = candidates.iter().map(|visit| &visit.facts).collect();
        let choice = continuity::choose(&arrival, &facts);
        let chosen = choice.and_then(|choice| Some((candidates.get(choice.index)?.id, choice)));
        let Some((id, choice)) = chosen else {
            return self.open(job);
        };
        if let Some(visit) = self.visits.get_mut(&(site, id)) {
            visit.is_ambiguous |= choice.is_ambiguous;
        }
        id
    }

    pub(super) fn visits_of(&self, site: SiteId, visitors: &[VisitorHash]) -> Vec<VisitId> {
        visitors
            .iter()
            .filter_map(|hash| self.visitors.get(&(site, *hash)))
            .flatten()
            .copied()
            .collect()
    }

    fn open(&mut self, job: &Job) -> VisitId {
        let site = job.snapshot.site.id;
        let id = VisitId::new(job.received_at);
        let visitor = job.visitors.first().copied().unwrap_or_default();
        let visit = Visit::begin(id, site, visitor, job.browser.clone());
        self.visits.insert((site, id), visit);
        self.visitors.entry((site, visitor)).or_default().push(id);
        id
    }
}

/// Whether a page load at `at` may belong to the visit. One that arrives late may have been long before it.
pub(super) fn is_open(visit: &Visit, at: Millis) -> bool {
    visit.closed_at.is_none() && is_within(visit, at) && visit.facts.started_at - at < VISIT_GAP
}

/// Whether the visit's time is not over at `at`. For late events of its own page loads it never is.
fn is_within(visit: &Visit, at: Millis) -> bool {
    at - visit.facts.last_at() < VISIT_GAP
        && (visit.facts.last.is_none() || at - visit.facts.started_at < VISIT_MAX)
}
