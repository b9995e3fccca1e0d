//! Decides about a prompt when a moment fires: "A happened, B has not, ask at M, cancel if C". The server's record wins.

mod caps;
mod draw;
mod next_visit;
mod rules;
mod target;
pub mod told;

pub use self::rules::RuleKind;
use self::rules::{Case, RULES};
use crate::{
    delivery::snapshot::Snapshot,
    ingest::{tally::Tallies, visit::Visit},
    prompt::types::{AskAt, FIRST_WORDING, Moment, PublishedPrompt, ShownAs},
    text_enum,
    types::{Millis, PromptId, ViewId},
};

text_enum!(
    /// Why a question was not asked. The label is what the owner reads.
    Refusal {
        /// B was reached.
        Converted = "converted", "They had already done it";
        /// A was not reached in this visit.
        NotReached = "not_reached", "They had not come that far";
        /// C was reached.
        Cancelled = "cancelled", "Something else made the question pointless";
        /// This prompt was decided before in this visit.
        AlreadyDecided = "already_decided", "Already asked in this visit";
        /// The visitor clicked "don't ask me again", in this visit or long before.
        Never = "never", "They clicked “Don't ask me again”";
        /// Not among the share of visitors that it is for.
        Sample = "sample", "Not among the share that is asked";
        /// Not on this day, or not at this hour.
        Schedule = "schedule", "Not at this time";
        /// It has as many answers as it wants.
        Limit = "limit", "It had all the answers it wants";
        /// Each choice with a quota has as many answers as are wanted.
        Quota = "quota", "Its quotas were full";
        /// Others used the automatic questions of this visit.
        SlotUsed = "slot_used", "Another question was asked in this visit";
        /// The visitor closed or answered a question in this visit.
        Quiet = "quiet", "They closed or answered a question before";
        /// A known visitor answered this prompt in an earlier visit.
        AnsweredBefore = "answered_before", "They answered it in an earlier visit";
        /// A known visitor was asked this prompt in an earlier visit, not long ago.
        AskedBefore = "asked_before", "Asked in an earlier visit, not long ago";
        /// A known visitor closed a question in an earlier visit, not long ago.
        ClosedBefore = "closed_before", "They closed a question in an earlier visit, not long ago";
        /// The prompt does not ask on this page.
        Page = "page", "Not on this page";
        /// Another kind of device than it asks for.
        Device = "device", "Not with this kind of device";
        /// Another language than it asks for.
        Language = "language", "Not in this language";
        /// From elsewhere than it asks for.
        Source = "source", "Not from there";
        /// New or returning, other than it asks for.
        Visitor = "visitor", "New or returning, other than it is for";
        /// New or returning: nobody knows, because they did not agree to be known again.
        UnknownVisitor = "unknown_visitor", "Not known whether they were here before";
        /// A goal that it asks for was not reached.
        Goal = "goal", "They had not reached the goals it is for";
        /// A goal was reached that keeps it from asking.
        GoalReached = "goal_reached", "They had reached a goal that it leaves out";
        /// The page did not say of the visit what it asks for.
        Property = "property", "The page did not say of them what it is for";
        /// The prompt does not ask at this kind of moment.
        Moment = "moment", "Not at this moment";
        /// Too long after A.
        TooLate = "too_late", "Too long ago";
        /// The visitor is on a step further on.
        OnTheWay = "on_the_way", "They were moving on towards the goal";
        /// No such prompt is live.
        UnknownPrompt = "unknown_prompt", "The question is not live";
    }
);

impl Refusal {
    /// Whether the same page load may come to be asked after all.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::NotReached | Self::OnTheWay | Self::Page | Self::Goal | Self::Property
        )
    }
}

text_enum!(
    /// What was drawn for an eligible visit.
    Arm {
        /// The card opens.
        Shown = "shown", "Asked";
        /// Left unasked, for comparison.
        HeldOut = "held_out", "Left unasked for comparison";
        /// Nothing was drawn: a file tells of an answer, and of nobody who was asked and said nothing.
        Imported = "imported", "From a file";
    }
);

/// The outcome of one decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decision {
    /// Eligible: the arm, and how probable that arm was.
    Drawn {
        /// The arm.
        arm: Arm,
        /// Its probability.
        probability: f64,
    },
    /// Not eligible.
    No(Refusal),
}

/// How a moment came about, as the widget names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By itself.
    Automatic(AskAt),
    /// The visitor or the page asked for the prompt: outside slot and hold-out.
    OnRequest,
}

impl Asked {
    /// Reads the widget's name for the moment.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "asked" {
            Some(Self::OnRequest)
        } else {
            AskAt::parse(name).map(Self::Automatic)
        }
    }

    /// Its name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnRequest => "asked",
            Self::Automatic(ask_at) => ask_at.as_str(),
        }
    }
}

/// Decides whether `prompt` may be asked at `now` in `view` of the visit.
pub(super) fn decide(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    visit: &Visit,
    view: ViewId,
    asked: Asked,
    now: Millis,
    tallies: &Tallies,
) -> Decision {
    let case = |ask_at| Case {
        snapshot,
        prompt,
        visit,
        view,
        ask_at,
        now,
        tally: tallies.get(&(snapshot.site.id, prompt.id)),
    };
    let Asked::Automatic(ask_at) = asked else {
        // No moment has a say in what is opened on request.
        let refusal = refuse_in_page(&case(AskAt::PageView));
        return refusal.map_or(
            Decision::Drawn {
                arm: Arm::Shown,
                probability: 1.0,
            },
            Decision::No,
        );
    };
    if let Some(refusal) = refuse(&case(ask_at)) {
        return Decision::No(refusal);
    }
    let held_out = f64::from(prompt.design.fairness.held_out_percent) / 100.0;
    if !visit.is_test && is_held_out(snapshot, prompt, visit) {
        Decision::Drawn {
            arm: Arm::HeldOut,
            probability: held_out,
        }
    } else {
        Decision::Drawn {
            arm: Arm::Shown,
            probability: if visit.is_test { 1.0 } else { 1.0 - held_out },
        }
    }
}

/// The wording in which a visit is asked.
pub(super) fn draw_wording<'a>(
    snapshot: &Snapshot,
    prompt: &'a PublishedPrompt,
    visit: &Visit,
) -> &'a str {
    let key = &snapshot.site.signing_key;
    if prompt.design.look.shown_as == ShownAs::Link {
        // Its page speaks before anything is drawn.
        return FIRST_WORDING;
    }
    let of = prompt.design.wordings().count();
    let drawn = draw::wording(key, prompt.id, visit.id, of);
    prompt.design.wordings().nth(drawn).unwrap_or(FIRST_WORDING)
}

/// Why a moment would not lead to a question, as far as that can be said without counting answers.
pub fn why_not(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    visit: &Visit,
    view: ViewId,
    ask_at: AskAt,
    now: Millis,
) -> Option<Refusal> {
    refuse(&Case {
        snapshot,
        prompt,
        visit,
        view,
        ask_at,
        now,
        tally: None,
    })
}

/// Whether chance leaves the visit unasked, should it become eligible.
fn is_held_out(snapshot: &Snapshot, prompt: &PublishedPrompt, visit: &Visit) -> bool {
    let share = f64::from(prompt.design.fairness.held_out_percent) / 100.0;
    draw::hold_out(&snapshot.site.signing_key, prompt.id, visit.id) < share
}

/// Why not, of a question that stands in the page: it comes by itself, and yet interrupts nobody. What visitors open is never refused.
fn refuse_in_page(case: &Case<'_>) -> Option<Refusal> {
    let shown_as = case.prompt.design.look.shown_as;
    let mut rules = RULES.iter().filter(|rule| rule.kind.holds_for(shown_as));
    match shown_as {
        ShownAs::Inline | ShownAs::Link => rules.find_map(|rule| rule.refuse_unless_test(case)),
        ShownAs::Card | ShownAs::Tab | ShownAs::Button => None,
    }
}

/// Why not, by the first rule that speaks against it; the owner's own test skips what only protects visitors.
fn refuse(case: &Case<'_>) -> Option<Refusal> {
    let mut rules = RULES.iter();
    rules.find_map(|rule| {
        let holds = rule.kind.holds_for(ShownAs::Card);
        holds.then(|| rule.refuse_unless_test(case)).flatten()
    })
}

/// B and C against what was reached.
fn refuse_by_end(snapshot: &Snapshot, moment: &Moment, mask: i64) -> Option<Refusal> {
    let reached = |goal| mask & snapshot.definitions.mask_of(goal) != 0;
    if moment.expect.is_some_and(reached) {
        Some(Refusal::Converted)
    } else {
        let is_cancelled = moment.cancel.iter().copied().any(reached);
        is_cancelled.then_some(Refusal::Cancelled)
    }
}

/// Whether the page is that of A, of B, or of a funnel step not reached yet: a visitor who moves on is not interrupted.
fn is_on_the_way(snapshot: &Snapshot, prompt: &PublishedPrompt, visit: &Visit, path: &str) -> bool {
    let moment = &prompt.design.moment;
    let steps = snapshot.definitions.funnel(visit.facts.funnel_version);
    let steps = steps
        .map(|funnel| funnel.steps.as_slice())
        .unwrap_or_default();
    snapshot
        .definitions
        .goals
        .iter()
        .filter(|goal| {
            let is_moment =
                Some(goal.goal_id) == moment.after || Some(goal.goal_id) == moment.expect;
            let is_due = steps.contains(&goal.bit) && visit.facts.mask_all & (1 << goal.bit) == 0;
            goal.until_at.is_none() && (is_moment || is_due)
        })
        .any(|goal| snapshot.is_page_of(&goal.rule, path))
}

pub use next_visit::{due as due_next_visit, meant};

/// Prompts put off to the current page: A was reached before it was opened, and nothing speaks against asking now.
pub fn put_off<'a>(
    snapshot: &'a Snapshot,
    visit: &'a Visit,
    view: ViewId,
    now: Millis,
) -> impl Iterator<Item = &'a PublishedPrompt> {
    let reached = visit.facts.view(view).map_or(0, |view| view.mask_before);
    snapshot.prompts.iter().filter(move |prompt| {
        let after = prompt.design.moment.after;
        after.is_some_and(|goal| reached & snapshot.definitions.mask_of(goal) != 0)
            && why_not(snapshot, prompt, visit, view, AskAt::NextPage, now).is_none()
    })
}

/// Whether an automatic question is still to be had in this page load.
pub fn has_slot(snapshot: &Snapshot, visit: &Visit, view: ViewId) -> bool {
    let site = &snapshot.site;
    let is_had = caps::is_slot_free(site, visit) && !caps::is_quiet(site, visit);
    visit.is_test || (is_had && !caps::is_never_asked(visit, view))
}

/// Which prompt has used the visit's automatic question.
pub fn slot_holder(visit: &Visit) -> Option<PromptId> {
    caps::drawn(visit).last().map(|made| made.prompt_id)
}
