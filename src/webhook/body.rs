//! What a message says. Pure.
//!
//! Never an address, a key or anything else that the owner could not see on the page of the answer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::types::DeliveryKind;
use crate::{
    prompt::types::QuestionKind,
    site::types::Site,
    types::{ImpressionId, Millis, PromptId, SiteKey, VisitId},
};

/// The envelope of Standard Webhooks.
#[derive(Serialize)]
pub(super) struct Message {
    #[serde(rename = "type")]
    pub(super) kind: DeliveryKind,
    /// When the state that it tells came about.
    pub(super) timestamp: String,
    pub(super) data: AnswerData,
}

/// An answer with what was asked.
#[derive(Serialize)]
pub(super) struct AnswerData {
    pub(super) site: SiteKey,
    /// Names the answer; the same in each of its states.
    pub(super) answer: ImpressionId,
    pub(super) visit: VisitId,
    pub(super) prompt: PromptData,
    pub(super) answered_at: String,
    pub(super) complete: bool,
    pub(super) test: bool,
    pub(super) answers: Vec<QuestionData>,
    /// What the page told along with it, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) fields: BTreeMap<String, String>,
    /// Path of the page that the card opened on.
    pub(super) page: Option<String>,
    pub(super) device: String,
}

/// What was asked.
#[derive(Serialize)]
pub(super) struct PromptData {
    pub(super) id: PromptId,
    pub(super) name: String,
    pub(super) version: i32,
}

/// The value given to one question.
#[derive(Serialize)]
pub(super) struct QuestionData {
    pub(super) question: String,
    pub(super) title: String,
    pub(super) kind: Option<QuestionKind>,
    pub(super) choices: Vec<ChoiceData>,
    pub(super) comment: String,
    /// A value on a scale, or a number that was written; 1 for a link followed and a box ticked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<f64>,
    /// An address, a date, a number as it was written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) text: String,
}

/// A choice in the visitor's words, and the reason that it stands for.
#[derive(Serialize)]
pub(super) struct ChoiceData {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) reason: Option<String>,
}

/// An instant as messages write it: `2026-11-20T13:02:05.123Z`.
pub(super) fn timestamp(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or_default();
    format!("{at:.3}")
}

impl Message {
    /// As it is sent.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a message is plain data")
    }

    /// A made-up one.
    pub(super) fn sample(site: &Site, kind: DeliveryKind, at: Millis) -> Self {
        Self {
            kind,
            timestamp: timestamp(at),
            data: AnswerData {
                site: site.key.clone(),
                answer: ImpressionId::new(at),
                visit: VisitId::new(at),
                prompt: PromptData {
                    id: PromptId::new(at),
                    name: "Example".into(),
                    version: 1,
                },
                answered_at: timestamp(at),
                complete: true,
                test: kind == DeliveryKind::Test,
                answers: vec![QuestionData {
                    question: "q1".into(),
                    title: "What held you back today?".into(),
                    kind: Some(QuestionKind::Single),
                    choices: vec![ChoiceData {
                        id: "c1".into(),
                        label: "It costs too much".into(),
                        reason: Some("Price".into()),
                    }],
                    comment: "I pay less elsewhere.".into(),
                    number: None,
                    text: String::new(),
                }],
                fields: BTreeMap::new(),
                page: Some("/pricing".into()),
                device: "desktop".into(),
            },
        }
    }
}

/// What an answer looks like in a message, for a page.
pub fn example(site: &Site, at: Millis) -> String {
    let message = Message::sample(site, DeliveryKind::Completed, at);
    serde_json::to_string_pretty(&message).expect("a message is plain data")
}
