//! What a message about an answer says, from the rows that know.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, Statement,
};

use super::super::{
    body::{AnswerData, ChoiceData, Message, PromptData, QuestionData, timestamp},
    types::Delivery,
};
use crate::{
    db::entity::{OfSite, answer, answer_choice, impression, visit},
    error::{AppError, AppResult},
    goal::types::normal_path,
    prompt::{
        self,
        types::{Design, Question},
    },
    reason,
    site::types::Site,
    types::{ReasonId, SiteId},
};

/// What the message says; `None` when the answer was deleted, or changed since: then a later message tells that. In a snapshot, so
/// that the state which is told is the one that was looked at.
pub(in crate::webhook) async fn load_content(
    snapshot: &DatabaseTransaction,
    site: &Site,
    delivery: &Delivery,
) -> AppResult<Option<Message>> {
    let Some(impression_id) = delivery.impression_id else {
        return Ok(None);
    };
    let rows = answer::Entity::of_site(site.id)
        .filter(answer::Column::ImpressionId.eq(impression_id))
        .order_by_asc(answer::Column::QuestionId)
        .all(snapshot)
        .await?;
    let asked = impression::Entity::of_site(site.id)
        .filter(impression::Column::Id.eq(impression_id))
        .one(snapshot)
        .await?;
    let newest = rows.iter().max_by_key(|row| row.seq);
    let (Some(newest), Some(asked)) = (newest, asked) else {
        return Ok(None);
    };
    if Some(newest.seq) != delivery.answer_seq {
        return Ok(None);
    }
    let (prompt_id, version) = (newest.prompt_id, newest.prompt_version);
    let design = prompt::store::load_version(snapshot, site.id, prompt_id, version)
        .await?
        .design;
    let visit = visit::Entity::of_site(site.id)
        .filter(visit::Column::Id.eq(newest.visit_id))
        .one(snapshot)
        .await?;
    Ok(Some(Message {
        kind: delivery.kind,
        timestamp: timestamp(newest.received_at),
        data: AnswerData {
            site: site.key.clone(),
            answer: impression_id,
            visit: newest.visit_id,
            prompt: PromptData {
                id: prompt_id,
                name: name_of(snapshot, site.id, newest).await?,
                version,
            },
            answered_at: timestamp(newest.answered_at),
            complete: newest.is_complete,
            test: newest.is_test,
            answers: questions(snapshot, site.id, &rows, &design).await?,
            fields: asked
                .fields
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default(),
            page: page_of(snapshot, site.id, &asked).await?,
            device: visit.map(|visit| visit.device).unwrap_or_default(),
        },
    }))
}

/// A prompt that is gone has no name any more.
async fn name_of(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    row: &answer::Model,
) -> AppResult<String> {
    match prompt::store::find_prompt(db, site_id, row.prompt_id).await {
        Err(AppError::NotFound(_)) => Ok(String::new()),
        found => Ok(found?.name),
    }
}

async fn questions(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    rows: &[answer::Model],
    design: &Design,
) -> AppResult<Vec<QuestionData>> {
    let impressions = rows.iter().map(|row| row.impression_id);
    let chosen = answer_choice::Entity::of_site(site_id)
        .filter(answer_choice::Column::ImpressionId.is_in(impressions))
        .order_by_asc(answer_choice::Column::Place)
        .order_by_asc(answer_choice::Column::ChoiceId)
        .all(db)
        .await?;
    let reasons: HashMap<ReasonId, String> = reason::store::list_reasons(db, site_id)
        .await?
        .into_iter()
        .map(|reason| (reason.id, reason.name))
        .collect();
    let question = |row: &answer::Model| {
        let mut questions = design.questions.iter();
        let asked = questions.find(|question| question.id == row.question_id);
        let label = |id: &str| {
            let mut labels = asked.into_iter().flat_map(Question::labels);
            let label = labels.find(|(offered, _)| *offered == id);
            label.map(|(_, label)| label.to_owned()).unwrap_or_default()
        };
        let of_question = chosen
            .iter()
            .filter(|choice| choice.question_id == row.question_id);
        QuestionData {
            question: row.question_id.clone(),
            title: asked.map(|asked| asked.title.clone()).unwrap_or_default(),
            kind: asked.map(|asked| asked.kind),
            choices: of_question
                .map(|choice| ChoiceData {
                    id: choice.choice_id.clone(),
                    label: label(&choice.choice_id),
                    reason: choice.reason_id.and_then(|id| reasons.get(&id).cloned()),
                })
                .collect(),
            comment: row.comment.clone(),
            number: row.number,
            text: row.value.clone(),
        }
    };
    Ok(rows.iter().map(question).collect())
}

/// Path of the page that the page load showed when it was decided to ask.
async fn page_of(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    asked: &impression::Model,
) -> Result<Option<String>, DbErr> {
    let row = db
        .query_one_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT props FROM events
             WHERE site_id = $1 AND view_id = $2 AND kind = 'page_view' AND at <= $3
             ORDER BY at DESC, seq DESC LIMIT 1",
            [
                site_id.into(),
                asked.view_id.into(),
                asked.decided_at.into(),
            ],
        ))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let props: Option<String> = row.try_get("", "props")?;
    let props: Option<serde_json::Value> = props.and_then(|text| serde_json::from_str(&text).ok());
    let path = props.as_ref().and_then(|props| props.get("u")?.as_str());
    Ok(path.map(|path| normal_path(path).to_owned()))
}
