//! From a design as people write it to one that is stored: its goals and reasons are found or made.

use sea_orm::ConnectionTrait;

use crate::{
    error::{AppError, AppResult, FieldErrors},
    goal,
    prompt::{
        draft::{GoalChoice, NewDesign, NewMoment, NewQuestion},
        types::{Choice, Design, Moment, Question},
    },
    reason::store::Codebook,
    types::{GoalId, Millis, ReasonId, SiteId},
};

/// Stores the goals and reasons that a design needs and are not there yet, and points at them.
pub async fn resolve_design(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewDesign,
    at: Millis,
) -> AppResult<Design> {
    let mut codebook = Codebook::load(tx, site_id).await?;
    let mut questions = Vec::with_capacity(new.questions.len());
    for question in &new.questions {
        questions.push(resolve_question(tx, &mut codebook, question, at).await?);
    }
    Ok(Design {
        template: new.template,
        moment: resolve_moment(tx, site_id, &new.moment, at).await?,
        target: new.target.clone(),
        fairness: new.fairness.clone(),
        questions,
        thanks: new.thanks.clone(),
        endings: new.endings.clone(),
        fields: new.fields.clone(),
        lang: new.lang.clone(),
        other_words: new.other_words.clone(),
        look: new.look.clone(),
    })
}

async fn resolve_moment(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    new: &NewMoment,
    at: Millis,
) -> AppResult<Moment> {
    let resolve = async |choice, field| {
        let goal = resolve_goal(tx, site_id, choice, at).await;
        goal.map_err(|error| about(error, field))
    };
    let after = resolve(new.after.as_ref(), "after").await?;
    let expect = resolve(new.expect.as_ref(), "expect").await?;
    let mut cancel = Vec::with_capacity(new.cancel.len());
    for choice in &new.cancel {
        cancel.extend(resolve(Some(choice), "cancel").await?);
    }
    Ok(Moment {
        after,
        expect,
        cancel,
        ask_at: new.ask_at.clone(),
        details: new.details.clone(),
        all: new.all,
        delay_ms: new.delay_ms,
        touch: new.touch,
        keys: new.keys,
        min_active_ms: new.min_active_ms,
        sensitivity: new.sensitivity,
        within_ms: new.within_ms,
    })
}

/// What is wrong with a goal that was to be made, said of the field that asks for it.
fn about(error: AppError, field: &str) -> AppError {
    match error {
        AppError::Invalid(errors) => {
            let mut errors = errors.0;
            for error in &mut errors {
                field.clone_into(&mut error.field);
            }
            FieldErrors(errors).into()
        }
        other => other,
    }
}

async fn resolve_goal(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    choice: Option<&GoalChoice>,
    at: Millis,
) -> AppResult<Option<GoalId>> {
    match choice {
        None => Ok(None),
        Some(GoalChoice::Known(goal_id)) => Ok(Some(
            goal::store::find_goal(tx, site_id, *goal_id).await?.id,
        )),
        Some(GoalChoice::Rule(rule)) => goal::store::ensure_goal(tx, site_id, rule, at)
            .await
            .map(Some),
    }
}

/// Of a question whose choices are no reasons none is made; one that is there is kept, for when they are again.
async fn resolve_reason(
    tx: &impl ConnectionTrait,
    codebook: &mut Codebook,
    names_reasons: bool,
    name: &str,
    at: Millis,
) -> AppResult<ReasonId> {
    if names_reasons {
        return codebook.ensure(tx, name, at).await;
    }
    Ok(codebook.find(name).unwrap_or(ReasonId::NONE))
}

async fn resolve_question(
    tx: &impl ConnectionTrait,
    codebook: &mut Codebook,
    new: &NewQuestion,
    at: Millis,
) -> AppResult<Question> {
    let mut choices = Vec::with_capacity(new.choices.len());
    for choice in &new.choices {
        choices.push(Choice {
            id: choice.id.clone(),
            label: choice.label.clone(),
            reason: resolve_reason(tx, codebook, new.names_reasons, &choice.reason, at).await?,
        });
    }
    let other = match &new.other {
        Some(name) => Some(resolve_reason(tx, codebook, new.names_reasons, name, at).await?),
        None => None,
    };
    let new = new.clone();
    Ok(Question {
        id: new.id,
        kind: new.kind,
        title: new.title,
        help: new.help,
        is_required: new.is_required,
        message: new.message,
        choices,
        names_reasons: new.names_reasons,
        is_shuffled: new.is_shuffled,
        other,
        other_label: new.other_label,
        none_label: new.none_label,
        at_least: new.at_least,
        at_most: new.at_most,
        comment_label: new.comment_label,
        input: new.input,
        look: new.look,
        top: new.top,
        low_label: new.low_label,
        high_label: new.high_label,
        note: new.note,
        button: new.button,
        url: new.url,
        jumps: new.jumps,
    })
}
