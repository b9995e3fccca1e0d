//! An answer as the widget sends it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::types::{Millis, rounded};

/// Bytes of one free text: 4,000 characters of any script fit.
const MAX_TEXT: usize = 16_000;
/// Characters of one free text.
pub const MAX_CHARS: usize = 4_000;
/// Questions of one prompt, with room for those of a later release.
const MAX_QUESTIONS: usize = 50;
/// Bytes of an id.
const MAX_ID: usize = 64;

/// One submission, or a newer state of it; names as in the wire contract.
#[derive(Clone, Debug, Deserialize)]
pub struct AnswerPayload {
    /// The token of the shown prompt.
    pub i: String,
    /// Rises with each state; an older one never replaces a newer one.
    pub n: i32,
    /// When it was given, ms since the page load began.
    #[serde(deserialize_with = "rounded")]
    pub t: Millis,
    /// Whether the visitor sent it, rather than left it half done.
    #[serde(default)]
    pub done: bool,
    /// By question.
    pub v: BTreeMap<String, ValuePayload>,
    /// The question of the step, from a page without a script: such a state is numbered where it is stored. Never on the wire.
    #[serde(skip)]
    pub step: Option<String>,
}

/// The value given to one question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValuePayload {
    /// Choices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub c: Vec<String>,
    /// Free text.
    #[serde(
        default,
        skip_serializing_if = "String::is_empty",
        deserialize_with = "without_nul"
    )]
    pub x: String,
    /// A number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<f64>,
}

/// PostgreSQL takes no NUL. Removed where values are read, whether the widget sends them or the page of a link.
fn without_nul<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut text = String::deserialize(deserializer)?;
    text.retain(|c| c != '\0');
    Ok(text)
}

impl AnswerPayload {
    /// Names what is too long.
    pub fn check(&self) -> Result<(), String> {
        if self.v.len() > MAX_QUESTIONS {
            return Err(format!(
                "an answer may be to at most {MAX_QUESTIONS} questions"
            ));
        }
        if self.v.keys().any(|question| question.len() > MAX_ID) {
            return Err(format!("the id of a question has at most {MAX_ID} bytes"));
        }
        for (question, value) in &self.v {
            if value.x.len() > MAX_TEXT || value.x.chars().count() > MAX_CHARS {
                return Err(format!(
                    "the text of {question} may have at most {MAX_CHARS} characters"
                ));
            }
            if value.c.len() > 50 || value.c.iter().any(|choice| choice.len() > MAX_ID) {
                return Err(format!(
                    "{question} may have at most 50 choices, with ids of at most {MAX_ID} bytes"
                ));
            }
        }
        Ok(())
    }
}
