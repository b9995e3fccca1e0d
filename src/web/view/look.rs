//! How every rule of every question stands in one visit, in words for the owner's debug panel. Pure.

use std::collections::HashMap;

use serde::Serialize;

use super::number;
use crate::{
    delivery::Snapshot,
    ingest::{
        decide::{
            Arm, Refusal, RuleKind,
            told::{RuleState, outlook},
        },
        fold::ViewFact,
        look::Look,
        visit::{Impression, Visit},
    },
    prompt::{
        sentence::span,
        tried::explain,
        types::{AskAt, Prompt, PromptStatus, PublishedPrompt, ShownAs},
    },
    report::why::NotOpened,
    types::{GoalId, Millis, PromptId, ViewId},
};

/// What the owner calls things.
pub struct Names {
    /// Every prompt of the site.
    pub prompts: HashMap<PromptId, Prompt>,
    /// Every goal.
    pub goals: HashMap<GoalId, String>,
}

/// What the panel is told.
#[derive(Serialize)]
pub struct Told {
    /// Live questions in the order in which they have their say, then those that ask nobody now.
    prompts: Vec<ToldPrompt>,
}

/// One question.
#[derive(Serialize)]
struct ToldPrompt {
    id: PromptId,
    name: String,
    /// Whether it is live: it can then be opened by hand.
    live: bool,
    /// What would happen at its moment now, with the mark of what decides about it.
    now: (&'static str, String),
    /// Its moments, each under the widget's name for it.
    moments: Vec<(AskAt, &'static str)>,
    /// ms between the moment and the question.
    delay: Millis,
    rules: Vec<ToldRule>,
    /// The latest decision of this visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<(Millis, String)>,
}

/// Mark, name and words of a rule.
#[derive(Serialize)]
struct ToldRule(&'static str, &'static str, String);

impl Told {
    /// Puts what is known of the visit into words; `look` is missing before the page load was heard of.
    pub fn new(
        snapshot: &Snapshot,
        names: &Names,
        look: Option<&Look>,
        view: ViewId,
        now: Millis,
    ) -> Self {
        let mut prompts = vec![];
        for prompt in &snapshot.prompts {
            prompts.push(match look {
                Some(look) => Case::new(snapshot, names, prompt, look, view).told(now),
                None => silent(names, prompt.id, "Nothing was heard of this page yet"),
            });
        }
        let mut paused: Vec<&Prompt> = names.prompts.values().collect();
        paused.retain(|prompt| prompt.status == PromptStatus::Paused);
        paused.sort_by_key(|prompt| prompt.id);
        for prompt in paused {
            prompts.push(silent(names, prompt.id, "Paused: it asks nobody"));
        }
        Self { prompts }
    }
}

/// What would happen, when nothing speaks against it.
fn opens(shown_as: ShownAs) -> &'static str {
    match shown_as {
        ShownAs::Card => "Opens at its moment",
        ShownAs::Tab | ShownAs::Button => "Opens when visitors click",
        ShownAs::Inline => "Stands in the page",
        ShownAs::Link => "Opens by its link",
    }
}

/// Whether it is met, may still be met on this page, or speaks against asking.
fn mark(refusal: Option<Refusal>) -> &'static str {
    match refusal {
        None => "yes",
        Some(refusal) if refusal.may_pass() => "wait",
        Some(_) => "no",
    }
}

/// Why not, to the owner, whose own visit it is: reports say it of visitors.
fn of_this_visit(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Converted => "This visit has already done it",
        Refusal::NotReached => "This visit has not come that far",
        Refusal::Never => "You clicked “Don't ask me again”",
        Refusal::Quiet => "You closed or answered a question before",
        Refusal::AnsweredBefore => "You answered it in an earlier visit",
        Refusal::ClosedBefore => "You closed a question in an earlier visit, not long ago",
        Refusal::UnknownVisitor => "Not known whether you were here before",
        Refusal::Goal => "This visit has not reached the goals it is for",
        Refusal::GoalReached => "This visit has reached a goal that it leaves out",
        Refusal::Property => "The page did not say of this visit what it is for",
        Refusal::OnTheWay => "This visit is moving on towards the goal",
        of_any => of_any.label(),
    }
}

fn silent(names: &Names, id: PromptId, now: &str) -> ToldPrompt {
    ToldPrompt {
        id,
        name: names.prompt(id),
        live: false,
        now: ("no", now.into()),
        moments: vec![],
        delay: 0,
        rules: vec![],
        last: None,
    }
}

impl Names {
    fn prompt(&self, id: PromptId) -> String {
        let known = self.prompts.get(&id);
        known.map(|prompt| prompt.name.clone()).unwrap_or_default()
    }

    fn goals(&self, ids: &[GoalId]) -> String {
        let names = ids.iter().filter_map(|id| self.goals.get(id));
        names
            .map(|name| format!("“{name}”"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// One question in one visit.
struct Case<'a> {
    snapshot: &'a Snapshot,
    names: &'a Names,
    prompt: &'a PublishedPrompt,
    look: &'a Look,
    /// The visit as the rules see it.
    visit: Visit,
    view: ViewId,
}

impl<'a> Case<'a> {
    fn new(
        snapshot: &'a Snapshot,
        names: &'a Names,
        prompt: &'a PublishedPrompt,
        look: &'a Look,
        view: ViewId,
    ) -> Self {
        let visit = look.visit.as_any_visitor();
        Self {
            snapshot,
            names,
            prompt,
            look,
            visit,
            view,
        }
    }

    fn told(&self, now: Millis) -> ToldPrompt {
        let Self {
            snapshot, prompt, ..
        } = *self;
        let outlook = outlook(
            snapshot,
            prompt,
            &self.visit,
            self.view,
            now,
            &self.look.tallies,
        );
        let moment = &prompt.design.moment;
        let words = match outlook.refusal {
            Some(refusal) => format!("Held back: {}", of_this_visit(refusal)),
            None if outlook.is_held_out => Arm::HeldOut.label().to_owned(),
            None => opens(prompt.design.look.shown_as).to_owned(),
        };
        let mark = match outlook.refusal {
            None if outlook.is_held_out => "no",
            refusal => mark(refusal),
        };
        let is_card = prompt.design.look.shown_as.waits_for_a_moment();
        let moments = moment.ask_at.iter().filter(|_| is_card);
        let mut rules: Vec<ToldRule> = outlook.rules.iter().map(|rule| self.rule(*rule)).collect();
        rules.extend(self.comparison(outlook.is_held_out));
        ToldPrompt {
            id: prompt.id,
            name: self.names.prompt(prompt.id),
            live: true,
            now: (mark, words),
            moments: moments.map(|at| (*at, at.told())).collect(),
            delay: moment.delay_ms,
            rules,
            last: self.last(),
        }
    }

    fn comparison(&self, is_held_out: bool) -> Option<ToldRule> {
        let percent = self.prompt.design.fairness.held_out_percent;
        let (mark, is) = if is_held_out {
            ("no", "is")
        } else {
            ("yes", "is not")
        };
        let says = format!("{percent} % of the visits are left unasked; this one {is} among them");
        let is_card = self.prompt.design.look.shown_as.waits_for_a_moment();
        (percent > 0 && is_card).then_some(ToldRule(mark, "Comparison", says))
    }

    fn rule(&self, RuleState { kind, refusal }: RuleState) -> ToldRule {
        let about = self.about(kind);
        let says = match (refusal, about.is_empty()) {
            // Says itself whether it matches.
            _ if kind == RuleKind::Page => about,
            (None, _) => about,
            (Some(refusal), true) => of_this_visit(refusal).to_owned(),
            (Some(refusal), false) => format!("{}: {about}", of_this_visit(refusal)),
        };
        ToldRule(mark(refusal), kind.label(), says)
    }

    /// What the rule is about; empty where its name says enough.
    fn about(&self, kind: RuleKind) -> String {
        let design = &self.prompt.design;
        let (moment, target, fairness) = (&design.moment, &design.target, &design.fairness);
        match kind {
            RuleKind::Expect => self.names.goals(moment.expect.as_slice()),
            RuleKind::Cancel => self.names.goals(&moment.cancel),
            RuleKind::After => {
                let after = self.names.goals(moment.after.as_slice());
                format!("{after} in the last {}", span(moment.within_ms))
            }
            RuleKind::Page => {
                let view = self.visit.facts.view(self.view);
                let path = view.and_then(|view| view.paths.last());
                let query = view.map_or("", |view: &ViewFact| &view.query);
                explain(target, path.map_or("/", String::as_str), query)
            }
            RuleKind::Device => format!("for {}", target.device.label().to_lowercase()),
            RuleKind::Language => format!(
                "for {}; this browser asks for {}",
                target.languages.join(", "),
                self.visit.browser.language
            ),
            RuleKind::Visitor => target.visitor.label().to_lowercase(),
            RuleKind::Reached => self.names.goals(&target.reached),
            RuleKind::Property => {
                let names = target.properties.iter().map(|rule| rule.name.as_str());
                names.collect::<Vec<_>>().join(", ")
            }
            RuleKind::Sample => format!("{} % of the visitors", fairness.sample_percent),
            RuleKind::Limit => {
                let tally = self
                    .look
                    .tallies
                    .get(&(self.snapshot.site.id, self.prompt.id));
                let answers = tally.map_or(0, |tally| tally.answers);
                let limit = fairness.response_limit.unwrap_or_default();
                format!("{answers} of {limit}")
            }
            RuleKind::Slot => {
                let most = i64::from(self.snapshot.site.questions_per_visit);
                format!("at most {}", number::counted(most, "question", "questions"))
            }
            _ => String::new(),
        }
    }

    /// What was decided last, and what became of it.
    fn last(&self) -> Option<(Millis, String)> {
        let mut made = self.visit.impressions.iter().rev();
        let made = made.find(|made| made.prompt_id == self.prompt.id)?;
        let moment = match AskAt::parse(&made.moment) {
            Some(at) => at.told(),
            None => "Opened by hand",
        };
        Some((made.decided_at, format!("{moment}: {}", self.outcome(made))))
    }

    fn outcome(&self, made: &Impression) -> String {
        match (made.arm, made.refusal) {
            (Some(Arm::HeldOut), _) => Arm::HeldOut.label().into(),
            (None, code) => {
                let why = code.map_or("", of_this_visit);
                match made.lost_to {
                    Some(other) => format!("held back: {why} (“{}”)", self.names.prompt(other)),
                    None => format!("held back: {why}"),
                }
            }
            _ if made.answered_at.is_some() => "answered".into(),
            _ if made.dismissed_at.is_some() => "closed".into(),
            _ if made.shown_at.is_some() => "opened".into(),
            _ => match made.ending.as_deref().and_then(NotOpened::parse) {
                Some(why) => format!("did not open: {}", why.label()),
                None => "the server said yes".into(),
            },
        }
    }
}
