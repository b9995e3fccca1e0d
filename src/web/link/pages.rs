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
    linked::{Wanted, find},
    posted::Posted,
    screens::ClosedPage,
};
use crate::{
    answer::{payload::ValuePayload, step::Given},
    clock,
    error::AppError,
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
        view: None,
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
    let value: Option<i64> = query.a.parse().ok();
    let value = value.filter(|value| first.scale().is_some_and(|scale| scale.contains(value)));
    chosen.n = value.map(|value| value as f64);
    let page = linked.step(view, first, &Given::new(), Some(chosen), String::new());
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
    let wanted = Wanted {
        lang: &form.lang,
        test: &form.test,
        view: form.view(),
    };
    let linked = match find(&request, &state, &path, wanted).await? {
        Ok(linked) => linked,
        Err(closed) => return Ok(closed.respond_to(&request)),
    };
    Posted::of(&linked, &form)?.respond(&request, &state).await
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
