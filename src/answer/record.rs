//! Records an answer: the token lets it in, the shown version says what it may hold, a rising number keeps the newest state.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    payload::AnswerPayload,
    token::{ImpressionToken, Timeliness},
};
use crate::{
    db::entity::{OfSite, answer, answer_choice, impression},
    prompt::types::Design,
    types::{Millis, ReasonId, SiteId},
};

/// An answer that fits the version that was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAnswer {
    /// What let it in.
    pub token: ImpressionToken,
    /// The question.
    pub question_id: String,
    /// Choices with their reasons.
    pub choices: Vec<(String, Option<ReasonId>)>,
    /// Free text.
    pub comment: String,
    /// State number.
    pub seq: i32,
    /// Sent, rather than left half done.
    pub is_complete: bool,
    /// Given late.
    pub is_late: bool,
    /// When it was given.
    pub answered_at: Millis,
    /// When it arrived.
    pub received_at: Millis,
}

/// Why an answer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More than a week after the card.
    TooLate,
    /// Another question, an unknown choice, or nothing at all.
    DoesNotFit,
}

impl NewAnswer {
    /// Checks the payload against the version that was shown.
    pub fn parse(
        token: ImpressionToken,
        payload: &AnswerPayload,
        design: &Design,
        answered_at: Millis,
        received_at: Millis,
    ) -> Result<Self, Refused> {
        let question = design.first_question();
        let value = payload.v.get(&question.id).ok_or(Refused::DoesNotFit)?;
        let mut choices: Vec<(String, Option<ReasonId>)> = vec![];
        for choice in &value.c {
            let reason = question.reason_of(choice).ok_or(Refused::DoesNotFit)?;
            if !choices.iter().any(|(known, _)| known == choice) {
                choices.push((choice.clone(), Some(reason)));
            }
        }
        if choices.is_empty() && value.x.trim().is_empty() {
            return Err(Refused::DoesNotFit);
        }
        let is_late = match token.timeliness(answered_at, received_at) {
            Timeliness::OnTime => false,
            Timeliness::Late => true,
            Timeliness::TooLate => return Err(Refused::TooLate),
        };
        Ok(Self {
            token,
            question_id: question.id.clone(),
            choices,
            comment: value.x.trim().to_owned(),
            seq: payload.n,
            is_complete: payload.done,
            is_late,
            answered_at,
            received_at,
        })
    }
}

/// Stores the answer unless a newer or a complete state of it is stored, or the owner has deleted it. Says whether it did.
pub async fn record(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewAnswer,
) -> Result<bool, DbErr> {
    if is_deleted(db, site_id, new).await? || !upsert(db, site_id, new).await? {
        return Ok(false);
    }
    answer_choice::Entity::delete_many()
        .filter(answer_choice::Column::SiteId.eq(site_id))
        .filter(answer_choice::Column::ImpressionId.eq(new.token.impression_id))
        .filter(answer_choice::Column::QuestionId.eq(&new.question_id))
        .exec(db)
        .await?;
    let choices = new
        .choices
        .iter()
        .map(|(choice_id, reason_id)| answer_choice::ActiveModel {
            site_id: Set(site_id),
            impression_id: Set(new.token.impression_id),
            question_id: Set(new.question_id.clone()),
            choice_id: Set(choice_id.clone()),
            reason_id: Set(*reason_id),
        });
    if !new.choices.is_empty() {
        answer_choice::Entity::insert_many(choices)
            .exec_without_returning(db)
            .await?;
    }
    impression::Entity::update_many()
        .filter(impression::Column::SiteId.eq(site_id))
        .filter(impression::Column::Id.eq(new.token.impression_id))
        .filter(impression::Column::AnsweredAt.is_null())
        .col_expr(impression::Column::AnsweredAt, Expr::value(new.answered_at))
        .exec(db)
        .await?;
    Ok(true)
}

/// Whether the decision to ask is gone, or was answered and the answer is gone: a late state must not bring it back.
async fn is_deleted(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewAnswer,
) -> Result<bool, DbErr> {
    let asked = impression::Entity::of_site(site_id)
        .filter(impression::Column::Id.eq(new.token.impression_id))
        .one(db)
        .await?;
    match asked {
        None => Ok(true),
        Some(asked) if asked.answered_at.is_none() => Ok(false),
        Some(asked) => {
            let stored = answer::Entity::of_site(site_id)
                .filter(answer::Column::ImpressionId.eq(asked.id))
                .one(db)
                .await?;
            Ok(stored.is_none())
        }
    }
}

async fn upsert(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewAnswer,
) -> Result<bool, DbErr> {
    use answer::Column;
    let excluded = |column: Column| Expr::col((sea_orm::sea_query::Alias::new("excluded"), column));
    let stored = |column: Column| Expr::col((answer::Entity, column));
    let written = answer::Entity::insert(answer::ActiveModel {
        site_id: Set(site_id),
        impression_id: Set(new.token.impression_id),
        question_id: Set(new.question_id.clone()),
        visit_id: Set(new.token.visit_id),
        prompt_id: Set(new.token.prompt_id),
        prompt_version: Set(new.token.prompt_version),
        answered_at: Set(new.answered_at),
        received_at: Set(new.received_at),
        seq: Set(new.seq),
        is_complete: Set(new.is_complete),
        is_late: Set(new.is_late),
        is_test: Set(new.token.is_test),
        comment: Set(new.comment.clone()),
    })
    .on_conflict(
        OnConflict::columns([Column::SiteId, Column::ImpressionId, Column::QuestionId])
            .update_columns([
                Column::AnsweredAt,
                Column::ReceivedAt,
                Column::Seq,
                Column::IsComplete,
                Column::IsLate,
                Column::Comment,
            ])
            .action_and_where(stored(Column::Seq).lt(excluded(Column::Seq)))
            // Complete once is complete for good.
            .action_and_where(stored(Column::IsComplete).not())
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(written > 0)
}
