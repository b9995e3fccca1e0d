//! One prompt: who was asked, what they chose, the newest answers.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;

use super::{is_fragment, period};
use crate::{
    clock,
    error::{AppError, AppResult},
    report::{
        period::Period,
        prompt::{self, PromptReport},
    },
    site::types::Site,
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            page::{Html, Nav, Page},
            prompt_report::PromptView,
            range::Range,
            when::When,
        },
    },
};

#[derive(Template)]
#[template(path = "reports/prompt.html")]
struct PromptPage {
    page: Page,
    range: Range,
    base: String,
    view: PromptView,
}

#[derive(Template)]
#[template(path = "reports/prompt_live.html")]
struct PromptLive {
    range: Range,
    base: String,
    view: PromptView,
}

/// GET `/sites/{key}/prompts/{id}/report`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let (period, report) = load(&request, &state, site, &path.1).await?;
    let view = PromptView::new(&report, &When::new(&site.time_zone, clock::now()));
    let base = format!("/sites/{}", site.key);
    let range = Range::new(&period);
    Ok(if is_fragment(&request) {
        Html::ok(PromptLive { range, base, view }).respond_to(&request)
    } else {
        let page = scope.page(Nav::Prompts);
        Html::ok(PromptPage {
            page,
            range,
            base,
            view,
        })
        .respond_to(&request)
    })
}

/// What page and files are made of.
pub(super) async fn load(
    request: &HttpRequest,
    state: &AppState,
    site: &Site,
    id: &str,
) -> AppResult<(Period, PromptReport)> {
    let now = clock::now();
    let id = id.parse().map_err(|_| AppError::NotFound("question"))?;
    let period = period(request, site, now)?;
    let report = prompt::load(&state.db, site, id, &period, now).await?;
    Ok((period, report))
}
