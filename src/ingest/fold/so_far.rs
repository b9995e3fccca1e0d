//! Rules that are met by what a visit came to, not by one event alone.

use super::Facts;
use crate::{
    goal::types::{GoalRule, Subject, matches_pattern, normal_path},
    ingest::event::{Event, EventKind, Placed},
    types::{Millis, Scalar},
};

/// Whether such a rule may be met at this event although no other rule looks at it.
pub(super) fn may_meet(event: &Event) -> bool {
    matches!(event.kind, Some(EventKind::Scroll | EventKind::Active))
}

impl Facts {
    /// Whether the rule is met at this event, which is folded in but for the goals.
    pub(super) fn meets(
        &self,
        rule: &GoalRule,
        subject: Option<Subject<'_>>,
        placed: &Placed<'_>,
    ) -> bool {
        let kind = placed.event.kind;
        match rule {
            GoalRule::Scrolled { percent, path } => {
                let mark = placed
                    .event
                    .props
                    .p
                    .as_ref()
                    .filter(|_| kind == Some(EventKind::Scroll));
                let mark = mark.and_then(Scalar::as_number);
                mark.is_some_and(|mark| mark >= f64::from(*percent))
                    && (path.is_empty() || self.is_on(path, placed))
            }
            GoalRule::Active { seconds } => {
                kind == Some(EventKind::Active) && self.active_ms >= Millis::from(*seconds) * 1_000
            }
            GoalRule::Viewed { path, times } => {
                matches!(subject, Some(Subject::Page(viewed)) if is_page(path, viewed))
                    && self.times_viewed(path) >= usize::try_from(*times).unwrap_or(usize::MAX)
            }
            GoalRule::Returned { visits } => {
                let number = self.number.and_then(|number| u32::try_from(number).ok());
                kind == Some(EventKind::PageView) && number.is_some_and(|number| number >= *visits)
            }
            rule => subject.is_some_and(|subject| rule.is_met_by(subject)),
        }
    }

    /// Whether the page on screen matches the pattern.
    fn is_on(&self, pattern: &str, placed: &Placed<'_>) -> bool {
        let view = self.view(placed.order.1);
        let page = view.and_then(|view| view.paths.last());
        page.is_some_and(|path| is_page(pattern, path))
    }

    /// How often pages of the pattern were viewed, as far as the pages of the visit are kept.
    fn times_viewed(&self, pattern: &str) -> usize {
        if pattern == "*" || pattern == "/*" {
            return usize::try_from(self.pages).unwrap_or_default();
        }
        let pages = self.views.iter().flat_map(|view| &view.paths);
        pages.filter(|path| is_page(pattern, path)).count()
    }
}

fn is_page(pattern: &str, path: &str) -> bool {
    matches_pattern(normal_path(pattern), normal_path(path))
}
