//! What to ask. Pure.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::Jump;
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
        /// A scale of the owner's.
        Rating = "rating", "Rating";
        /// How likely one is to recommend, 0 to 10.
        Nps = "nps", "Recommendation (NPS, 0 to 10)";
        /// How satisfied one is, 1 to 5.
        Csat = "csat", "Satisfaction (CSAT, 1 to 5)";
        /// How easy something was, 1 to 7.
        Ces = "ces", "Effort (CES, 1 to 7)";
        /// An address to reply to.
        Email = "email", "E-mail address";
        /// One choice from a list that opens.
        Dropdown = "dropdown", "One choice from a list";
        /// Choices put in order.
        Ranking = "ranking", "Ranking";
        /// A day.
        Date = "date", "Date";
        /// A box to tick.
        Consent = "consent", "Consent";
        /// A link to follow.
        Link = "link", "Link";
        /// Nothing to answer.
        Words = "statement", "Words only";
    }
);

impl QuestionKind {
    /// Whether there are choices, and reasons behind them.
    pub fn has_choices(self) -> bool {
        matches!(
            self,
            Self::Single | Self::Multi | Self::Dropdown | Self::Ranking
        )
    }

    /// Whether the answer is a number on a scale.
    pub fn is_scale(self) -> bool {
        matches!(self, Self::Rating | Self::Nps | Self::Csat | Self::Ces)
    }

    /// Whether it can be left out or not: a link and words only are never in the way.
    pub fn can_be_required(self) -> bool {
        !matches!(self, Self::Link | Self::Words)
    }
}

text_enum!(
    /// What is written in answer to a question.
    TextInput {
        /// Several lines.
        Long = "long", "Several lines";
        /// One line.
        Line = "line", "One line";
        /// A number.
        Number = "number", "A number";
        /// A web address.
        Url = "url", "A web address";
    }
);

text_enum!(
    /// What stands for the values of a rating.
    ScaleLook {
        /// The numbers themselves.
        Number = "number", "Numbers";
        /// Stars.
        Star = "star", "Stars";
        /// Faces, from sad to happy.
        Emoji = "emoji", "Faces";
        /// A thumb down and a thumb up; only two values.
        Thumbs = "thumbs", "Thumbs down and up";
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

/// A question of a prompt. What its kind has no use for is left at its default.
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
    /// Whether it has to be answered.
    pub is_required: bool,
    /// What is said when it is not, or when the answer does not fit; empty for our own words.
    pub message: String,
    /// In the order of the card.
    pub choices: Vec<Choice<Reason>>,
    /// Whether the choices say why people leave. If not, an answer names no reason, whatever stands behind its choice.
    pub names_reasons: bool,
    /// Whether each visit gets the choices in an order of its own.
    pub is_shuffled: bool,
    /// The reason behind "something else"; `None` leaves that choice out.
    pub other: Option<Reason>,
    /// Label of "something else".
    pub other_label: String,
    /// Label of "none of these", which excludes the others; empty leaves it out.
    pub none_label: String,
    /// How many choices at least; 0 for any number.
    pub at_least: u8,
    /// How many choices at most; 0 for any number.
    pub at_most: u8,
    /// Label of the comment line; empty leaves it out.
    pub comment_label: String,
    /// What is written.
    pub input: TextInput,
    /// What stands for the values of a rating.
    pub look: ScaleLook,
    /// The highest value of a rating, from 2 to 10; its lowest is 1.
    pub top: u8,
    /// Words for the low end of a scale; empty for none.
    pub low_label: String,
    /// Words for its high end.
    pub high_label: String,
    /// What an address is used for, or what is consented to.
    pub note: String,
    /// Words on the button of a link, or beneath words only.
    pub button: String,
    /// Where a link leads, https.
    pub url: String,
    /// Where an answer leads, if not to the next question.
    pub jumps: Vec<Jump>,
}

/// Id of the choice "something else".
pub const OTHER_CHOICE: &str = "other";
/// Id of the choice "none of these".
pub const NONE_CHOICE: &str = "none";

impl<Reason> Default for Question<Reason> {
    fn default() -> Self {
        Self {
            id: "q1".into(),
            kind: QuestionKind::Text,
            title: String::new(),
            help: String::new(),
            is_required: false,
            message: String::new(),
            choices: vec![],
            names_reasons: true,
            is_shuffled: false,
            other: None,
            other_label: String::new(),
            none_label: String::new(),
            at_least: 0,
            at_most: 0,
            comment_label: String::new(),
            input: TextInput::Long,
            look: ScaleLook::Number,
            top: 5,
            low_label: String::new(),
            high_label: String::new(),
            note: String::new(),
            button: String::new(),
            url: String::new(),
            jumps: vec![],
        }
    }
}

impl<Reason> Question<Reason> {
    /// Ids and labels of what can be chosen, in the order of the card.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let choices = self.choices.iter();
        let other = self.other.as_ref();
        let none = Some((NONE_CHOICE, self.none_label.as_str()));
        choices
            .map(|choice| (choice.id.as_str(), choice.label.as_str()))
            .chain(other.map(|_| (OTHER_CHOICE, self.other_label.as_str())))
            .chain(none.filter(|(_, label)| !label.is_empty()))
    }

    /// The lowest and the highest value; `None` when it is no scale.
    pub fn scale(&self) -> Option<RangeInclusive<i64>> {
        match self.kind {
            QuestionKind::Rating => Some(1..=i64::from(self.top)),
            QuestionKind::Nps => Some(0..=10),
            QuestionKind::Csat => Some(1..=5),
            QuestionKind::Ces => Some(1..=7),
            _ => None,
        }
    }

    /// Whether it is answered with a thumb down, 1, or a thumb up, 2.
    pub fn is_thumbs(&self) -> bool {
        self.kind == QuestionKind::Rating && self.look == ScaleLook::Thumbs && self.top == 2
    }

    /// A value of the scale in words; `None` where the number says it.
    pub fn value_label(&self, value: f64) -> Option<&'static str> {
        match value {
            1.0 if self.is_thumbs() => Some("Thumb down"),
            2.0 if self.is_thumbs() => Some("Thumb up"),
            _ => None,
        }
    }
}

impl Question {
    /// The reasons behind its choices; none when they are no reasons.
    pub fn reasons(&self) -> impl Iterator<Item = ReasonId> {
        let choices = self.choices.iter().map(|choice| choice.reason);
        choices.chain(self.other).filter(|_| self.names_reasons)
    }

    /// The reason behind a choice; `None` when there is none, as behind "none of these".
    pub fn reason_of(&self, choice_id: &str) -> Option<ReasonId> {
        if !self.names_reasons {
            return None;
        }
        if choice_id == OTHER_CHOICE {
            return self.other;
        }
        self.choices
            .iter()
            .find(|choice| choice.id == choice_id)
            .map(|choice| choice.reason)
    }
}
