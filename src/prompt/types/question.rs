//! What to ask. Pure.

use serde::{Deserialize, Serialize};

use crate::{text_enum, types::ReasonId};

text_enum!(
    /// How a question is answered.
    QuestionKind {
        /// One choice.
        Single = "single", "One choice";
        /// Any number of choices.
        Multi = "multi", "Several choices";
        /// Free text.
        Text = "text", "Free text";
    }
);

/// A choice; its id stays the same across versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice<Reason = ReasonId> {
    /// Stable within the prompt: `c1`, `c2`…
    pub id: String,
    /// What visitors read.
    pub label: String,
    /// The reason that it stands for.
    pub reason: Reason,
}

/// A question of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question<Reason = ReasonId> {
    /// Stable within the prompt: `q1`.
    pub id: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What visitors read.
    pub title: String,
    /// A line beneath; empty for none.
    pub help: String,
    /// In the order of the card; none for free text.
    pub choices: Vec<Choice<Reason>>,
    /// The reason behind "something else"; `None` leaves that choice out.
    pub other: Option<Reason>,
    /// Label of "something else".
    pub other_label: String,
    /// Label of the comment line; empty leaves it out.
    pub comment_label: String,
}

/// Id of the choice "something else".
pub const OTHER_CHOICE: &str = "other";

impl<Reason> Default for Question<Reason> {
    fn default() -> Self {
        Self {
            id: "q1".into(),
            kind: QuestionKind::Text,
            title: String::new(),
            help: String::new(),
            choices: vec![],
            other: None,
            other_label: String::new(),
            comment_label: String::new(),
        }
    }
}

impl<Reason> Question<Reason> {
    /// Ids and labels of what can be chosen, in the order of the card.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let choices = self.choices.iter();
        let other = self.other.as_ref();
        choices
            .map(|choice| (choice.id.as_str(), choice.label.as_str()))
            .chain(other.map(|_| (OTHER_CHOICE, self.other_label.as_str())))
    }
}

impl Question {
    /// The reason behind a choice; `None` when there is no such choice.
    pub fn reason_of(&self, choice_id: &str) -> Option<ReasonId> {
        if choice_id == OTHER_CHOICE {
            return self.other;
        }
        self.choices
            .iter()
            .find(|choice| choice.id == choice_id)
            .map(|choice| choice.reason)
    }
}
