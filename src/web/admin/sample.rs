//! A sample site: made with one click, watched while it fills, removed as easily.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};
use askama::Template;

use crate::{
    clock,
    seed::{self, ONE_CLICK, Phase},
    site::types::SiteKind,
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, NoFields, SignedIn, SiteScope},
        view::{
            number,
            page::{Flash, Html, Page, see_other, see_other_with},
        },
    },
};

#[derive(Template)]
#[template(path = "admin/sample.html")]
struct SamplePage {
    page: Page,
    filling: Filling,
}

#[derive(Template)]
#[template(path = "admin/sample_live.html")]
struct SampleLive {
    filling: Filling,
}

/// How far the sample has come.
struct Filling {
    phase: Phase,
    done: String,
    total: String,
    percent: u64,
}

impl Filling {
    fn of(state: &AppState) -> Self {
        let (done, total) = state.sample.counts();
        let count = |n: u64| number::count(i64::try_from(n).unwrap_or(i64::MAX));
        Self {
            phase: state.sample.phase(),
            done: count(done),
            total: count(total),
            percent: state.sample.percent(),
        }
    }
}

/// GET `/sites/sample`; with `?fragment=filling` only what changes.
pub async fn show(
    request: HttpRequest,
    signed_in: SignedIn,
    state: Data<AppState>,
) -> HttpResponse {
    let filling = Filling::of(&state);
    if request.query_string() == "fragment=filling" {
        return Html::ok(SampleLive { filling }).respond_to(&request);
    }
    let page = signed_in.page(&request);
    Html::ok(SamplePage { page, filling }).respond_to(&request)
}

/// POST `/sites/sample`
pub async fn create(
    _: SignedIn,
    state: Data<AppState>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    if state.sample.phase() != Phase::Running {
        seed::start(state.means(), ONE_CLICK, state.sample.clone(), clock::now()).await?;
    }
    Ok(see_other("/sites/sample"))
}

/// POST `/sites/{key}/remove`: of sample sites only.
pub async fn remove(
    scope: SiteScope,
    state: Data<AppState>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let is_filling = scope.site.kind == SiteKind::Sample && state.sample.phase() == Phase::Running;
    if is_filling {
        return Ok(see_other("/sites/sample"));
    }
    seed::site::remove(&state.means(), &scope.site).await?;
    Ok(see_other_with("/sites", Flash::Deleted))
}
