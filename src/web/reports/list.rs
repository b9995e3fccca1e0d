//! The list of reports.

use std::collections::HashMap;

use actix_web::{HttpRequest, Responder, web::Data};
use askama::Template;

use super::period;
use crate::{
    clock,
    prompt::{self, types::Prompt},
    report::{prompt::Counts, prompts},
    state::AppState,
    types::PromptId,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            number,
            page::{Html, Nav, Page},
            prompt_report::status,
            range::Range,
        },
    },
};

struct PromptRow {
    id: String,
    name: String,
    status: (&'static str, &'static str),
    answers: String,
}

#[derive(Template)]
#[template(path = "reports/reports.html")]
struct ReportsPage {
    page: Page,
    range: Range,
    base: String,
    prompts: Vec<PromptRow>,
}

/// GET `/sites/{key}/reports`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let period = period(&request, site, clock::now())?;
    let counts = prompts::load(&state.db.read, site, &period, true).await?;
    let imported = prompts::imported(&state.db.read, site, &period).await?;
    let list = prompt::store::list_prompts(&state.db.read, site.id).await?;
    Ok(Html::ok(ReportsPage {
        page: scope.page(Nav::Reports),
        range: Range::new(&period),
        base: format!("/sites/{}", site.key),
        prompts: list
            .iter()
            .map(|it| prompt_row(it, (&counts, &imported)))
            .collect(),
    }))
}

fn prompt_row(
    prompt: &Prompt,
    (counts, imported): (&HashMap<PromptId, Counts>, &HashMap<PromptId, i64>),
) -> PromptRow {
    let answered = counts.get(&prompt.id).map_or(0, |counts| counts.answered);
    let answered = answered + imported.get(&prompt.id).copied().unwrap_or_default();
    PromptRow {
        id: prompt.id.to_string(),
        name: prompt.name.clone(),
        status: status(prompt.status),
        answers: number::counted(answered, "answer", "answers"),
    }
}
