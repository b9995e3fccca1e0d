//! A sample site: made with one click, watched while it fills, removed as easily.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};
use askama::Template;

use serde::Deserialize;

use crate::{
    clock, goal, prompt,
    seed::{self, ONE_CLICK, Phase},
    site::types::SiteKind,
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, NoFields, SignedIn, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other, see_other_with},
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

#[derive(Template)]
#[template(path = "admin/sample_removal.html")]
struct RemovalPage {
    page: Page,
    visits: String,
    answers: String,
    questions: String,
    goals: String,
}

/// GET `/sites/{key}/remove`: what would be removed.
pub async fn preview_removal(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
) -> Result<HttpResponse, PageError> {
    let (db, site) = (&state.db.read, &scope.site);
    seed::site::check_removable(site)?;
    if state.sample.phase() == Phase::Running {
        return Ok(see_other("/sites/sample"));
    }
    let (visits, answers) = seed::site::count(&state.db, site).await?;
    let questions = prompt::store::list_prompts(db, site.id).await?.len();
    let goals = goal::store::list_goals(db, site.id).await?;
    let goals = goals.iter().filter(|goal| goal.is_listed).count();
    let page = RemovalPage {
        page: scope.page(Nav::Settings),
        visits: counted(visits, "made-up visit", "made-up visits"),
        answers: counted(answers, "answer", "answers"),
        questions: counted(questions as u64, "question", "questions"),
        goals: counted(goals as u64, "goal", "goals"),
    };
    Ok(Html::ok(page).respond_to(&request))
}

fn counted(n: u64, one: &str, many: &str) -> String {
    number::counted(i64::try_from(n).unwrap_or(i64::MAX), one, many)
}

/// Whether it was said what is removed.
#[derive(Deserialize)]
pub struct RemovalForm {
    #[serde(default)]
    is_sure: String,
}

/// POST `/sites/{key}/remove`: of sample sites only; asks first.
pub async fn remove(
    scope: SiteScope,
    state: Data<AppState>,
    Form(form): Form<RemovalForm>,
) -> Result<HttpResponse, PageError> {
    let is_filling = scope.site.kind == SiteKind::Sample && state.sample.phase() == Phase::Running;
    if is_filling {
        return Ok(see_other("/sites/sample"));
    }
    if form.is_sure.is_empty() {
        return Ok(see_other(format!("/sites/{}/remove", scope.site.key)));
    }
    seed::site::remove(&state.means(), &scope.site).await?;
    Ok(see_other_with("/sites", Flash::Deleted))
}
