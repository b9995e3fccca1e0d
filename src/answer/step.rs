//! One step of a prompt without a script: whether what was given fits, and where it leads. Pure. The card of the widget goes the same way.

use std::collections::BTreeMap;

use super::{payload::ValuePayload, value::NewValue};
use crate::{
    prompt::types::{Design, Jump, JumpWhen, NONE_CHOICE, Question, QuestionKind},
    types::ReasonId,
};

/// What was given so far, by question.
pub type Given = BTreeMap<String, ValuePayload>;

/// Where an answer leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// Another question.
    Question(&'a Question<ReasonId>),
    /// An ending by its id; empty is the usual one.
    Ending(&'a str),
}

/// Whether something fits the question: nothing that was not asked, and as many choices as are wanted.
pub fn fits(question: &Question, value: &ValuePayload) -> bool {
    let mut misfits = vec![];
    let is_given = NewValue::parse(question, value, &mut misfits).is_some();
    let bound = |n: u8, otherwise| if n == 0 { otherwise } else { usize::from(n) };
    let is_none = value.c.iter().any(|choice| choice == NONE_CHOICE);
    let is_counted = question.kind == QuestionKind::Multi && !is_none;
    let wanted = bound(question.at_least, 0)..=bound(question.at_most, usize::MAX);
    is_given && misfits.is_empty() && (!is_counted || wanted.contains(&value.c.len()))
}

/// What comes after a question, given what was said to it.
pub fn next<'a>(design: &'a Design, question: &'a Question, given: &Given) -> Next<'a> {
    let value = given.get(&question.id);
    let mut jumps = question.jumps.iter();
    let Some(jump) = jumps.find(|jump| is_met(jump, value)) else {
        let mut questions = design.questions.iter();
        questions.find(|other| other.id == question.id);
        return questions.next().map_or(Next::Ending(""), Next::Question);
    };
    let target = design.question(&jump.to);
    target.map_or(Next::Ending(&jump.to), Next::Question)
}

/// The questions that come one after the other with what was given, up to the first for which `is_open` holds; and how it ends, if it
/// gets that far.
pub fn path<'a>(
    design: &'a Design,
    given: &Given,
    is_open: impl Fn(&Question) -> bool,
) -> (Vec<&'a Question>, Option<&'a str>) {
    let mut path = vec![];
    let mut here = design.questions.first();
    while let Some(question) = here {
        path.push(question);
        // Ways lead forward only; more steps than questions would be a ring.
        if is_open(question) || path.len() > design.questions.len() {
            return (path, None);
        }
        match next(design, question, given) {
            Next::Question(question) => here = Some(question),
            Next::Ending(id) => return (path, Some(id)),
        }
    }
    (path, Some(""))
}

fn is_met(jump: &Jump, value: Option<&ValuePayload>) -> bool {
    let has = || value.is_some_and(|value| value.c.contains(&jump.value));
    let number = || {
        let value = value?;
        value.n.or_else(|| value.x.trim().parse().ok())
    };
    let compared = |compare: fn(&f64, &f64) -> bool| match (number(), jump.value.parse().ok()) {
        (Some(number), Some(bound)) => compare(&number, &bound),
        _ => false,
    };
    match jump.when {
        JumpWhen::Is => has(),
        JumpWhen::IsNot => value.is_some() && !has(),
        JumpWhen::AtLeast => compared(f64::ge),
        JumpWhen::AtMost => compared(f64::le),
        JumpWhen::Answered => value.is_some(),
        JumpWhen::Skipped => value.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jump(when: JumpWhen, value: &str) -> Jump {
        Jump {
            when,
            value: value.into(),
            to: String::new(),
        }
    }

    fn value(json: &str) -> ValuePayload {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn ways_are_met_as_the_card_of_the_widget_meets_them() {
        let choice = value(r#"{"c":["c2"]}"#);
        let number = value(r#"{"n":7}"#);
        let written = value(r#"{"x":"7.5"}"#);
        let cases = [
            (JumpWhen::Is, "c2", Some(&choice), true),
            (JumpWhen::Is, "c1", Some(&choice), false),
            (JumpWhen::IsNot, "c1", Some(&choice), true),
            (JumpWhen::IsNot, "c1", None, false),
            (JumpWhen::AtLeast, "7", Some(&number), true),
            (JumpWhen::AtMost, "6", Some(&number), false),
            (JumpWhen::AtLeast, "7.5", Some(&written), true),
            (JumpWhen::AtMost, "6", None, false),
            (JumpWhen::Answered, "", Some(&number), true),
            (JumpWhen::Skipped, "", None, true),
        ];
        for (when, bound, given, expected) in cases {
            assert_eq!(
                is_met(&jump(when, bound), given),
                expected,
                "{when} {bound}"
            );
        }
    }

    #[test]
    fn as_many_choices_as_are_wanted() {
        let question: Question = Question {
            kind: QuestionKind::Multi,
            choices: (1..5)
                .map(|n: u128| crate::prompt::types::Choice {
                    id: format!("c{n}"),
                    label: format!("Choice {n}"),
                    reason: ReasonId(uuid::Uuid::from_u128(n)),
                })
                .collect(),
            none_label: "None".into(),
            at_least: 2,
            at_most: 3,
            ..Question::default()
        };
        for (json, expected) in [
            (r#"{"c":["c1"]}"#, false),
            (r#"{"c":["c1","c2"]}"#, true),
            (r#"{"c":["c1","c2","c3","c4"]}"#, false),
            (r#"{"c":["none"]}"#, true),
            (r#"{"c":["c1","c9"]}"#, false),
        ] {
            assert_eq!(fits(&question, &value(json)), expected, "{json}");
        }
    }
}
