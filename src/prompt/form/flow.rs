//! Which way a prompt goes after an answer, and how it ends. Pure.

use super::{asked::parse_link, rows::number_of};
use crate::{
    error::FieldErrors,
    prompt::{
        draft::NewQuestion,
        languages::Phrases,
        types::{Ending, EndingKind, Jump, JumpWhen, QuestionKind, TextInput},
    },
};

/// Endings beside the usual one.
pub const MOST_ENDINGS: usize = 6;
/// Ways after one question.
pub const MOST_JUMPS: usize = 6;

/// A way as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JumpRow {
    /// A [`JumpWhen`].
    pub when: String,
    /// A choice by its id, or a number.
    pub value: String,
    /// A question, an ending, or nothing for the usual end.
    pub to: String,
}

impl JumpRow {
    pub(super) fn of(jump: &Jump) -> Self {
        Self {
            when: jump.when.to_string(),
            value: jump.value.clone(),
            to: jump.to.clone(),
        }
    }

    /// Reads the way after `question`; an error says what would be right.
    pub(super) fn parse(&self, question: &NewQuestion) -> Result<Jump, &'static str> {
        let when = JumpWhen::parse(&self.when).ok_or("Choose what the answer has to be.")?;
        let has_number = question.kind.is_scale()
            || (question.kind == QuestionKind::Text && question.input == TextInput::Number);
        let value = self.value.trim();
        let value = match when {
            JumpWhen::Answered | JumpWhen::Skipped => "",
            JumpWhen::AtLeast | JumpWhen::AtMost if has_number => {
                let number = value.parse::<f64>().ok().filter(|n| n.is_finite());
                number
                    .map(|_| value)
                    .ok_or("Write the number to compare with.")?
            }
            JumpWhen::Is | JumpWhen::IsNot if question.kind.has_choices() => {
                let offered = question.labels().any(|(id, _)| id == value);
                offered.then_some(value).ok_or(
                    "Choose one of the choices above; a new one is offered after any button here.",
                )?
            }
            _ => return Err("Choose a condition that this kind of question can meet."),
        };
        Ok(Jump {
            when,
            value: value.to_owned(),
            to: self.to.clone(),
        })
    }
}

/// An ending as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndingForm {
    /// Names the ending, and begins the names of its fields.
    pub id: String,
    /// An [`EndingKind`].
    pub kind: String,
    /// What visitors read.
    pub text: String,
    /// Where its link leads.
    pub url: String,
    /// Words on the link.
    pub label: String,
    /// Words on the button that opens the chat.
    pub chat: String,
    /// Seconds until the link is followed by itself.
    pub after_s: String,
}

impl EndingForm {
    /// The endings that were posted, in their order: `ending` names each, and begins the names of its fields.
    pub(super) fn all_of_pairs(pairs: &[(String, String)]) -> Vec<Self> {
        let mut endings: Vec<Self> = vec![];
        for (key, value) in pairs {
            let is_new = endings.iter().all(|ending| &ending.id != value);
            if key == "ending" && is_id(value) && is_new && endings.len() < MOST_ENDINGS {
                endings.push(Self {
                    id: value.clone(),
                    ..Self::default()
                });
            }
        }
        for (key, value) in pairs {
            let Some((id, name)) = key.split_once('-') else {
                continue;
            };
            if let Some(ending) = endings.iter_mut().find(|ending| ending.id == id) {
                ending.take(name, value);
            }
        }
        endings
    }

    fn take(&mut self, name: &str, value: &str) {
        let field = match name {
            "kind" => &mut self.kind,
            "text" => &mut self.text,
            "url" => &mut self.url,
            "label" => &mut self.label,
            "chat" => &mut self.chat,
            "after_s" => &mut self.after_s,
            _ => return,
        };
        value.clone_into(field);
    }

    pub(super) fn of(ending: &Ending) -> Self {
        let after = Some(ending.after_s).filter(|seconds| *seconds > 0);
        Self {
            id: ending.id.clone(),
            kind: ending.kind.to_string(),
            text: ending.text.clone(),
            url: ending.url.clone(),
            label: ending.label.clone(),
            chat: ending.chat.clone(),
            after_s: after.map(|seconds| seconds.to_string()).unwrap_or_default(),
        }
    }

    /// The next ending of a form with these.
    pub(super) fn next(endings: &[Self]) -> Self {
        let last = endings
            .iter()
            .filter_map(|ending| ending.id.get(1..)?.parse::<u32>().ok())
            .max();
        Self {
            id: format!("e{}", last.unwrap_or_default() + 1),
            kind: EndingKind::Help.to_string(),
            ..Self::default()
        }
    }

    /// What is wrong goes to `errors` under the names of the fields; what is left empty is said by `phrases`.
    pub(super) fn parse(&self, phrases: &Phrases, errors: &mut FieldErrors) -> Ending {
        let mut wrong =
            |name: &str, message: &str| errors.add(format!("{}-{name}", self.id), message);
        let kind = EndingKind::parse(&self.kind).unwrap_or(EndingKind::Thanks);
        let text = self.text.trim();
        if text.is_empty() || text.chars().count() > 300 {
            wrong(
                "text",
                "Write what visitors read, in at most 300 characters.",
            );
        }
        if self.label.chars().count() > 40 || self.chat.chars().count() > 40 {
            wrong(
                "label",
                "Use at most 40 characters for the words on a button.",
            );
        }
        let has_link = kind != EndingKind::Thanks
            && (kind == EndingKind::Redirect || !self.url.trim().is_empty());
        let url = match parse_link(&self.url) {
            _ if !has_link => String::new(),
            Ok(url) => url,
            Err(message) => {
                wrong("url", message);
                String::new()
            }
        };
        let after_s = match self.after_s.trim() {
            "" => 0,
            seconds if kind == EndingKind::Redirect => {
                let seconds = seconds
                    .parse()
                    .ok()
                    .filter(|seconds| (3..=60).contains(seconds));
                seconds.unwrap_or_else(|| {
                    wrong("after_s", "Write 3 to 60 seconds, or leave it empty.");
                    0
                })
            }
            _ => 0,
        };
        let label = self.label.trim();
        Ending {
            id: self.id.clone(),
            kind,
            text: text.to_owned(),
            label: match (url.is_empty(), label) {
                (true, _) => String::new(),
                (_, "") => phrases.open.clone(),
                (_, label) => label.to_owned(),
            },
            url,
            chat: if kind == EndingKind::Help {
                self.chat.trim().to_owned()
            } else {
                String::new()
            },
            after_s,
        }
    }
}

fn is_id(text: &str) -> bool {
    text.strip_prefix('e')
        .is_some_and(|digits| number_of(&format!("q{digits}")).is_some())
}

/// Ways lead forward, so that nobody goes round in a circle, and to what is there.
pub(super) fn check_ways(questions: &[NewQuestion], endings: &[Ending], errors: &mut FieldErrors) {
    for (place, question) in questions.iter().enumerate() {
        let is_later = |id: &str| questions.iter().skip(place + 1).any(|later| later.id == id);
        let is_ending = |id: &str| id.is_empty() || endings.iter().any(|ending| ending.id == id);
        if question
            .jumps
            .iter()
            .any(|jump| !is_later(&jump.to) && !is_ending(&jump.to))
        {
            errors.add(
                format!("{}-jumps", question.id),
                "Lead to a later question or to an ending: this one is gone or comes before.",
            );
        }
    }
}
