//! What each question waits for, or why it stays silent: nobody meets unexplained silence. Pure.
//!
//! The server's own decision is asked, not guessed: `ingest::decide` says what would happen if a moment fired now.

use std::collections::HashMap;

use super::words::{Explained, Line, Mark, State, due, lower_first, no, not_opened, yes};
use crate::{
    clock::SECOND,
    delivery::Snapshot,
    ingest::{
        decide::{Arm, Refusal, has_slot, why_not},
        event::EventKind,
        fold::{StoredBatch, ViewFact},
        visit::{Impression, Visit},
    },
    prompt::{
        sentence::span,
        types::{AskAt, PublishedPrompt},
    },
    types::{GoalId, Millis, PromptId},
};

/// What is known beside the visit.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) prompt_names: &'a HashMap<PromptId, String>,
    pub(super) goal_names: &'a HashMap<GoalId, String>,
    pub(super) now: Millis,
}

impl Known<'_> {
    fn goal(&self, id: GoalId) -> String {
        self.goal_names.get(&id).cloned().unwrap_or_default()
    }

    fn prompt(&self, id: PromptId) -> String {
        self.prompt_names.get(&id).cloned().unwrap_or_default()
    }
}

/// Explains every live question.
pub(super) fn explain(
    known: Known<'_>,
    found: Option<&(Visit, Vec<StoredBatch>)>,
) -> Vec<Explained> {
    let explain = |prompt: &PublishedPrompt| {
        let (state, lines) = match found {
            None => (
                State::Waiting,
                vec![due("Waits for the first event of your visit")],
            ),
            Some((visit, batches)) => Case::new(known, prompt, visit, batches).explain(),
        };
        Explained {
            id: prompt.id,
            name: known.prompt(prompt.id),
            state,
            lines,
        }
    };
    known.snapshot.prompts.iter().map(explain).collect()
}

/// One question in one visit.
struct Case<'a> {
    known: Known<'a>,
    prompt: &'a PublishedPrompt,
    visit: &'a Visit,
    batches: &'a [StoredBatch],
}

impl<'a> Case<'a> {
    fn new(
        known: Known<'a>,
        prompt: &'a PublishedPrompt,
        visit: &'a Visit,
        batches: &'a [StoredBatch],
    ) -> Self {
        Self {
            known,
            prompt,
            visit,
            batches,
        }
    }

    fn explain(&self) -> (State, Vec<Line>) {
        let drawn = |made: &&Impression| made.prompt_id == self.prompt.id && made.arm.is_some();
        if let Some(made) = self.visit.impressions.iter().rev().find(drawn) {
            return self.after(made);
        }
        let Some(view) = self.visit.facts.views.last() else {
            return (
                State::Waiting,
                vec![due("Waits for the first page of your visit")],
            );
        };
        let ask_at = &self.prompt.design.moment.ask_at;
        let outcomes: Vec<(AskAt, Option<Refusal>)> = ask_at
            .iter()
            .map(|ask_at| (*ask_at, self.refusal(*ask_at, view)))
            .collect();
        // What speaks against the question speaks against each of its moments, but for the page it is asked on.
        let against = outcomes
            .iter()
            .filter_map(|(_, refusal)| *refusal)
            .find(|refusal| !matches!(refusal, Refusal::OnTheWay | Refusal::Page))
            .map(|refusal| self.sooner(refusal, view));
        let mut lines = self.goals_reached();
        match against {
            Some(refusal) => {
                let state = if refusal == Refusal::NotReached {
                    State::Waiting
                } else {
                    State::Silent
                };
                lines.push(self.against(refusal));
                (state, lines)
            }
            None => {
                let moments: Vec<Line> = outcomes
                    .into_iter()
                    .filter_map(|(ask_at, refusal)| self.moment(ask_at, refusal, view))
                    .collect();
                let is_possible = moments.iter().any(|line| line.mark == Mark::Due);
                lines.extend(moments);
                let state = if is_possible {
                    State::Waiting
                } else {
                    State::Silent
                };
                (state, lines)
            }
        }
    }

    /// The server looks at the goals first; to the visitor it matters more that this visit's one question is gone.
    fn sooner(&self, refusal: Refusal, view: &ViewFact) -> Refusal {
        let is_used = |made: &Impression| made.arm.is_some() && made.is_automatic;
        match refusal {
            Refusal::NotReached if self.visit.impressions.iter().any(is_used) => Refusal::SlotUsed,
            Refusal::NotReached if !has_slot(self.known.snapshot, self.visit, view.id) => {
                Refusal::Quiet
            }
            other => other,
        }
    }

    /// Why the server would not ask if the moment fired now.
    fn refusal(&self, ask_at: AskAt, view: &ViewFact) -> Option<Refusal> {
        let Known { snapshot, now, .. } = self.known;
        why_not(snapshot, self.prompt, self.visit, view.id, ask_at, now)
    }

    /// The question was decided: what became of it.
    fn after(&self, made: &Impression) -> (State, Vec<Line>) {
        let again = due("Asks once a visit: press New visitor to meet it again");
        if made.arm == Some(Arm::HeldOut) {
            let percent = self.prompt.design.fairness.held_out_percent;
            let why = format!(
                "Left unasked for comparison, as {percent} % of the visits are: this shows what asking itself costs or brings"
            );
            return (State::Silent, vec![no(&why), again]);
        }
        if made.answered_at.is_some() {
            return (
                State::Answered,
                vec![yes("You answered it: look at the funnel below"), again],
            );
        }
        if made.dismissed_at.is_some() {
            return (
                State::Silent,
                vec![
                    no("You closed it: it does not come back in this visit"),
                    again,
                ],
            );
        }
        if let Some(ending) = made.ending.as_deref() {
            return (State::Silent, vec![no(not_opened(ending)), again]);
        }
        if made.shown_at.is_some()
            && self
                .visit
                .facts
                .view(made.view_id)
                .is_some_and(|view| view.is_live)
        {
            return (
                State::Open,
                vec![yes(
                    "It is on screen, at the bottom of the page: answer it or close it",
                )],
            );
        }
        if made.shown_at.is_some() {
            return (
                State::Silent,
                vec![
                    no("It was open when you left the page, and was not answered"),
                    again,
                ],
            );
        }
        let opening =
            due("The server said yes: the card opens in a moment, once you are not typing");
        (State::Open, vec![opening])
    }

    /// A and B: how far the visit has come.
    fn goals_reached(&self) -> Vec<Line> {
        let moment = &self.prompt.design.moment;
        let mask = |goal| self.known.snapshot.definitions.mask_of(goal);
        let reached = |goal: &GoalId| self.visit.facts.mask_all & mask(*goal) != 0;
        let after = moment.after.filter(reached);
        let missing = moment.expect.filter(|goal| !reached(goal));
        let mut lines = vec![];
        lines.extend(after.map(|goal| yes(&self.known.goal(goal))));
        lines.extend(missing.map(|goal| {
            let name = self.known.goal(goal);
            yes(&format!("Not yet: {}", lower_first(&name)))
        }));
        lines
    }

    /// Why the question stays silent.
    fn against(&self, refusal: Refusal) -> Line {
        let moment = &self.prompt.design.moment;
        let name =
            |goal: Option<GoalId>| goal.map(|goal| self.known.goal(goal)).unwrap_or_default();
        match refusal {
            Refusal::NotReached => due(&format!(
                "Waits until this happens: {}",
                lower_first(&name(moment.after))
            )),
            Refusal::Converted => no(&format!(
                "Nothing to ask, for this has happened: {}. Press New visitor to begin again",
                lower_first(&name(moment.expect))
            )),
            Refusal::SlotUsed => no(&format!(
                "{} was asked in this visit, and a visit is asked once at most: press New visitor",
                self.slot_holder()
            )),
            Refusal::Quiet => no(
                "You closed or answered a question in this visit, so it is left in peace: press New visitor",
            ),
            Refusal::TooLate => no(&format!(
                "That was not in the last {}: too late to ask. Press New visitor",
                span(moment.within_ms)
            )),
            Refusal::AlreadyDecided => no("Asked already in this visit: press New visitor"),
            other => no(other.label()),
        }
    }

    fn slot_holder(&self) -> String {
        let mut impressions = self.visit.impressions.iter();
        let holder = impressions.find(|made| made.arm.is_some() && made.is_automatic);
        holder.map_or_else(
            || "Another question".into(),
            |made| format!("“{}”", self.known.prompt(made.prompt_id)),
        )
    }

    /// What the visitor can do to make the moment fire here.
    fn moment(&self, ask_at: AskAt, refusal: Option<Refusal>, view: &ViewFact) -> Option<Line> {
        let is_touch = self.visit.browser.device == "touch";
        Some(match (ask_at, refusal) {
            (AskAt::NextPage, Some(Refusal::OnTheWay)) => due(
                "Open Home, and 3 seconds later it asks: pricing and sign-up are on the way to the goal",
            ),
            (_, Some(Refusal::Page)) => no("Not on this page"),
            (AskAt::NextPage, _) => {
                due("Or open another page of the site: 3 seconds later it asks")
            }
            (AskAt::Exit, _) if is_touch => due(
                "After 10 seconds, go to another app and come back, or read down and scroll up fast",
            ),
            (AskAt::Exit, _) => self.exit(view),
            (AskAt::LeaveForm, _) if self.is_form_here(view) => {
                due("Or scroll away from the form for 20 seconds")
            }
            (AskAt::Stall, _) if self.is_form_here(view) => due("Or stop for a minute"),
            _ => return None,
        })
    }

    fn exit(&self, view: &ViewFact) -> Line {
        let needed = self.prompt.design.moment.min_active_ms;
        if self.known.now - view.started_at < needed {
            return due(&format!(
                "Leaves you {} seconds on each page first: look around",
                needed / SECOND
            ));
        }
        if self.is_in_field(view) {
            return due("Asks when you stop typing and move the pointer quickly over the top edge");
        }
        due("Asks when you move the pointer quickly over the top edge")
    }

    fn is_form_here(&self, view: &ViewFact) -> bool {
        self.events_of(view)
            .any(|kind| matches!(kind, EventKind::FormViewed | EventKind::FormStarted))
    }

    /// Whether the last thing heard of the form is that a field gained focus.
    fn is_in_field(&self, view: &ViewFact) -> bool {
        let of_form = self.events_of(view).filter(|kind| {
            matches!(
                kind,
                EventKind::FieldFocused
                    | EventKind::FormStarted
                    | EventKind::FormCompleted
                    | EventKind::PageHidden
            )
        });
        matches!(
            of_form.last(),
            Some(EventKind::FieldFocused | EventKind::FormStarted)
        )
    }

    fn events_of(&self, view: &ViewFact) -> impl Iterator<Item = EventKind> {
        let mut batches: Vec<&StoredBatch> = self
            .batches
            .iter()
            .filter(|batch| batch.view_id == view.id)
            .collect();
        batches.sort_by_key(|batch| batch.first_seq);
        batches
            .into_iter()
            .flat_map(|batch| batch.events.iter().filter_map(|event| event.kind))
    }
}
