//! GET and POST `/p/{key}/{id}`: the page of a prompt that is answered by a link, and its style sheet.
//!
//! Opening it stores nothing: programs that look through mail follow every link in it. What is stored begins with the first answer.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    web::{Data, Path, Query},
};
use serde::Deserialize;

use super::{
    form::{FORM_LIMIT, StepForm},
    linked::{Stored, Wanted, find},
    screens::{ClosedPage, DonePage},
};
use crate::{
    answer::{
        payload::ValuePayload,
        step::{self, Given},
    },
    clock,
    error::AppError,
    prompt::types::Question,
    state::AppState,
    types::ViewId,
    web::{error::PageError, extract::OpenForm, view::page::Html},
};

/// What a link may say beside the prompt.
#[derive(Deserialize)]
pub struct LinkQuery {
    /// Language.
    #[serde(default)]
    lang: String,
    /// A choice of the first question that is chosen beforehand; nothing is stored before it is sent.
    #[serde(default)]
    a: String,
    /// Token of the owner's own test.
    #[serde(default)]
    exitpoll_test: String,
}

/// GET `/p/{key}/{id}`
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String)>,
    query: Query<LinkQuery>,
) -> Result<HttpResponse, PageError> {
    let wanted = Wanted {
        lang: &query.lang,
        test: &query.exitpoll_test,
        begun: None,
    };
    let linked = match find(&request, &state, &path, wanted).await? {
        Ok(linked) if linked.is_open(&state).await? => linked,
        Ok(_) => return Ok(ClosedPage::CLOSED.respond_to(&request)),
        Err(closed) => return Ok(closed.respond_to(&request)),
    };
    let view = ViewId::new(clock::now());
    let first = linked.design.questions.first();
    let first = first.ok_or(AppError::NotFound("question"))?;
    let mut chosen = ValuePayload::default();
    if first.labels().any(|(id, _)| id == query.a) {
        chosen.c = vec![query.a.clone()];
    }
    let page = linked.step(view, 1, first, &Given::new(), Some(chosen), String::new());
    let mut response = Html::ok(page).respond_to(&request).map_into_boxed_body();
    // The way back of the browser leads to this load of the page: another one would be another answer. Forms go to an address of their
    // own, since what is sent to an address ends what is kept of it.
    let kept = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(CACHE_CONTROL, kept);
    Ok(response)
}

/// POST `/p/{key}/{id}`: one step.
pub async fn answer(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String)>,
    form: Result<OpenForm<StepForm, FORM_LIMIT>, PageError>,
) -> Result<HttpResponse, PageError> {
    let OpenForm(form) = match form {
        Err(PageError(AppError::TooLarge(_))) => {
            return Ok(ClosedPage::TOO_LONG.respond_to(&request));
        }
        form => form?,
    };
    // Whoever has begun goes on with what they began with: the first step is stored with the version that is live then.
    let wanted = Wanted {
        lang: &form.lang,
        test: &form.test,
        begun: (form.step > 1).then_some(form.version),
    };
    let linked = match find(&request, &state, &path, wanted).await? {
        Ok(linked) => linked,
        Err(closed) => return Ok(closed.respond_to(&request)),
    };
    let view = form
        .view()
        .ok_or_else(|| AppError::Malformed("open the link again".into()))?;
    let step = form.step.clamp(1, 1_000);
    let asked = linked.design.question(&form.question);
    let asked = asked.ok_or_else(|| AppError::Malformed("open the link again".into()))?;
    let (mut given, value) = (form.given(), form.value(asked));
    if form.back {
        keep(
            &mut given,
            asked,
            value.filter(|value| step::fits(asked, value)),
        );
        let page = linked.before(view, step + 1, asked, &given);
        return Ok(Html::ok(page).respond_to(&request));
    }
    if let Some(wrong) = linked.wrong(view, asked, value.as_ref()) {
        let page = linked.step(view, step, asked, &given, value, wrong);
        return Ok(Html::invalid(page).respond_to(&request));
    }
    keep(&mut given, asked, value);
    let (way, ending) = step::path(&linked.design, &given, |_| false);
    let here = way.iter().position(|other| other.id == asked.id);
    let here = here.unwrap_or(way.len());
    let follows = way.get(here + 1);
    // What was said behind this question may have been on another way: it stays in the page, and counts once it is come to again.
    let is_said = |id: &String| way.iter().take(here + 1).any(|other| other.id == *id);
    let said = given
        .clone()
        .into_iter()
        .filter(|(id, _)| is_said(id))
        .collect();
    let is_done = follows.is_none();
    let stored = linked.store(&request, &state, view, asked, said, is_done);
    let stored = stored.await?;
    let refused = match stored {
        Stored::Kept => None,
        Stored::Closed => Some(ClosedPage::CLOSED),
        Stored::TooLate => Some(ClosedPage::too_late(linked.anew())),
        Stored::InPart => Some(ClosedPage::in_part(linked.anew())),
        Stored::Over => Some(ClosedPage::OVER),
        Stored::NotTaken => Some(ClosedPage::not_taken(linked.anew())),
    };
    if let Some(refused) = refused {
        return Ok(refused.respond_to(&request));
    }
    Ok(match follows {
        Some(next) => {
            let page = linked.step(view, step + 1, next, &given, None, String::new());
            Html::ok(page).respond_to(&request)
        }
        None => {
            let words = linked.words(view);
            let ending = words.ending(ending.unwrap_or_default(), &given);
            let path = linked.path.clone();
            Html::ok(DonePage {
                path,
                words,
                ending,
                is_test: !linked.test.is_empty(),
            })
            .respond_to(&request)
        }
    })
}

/// GET `/p/{key}/{id}/look.css`
pub async fn look(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let found = find(&request, &state, &path, Wanted::default()).await?;
    let linked = found.map_err(|_| AppError::NotFound("question"))?;
    let own = linked.design.look.theme.as_ref();
    let theme = own.unwrap_or(&linked.snapshot.site.theme);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(theme.page_css()))
}

fn keep(given: &mut Given, question: &Question, value: Option<ValuePayload>) {
    given.remove(&question.id);
    if let Some(value) = value {
        given.insert(question.id.clone(), value);
    }
}
