//! Records an answer: the token lets it in, the shown version says what it may hold, a rising number keeps the newest state.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::{
    payload::AnswerPayload,
    stepwise::{self, Step},
    store::marks,
    token::{ImpressionToken, Timeliness},
    value::NewValue,
    way::{self, Way},
    words,
};
use crate::{
    db::entity::{OfSite, answer, answer_choice, impression},
    prompt::types::Design,
    types::{ImpressionId, Millis, SiteId},
};

/// The state of an answer, as far as it fits the version that was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAnswer {
    /// What let it in.
    pub token: ImpressionToken,
    /// By question; none only of a step, where all that was given is taken back.
    pub values: Vec<NewValue>,
    /// State number; of a step it is given when it is stored.
    pub seq: i32,
    /// From a page without a script.
    pub step: Option<Step>,
    /// Where it has led.
    pub way: Way,
    /// Sent, rather than left half done.
    pub is_complete: bool,
    /// Given late.
    pub is_late: bool,
    /// From a file: no webhook is told.
    pub is_imported: bool,
    /// When it was given.
    pub answered_at: Millis,
    /// When it arrived.
    pub received_at: Millis,
}

/// What of an answer was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// All of it: more than a week after the card.
    TooLate,
    /// These questions and choices, by name: nobody was asked that.
    DoesNotFit(Vec<String>),
}

impl NewAnswer {
    /// Checks the payload against the version that was shown: what fits, if anything, and what was refused.
    pub fn parse(
        token: ImpressionToken,
        payload: &AnswerPayload,
        design: &Design,
        answered_at: Millis,
        received_at: Millis,
    ) -> (Option<Self>, Option<Refused>) {
        let is_late = match token.timeliness(answered_at, received_at) {
            Timeliness::OnTime => false,
            Timeliness::Late => true,
            Timeliness::TooLate => return (None, Some(Refused::TooLate)),
        };
        let mut misfits = vec![];
        let given = payload.v.iter();
        let values: Vec<NewValue> = given
            .filter_map(|(id, value)| match design.question(id) {
                Some(question) => NewValue::parse(question, value, &mut misfits),
                None => {
                    misfits.push(id.clone());
                    None
                }
            })
            .collect();
        let is_emptied = payload.step.is_some() && payload.v.is_empty();
        let is_empty = values.is_empty() && !is_emptied;
        let answer = (!is_empty).then_some(Self {
            token,
            way: Way::of(design, &values, payload.done),
            values,
            seq: payload.n,
            step: payload.step.clone().map(|question| Step {
                question,
                design: design.clone(),
            }),
            is_complete: payload.done,
            is_late,
            is_imported: false,
            answered_at,
            received_at,
        });
        let is_refused = is_empty || !misfits.is_empty();
        (answer, is_refused.then_some(Refused::DoesNotFit(misfits)))
    }
}

/// What became of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is stored.
    Now,
    /// What it says was stored before, or something newer.
    Before,
    /// Nothing is stored any more: all of it was taken back.
    TakenBack,
    /// The answer is complete, or the owner has deleted it.
    Over,
}

/// Stores the state unless a newer or a complete one is stored, or the owner has deleted the answer.
///
/// What an earlier state had and this one has not is taken back; a step leaves what lies behind it on its way.
pub async fn record(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    new: &mut NewAnswer,
) -> Result<Recorded, DbErr> {
    let impression_id = new.token.impression_id;
    // Locked where several nodes write, so that no two states are stored at once.
    let asked = impression::Entity::of_site(site_id)
        .filter(impression::Column::Id.eq(impression_id))
        .lock_exclusive()
        .one(db)
        .await?;
    let stored = answer::Entity::of_site(site_id)
        .filter(answer::Column::ImpressionId.eq(impression_id))
        .all(db)
        .await?;
    let is_deleted = asked.is_none_or(|asked| asked.answered_at.is_some() && stored.is_empty());
    if is_deleted {
        return Ok(Recorded::Over);
    }
    let is_complete = stored.iter().any(|row| row.is_complete);
    if let Some(step) = &new.step {
        let before = stepwise::values(&stored, &choices_of(db, site_id, impression_id).await?);
        let left = stepwise::behind(new, step, &before);
        new.values.extend(left);
        new.way = Way::of(&step.design, &new.values, new.is_complete);
        // Of two steps the one that comes later holds.
        let newest = stored.iter().map(|row| row.seq).max();
        new.seq = newest.map_or(1, |seq| seq.saturating_add(1));
        if is_complete && stepwise::is_said(new, &before) {
            return Ok(Recorded::Before);
        }
    }
    if is_complete {
        return Ok(Recorded::Over);
    }
    if stored.iter().any(|row| row.seq >= new.seq) {
        return Ok(Recorded::Before);
    }
    if new.values.is_empty() {
        if stored.is_empty() {
            return Ok(Recorded::Before);
        }
        take_back(db, site_id, impression_id).await?;
        return Ok(Recorded::TakenBack);
    }
    forget_values(db, site_id, impression_id).await?;
    insert_values(db, site_id, new).await?;
    impression::Entity::update_many()
        .filter(impression::Column::SiteId.eq(site_id))
        .filter(impression::Column::Id.eq(impression_id))
        .filter(impression::Column::AnsweredAt.is_null())
        .col_expr(impression::Column::AnsweredAt, Expr::value(new.answered_at))
        .exec(db)
        .await?;
    Ok(Recorded::Now)
}

/// Whether the stored answer says the very same; `None` when nothing is stored.
pub async fn is_same(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewAnswer,
) -> Result<Option<bool>, DbErr> {
    let impression_id = new.token.impression_id;
    let stored = answer::Entity::of_site(site_id)
        .filter(answer::Column::ImpressionId.eq(impression_id))
        .all(db)
        .await?;
    let Some(first) = stored.first() else {
        return Ok(None);
    };
    let (at, is_complete) = (first.answered_at, first.is_complete);
    let values = stepwise::values(&stored, &choices_of(db, site_id, impression_id).await?);
    let is_same = (at, is_complete) == (new.answered_at, new.is_complete);
    Ok(Some(is_same && stepwise::is_said(new, &values)))
}

/// Leaves the card as if nothing had been said to it. What was answered once and has no values was deleted by the owner.
async fn take_back(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<(), DbErr> {
    forget_values(db, site_id, impression_id).await?;
    marks::forget(db, site_id, impression_id).await?;
    impression::Entity::update_many()
        .filter(impression::Column::SiteId.eq(site_id))
        .filter(impression::Column::Id.eq(impression_id))
        .col_expr(impression::Column::AnsweredAt, Expr::value(None::<Millis>))
        .exec(db)
        .await?;
    Ok(())
}

/// What is chosen, by place.
async fn choices_of(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<Vec<answer_choice::Model>, DbErr> {
    answer_choice::Entity::of_site(site_id)
        .filter(answer_choice::Column::ImpressionId.eq(impression_id))
        .order_by_asc(answer_choice::Column::Place)
        .all(db)
        .await
}

/// Whether something is stored that was answered. What was answered once and is not was deleted by the owner.
pub async fn is_answered(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<bool, DbErr> {
    let any = answer::Entity::of_site(site_id)
        .filter(answer::Column::ImpressionId.eq(impression_id))
        .limit(1)
        .one(db)
        .await?;
    Ok(any.is_some())
}

/// Deletes what was chosen and written.
pub(super) async fn forget_values(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<(), DbErr> {
    answer_choice::Entity::delete_many()
        .filter(answer_choice::Column::SiteId.eq(site_id))
        .filter(answer_choice::Column::ImpressionId.eq(impression_id))
        .exec(db)
        .await?;
    answer::Entity::delete_many()
        .filter(answer::Column::SiteId.eq(site_id))
        .filter(answer::Column::ImpressionId.eq(impression_id))
        .exec(db)
        .await?;
    Ok(())
}

async fn insert_values(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewAnswer,
) -> Result<(), DbErr> {
    let values = new.values.iter().map(|value| answer::ActiveModel {
        site_id: Set(site_id),
        impression_id: Set(new.token.impression_id),
        question_id: Set(value.question_id.clone()),
        visit_id: Set(new.token.visit_id),
        prompt_id: Set(new.token.prompt_id),
        prompt_version: Set(new.token.prompt_version),
        answered_at: Set(new.answered_at),
        received_at: Set(new.received_at),
        seq: Set(new.seq),
        is_complete: Set(new.is_complete),
        is_late: Set(new.is_late),
        is_test: Set(new.token.is_test),
        comment: Set(value.comment.clone()),
        number: Set(value.number),
        value: Set(value.text.clone()),
        folded: Set(words::fold(&format!("{} {}", value.comment, value.text))),
        led_past: Set(way::stored(&new.way.past)),
        led_to: Set(way::stored(&new.way.to)),
    });
    answer::Entity::insert_many(values)
        .exec_without_returning(db)
        .await?;
    let chosen = |value: &NewValue| {
        let (question_id, is_ranked) = (value.question_id.clone(), value.is_ranked);
        let choices = value.choices.clone().into_iter().zip(1..);
        choices.map(
            move |((choice_id, reason_id), place)| answer_choice::ActiveModel {
                site_id: Set(site_id),
                impression_id: Set(new.token.impression_id),
                question_id: Set(question_id.clone()),
                choice_id: Set(choice_id),
                reason_id: Set(reason_id),
                place: Set(is_ranked.then_some(place)),
            },
        )
    };
    let choices: Vec<_> = new.values.iter().flat_map(chosen).collect();
    if !choices.is_empty() {
        answer_choice::Entity::insert_many(choices)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}
