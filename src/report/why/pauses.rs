//! When a question was off, paused or archived, during a period. Pure.

use crate::{prompt::types::PromptStatus, types::Millis};

/// When a question asked nobody, though it had been published before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// From when to when, within the period, oldest first.
    pub spans: Vec<(Millis, Millis)>,
    /// The same with their whole length.
    pub(super) whole: Vec<(Millis, Millis)>,
    /// Whether it still lasts.
    pub lasts: bool,
    /// The part of the period before it is not known.
    pub known_from: Option<Millis>,
    /// How long the question is known to have been there in the period, on or off, ms.
    pub of: Millis,
}

impl Pauses {
    /// Of a prompt first published at `since`, whose states began at these times; the period ends by now.
    pub(super) fn of(
        states: &[(Millis, PromptStatus)],
        since: Option<Millis>,
        (from, to): (Millis, Millis),
    ) -> Self {
        let Some(since) = since else {
            return Self::default();
        };
        // A draft can be archived and brought back: it was not off, it was never on.
        let states: Vec<_> = states.iter().filter(|(at, _)| *at >= since).collect();
        let Some((known, _)) = states.first() else {
            return Self::default();
        };
        let mut whole = vec![];
        let mut off_since = None;
        for (at, status) in &states {
            if *status != PromptStatus::Published {
                off_since.get_or_insert(*at);
            } else if let Some(off) = off_since.take() {
                whole.push((off, *at));
            }
        }
        whole.extend(off_since.map(|off| (off, Millis::MAX)));
        whole.retain(|(off, on)| *off < to && *on > from && off < on);
        let within = |(off, on): &(Millis, Millis)| ((*off).max(from), (*on).min(to));
        Self {
            spans: whole.iter().map(within).collect(),
            lasts: whole.last().is_some_and(|(_, on)| *on > to),
            whole,
            known_from: Some(*known).filter(|known| *known > since.max(from)),
            of: (to - from.max(*known)).max(0),
        }
    }

    /// How long altogether, ms.
    pub fn length(&self) -> Millis {
        self.spans.iter().map(|(off, on)| on - off).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: PromptStatus = PromptStatus::Published;
    const OFF: PromptStatus = PromptStatus::Paused;
    const AWAY: PromptStatus = PromptStatus::Archived;

    #[test]
    fn spans_are_cut_to_the_period_and_lengths_add_up() {
        let states = [
            (10, ON),
            (20, OFF),
            (40, ON),
            (50, OFF),
            (60, AWAY),
            (70, OFF),
            (80, ON),
            (95, OFF),
        ];

        let pauses = Pauses::of(&states, Some(10), (30, 100));

        assert_eq!(pauses.spans, [(30, 40), (50, 80), (95, 100)]);
        assert_eq!(pauses.whole, [(20, 40), (50, 80), (95, Millis::MAX)]);
        assert_eq!((pauses.length(), pauses.of, pauses.lasts), (45, 70, true));
        assert_eq!(pauses.known_from, None);
    }

    #[test]
    fn nothing_is_off_before_it_was_first_published() {
        let draft = PromptStatus::Draft;
        let states = [(10, AWAY), (20, draft), (30, ON), (50, OFF), (60, ON)];

        let pauses = Pauses::of(&states, Some(30), (0, 100));

        assert_eq!(pauses.spans, [(50, 60)]);
        assert_eq!((pauses.known_from, pauses.of), (None, 70));
        let off_at_once = [(10, AWAY), (20, draft), (30, OFF)];
        let pauses = Pauses::of(&off_at_once, Some(30), (0, 100));
        assert_eq!((pauses.spans, pauses.of), (vec![(30, 100)], 70));
    }

    #[test]
    fn what_was_before_the_first_state_is_not_known() {
        let pauses = Pauses::of(&[(50, OFF)], Some(10), (30, 100));

        assert_eq!((pauses.known_from, pauses.of), (Some(50), 50));
        assert_eq!(pauses.spans, [(50, 100)]);
        let later = Pauses::of(&[(50, OFF)], Some(10), (60, 100));
        assert_eq!((later.known_from, later.length()), (None, 40));
        assert_eq!(Pauses::of(&[], Some(10), (30, 100)), Pauses::default());
        let never_off = Pauses::of(&[(40, ON)], Some(40), (30, 100));
        assert_eq!((never_off.spans, never_off.of), (vec![], 60));
    }
}
