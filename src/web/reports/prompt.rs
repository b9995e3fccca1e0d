//! One prompt: who was asked, what they chose, the newest answers.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;

use super::{choice, is_fragment, period};
use crate::{
    clock,
    error::{AppError, AppResult},
    harm::{self, Harm},
    ingest::cube::Dimension,
    report::{
        overview::Choice,
        period::Period,
        prompt::{self, PromptReport},
    },
    site::types::Site,
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            harm::HarmView,
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
    harm: Option<HarmView>,
}

#[derive(Template)]
#[template(path = "reports/prompt_live.html")]
struct PromptLive {
    range: Range,
    base: String,
    view: PromptView,
    harm: Option<HarmView>,
}

/// GET `/sites/{key}/prompts/{id}/report`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let (period, choice, report) = load(&request, &state, site, &path.1).await?;
    let when = When::new(&site.time_zone, clock::now());
    let harm = harm_of(&state, site, &report).await?;
    let harm = harm.map(|it| HarmView::new(&it, &when));
    let view = PromptView::new(&report, &choice, &period, &when);
    let base = format!("/sites/{}", site.key);
    let range = Range::keeping(&period, choice::pairs(&choice));
    Ok(if is_fragment(&request) {
        Html::ok(PromptLive {
            range,
            base,
            view,
            harm,
        })
        .respond_to(&request)
    } else {
        let page = scope.page(Nav::Prompts);
        Html::ok(PromptPage {
            page,
            range,
            base,
            view,
            harm,
        })
        .respond_to(&request)
    })
}

/// What is told of harm, page and files alike.
pub(super) async fn harm_of(
    state: &AppState,
    site: &Site,
    report: &PromptReport,
) -> AppResult<Option<Harm>> {
    let found = report.effect.zip(report.main_goal.clone());
    harm::told(&state.db.read, site.id, &report.prompt, found).await
}

/// What page and files are made of.
pub(super) async fn load(
    request: &HttpRequest,
    state: &AppState,
    site: &Site,
    id: &str,
) -> AppResult<(Period, Choice, PromptReport)> {
    let now = clock::now();
    let id = id.parse().map_err(|_| AppError::NotFound("question"))?;
    let period = period(request, site, now)?;
    let choice = choice::read(request)?;
    let report = prompt::load(&state.db, site, id, &period, &choice, now).await?;
    Ok((period, choice, report))
}
