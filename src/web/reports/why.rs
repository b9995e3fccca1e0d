//! Why a question did not show: the way of each visit, and where it ended.

use actix_web::{
    HttpRequest, Responder,
    web::{Data, Path},
};
use askama::Template;

use super::period;
use crate::{
    clock,
    error::AppError,
    report::why,
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            page::{Html, Nav, Page},
            range::Range,
            why::WhyView,
        },
    },
};

#[derive(Template)]
#[template(path = "reports/why.html")]
struct WhyPage {
    page: Page,
    range: Range,
    base: String,
    view: WhyView,
}

/// GET `/sites/{key}/prompts/{id}/why`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<impl Responder, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let id = path.1.parse().map_err(|_| AppError::NotFound("question"))?;
    let period = period(&request, site, now)?;
    let why = why::load(&state.db, site, id, &period, now).await?;
    Ok(Html::ok(WhyPage {
        page: scope.page(Nav::Prompts),
        range: Range::new(&period),
        base: format!("/sites/{}", site.key),
        view: WhyView::new(&why),
    }))
}
