//! The list of prompts, and a new one from a template.

use actix_web::{
    HttpResponse, Responder,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::change::commit_change;
use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    goal,
    prompt::{
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
    types::{PromptId, SiteId},
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other, see_other_with},
            when::days_long,
        },
    },
};

/// A line of the list.
struct PromptRow {
    id: PromptId,
    name: String,
    title: String,
    status: PromptStatus,
    counts: Option<CountCells>,
}

/// Figures of a prompt that has been published.
struct CountCells {
    eligible: String,
    opened: String,
    seen: String,
    answered: String,
    rate: String,
}

impl CountCells {
    fn of(counts: Counts) -> Self {
        let rate = Rate::new(counts.answered, counts.opened);
        Self {
            eligible: number::count(counts.askable),
            opened: number::count(counts.opened),
            seen: number::count(counts.seen),
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
    prompts: Vec<PromptRow>,
}

/// GET `/sites/{key}/prompts`.
pub async fn index(
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<PeriodQuery>,
) -> Result<impl Responder, PageError> {
    let (db, site) = (&state.db.read, &scope.site);
    let prompts = store::list_prompts(db, site.id).await?;
    let period = Period::parse(&query, &site.time_zone, clock::now())?;
    let counts = report::prompts::load(db, site, &period).await?;
    let row = |prompt: Prompt| PromptRow {
        counts: prompt
            .published_version
            .map(|_| CountCells::of(counts.get(&prompt.id).copied().unwrap_or_default())),
        id: prompt.id,
        name: prompt.name,
        title: prompt.draft.first_question().title.clone(),
        status: prompt.status,
    };
    Ok(Html::ok(PromptsPage {
        page: scope.page(Nav::Prompts),
        base: prompts_url(site),
        days: days_long(period.from, period.to, period.today),
        prompts: prompts.into_iter().map(row).collect(),
    }))
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

/// POST `/sites/{key}/prompts/{id}/publish`: what the editor last saved.
pub async fn publish(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::Publish).await
}

/// POST `/sites/{key}/prompts/{id}/pause`.
pub async fn pause(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::Pause).await
}

/// POST `/sites/{key}/prompts/{id}/resume`: the version from before the pause.
pub async fn resume(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::Resume).await
}

/// What lets a prompt ask, or stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    /// The draft.
    Publish,
    /// Nothing.
    Pause,
    /// The version from before the pause.
    Resume,
}

impl Switch {
    /// What the page says afterwards.
    pub(super) fn flash(self) -> Flash {
        match self {
            Self::Publish | Self::Resume => Flash::Published,
            Self::Pause => Flash::Paused,
        }
    }
}

/// Lets the prompt ask or stops it, from the next page of every visitor on.
pub(super) async fn switch(
    state: &AppState,
    site_id: SiteId,
    id: PromptId,
    to: Switch,
) -> AppResult<()> {
    let tx = state.db.begin().await?;
    match to {
        Switch::Publish => drop(store::publish(&tx, site_id, id, clock::now()).await?),
        Switch::Pause => store::pause(&tx, site_id, id).await?,
        Switch::Resume => store::resume(&tx, site_id, id).await?,
    }
    commit_change(state, tx, site_id).await
}

async fn switched(
    state: &AppState,
    site: &Site,
    id: &str,
    to: Switch,
) -> Result<HttpResponse, PageError> {
    let id = prompt_id(id)?;
    switch(state, site.id, id, to).await?;
    let editor = format!("{}/{id}", prompts_url(site));
    Ok(see_other_with(editor, to.flash()))
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
            "Asks visitors who move the pointer out of the page after some time on it. Computers only.",
            "Reaches the most visits; answers are broader.",
        ),
    };
    Offer {
        template,
        label: template.label(),
        when,
        question: new_design(template, context).first_question().title.clone(),
        advice,
    }
}
