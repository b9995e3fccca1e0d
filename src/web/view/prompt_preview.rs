//! One step of the card as the editor's form stands. Pure.

use crate::prompt::{
    form::{PromptForm, QuestionForm},
    types::{QuestionKind, ScaleLook, TextInput},
};

/// What the preview shows.
pub struct Preview {
    /// The question that is worked on.
    pub question: QuestionForm,
    /// Where it is among the questions; empty for the only one.
    pub step: String,
    /// The values of a scale.
    pub values: Vec<String>,
    /// What can be chosen, in the order of the form.
    pub choices: Vec<String>,
    /// A line to write in: what stands in it.
    pub line: String,
    /// Words on the button.
    pub button: String,
}

impl Preview {
    /// The step that is worked on.
    pub fn of(form: &PromptForm) -> Self {
        let question = form.shown_question().cloned().unwrap_or_default();
        let mut ids = form.questions.iter().map(|question| &question.id);
        let place = ids.position(|id| *id == question.id).unwrap_or_default() + 1;
        let (step, is_last) = match form.questions.len() {
            0 | 1 => (String::new(), true),
            of => (format!("{place} of {of}"), place == of),
        };
        let kind = QuestionKind::parse(&question.kind).unwrap_or(QuestionKind::Text);
        let button = match kind {
            QuestionKind::Link | QuestionKind::Words if !question.button.trim().is_empty() => {
                question.button.trim().to_owned()
            }
            _ if is_last => "Send".into(),
            _ => "Next".into(),
        };
        Self {
            values: values(kind, &question),
            choices: choices(kind, &question),
            line: line(kind, &question),
            question,
            step,
            button,
        }
    }
}

fn values(kind: QuestionKind, question: &QuestionForm) -> Vec<String> {
    let numbers = |from: u8, to: u8| (from..=to).map(|value| value.to_string()).collect();
    let top = question.top_value();
    match (kind, ScaleLook::parse(&question.look)) {
        (QuestionKind::Nps, _) => numbers(0, 10),
        (QuestionKind::Csat, _) => numbers(1, 5),
        (QuestionKind::Ces, _) => numbers(1, 7),
        (QuestionKind::Rating, Some(ScaleLook::Star)) => vec!["☆".into(); top.into()],
        (QuestionKind::Rating, Some(ScaleLook::Thumbs)) => vec!["👎".into(), "👍".into()],
        (QuestionKind::Rating, Some(ScaleLook::Emoji)) => {
            let faces = ["😞", "🙁", "😐", "🙂", "😀"].map(str::to_owned);
            let place = |value: u8| usize::from((value - 1) * 4 / (top - 1));
            (1..=top)
                .filter_map(|value| faces.get(place(value)).cloned())
                .collect()
        }
        (QuestionKind::Rating, _) => numbers(1, top),
        _ => vec![],
    }
}

fn choices(kind: QuestionKind, question: &QuestionForm) -> Vec<String> {
    if kind == QuestionKind::Consent {
        return vec![question.note.trim().to_owned()];
    }
    if !kind.has_choices() {
        return vec![];
    }
    let labels = question.choices.iter().map(|choice| choice.label.trim());
    let mut choices: Vec<String> = labels
        .filter(|label| !label.is_empty())
        .map(str::to_owned)
        .collect();
    if question.has_other && kind != QuestionKind::Ranking {
        choices.push(or(&question.other_label, "Something else"));
    }
    if question.has_none && matches!(kind, QuestionKind::Single | QuestionKind::Multi) {
        choices.push(or(&question.none_label, "None of these"));
    }
    choices
}

fn line(kind: QuestionKind, question: &QuestionForm) -> String {
    let words = match kind {
        QuestionKind::Text => match TextInput::parse(&question.input) {
            Some(TextInput::Number) => "0",
            Some(TextInput::Url) => "https://",
            _ => "Words of their own",
        },
        QuestionKind::Email => "name@example.com",
        QuestionKind::Date => "Day, month, year",
        kind if kind.has_choices() && kind != QuestionKind::Ranking && question.has_comment => {
            return or(&question.comment_label, "Anything to add?");
        }
        _ => "",
    };
    words.to_owned()
}

fn or(text: &str, default: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        default.to_owned()
    } else {
        text.to_owned()
    }
}
