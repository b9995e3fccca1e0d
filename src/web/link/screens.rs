//! What the pages of a link show.

use actix_web::{HttpRequest, HttpResponse, Responder, http::StatusCode};
use askama::Template;

use super::view::{EndingWords, QuestionWords, Words};
use crate::{
    answer::{payload::ValuePayload, step::Given},
    ingest::content::Content,
    web::view::page::Html,
};

/// One question.
#[derive(Template)]
#[template(path = "link/page.html")]
pub(in crate::web) struct StepPage {
    pub(super) path: String,
    pub(super) words: Words,
    pub(super) question: QuestionWords,
    pub(super) value: ValuePayload,
    pub(super) error: String,
    pub(super) view: String,
    pub(super) lang: String,
    pub(super) test: String,
    pub(super) given: String,
    pub(super) has_back: bool,
    pub(super) is_last: bool,
}

impl StepPage {
    /// A question that nobody is asked yet, for the owner to look at: it leads nowhere.
    pub(in crate::web) fn preview(content: &Content, id: &str, place: usize, of: usize) -> Self {
        let words = Words::of(content);
        Self {
            path: String::new(),
            question: words.question(id, &Given::new()),
            value: ValuePayload::default(),
            error: String::new(),
            view: String::new(),
            lang: String::new(),
            test: String::new(),
            given: String::new(),
            has_back: place > 0,
            is_last: place + 1 == of,
            words,
        }
    }

    fn is_chosen(&self, id: &str) -> bool {
        self.value.c.iter().any(|chosen| chosen == id)
    }

    fn is_value(&self, value: &i64) -> bool {
        self.value.n == Some(*value as f64)
    }

    /// What stands for a value of a scale.
    fn mark(&self, value: &i64) -> String {
        let nth = usize::try_from(value - self.question.from).unwrap_or_default();
        let mark = self.question.marks.get(nth);
        mark.cloned().unwrap_or_else(|| value.to_string())
    }

    /// Where a choice of a ranking stands.
    fn place_of(&self, id: &str, nth: &usize) -> usize {
        let place = self.value.c.iter().position(|chosen| chosen == id);
        place.map_or(*nth, |place| place + 1)
    }

    fn has_own_words(&self) -> bool {
        self.question.choices.iter().any(|choice| choice.words)
    }
}

/// How it ends.
#[derive(Template)]
#[template(path = "link/done.html")]
pub(super) struct DonePage {
    pub(super) path: String,
    pub(super) words: Words,
    pub(super) ending: EndingWords,
    pub(super) is_test: bool,
}

/// There is nothing to answer here, or it was not taken.
#[derive(Template)]
#[template(path = "link/closed.html")]
pub(super) struct ClosedPage {
    status: StatusCode,
    title: &'static str,
    text: &'static str,
    /// Where to begin anew; empty when that leads nowhere.
    anew: String,
}

impl ClosedPage {
    /// No question ever had this address.
    pub(super) const UNKNOWN: Self = Self {
        status: StatusCode::NOT_FOUND,
        title: "There is no question here",
        text: "The link may be incomplete. Look at it again, or ask whoever sent it to you.",
        anew: String::new(),
    };

    /// There is a question, and it takes no answers now.
    pub(super) const CLOSED: Self = Self {
        status: StatusCode::NOT_FOUND,
        title: "This question is closed",
        text: "It takes no answers at the moment. Thank you for coming.",
        anew: String::new(),
    };

    /// The owner's link was for a day.
    pub(super) const TEST_OVER: Self = Self {
        status: StatusCode::GONE,
        title: "This test is over",
        text: "A link for trying works for 24 hours. Take a new one from the page of the question. What was tried in time is kept.",
        anew: String::new(),
    };

    /// A form beyond the limit.
    pub(super) const TOO_LONG: Self = Self {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        title: "This answer is too long",
        text: "An answer may have 4,000 characters. What you sent before, if anything, is kept. Go back in your browser and shorten the last one.",
        anew: String::new(),
    };

    /// Complete, or deleted by the owner.
    pub(super) const OVER: Self = Self {
        status: StatusCode::CONFLICT,
        title: "This answer was not changed",
        text: "It was complete already, or is not kept any more. What you sent now was not taken.",
        anew: String::new(),
    };

    /// Begun more than a week ago.
    pub(super) fn too_late(anew: String) -> Self {
        Self {
            status: StatusCode::GONE,
            title: "This answer came too late",
            text: "It was begun more than a week ago and could not be added to. What you sent in the first week is kept.",
            anew,
        }
    }

    /// Some of it was never asked.
    pub(super) fn in_part(anew: String) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            title: "A part of this answer was not taken",
            text: "That part does not fit what you were asked. Whatever fits is kept.",
            anew,
        }
    }

    /// What was begun cannot be gone on with.
    pub(super) fn not_taken(anew: String) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            title: "This answer was not taken",
            text: "It does not fit what you began, which may have changed since or be gone.",
            anew,
        }
    }

    pub(super) fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        Html::with(self.status, self)
            .respond_to(request)
            .map_into_boxed_body()
    }
}
