//! What can be known by the traffic of the last four weeks, and when.

use actix_web::{Responder, web::Data};
use askama::Template;

use crate::{
    clock,
    error::AppError,
    report::{
        knowable,
        period::{Period, PeriodQuery},
    },
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            knowable::KnowableView,
            page::{Html, Nav, Page},
            when::When,
        },
    },
};

#[derive(Template)]
#[template(path = "reports/knowable.html")]
struct KnowablePage {
    page: Page,
    base: String,
    view: KnowableView,
}

/// GET `/sites/{key}/reports/knowable`.
pub async fn show(state: Data<AppState>, scope: SiteScope) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let lately = Period::parse(&PeriodQuery::default(), &site.time_zone, clock::now());
    let period = lately.map_err(AppError::Invalid)?;
    let traffic = knowable::load(&state.db, site, &period).await?;
    Ok(Html::ok(KnowablePage {
        page: scope.page(Nav::Reports),
        base: format!("/sites/{}", site.key),
        view: KnowableView::new(&traffic, &When::new(&site.time_zone, clock::now())),
    }))
}
