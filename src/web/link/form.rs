//! What the page of a link posts. Nothing is kept between its steps: each posts what was given before. Pure.

use serde::Deserialize;

use crate::{
    answer::{
        payload::{MAX_CHARS, ValuePayload},
        step::Given,
    },
    prompt::{
        form::MOST_QUESTIONS,
        types::{Question, QuestionKind},
    },
    types::ViewId,
};

/// Bytes that a character has at most once a form is encoded.
const MAX_ENCODED: usize = 12;

/// Largest form, in bytes: each question answered at full length, the one that is asked said before too, and what goes along.
pub const FORM_LIMIT: usize = (MOST_QUESTIONS + 1) * MAX_CHARS * MAX_ENCODED + 64 * 1024;

/// One step as it was posted; fields that are missing are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct StepForm {
    /// Which load of the page; minted with its first question.
    pub view: String,
    /// Language, if the link names one.
    pub lang: String,
    /// Token of the owner's own test; empty for visitors.
    pub test: String,
    /// Whether the way back was pressed.
    pub back: bool,
    /// Which question was answered.
    pub question: String,
    /// What was given before, JSON.
    pub given: String,
    /// Choices, or what was put on which place.
    choices: Vec<String>,
    /// Places of a ranking, by choice.
    places: Vec<(String, u32)>,
    /// Words.
    text: String,
    /// A value on a scale, or a ticked box.
    number: String,
}

impl From<Vec<(String, String)>> for StepForm {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (key, value) in pairs {
            match key.as_str() {
                "view" => form.view = value,
                "lang" => form.lang = value,
                "test" => form.test = value,
                "go" => form.back = value == "back",
                "q" => form.question = value,
                "given" => form.given = value,
                "c" => form.choices.push(value),
                "x" => form.text = value,
                "n" => form.number = value,
                key => {
                    if let Some(choice) = key.strip_prefix("place-") {
                        let place = value.parse().unwrap_or(u32::MAX);
                        form.places.push((choice.to_owned(), place));
                    }
                }
            }
        }
        form
    }
}

impl StepForm {
    /// The load of the page; `None` when no page of ours was loaded.
    pub fn view(&self) -> Option<ViewId> {
        let id = uuid::Uuid::parse_str(&self.view).ok()?;
        (id.get_version_num() == 7).then_some(ViewId(id))
    }

    /// What was given before, as far as it can be read and is no longer than an answer may be.
    pub fn given(&self) -> Given {
        let given: Given = serde_json::from_str(&self.given).unwrap_or_default();
        let is_kept =
            |value: &ValuePayload| value.x.chars().count() <= MAX_CHARS && value.c.len() <= 50;
        let kept = given.into_iter().filter(|(_, value)| is_kept(value));
        kept.take(50).collect()
    }

    /// What is given to the question now; `None` for nothing.
    pub fn value(&self, question: &Question) -> Option<ValuePayload> {
        let text: String = self.text.trim().chars().take(MAX_CHARS).collect();
        let mut value = ValuePayload::default();
        match question.kind {
            QuestionKind::Ranking => {
                let mut places = self.places.clone();
                // Whoever gives two choices one place has them in the order of the page.
                places.sort_by_key(|(_, place)| *place);
                value.c = places.into_iter().map(|(choice, _)| choice).collect();
            }
            kind if kind.has_choices() => {
                value.c = self
                    .choices
                    .iter()
                    .filter(|id| !id.is_empty())
                    .cloned()
                    .collect();
                if !value.c.is_empty() {
                    value.x = text;
                }
            }
            kind if kind.is_scale() || kind == QuestionKind::Consent => {
                value.n = self.number.parse().ok();
            }
            QuestionKind::Link | QuestionKind::Words => {}
            _ => value.x = text,
        }
        let is_given = !value.c.is_empty() || !value.x.is_empty() || value.n.is_some();
        is_given.then_some(value)
    }
}
