//! The section "what to ask". Pure.

use validator::Validate;

use super::{
    choices::{ChoiceIds, parse_choices},
    rows::number_of,
};
use crate::{
    error::{FieldError, FieldErrors},
    prompt::{
        draft::NewQuestion,
        types::{Question, QuestionKind},
    },
    reason::types::Reason,
    types::ReasonId,
};

/// Reasons on one card; more would not be read.
pub const MOST_CHOICES: usize = 6;
/// Questions of one prompt; more would not be answered.
pub const MOST_QUESTIONS: usize = 10;

/// One row of the choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChoiceRow {
    /// Empty for a new choice.
    pub id: String,
    /// What visitors read.
    pub label: String,
    /// Name of the reason; empty takes the label.
    pub reason: String,
}

/// A question as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Validate)]
pub struct QuestionForm {
    /// Names the question, and begins the names of its fields.
    pub id: String,
    /// The question.
    #[validate(length(
        min = 1,
        max = 120,
        message = "Write one question of at most 120 characters."
    ))]
    pub title: String,
    /// A line beneath the question.
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub help: String,
    /// A [`QuestionKind`].
    pub kind: String,
    /// In the order of the card; rows without a label are left out.
    pub choices: Vec<ChoiceRow>,
    /// Whether "something else" is offered.
    pub has_other: bool,
    /// Its label.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub other_label: String,
    /// Name of its reason.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub other_reason: String,
    /// Whether a comment is asked for.
    pub has_comment: bool,
    /// Its label.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub comment_label: String,
}

impl QuestionForm {
    /// A question that the owner has just added.
    pub(super) fn new(id: String) -> Self {
        Self {
            id,
            kind: QuestionKind::Single.to_string(),
            choices: vec![ChoiceRow::default(), ChoiceRow::default()],
            ..Self::default()
        }
    }

    /// The questions that were posted, in their order: `question` names each, and begins the names of its fields.
    pub(super) fn all_of_pairs(pairs: &[(String, String)]) -> Vec<Self> {
        let mut ids: Vec<&str> = vec![];
        for (key, value) in pairs {
            if key == "question" && number_of(value).is_some() && !ids.contains(&value.as_str()) {
                ids.push(value);
            }
        }
        ids.truncate(MOST_QUESTIONS);
        let of_id = |id: &&str| Self::of_pairs(id, pairs);
        ids.iter().map(of_id).collect()
    }

    fn of_pairs(id: &str, pairs: &[(String, String)]) -> Self {
        let mut form = Self {
            id: id.to_owned(),
            ..Self::default()
        };
        let own = |key: &str| Some(key.strip_prefix(id)?.strip_prefix('-')?.to_owned());
        let (mut ids, mut labels, mut reasons) = (vec![], vec![], vec![]);
        for (key, value) in pairs
            .iter()
            .filter_map(|(key, value)| Some((own(key)?, value)))
        {
            let value = value.clone();
            match key.as_str() {
                "title" => form.title = value,
                "help" => form.help = value,
                "kind" => form.kind = value,
                "choice_id" => ids.push(value),
                "choice_label" => labels.push(value),
                "choice_reason" => reasons.push(value),
                "other" => form.has_other = true,
                "other_label" => form.other_label = value,
                "other_reason" => form.other_reason = value,
                "comment" => form.has_comment = true,
                "comment_label" => form.comment_label = value,
                _ => {}
            }
        }
        let (mut ids, mut reasons) = (ids.into_iter(), reasons.into_iter());
        form.choices = labels
            .into_iter()
            .map(|label| ChoiceRow {
                id: ids.next().unwrap_or_default(),
                label,
                reason: reasons.next().unwrap_or_default(),
            })
            .collect();
        form
    }

    pub(super) fn of(question: &Question, reasons: &[Reason]) -> Self {
        let reason = |id: ReasonId| {
            reasons
                .iter()
                .find(|reason| reason.id == id)
                .map(|reason| reason.name.clone())
                .unwrap_or_default()
        };
        Self {
            id: question.id.clone(),
            title: question.title.clone(),
            help: question.help.clone(),
            kind: question.kind.to_string(),
            choices: question
                .choices
                .iter()
                .map(|choice| ChoiceRow {
                    id: choice.id.clone(),
                    label: choice.label.clone(),
                    reason: reason(choice.reason),
                })
                .collect(),
            has_other: question.other.is_some(),
            other_label: question.other_label.clone(),
            other_reason: question.other.map(reason).unwrap_or_default(),
            has_comment: !question.comment_label.is_empty(),
            comment_label: question.comment_label.clone(),
        }
    }

    /// The name of one of its fields.
    pub fn field(&self, name: &str) -> String {
        format!("{}-{name}", self.id)
    }

    /// Whether no further choice can be added.
    pub fn has_most_choices(&self) -> bool {
        self.choices.len() >= MOST_CHOICES
    }

    pub(super) fn parse(&self, ids: &mut ChoiceIds<'_>, errors: &mut FieldErrors) -> NewQuestion {
        let mut own = FieldErrors::default();
        let question = self.read(ids, &mut own);
        let named = own.0.into_iter().map(|error| FieldError {
            field: self.field(&error.field),
            ..error
        });
        errors.0.extend(named);
        question
    }

    fn read(&self, ids: &mut ChoiceIds<'_>, errors: &mut FieldErrors) -> NewQuestion {
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
        let is_choice = kind != QuestionKind::Text;
        let or_default = |text: &str, default: &str| {
            let text = text.trim();
            if text.is_empty() {
                default.to_owned()
            } else {
                text.to_owned()
            }
        };
        let other_label = or_default(&self.other_label, "Something else");
        NewQuestion {
            id: self.id.clone(),
            kind,
            title,
            help: self.help.trim().to_owned(),
            choices: if is_choice {
                parse_choices(&self.choices, ids, errors)
            } else {
                vec![]
            },
            other: (is_choice && self.has_other)
                .then(|| or_default(&self.other_reason, &other_label)),
            other_label,
            comment_label: if is_choice && !self.has_comment {
                String::new()
            } else {
                or_default(&self.comment_label, "Anything to add?")
            },
        }
    }
}
