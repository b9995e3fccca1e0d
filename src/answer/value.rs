//! What of a value fits the question that was asked. Pure.

use super::payload::ValuePayload;
use crate::{
    prompt::types::{NONE_CHOICE, Question, QuestionKind, TextInput},
    types::ReasonId,
};

/// The value given to one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewValue {
    /// The question.
    pub question_id: String,
    /// Choices with their reasons; of a ranking in its order, with the reason of the first alone.
    pub choices: Vec<(String, Option<ReasonId>)>,
    /// Whether the order of the choices means something.
    pub is_ranked: bool,
    /// A value on a scale, or a number that was written; 1 for a link followed and a box ticked.
    pub number: Option<f64>,
    /// An address, a date, a number as it was written: what is no comment.
    pub text: String,
    /// Words.
    pub comment: String,
}

impl NewValue {
    /// What of the value fits; `None` when nothing does. The names of what does not are added to `misfits`.
    pub(super) fn parse(
        question: &Question,
        payload: &ValuePayload,
        misfits: &mut Vec<String>,
    ) -> Option<Self> {
        let mut value = Self {
            question_id: question.id.clone(),
            is_ranked: question.kind == QuestionKind::Ranking,
            ..Self::default()
        };
        let known = misfits.len();
        if question.kind.has_choices() {
            value.choose(question, &payload.c, misfits);
            payload.x.trim().clone_into(&mut value.comment);
        } else if !value.take(question, payload) {
            misfits.push(question.id.clone());
        }
        let is_given = value != Self::default_of(&value);
        if !is_given && misfits.len() == known {
            misfits.push(question.id.clone());
        }
        is_given.then_some(value)
    }

    /// The same without anything given.
    fn default_of(value: &Self) -> Self {
        Self {
            question_id: value.question_id.clone(),
            is_ranked: value.is_ranked,
            ..Self::default()
        }
    }

    fn choose(&mut self, question: &Question, chosen: &[String], misfits: &mut Vec<String>) {
        let is_one = matches!(question.kind, QuestionKind::Single | QuestionKind::Dropdown);
        for id in chosen {
            let is_offered = question.labels().any(|(offered, _)| offered == id);
            let is_taken = self.choices.iter().any(|(known, _)| known == id);
            let has_none = self.choices.iter().any(|(known, _)| known == NONE_CHOICE);
            let is_second = !self.choices.is_empty() && (is_one || has_none || id == NONE_CHOICE);
            if !is_offered || (is_second && !is_taken) {
                misfits.push(format!("{}.{id}", question.id));
            } else if !is_taken {
                // Whoever puts everything in order does not leave for all of it.
                let has_reason = !self.is_ranked || self.choices.is_empty();
                let reason = question.reason_of(id).filter(|_| has_reason);
                self.choices.push((id.clone(), reason));
            }
        }
    }

    /// Takes what is no choice. False when it does not fit.
    fn take(&mut self, question: &Question, payload: &ValuePayload) -> bool {
        let text = payload.x.trim();
        match (question.kind, question.scale()) {
            (_, Some(scale)) => {
                let is_value = |n: &f64| scale.clone().any(|value| value as f64 == *n);
                self.number = payload.n.filter(is_value);
                return self.number.is_some();
            }
            (QuestionKind::Link | QuestionKind::Consent, _) => {
                self.number = payload.n.filter(|n| *n == 1.0);
                return self.number.is_some();
            }
            (QuestionKind::Text, _) => match question.input {
                TextInput::Long | TextInput::Line => text.clone_into(&mut self.comment),
                TextInput::Number => {
                    self.number = text.parse().ok().filter(|n: &f64| n.is_finite());
                    if self.number.is_some() {
                        text.clone_into(&mut self.text);
                    }
                }
                TextInput::Url => self.take_if(text, url::Url::parse(text).is_ok()),
            },
            (QuestionKind::Email, _) => self.take_if(text, is_address(text)),
            (QuestionKind::Date, _) => {
                self.take_if(text, text.parse::<jiff::civil::Date>().is_ok());
            }
            _ => {}
        }
        !self.comment.is_empty() || !self.text.is_empty()
    }

    fn take_if(&mut self, text: &str, fits: bool) {
        if fits && text.len() <= 2_048 {
            text.clone_into(&mut self.text);
        }
    }
}

/// Roughly, as browsers judge it: whether mail arrives, only mail can tell.
fn is_address(text: &str) -> bool {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    text.split_once('@').is_some_and(|(name, host)| {
        is_plain && !name.is_empty() && !host.is_empty() && !host.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::types::Choice;

    fn question(kind: QuestionKind, input: TextInput) -> Question {
        let choice = |n: u128| Choice {
            id: format!("c{n}"),
            label: format!("Choice {n}"),
            reason: ReasonId(uuid::Uuid::from_u128(n)),
        };
        Question {
            kind,
            input,
            choices: if kind.has_choices() {
                [1, 2, 3].map(choice).into()
            } else {
                vec![]
            },
            none_label: "None of these".into(),
            ..Question::default()
        }
    }

    fn read(kind: QuestionKind, input: TextInput, json: &str) -> (Option<NewValue>, String) {
        let payload = serde_json::from_str(json).unwrap();
        let mut misfits = vec![];
        let value = NewValue::parse(&question(kind, input), &payload, &mut misfits);
        (value, misfits.join(" "))
    }

    #[test]
    fn each_kind_takes_its_own_and_refuses_the_rest_by_name() {
        use QuestionKind as Kind;
        use TextInput as Input;
        let cases = [
            (Kind::Single, Input::Long, r#"{"c":["c1"]}"#, "c1", ""),
            (
                Kind::Single,
                Input::Long,
                r#"{"c":["c1","c2"]}"#,
                "c1",
                "q1.c2",
            ),
            (
                Kind::Multi,
                Input::Long,
                r#"{"c":["c1","c9","c2","c1"]}"#,
                "c1 c2",
                "q1.c9",
            ),
            (
                Kind::Multi,
                Input::Long,
                r#"{"c":["none","c2"]}"#,
                "none",
                "q1.c2",
            ),
            (
                Kind::Multi,
                Input::Long,
                r#"{"c":["c2","none"]}"#,
                "c2",
                "q1.none",
            ),
            (
                Kind::Multi,
                Input::Long,
                r#"{"c":["other"]}"#,
                "",
                "q1.other",
            ),
            (
                Kind::Dropdown,
                Input::Long,
                r#"{"c":["c3"],"x":"why"}"#,
                "c3 why",
                "",
            ),
            (
                Kind::Ranking,
                Input::Long,
                r#"{"c":["c3","c1","c2"]}"#,
                "c3 c1 c2",
                "",
            ),
            (Kind::Text, Input::Long, r#"{"x":" words "}"#, "words", ""),
            (Kind::Text, Input::Line, r#"{"x":"  "}"#, "", "q1"),
            (
                Kind::Text,
                Input::Number,
                r#"{"x":"12.5"}"#,
                "12.5 =12.5",
                "",
            ),
            (Kind::Text, Input::Number, r#"{"x":"many"}"#, "", "q1"),
            (
                Kind::Text,
                Input::Url,
                r#"{"x":"https://a.example/"}"#,
                "https://a.example/",
                "",
            ),
            (Kind::Text, Input::Url, r#"{"x":"a"}"#, "", "q1"),
            (Kind::Nps, Input::Long, r#"{"n":0}"#, "=0", ""),
            (Kind::Nps, Input::Long, r#"{"n":11}"#, "", "q1"),
            (Kind::Nps, Input::Long, r#"{"n":4.5}"#, "", "q1"),
            (Kind::Rating, Input::Long, r#"{"n":5}"#, "=5", ""),
            (Kind::Rating, Input::Long, r#"{"n":6}"#, "", "q1"),
            (Kind::Csat, Input::Long, r#"{"n":1}"#, "=1", ""),
            (Kind::Ces, Input::Long, r#"{"n":8}"#, "", "q1"),
            (
                Kind::Email,
                Input::Long,
                r#"{"x":"a@b.example"}"#,
                "a@b.example",
                "",
            ),
            (Kind::Email, Input::Long, r#"{"x":"a b@c"}"#, "", "q1"),
            (
                Kind::Date,
                Input::Long,
                r#"{"x":"2026-02-28"}"#,
                "2026-02-28",
                "",
            ),
            (Kind::Date, Input::Long, r#"{"x":"2026-02-30"}"#, "", "q1"),
            (Kind::Consent, Input::Long, r#"{"n":1}"#, "=1", ""),
            (Kind::Link, Input::Long, r#"{"n":0}"#, "", "q1"),
            (Kind::Words, Input::Long, r#"{"x":"words"}"#, "", "q1"),
        ];
        for (kind, input, json, taken, refused) in cases {
            let (value, misfits) = read(kind, input, json);
            let value = value.unwrap_or_default();
            let mut parts: Vec<String> = value.choices.into_iter().map(|(id, _)| id).collect();
            parts.extend([value.text, value.comment]);
            parts.extend(value.number.map(|n| format!("={n}")));
            parts.retain(|part| !part.is_empty());
            assert_eq!(
                (parts.join(" ").as_str(), misfits.as_str()),
                (taken, refused),
                "{kind} {json}"
            );
        }
    }

    #[test]
    fn of_a_ranking_only_the_first_is_a_reason() {
        let (value, _) = read(
            QuestionKind::Ranking,
            TextInput::Long,
            r#"{"c":["c2","c1"]}"#,
        );

        let reasons: Vec<bool> = value
            .unwrap()
            .choices
            .iter()
            .map(|(_, reason)| reason.is_some())
            .collect();
        assert_eq!(reasons, [true, false]);
    }
}
