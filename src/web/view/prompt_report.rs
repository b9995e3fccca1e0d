//! The report of a prompt, in words and figures. Pure.

use super::{
    against::LineView,
    board::Cell,
    chart::bars::Bar,
    chosen::{Chosen, FilterView},
    journey::chosen,
    number,
    prompt_bias::BiasView,
    prompt_effect::{self, EffectView},
    prompt_scores,
    prompt_wordings::{self, WordingView},
    stages::{self, StageView},
    values::ValuesView,
    when::{When, days_long, duration},
    why::{exits, refusal},
};
use crate::{
    answer::types::Answer,
    ingest::cube::Dimension,
    prompt::types::{PromptStatus, QuestionKind},
    report::{
        overview::Choice,
        period::Period,
        prompt::{ChoiceShare, Helped, PromptReport, QuestionReport, TimeToAnswer},
    },
    stats::ENOUGH,
};

/// The page.
pub struct PromptView {
    /// Names the prompt.
    pub id: String,
    /// What the owner calls it.
    pub name: String,
    /// Class and words of its state.
    pub status: (&'static str, &'static str),
    /// The finding.
    pub heading: String,
    /// Filters that are set.
    pub filters: Vec<FilterView>,
    /// By what one dimension says.
    pub values: Option<ValuesView>,
    /// Why there are answers and yet only noughts: what is so, and what to do.
    pub uncounted: Option<(String, &'static str)>,
    /// Whether automated browsers are among them.
    pub has_uncounted_machines: bool,
    /// Said on top when asking costs conversions.
    pub alarm: Option<String>,
    /// Whether it waits for a moment.
    pub waits: bool,
    /// From could be asked to answered.
    pub stages: Vec<StageView>,
    /// Each stage against the days before; none where there was nobody in them.
    pub lines: Vec<LineView>,
    /// Those days.
    pub before: String,
    /// What the stages mean, with their names.
    pub terms: Vec<(&'static str, &'static str)>,
    /// Of what the shares are, and what became of the others.
    pub note: String,
    /// What else to know about the moment and the answers.
    pub facts: Vec<String>,
    /// Whether those who answered are like all for whom it opened.
    pub bias: Option<BiasView>,
    /// What asking costs.
    pub effect: Option<EffectView>,
    /// Why it was not asked: words and count.
    pub refusals: Vec<(String, String)>,
    /// The wordings that are tried beside each other.
    pub wordings: Vec<WordingView>,
    /// What is asked, and what they said.
    pub questions: Vec<QuestionView>,
    /// Help that was offered, and what became of it.
    pub helped: Vec<(String, String)>,
    /// The newest answers.
    pub answers: Vec<AnswerView>,
    /// What the list of all of them is narrowed by; empty or behind an `&`.
    pub answers_query: String,
}

/// A question.
pub struct QuestionView {
    /// Its words.
    pub title: String,
    /// What a scale comes to.
    pub score: Option<String>,
    /// What they chose; empty for free text.
    pub choices: Vec<ChoiceView>,
    /// How to read the choices.
    pub note: String,
}

/// A choice.
pub struct ChoiceView {
    /// What visitors read.
    pub words: String,
    /// `41 %`, or `3 of 5`; empty of none.
    pub share: String,
    /// `(35–48)`.
    pub range: String,
    /// The layout.
    pub bar: Bar,
    /// How many; empty where the share says so.
    pub count: String,
}

/// An answer.
pub struct AnswerView {
    /// Names it.
    pub id: String,
    /// What was chosen.
    pub chosen: String,
    /// What was written, by question.
    pub comments: Vec<String>,
    /// `today, 14:02`.
    pub when: String,
    /// For `<time datetime>`.
    pub machine_time: String,
    /// Class and words of what else to know.
    pub badges: Vec<(&'static str, &'static str)>,
}

impl PromptView {
    /// Puts a report into words.
    pub fn new(report: &PromptReport, choice: &Choice, period: &Period, when: &When) -> Self {
        let chosen = Chosen::new(period, choice);
        let (from, to) = period.previous();
        Self {
            id: report.prompt.id.to_string(),
            name: report.prompt.name.clone(),
            status: status(report.prompt.status),
            heading: heading(report),
            filters: chosen.filters(),
            values: choice.by.map(|by| values(report, by, &chosen)),
            uncounted: uncounted(report),
            has_uncounted_machines: report.uncounted.automated > 0,
            alarm: alarm(report),
            waits: report.waits,
            stages: stages::stages(&report.counts, report.waits),
            lines: stages::lines(&report.counts, &report.before, report.waits),
            before: days_long(from, to, period.today),
            terms: stages::terms(report.waits),
            note: note(report),
            facts: facts(report),
            bias: report.bias.as_ref().map(BiasView::new),
            effect: prompt_effect::view(report, when),
            refusals: report
                .refusals
                .iter()
                .map(|(code, n)| (refusal(code), number::count(*n)))
                .chain(report.lost_to.iter().map(lost))
                .collect(),
            wordings: prompt_wordings::rows(&report.wordings),
            questions: report
                .questions
                .iter()
                .map(|question| question_view(question, report.versions.len() > 1))
                .collect(),
            helped: report.helped.iter().map(help_view).collect(),
            answers: report
                .answers
                .iter()
                .map(|answer| answer_view(answer, report, when))
                .collect(),
            answers_query: chosen.filter_query(),
        }
    }
}

fn values(report: &PromptReport, by: Dimension, chosen: &Chosen<'_>) -> ValuesView {
    let columns = ["Cards that opened", "Answered"].map(String::from);
    let values = report.by_value.iter().map(|(value, rate)| {
        let cells = vec![Cell::of_count(rate.n), Cell::new(*rate)];
        (value.clone(), cells)
    });
    ValuesView::new(by, chosen, columns.into(), values)
}

fn alarm(report: &PromptReport) -> Option<String> {
    prompt_effect::found(report.effect.as_ref()?, report.main_goal.as_deref()?)
}

/// Class and words of a prompt's state.
pub fn status(status: PromptStatus) -> (&'static str, &'static str) {
    match status {
        PromptStatus::Draft => ("", "Draft"),
        PromptStatus::Published => ("on", "Asking"),
        PromptStatus::Paused => ("paused", "Paused"),
        PromptStatus::Archived => ("", "Archived"),
    }
}

fn heading(report: &PromptReport) -> String {
    let counts = report.counts;
    if counts.askable == 0 && report.imported > 0 {
        let answers = number::counted(report.imported, "answer", "answers");
        return format!("{answers} from a file; nobody was asked here in these days");
    }
    if counts.askable == 0 {
        let waits = "Nobody could be asked in these days";
        let comes = "Nobody opened it in these days";
        return if report.waits { waits } else { comes }.into();
    }
    let rate = counts.response();
    if rate.n == 0 {
        let visits = number::counted(counts.askable, "visit", "visits");
        return format!("{visits} could be asked, and it opened in none");
    }
    let answered = if rate.is_enough() {
        format!("{} answered ({})", number::percent(rate), number::of(rate))
    } else {
        format!("{} answered", number::of(rate))
    };
    let first = report
        .questions
        .first()
        .filter(|first| first.scale.is_none());
    let mut choices: Vec<&ChoiceShare> = first.iter().flat_map(|first| &first.choices).collect();
    choices.sort_by_key(|choice| -choice.rate.k);
    match choices.as_slice() {
        [first, second, ..] if first.rate.k > second.rate.k && first.rate.is_enough() => {
            format!(
                "{answered}; {} of them chose “{}”",
                number::whole_percent(first.rate),
                first.label
            )
        }
        _ => answered,
    }
}

/// Says why there are answers and yet only noughts; `None` where it is not so.
fn uncounted(report: &PromptReport) -> Option<(String, &'static str)> {
    let (tests, automated) = (report.uncounted.tests, report.uncounted.automated);
    if report.counts.answered + report.imported > 0 {
        return None;
    }
    let of_tests = number::counted(tests, "is a test", "are tests");
    let of_machines = number::counted(
        automated,
        "came from an automated browser",
        "came from automated browsers",
    );
    let (which, then) = match (tests, automated) {
        (0, 0) => return None,
        (_, 0) => (
            of_tests,
            "For an answer that counts, come without the link for trying, in a private window, and answer as a visitor would.",
        ),
        (0, _) => (
            of_machines,
            "Answers that people give in their own browsers count.",
        ),
        _ => (
            format!("{of_tests}, {of_machines}"),
            "For an answer that counts, come in your own browser, without the link for trying, and answer as a visitor would.",
        ),
    };
    Some((format!("No answer of these days counts: {which}."), then))
}

/// What the stages do not say.
fn note(report: &PromptReport) -> String {
    let counts = report.counts;
    let never_opened = counts.to_open() - counts.opened;
    let mut parts = vec![];
    if counts.askable >= ENOUGH {
        parts.push(match report.waits {
            true => "“Left unasked” is a share of those who could be asked, “Opened” of the others, and what follows of the cards that opened; behind it the range that chance alone allows.".to_owned(),
            false => "Below “Opened” each share is of the cards that opened; behind it the range that chance alone allows.".to_owned(),
        });
    }
    if never_opened > 0 {
        parts.push(format!(
            "For {} the card did not open, mostly because they were gone by then.",
            number::count(never_opened)
        ));
    }
    parts.join(" ")
}

fn facts(report: &PromptReport) -> Vec<String> {
    let timing = report.timing.map(timing);
    let imported = (report.imported > 0).then(|| {
        let answers = number::counted(report.imported, "answer is", "answers are");
        format!("{answers} from a file, and counted in what was said alone: how many were asked is not known of them.")
    });
    let is_first = report.counts.askable > 0 && report.before.askable == 0;
    let none_before =
        is_first.then(|| "In as many days before there was nobody to compare with.".into());
    let facts = timing.into_iter().chain(report.left.map(exits));
    facts.chain(imported).chain(none_before).collect()
}

/// `Half of 36 answers came within 11 s of the opening, a quarter within 6.2 s, three quarters within 24 s.`
fn timing(timing: TimeToAnswer) -> String {
    let answers = number::counted(timing.n, "answer", "answers");
    let within = duration(timing.median);
    match timing.n {
        1 => format!("The one answer came {within} after the opening."),
        2..ENOUGH => format!("Half of {answers} came within {within} of the opening."),
        _ => format!(
            "Half of {answers} came within {within} of the opening, a quarter within {}, three quarters within {}.",
            duration(timing.quarter),
            duration(timing.three_quarters)
        ),
    }
}

fn lost((name, n): &(String, i64)) -> (String, String) {
    let words = format!("of these, the other question was “{name}”");
    (words, number::count(*n))
}

fn choice(choice: &ChoiceShare) -> ChoiceView {
    let rate = choice.rate;
    let is_enough = rate.is_enough();
    ChoiceView {
        words: choice.label.clone(),
        share: match rate.n {
            0 => String::new(),
            _ if is_enough => number::whole_percent(rate),
            _ => number::of(rate),
        },
        range: if is_enough {
            format!("({})", number::whole_range(rate))
        } else {
            String::new()
        },
        bar: if is_enough {
            Bar::with_interval(rate)
        } else {
            Bar::plain(rate)
        },
        count: if is_enough {
            number::count(rate.k)
        } else {
            String::new()
        },
    }
}

/// What a visitor read, and what became of it.
fn help_view(help: &Helped) -> (String, String) {
    let (shown, followed) = (number::count(help.shown), number::count(help.followed));
    let converted = number::count(help.converted);
    let unknown = match help.unknown {
        0 => String::new(),
        n => format!(", of {} it is not known", number::count(n)),
    };
    let words = format!(
        "shown {shown}, followed {followed}; {converted} reached the main goal later{unknown}"
    );
    (help.text.clone(), words)
}

fn question_view(question: &QuestionReport, has_versions: bool) -> QuestionView {
    QuestionView {
        title: question.question.title.clone(),
        score: question
            .scale
            .as_ref()
            .and_then(|scale| prompt_scores::score(&question.question, scale)),
        choices: question.choices.iter().map(choice).collect(),
        note: question_note(question, has_versions),
    }
}

fn question_note(question: &QuestionReport, has_versions: bool) -> String {
    let answers = number::counted(question.answered, "answer", "answers");
    let several = match question.question.kind {
        QuestionKind::Multi => " Several choices of one answer count each.",
        QuestionKind::Ranking => " What was put first.",
        _ => "",
    };
    if question.choices.is_empty() {
        return match question.question.kind {
            QuestionKind::Text => format!("{answers} in their own words; see the answers beneath."),
            QuestionKind::Link => format!("Followed {}.", times(question.answered)),
            QuestionKind::Consent => format!("{} agreed.", number::count(question.answered)),
            QuestionKind::Words => "Words only: there is nothing to answer.".into(),
            _ => format!("{answers}; see the answers beneath."),
        };
    }
    if question.answered == 0 {
        return "No answers in these days.".into();
    }
    let versions = if has_versions {
        " Earlier wordings count too."
    } else {
        ""
    };
    if question.answered >= ENOUGH {
        return format!(
            "Share of {answers}; in brackets the range that chance alone allows.{several}{versions}"
        );
    }
    let score = match question.scale {
        Some(_) => " In brackets behind the score: the range that chance alone allows.",
        None => "",
    };
    format!(
        "Counts of {answers}; {ENOUGH} would bear a share with its range.{score}{several}{versions}"
    )
}

fn times(n: i64) -> String {
    number::counted(n, "time", "times")
}

fn answer_view(answer: &Answer, report: &PromptReport, when: &When) -> AnswerView {
    let badges = [
        (answer.is_test, ("", "test")),
        (answer.is_automated, ("warn", "automated")),
        (answer.is_late, ("warn", "late")),
        (!answer.is_complete, ("", "in part")),
        (answer.is_converted_later(), ("good", "converted later")),
    ];
    let said = answer.said(report.design_of(answer));
    AnswerView {
        id: answer.impression_id.to_string(),
        chosen: chosen(&said, "In words"),
        comments: said
            .into_iter()
            .map(|said| said.comment)
            .filter(|comment| !comment.is_empty())
            .collect(),
        when: when.moment(answer.answered_at),
        machine_time: when.machine(answer.answered_at),
        badges: badges
            .into_iter()
            .filter_map(|(is, badge)| is.then_some(badge))
            .collect(),
    }
}
