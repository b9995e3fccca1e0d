//! Which way a prompt goes after an answer, and how it ends. Pure.

use serde::{Deserialize, Serialize};

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
        Skipped = "skipped", "is skipped";
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
