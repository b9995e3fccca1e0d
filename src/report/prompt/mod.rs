//! One prompt: who could be asked, what became of it, and what they chose.
//!
//! Counted over the same visits as the funnel, whatever steps they were counted by.

mod bias;
pub mod effect;
mod help;
mod queries;
mod stages;
mod timing;

pub use bias::{Bias, KindResponse};
pub use effect::Effect;
pub use help::Helped;
pub use stages::{Counts, Reached, Stage};
pub use timing::TimeToAnswer;

use std::{ops::RangeInclusive, sync::Arc};

use sea_orm::{ConnectionTrait, Statement, Value};

pub(super) use self::queries::{COUNTS, OfPrompt};
use self::{help::Helps, queries::Counted};
use super::{
    overview::Choice,
    period::{Period, known_within},
    wordings::{self, WordingReport},
};
use crate::{
    answer::{self, filter::AnswerFilter, types::Answer},
    db::Db,
    error::AppResult,
    goal,
    ingest::sums::{ANSWERS, ASKED, CARDS, TIMES, VISITS},
    prompt::{
        self,
        types::{AskAt, Design, Prompt, PromptVersion, Question},
    },
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::Rate,
    types::{Millis, PromptId},
};

/// How many of the newest answers stand on the page.
const NEWEST: u64 = 10;

/// The report of one prompt over one period.
#[derive(Clone, Debug)]
pub struct PromptReport {
    /// The prompt.
    pub prompt: Prompt,
    /// Every wording that visitors got, newest first.
    pub versions: Vec<PromptVersion>,
    /// Whether it waits for a moment; else visitors come to it by themselves.
    pub waits: bool,
    /// What became of its moments.
    pub counts: Counts,
    /// The same in the days before.
    pub before: Counts,
    /// Whether those who answered are like all for whom it opened.
    pub bias: Option<Bias>,
    /// Answers from a file; they count in what was said, and not in the counts.
    pub imported: i64,
    /// How long they took to answer.
    pub timing: Option<TimeToAnswer>,
    /// Moves to leave after which nobody was there any more, of all; for prompts that ask at them.
    pub left: Option<Rate>,
    /// What the owner calls the main goal; `None` without one.
    pub main_goal: Option<String>,
    /// Those asked against those left unasked; `None` when nobody was left unasked.
    pub effect: Option<Effect>,
    /// How often it was not asked, by code of the reason, most frequent first.
    pub refusals: Vec<(String, i64)>,
    /// To which prompts it lost the one question of a visit, most frequent first.
    pub lost_to: Vec<(String, i64)>,
    /// The wordings that are tried beside each other; none when there is one only.
    pub wordings: Vec<WordingReport>,
    /// Every question in the order of the card, then those that only older wordings had.
    pub questions: Vec<QuestionReport>,
    /// What became of each help that an ending offered, in the order of the newest wording.
    pub helped: Vec<Helped>,
    /// Answers of these days that no figure counts.
    pub uncounted: Uncounted,
    /// Cards that opened and those with an answer, by what the dimension says that visits are broken down by, most first; empty
    /// when there is none.
    pub by_value: Vec<(String, Rate)>,
    /// The newest answers, tests and all.
    pub answers: Vec<Answer>,
}

/// Answers of these days that stand in the list and count nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uncounted {
    /// Answers of tests.
    pub tests: i64,
    /// Answers of automated browsers that were no tests.
    pub automated: i64,
}

/// What was said to one question.
#[derive(Clone, Debug)]
pub struct QuestionReport {
    /// The question in the newest wording that visitors got, else in that of the draft.
    pub question: Question,
    /// How many answered it.
    pub answered: i64,
    /// Who of them chose what, in the order of the card; of a ranking, what they put first; of a scale, its values.
    pub choices: Vec<ChoiceShare>,
    /// How often each value of a scale was given.
    pub scale: Option<Scale>,
}

/// What was given on a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The highest value.
    pub top: i64,
    /// How often each value was given, the lowest first.
    pub given: Vec<i64>,
}

impl PromptReport {
    /// What visitors get, else what they got last; the draft before that.
    pub fn design(&self) -> &Design {
        let newest = self.versions.first();
        newest.map_or(&self.prompt.draft, |version| &version.design)
    }

    /// The wording in which an answer was given; that of the draft when it is not known.
    pub fn design_of(&self, answer: &Answer) -> &Design {
        let mut versions = self.versions.iter();
        let version = versions.find(|version| version.version == answer.prompt_version);
        version.map_or(&self.prompt.draft, |version| &version.design)
    }
}

/// How often a choice was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceShare {
    /// What visitors read.
    pub label: String,
    /// Of all who answered the question.
    pub rate: Rate,
}

/// Which impressions count: `$1` site, `$2` prompt, `$3` and `$4` first and last day, `$5` automated browsers too, `$6` and `$7` when
/// they can have been decided at all, `$8` those too that no moment decided. CROSS JOIN keeps SQLite from beginning with the visits, of which there are far more.
const WHICH: &str = "i.site_id = $1 AND i.prompt_id = $2 AND i.decided_at BETWEEN $6 AND $7
  AND v.site_id = i.site_id AND v.id = i.visit_id AND v.day BETWEEN $3 AND $4
  AND NOT i.is_test AND NOT v.is_test AND (NOT v.is_automated OR $5) AND (i.is_automatic OR $8)";

/// Loads the report.
pub async fn load(
    db: &Db,
    site: &Site,
    id: PromptId,
    period: &Period,
    choice: &Choice,
    now: Millis,
) -> AppResult<PromptReport> {
    let tx = db.snapshot().await?;
    let prompt = prompt::store::find_prompt(&tx, site.id, id).await?;
    let versions = prompt::store::list_versions(&tx, site.id, id).await?;
    let newest = versions
        .first()
        .map_or(&prompt.draft, |version| &version.design);
    let waits = newest.look.shown_as.waits_for_a_moment();
    let asks_at_exit = waits && newest.moment.ask_at.contains(&AskAt::Exit);
    let mut of_prompt = OfPrompt {
        site,
        period,
        id,
        waits,
        filters: &choice.filters,
        packed: Arc::default(),
    };
    let mut tables = vec![&ASKED, &ANSWERS, &CARDS, &TIMES];
    if asks_at_exit {
        tables.push(&VISITS);
    }
    of_prompt.packed = of_prompt.packs(&tx, &tables).await?;
    let decided = of_prompt.decided(&tx).await?;
    let before = of_prompt.before(&tx).await?;
    let bias = bias::load(&tx, &of_prompt).await?;
    let imported = of_prompt.imported(&tx).await?;
    let wordings = wordings::load(&tx, &of_prompt, &prompt, &versions).await?;
    let helps = match designs(&prompt, &versions).any(help::is_offered) {
        true => {
            let values = values(site, id, period, !waits);
            let main = goal::store::load_definitions(&tx, site.id).await?;
            let main = main.main_told(&site.time_zone);
            help::load(&tx, id, &choice.filters, values, main).await?
        }
        false => Helps::new(),
    };
    let counted = of_prompt.counted(&tx).await?;
    let uncounted = of_prompt.uncounted(&tx).await?;
    let by_value = match choice.by {
        Some(by) => of_prompt.by_value(&tx, by).await?,
        None => vec![],
    };
    let timing = timing::load(&tx, &of_prompt).await?;
    let left = match asks_at_exit {
        true => Some(of_prompt.left(&tx, now).await?),
        false => None,
    };
    let goals = goal::store::list_goals(&tx, site.id).await?;
    let effects = effect::load(&tx, site, &[id], period.automated, now).await?;
    let filter = AnswerFilter {
        prompt_id: Some(id),
        visits: choice.conditions(),
        ..AnswerFilter::default()
    };
    let answers = answer::store::list_answers(&tx, site.id, &filter, None, NEWEST).await?;
    tx.commit().await?;
    let designs: Vec<&Design> = designs(&prompt, &versions).collect();
    Ok(PromptReport {
        questions: questions(&designs, counted),
        helped: help::by_ending(&designs, &helps),
        versions,
        prompt,
        waits,
        counts: decided.counts,
        before,
        bias,
        imported,
        timing,
        left,
        main_goal: goals
            .into_iter()
            .find(|goal| goal.is_primary)
            .map(|goal| goal.name),
        effect: effects.get(&id).copied().filter(|_| waits),
        refusals: decided.refusals,
        lost_to: decided.lost_to,
        wordings,
        uncounted,
        by_value,
        answers,
    })
}

/// What visitors got, the newest first; the draft before they got any.
fn designs<'a>(
    prompt: &'a Prompt,
    versions: &'a [PromptVersion],
) -> impl Iterator<Item = &'a Design> {
    let draft = versions.is_empty().then_some(&prompt.draft);
    let published = versions.iter().map(|version| &version.design);
    published.chain(draft)
}

fn values(site: &Site, id: PromptId, period: &Period, is_any: bool) -> Vec<Value> {
    let (earliest, latest) = known_within(period.from, period.to, &site.time_zone);
    vec![
        site.id.into(),
        id.into(),
        calendar::number(period.from).into(),
        calendar::number(period.to).into(),
        (period.automated || site.kind == SiteKind::Demo).into(),
        earliest.into(),
        latest.into(),
        is_any.into(),
    ]
}

fn statement(db: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Questions of the newest wording in the order of the card, then those that only older ones had.
fn questions(designs: &[&Design], mut counted: Counted) -> Vec<QuestionReport> {
    let mut reports: Vec<QuestionReport> = vec![];
    for (age, design) in designs.iter().enumerate() {
        for question in &design.questions {
            let id = &question.id;
            let n = counted.remove(&(id.clone(), String::new()));
            let is_listed = reports.iter().any(|report| &report.question.id == id);
            if !is_listed && (age == 0 || n.is_some()) {
                let answered = n.unwrap_or_default();
                let wordings = designs.iter().filter_map(|design| design.question(id));
                let scale = question.scale();
                let values = scale.map(|scale| scale_values(id, scale, &mut counted));
                reports.push(QuestionReport {
                    question: question.clone(),
                    answered,
                    scale: values.as_deref().and_then(summary),
                    choices: match values {
                        Some(values) => value_shares(question, &values),
                        None => shares(wordings, &mut counted, answered),
                    },
                });
            }
        }
    }
    reports
}

/// How often each value of the scale was given, the highest first.
fn scale_values(
    question_id: &str,
    scale: RangeInclusive<i64>,
    counted: &mut Counted,
) -> Vec<(i64, i64)> {
    let mut n = |value: i64| counted.remove(&(question_id.to_owned(), value.to_string()));
    scale
        .rev()
        .map(|value| (value, n(value).unwrap_or_default()))
        .collect()
}

fn value_shares(question: &Question, values: &[(i64, i64)]) -> Vec<ChoiceShare> {
    let all = values.iter().map(|(_, n)| n).sum();
    let share = |(value, n): &(i64, i64)| ChoiceShare {
        label: question
            .value_label(*value as f64)
            .map_or_else(|| value.to_string(), Into::into),
        rate: Rate::new(*n, all),
    };
    values.iter().map(share).collect()
}

fn summary(values: &[(i64, i64)]) -> Option<Scale> {
    let (top, _) = *values.first()?;
    let given = values.iter().rev().map(|(_, n)| *n).collect();
    Some(Scale { top, given })
}

/// Choices of the newest wording in the order of the card, then those that only older ones had.
fn shares<'a>(
    wordings: impl Iterator<Item = &'a Question>,
    counted: &mut Counted,
    answered: i64,
) -> Vec<ChoiceShare> {
    let mut shares: Vec<(&str, ChoiceShare)> = vec![];
    for (age, question) in wordings.enumerate() {
        for (id, label) in question.labels() {
            let n = counted.remove(&(question.id.clone(), id.to_owned()));
            let is_listed = shares.iter().any(|(listed, _)| *listed == id);
            if !is_listed && (age == 0 || n.is_some()) {
                let rate = Rate::new(n.unwrap_or_default(), answered);
                let label = label.to_owned();
                shares.push((id, ChoiceShare { label, rate }));
            }
        }
    }
    shares.into_iter().map(|(_, share)| share).collect()
}
