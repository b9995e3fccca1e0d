//! One step of the page of a link, as it was posted: the way back, what is wrong with it, what is stored, and what comes next.

use actix_web::{HttpRequest, HttpResponse, Responder};

use super::{
    form::StepForm,
    linked::{Linked, Stored},
    screens::{ClosedPage, DonePage},
};
use crate::{
    answer::{
        payload::ValuePayload,
        step::{self, Given},
    },
    error::{AppError, AppResult},
    prompt::types::Question,
    state::AppState,
    types::ViewId,
    web::{error::PageError, view::page::Html},
};

/// A step, read against the prompt that it belongs to.
pub(super) struct Posted<'a> {
    linked: &'a Linked,
    view: ViewId,
    asked: &'a Question,
    /// What was given before.
    given: Given,
    /// What is given now.
    value: Option<ValuePayload>,
    is_back: bool,
}

impl<'a> Posted<'a> {
    pub(super) fn of(linked: &'a Linked, form: &StepForm) -> AppResult<Self> {
        let view = form.view();
        let asked = linked.design.question(&form.question);
        let (Some(view), Some(asked)) = (view, asked) else {
            return Err(AppError::Malformed("open the link again".into()));
        };
        Ok(Self {
            linked,
            view,
            asked,
            given: form.given(),
            value: form.value(asked),
            is_back: form.back,
        })
    }

    pub(super) async fn respond(
        self,
        request: &HttpRequest,
        state: &AppState,
    ) -> Result<HttpResponse, PageError> {
        if self.is_back {
            return Ok(self.go_back(request));
        }
        let (linked, value) = (self.linked, self.value.as_ref());
        match linked.wrong(self.view, self.asked, value) {
            Some(wrong) => Ok(self.ask_again(request, wrong)),
            None => self.go_on(request, state).await,
        }
    }

    fn go_back(mut self, request: &HttpRequest) -> HttpResponse {
        let (linked, asked) = (self.linked, self.asked);
        self.value.take_if(|value| !step::fits(asked, value));
        self.keep();
        let page = linked.before(self.view, asked, &self.given);
        Html::ok(page).respond_to(request).map_into_boxed_body()
    }

    fn ask_again(self, request: &HttpRequest, wrong: String) -> HttpResponse {
        let Self { linked, asked, .. } = self;
        let page = linked.step(self.view, asked, &self.given, self.value, wrong);
        Html::invalid(page)
            .respond_to(request)
            .map_into_boxed_body()
    }

    async fn go_on(
        mut self,
        request: &HttpRequest,
        state: &AppState,
    ) -> Result<HttpResponse, PageError> {
        self.keep();
        let (linked, asked, view) = (self.linked, self.asked, self.view);
        let (way, ending) = step::path(&linked.design, &self.given, |_| false);
        let here = way.iter().position(|other| other.id == asked.id);
        let here = here.unwrap_or(way.len());
        let follows = way.get(here + 1);
        // What was said behind this question may have been on another way: it stays in the page, and counts once it is come to again.
        let is_said = |id: &String| way.iter().take(here + 1).any(|other| other.id == *id);
        let given = self.given.clone().into_iter();
        let said = given.filter(|(id, _)| is_said(id)).collect();
        let stored = linked.store(request, state, view, asked, said, follows.is_none());
        if let Some(refused) = self.refused(stored.await?) {
            return Ok(refused.respond_to(request));
        }
        Ok(match follows {
            Some(next) => {
                let page = linked.step(view, next, &self.given, None, String::new());
                Html::ok(page).respond_to(request).map_into_boxed_body()
            }
            None => self.end(request, ending.unwrap_or_default()),
        })
    }

    fn refused(&self, stored: Stored) -> Option<ClosedPage> {
        match stored {
            Stored::Kept => None,
            Stored::Closed => Some(ClosedPage::CLOSED),
            Stored::TooLate => Some(ClosedPage::too_late(self.linked.anew())),
            Stored::InPart => Some(ClosedPage::in_part(self.linked.anew())),
            Stored::Over => Some(ClosedPage::OVER),
            Stored::NotTaken => Some(ClosedPage::not_taken(self.linked.anew())),
        }
    }

    fn end(&self, request: &HttpRequest, ending: &str) -> HttpResponse {
        let words = self.linked.words(self.view);
        let page = DonePage {
            path: self.linked.path.clone(),
            ending: words.ending(ending, &self.given),
            words,
            is_test: !self.linked.test.is_empty(),
        };
        Html::ok(page).respond_to(request).map_into_boxed_body()
    }

    /// Puts what is given now in the place of what was given to this question before.
    fn keep(&mut self) {
        self.given.remove(&self.asked.id);
        if let Some(value) = self.value.take() {
            self.given.insert(self.asked.id.clone(), value);
        }
    }
}
