//! Goals of a site and their order in the funnel.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    change::commit_change,
    goal_fields::{GoalFields, fired},
    goal_list,
};
use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    goal::{
        filter::Comparison,
        form::{GoalForm, RuleKind},
        store,
        types::{Goal, GoalRole, GoalStage, NewGoal},
    },
    prompt,
    site::types::Site,
    state::AppState,
    types::GoalId,
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::page::{Flash, Html, Nav, Page, see_other_with},
    },
};

#[derive(Template)]
#[template(path = "admin/goal_edit.html")]
struct GoalEditPage {
    page: Page,
    base: String,
    goal: Goal,
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
    let page = goal_list::load(&state, &scope, form, FieldErrors::default()).await?;
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
            let page = goal_list::load(&state, &scope, form, FieldErrors::default()).await?;
            return Ok(Html::ok(page).respond_to(&request));
        }
        Action::Save => {}
    }
    let added = match form.parse(&scope.site.currency) {
        Ok(new) => insert(&state, &scope.site, &new, &form.owner).await,
        Err(errors) => Err(errors.into()),
    };
    match added {
        Ok(()) => Ok(see_other_with(goals_url(&scope.site), Flash::Saved)),
        Err(AppError::Invalid(errors)) => {
            let page = goal_list::load(&state, &scope, form, errors).await?;
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
    let plans = store::plans::list(&state.db.read, scope.site.id).await?;
    let form = GoalForm {
        owner: plans
            .get(&goal.id)
            .map_or_else(String::new, |plan| plan.owner.clone()),
        ..GoalForm::of(&goal, &scope.site.currency)
    };
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
        Ok(new) => save(&state, &scope.site, goal.id, &new, &form.owner).await,
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

async fn insert(state: &AppState, site: &Site, new: &NewGoal, owner: &str) -> AppResult<()> {
    let tx = state.db.begin().await?;
    let id = store::insert_goal(&tx, site.id, new, clock::now()).await?;
    store::plans::set_owner(&tx, site.id, id, owner.trim()).await?;
    commit_change(state, tx, site.id).await
}

async fn save(
    state: &AppState,
    site: &Site,
    id: GoalId,
    new: &NewGoal,
    owner: &str,
) -> AppResult<()> {
    let tx = state.db.begin().await?;
    store::update_goal(&tx, site.id, id, new, clock::now()).await?;
    store::plans::set_owner(&tx, site.id, id, owner.trim()).await?;
    commit_change(state, tx, site.id).await
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
    Ok(GoalEditPage {
        page: scope.page(Nav::Goals),
        base: goals_url(site),
        waiting: prompt::store::list_waiting_for(db, site.id, goal.id).await?,
        goal,
        fields: GoalFields::load(state, site, &goals, form, errors).await?,
    })
}
