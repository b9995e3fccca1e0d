//! Which way a prompt goes after an answer, and how it ends. Pure.

use serde::{Deserialize, Serialize};

use super::Design;
use crate::text_enum;

text_enum!(
    /// What has to be so for a way to be taken.
    JumpWhen {
        /// This choice was made.
        Is = "is", "is";
        /// Others were made.
        IsNot = "is_not", "is not";
        /// The number is this or higher.
        AtLeast = "at_least", "is at least";
        /// The number is this or lower.
        AtMost = "at_most", "is at most";
        /// Anything was given.
        Answered = "answered", "is answered";
        /// Nothing was given.
        Skipped = "skipped", "is left out";
    }
);

/// A way that an answer leads; the first one that is met is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    /// What has to be so.
    pub when: JumpWhen,
    /// A choice by its id, or a number; empty where neither is compared.
    pub value: String,
    /// A later question, or an ending; empty for the usual end.
    pub to: String,
}

text_enum!(
    /// What an ending is for.
    EndingKind {
        /// Words only.
        Thanks = "thanks", "Words only";
        /// Leads to another page.
        Redirect = "redirect", "A link to follow";
        /// Helps with what was just said.
        Help = "help", "Help";
    }
);

/// How a prompt may end, beside its usual thank-you line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Stable within the prompt: `e1`.
    pub id: String,
    /// What it is for.
    pub kind: EndingKind,
    /// What visitors read.
    pub text: String,
    /// Where its link leads, https; empty for none.
    pub url: String,
    /// Words on the link.
    pub label: String,
    /// Words on the button that asks the page to open its chat; empty for none.
    pub chat: String,
    /// Seconds until the link is followed by itself; 0 for never.
    pub after_s: u16,
}

impl<Goal, Reason> Design<Goal, Reason> {
    /// Whether an answer can lead past the question of this id, to a later one or to an end.
    pub fn is_conditional(&self, id: &str) -> bool {
        let before = self.questions.iter().take_while(|it| it.id != id);
        let is_passed = |to: &str| to != id && before.clone().all(|it| it.id != to);
        let mut jumps = before.clone().flat_map(|question| &question.jumps);
        jumps.any(|jump| is_passed(&jump.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::types::{Design, PromptTemplate, Question};

    /// Questions `q1`, `q2` and so on, each with where its jumps lead.
    fn design(jumps: &[&[&str]]) -> Design {
        let jump = |to: &&str| Jump {
            when: JumpWhen::Answered,
            value: String::new(),
            to: (*to).into(),
        };
        let questions = (1..).zip(jumps).map(|(n, to)| Question {
            id: format!("q{n}"),
            jumps: to.iter().map(jump).collect(),
            ..Question::default()
        });
        Design {
            questions: questions.collect(),
            ..Design::plain(PromptTemplate::FormAbandoned)
        }
    }

    #[test]
    fn a_question_is_conditional_when_a_jump_leads_past_it() {
        let conditional = |jumps: &[&[&str]]| -> Vec<String> {
            let design = design(jumps);
            let ids = design.questions.iter().map(|question| &question.id);
            let ids = ids.filter(|id| design.is_conditional(id));
            ids.cloned().collect()
        };
        assert!(conditional(&[&[], &[], &[]]).is_empty());
        // Each leads to the next one, which is where it would lead anyway.
        assert!(conditional(&[&["q2"], &["q3"], &["e1"]]).is_empty());
        assert_eq!(conditional(&[&["q3"], &[], &[]]), ["q2"]);
        assert_eq!(conditional(&[&["q2", "q4"], &[], &[], &[]]), ["q2", "q3"]);
        assert_eq!(conditional(&[&[], &["q4"], &[], &[]]), ["q3"]);
        for end in ["", "e1"] {
            assert_eq!(conditional(&[&[], &[end], &[], &[]]), ["q3", "q4"]);
        }
    }
}
