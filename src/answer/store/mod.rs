//! Queries about answers: reading, counting, deleting; stars and tags are in `marks`. Recording them is the business of `record`.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};

use self::narrow::{filtered, one_a_card};
use super::{
    filter::AnswerFilter,
    record,
    replay::{REPLAY_URL, replay_url},
    types::{Answer, Chosen, Cursor, Given},
};
use crate::{
    db::entity::{OfSite, answer, answer_choice, impression, visit},
    error::{AppError, AppResult},
    goal::{self, types::Told},
    site,
    types::{ImpressionId, PromptId, ReasonId, Scalar, SiteId, VisitId},
};

pub mod marks;
mod narrow;

/// One page of answers, newest first, after `after`.
pub async fn list_answers(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    filter: &AnswerFilter,
    after: Option<Cursor>,
    limit: u64,
) -> AppResult<Vec<Answer>> {
    let told = main_told(db, site_id).await?;
    let mut query = one_a_card(filtered(site_id, filter, told))
        .order_by_desc(answer::Column::AnsweredAt)
        .order_by_desc(answer::Column::ImpressionId)
        .limit(limit);
    if let Some(after) = after {
        let is_later_in_list = Condition::any()
            .add(answer::Column::AnsweredAt.lt(after.answered_at))
            .add(
                Condition::all()
                    .add(answer::Column::AnsweredAt.eq(after.answered_at))
                    .add(answer::Column::ImpressionId.lt(after.impression_id)),
            );
        query = query.filter(is_later_in_list);
    }
    complete(db, site_id, query.all(db).await?, told).await
}

/// How many answers a list would hold.
pub async fn count_answers(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    filter: &AnswerFilter,
) -> AppResult<u64> {
    let told = main_told(db, site_id).await?;
    Ok(one_a_card(filtered(site_id, filter, told))
        .count(db)
        .await?)
}

/// One answer.
pub async fn find_answer(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> AppResult<Answer> {
    let rows = one_a_card(answer::Entity::of_site(site_id))
        .filter(answer::Column::ImpressionId.eq(impression_id))
        .all(db)
        .await?;
    let told = main_told(db, site_id).await?;
    let answers = complete(db, site_id, rows, told).await?;
    answers
        .into_iter()
        .next()
        .ok_or(AppError::NotFound("answer"))
}

/// Deletes what was chosen and written, its star and tags, and its copy of what was told along with it; `ingest` deletes what the journal holds of that.
/// That the visit was asked stays.
pub async fn delete_answer(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<(), DbErr> {
    record::forget_values(tx, site_id, impression_id).await?;
    marks::forget(tx, site_id, impression_id).await?;
    impression::Entity::update_many()
        .col_expr(impression::Column::Fields, Expr::value(None::<String>))
        .filter(impression::Column::SiteId.eq(site_id))
        .filter(impression::Column::Id.eq(impression_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many answers each version of a prompt has, without tests.
pub async fn count_by_version(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    prompt_id: PromptId,
) -> AppResult<HashMap<i32, i64>> {
    let rows: Vec<(i32, i64)> = answer::Entity::of_site(site_id)
        .filter(answer::Column::PromptId.eq(prompt_id))
        .filter(answer::Column::IsTest.eq(false))
        .select_only()
        .column(answer::Column::PromptVersion)
        .column_as(
            Expr::col(answer::Column::ImpressionId).count_distinct(),
            "n",
        )
        .group_by(answer::Column::PromptVersion)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// How many answers named each reason, without tests.
pub async fn count_by_reason(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<HashMap<ReasonId, i64>> {
    let rows: Vec<(ReasonId, i64)> = named(site_id)
        .filter(answer_choice::Column::ReasonId.is_not_null())
        .column(answer_choice::Column::ReasonId)
        .expr_as(Expr::cust(NAMED_BY), "n")
        .group_by(answer_choice::Column::ReasonId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// How many answers named any of the reasons, without tests.
pub async fn count_with_reasons(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    reasons: [ReasonId; 2],
) -> AppResult<i64> {
    let count: Option<i64> = named(site_id)
        .filter(answer_choice::Column::ReasonId.is_in(reasons))
        .expr_as(Expr::cust(NAMED_BY), "n")
        .into_tuple()
        .one(db)
        .await?;
    Ok(count.unwrap_or(0))
}

/// An answer that named a reason twice, by two choices, counts once.
const NAMED_BY: &str = "COUNT(DISTINCT answer_choices.impression_id)";

/// The choices of answers that are no tests.
fn named(site_id: SiteId) -> Select<answer_choice::Entity> {
    let tests = answer::Entity::of_site(site_id)
        .filter(answer::Column::IsTest.eq(true))
        .select_only()
        .column(answer::Column::ImpressionId)
        .into_query();
    answer_choice::Entity::of_site(site_id)
        .filter(answer_choice::Column::ImpressionId.not_in_subquery(tests))
        .select_only()
}

/// Lets what was answered point at another reason. A visit still counts once for it, however many of its choices do.
pub async fn replace_reason(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    from: ReasonId,
    into: ReasonId,
) -> AppResult<()> {
    answer_choice::Entity::update_many()
        .col_expr(answer_choice::Column::ReasonId, Expr::value(Some(into)))
        .filter(answer_choice::Column::SiteId.eq(site_id))
        .filter(answer_choice::Column::ReasonId.eq(from))
        .exec(tx)
        .await?;
    Ok(())
}

/// Which visits can tell whether they reached the main goal.
async fn main_told(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Told> {
    let site = site::store::find(db, site_id).await?;
    let site = site.ok_or(AppError::NotFound("site"))?;
    let definitions = goal::store::load_definitions(db, site_id).await?;
    Ok(definitions.main_told(&site.time_zone))
}

/// Adds the other questions of each card, and what other tables know about it.
async fn complete(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    rows: Vec<answer::Model>,
    told: Told,
) -> AppResult<Vec<Answer>> {
    let mut given = given(db, site_id, rows.iter().map(|row| row.impression_id)).await?;
    let visits: HashMap<VisitId, visit::Model> = visit::Entity::of_site(site_id)
        .filter(visit::Column::Id.is_in(rows.iter().map(|row| row.visit_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|visit| (visit.id, visit))
        .collect();
    let mut shown: HashMap<ImpressionId, impression::Model> = impression::Entity::of_site(site_id)
        .filter(impression::Column::Id.is_in(rows.iter().map(|row| row.impression_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|shown| (shown.id, shown))
        .collect();
    let ids = || rows.iter().map(|row| row.impression_id);
    let starred = marks::starred(db, site_id, ids()).await?;
    let mut tags = marks::tags_of(db, site_id, ids()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let visit = visits.get(&row.visit_id);
            let told = visit.filter(|visit| told.is_by(visit.funnel_version, visit.day));
            let shown = shown.remove(&row.impression_id);
            let asked_at = shown.as_ref().map(|shown| shown.asked_at_moment.clone());
            let (language, wording, fields) = shown.map_or((None, None, None), |shown| {
                (shown.language, shown.wording, shown.fields)
            });
            Answer {
                asked_at: asked_at.unwrap_or_default(),
                device: visit.map_or_else(String::new, |visit| visit.device.clone()),
                replay_url: visit.and_then(replay_of),
                is_starred: starred.contains(&row.impression_id),
                tags: tags.remove(&row.impression_id).unwrap_or_default(),
                fields: fields
                    .and_then(|text| serde_json::from_str(&text).ok())
                    .unwrap_or_default(),
                given: given.remove(&row.impression_id).unwrap_or_default(),
                is_automated: visit.is_some_and(|visit| visit.is_automated),
                is_told: told.is_some(),
                converted_at: told.and_then(|visit| visit.macro_at),
                language,
                wording,
                impression_id: row.impression_id,
                visit_id: row.visit_id,
                prompt_id: row.prompt_id,
                prompt_version: row.prompt_version,
                answered_at: row.answered_at,
                is_complete: row.is_complete,
                is_late: row.is_late,
                is_test: row.is_test,
            }
        })
        .collect())
}

/// The address that the page set, looked at again: what an older release stored was not.
fn replay_of(visit: &visit::Model) -> Option<String> {
    let stored: HashMap<String, Scalar> =
        serde_json::from_str(visit.properties.as_deref()?).ok()?;
    replay_url(stored.get(REPLAY_URL)?.as_text()?)
}

/// What was said on each card, by question.
async fn given(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    impressions: impl Iterator<Item = ImpressionId> + Clone,
) -> AppResult<HashMap<ImpressionId, Vec<Given>>> {
    let answers = answer::Entity::of_site(site_id)
        .filter(answer::Column::ImpressionId.is_in(impressions.clone()))
        .order_by_asc(answer::Column::QuestionId)
        .all(db)
        .await?;
    let choices = answer_choice::Entity::of_site(site_id)
        .filter(answer_choice::Column::ImpressionId.is_in(impressions))
        .order_by_asc(answer_choice::Column::ChoiceId)
        .all(db)
        .await?;
    let mut chosen: BTreeMap<(ImpressionId, String), Vec<Chosen>> = BTreeMap::new();
    for row in choices {
        let of_question = chosen.entry((row.impression_id, row.question_id));
        of_question.or_default().push(Chosen {
            choice_id: row.choice_id,
            reason_id: row.reason_id,
            place: row.place,
        });
    }
    let mut given: HashMap<ImpressionId, Vec<Given>> = HashMap::new();
    for row in answers {
        let key = (row.impression_id, row.question_id);
        let chosen = chosen.remove(&key).unwrap_or_default();
        given.entry(key.0).or_default().push(Given {
            question_id: key.1,
            chosen,
            comment: row.comment,
            number: row.number,
            text: row.value,
        });
    }
    Ok(given)
}
