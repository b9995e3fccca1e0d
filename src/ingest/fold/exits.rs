//! Whether visitors who moved to leave really left, told from what the visit did a minute later and on.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Facts, ViewFact};
use crate::{
    clock::{MINUTE, SECOND},
    ingest::event::{Event, EventKind, Placed},
    prompt::types::AskAt,
    types::Millis,
};

/// Whoever does something so long after the move was still there.
const STILL_THERE: RangeInclusive<Millis> = MINUTE..=5 * MINUTE;
/// A busy page is asked again for some seconds.
const ASKED_WITHIN: Millis = 5 * SECOND;
/// Moves of one page load that are watched at once; more of them come from a program, and are not counted.
const MAX_OPEN: usize = 32;

/// A move to leave of which it is not known yet whether the visitor left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenExit {
    /// When, in the server's time.
    pub at: Millis,
    /// Whether a question was asked for at it.
    pub is_asked: bool,
}

impl Facts {
    /// Takes the next event in order; its page load is known already.
    pub(super) fn judge_exits(&mut self, kind: EventKind, placed: &Placed<'_>) {
        let (at, view_id, _) = placed.order;
        let is_there = is_doing(kind, placed.event);
        for view in self.views.iter_mut().filter(|view| !view.exits.is_empty()) {
            let (stayed, open): (Vec<_>, Vec<_>) = view
                .exits
                .drain(..)
                .filter(|exit| at - exit.at <= *STILL_THERE.end())
                .partition(|exit| is_there && STILL_THERE.contains(&(at - exit.at)));
            self.exits_stayed += i32::try_from(stayed.len()).unwrap_or(i32::MAX);
            view.exits = open;
        }
        let view = self.views.iter_mut().rfind(|view| view.id == view_id);
        let Some(view) = view else { return };
        match kind {
            EventKind::ExitIntent if view.exits.len() < MAX_OPEN => {
                let is_asked = false;
                view.exits.push(OpenExit { at, is_asked });
                self.exits = self.exits.saturating_add(1);
            }
            EventKind::Eligible
                if placed.event.props.m.as_deref() == Some(AskAt::Exit.as_str()) =>
            {
                mark_asked(view, at);
            }
            EventKind::PromptShown => {
                // What they do next is about the question.
                let before = view.exits.len();
                view.exits.retain(|exit| !exit.is_asked);
                let opened = before - view.exits.len();
                self.exits -= i32::try_from(opened).unwrap_or_default();
            }
            _ => {}
        }
    }
}

fn mark_asked(view: &mut ViewFact, at: Millis) {
    let recent = view.exits.iter_mut();
    for exit in recent.filter(|exit| at - exit.at <= ASKED_WITHIN) {
        exit.is_asked = true;
    }
}

/// Whether it takes a person: a page that is left open reports by itself that it was hidden, or that a form was given up.
fn is_doing(kind: EventKind, event: &Event) -> bool {
    use EventKind as Kind;
    match kind {
        // Attention is reported some seconds after the move: more than a minute of it at once reaches beyond the minute.
        Kind::Active => event.props.ms.is_some_and(|ms| ms > MINUTE),
        Kind::PageView
        | Kind::PageVisible
        | Kind::Scroll
        | Kind::Click
        | Kind::FormStarted
        | Kind::FieldFocused
        | Kind::FormAttempted
        | Kind::FormCompleted
        | Kind::ExitIntent
        | Kind::NearExit
        | Kind::OutboundHover
        | Kind::RageClick
        | Kind::Copy
        | Kind::WidgetClosed
        | Kind::PromptStarted
        | Kind::PromptDismissed => true,
        _ => false,
    }
}
