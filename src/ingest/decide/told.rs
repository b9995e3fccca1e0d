//! Every rule of a question as it stands in a visit, for the owner who looks why it does not show. Nothing is decided here.

use super::{
    Refusal, is_held_out, refuse, refuse_in_page,
    rules::{Case, RULES, Rule, RuleKind},
};
use crate::{
    delivery::snapshot::Snapshot,
    ingest::{tally::Tallies, visit::Visit},
    prompt::types::{AskAt, PublishedPrompt},
    types::{Millis, ViewId},
};

/// How a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleState {
    /// What it is about.
    pub kind: RuleKind,
    /// Why it speaks against asking; `None` when it is met.
    pub refusal: Option<Refusal>,
}

/// What would be decided at a moment of the question, should one come now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Each rule that the question has.
    pub rules: Vec<RuleState>,
    /// What speaks against each of its moments; `None` when one of them would lead to the question.
    pub refusal: Option<Refusal>,
    /// Whether chance leaves this visit unasked then.
    pub is_held_out: bool,
}

/// Looks at every rule by the code that decides.
pub fn outlook(
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    visit: &Visit,
    view: ViewId,
    now: Millis,
    tallies: &Tallies,
) -> Outlook {
    let ask_at = &prompt.design.moment.ask_at;
    let case = |ask_at: AskAt| Case {
        snapshot,
        prompt,
        visit,
        view,
        ask_at,
        now,
        tally: tallies.get(&(snapshot.site.id, prompt.id)),
    };
    // What stands in the page has rules of its own, and what visitors open has none.
    let shown_as = prompt.design.look.shown_as;
    let is_of = |rule: &&Rule| rule.kind.holds_for(shown_as);
    let state = |rule: &Rule| {
        // Some rules are of one moment only.
        let mut cases = ask_at
            .iter()
            .chain(&[AskAt::PageView])
            .map(|ask_at| case(*ask_at));
        let of = cases.find(|case| (rule.is_set)(case))?;
        Some(RuleState {
            kind: rule.kind,
            refusal: (rule.refuse)(&of),
        })
    };
    let refusals = ask_at.iter().map(|ask_at| refuse(&case(*ask_at)));
    Outlook {
        rules: RULES.iter().filter(is_of).filter_map(state).collect(),
        refusal: if shown_as.waits_for_a_moment() {
            refusals
                .reduce(|one, other| if one.is_none() { one } else { other.and(one) })
                .flatten()
        } else {
            refuse_in_page(&case(AskAt::PageView))
        },
        is_held_out: shown_as.waits_for_a_moment() && is_held_out(snapshot, prompt, visit),
    }
}
