//! What a posted question asks, checked. Pure.

use validator::Validate;

use super::{
    choices::{ChoiceIds, parse_choices},
    fields::parse_number,
    question::QuestionForm,
};
use crate::{
    error::{FieldError, FieldErrors},
    prompt::{
        draft::NewQuestion,
        languages::Phrases,
        types::{QuestionKind, ScaleLook, TextInput},
    },
};

impl QuestionForm {
    /// What the owner leaves empty is said by `phrases`.
    pub(super) fn parse(
        &self,
        ids: &mut ChoiceIds<'_>,
        phrases: &Phrases,
        errors: &mut FieldErrors,
    ) -> NewQuestion {
        let mut own = FieldErrors::default();
        let question = self.read(ids, phrases, &mut own);
        let named = own.0.into_iter().map(|error| FieldError {
            field: self.field(&error.field),
            ..error
        });
        errors.0.extend(named);
        question
    }

    fn read(
        &self,
        ids: &mut ChoiceIds<'_>,
        phrases: &Phrases,
        errors: &mut FieldErrors,
    ) -> NewQuestion {
        let title = self.title.trim().to_owned();
        let trimmed = Self {
            title: title.clone(),
            ..self.clone()
        };
        errors
            .0
            .extend(FieldErrors::of_checks(trimmed.validate()).0);
        let kind = QuestionKind::parse(&self.kind).unwrap_or_else(|| {
            errors.add("kind", "Choose how the question is answered.");
            QuestionKind::Text
        });
        let mut question = NewQuestion {
            id: self.id.clone(),
            kind,
            title,
            help: self.help.trim().to_owned(),
            ..NewQuestion::default()
        };
        if kind.can_be_required() {
            question.is_required = self.is_required;
            self.message.trim().clone_into(&mut question.message);
        }
        if kind.has_choices() {
            self.read_choices(&mut question, ids, phrases, errors);
        } else if kind.is_scale() {
            self.read_scale(&mut question, errors);
        } else {
            self.read_others(&mut question, phrases, errors);
        }
        for row in self.jumps.iter().filter(|row| !row.when.is_empty()) {
            match row.parse(&question) {
                Ok(jump) => question.jumps.push(jump),
                Err(message) => errors.add("jumps", message),
            }
        }
        question
    }

    fn read_choices(
        &self,
        question: &mut NewQuestion,
        ids: &mut ChoiceIds<'_>,
        phrases: &Phrases,
        errors: &mut FieldErrors,
    ) {
        let kind = question.kind;
        question.choices = parse_choices(&self.choices, self.most_choices(), ids, errors);
        question.names_reasons = !self.is_without_reasons;
        question.is_shuffled = self.is_shuffled;
        if kind == QuestionKind::Ranking {
            return;
        }
        if self.has_other {
            question.other_label = or_default(&self.other_label, &phrases.other);
            question.other = Some(or_default(&self.other_reason, &question.other_label));
        }
        if self.has_none && kind != QuestionKind::Dropdown {
            question.none_label = or_default(&self.none_label, &phrases.none);
        }
        if self.has_comment {
            question.comment_label = or_default(&self.comment_label, &phrases.comment);
        }
        if kind == QuestionKind::Multi {
            let most = u8::try_from(question.choices.len().max(1)).unwrap_or(u8::MAX);
            question.at_least = parse_bound(&self.at_least, most, "at_least", errors);
            question.at_most = parse_bound(&self.at_most, most, "at_most", errors);
            if question.at_most > 0 && question.at_least > question.at_most {
                errors.add("at_least", "Ask for no more choices than are allowed.");
            }
        }
    }

    fn read_scale(&self, question: &mut NewQuestion, errors: &mut FieldErrors) {
        self.low_label.trim().clone_into(&mut question.low_label);
        self.high_label.trim().clone_into(&mut question.high_label);
        if question.kind != QuestionKind::Rating {
            return;
        }
        question.look = ScaleLook::parse(&self.look).unwrap_or(ScaleLook::Number);
        question.top = match question.look {
            ScaleLook::Thumbs => 2,
            _ => parse_number(&or_default(&self.top, "5"), 2..=10, "top", errors),
        };
    }

    fn read_others(&self, question: &mut NewQuestion, phrases: &Phrases, errors: &mut FieldErrors) {
        match question.kind {
            QuestionKind::Text => {
                question.input = TextInput::parse(&self.input).unwrap_or(TextInput::Long);
            }
            QuestionKind::Email => self.note.trim().clone_into(&mut question.note),
            QuestionKind::Consent => {
                self.note.trim().clone_into(&mut question.note);
                if question.note.is_empty() {
                    errors.add("note", "Write what visitors agree to.");
                }
            }
            QuestionKind::Link => {
                question.button = or_default(&self.button, &phrases.open);
                question.url = parse_link(&self.url).unwrap_or_else(|message| {
                    errors.add("url", message);
                    String::new()
                });
            }
            QuestionKind::Words => self.button.trim().clone_into(&mut question.button),
            _ => {}
        }
    }
}

fn or_default(text: &str, default: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        default.to_owned()
    } else {
        text.to_owned()
    }
}

/// How many choices; 0 for any number.
fn parse_bound(text: &str, most: u8, field: &str, errors: &mut FieldErrors) -> u8 {
    if text.trim().is_empty() {
        0
    } else {
        parse_number(text, 1..=most, field, errors)
    }
}

/// An address that visitors may be led to.
pub(super) fn parse_link(text: &str) -> Result<String, &'static str> {
    let url = url::Url::parse(text.trim()).ok();
    url.filter(|url| url.scheme() == "https" && url.username().is_empty())
        .map(String::from)
        .ok_or("Write a whole address that begins with https://.")
}
