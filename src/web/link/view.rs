//! The words of one step. They are those of the card: read from what the widget is told, so that both say the same. Pure.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Deserialize;

use crate::{
    answer::{payload::ValuePayload, step::Given},
    ingest::content::Content,
};

static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{(?:prop:)?([^|}]+)\|?([^}]*)\}\}").expect("the expression is a constant")
});

/// What the card is told.
#[derive(Clone, Debug, Deserialize)]
pub struct Words {
    /// BCP 47.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: String,
    /// On the last button.
    pub submit: String,
    /// On the others.
    pub next: String,
    /// On the way back.
    pub back: String,
    of: String,
    thanks: String,
    questions: Vec<QuestionWords>,
    #[serde(default)]
    endings: std::collections::BTreeMap<String, EndingWords>,
}

/// A question.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct QuestionWords {
    /// Its id.
    pub id: String,
    /// What draws it.
    pub kind: String,
    /// What is asked.
    pub title: String,
    /// A line beneath.
    pub help: String,
    /// What can be chosen.
    pub choices: Vec<ChoiceWords>,
    /// Label of the comment.
    pub comment: String,
    /// Said when nothing is given; without it nothing need be.
    pub must: Option<String>,
    /// Said when what is given does not fit.
    pub wrong: String,
    /// Kind of the field.
    pub input: Option<String>,
    /// A line beneath the field.
    pub note: String,
    /// First value of a scale.
    pub from: i64,
    /// Last value.
    pub to: i64,
    /// What stands for the values.
    pub marks: Vec<String>,
    /// Words at its ends.
    pub low: String,
    /// Words at its ends.
    pub high: String,
    /// Words on a link.
    pub button: String,
    /// Where it leads.
    pub url: String,
}

/// A choice.
#[derive(Clone, Debug, Deserialize)]
pub struct ChoiceWords {
    /// Its id.
    pub id: String,
    /// What it says.
    pub label: String,
    /// Whether words of one's own belong to it.
    #[serde(default)]
    pub words: bool,
}

/// An ending.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EndingWords {
    /// What it says.
    pub text: String,
    /// Where its link leads; empty for none.
    pub url: String,
    /// Words on the link.
    pub label: String,
}

impl Words {
    /// Reads them from what a card is told.
    pub fn of(content: &Content) -> Self {
        let told = serde_json::to_value(content).expect("words are plain data");
        serde_json::from_value(told).expect("every card has these words")
    }

    /// The question with earlier answers put into its words.
    pub fn question(&self, id: &str, given: &Given) -> QuestionWords {
        let mut questions = self.questions.iter();
        let found = questions.find(|question| question.id == id);
        let mut question = found.cloned().unwrap_or_default();
        question.title = self.say(&question.title, given);
        question.help = self.say(&question.help, given);
        question
    }

    /// How it ends.
    pub fn ending(&self, id: &str, given: &Given) -> EndingWords {
        let usual = || EndingWords {
            text: self.thanks.clone(),
            ..EndingWords::default()
        };
        let mut ending = self.endings.get(id).cloned().unwrap_or_else(usual);
        ending.text = self.say(&ending.text, given);
        ending
    }

    /// Such as `2 of 3`; empty for the only question.
    pub fn place(&self, id: &str) -> String {
        let place = self.questions.iter().position(|question| question.id == id);
        match (self.questions.len(), place) {
            (0 | 1, _) | (_, None) => String::new(),
            (of, Some(place)) => self.count(place + 1, of),
        }
    }

    /// Such as `2 of 3`.
    pub fn count(&self, n: usize, of: usize) -> String {
        let text = self.of.replace("{n}", &n.to_string());
        text.replace("{of}", &of.to_string())
    }

    /// Puts earlier answers in the place of `{{q1|words}}`. Properties of a page are unknown here: their other words stand.
    fn say(&self, text: &str, given: &Given) -> String {
        let said = |found: &Captures<'_>| {
            let value = given.get(&found[1]);
            let told = value.and_then(|value| self.told(&found[1], value));
            told.unwrap_or_else(|| found[2].to_owned())
        };
        PLACE.replace_all(text, said).into_owned()
    }

    fn told(&self, id: &str, value: &ValuePayload) -> Option<String> {
        let question = self.questions.iter().find(|question| question.id == id)?;
        let label = |chosen: &String| {
            let mut choices = question.choices.iter();
            let found = choices.find(|choice| choice.id == *chosen);
            found.map(|choice| choice.label.clone())
        };
        let labels: Vec<String> = value.c.iter().filter_map(label).collect();
        if !labels.is_empty() {
            return Some(labels.join(", "));
        }
        let number = value.n.map(|n| n.to_string());
        Some(value.x.clone())
            .filter(|words| !words.is_empty())
            .or(number)
    }
}
