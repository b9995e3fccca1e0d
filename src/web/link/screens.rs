//! What the pages of a link show.

use actix_web::{HttpRequest, HttpResponse, Responder, http::StatusCode};
use askama::Template;

use super::view::{EndingWords, QuestionWords, Words};
use crate::{answer::payload::ValuePayload, web::view::page::Html};

/// One question.
#[derive(Template)]
#[template(path = "link/page.html")]
pub(super) struct StepPage {
    pub(super) path: String,
    pub(super) words: Words,
    pub(super) question: QuestionWords,
    pub(super) value: ValuePayload,
    pub(super) error: String,
    pub(super) view: String,
    pub(super) step: i32,
    pub(super) version: i32,
    pub(super) lang: String,
    pub(super) given: String,
    pub(super) has_back: bool,
    pub(super) is_last: bool,
}

impl StepPage {
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
}

/// There is nothing to answer here.
#[derive(Template)]
#[template(path = "link/closed.html")]
pub(super) struct ClosedPage {
    status: StatusCode,
    title: &'static str,
    text: &'static str,
}

impl ClosedPage {
    /// No question ever had this address.
    pub(super) const UNKNOWN: Self = Self {
        status: StatusCode::NOT_FOUND,
        title: "There is no question here",
        text: "The link may be incomplete. Look at it again, or ask whoever sent it to you.",
    };

    /// There is a question, and it takes no answers now.
    pub(super) const CLOSED: Self = Self {
        status: StatusCode::NOT_FOUND,
        title: "This question is closed",
        text: "It takes no answers at the moment. Thank you for coming.",
    };

    pub(super) fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        Html::with(self.status, self)
            .respond_to(request)
            .map_into_boxed_body()
    }
}
