//! Scores: what was given on the scales of all questions, against the days before, by week, by outcome, and by what one dimension says.
//!
//! Answers count on the day on which their visit began, whichever wording they were given to.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::{
    overview::Choice,
    period::Period,
    prompt::Scale,
    signatures::{Days, Query},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        types::{Recount, Told},
    },
    ingest::sums::ANSWERS,
    prompt::{
        self,
        types::{Prompt, Question, QuestionKind},
    },
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::{LEVEL, Rate, Recommending, Score, ces, csat, mean_difference, nps, nps_difference},
    types::{Millis, PromptId},
};

/// The scores of one site over one period.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// A question each: prompts in the order in which they have their say, questions in that of the card.
    pub scales: Vec<ScaleScores>,
    /// Whether any prompt asks for a value on a scale, or ever did.
    pub has_scales: bool,
    /// Answers of automated browsers that do not count.
    pub automated: i64,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
}

/// What was given to one question.
#[derive(Clone, Debug)]
pub struct ScaleScores {
    /// Leads to its report.
    pub prompt_id: PromptId,
    /// What the owner calls the prompt.
    pub prompt: String,
    /// The question in its newest wording.
    pub question: Question,
    /// In the period.
    pub now: Scale,
    /// In the days before.
    pub before: Scale,
    /// Each week of the period by its first day (YYYYMMDD), oldest first.
    pub weeks: Vec<(i32, Scale)>,
    /// In visits of the period that reached the main goal, before or after the answer.
    pub converted: Scale,
    /// In those that did not.
    pub not_converted: Scale,
    /// In those that were not counted with the main goal as it is now.
    pub unknown: Scale,
    /// By what a dimension says of the visit, most answers first; empty when none was asked for.
    pub values: Vec<(String, Scale)>,
}

/// What a scale comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Net Promoter Score, −100 to 100.
    Nps,
    /// Share of the two best, a fraction of one.
    Csat,
    /// Share of thumbs up, a fraction of one.
    ThumbsUp,
    /// Mean on the question's own scale: customer effort, ratings.
    Mean,
}

impl Measure {
    /// The one for this question.
    pub fn of(question: &Question) -> Self {
        match question.kind {
            QuestionKind::Nps => Self::Nps,
            QuestionKind::Csat => Self::Csat,
            _ if question.is_thumbs() => Self::ThumbsUp,
            _ => Self::Mean,
        }
    }

    /// As files name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nps => "nps",
            Self::Csat => "csat",
            Self::ThumbsUp => "thumbs_up",
            Self::Mean => "mean",
        }
    }

    fn rate(self, scale: &Scale) -> Rate {
        match self {
            Self::ThumbsUp => {
                let up = scale.given.last().copied();
                Rate::new(up.unwrap_or_default(), scale.answers())
            }
            _ => csat(&scale.given),
        }
    }

    /// What it comes to, with its interval; `None` of no answer, and of too few for a share.
    pub fn score(self, scale: &Scale) -> Option<Score> {
        match self {
            Self::Nps => nps(Recommending::of(&scale.given), LEVEL),
            Self::Mean => ces(&scale.given).map(|(mean, _)| mean),
            Self::Csat | Self::ThumbsUp => {
                let rate = self.rate(scale);
                let value = rate.share().filter(|_| rate.is_enough())?;
                let interval = rate.wilson();
                Some(Score { value, interval })
            }
        }
    }

    /// How much higher the one is than the other, with the interval of the difference.
    pub fn difference(self, left: &Scale, right: &Scale) -> Option<Score> {
        match self {
            Self::Nps => {
                let of = |scale: &Scale| Recommending::of(&scale.given);
                nps_difference(of(left), of(right), LEVEL)
            }
            Self::Mean => mean_difference(&left.given, &right.given, LEVEL),
            Self::Csat | Self::ThumbsUp => {
                let (left, right) = (self.rate(left), self.rate(right));
                let is_enough = left.is_enough() && right.is_enough();
                let (value, interval) = left.difference(right).filter(|_| is_enough)?;
                let interval = Some(interval);
                Some(Score { value, interval })
            }
        }
    }
}

/// How often a value was given in visits that are alike.
#[derive(Debug, FromQueryResult)]
struct GivenRow {
    prompt_id: PromptId,
    question_id: String,
    number: i32,
    day: i32,
    value: String,
    version: i32,
    converted: i32,
    is_automated: bool,
    n: i64,
}

/// Loads the report.
pub async fn load(db: &Db, site: &Site, period: &Period, choice: &Choice) -> AppResult<Scores> {
    let tx = db.snapshot().await?;
    let prompts = prompt::store::list_prompts(&tx, site.id).await?;
    let mut questions = vec![];
    for prompt in &prompts {
        questions.extend(scales_of(&tx, site, prompt).await?);
    }
    let rows = rows(&tx, site, period, choice).await?;
    let definitions = goal::store::load_definitions(&tx, site.id).await?;
    let recount = goal::store::recount::find(&tx, site.id).await?;
    tx.commit().await?;
    let facts = Facts {
        rows,
        main: definitions.main_told(&site.time_zone),
        with_automated: site.kind == SiteKind::Demo || period.automated,
        period,
        choice,
    };
    let scales = questions.iter().map(|(prompt, it)| facts.scale(prompt, it));
    Ok(Scores {
        has_scales: !questions.is_empty(),
        scales: scales.filter(ScaleScores::was_answered).collect(),
        automated: facts.automated(),
        recount,
    })
}

/// The questions of the prompt with a scale, each in its newest wording.
async fn scales_of<'a>(
    db: &impl ConnectionTrait,
    site: &Site,
    prompt: &'a Prompt,
) -> AppResult<Vec<(&'a Prompt, Question)>> {
    let mut questions: Vec<(&Prompt, Question)> = vec![];
    for version in prompt::store::list_versions(db, site.id, prompt.id).await? {
        for question in version.design.questions {
            let is_listed = questions.iter().any(|(_, it)| it.id == question.id);
            if !is_listed && question.scale().is_some() {
                questions.push((prompt, question));
            }
        }
    }
    Ok(questions)
}

async fn rows(
    db: &impl ConnectionTrait,
    site: &Site,
    period: &Period,
    choice: &Choice,
) -> AppResult<Vec<GivenRow>> {
    let days = (period.previous().0, period.to);
    let days = (calendar::number(days.0), calendar::number(days.1));
    let query = Query {
        by: choice.by,
        filters: choice.filters.clone(),
        // Visits that may still move on are not told apart.
        ..Query::new(site.id, days, Millis::MAX)
    };
    let query = query.with_packs(db, &[(&ANSWERS, &Days::Each)]).await?;
    let sql = format!(
        "SELECT s.prompt_id, s.question_id, s.number, s.day, s.value, s.version, s.converted, s.is_automated,
           CAST(SUM(s.answers) AS BIGINT) AS n
         FROM ({}) AS s WHERE s.number >= 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8",
        query.sums(&ANSWERS)
    );
    let values = query.values_of(&ANSWERS);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(GivenRow::find_by_statement(statement).all(db).await?)
}

struct Facts<'a> {
    rows: Vec<GivenRow>,
    /// Which visits can tell whether they reached the main goal.
    main: Told,
    with_automated: bool,
    period: &'a Period,
    choice: &'a Choice,
}

impl Facts<'_> {
    fn counts(&self, row: &GivenRow) -> bool {
        self.with_automated || !row.is_automated
    }

    fn is_now(&self, row: &GivenRow) -> bool {
        row.day >= calendar::number(self.period.from)
    }

    /// Answers of the period that do not count.
    fn automated(&self) -> i64 {
        let rows = self.rows.iter().filter(|row| self.is_now(row));
        rows.filter(|row| !self.counts(row)).map(|row| row.n).sum()
    }

    fn scale(&self, prompt: &Prompt, question: &Question) -> ScaleScores {
        let nothing = || Scale::nothing(question);
        let weeks = self.period.weeks();
        let starts = weeks.values().map(|start| (*start, nothing()));
        let mut by_week: BTreeMap<i32, Scale> = starts.collect();
        let mut by_value: BTreeMap<&str, Scale> = BTreeMap::new();
        let mut scores = ScaleScores {
            prompt_id: prompt.id,
            prompt: prompt.name.clone(),
            question: question.clone(),
            now: nothing(),
            before: nothing(),
            weeks: vec![],
            converted: nothing(),
            not_converted: nothing(),
            unknown: nothing(),
            values: vec![],
        };
        let own = self.rows.iter().filter(|row| {
            row.prompt_id == prompt.id && row.question_id == question.id && self.counts(row)
        });
        for row in own {
            let add = |scale: &mut Scale| scale.add(question, i64::from(row.number), row.n);
            if !self.is_now(row) {
                add(&mut scores.before);
                continue;
            }
            add(&mut scores.now);
            let is_told = self.main.is_by(row.version, row.day);
            add(match row.converted {
                _ if !is_told => &mut scores.unknown,
                0 => &mut scores.not_converted,
                _ => &mut scores.converted,
            });
            if let Some(week) = weeks.get(&row.day).and_then(|it| by_week.get_mut(it)) {
                add(week);
            }
            if self.choice.by.is_some() {
                add(by_value.entry(&row.value).or_insert_with(nothing));
            }
        }
        scores.weeks = by_week.into_iter().collect();
        let values = by_value.into_iter();
        scores.values = values.map(|(value, it)| (value.to_owned(), it)).collect();
        let most_first = |(_, it): &(String, Scale)| std::cmp::Reverse(it.answers());
        scores.values.sort_by_key(most_first);
        scores
    }
}

impl ScaleScores {
    fn was_answered(&self) -> bool {
        self.now.answers() + self.before.answers() > 0
    }
}

impl Scale {
    fn nothing(question: &Question) -> Self {
        let scale = question.scale().unwrap_or(0..=0);
        Self {
            top: *scale.end(),
            given: scale.map(|_| 0).collect(),
        }
    }

    /// Values that the newest wording has not are left out.
    fn add(&mut self, question: &Question, number: i64, n: i64) {
        let mut places = question.scale().into_iter().flatten();
        let place = places.position(|value| value == number);
        if let Some(given) = place.and_then(|place| self.given.get_mut(place)) {
            *given += n;
        }
    }

    /// How many gave a value.
    pub fn answers(&self) -> i64 {
        self.given.iter().sum()
    }
}
