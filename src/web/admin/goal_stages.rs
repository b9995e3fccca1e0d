//! The stages of a site: their names, their order, new ones and those that go.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};
use askama::Template;

use super::goals::goals_url;
use crate::{
    error::{AppResult, FieldErrors},
    goal::{
        stage::{Stages, StagesForm},
        store,
        types::Goal,
    },
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other_with},
        },
    },
};

/// A line of the form.
struct StageRow {
    id: String,
    field: String,
    /// As it was typed.
    name: String,
    goals: String,
    /// Where its goals go with it; `None` of the only one.
    into: Option<String>,
    is_first: bool,
}

#[derive(Template)]
#[template(path = "admin/goal_stages.html")]
struct StagesPage {
    page: Page,
    base: String,
    rows: Vec<StageRow>,
    added: String,
    errors: FieldErrors,
}

/// GET `/sites/{key}/goals/stages`.
pub async fn show(state: Data<AppState>, scope: SiteScope) -> Result<impl Responder, PageError> {
    let form = StagesForm::default();
    let page = stages_page(&state, &scope, &form, FieldErrors::default()).await?;
    Ok(Html::ok(page))
}

/// POST `/sites/{key}/goals/stages`.
pub async fn save(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    Form(form): Form<StagesForm>,
) -> Result<HttpResponse, PageError> {
    let site_id = scope.site.id;
    let tx = state.db.begin().await?;
    let stages = store::list_stages(&tx, site_id).await?;
    match stages.edited(&form) {
        Ok(stages) => {
            store::save_stages(&tx, site_id, &stages).await?;
            tx.commit().await?;
            let address = format!("{}/stages", goals_url(&scope.site));
            Ok(see_other_with(address, Flash::Saved))
        }
        Err(errors) => {
            drop(tx);
            let page = stages_page(&state, &scope, &form, errors).await?;
            Ok(Html::invalid(page).respond_to(&request))
        }
    }
}

async fn stages_page(
    state: &AppState,
    scope: &SiteScope,
    form: &StagesForm,
    errors: FieldErrors,
) -> AppResult<StagesPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let stages = store::list_stages(db, site.id).await?;
    let goals = store::list_goals(db, site.id).await?;
    Ok(StagesPage {
        page: scope.page(Nav::Goals),
        base: goals_url(site),
        rows: rows(&stages, &goals, form),
        added: form.added.clone(),
        errors,
    })
}

fn rows(stages: &Stages, goals: &[Goal], form: &StagesForm) -> Vec<StageRow> {
    let names: Vec<&str> = stages.list().map(|stage| stage.name.as_str()).collect();
    let lines = stages.list().enumerate().map(|(place, stage)| {
        let of_it = |goal: &&Goal| goal.is_listed && goal.stage == stage.id;
        let n = goals.iter().filter(of_it).count();
        let into = if place == 0 { 1 } else { place - 1 };
        StageRow {
            id: stage.id.to_string(),
            field: format!("stage-{}", stage.id),
            name: form.name_of(&stage.id).unwrap_or(&stage.name).into(),
            goals: number::counted(n as i64, "goal", "goals"),
            into: names.get(into).map(|name| (*name).into()),
            is_first: place == 0,
        }
    });
    lines.collect()
}
