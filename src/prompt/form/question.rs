//! The section "what to ask", as it is posted and shown again. Pure.

use validator::Validate;

use super::{
    flow::{JumpRow, MOST_JUMPS},
    rows::number_of,
};
use crate::{
    error::FieldErrors,
    prompt::types::{JumpWhen, Question, QuestionKind, TextInput},
    reason::types::Reason,
    types::ReasonId,
};

/// Reasons on one card; more would not be read.
pub const MOST_CHOICES: usize = 6;
/// Choices of a list that opens.
const MOST_LISTED: usize = 30;
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
    /// Whether it has to be answered.
    pub is_required: bool,
    /// What is said when it is not.
    #[validate(length(max = 120, message = "Use at most 120 characters."))]
    pub message: String,
    /// In the order of the card; rows without a label are left out.
    pub choices: Vec<ChoiceRow>,
    /// Whether they are no reasons why people leave.
    pub is_without_reasons: bool,
    /// Whether each visit gets them in an order of its own.
    pub is_shuffled: bool,
    /// Whether "something else" is offered.
    pub has_other: bool,
    /// Its label.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub other_label: String,
    /// Name of its reason.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub other_reason: String,
    /// Whether "none of these" is offered.
    pub has_none: bool,
    /// Its label.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub none_label: String,
    /// How many choices at least; empty for any number.
    pub at_least: String,
    /// How many choices at most.
    pub at_most: String,
    /// Whether a comment is asked for.
    pub has_comment: bool,
    /// Its label.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub comment_label: String,
    /// A [`TextInput`](crate::prompt::types::TextInput).
    pub input: String,
    /// A [`ScaleLook`](crate::prompt::types::ScaleLook).
    pub look: String,
    /// The highest value of a rating.
    pub top: String,
    /// Words for the low end of a scale.
    #[validate(length(max = 40, message = "Use at most 40 characters."))]
    pub low_label: String,
    /// Words for its high end.
    #[validate(length(max = 40, message = "Use at most 40 characters."))]
    pub high_label: String,
    /// What an address is used for, or what is consented to.
    #[validate(length(max = 300, message = "Use at most 300 characters."))]
    pub note: String,
    /// Words on a button.
    #[validate(length(max = 40, message = "Use at most 40 characters."))]
    pub button: String,
    /// Where answers lead; rows without a condition are left out.
    pub jumps: Vec<JumpRow>,
    /// Where a link leads.
    #[validate(length(max = 2_000, message = "Use at most 2,000 characters."))]
    pub url: String,
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

    /// Whether something is set, or wrong, that few questions need.
    pub fn has_rare(&self, errors: &FieldErrors) -> bool {
        let fields = ["help", "none_label", "at_least", "at_most", "message"];
        let texts = [&self.help, &self.at_least, &self.at_most, &self.message];
        self.is_without_reasons
            || self.is_shuffled
            || self.has_none
            || texts.iter().any(|text| !text.is_empty())
            || fields
                .iter()
                .any(|name| errors.of(&self.field(name)).is_some())
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
        let (mut whens, mut values, mut tos) = (vec![], vec![], vec![]);
        for (key, value) in pairs
            .iter()
            .filter_map(|(key, value)| Some((own(key)?, value.clone())))
        {
            match key.as_str() {
                "choice_id" => ids.push(value),
                "choice_label" => labels.push(value),
                "choice_reason" => reasons.push(value),
                "jump_when" => whens.push(value),
                "jump_value" => values.push(value),
                "jump_to" => tos.push(value),
                key => form.take(key, value),
            }
        }
        let (mut values, mut tos) = (values.into_iter(), tos.into_iter());
        form.jumps = whens
            .into_iter()
            .map(|when| JumpRow {
                when,
                value: values.next().unwrap_or_default(),
                to: tos.next().unwrap_or_default(),
            })
            .collect();
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

    fn take(&mut self, key: &str, value: String) {
        match key {
            "title" => self.title = value,
            "help" => self.help = value,
            "kind" => self.kind = value,
            "required" => self.is_required = true,
            "message" => self.message = value,
            // The box comes behind a field of the same name that says no: a form without either means reasons.
            "reasons" => self.is_without_reasons = value != "1",
            "shuffled" => self.is_shuffled = true,
            "other" => self.has_other = true,
            "other_label" => self.other_label = value,
            "other_reason" => self.other_reason = value,
            "none" => self.has_none = true,
            "none_label" => self.none_label = value,
            "at_least" => self.at_least = value,
            "at_most" => self.at_most = value,
            "comment" => self.has_comment = true,
            "comment_label" => self.comment_label = value,
            "input" => self.input = value,
            "look" => self.look = value,
            "top" => self.top = value,
            "low_label" => self.low_label = value,
            "high_label" => self.high_label = value,
            "note" => self.note = value,
            "button" => self.button = value,
            "url" => self.url = value,
            _ => {}
        }
    }

    pub(super) fn of(question: &Question, reasons: &[Reason]) -> Self {
        let reason = |id: ReasonId| {
            reasons
                .iter()
                .find(|reason| reason.id == id)
                .map(|reason| reason.name.clone())
                .unwrap_or_default()
        };
        let bound = |n: u8| if n == 0 { String::new() } else { n.to_string() };
        Self {
            id: question.id.clone(),
            title: question.title.clone(),
            help: question.help.clone(),
            kind: question.kind.to_string(),
            is_required: question.is_required,
            message: question.message.clone(),
            choices: question
                .choices
                .iter()
                .map(|choice| ChoiceRow {
                    id: choice.id.clone(),
                    label: choice.label.clone(),
                    reason: reason(choice.reason),
                })
                .collect(),
            is_without_reasons: !question.names_reasons,
            is_shuffled: question.is_shuffled,
            has_other: question.other.is_some(),
            other_label: question.other_label.clone(),
            other_reason: question.other.map(reason).unwrap_or_default(),
            has_none: !question.none_label.is_empty(),
            none_label: question.none_label.clone(),
            at_least: bound(question.at_least),
            at_most: bound(question.at_most),
            has_comment: !question.comment_label.is_empty(),
            comment_label: question.comment_label.clone(),
            input: question.input.to_string(),
            look: question.look.to_string(),
            top: question.top.to_string(),
            low_label: question.low_label.clone(),
            high_label: question.high_label.clone(),
            note: question.note.clone(),
            button: question.button.clone(),
            url: question.url.clone(),
            jumps: question.jumps.iter().map(JumpRow::of).collect(),
        }
    }

    /// The name of one of its fields.
    pub fn field(&self, name: &str) -> String {
        format!("{}-{name}", self.id)
    }

    /// Whether an answer to it is compared with a choice.
    pub fn has_choices(&self) -> bool {
        QuestionKind::parse(&self.kind).is_some_and(QuestionKind::has_choices)
    }

    /// What a way can ask of its answer: only numbers are more or less than others. One that was chosen stays to be seen.
    pub fn conditions(&self, chosen: &str) -> impl Iterator<Item = JumpWhen> {
        let kind = QuestionKind::parse(&self.kind);
        let is_written = kind == Some(QuestionKind::Text);
        let has_number = kind.is_some_and(QuestionKind::is_scale)
            || (is_written && self.input == TextInput::Number.as_str());
        JumpWhen::ALL.iter().copied().filter(move |when| {
            let is_compared = matches!(when, JumpWhen::AtLeast | JumpWhen::AtMost);
            has_number || !is_compared || when.as_str() == chosen
        })
    }

    /// Whether no further way can be added.
    pub fn has_most_jumps(&self) -> bool {
        self.jumps.len() >= MOST_JUMPS
    }

    /// How many choices it may have.
    pub fn most_choices(&self) -> usize {
        if self.kind == QuestionKind::Dropdown.as_str() {
            MOST_LISTED
        } else {
            MOST_CHOICES
        }
    }

    /// Whether no further choice can be added.
    pub fn has_most_choices(&self) -> bool {
        self.choices.len() >= self.most_choices()
    }

    /// The highest value that it would have as a rating.
    pub fn top_value(&self) -> u8 {
        let top = self.top.trim().parse().ok();
        top.filter(|top| (2..=10).contains(top)).unwrap_or(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_are_compared() {
        let form = |kind: &str| QuestionForm {
            kind: kind.into(),
            ..QuestionForm::default()
        };
        let offered = |kind: &str, chosen: &str| -> Vec<&str> {
            form(kind)
                .conditions(chosen)
                .map(JumpWhen::as_str)
                .collect()
        };
        let of_choices = ["is", "is_not", "answered", "skipped"];
        assert_eq!(offered("single", ""), of_choices);
        assert_eq!(offered("multi", "is"), of_choices);
        assert_eq!(offered("email", ""), of_choices);
        assert_eq!(offered("nps", "").len(), JumpWhen::ALL.len());
        assert!(
            offered("single", "at_most").contains(&"at_most"),
            "stays to be seen"
        );
    }
}
