//! Scores of all questions, in words and figures. Pure.

use super::{
    board::Cell,
    chosen::{Chosen, FilterView},
    dimension::{place, value_words},
    number,
    recount::recount_line,
    when::{When, day_short, days_long},
};
use crate::{
    report::{
        overview::Choice,
        period::Period,
        prompt::Scale,
        scores::{Measure, ScaleScores, Scores},
    },
    site::calendar,
    stats::{Interval, Score},
};

/// Values of a dimension on the page; the files have all.
const MOST_VALUES: usize = 12;

/// The page.
pub struct ScoresView {
    /// The finding.
    pub heading: String,
    /// Whether any prompt asks for a value on a scale, or ever did.
    pub has_scales: bool,
    /// Filters that are set.
    pub filters: Vec<FilterView>,
    /// A question each.
    pub scales: Vec<ScaleView>,
    /// What else to know about the figures.
    pub notes: Vec<String>,
    /// How many automated answers are left out.
    pub automated: Option<String>,
}

/// A question.
pub struct ScaleView {
    /// Names it on the page.
    pub id: String,
    /// Leads to the report of its prompt.
    pub prompt_id: String,
    /// What the owner calls the prompt.
    pub prompt: String,
    /// What visitors read.
    pub title: String,
    /// How the score is made.
    pub meaning: String,
    /// The period, the days before, outcomes, and what a dimension says.
    pub lines: Vec<ScoreLine>,
    /// What is not on the page.
    pub rest: Option<String>,
    /// Week by week, the newest first; empty of one week.
    pub weeks: Vec<ScoreLine>,
}

/// The score of some answers.
pub struct ScoreLine {
    /// Whose.
    pub name: String,
    /// The score with its range and number of answers.
    pub score: Cell,
    /// How it differs from the line below, with the range; empty where they are not compared.
    pub difference: String,
    /// Where only these visits count.
    pub only: Option<String>,
}

impl ScoresView {
    /// Puts scores into words.
    pub fn new(scores: &Scores, choice: &Choice, period: &Period, when: &When) -> Self {
        let chosen = Chosen::new(period, choice);
        let answers = scores.scales.iter().map(|it| it.now.answers()).sum();
        let words = Words { chosen: &chosen };
        Self {
            heading: heading(answers, scores.scales.len()),
            has_scales: scores.has_scales,
            filters: chosen.filters(),
            scales: scores.scales.iter().map(|it| words.scale(it)).collect(),
            notes: notes(scores, when),
            automated: automated(scores.automated),
        }
    }
}

fn heading(answers: i64, questions: usize) -> String {
    match answers {
        0 => "No scores in these days".into(),
        answers => format!(
            "{} to {}",
            number::counted(answers, "score", "scores"),
            number::counted(questions as i64, "question", "questions")
        ),
    }
}

fn notes(scores: &Scores, when: &When) -> Vec<String> {
    let line = recount_line(scores.recount.as_ref(), when);
    let unknown: i64 = scores.scales.iter().map(|it| it.unknown.answers()).sum();
    let unknown = (unknown > 0).then(|| {
        let answers = number::counted(unknown, "answer", "answers");
        format!("Of {answers} it is not known whether their visits reached the main goal: they are not counted by it.")
    });
    line.into_iter().chain(unknown).collect()
}

fn automated(n: i64) -> Option<String> {
    (n > 0).then(|| {
        let answers = number::counted(n, "answer", "answers");
        let are = if n == 1 { "is" } else { "are" };
        format!("{answers} of automated browsers {are} not counted.")
    })
}

struct Words<'a> {
    chosen: &'a Chosen<'a>,
}

impl Words<'_> {
    fn scale(&self, scores: &ScaleScores) -> ScaleView {
        let measure = Measure::of(&scores.question);
        let (period, told) = (self.chosen.period, Told { measure });
        let (from, to) = period.previous();
        let mut lines = vec![
            told.line("These days", &scores.now, Some(&scores.before)),
            told.line(&days_long(from, to, period.today), &scores.before, None),
        ];
        let (there, not) = (&scores.converted, &scores.not_converted);
        if there.answers() > 0 && not.answers() > 0 {
            lines.push(told.line("Reached the main goal", there, Some(not)));
            lines.push(told.line("Did not reach it", not, None));
        }
        let shown = scores.values.len().min(MOST_VALUES);
        let (shown, rest) = scores.values.split_at(shown);
        if let Some(by) = self.chosen.choice.by {
            let mut shown: Vec<_> = shown.iter().collect();
            shown.sort_by_key(|(value, _)| place(by, value));
            lines.extend(shown.into_iter().map(|(value, scale)| ScoreLine {
                only: Some(self.chosen.with(by, value)),
                ..told.line(&value_words(by, value), scale, None)
            }));
        }
        let weeks = scores.weeks.iter().rev().map(|(day, scale)| {
            let date = calendar::date_of(*day).unwrap_or_default();
            told.line(
                &format!("From {}", day_short(date, period.today)),
                scale,
                None,
            )
        });
        ScaleView {
            id: format!("{}-{}", scores.prompt_id, scores.question.id),
            prompt_id: scores.prompt_id.to_string(),
            prompt: scores.prompt.clone(),
            title: scores.question.title.clone(),
            meaning: meaning(measure, &scores.now),
            lines,
            rest: (!rest.is_empty()).then(|| {
                format!(
                    "{} more are in the files.",
                    number::count(rest.len() as i64)
                )
            }),
            weeks: if scores.weeks.len() > 1 {
                weeks.collect()
            } else {
                vec![]
            },
        }
    }
}

fn meaning(measure: Measure, scale: &Scale) -> String {
    match measure {
        Measure::Nps => "NPS: of 100 answers those of 9 and 10, less those of 0 to 6".into(),
        Measure::Csat => "CSAT: share that gave one of the two best".into(),
        Measure::ThumbsUp => "Share of thumbs up".into(),
        Measure::Mean => format!("Mean of scores from 1 to {}", scale.top),
    }
}

struct Told {
    measure: Measure,
}

impl Told {
    fn line(&self, name: &str, scale: &Scale, against: Option<&Scale>) -> ScoreLine {
        ScoreLine {
            name: name.to_owned(),
            score: self.cell(scale),
            difference: against
                .and_then(|other| self.measure.difference(scale, other))
                .map_or_else(String::new, |score| self.difference(score)),
            only: None,
        }
    }

    fn cell(&self, scale: &Scale) -> Cell {
        let answers = number::counted(scale.answers(), "answer", "answers");
        let Some(score) = self.measure.score(scale) else {
            return Cell {
                share: answers,
                spread: String::new(),
                of: String::new(),
            };
        };
        Cell {
            share: self.value(score.value, scale),
            spread: score.interval.map_or_else(String::new, |it| self.range(it)),
            of: answers,
        }
    }

    fn value(&self, value: f64, scale: &Scale) -> String {
        match self.measure {
            Measure::Nps => number::signed(value),
            Measure::Csat | Measure::ThumbsUp => number::fraction(value),
            Measure::Mean => format!("{value:.1} of {}", scale.top),
        }
    }

    fn range(&self, interval: Interval) -> String {
        let Interval { low, high } = interval;
        match self.measure {
            Measure::Nps => format!("({} to {})", number::signed(low), number::signed(high)),
            Measure::Csat | Measure::ThumbsUp => {
                format!("({:.1} to {:.1})", low * 100.0, high * 100.0)
            }
            Measure::Mean => format!("({low:.1} to {high:.1})"),
        }
    }

    /// `12 points higher (3 to 21)`; no clear difference where chance alone explains it.
    fn difference(&self, score: Score) -> String {
        let (unit, decimals, name) = match self.measure {
            Measure::Nps => (1.0, 0, " points"),
            Measure::Csat | Measure::ThumbsUp => (100.0, 1, " points"),
            Measure::Mean => (1.0, 1, ""),
        };
        let write = |value: f64| number::decimals(value * unit, decimals);
        let Some(interval) = score.interval else {
            return String::new();
        };
        let range = format!("{} to {}", write(interval.low), write(interval.high));
        if interval.contains_zero() {
            return format!("no clear difference ({range}{name})");
        }
        let word = if score.value < 0.0 { "lower" } else { "higher" };
        format!("{}{name} {word} ({range})", write(score.value.abs()))
    }
}
