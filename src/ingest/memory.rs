//! What the writer keeps in memory from one group to the next, and what it forgets.

use super::group::Group;
use crate::types::Millis;

/// Visits kept between groups.
const KEPT_VISITS: usize = 20_000;
/// Page loads kept between groups: one visit may have any number of them.
const KEPT_VIEWS: usize = 100_000;
/// Pages and forms that are remembered as stored.
const KEPT_SEEN: usize = 20_000;

impl Group {
    /// Forgets everything loaded, after a rollback. Which pages and signatures are stored is only ever noted after a commit, so it stays.
    pub(super) fn forget(&mut self) {
        let seen = std::mem::take(&mut self.seen);
        let signatures = std::mem::take(&mut self.signatures);
        *self = Self {
            is_alone: self.is_alone,
            seen,
            signatures,
            ..Self::default()
        };
    }

    /// Forgets which pages are stored too: a site was removed, and its number may be given again.
    pub(super) fn forget_all(&mut self) {
        self.seen.clear();
        self.signatures.clear();
        self.forget();
    }

    /// Keeps what stays true after a commit.
    pub(super) fn committed(&mut self) {
        let paths = std::mem::take(&mut self.paths)
            .into_iter()
            .map(|(site, path)| (site, String::new(), path));
        let forms = std::mem::take(&mut self.forms).into_keys();
        self.seen.extend(paths.chain(forms));
        if self.seen.len() > KEPT_SEEN {
            self.seen.clear();
        }
        self.remember_signatures();
        if !self.is_alone {
            self.forget();
            return;
        }
        self.batches.clear();
        for (site, answer) in self.answers.drain(..) {
            // Counted afresh when it is next asked for.
            self.tallies.remove(&(site, answer.token.prompt_id));
        }
        self.drops.clear();
        self.refused.clear();
        self.changed.clear();
        self.rewritten.clear();
        self.pasts.clear();
        self.goals_changed.clear();
        if self.is_full() {
            self.forget_idle();
        }
        // One visit alone may have too many page loads.
        if self.is_full() {
            self.forget();
        }
    }

    fn is_full(&self) -> bool {
        self.visits.len() > KEPT_VISITS || self.views.len() > KEPT_VIEWS
    }

    /// Forgets the half of the visits that has been quiet longest. Page loads and visitors are known with all their visits or not
    /// at all, so those of a forgotten visit are forgotten too, and loaded again when they come back.
    fn forget_idle(&mut self) {
        let last_at = self.visits.values().map(|visit| visit.facts.last_at());
        let mut times: Vec<Millis> = last_at.collect();
        times.sort_unstable();
        let Some(&median) = times.get(times.len() / 2) else {
            return;
        };
        self.visits
            .retain(|_, visit| visit.facts.last_at() > median);
        let visits = &self.visits;
        self.views.retain(|(site, _), batches| {
            let mut known = batches.iter().map(|(_, id)| (*site, *id));
            !batches.is_empty() && known.all(|key| visits.contains_key(&key))
        });
        self.visitors.retain(|(site, _), ids| {
            let mut known = ids.iter().map(|id| (*site, *id));
            !ids.is_empty() && known.all(|key| visits.contains_key(&key))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ingest::{
            fold::Facts,
            known::Past,
            visit::{Browser, Change, Visit},
        },
        types::{SiteId, ViewId, VisitId},
    };

    const SITE: SiteId = SiteId(1);

    /// A visit whose last event was at `at`, with a page load and a visitor of its own.
    fn remember(group: &mut Group, at: Millis) -> (VisitId, ViewId) {
        let (id, view) = (VisitId::new(at), ViewId::new(at));
        let mut visitor = [0; 16];
        visitor[..8].copy_from_slice(&at.to_le_bytes());
        let visit = Visit {
            id,
            site_id: SITE,
            visitor,
            visitor_id: None,
            number: None,
            past: Past::default(),
            browser: Browser {
                device: "desktop".into(),
                browser: "Firefox".into(),
                language: "en".into(),
                country: String::new(),
                is_automated: false,
            },
            day: 20_261_120,
            facts: Facts {
                last: Some((at, view, 0)),
                ..Facts::default()
            },
            is_test: false,
            is_imported: false,
            is_ambiguous: false,
            closed_at: None,
            impressions: vec![],
            is_settled: false,
            change: Change::None,
        };
        group.visits.insert((SITE, id), visit);
        group.views.insert((SITE, view), vec![(0, id)]);
        group.visitors.insert((SITE, visitor), vec![id]);
        (id, view)
    }

    #[test]
    fn when_memory_is_full_the_quiet_are_forgotten_and_the_busy_stay() {
        let mut group = Group {
            is_alone: true,
            ..Group::default()
        };
        let mut all = vec![];
        for at in 0..=KEPT_VISITS {
            all.push(remember(&mut group, i64::try_from(at).unwrap()));
        }

        group.committed();

        let (oldest, newest) = (all[0], all[KEPT_VISITS]);
        assert!(group.visits.contains_key(&(SITE, newest.0)));
        assert!(group.views.contains_key(&(SITE, newest.1)));
        assert!(!group.visits.contains_key(&(SITE, oldest.0)));
        assert!(!group.views.contains_key(&(SITE, oldest.1)));
        assert_eq!(group.visits.len(), KEPT_VISITS / 2);
        assert_eq!(group.views.len(), group.visits.len());
        assert_eq!(group.visitors.len(), group.visits.len());
    }
}
