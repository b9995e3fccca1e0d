//! The stages on the way from the moment to the answer: how many came to each, and of how many. Pure.

use sea_orm::FromQueryResult;

use crate::{stats::Rate, text_enum};

text_enum!(
    /// What became of those who could be asked. The label is what the owner reads.
    Stage {
        /// The moment came and the rules allowed it.
        Askable = "could_be_asked", "Could be asked";
        /// Chosen by chance.
        Unasked = "left_unasked", "Left unasked";
        /// The card opened.
        Opened = "opened", "Opened";
        /// It was half visible for a second.
        Seen = "on_screen", "On screen";
        /// Something was put in.
        Begun = "begun", "Begun";
        /// Answered, if only in part.
        Answered = "answered", "Answered";
        /// Closed without an answer.
        Closed = "closed", "Closed";
        /// Neither answered nor closed.
        Ignored = "ignored", "Left alone";
    }
);

/// How many came to a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The stage.
    pub stage: Stage,
    /// How many.
    pub n: i64,
    /// Of how many that could; `None` of the first, before which nothing is known here.
    pub of: Option<i64>,
}

impl Reached {
    /// The same as a share; `None` of the first.
    pub fn rate(self) -> Option<Rate> {
        Some(Rate::new(self.n, self.of?))
    }
}

/// What became of the moments at which a prompt could ask; of one that visitors come to by themselves, what became of that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Counts {
    /// Visits that could be asked: shown or left unasked.
    pub askable: i64,
    /// Left unasked for comparison.
    pub held_out: i64,
    /// The card opened.
    pub opened: i64,
    /// It was half visible for a second.
    pub seen: i64,
    /// Something was put in.
    pub begun: i64,
    /// Answered, if only in part.
    pub answered: i64,
    /// Closed without an answer.
    pub closed: i64,
}

impl Counts {
    /// Every stage: left unasked of those who could be asked, opened of the others, what follows of the cards that opened. Of a prompt
    /// that does not wait for a moment, from the opening on: nobody could be asked before they came.
    pub fn stages(&self, waits: bool) -> Vec<Reached> {
        let reached = |stage, n, of| Reached { stage, n, of };
        let of_opened = |stage, n| reached(stage, n, Some(self.opened));
        let before = [
            reached(Stage::Askable, self.askable, None),
            reached(Stage::Unasked, self.held_out, Some(self.askable)),
        ];
        let from_opening = [
            reached(Stage::Opened, self.opened, Some(self.to_open())),
            of_opened(Stage::Seen, self.seen),
            of_opened(Stage::Begun, self.begun),
            of_opened(Stage::Answered, self.answered),
            of_opened(Stage::Closed, self.closed),
            of_opened(Stage::Ignored, self.ignored()),
        ];
        let before = before.into_iter().filter(|_| waits);
        before.chain(from_opening).collect()
    }

    /// Of the cards that opened, those with an answer.
    pub fn response(&self) -> Rate {
        Rate::new(self.answered, self.opened)
    }

    /// Cards that were to open.
    pub fn to_open(&self) -> i64 {
        self.askable - self.held_out
    }

    /// The card opened, and they neither answered nor closed it.
    pub fn ignored(&self) -> i64 {
        self.opened - self.answered - self.closed
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.askable += more.askable;
        self.held_out += more.held_out;
        self.opened += more.opened;
        self.seen += more.seen;
        self.begun += more.begun;
        self.answered += more.answered;
        self.closed += more.closed;
    }
}
