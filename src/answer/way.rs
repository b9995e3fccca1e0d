//! Where the way of an answer has led, as far as it is known: silence about a question is something else than never having met it.
//! Pure.

use super::{
    step::{self, Given},
    stepwise::payload,
    value::NewValue,
};
use crate::prompt::types::{Design, Question};

/// Questions that offer reasons and have no answer, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Those that it led past.
    pub past: Vec<String>,
    /// Those to which it led.
    pub to: Vec<String>,
}

impl Way {
    /// With what was given by now. Of an answer that is not complete the way is known up to the question behind the last one that was
    /// answered.
    pub fn of(design: &Design, values: &[NewValue], is_complete: bool) -> Self {
        let given: Given = values
            .iter()
            .map(|value| (value.question_id.clone(), payload(value)))
            .collect();
        let (mut way, _) = step::path(design, &given, |_| false);
        let is_given = |question: &Question| given.contains_key(&question.id);
        let last = way.iter().rposition(|question| is_given(question));
        if !is_complete {
            way.truncate(last.map_or(1, |last| last + 2));
        }
        let is_known = is_complete || way.len() == last.map_or(0, |last| last + 1);
        let place = |id: &str| design.questions.iter().position(|other| other.id == id);
        let until = way.last().and_then(|question| place(&question.id));
        let mut led = Self::default();
        let silent = design.questions.iter().enumerate();
        let silent = silent.filter(|(_, it)| !is_given(it) && it.reasons().next().is_some());
        for (place, question) in silent {
            let is_on_it = way.iter().any(|other| other.id == question.id);
            if is_on_it {
                led.to.push(question.id.clone());
            } else if is_known || Some(place) < until {
                led.past.push(question.id.clone());
            }
        }
        led
    }
}

/// As it is stored: each id between commas; nothing of none.
pub(super) fn stored(ids: &[String]) -> Option<String> {
    (!ids.is_empty()).then(|| format!(",{},", ids.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        prompt::types::{Choice, Jump, JumpWhen, PromptTemplate, QuestionKind},
        types::ReasonId,
    };

    /// Each question with its jumps, as when, what, and where to.
    fn design(questions: &[&[(JumpWhen, &str, &str)]]) -> Design {
        let jump = |(when, value, to): &(JumpWhen, &str, &str)| Jump {
            when: *when,
            value: (*value).into(),
            to: (*to).into(),
        };
        let choice = |n: u128| Choice {
            id: format!("c{n}"),
            label: format!("Choice {n}"),
            reason: ReasonId(uuid::Uuid::from_u128(n)),
        };
        let questions = (1..).zip(questions).map(|(n, jumps)| Question {
            id: format!("q{n}"),
            kind: QuestionKind::Single,
            choices: [1, 2].map(choice).into(),
            jumps: jumps.iter().map(jump).collect(),
            ..Question::default()
        });
        Design {
            questions: questions.collect(),
            ..Design::plain(PromptTemplate::FormAbandoned)
        }
    }

    fn led(design: &Design, given: &[(&str, &str)], is_complete: bool) -> [Option<String>; 2] {
        let values = given.iter().map(|(question, choice)| NewValue {
            question_id: (*question).into(),
            choices: vec![((*choice).into(), None)],
            is_ranked: false,
            number: None,
            text: String::new(),
            comment: String::new(),
        });
        let way = Way::of(design, &values.collect::<Vec<_>>(), is_complete);
        [stored(&way.past), stored(&way.to)]
    }

    fn some(text: &str) -> Option<String> {
        Some(text.into())
    }

    #[test]
    fn what_jumps_lead_past_is_told_from_what_stayed_blank() {
        let to_the_end = design(&[&[(JumpWhen::Is, "c2", "")], &[], &[]]);
        for is_complete in [true, false] {
            let past = led(&to_the_end, &[("q1", "c2")], is_complete);
            assert_eq!(past, [some(",q2,q3,"), None], "{is_complete}");
        }
        // Led there, and blank to the end, or gone at the next one.
        assert_eq!(
            led(&to_the_end, &[("q1", "c1")], true),
            [None, some(",q2,q3,")]
        );
        assert_eq!(
            led(&to_the_end, &[("q1", "c1")], false),
            [None, some(",q2,")]
        );
        let between = led(&to_the_end, &[("q1", "c1"), ("q3", "c1")], false);
        assert_eq!(between, [None, some(",q2,")]);
        let all = [("q1", "c1"), ("q2", "c1"), ("q3", "c1")];
        assert_eq!(led(&to_the_end, &all, true), [None, None]);
    }

    #[test]
    fn of_the_way_behind_the_next_question_nothing_is_known() {
        let over = design(&[
            &[(JumpWhen::Is, "c2", "q3")],
            &[],
            &[(JumpWhen::Is, "c2", "e1")],
            &[],
        ]);
        assert_eq!(
            led(&over, &[("q1", "c2")], false),
            [some(",q2,"), some(",q3,")]
        );
        assert_eq!(
            led(&over, &[("q1", "c2")], true),
            [some(",q2,"), some(",q3,q4,")]
        );
        let ended = [("q1", "c2"), ("q3", "c2")];
        assert_eq!(led(&over, &ended, false), [some(",q2,q4,"), None]);
        let none = led(&over, &[], false);
        assert_eq!(none, [None, some(",q1,")]);
    }

    #[test]
    fn a_way_that_silence_takes_is_known_of_a_complete_answer_only() {
        let skipped = design(&[&[], &[(JumpWhen::Skipped, "", "e1")], &[]]);
        assert_eq!(
            led(&skipped, &[("q1", "c1")], true),
            [some(",q3,"), some(",q2,")]
        );
        assert_eq!(led(&skipped, &[("q1", "c1")], false), [None, some(",q2,")]);
    }

    #[test]
    fn questions_that_offer_no_reasons_are_left_out() {
        let mut design = design(&[&[(JumpWhen::Is, "c2", "")], &[]]);
        design.questions[1].kind = QuestionKind::Nps;
        design.questions[1].choices.clear();
        assert_eq!(led(&design, &[("q1", "c2")], true), [None, None]);
    }
}
