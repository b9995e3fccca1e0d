//! States of an answer that a page without a script sends, one a step: what they leave of what is stored. Pure.

use super::{
    payload::ValuePayload,
    record::NewAnswer,
    step::{self, Given},
    value::NewValue,
};
use crate::{
    db::entity::{answer, answer_choice},
    prompt::types::Design,
};

/// Which step a state comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The question that was answered.
    pub question: String,
    /// The version that was shown.
    pub design: Design,
}

/// What is stored, as it was given. `choices` come by place.
pub(super) fn values(stored: &[answer::Model], choices: &[answer_choice::Model]) -> Vec<NewValue> {
    let value = |row: &answer::Model| {
        let chosen = choices.iter();
        let chosen = chosen.filter(|choice| choice.question_id == row.question_id);
        NewValue {
            question_id: row.question_id.clone(),
            is_ranked: chosen.clone().any(|choice| choice.place.is_some()),
            choices: chosen
                .map(|choice| (choice.choice_id.clone(), choice.reason_id))
                .collect(),
            number: row.number,
            text: row.value.clone(),
            comment: row.comment.clone(),
        }
    };
    stored.iter().map(value).collect()
}

/// Whether a state, with what it leaves, changes nothing of a complete answer: an earlier step sent again, or the last one.
pub(super) fn is_said(new: &NewAnswer, stored: &[NewValue]) -> bool {
    let is_stored = |value: &NewValue| stored.iter().any(|other| is_same(value, other));
    new.values.len() == stored.len() && new.values.iter().all(is_stored)
}

/// What is stored of the questions behind the step, as far as they are still on the way: a state that is not the last says nothing of
/// them. Behind a question that the version lacks there is nothing.
pub(super) fn behind(new: &NewAnswer, step: &Step, stored: &[NewValue]) -> Vec<NewValue> {
    let Step { question, design } = step;
    let place = |id: &str| design.questions.iter().position(|other| other.id == *id);
    let Some(here) = place(question).filter(|_| !new.is_complete) else {
        return vec![];
    };
    let is_new = |id: &str| new.values.iter().any(|value| value.question_id == *id);
    let is_left = |id: &str| place(id).is_some_and(|there| there > here) && !is_new(id);
    let left = stored.iter().filter(|value| is_left(&value.question_id));
    let mut left: Vec<NewValue> = left.cloned().collect();
    let said = left.iter().chain(&new.values);
    let given: Given = said
        .map(|value| (value.question_id.clone(), payload(value)))
        .collect();
    let (way, _) = step::path(design, &given, |_| false);
    left.retain(|value| way.iter().any(|on| on.id == value.question_id));
    left
}

pub(super) fn payload(value: &NewValue) -> ValuePayload {
    let words = [&value.text, &value.comment];
    ValuePayload {
        c: value.choices.iter().map(|(id, _)| id.clone()).collect(),
        x: words.map(String::as_str).concat(),
        n: value.number,
    }
}

fn is_same(one: &NewValue, other: &NewValue) -> bool {
    let ids = |value: &NewValue| {
        let ids = value.choices.iter().map(|(id, _)| id.clone());
        let mut ids: Vec<String> = ids.collect();
        if !value.is_ranked {
            ids.sort();
        }
        ids
    };
    let rest = |value: &NewValue| NewValue {
        choices: vec![],
        is_ranked: false,
        ..value.clone()
    };
    ids(one) == ids(other) && rest(one) == rest(other)
}
