//! What an explanation is made of, and its turns of phrase. Pure.

use crate::{text_enum, types::PromptId};

text_enum!(
    /// How a question stands in this visit.
    State {
        /// Would ask at its moment.
        Waiting = "waiting", "Waiting";
        /// Cannot ask in this visit any more.
        Silent = "silent", "Silent";
        /// On screen.
        Open = "open", "Open";
        /// Was answered.
        Answered = "answered", "Answered";
    }
);

/// What stands before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Has happened.
    Yes,
    /// Speaks against asking.
    No,
    /// Is still to come.
    Due,
}

impl Mark {
    /// Class of the line.
    pub fn class(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Due => "due",
        }
    }
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What stands before it.
    pub mark: Mark,
    /// In plain words.
    pub text: String,
}

/// A question and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The question.
    pub id: PromptId,
    /// What the owner calls it.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// Why.
    pub lines: Vec<Line>,
}

pub(super) fn not_opened(ending: &str) -> &'static str {
    match ending {
        "late" => "The answer of the server came too late to ask without startling you",
        "modal" => "Something else was open over the page",
        "converted" => "You reached the goal just then",
        _ => "You had left the page by then",
    }
}

pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

pub(super) fn yes(text: &str) -> Line {
    line(Mark::Yes, text)
}

pub(super) fn no(text: &str) -> Line {
    line(Mark::No, text)
}

pub(super) fn due(text: &str) -> Line {
    line(Mark::Due, text)
}

fn line(mark: Mark, text: &str) -> Line {
    Line {
        mark,
        text: text.to_owned(),
    }
}
