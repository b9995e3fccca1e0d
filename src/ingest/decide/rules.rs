//! The rules between a moment and a question, one by one, in the order in which an owner would ask.
//!
//! One list serves the decision, which ends at the first rule that speaks against it, and the owner who looks at all of them.

use super::{Refusal, caps, is_on_the_way, next_visit, target};
use crate::{
    delivery::snapshot::Snapshot,
    ingest::{tally::Tally, visit::Visit},
    prompt::types::{AskAt, DeviceRule, PublishedPrompt, Schedule, ShownAs, VisitorRule},
    text_enum,
    types::{GoalId, Millis, ViewId},
};

text_enum!(
    /// What a rule is about. The label is what the owner reads.
    RuleKind {
        /// The question has the moment.
        Moment = "moment", "Moment";
        /// B has not happened.
        Expect = "expect", "Expected goal not reached";
        /// C has not happened.
        Cancel = "cancel", "Nothing that makes it pointless";
        /// A has happened, not too long ago.
        After = "after", "After a goal";
        /// On the next visit: what happened in the one before.
        VisitBefore = "visit_before", "The visit before";
        /// Asked on the next page, nobody is on a step further on.
        OnTheWay = "on_the_way", "Has not gone on towards the goal";
        /// The address matches.
        Page = "page", "Page";
        /// A kind of device.
        Device = "device", "Device";
        /// A language.
        Language = "language", "Language";
        /// Where the visit came from.
        Source = "source", "Source";
        /// Whether the visitor was here before.
        Visitor = "visitor", "New or returning";
        /// Goals of the visit, or of all visits.
        Reached = "reached", "Goals reached";
        /// Goals that must not have been reached.
        LeftOut = "left_out", "Goals not reached";
        /// What the page said.
        Property = "property", "What the page says of the visit";
        /// Of what stands in the page: neither answered nor closed in this visit.
        InPage = "in_page", "Until it is answered or closed";
        /// The visitor's own word.
        Never = "never", "Don't ask me again";
        /// The sample.
        Sample = "sample", "Share that is asked";
        /// The schedule.
        Schedule = "schedule", "Days and hours";
        /// The limit of answers.
        Limit = "limit", "Number of answers";
        /// The quotas.
        Quota = "quota", "Quotas";
        /// Not decided before in this visit.
        Once = "once", "Once a visit";
        /// The visit has a question left.
        Slot = "slot", "Questions of this visit";
        /// Nothing was closed, and not enough answered.
        Quiet = "quiet", "Left in peace after a question";
        /// What earlier visits of a known visitor forbid.
        Past = "past", "Earlier visits";
    }
);

impl RuleKind {
    /// Whether the rule holds for a question that is shown as this. What visitors open themselves has no rule.
    pub(super) fn holds_for(self, shown_as: ShownAs) -> bool {
        let is_limit = matches!(
            self,
            Self::Sample | Self::Schedule | Self::Limit | Self::Quota
        );
        let is_of_page = matches!(
            self,
            Self::Page
                | Self::Device
                | Self::Language
                | Self::Source
                | Self::Visitor
                | Self::Reached
                | Self::Property
                | Self::InPage
                | Self::Never
        );
        match shown_as {
            ShownAs::Card => self != Self::InPage,
            ShownAs::Inline => is_of_page || is_limit,
            // Whoever was given the link is among those who are asked.
            ShownAs::Link => is_limit && self != Self::Sample,
            ShownAs::Tab | ShownAs::Button => false,
        }
    }
}

/// What is decided about.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) prompt: &'a PublishedPrompt,
    pub(super) visit: &'a Visit,
    pub(super) view: ViewId,
    pub(super) ask_at: AskAt,
    pub(super) now: Millis,
    /// Where answers are counted.
    pub(super) tally: Option<&'a Tally>,
}

/// One rule.
pub(super) struct Rule {
    pub(super) kind: RuleKind,
    /// Whether the question has it at all.
    pub(super) is_set: fn(&Case<'_>) -> bool,
    /// Why it speaks against asking now.
    pub(super) refuse: fn(&Case<'_>) -> Option<Refusal>,
    /// Whether the owner's own test meets it: it is about what the page does, not about who comes or how often.
    is_of_page: bool,
}

impl Rule {
    const fn of_page(
        kind: RuleKind,
        is_set: fn(&Case<'_>) -> bool,
        refuse: fn(&Case<'_>) -> Option<Refusal>,
    ) -> Self {
        Self {
            kind,
            is_set,
            refuse,
            is_of_page: true,
        }
    }

    const fn of_visitor(
        kind: RuleKind,
        is_set: fn(&Case<'_>) -> bool,
        refuse: fn(&Case<'_>) -> Option<Refusal>,
    ) -> Self {
        Self {
            is_of_page: false,
            ..Self::of_page(kind, is_set, refuse)
        }
    }

    pub(super) fn refuse_unless_test(&self, case: &Case<'_>) -> Option<Refusal> {
        (self.refuse)(case).filter(|_| self.is_of_page || !case.visit.is_test)
    }
}

impl Case<'_> {
    /// Whether the goals of this visit count alone; for the question of the next visit those of the one before do too.
    fn is_this_visit(&self) -> bool {
        self.ask_at != AskAt::NextVisit
    }

    fn has_reached(&self, goal: GoalId) -> bool {
        let mask = self.snapshot.definitions.mask_of(goal);
        self.visit.facts.mask_all & mask != 0
    }

    /// Whether the goal was reached in the visits that count for whom to ask.
    fn has_come_to(&self, goal: GoalId) -> bool {
        let mask = self.snapshot.definitions.mask_of(goal);
        let is_before = self.visit.past.mask_all & mask != 0;
        self.has_reached(goal) || (self.prompt.design.target.earlier_visits && is_before)
    }
}

/// A, B and C; where; whom; how often.
pub(super) const RULES: &[Rule] = &[
    // The widget asks only at moments that the question has.
    Rule::of_page(
        RuleKind::Moment,
        |_| false,
        |case| {
            let design = &case.prompt.design;
            let has = design.look.shown_as.waits_for_a_moment()
                && design.moment.ask_at.contains(&case.ask_at);
            (!has).then_some(Refusal::Moment)
        },
    ),
    Rule::of_page(
        RuleKind::Expect,
        |case| case.is_this_visit() && case.prompt.design.moment.expect.is_some(),
        |case| {
            let expected = case.prompt.design.moment.expect;
            let is_reached = expected.is_some_and(|goal| case.has_reached(goal));
            (is_reached && case.is_this_visit()).then_some(Refusal::Converted)
        },
    ),
    Rule::of_page(
        RuleKind::Cancel,
        |case| case.is_this_visit() && !case.prompt.design.moment.cancel.is_empty(),
        |case| {
            let mut cancel = case.prompt.design.moment.cancel.iter();
            let is_reached = cancel.any(|goal| case.has_reached(*goal));
            (is_reached && case.is_this_visit()).then_some(Refusal::Cancelled)
        },
    ),
    Rule::of_page(
        RuleKind::After,
        |case| case.is_this_visit() && case.prompt.design.moment.after.is_some(),
        |case| refuse_by_after(case).filter(|_| case.is_this_visit()),
    ),
    Rule::of_page(
        RuleKind::VisitBefore,
        |case| !case.is_this_visit(),
        |case| {
            let Case {
                snapshot,
                prompt,
                visit,
                view,
                now,
                ..
            } = *case;
            let is_about_it = !case.is_this_visit();
            is_about_it
                .then(|| next_visit::refuse(snapshot, prompt, visit, view, now))
                .flatten()
        },
    ),
    Rule::of_page(
        RuleKind::OnTheWay,
        |case| case.ask_at == AskAt::NextPage,
        |case| {
            let view = case.visit.facts.view(case.view);
            let path = view.and_then(|view| view.paths.last());
            let path = path.map_or("/", String::as_str);
            let is_off = case.ask_at == AskAt::NextPage
                && is_on_the_way(case.snapshot, case.prompt, case.visit, path);
            is_off.then_some(Refusal::OnTheWay)
        },
    ),
    Rule::of_page(
        RuleKind::Page,
        |case| !case.prompt.design.target.addresses.is_empty(),
        |case| target::refuse_by_page(&case.prompt.design.target, case.visit, case.view),
    ),
    Rule::of_visitor(
        RuleKind::Device,
        |case| case.prompt.design.target.device != DeviceRule::Any,
        |case| target::refuse_by_device(&case.prompt.design.target, case.visit),
    ),
    Rule::of_visitor(
        RuleKind::Language,
        |case| !case.prompt.design.target.languages.is_empty(),
        |case| target::refuse_by_language(&case.prompt.design.target, case.visit),
    ),
    Rule::of_visitor(
        RuleKind::Source,
        |case| !case.prompt.design.target.sources.is_empty(),
        |case| target::refuse_by_source(case.snapshot, &case.prompt.design.target, case.visit),
    ),
    Rule::of_visitor(
        RuleKind::Visitor,
        |case| case.prompt.design.target.visitor != VisitorRule::Any,
        |case| target::refuse_by_visitor(&case.prompt.design.target, case.visit),
    ),
    Rule::of_page(
        RuleKind::Reached,
        |case| !case.prompt.design.target.reached.is_empty(),
        |case| {
            let mut wanted = case.prompt.design.target.reached.iter();
            let has_all = wanted.all(|goal| case.has_come_to(*goal));
            (!has_all).then_some(Refusal::Goal)
        },
    ),
    Rule::of_page(
        RuleKind::LeftOut,
        |case| !case.prompt.design.target.not_reached.is_empty(),
        |case| {
            let mut left_out = case.prompt.design.target.not_reached.iter();
            let has_any = left_out.any(|goal| case.has_come_to(*goal));
            has_any.then_some(Refusal::GoalReached)
        },
    ),
    Rule::of_page(
        RuleKind::Property,
        |case| !case.prompt.design.target.properties.is_empty(),
        |case| target::refuse_by_properties(&case.prompt.design.target, case.visit),
    ),
    Rule::of_visitor(
        RuleKind::InPage,
        |_| true,
        |case| caps::refuse_by_over(case.prompt, case.visit),
    ),
    Rule::of_visitor(
        RuleKind::Never,
        |case| caps::is_never_asked(case.visit, case.view),
        |case| caps::is_never_asked(case.visit, case.view).then_some(Refusal::Never),
    ),
    Rule::of_visitor(
        RuleKind::Sample,
        |case| case.prompt.design.fairness.sample_percent < 100,
        |case| caps::refuse_by_sample(case.snapshot, case.prompt, case.visit),
    ),
    Rule::of_visitor(
        RuleKind::Schedule,
        |case| case.prompt.design.fairness.schedule != Schedule::default(),
        |case| caps::refuse_by_schedule(case.snapshot, case.prompt, case.now),
    ),
    Rule::of_visitor(
        RuleKind::Limit,
        |case| case.prompt.design.fairness.response_limit.is_some(),
        |case| caps::refuse_by_limit(case.prompt, case.tally),
    ),
    Rule::of_visitor(
        RuleKind::Quota,
        |case| !case.prompt.design.fairness.quotas.is_empty(),
        |case| caps::refuse_by_quota(case.prompt, case.tally),
    ),
    Rule::of_visitor(
        RuleKind::Once,
        |_| true,
        |case| caps::refuse_by_own(case.prompt, case.visit),
    ),
    Rule::of_visitor(
        RuleKind::Slot,
        |_| true,
        |case| {
            let is_free = caps::is_slot_free(&case.snapshot.site, case.visit);
            (!is_free).then_some(Refusal::SlotUsed)
        },
    ),
    Rule::of_visitor(
        RuleKind::Quiet,
        |_| true,
        |case| caps::is_quiet(&case.snapshot.site, case.visit).then_some(Refusal::Quiet),
    ),
    Rule::of_visitor(
        RuleKind::Past,
        |case| case.visit.visitor_id.is_some(),
        |case| caps::refuse_by_past(&case.snapshot.site, case.prompt, case.visit, case.now),
    ),
];

/// A was not reached, or too long ago.
fn refuse_by_after(case: &Case<'_>) -> Option<Refusal> {
    let moment = &case.prompt.design.moment;
    let mask = case.snapshot.definitions.mask_of(moment.after?);
    match case.visit.facts.first_at(mask) {
        None => Some(Refusal::NotReached),
        Some(at) if case.now - at > moment.within_ms => Some(Refusal::TooLate),
        Some(_) => None,
    }
}
