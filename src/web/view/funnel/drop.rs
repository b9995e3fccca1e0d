//! Those who leave at a step, and what they say, in words and figures. Pure.

use crate::{
    report::{
        funnel::{DropOff, Elsewhere, FunnelReport, Step},
        order::Oddity,
    },
    stats::Rate,
    web::view::{chosen::Chosen, number, when::When},
};

use super::{
    load::load_words,
    reason::{ReasonView, reason_view},
    sure::{SureRow, reach, sure_notes, sure_rows},
};

/// Reasons that stand on the card; the others are a click away.
const SHOWN_REASONS: usize = 3;

/// Those who leave at a step.
pub struct DropView {
    /// Place of the step.
    pub step: usize,
    /// How many.
    pub left: String,
    /// Of how many.
    pub share: String,
    /// How many of them reached the main goal all the same.
    pub converted: Option<String>,
    /// Says so when the next step seems to stand in the wrong place.
    pub order: Option<String>,
    /// What to say when there are no reasons.
    pub hint: Option<String>,
    /// Who was asked at this step and stands at an earlier one: the words, and the place of that one.
    pub elsewhere: Vec<(String, usize)>,
    /// Whether a prompt would help.
    pub can_ask: bool,
    /// The query string with which a new one begins here.
    pub ask_query: String,
    /// Whether anybody was asked.
    pub is_asked: bool,
    /// The most named reasons.
    pub reasons: Vec<ReasonView>,
    /// The others.
    pub more_reasons: Vec<ReasonView>,
    /// The newest words.
    pub verbatim: Option<VerbatimView>,
    /// `38 answers`.
    pub answers: String,
    /// The query string that finds them in the list; `None` when there are none.
    pub answers_query: Option<String>,
    /// The four parts.
    pub answered: String,
    /// See [`DropOff`].
    pub silent: String,
    /// See [`DropOff`].
    pub unasked: String,
    /// See [`DropOff`].
    pub unreachable: String,
    /// How leaving goes with the time that pages took to load.
    pub load: Option<String>,
    /// How many of them could be asked, and what that means for the others.
    pub reach: Option<String>,
    /// Each reason as given and corrected.
    pub sure: Vec<SureRow>,
    /// Whether some of the reasons could be asked for of fewer visits than others.
    pub is_asked_apart: bool,
    /// How to read it.
    pub notes: Vec<String>,
}

/// Words of a visitor.
pub struct VerbatimView {
    /// The words.
    pub words: String,
    /// The reason given with them.
    pub reason: String,
    /// `asked at “Began”, reached without “Prices”`; `None` when they were asked where they left.
    pub later: Option<String>,
    /// Names the answer.
    pub id: String,
    /// `today, 14:02`.
    pub when: String,
}

pub(super) fn drop_view(
    drop: &DropOff,
    step: &Step,
    report: &FunnelReport,
    chosen: &Chosen<'_>,
    when: &When,
    currency: &str,
) -> DropView {
    let is_asked = drop.answered + drop.silent + drop.unasked > 0;
    let mut reasons: Vec<ReasonView> = drop
        .reasons
        .iter()
        .enumerate()
        .map(|(place, it)| reason_view(place, it, drop, &report.steps, currency))
        .collect();
    let more_reasons = reasons.split_off(reasons.len().min(SHOWN_REASONS));
    DropView {
        step: drop.step,
        left: number::count(drop.left.k),
        share: left_share(drop.left, drop.step, &step.name),
        converted: report
            .conversion
            .as_ref()
            .filter(|_| drop.converted > 0)
            .map(|main| {
                let n = number::count(drop.converted);
                format!("{n} of them reached “{}” another way", main.name)
            }),
        order: report
            .steps
            .get(drop.step + 1)
            .and_then(|next| order(drop, step, next)),
        hint: hint(drop, report.live_prompts, is_asked, chosen).filter(|_| report.has_reasons),
        elsewhere: drop
            .elsewhere
            .iter()
            .map(|it| (elsewhere(it, &report.steps), it.step))
            .collect(),
        can_ask: report.has_reasons && !is_asked && drop.left.k > 0 && drop.elsewhere.is_empty(),
        ask_query: ask_query(step, report.steps.get(drop.step + 1)),
        is_asked,
        reasons,
        more_reasons,
        verbatim: drop.verbatim.as_ref().map(|verbatim| VerbatimView {
            words: verbatim.comment.clone(),
            reason: verbatim.reason.clone().unwrap_or_default(),
            later: verbatim
                .later
                .map(|place| asked_later(drop.step, place, &report.steps)),
            id: verbatim.impression_id.to_string(),
            when: when.moment(verbatim.answered_at),
        }),
        answers: number::counted(drop.answers, "answer", "answers"),
        answers_query: (drop.answers > 0).then(|| answers_query(drop.step, chosen)),
        answered: number::count(drop.answered),
        silent: number::count(drop.silent),
        unasked: number::count(drop.unasked),
        unreachable: number::count(drop.unreachable),
        load: load_words(drop),
        reach: reach(drop),
        is_asked_apart: drop.is_asked_apart(),
        sure: sure_rows(drop, currency),
        notes: sure_notes(drop, report, currency),
    }
}

/// Finds the answers of those who left at a step.
pub(super) fn answers_query(step: usize, chosen: &Chosen<'_>) -> String {
    let period = chosen.period;
    let automated = if period.automated { "&automated=1" } else { "" };
    format!(
        "step={step}&from={}&to={}{automated}{}",
        period.from,
        period.to,
        chosen.filter_query()
    )
}

/// After the step, and not the next one.
pub(super) fn ask_query(here: &Step, next: Option<&Step>) -> String {
    let goals = [("after", here.goal), ("not", next.and_then(|it| it.goal))];
    let named = goals
        .into_iter()
        .filter_map(|(name, goal)| Some((name, goal?)));
    let named: Vec<String> = named.map(|(name, goal)| format!("{name}={goal}")).collect();
    named.join("&")
}

/// `40.0 % ±6.0 of visits`; of few, `of 5 visits`.
fn left_share(left: Rate, step: usize, name: &str) -> String {
    let n = number::count(left.n);
    match (left.n, left.is_enough(), step) {
        (0, ..) => String::new(),
        (1, _, 0) => "of 1 visit".into(),
        (_, false, 0) => format!("of {n} visits"),
        (_, false, _) => format!("of {n} at “{name}”"),
        (_, true, 0) => format!(
            "{} {} of visits",
            number::percent(left),
            number::spread(left)
        ),
        (_, true, _) => format!(
            "{} {} of those at “{name}”",
            number::percent(left),
            number::spread(left)
        ),
    }
}

/// Why those who left here may not have left: they took the next step before this one.
fn order(drop: &DropOff, here: &Step, next: &Step) -> Option<String> {
    let (name, next_name) = (&here.name, &next.name);
    match next.oddity? {
        Oddity::Reversed { reversed, .. } => Some(format!(
            "The order looks wrong: {} of these {} had reached “{next_name}” before “{name}”.",
            number::count(reversed),
            number::counted(drop.left.k, "visit", "visits"),
        )),
        Oddity::Apart { later, .. } => Some(format!(
            "The order looks wrong: {} reached “{next_name}”, none of them after “{name}”.",
            number::counted(later, "visit", "visits"),
        )),
        // Nobody is there who could be said to leave.
        Oddity::Unreached { .. } => None,
    }
}

fn name_of(steps: &[Step], place: usize) -> &str {
    steps.get(place).map_or("", |step| &step.name)
}

/// Where they were asked who stand at an earlier step, because they never took the one after it.
pub(super) fn asked_later(step: usize, place: usize, steps: &[Step]) -> String {
    let (at, without) = (name_of(steps, place), name_of(steps, step + 1));
    format!("asked at “{at}”, reached without “{without}”")
}

/// `2 visits asked here came without “Prices”; their answers stand above`: those that nobody asked are not counted.
fn elsewhere(asked: &Elsewhere, steps: &[Step]) -> String {
    let visits = number::counted(asked.visits, "visit", "visits");
    let without = name_of(steps, asked.step + 1);
    let then = match (asked.answered, asked.visits) {
        (0, 1) => "it counts above",
        (0, _) => "they count above",
        (1, 1) => "its answers stand above",
        (1, _) => "the answer of one of them stands above",
        _ => "their answers stand above",
    };
    format!("{visits} asked here came without “{without}”; {then}")
}

fn hint(drop: &DropOff, live_prompts: i64, is_asked: bool, chosen: &Chosen<'_>) -> Option<String> {
    if !drop.reasons.is_empty() || drop.verbatim.is_some() || drop.left.k == 0 {
        return None;
    }
    Some(match (is_asked, live_prompts) {
        (true, _) if drop.answered > 0 => "Answers without a reason or a comment so far.".into(),
        (true, _) => format!("{} asked, no answer yet.", number::count(drop.silent)),
        (false, _) if !drop.elsewhere.is_empty() => return None,
        (false, 0) => "No question asks yet, so there are no reasons.".into(),
        // Others may have been asked.
        (false, _) if chosen.choice.is_narrowed() => {
            "No question has asked these visits here, so there are no reasons.".into()
        }
        (false, _) => "No question has asked here yet, so there are no reasons.".into(),
    })
}
