//! The board of small steps: how often each is taken, and how often the main goal follows.

use actix_web::{HttpRequest, Responder, web::Data};
use askama::Template;

use super::period;
use crate::{
    clock,
    report::board,
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            board::BoardView,
            page::{Html, Nav, Page},
            range::Range,
            when::When,
        },
    },
};

#[derive(Template)]
#[template(path = "reports/board.html")]
struct BoardPage {
    page: Page,
    range: Range,
    base: String,
    view: BoardView,
}

/// GET `/sites/{key}/reports/steps`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let now = clock::now();
    let period = period(&request, site, now)?;
    let board = board::load(&state.db, site, &period).await?;
    Ok(Html::ok(BoardPage {
        page: scope.page(Nav::Reports),
        range: Range::new(&period),
        base: format!("/sites/{}", site.key),
        view: BoardView::new(&board, &site.currency, &When::new(&site.time_zone, now)),
    }))
}
