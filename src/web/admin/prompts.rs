//! The list of prompts, and a new one from a template.

use std::collections::HashMap;

use actix_web::{
    HttpResponse, Responder,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

use super::change::commit_change;
use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    goal::{self, types::Goal},
    prompt::{
        form::PromptForm,
        store,
        templates::{TemplateContext, first_name, new_design},
        types::{Prompt, PromptStatus, PromptTemplate},
    },
    report::{
        self,
        period::{Period, PeriodQuery},
        prompt::Counts,
        stats::{ENOUGH, Rate},
    },
    site::types::Site,
    state::AppState,
    types::PromptId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            number,
            page::{Html, Nav, Page, see_other},
            when::days_long,
        },
    },
};

/// A line of the list.
struct PromptRow {
    id: PromptId,
    name: String,
    title: String,
    summary: String,
    status: PromptStatus,
    is_published: bool,
    /// Place among those that ask.
    order: Option<usize>,
    counts: Option<CountCells>,
}

/// Figures of a prompt that has been published.
struct CountCells {
    eligible: String,
    opened: String,
    answered: String,
    rate: String,
}

impl CountCells {
    fn of(counts: Counts) -> Self {
        let rate = Rate::new(counts.answered, counts.opened);
        Self {
            eligible: number::count(counts.askable),
            opened: number::count(counts.opened),
            answered: number::count(counts.answered),
            rate: match counts.opened {
                0 => String::new(),
                1..ENOUGH => format!("of {}", number::count(rate.n)),
                _ => format!("{} {}", number::percent(rate), number::spread(rate)),
            },
        }
    }
}

#[derive(Template)]
#[template(path = "admin/prompt/index.html")]
struct PromptsPage {
    page: Page,
    base: String,
    days: String,
    is_archive: bool,
    archived: usize,
    prompts: Vec<PromptRow>,
}

/// Which prompts are listed.
#[derive(Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    show: String,
}

/// GET `/sites/{key}/prompts`; with `?show=archived` those that were put away.
pub async fn index(
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<ListQuery>,
    days: Query<PeriodQuery>,
) -> Result<impl Responder, PageError> {
    let (db, site) = (&state.db.read, &scope.site);
    let is_archive = query.show == "archived";
    let (archived, in_use): (Vec<_>, Vec<_>) = store::list_prompts(db, site.id)
        .await?
        .into_iter()
        .partition(|prompt| prompt.status == PromptStatus::Archived);
    let goals = goal::store::list_goals(db, site.id).await?;
    let period = Period::parse(&days, &site.time_zone, clock::now())?;
    let counts = report::prompts::load(db, site, &period).await?;
    let listed = if is_archive { &archived } else { &in_use };
    let mut rows: Vec<PromptRow> = listed
        .iter()
        .map(|prompt| prompt_row(prompt, &goals, &counts))
        .collect();
    put_in_order(&mut rows);
    Ok(Html::ok(PromptsPage {
        page: scope.page(Nav::Prompts),
        base: prompts_url(site),
        days: days_long(period.from, period.to, period.today),
        is_archive,
        archived: archived.len(),
        prompts: rows,
    }))
}

fn prompt_row(prompt: &Prompt, goals: &[Goal], counts: &HashMap<PromptId, Counts>) -> PromptRow {
    let form = PromptForm::of(&prompt.name, &prompt.draft, goals, &[]);
    let is_published = prompt.published_version.is_some();
    let counted = counts.get(&prompt.id).copied().unwrap_or_default();
    PromptRow {
        id: prompt.id,
        name: prompt.name.clone(),
        title: prompt.draft.headline(),
        summary: form.summary(goals),
        status: prompt.status,
        is_published,
        order: None,
        counts: is_published.then(|| CountCells::of(counted)),
    }
}

/// Those that ask come first, in the order in which they do: by age. The others stand below, newest first.
fn put_in_order(rows: &mut [PromptRow]) {
    let is_asking = |row: &PromptRow| row.status == PromptStatus::Published;
    rows.sort_by(|left, right| {
        is_asking(right).cmp(&is_asking(left)).then_with(|| {
            if is_asking(left) {
                left.id.cmp(&right.id)
            } else {
                right.id.cmp(&left.id)
            }
        })
    });
    let asking = rows.iter_mut().filter(|row| is_asking(row));
    for (place, row) in (1..).zip(asking) {
        row.order = Some(place);
    }
}

/// The template that is marked to begin with.
#[derive(Deserialize)]
pub struct NewQuery {
    #[serde(default)]
    template: String,
}

/// A template as the page offers it.
struct Offer {
    template: PromptTemplate,
    label: &'static str,
    when: &'static str,
    question: String,
    advice: &'static str,
}

#[derive(Template)]
#[template(path = "admin/prompt/new.html")]
struct PromptNewPage {
    page: Page,
    base: String,
    chosen: PromptTemplate,
    offers: Vec<Offer>,
}

/// GET `/sites/{key}/prompts/new`.
pub async fn new(
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<NewQuery>,
) -> Result<impl Responder, PageError> {
    let context = template_context(&state, &scope.site).await?;
    Ok(Html::ok(PromptNewPage {
        page: scope.page(Nav::Prompts),
        base: prompts_url(&scope.site),
        chosen: PromptTemplate::parse(&query.template).unwrap_or(PromptTemplate::FormAbandoned),
        offers: PromptTemplate::ALL
            .iter()
            .map(|template| offer(*template, &context))
            .collect(),
    }))
}

/// The choice of a template.
#[derive(Deserialize)]
pub struct NewForm {
    #[serde(default)]
    template: String,
}

/// POST `/sites/{key}/prompts`.
pub async fn create(
    state: Data<AppState>,
    scope: SiteScope,
    Form(form): Form<NewForm>,
) -> Result<HttpResponse, PageError> {
    let template = PromptTemplate::parse(&form.template)
        .ok_or_else(|| FieldErrors::one("template", "Choose a template."))?;
    let (site, now) = (&scope.site, clock::now());
    let context = template_context(&state, site).await?;
    let tx = state.db.begin().await?;
    let design = store::resolve_design(&tx, site.id, &new_design(template, &context), now).await?;
    let name = first_name(template, &context);
    let id = store::insert_draft(&tx, site.id, &name, &design, now).await?;
    commit_change(&state, tx, site.id).await?;
    Ok(see_other(format!("{}/{id}", prompts_url(site))))
}

/// The id in a path; what is none names nothing.
pub(super) fn prompt_id(text: &str) -> AppResult<PromptId> {
    text.parse().map_err(|_| AppError::NotFound("question"))
}

/// Where the list of prompts stands.
pub(super) fn prompts_url(site: &Site) -> String {
    format!("/sites/{}/prompts", site.key)
}

async fn template_context(state: &AppState, site: &Site) -> AppResult<TemplateContext> {
    let db = &state.db.read;
    Ok(TemplateContext::of(
        &goal::store::list_goals(db, site.id).await?,
        &goal::store::list_seen_forms(db, site.id).await?,
        &goal::store::list_seen_paths(db, site.id).await?,
    ))
}

fn offer(template: PromptTemplate, context: &TemplateContext) -> Offer {
    let (when, advice) = match template {
        PromptTemplate::FormAbandoned => (
            "Asks visitors who started a form and did not complete it, when they turn away from it.",
            "Best first question: it names what stands in the way.",
        ),
        PromptTemplate::PricingViewed => (
            "Asks visitors who saw the pricing page and did not convert, when they leave or on the next page.",
            "Good when few visits reach the form.",
        ),
        PromptTemplate::ExitIntent => (
            "Asks visitors who move the pointer out of the page after some time on it, or on a phone come back to it or scroll up fast.",
            "Reaches the most visits; answers are broader.",
        ),
    };
    Offer {
        template,
        label: template.label(),
        when,
        question: new_design(template, context).headline(),
        advice,
    }
}
