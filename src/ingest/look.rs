//! A look at a visit under way, for the owner who asks why questions do or do not show. Nothing is decided or written.

use super::{group::Group, tally::Tallies, visit::Visit, writer::Job};
use crate::types::VisitId;

/// A visit under way, with what decisions about it go by.
#[derive(Debug)]
pub struct Look {
    /// The visit.
    pub visit: Visit,
    /// Answers of the prompts with a limit.
    pub tallies: Tallies,
}

impl Group {
    /// The visit that a page load belongs to, once it was heard of.
    pub(super) fn visit_of_view(&self, job: &Job) -> Option<VisitId> {
        let batches = self
            .views
            .get(&(job.snapshot.site.id, job.payload.view()))?;
        let (_, visit) = batches.iter().max_by_key(|(seq, _)| *seq)?;
        Some(*visit)
    }

    /// The visit of the page load as it is now; `None` before anything was heard of it.
    pub(super) fn look(&self, job: &Job) -> Option<Box<Look>> {
        let key = (job.snapshot.site.id, self.visit_of_view(job)?);
        let mut visit = self.visits.get(&key)?.clone();
        self.remember_past(&mut visit);
        Some(Box::new(Look {
            visit,
            tallies: self.tallies.clone(),
        }))
    }
}
