//! The list of prompts, and a new one from a template.

use std::cmp::Reverse;

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
    harm,
    prompt::{
        draft::NewDesign,
        form::PromptForm,
        sentence::{audience, summary},
        store,
        templates::{About, Between, Group, TemplateContext, about, first_name, new_design},
        types::{Fairness, Prompt, PromptStatus, PromptTemplate, QuestionKind},
    },
    report::{
        self, estimate,
        period::{Period, PeriodQuery},
        prompt::Counts,
    },
    site::types::Site,
    state::AppState,
    stats::ENOUGH,
    types::{GoalId, PromptId},
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            harm::HarmView,
            number,
            page::{Html, Nav, Page, see_other},
            when::{When, days_long},
            why,
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
    /// Number among those that ask at a moment, and whether it is the last of them.
    order: Option<(usize, bool)>,
    counts: Option<CountCells>,
    /// Why it was held back in most visits.
    mostly: Option<String>,
}

/// Figures of a prompt that has been published.
struct CountCells {
    eligible: String,
    opened: String,
    answered: String,
    rate: String,
    /// `and 400 imported`; empty where none is from a file.
    imported: String,
}

impl CountCells {
    /// What waits for no moment has none at which it could be asked.
    fn of(counts: Counts, imported: i64, waits: bool) -> Self {
        let rate = counts.response();
        Self {
            eligible: if waits {
                number::count(counts.askable)
            } else {
                "–".into()
            },
            opened: number::count(counts.opened),
            answered: number::count(counts.answered),
            rate: match counts.opened {
                0 => String::new(),
                1..ENOUGH => format!("of {}", number::count(rate.n)),
                _ => format!("{} {}", number::percent(rate), number::spread(rate)),
            },
            imported: match imported {
                0 => String::new(),
                n => format!("and {} imported", number::count(n)),
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
    /// Questions that do harm, or did until they were paused by themselves.
    harms: Vec<HarmView>,
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
    let now = clock::now();
    let period = Period::parse(&days, &site.time_zone, now)?;
    let at_moments = report::prompts::load(db, site, &period, true).await?;
    let opened = report::prompts::load(db, site, &period, false).await?;
    let imported = report::prompts::imported(db, site, &period).await?;
    let listed = if is_archive { &archived } else { &in_use };
    let mut rows: Vec<PromptRow> = listed
        .iter()
        .map(|prompt| {
            let waits = prompt.draft.look.shown_as.waits_for_a_moment();
            let counts = if waits { &at_moments } else { &opened };
            let counts = counts.get(&prompt.id).copied().unwrap_or_default();
            let imported = imported.get(&prompt.id).copied().unwrap_or_default();
            let is_published = prompt.published_version.is_some();
            let cells = is_published.then(|| CountCells::of(counts, imported, waits));
            prompt_row(prompt, &goals, cells)
        })
        .collect();
    let mostly = report::why::mostly(db, site, &period).await?;
    for row in &mut rows {
        row.mostly = mostly.get(&row.id).map(why::mostly);
    }
    put_in_order(&mut rows, &store::list_in_order(db, site.id).await?);
    let harms = harm::load(db, site, listed, now).await?;
    let when = When::new(&site.time_zone, now);
    Ok(Html::ok(PromptsPage {
        page: scope.page(Nav::Prompts),
        base: prompts_url(site),
        days: days_long(period.from, period.to, period.today),
        is_archive,
        archived: archived.len(),
        harms: harms.iter().map(|it| HarmView::new(it, &when)).collect(),
        prompts: rows,
    }))
}

fn prompt_row(prompt: &Prompt, goals: &[Goal], counts: Option<CountCells>) -> PromptRow {
    let form = PromptForm::of(&prompt.name, &prompt.draft, goals, &[]);
    PromptRow {
        id: prompt.id,
        name: prompt.name.clone(),
        title: prompt.draft.headline(),
        summary: form.summary(goals),
        status: prompt.status,
        is_published: prompt.published_version.is_some(),
        order: None,
        counts,
        mostly: None,
    }
}

/// Those that ask come first, in the order in which they do; then what visitors open by themselves. The others stand below, newest first.
fn put_in_order(rows: &mut [PromptRow], ordered: &[PromptId]) {
    let number = |row: &PromptRow| ordered.iter().position(|id| *id == row.id);
    rows.sort_by_key(|row| {
        let number = number(row).unwrap_or(ordered.len());
        let is_asking = row.status == PromptStatus::Published;
        (number, !is_asking, Reverse(row.id))
    });
    for row in rows {
        row.order = number(row).map(|number| (number + 1, number + 1 == ordered.len()));
    }
}

/// Which templates are offered, and which of them is marked.
#[derive(Deserialize)]
pub struct NewQuery {
    #[serde(default)]
    template: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    q: String,
    #[serde(flatten)]
    between: BetweenQuery,
}

/// The steps of the funnel that a new question is to be about, by their goals.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct BetweenQuery {
    after: String,
    not: String,
}

impl BetweenQuery {
    /// What is no goal of the site counts for nothing.
    fn among<'a>(&self, goals: &'a [Goal]) -> Between<'a> {
        let find = |text: &str| {
            let id: GoalId = text.parse().ok()?;
            goals.iter().find(|goal| goal.id == id && goal.is_listed)
        };
        Between {
            after: find(&self.after),
            not: find(&self.not),
        }
    }
}

/// A template as the page offers it.
struct Offer {
    template: PromptTemplate,
    label: &'static str,
    group: Group,
    when: String,
    question: String,
    choices: String,
    why: &'static str,
}

impl Offer {
    fn of(
        template: PromptTemplate,
        context: &TemplateContext,
        between: Between<'_>,
        goals: &[Goal],
    ) -> Self {
        let About { group, why } = about(template);
        let mut design = new_design(template, context);
        between.narrow(&mut design);
        let mut when = summary(&design.moment, goals);
        let pages = design.target.addresses.iter();
        let pages: Vec<&str> = pages.map(|rule| rule.text.as_str()).collect();
        if !pages.is_empty() {
            when.push_str(&format!(", on {}", pages.join(", ")));
        }
        for part in audience(&design.target, goals) {
            when.push_str(&format!(", {part}"));
        }
        Self {
            template,
            label: template.label(),
            group,
            when,
            question: design.headline(),
            choices: answered(&design),
            why,
        }
    }

    /// Whether every word stands somewhere in it.
    fn holds(&self, words: &str) -> bool {
        let text = [
            self.label,
            self.group.label(),
            &self.when,
            &self.question,
            &self.choices,
            self.why,
        ];
        let text = text.join(" ").to_lowercase();
        let words = words.to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    }
}

/// How the first question is answered; with choices, which ones there are.
fn answered(design: &NewDesign) -> String {
    let Some(first) = design.questions.first() else {
        return String::new();
    };
    let choices = design
        .questions
        .iter()
        .flat_map(|question| &question.choices);
    let labels: Vec<&str> = choices.map(|choice| choice.label.as_str()).collect();
    match first.kind {
        QuestionKind::Text => "Answered in their own words".into(),
        QuestionKind::Rating => format!("Answered with {}", first.look.label().to_lowercase()),
        kind if kind.has_choices() => labels.join(" · "),
        kind => kind.label().into(),
    }
}

#[derive(Template)]
#[template(path = "admin/prompt/new.html")]
struct PromptNewPage {
    page: Page,
    base: String,
    chosen: Option<PromptTemplate>,
    between: BetweenQuery,
    /// Whom it is to be about, when that was chosen.
    here: Option<String>,
    group: Option<Group>,
    words: String,
    offers: Vec<Offer>,
}

impl PromptNewPage {
    /// Whether the offer begins another group.
    fn begins(&self, place: &usize) -> bool {
        let group = |place: usize| self.offers.get(place).map(|offer| offer.group);
        *place == 0 || group(*place) != group(*place - 1)
    }
}

/// GET `/sites/{key}/prompts/new`; `?group=` and `?q=` narrow what is offered.
pub async fn new(
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<NewQuery>,
) -> Result<impl Responder, PageError> {
    let goals = goal::store::list_goals(&state.db.read, scope.site.id).await?;
    let between = query.between.among(&goals);
    let context = between.about(template_context(&state, &scope.site).await?);
    let group = Group::parse(&query.group);
    let words = query.q.trim().to_owned();
    let offers: Vec<Offer> = PromptTemplate::ALL
        .iter()
        .map(|template| Offer::of(*template, &context, between, &goals))
        .filter(|offer| group.is_none_or(|group| offer.group == group) && offer.holds(&words))
        .collect();
    let wanted = PromptTemplate::parse(&query.template).or(between.template());
    let chosen = wanted.filter(|wanted| offers.iter().any(|offer| offer.template == *wanted));
    Ok(Html::ok(PromptNewPage {
        page: scope.page(Nav::Prompts),
        base: prompts_url(&scope.site),
        chosen: chosen.or(offers.first().map(|offer| offer.template)),
        between: query.between.clone(),
        here: here(between),
        group,
        words,
        offers,
    }))
}

/// `For visitors who reached “Prices” and not “Began”.`
fn here(between: Between<'_>) -> Option<String> {
    let not = &between.not?.name;
    Some(match between.after {
        Some(after) => format!("For visitors who reached “{}” and not “{not}”.", after.name),
        None => format!("For visitors who did not reach “{not}”."),
    })
}

/// The choice of a template.
#[derive(Deserialize)]
pub struct NewForm {
    #[serde(default)]
    template: String,
    #[serde(flatten)]
    between: BetweenQuery,
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
    let goals = goal::store::list_goals(&state.db.read, site.id).await?;
    let between = form.between.among(&goals);
    let context = between.about(template_context(&state, site).await?);
    let mut design = new_design(template, &context);
    between.narrow(&mut design);
    if design.look.shown_as.waits_for_a_moment() {
        design.fairness = Fairness::starting(eligible_last_week(&state, site, &design).await?);
    }
    let tx = state.db.begin().await?;
    let design = store::resolve_design(&tx, site.id, &design, now).await?;
    let name = first_name(template, &context);
    let id = store::insert_draft(&tx, site.id, &name, &design, now).await?;
    commit_change(&state, tx, site.id).await?;
    Ok(see_other(format!("{}/{id}", prompts_url(site))))
}

/// As stored behaviour tells, for a question that is none yet.
async fn eligible_last_week(state: &AppState, site: &Site, design: &NewDesign) -> AppResult<i64> {
    let goals = goal::store::list_goals(&state.db.read, site.id).await?;
    let asked = estimate::Asked {
        prompt: PromptId::new(clock::now()),
        design,
        goals: &goals,
    };
    let told = estimate::load(&state.db, site, asked, clock::now()).await?;
    Ok(told.fired - told.taken)
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
