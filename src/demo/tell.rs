//! The events of a visit in plain words, newest first. Pure.

use std::collections::BTreeMap;

use super::explain::Known;
use crate::{
    ingest::{
        decide::Arm,
        event::{EventKind, Placed},
        fold::StoredBatch,
        visit::Visit,
    },
    prompt::types::AskAt,
    types::{Millis, PromptId, Scalar},
};

/// More than these nobody reads.
const SHOWN: usize = 40;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Millis,
    /// What happened.
    pub text: String,
    /// Goals that it reached for the first time.
    pub goals: Vec<String>,
}

/// Active time below this is not worth a line, ms.
const WORTH_TELLING: Millis = 1_000;

/// Tells the newest events of the visit.
pub(super) fn tell(known: Known<'_>, visit: &Visit, batches: &[StoredBatch]) -> Vec<Told> {
    let mut placed: Vec<Placed<'_>> = batches.iter().flat_map(StoredBatch::placed).collect();
    placed.sort_by_key(|placed| placed.order);
    let mut told: Vec<Told> = placed
        .iter()
        .filter_map(|placed| {
            Some(Told {
                at: placed.order.0,
                text: words(known, visit, placed)?,
                goals: goals(known, visit, placed),
            })
        })
        .chain(answers(known, visit))
        .collect();
    told.sort_by_key(|told| told.at);
    told.reverse();
    told.truncate(SHOWN);
    told
}

/// Answers are no events; they lie with the decision that let them in.
fn answers(known: Known<'_>, visit: &Visit) -> impl Iterator<Item = Told> {
    visit.impressions.iter().filter_map(move |made| {
        Some(Told {
            at: made.answered_at?,
            text: format!("Answered {}", question_name(known, made.prompt_id)),
            goals: vec![],
        })
    })
}

fn question_name(known: Known<'_>, id: PromptId) -> String {
    let name = known.prompt_names.get(&id);
    name.map_or_else(|| "a question".into(), |name| format!("“{name}”"))
}

/// Listed goals that were first reached at this very event.
fn goals(known: Known<'_>, visit: &Visit, placed: &Placed<'_>) -> Vec<String> {
    let subject = placed.event.subject();
    let goals = &known.snapshot.definitions.goals;
    let mut names: Vec<String> = goals
        .iter()
        .filter(|goal| {
            let first = visit.facts.goals.get(&goal.bit).map(|fact| fact.first_at);
            // What only the visit as a whole meets was met at whatever happened then.
            first == Some(placed.order.0)
                && (goal.rule.needs_visit()
                    || subject.is_some_and(|subject| goal.rule.is_met_by(subject)))
        })
        .filter_map(|goal| known.goal_names.get(&goal.goal_id).cloned())
        .collect();
    names.dedup();
    names
}

fn words(known: Known<'_>, visit: &Visit, placed: &Placed<'_>) -> Option<String> {
    let event = placed.event;
    let props = &event.props;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (form, field) = (text(&props.f), text(&props.n));
    let question = || {
        let id: Option<PromptId> = props
            .p
            .as_ref()
            .and_then(Scalar::as_text)
            .and_then(|id| id.parse().ok());
        id.map_or_else(|| "a question".into(), |id| question_name(known, id))
    };
    Some(
        match event.kind? {
            EventKind::PageView => format!("Opened {}", text(&props.u)),
            EventKind::PageLoad => format!(
                "The page had loaded after {:.1} s",
                props.ms.unwrap_or_default() as f64 / 1_000.0
            ),
            EventKind::PageHidden => "Left the page or another tab is in front".into(),
            EventKind::PageVisible => "Came back to the page".into(),
            EventKind::Active if props.ms.unwrap_or_default() < WORTH_TELLING => return None,
            EventKind::Active => format!(
                "Was active for {:.1} s",
                props.ms.unwrap_or_default() as f64 / 1_000.0
            ),
            EventKind::Scroll => match props.p {
                Some(Scalar::Whole(mark)) => format!("Scrolled to {mark} % of the page"),
                _ => "Scrolled".into(),
            },
            EventKind::Click => match text(&props.l) {
                label if label.is_empty() => "Clicked".into(),
                label => format!("Clicked “{label}”"),
            },
            EventKind::FormViewed => format!("Saw the form {form}"),
            EventKind::FormStarted => format!("Started the form {form} with {field}"),
            EventKind::FieldFocused => format!("Went to the field {field}"),
            EventKind::FieldLeft => format!("Left the field {field}"),
            EventKind::FormAttempted => format!("Tried to send the form {form}"),
            EventKind::FormFailed => format!("The form showed an error {}", at_field(&field)),
            EventKind::FormCompleted => format!("Completed the form {form}"),
            EventKind::FormAbandoned => format!("Turned away from the form {}", at_field(&field)),
            EventKind::ExitIntent => "Moved to leave over the top edge".into(),
            EventKind::RageClick => "Clicked again and again in one place".into(),
            EventKind::Copy => "Copied something from the page".into(),
            EventKind::Search => "Searched the site".into(),
            EventKind::Video => match props.p {
                Some(Scalar::Whole(mark)) if mark > 0 => format!("Played {mark} % of a video"),
                _ => "Began to play a video".into(),
            },
            EventKind::NotFound => "The page was not found".into(),
            EventKind::WidgetClosed => format!(
                "Closed {}",
                text(if props.n.is_some() {
                    &props.n
                } else {
                    &props.s
                })
            ),
            EventKind::NearExit => "Nearly left, and came back".into(),
            EventKind::OutboundHover => format!("Paused over a link to {}", text(&props.h)),
            EventKind::Track => format!("The page reported {}", text(&props.name)),
            EventKind::Consent => match props.m.as_deref() {
                Some("granted") => "Agreed to be known again on later visits".into(),
                _ => "Does not want to be known again".into(),
            },
            EventKind::Set => {
                let names = props.props.iter().flat_map(BTreeMap::keys);
                let names: Vec<&str> = names.map(String::as_str).collect();
                format!("The page said what it knows: {}", names.join(", "))
            }
            EventKind::Eligible => decision(visit, placed, &question()),
            EventKind::PromptShown => format!("{} opened", question()),
            EventKind::PromptSeen => format!("{} was on screen for a second", question()),
            EventKind::PromptStarted => format!("Began to answer {}", question()),
            EventKind::PromptDismissed => format!("Closed {}", question()),
            EventKind::PromptHelped => format!("{} offered help", question()),
            EventKind::PromptFailed => format!("{} did not open", question()),
        }
        .trim_end()
        .to_owned(),
    )
}

fn at_field(field: &str) -> String {
    if field.is_empty() {
        String::new()
    } else {
        format!("at {field}")
    }
}

/// A moment, and what the server decided about it.
fn decision(visit: &Visit, placed: &Placed<'_>, question: &str) -> String {
    let (_, view, seq) = placed.order;
    let made = visit
        .impressions
        .iter()
        .find(|made| made.view_id == view && made.seq == seq);
    let moment = match placed.event.props.m.as_deref().and_then(AskAt::parse) {
        Some(ask_at) => ask_at.told(),
        None => "Asked for by hand",
    };
    let outcome = match made.map(|made| (made.arm, made.refusal)) {
        Some((Some(Arm::Shown), _)) => "asked".into(),
        Some((Some(Arm::HeldOut), _)) => "left unasked for comparison".into(),
        Some((None, Some(refusal))) => format!("silent ({})", refusal.label().to_lowercase()),
        _ => "silent (the question is not live)".into(),
    };
    format!("{moment}: {question} {outcome}")
}
