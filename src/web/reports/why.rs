//! Why a question did not show: the way of each visit, and where it ended.

use actix_web::{
    HttpRequest, Responder,
    web::{Data, Path},
};
use askama::Template;

use super::period;
use crate::{
    clock,
    error::{AppError, AppResult},
    goal,
    prompt::{start_page::start_page, types::Design},
    report::{
        period::Period,
        why::{self, Why},
    },
    site::{
        tool::{QUESTION, Tool},
        types::Site,
    },
    state::AppState,
    types::{Millis, PromptId},
    web::{
        admin::site_origin::{LiveLink, live_link},
        error::PageError,
        extract::SiteScope,
        view::{
            page::{Html, Nav, Page},
            range::Range,
            when::When,
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
    /// Opens the debug panel on the live site.
    live: LiveLink,
}

/// GET `/sites/{key}/prompts/{id}/why`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<impl Responder, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let (period, why) = load(&request, &state, site, &path.1, now).await?;
    let id = why.prompt.id;
    Ok(Html::ok(WhyPage {
        page: scope.page(Nav::Prompts),
        range: Range::new(&period),
        base: format!("/sites/{}", site.key),
        view: WhyView::new(&why, &When::new(&site.time_zone, now)),
        live: live(&state, site, &why.prompt.draft, id, now).await?,
    }))
}

/// What page and files are made of.
pub(super) async fn load(
    request: &HttpRequest,
    state: &AppState,
    site: &Site,
    id: &str,
    now: Millis,
) -> AppResult<(Period, Why)> {
    let id = id.parse().map_err(|_| AppError::NotFound("question"))?;
    let period = period(request, site, now)?;
    let why = why::load(&state.db, site, id, &period, now).await?;
    Ok((period, why))
}

/// A link with a fresh token to the page on which the question is met soonest; the panel opens with the question.
async fn live(
    state: &AppState,
    site: &Site,
    design: &Design,
    id: PromptId,
    now: Millis,
) -> AppResult<LiveLink> {
    let db = &state.db.read;
    let goals = goal::store::list_goals(db, site.id).await?;
    let form_paths = goal::store::list_form_paths(db, site.id).await?;
    let page = start_page(design, &goals, &form_paths);
    let token = Tool::Debug.token(&site.signing_key, now);
    live_link(state, site, &page, &format!("{token}&{QUESTION}={id}")).await
}
