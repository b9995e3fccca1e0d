//! Between the rules of `decide` and the reply: a moment becomes a decision, and a decision what the widget is told.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::value::RawValue;

use super::{
    content::Content,
    decide::{self, Arm, Asked, Decision, Refusal},
    event::{EventKind, Placed},
    group::Group,
    hidden::{self, Fields},
    reply::{Ask, Card, DropReason, Outcome, Start},
    tally::Tallies,
    visit::{Change, Impression, Visit},
    witness::{Record, is_missing},
    writer::Job,
};
use crate::{
    answer::token::ImpressionToken,
    delivery::snapshot::{Snapshot, with_file},
    prompt::{
        languages,
        types::{Design, FIRST_WORDING, PublishedPrompt},
    },
    site::tool::Tool,
    types::{ImpressionId, PromptId, Scalar, ViewId},
};

/// Decisions about prompts in one visit: far more than a person comes to, few enough for a program to spoil nothing.
const MAX_MOMENTS: usize = 200;

impl Group {
    /// Of several moments that came together, the prompt that stands first in the list has the first say.
    pub(super) fn decide_all(
        &mut self,
        job: &Job,
        visit: &mut Visit,
        mut eligible: Vec<Placed<'_>>,
        record: &Record,
    ) {
        let prompt = |placed: &Placed<'_>| placed.event.props.p.clone().and_then(Scalar::into_text);
        eligible.sort_by_cached_key(|placed| {
            let id: Option<PromptId> = prompt(placed).and_then(|id| id.parse().ok());
            let mut prompts = job.snapshot.prompts.iter();
            prompts.position(|prompt| Some(prompt.id) == id)
        });
        for placed in &eligible {
            if visit.impressions.len() >= MAX_MOMENTS {
                let site = job.snapshot.site.id;
                self.drop_counted(site, DropReason::TooManyMoments, 1, job.received_at);
            } else {
                let made = decision(job, visit, placed, &self.tallies, record);
                visit.impressions.extend(made);
            }
        }
    }
}

/// What is written about an `eligible` event; nothing when it names no prompt that is live.
fn decision(
    job: &Job,
    visit: &Visit,
    placed: &Placed<'_>,
    tallies: &Tallies,
    record: &Record,
) -> Option<Impression> {
    let (_, view_id, seq) = placed.order;
    let props = &placed.event.props;
    let moment = props.m.as_deref();
    let prompt = props.p.as_ref().and_then(Scalar::as_text);
    let prompt = find_prompt(&job.snapshot, prompt?)?;
    let now = job.received_at;
    let asked = Asked::parse(moment?)?;
    let met = as_met(job, visit);
    let asked = decide::meant(&job.snapshot, prompt, &met, view_id, asked, now);
    let outcome = match asked {
        Asked::Automatic(ask_at) if is_missing(record, ask_at, &prompt.design.moment.details) => {
            Decision::No(Refusal::Moment)
        }
        _ => decide::decide(&job.snapshot, prompt, &met, view_id, asked, now, tallies),
    };
    let language = language(job, visit, &prompt.design);
    let wording = decide::draw_wording(&job.snapshot, prompt, visit);
    let (arm, probability, refusal) = match outcome {
        Decision::Drawn { arm, probability } => (Some(arm), Some(probability), None),
        Decision::No(refusal) => (None, None, Some(refusal)),
    };
    Some(Impression {
        id: ImpressionId::new(now),
        view_id,
        seq,
        prompt_id: prompt.id,
        prompt_version: prompt.version,
        moment: asked.name().to_owned(),
        decided_at: now,
        arm,
        probability,
        refusal,
        lost_to: decide::slot_holder(visit).filter(|_| refusal == Some(Refusal::SlotUsed)),
        funnel_step: visit.facts.funnel_step,
        is_test: visit.is_test,
        is_automatic: asked != Asked::OnRequest,
        shown_at: None,
        seen_at: None,
        started_at: None,
        answered_at: None,
        dismissed_at: None,
        ending: None,
        language: arm.map(|_| prompt.design.speaks(language, wording).to_owned()),
        wording: arm.map(|_| wording.to_owned()),
        fields: match arm {
            Some(Arm::Shown) => hidden::known(&prompt.design, visit),
            _ => Fields::new(),
        },
        change: Change::New,
    })
}

/// The language in which a visit is asked: what the page has said, else what the browser asks for, else the design's own.
fn language<'a>(job: &Job, visit: &Visit, design: &'a Design) -> &'a str {
    let page = visit.facts.properties.get("language");
    let wanted = page.and_then(Scalar::as_text).into_iter();
    let wanted = wanted.chain(job.languages.iter().map(String::as_str));
    languages::best(wanted, design.languages()).unwrap_or(&design.lang)
}

fn find_prompt<'a>(snapshot: &'a Snapshot, public_id: &str) -> Option<&'a PublishedPrompt> {
    let id: PromptId = public_id.parse().ok()?;
    snapshot.prompts.iter().find(|prompt| prompt.id == id)
}

/// One outcome for each `eligible` event of the request, read from the decisions: a retry gets what was decided first.
pub(super) fn outcomes(snapshot: &Snapshot, visit: &Visit, job: &Job) -> Vec<Ask> {
    let eligible = job
        .payload
        .e
        .iter()
        .zip(job.payload.s..)
        .filter_map(|(event, seq)| Some((event.as_ref()?, seq)))
        .filter(|(event, _)| event.kind == Some(EventKind::Eligible));
    eligible
        .map(|(event, seq)| {
            let made = visit
                .impressions
                .iter()
                .find(|made| made.view_id == job.payload.view() && made.seq == seq);
            let named = event
                .props
                .p
                .as_ref()
                .and_then(Scalar::as_text)
                .unwrap_or_default();
            Ask {
                p: named.to_owned(),
                outcome: outcome(snapshot, visit, made),
            }
        })
        .collect()
}

fn outcome(snapshot: &Snapshot, visit: &Visit, made: Option<&Impression>) -> Outcome {
    let Some(made) = made else {
        return Outcome::No(Refusal::UnknownPrompt);
    };
    let prompt = snapshot
        .prompts
        .iter()
        .find(|prompt| prompt.id == made.prompt_id);
    let lang = made.language.as_deref().unwrap_or_default();
    let wording = made.wording.as_deref().unwrap_or(FIRST_WORDING);
    let content = |prompt: &PublishedPrompt| {
        let said = prompt.design.said(lang, wording);
        let mut content = Content::of(&said, &snapshot.site.theme, visit.id);
        let is_offered = snapshot.site.page.offers_never && made.is_automatic;
        content.never = is_offered.then_some(&languages::phrases(&said.lang).never);
        content
    };
    match (made.arm, made.refusal, prompt) {
        (Some(Arm::HeldOut), ..) => Outcome::HeldOut(true),
        (Some(Arm::Shown), _, Some(prompt)) => Outcome::Show(Box::new(Card {
            token: ImpressionToken {
                impression_id: made.id,
                visit_id: visit.id,
                prompt_id: made.prompt_id,
                prompt_version: made.prompt_version,
                issued_at: made.decided_at,
                is_test: made.is_test,
            }
            .sign(&snapshot.site.signing_key),
            content: content(prompt),
        })),
        (_, refusal, _) => Outcome::No(refusal.unwrap_or(Refusal::UnknownPrompt)),
    }
}

/// State of the visit for the first batch of a page load.
pub(super) fn start(snapshot: &Snapshot, visit: &Visit) -> Start {
    let goals = snapshot
        .definitions
        .goals
        .iter()
        .filter(|goal| visit.facts.mask_all & (1 << goal.bit) != 0);
    let goals: BTreeSet<_> = goals.map(|goal| goal.goal_id).collect();
    Start {
        visit: visit.id,
        goals: (!visit.is_ambiguous).then(|| goals.into_iter().collect()),
    }
}

/// Questions put off to the page that this request opens, by a load or by a change of its address; left out when the continuation
/// was ambiguous.
pub(super) fn armed(job: &Job, visit: &Visit) -> Option<Vec<PromptId>> {
    let (snapshot, view, now) = (&job.snapshot, job.payload.view(), job.received_at);
    let mut events = job.payload.e.iter().flatten();
    let opens_page = events.any(|event| event.kind == Some(EventKind::PageView));
    if !opens_page || visit.is_ambiguous {
        return None;
    }
    let put_off = decide::put_off(snapshot, visit, view, now);
    let armed = put_off.chain(decide::due_next_visit(snapshot, visit, view, now));
    let armed: BTreeSet<_> = armed.map(|prompt| prompt.id).collect();
    Some(armed.into_iter().collect())
}

/// Prompts that the page load need not ask for again: those drawn in this visit, unless it is the owner's test, and those of this
/// request whose refusal lasts.
pub(super) fn decided(visit: &Visit, asked: &[Ask]) -> Vec<PromptId> {
    let drawn = visit
        .impressions
        .iter()
        .filter(|made| made.arm.is_some() && !visit.is_test)
        .map(|made| made.prompt_id);
    let now = asked
        .iter()
        .filter(|ask| !matches!(&ask.outcome, Outcome::No(refusal) if refusal.may_pass()))
        .filter_map(|ask| ask.p.parse().ok());
    let all: BTreeSet<PromptId> = drawn.chain(now).collect();
    all.into_iter().collect()
}

/// The configuration, where the widget needs another than it holds: for the owner's tool, for a visitor who is known, or a newer one.
pub(super) fn config(job: &Job) -> Option<Box<RawValue>> {
    let (snapshot, is_first) = (&job.snapshot, job.payload.s == 0);
    let is_newer = job.payload.c != snapshot.site.config_version;
    let known = job.payload.i.as_ref().filter(|_| is_first);
    let other = match known {
        Some(_) => Some(&snapshot.known_config),
        None => Some(&snapshot.widget_config).filter(|_| is_newer),
    };
    match tool_file(job).filter(|_| is_first) {
        Some(file) => Some(with_file(other.unwrap_or(&snapshot.widget_config), file)),
        None => other.cloned(),
    }
}

/// The configuration for the first page of a known visitor's visit, when questions are due because of the one before.
pub(super) fn next_visit_config(job: &Job, visit: &Visit, view: ViewId) -> Option<Box<RawValue>> {
    let (snapshot, now) = (&job.snapshot, job.received_at);
    let due: Vec<PromptId> = decide::due_next_visit(snapshot, visit, view, now)
        .map(|prompt| prompt.id)
        .collect();
    (!due.is_empty()).then(|| {
        let config = snapshot.next_visit_config(&due);
        match tool_file(job) {
            Some(file) => with_file(&config, file),
            None => config,
        }
    })
}

/// The tool that the request's token opens.
pub(super) fn tool(job: &Job) -> Option<Tool> {
    let token = job.payload.x.as_deref()?;
    Tool::opened_by(&job.snapshot.site.signing_key, token, job.received_at)
}

/// The letter of the file of that tool, if it has one.
fn tool_file(job: &Job) -> Option<&'static str> {
    match tool(job)? {
        Tool::AskAgain => None,
        Tool::Picker => Some("p"),
        Tool::Debug => Some("w"),
    }
}

/// The visit as the rules see it. An owner who looks why questions do not show meets them as any visitor does, though the visit
/// counts as a test.
pub(super) fn as_met<'a>(job: &Job, visit: &'a Visit) -> Cow<'a, Visit> {
    if visit.is_test && tool(job) == Some(Tool::Debug) {
        Cow::Owned(visit.as_any_visitor())
    } else {
        Cow::Borrowed(visit)
    }
}
