//! Goals of a site and their order in the funnel.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    change::commit_change,
    goal_fields::{GoalFields, fired},
    goal_order::{self, OrderAdvice},
    goal_picker,
    goal_suggestions::{self, SuggestionRow},
    site_origin::LiveLink,
};
use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    goal::{
        form::{GoalForm, RuleKind, write_money},
        store,
        types::{Goal, GoalRole, GoalStage, NewGoal},
    },
    prompt,
    report::period::{DEFAULT_DAYS, Period, PeriodQuery},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    state::AppState,
    types::{GoalId, Millis},
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other_with},
            when::When,
        },
    },
};

/// A line of the list.
struct GoalRow {
    id: GoalId,
    name: String,
    detail: String,
    role: &'static str,
    order: String,
    visits: String,
    is_primary: bool,
    is_macro: bool,
    can_move: bool,
    is_first: bool,
    is_last: bool,
}

#[derive(Template)]
#[template(path = "admin/goals.html")]
struct GoalsPage {
    page: Page,
    home: String,
    base: String,
    days: i32,
    goals: Vec<GoalRow>,
    advice: Option<String>,
    order: Option<OrderAdvice>,
    picker: LiveLink,
    suggestions: Vec<SuggestionRow>,
    fields: GoalFields,
}

impl GoalsPage {
    fn has_picker(&self) -> bool {
        !matches!(self.picker, LiveLink::None)
    }
}

#[derive(Template)]
#[template(path = "admin/goal_edit.html")]
struct GoalEditPage {
    page: Page,
    base: String,
    goal: Goal,
    counts_from: String,
    waiting: Vec<String>,
    fields: GoalFields,
}

/// The form of a goal and which of its buttons was pressed.
#[derive(Deserialize)]
pub struct GoalPost {
    #[serde(default, rename = "do")]
    action: Action,
    #[serde(flatten)]
    form: GoalForm,
}

/// What the pressed button stands for.
#[derive(Clone, Copy, Default, Deserialize)]
enum Action {
    #[default]
    #[serde(rename = "")]
    Save,
    /// The page again, with how often it happened.
    #[serde(rename = "look")]
    Look,
    /// Only how often it happened, while somebody types.
    #[serde(rename = "sentence")]
    Tell,
}

/// How often it happened, in plain text.
async fn tell(state: &AppState, site: &Site, form: &GoalForm) -> Result<HttpResponse, PageError> {
    let text = fired(state, site, form).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(text))
}

/// GET `/sites/{key}/goals`.
pub async fn index(state: Data<AppState>, scope: SiteScope) -> Result<impl Responder, PageError> {
    let form = GoalForm {
        kind: RuleKind::Url.to_string(),
        role: GoalRole::Milestone.to_string(),
        stage: GoalStage::Consideration.to_string(),
        ..GoalForm::default()
    };
    let page = goals_page(&state, &scope, form, FieldErrors::default()).await?;
    Ok(Html::ok(page))
}

/// POST `/sites/{key}/goals`.
pub async fn create(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    Form(GoalPost { action, form }): Form<GoalPost>,
) -> Result<HttpResponse, PageError> {
    match action {
        Action::Tell => return tell(&state, &scope.site, &form).await,
        Action::Look => {
            let page = goals_page(&state, &scope, form, FieldErrors::default()).await?;
            return Ok(Html::ok(page).respond_to(&request));
        }
        Action::Save => {}
    }
    let added = match form.parse(&scope.site.currency) {
        Ok(new) => insert(&state, &scope.site, &new).await,
        Err(errors) => Err(errors.into()),
    };
    match added {
        Ok(()) => Ok(see_other_with(goals_url(&scope.site), Flash::Saved)),
        Err(AppError::Invalid(errors)) => {
            let page = goals_page(&state, &scope, form, errors).await?;
            Ok(Html::invalid(page).respond_to(&request))
        }
        Err(error) => Err(error.into()),
    }
}

/// GET `/sites/{key}/goals/{id}`.
pub async fn edit(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<impl Responder, PageError> {
    let goal = store::find_goal(&state.db.read, scope.site.id, goal_id(&path.1)?).await?;
    let form = GoalForm::of(&goal, &scope.site.currency);
    let page = edit_page(&state, &scope, goal, form, FieldErrors::default()).await?;
    Ok(Html::ok(page))
}

/// POST `/sites/{key}/goals/{id}`.
pub async fn update(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(GoalPost { action, form }): Form<GoalPost>,
) -> Result<HttpResponse, PageError> {
    let goal = store::find_goal(&state.db.read, scope.site.id, goal_id(&path.1)?).await?;
    match action {
        Action::Tell => return tell(&state, &scope.site, &form).await,
        Action::Look => {
            let page = edit_page(&state, &scope, goal, form, FieldErrors::default()).await?;
            return Ok(Html::ok(page).respond_to(&request));
        }
        Action::Save => {}
    }
    let saved = match form.parse(&scope.site.currency) {
        Ok(new) => save(&state, &scope.site, goal.id, &new).await,
        Err(errors) => Err(errors.into()),
    };
    match saved {
        Ok(()) => Ok(see_other_with(goals_url(&scope.site), Flash::Saved)),
        Err(AppError::Invalid(errors)) => {
            let page = edit_page(&state, &scope, goal, form, errors).await?;
            Ok(Html::invalid(page).respond_to(&request))
        }
        Err(error) => Err(error.into()),
    }
}

/// POST `/sites/{key}/goals/{id}/archive`.
pub async fn archive(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let (site_id, id) = (scope.site.id, goal_id(&path.1)?);
    let tx = state.db.begin().await?;
    let waiting = prompt::store::list_waiting_for(&tx, site_id, id).await?;
    if let Some(name) = waiting.first() {
        return Err(AppError::Conflict(format!(
            "the question “{name}” waits for this goal: pause it or choose another goal in it first"
        ))
        .into());
    }
    store::archive_goal(&tx, site_id, id, clock::now()).await?;
    commit_change(&state, tx, site_id).await?;
    Ok(see_other_with(goals_url(&scope.site), Flash::Saved))
}

/// Which way something goes in its list.
#[derive(Deserialize)]
pub struct MoveForm {
    #[serde(rename = "move")]
    pub(super) way: Way,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    Up,
    Down,
}

/// POST `/sites/{key}/goals/{id}/move`.
pub async fn reorder(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<MoveForm>,
) -> Result<HttpResponse, PageError> {
    let (site_id, id) = (scope.site.id, goal_id(&path.1)?);
    let tx = state.db.begin().await?;
    let goals = store::list_goals(&tx, site_id).await?;
    let steps = goals.iter().filter(|goal| goal.funnel_position.is_some());
    let mut order: Vec<GoalId> = steps.map(|goal| goal.id).collect();
    let at = order.iter().position(|step| *step == id);
    let at = at.ok_or(AppError::NotFound("step"))?;
    let to = match form.way {
        Way::Up => at.saturating_sub(1),
        Way::Down => (at + 1).min(order.len() - 1),
    };
    order.swap(at, to);
    store::set_step_order(&tx, site_id, &order, clock::now()).await?;
    commit_change(&state, tx, site_id).await?;
    Ok(see_other_with(goals_url(&scope.site), Flash::Saved))
}

/// POST `/sites/{key}/goals/{id}/primary`.
pub async fn choose_primary(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let tx = state.db.begin().await?;
    store::choose_primary(&tx, scope.site.id, goal_id(&path.1)?, clock::now()).await?;
    commit_change(&state, tx, scope.site.id).await?;
    Ok(see_other_with(goals_url(&scope.site), Flash::Saved))
}

fn goal_id(text: &str) -> AppResult<GoalId> {
    text.parse().map_err(|_| AppError::NotFound("goal"))
}

pub(super) fn goals_url(site: &Site) -> String {
    format!("/sites/{}/goals", site.key)
}

async fn insert(state: &AppState, site: &Site, new: &NewGoal) -> AppResult<()> {
    let tx = state.db.begin().await?;
    store::insert_goal(&tx, site.id, new, clock::now()).await?;
    commit_change(state, tx, site.id).await
}

async fn save(state: &AppState, site: &Site, id: GoalId, new: &NewGoal) -> AppResult<()> {
    let tx = state.db.begin().await?;
    store::update_goal(&tx, site.id, id, new, clock::now()).await?;
    commit_change(state, tx, site.id).await
}

async fn goals_page(
    state: &AppState,
    scope: &SiteScope,
    form: GoalForm,
    errors: FieldErrors,
) -> AppResult<GoalsPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let when = When::new(&site.time_zone, clock::now());
    let goals = store::list_goals(db, site.id).await?;
    let first = store::list_first_counted(db, site.id).await?;
    let period = Period::parse(&PeriodQuery::default(), &site.time_zone, when.now())?;
    let days = (calendar::number(period.from), calendar::number(period.to));
    let counts = store::count_visits(db, site.id, days, site.kind == SiteKind::Demo).await?;
    Ok(GoalsPage {
        page: scope.page(Nav::Goals),
        home: format!("/sites/{}", site.key),
        base: goals_url(site),
        days: DEFAULT_DAYS,
        goals: goal_rows(&goals, site, &when, &first, &counts),
        advice: advice(&goals),
        order: goal_order::load(state, site, &goals, &period).await?,
        picker: goal_picker::load(state, site, when.now()).await?,
        suggestions: goal_suggestions::load(state, site, &goals).await?,
        fields: GoalFields::load(state, site, &goals, form, errors).await?,
    })
}

async fn edit_page(
    state: &AppState,
    scope: &SiteScope,
    goal: Goal,
    form: GoalForm,
    errors: FieldErrors,
) -> AppResult<GoalEditPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let goals = store::list_goals(db, site.id).await?;
    let when = When::new(&site.time_zone, clock::now());
    Ok(GoalEditPage {
        page: scope.page(Nav::Goals),
        base: goals_url(site),
        counts_from: when.moment(goal.current.since_at),
        waiting: prompt::store::list_waiting_for(db, site.id, goal.id).await?,
        goal,
        fields: GoalFields::load(state, site, &goals, form, errors).await?,
    })
}

/// What is hard to read about the funnel as it is: it holds three to seven key goals best.
fn advice(goals: &[Goal]) -> Option<String> {
    let steps = goals
        .iter()
        .filter(|goal| goal.funnel_position.is_some())
        .count();
    let has_main = goals.iter().any(|goal| goal.is_primary);
    match (steps + usize::from(has_main), has_main) {
        (0, _) => None,
        (_, false) => {
            Some("No main goal yet: add what the site is for, or the funnel has no end.".into())
        }
        (n @ 1..3, _) => Some(format!(
            "{n} of three to seven key goals: add a step on the way, or visits that leave before the main goal all look alike."
        )),
        (n @ 8.., _) => Some(format!(
            "{n} key goals are hard to read at once: three to seven are best. Take some of the steps out of the funnel: as signals they still count."
        )),
        _ => None,
    }
}

/// Steps in their order, then the main goal, other main goals and signals.
fn goal_rows(
    goals: &[Goal],
    site: &Site,
    when: &When,
    first_counted: &HashMap<GoalId, Millis>,
    counts: &HashMap<GoalId, i64>,
) -> Vec<GoalRow> {
    let mut listed: Vec<&Goal> = goals.iter().filter(|goal| goal.is_listed).collect();
    listed.sort_by_key(|goal| {
        (
            goal.role != GoalRole::Milestone,
            !goal.is_primary,
            goal.role,
        )
    });
    let steps = listed
        .iter()
        .filter(|goal| goal.funnel_position.is_some())
        .count();
    (1..)
        .zip(listed)
        .map(|(place, goal)| GoalRow {
            id: goal.id,
            name: goal.name.clone(),
            detail: detail(goal, site, when, first_counted),
            role: goal.role.label(),
            order: match goal.role {
                GoalRole::Milestone => place.to_string(),
                GoalRole::Macro if goal.is_primary => "last".into(),
                _ => "–".into(),
            },
            visits: number::count(counts.get(&goal.id).copied().unwrap_or(0)),
            is_primary: goal.is_primary,
            is_macro: goal.role == GoalRole::Macro,
            can_move: goal.funnel_position.is_some() && steps > 1,
            is_first: place == 1,
            is_last: place == steps,
        })
        .collect()
}

/// What has to happen, what it is worth, and since when it counts where that is not from the beginning.
fn detail(
    goal: &Goal,
    site: &Site,
    when: &When,
    first_counted: &HashMap<GoalId, Millis>,
) -> String {
    let mut parts = vec![goal.current.rule.meaning()];
    if let Some(value) = goal.current.value_minor {
        let amount = write_money(value, &site.currency);
        parts.push(format!("worth {} {amount}", site.currency));
    }
    let since = goal.current.since_at;
    if first_counted
        .get(&goal.id)
        .is_some_and(|first| *first < since)
    {
        parts.push(format!("changed, counts from {}", when.moment(since)));
    }
    parts.join(" · ")
}
