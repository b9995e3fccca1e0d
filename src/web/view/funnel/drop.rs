//! Those who leave at a step, and what they say, in words and figures. Pure.

use crate::{
    report::{
        funnel::{DropOff, Elsewhere, FunnelReport, ReasonShare, Step, Way},
        order::Oddity,
        period::Period,
    },
    stats::{ENOUGH, Rate},
    web::view::{chart::bars::Bar, number, when::When},
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
    /// How to read it.
    pub notes: Vec<String>,
}

/// One reason.
pub struct ReasonView {
    /// `41 %`, or `3 of 5` when there are too few answers for a share.
    pub share: String,
    /// `(35–48)`.
    pub range: String,
    /// The layout.
    pub bar: Bar,
    /// The reason.
    pub words: String,
    /// `up to €4,900 · ↑ more than before`.
    pub more: String,
    /// `88 answers`.
    pub count: String,
    /// Drawn smaller.
    pub is_minor: bool,
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
    period: &Period,
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
        hint: hint(drop, report.live_prompts, is_asked),
        elsewhere: drop
            .elsewhere
            .iter()
            .map(|it| (elsewhere(it, &report.steps), it.step))
            .collect(),
        can_ask: !is_asked && drop.left.k > 0 && drop.elsewhere.is_empty(),
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
        answers_query: (drop.answers > 0).then(|| {
            let automated = if period.automated { "&automated=1" } else { "" };
            format!(
                "step={}&from={}&to={}{automated}",
                drop.step, period.from, period.to
            )
        }),
        answered: number::count(drop.answered),
        silent: number::count(drop.silent),
        unasked: number::count(drop.unasked),
        unreachable: number::count(drop.unreachable),
        notes: drop_notes(drop, report, currency),
    }
}

/// After the step, and not the next one.
fn ask_query(here: &Step, next: Option<&Step>) -> String {
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
fn asked_later(step: usize, place: usize, steps: &[Step]) -> String {
    let (at, without) = (name_of(steps, place), name_of(steps, step + 1));
    format!("asked at “{at}”, reached without “{without}”")
}

/// `2 visits came here without “Prices”; their answers stand above`.
fn elsewhere(asked: &Elsewhere, steps: &[Step]) -> String {
    let visits = number::counted(asked.visits, "visit", "visits");
    let without = name_of(steps, asked.step + 1);
    let then = match (asked.answered, asked.visits) {
        (0, 1) => "it was asked and counts above",
        (0, _) => "they were asked and count above",
        (1, 1) => "its answers stand above",
        (1, _) => "the answer of one of them stands above",
        _ => "their answers stand above",
    };
    format!("{visits} came here without “{without}”; {then}")
}

fn hint(drop: &DropOff, live_prompts: i64, is_asked: bool) -> Option<String> {
    if !drop.reasons.is_empty() || drop.verbatim.is_some() || drop.left.k == 0 {
        return None;
    }
    Some(match (is_asked, live_prompts) {
        (true, _) if drop.answered > 0 => "Answers without a reason or a comment so far.".into(),
        (true, _) => format!("{} asked, no answer yet.", number::count(drop.silent)),
        (false, _) if !drop.elsewhere.is_empty() => return None,
        (false, 0) => "No question asks yet, so there are no reasons.".into(),
        (false, _) => "No question has asked here yet, so there are no reasons.".into(),
    })
}

fn reason_view(
    place: usize,
    reason: &ReasonShare,
    drop: &DropOff,
    steps: &[Step],
    currency: &str,
) -> ReasonView {
    let is_enough = drop.answered >= ENOUGH;
    let unit = match (place, reason.rate.k) {
        (0, 1) => " answer",
        (0, _) => " answers",
        _ => "",
    };
    let stake = reason
        .at_stake
        .map(|minor| format!("up to {}", number::money_estimate(minor, currency)));
    let trend = reason.trend.map(|way| match way {
        Way::Up => "↑ more than before".to_owned(),
        Way::Down => "↓ less than before".to_owned(),
    });
    let later = reason.later.iter().map(|(place, n)| {
        let asked = asked_later(drop.step, *place, steps);
        if *n == reason.rate.k {
            asked
        } else {
            format!("{} of them {asked}", number::count(*n))
        }
    });
    ReasonView {
        share: if is_enough {
            number::whole_percent(reason.rate)
        } else {
            number::of(reason.rate)
        },
        range: if is_enough {
            format!("({})", number::whole_range(reason.rate))
        } else {
            String::new()
        },
        bar: if is_enough {
            Bar::with_interval(reason.rate)
        } else {
            Bar::plain(reason.rate)
        },
        words: reason.name.clone(),
        more: stake
            .into_iter()
            .chain(trend)
            .chain(later)
            .collect::<Vec<_>>()
            .join(" · "),
        count: if is_enough {
            format!("{}{unit}", number::count(reason.rate.k))
        } else {
            String::new()
        },
        is_minor: place > 1,
    }
}

fn drop_notes(drop: &DropOff, report: &FunnelReport, currency: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if drop.answered >= ENOUGH {
        notes.push("Shares are of the visits that answered; the range says how far chance alone could move them. Several reasons of one visit count each. Who stays silent may think differently.".into());
    } else if drop.answered > 0 {
        let more = number::not_enough(drop.answered, "answer", "answers");
        notes.push(format!(
            "Counts, not shares: {more} Who stays silent may think differently."
        ));
    }
    if drop.reasons.iter().any(|reason| reason.at_stake.is_some()) {
        let onward = report
            .steps
            .last()
            .zip(report.steps.get(drop.step + 1))
            .map(|(end, next)| Rate::new(end.of_all.k, next.of_all.k));
        notes.push(format!(
            "Up to, in {currency}: visits lost here that could be asked, times the share of the reason, times the {} of the next step who go on to the end, times the value of the goal. An upper bound: not everyone would come back. Who could not be asked is not priced.",
            number::share(onward.unwrap_or_default())
        ));
    }
    notes
}
