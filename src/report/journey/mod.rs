//! One answer with its visit: what happened before it, and after.

mod tell;
mod types;

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect,
};

use self::tell::{Completed, Event, Mark};
pub use self::types::{Line, What};
use super::journal::{self, MOST_EVENTS};
use crate::{
    answer::{
        self,
        filter::AnswerFilter,
        tag::Tag,
        types::{Answer, Said},
    },
    db::{
        Db,
        entity::{
            OfSite, answer as answer_row, goal as goal_row, impression, prompt as prompt_row,
            visit, visit_goal,
        },
    },
    error::{AppError, AppResult},
    goal::{
        self,
        types::{Definitions, GoalRole},
    },
    ingest::VISIT_GAP,
    prompt::{self, languages, types::Design},
    reason,
    types::{GoalId, ImpressionId, Millis, PromptId, ReasonId, SiteId, VisitId},
};

/// Visits of a week that are looked at; who makes more is no person.
const MOST_LATER: u64 = 20;

/// An answer within its visit.
#[derive(Clone, Debug)]
pub struct Journey {
    /// The answer.
    pub answer: Answer,
    /// Language and wording of the card, where there were several.
    pub shown: Vec<String>,
    /// What was said, in the words that were shown; one a question.
    pub said: Vec<Said>,
    /// Name of the prompt.
    pub prompt_name: String,
    /// The site's tags.
    pub tags: Vec<Tag>,
    /// The reasons behind it.
    pub reasons: Vec<String>,
    /// The visit.
    pub visit: visit::Model,
    /// What happened, oldest first.
    pub lines: Vec<Line>,
    /// How much of the visit they tell.
    pub told: Told,
    /// Whether the visit reached the main goal.
    pub outcome: Outcome,
    /// Name of the main goal.
    pub main_goal: Option<String>,
}

/// Whether the visit reached the main goal, seen from the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Before it answered.
    Before,
    /// So many ms after it answered.
    Later(Millis),
    /// Not yet; the visit may still move on.
    NotYet,
    /// Not in this visit.
    Not,
    /// The visit was not counted with the main goal as it is now.
    Unknown,
}

/// How much the journal of a visit still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// All of it.
    Whole,
    /// What came last: there is more than is told.
    Newest,
    /// Nothing: the site keeps events for so long.
    Nothing,
}

/// Loads the journey of an answer.
pub async fn load(db: &Db, site_id: SiteId, id: ImpressionId, now: Millis) -> AppResult<Journey> {
    let tx = db.snapshot().await?;
    let answer = answer::store::find_answer(&tx, site_id, id).await?;
    let visit = find_visit(&tx, site_id, answer.visit_id).await?;
    let version =
        prompt::store::load_version(&tx, site_id, answer.prompt_id, answer.prompt_version).await?;
    let definitions = goal::store::load_definitions(&tx, site_id).await?;
    let goals = goal_rows(&tx, site_id).await?;
    let names = prompt_names(&tx, site_id).await?;
    let is_open = visit.closed_at.is_none() && visit.last_at > now - VISIT_GAP;
    let mut marks = goal_marks(&tx, site_id, visit.id, &definitions, &goals).await?;
    marks.extend(prompt_marks(&tx, site_id, visit.id, id, &names).await?);
    // Who answers is there: the clock of an answer may run ahead of what the page told last.
    let answered = marks
        .iter()
        .filter(|mark| matches!(mark.what, What::Answered { .. } | What::Closed { .. }))
        .map(|mark| mark.at);
    marks.push(Mark {
        at: answered
            .chain([visit.last_at])
            .max()
            .unwrap_or(visit.last_at),
        what: if is_open { What::StillOpen } else { What::Left },
    });
    let journal = journal::newest(&tx, site_id, visit.id).await?;
    let later = completed_later(&tx, site_id, &visit).await?;
    let reasons = reason_names(&tx, site_id, &answer).await?;
    let tags = answer::store::marks::list_tags(&tx, site_id).await?;
    tx.commit().await?;
    let events: Vec<Event> = journal.batches.iter().flat_map(tell::read).collect();
    Ok(Journey {
        told: match journal.is_all && events.len() <= MOST_EVENTS {
            true if journal.batches.is_empty() => Told::Nothing,
            true => Told::Whole,
            false => Told::Newest,
        },
        shown: shown(&answer, &version.design),
        said: answer.said(&version.design),
        tags,
        reasons,
        prompt_name: names.get(&answer.prompt_id).cloned().unwrap_or_default(),
        lines: tell::tell(events, marks, later),
        outcome: outcome(&answer, is_open),
        main_goal: goals
            .values()
            .find(|goal| goal.is_primary)
            .map(|goal| goal.name.clone()),
        visit,
        answer,
    })
}

/// Answers that are read at once, each within its visit.
const MOST_ANSWERS: u64 = 20;

/// The newest answers, each within its visit.
pub async fn newest(
    db: &Db,
    site_id: SiteId,
    filter: &AnswerFilter,
    now: Millis,
) -> AppResult<Vec<Journey>> {
    let answers = answer::store::list_answers(&db.read, site_id, filter, None, MOST_ANSWERS);
    let mut journeys = vec![];
    for answer in answers.await? {
        journeys.push(load(db, site_id, answer.impression_id, now).await?);
    }
    Ok(journeys)
}

/// What the visitor completed in later visits, as long as it counts as recovered; only of one who agreed to be known again.
async fn completed_later(
    tx: &DatabaseTransaction,
    site_id: SiteId,
    visit: &visit::Model,
) -> AppResult<Vec<Completed>> {
    use visit::Column;
    let Some(visitor) = &visit.visitor_id else {
        return Ok(vec![]);
    };
    let until = visit.last_at + tell::RECOVERED_WITHIN;
    let later: Vec<VisitId> = visit::Entity::of_site(site_id)
        .select_only()
        .column(Column::Id)
        .filter(Column::VisitorId.eq(visitor.clone()))
        .filter(Column::StartedAt.gt(visit.started_at))
        .filter(Column::StartedAt.lte(until))
        .order_by_asc(Column::StartedAt)
        .limit(MOST_LATER)
        .into_tuple()
        .all(tx)
        .await?;
    let mut completed = Vec::new();
    for id in later {
        let journal = journal::newest(tx, site_id, id).await?;
        let events: Vec<Event> = journal.batches.iter().flat_map(tell::read).collect();
        completed.extend(tell::completed(&events));
    }
    Ok(completed)
}

fn shown(answer: &Answer, design: &Design) -> Vec<String> {
    let language = answer.language.as_deref();
    let language = language.filter(|_| design.languages().count() > 1);
    let wording = answer.wording.as_deref();
    let wording = wording.filter(|_| design.wordings().count() > 1);
    let wording = wording.map(|id| format!("wording {}", id.to_uppercase()));
    language
        .map(languages::name)
        .into_iter()
        .chain(wording)
        .collect()
}

fn outcome(answer: &Answer, is_open: bool) -> Outcome {
    match answer.converted_at {
        _ if !answer.is_told => Outcome::Unknown,
        Some(at) if at <= answer.answered_at => Outcome::Before,
        Some(at) => Outcome::Later(at - answer.answered_at),
        None if is_open => Outcome::NotYet,
        None => Outcome::Not,
    }
}

async fn find_visit(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: VisitId,
) -> AppResult<visit::Model> {
    let visit = visit::Entity::of_site(site_id)
        .filter(visit::Column::Id.eq(id))
        .one(db)
        .await?;
    visit.ok_or(AppError::NotFound("visit"))
}

async fn goal_rows(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<HashMap<GoalId, goal_row::Model>> {
    Ok(goal_row::Entity::of_site(site_id)
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect())
}

async fn prompt_names(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<HashMap<PromptId, String>> {
    Ok(prompt_row::Entity::of_site(site_id)
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row.name))
        .collect())
}

async fn reason_names(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    answer: &Answer,
) -> AppResult<Vec<String>> {
    let given: Vec<ReasonId> = answer
        .given
        .iter()
        .flat_map(|given| &given.chosen)
        .filter_map(|chosen| chosen.reason_id)
        .collect();
    let reasons = reason::store::list_reasons(db, site_id).await?;
    Ok(reasons
        .into_iter()
        .filter(|reason| given.contains(&reason.id))
        .map(|reason| reason.name)
        .collect())
}

/// Goals that the owner listed, at the time they were first reached.
async fn goal_marks(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    visit_id: VisitId,
    definitions: &Definitions,
    goals: &HashMap<GoalId, goal_row::Model>,
) -> AppResult<Vec<Mark>> {
    let rows = visit_goal::Entity::of_site(site_id)
        .filter(visit_goal::Column::VisitId.eq(visit_id))
        .all(db)
        .await?;
    let mark = |row: visit_goal::Model| {
        let version = definitions
            .goals
            .iter()
            .find(|version| i32::from(version.bit) == row.bit)?;
        let goal = goals.get(&version.goal_id).filter(|goal| goal.is_listed)?;
        let role = GoalRole::parse(&goal.role)?;
        Some(Mark {
            at: row.first_at,
            what: What::Goal {
                name: goal.name.clone(),
                role,
            },
        })
    };
    Ok(rows.into_iter().filter_map(mark).collect())
}

/// Questions that were asked in the visit, and what became of them.
async fn prompt_marks(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    visit_id: VisitId,
    this: ImpressionId,
    names: &HashMap<PromptId, String>,
) -> AppResult<Vec<Mark>> {
    let impressions = impression::Entity::of_site(site_id)
        .filter(impression::Column::VisitId.eq(visit_id))
        .all(db)
        .await?;
    let answers = answer_row::Entity::of_site(site_id)
        .filter(answer_row::Column::VisitId.eq(visit_id))
        .all(db)
        .await?;
    let mut marks = Vec::new();
    for impression in impressions
        .into_iter()
        .filter(|impression| impression.arm.is_some())
    {
        let prompt = names
            .get(&impression.prompt_id)
            .cloned()
            .unwrap_or_default();
        let is_this = impression.id == this;
        if impression.arm.as_deref() == Some("held_out") {
            marks.push(Mark {
                at: impression.decided_at,
                what: What::HeldOut { prompt },
            });
            continue;
        }
        // Of an answer from a file nobody knows when it was asked.
        let is_imported = impression.arm.as_deref() == Some("imported");
        let asked_at = impression.shown_at.unwrap_or(impression.decided_at);
        if !is_imported {
            marks.push(Mark {
                at: asked_at,
                what: What::Asked {
                    prompt: prompt.clone(),
                    moment: impression.asked_at_moment,
                },
            });
        }
        if let Some(answer) = answers
            .iter()
            .find(|answer| answer.impression_id == impression.id)
        {
            let after_ms = match is_imported {
                true => 0,
                false => answer.answered_at - asked_at,
            };
            marks.push(Mark {
                at: answer.answered_at,
                what: What::Answered {
                    prompt,
                    is_this,
                    after_ms,
                },
            });
        } else if let Some(at) = impression.dismissed_at {
            marks.push(Mark {
                at,
                what: What::Closed { prompt },
            });
        }
    }
    Ok(marks)
}
