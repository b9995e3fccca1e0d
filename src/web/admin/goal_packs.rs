//! Starter packs: several goals at once, with rules guessed from what was seen.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{change::commit_change, goals::goals_url};
use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    goal::{
        form::RuleKind,
        packs::{Pack, PackForm, PackGoal, PackRow},
        stage::Stages,
        store,
        types::{Goal, GoalRule, NewGoal},
    },
    report::{lately::Lately, suggest::covers},
    site::types::Site,
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

/// Which pack to show.
#[derive(Deserialize)]
pub struct PackQuery {
    #[serde(default)]
    pack: String,
}

/// A line of the form, with what the pack says about it.
struct Line {
    place: usize,
    row: PackRow,
    goal: &'static PackGoal,
    /// What the site calls its stage.
    stage: String,
    /// The goal that the site has for it already.
    known: Option<String>,
    /// How often its rule was met lately.
    seen: String,
}

impl Line {
    /// The name under which a field of this line is told to be wrong.
    fn field(&self, name: &str) -> String {
        format!("{name}-{}", self.place)
    }
}

#[derive(Template)]
#[template(path = "admin/goal_packs.html")]
struct PacksPage {
    page: Page,
    base: String,
    pack: Pack,
    lines: Vec<Line>,
    main_goal: Option<String>,
    errors: FieldErrors,
}

/// GET `/sites/{key}/goals/packs`.
pub async fn show(
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<PackQuery>,
) -> Result<impl Responder, PageError> {
    let pack = Pack::parse(&query.pack).unwrap_or(Pack::Shop);
    Ok(Html::ok(
        packs_page(&state, &scope, pack, None, FieldErrors::default()).await?,
    ))
}

/// POST `/sites/{key}/goals/packs`.
pub async fn create(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    Form(form): Form<PackForm>,
) -> Result<HttpResponse, PageError> {
    let pack = Pack::parse(&form.pack).ok_or(AppError::NotFound("starter pack"))?;
    let added = match form.parse(pack) {
        Ok(goals) => insert_all(&state, &scope.site, &goals).await,
        Err(errors) => Err(errors.into()),
    };
    match added {
        Ok(()) => Ok(see_other_with(goals_url(&scope.site), Flash::Saved)),
        Err(AppError::Invalid(errors)) => {
            let page = packs_page(&state, &scope, pack, Some(form.rows), errors).await?;
            Ok(Html::invalid(page).respond_to(&request))
        }
        Err(error) => Err(error.into()),
    }
}

/// All of them or none.
async fn insert_all(state: &AppState, site: &Site, goals: &[NewGoal]) -> AppResult<()> {
    let tx = state.db.begin().await?;
    for new in goals {
        store::insert_goal(&tx, site.id, new, clock::now())
            .await
            .map_err(|error| named(error, &new.name))?;
    }
    commit_change(state, tx, site.id).await
}

/// Which of several goals an error is about.
fn named(error: AppError, name: &str) -> AppError {
    match error {
        AppError::Invalid(errors) => {
            let taken = || {
                format!(
                    "Another goal is called “{name}” already: change the name here, or leave it out."
                )
            };
            let no_place = errors.of("kind").map(str::to_owned);
            FieldErrors::one("take-0", no_place.unwrap_or_else(taken)).into()
        }
        other => other,
    }
}

async fn packs_page(
    state: &AppState,
    scope: &SiteScope,
    pack: Pack,
    posted: Option<Vec<PackRow>>,
    errors: FieldErrors,
) -> AppResult<PacksPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let goals = store::list_goals(db, site.id).await?;
    let lately = Lately::read(db, site, clock::now()).await?;
    let stages = store::list_stages(db, site.id).await?;
    let rows = posted.unwrap_or_else(|| {
        let mut rows = pack.offer(&lately.seen(), &goals);
        for row in &mut rows {
            row.is_taken &= known(row, &goals).is_none();
        }
        rows
    });
    let main_goal = goals.iter().find(|goal| goal.is_primary);
    Ok(PacksPage {
        page: scope.page(Nav::Goals),
        base: goals_url(site),
        pack,
        lines: lines(pack, rows, &lately, (&goals, &stages)),
        main_goal: main_goal.map(|goal| goal.name.clone()),
        errors,
    })
}

/// The goal that the site has already for what a line offers.
fn known<'a>(row: &PackRow, goals: &'a [Goal]) -> Option<&'a Goal> {
    let rule = row.rule().ok()?;
    let mut listed = goals.iter().filter(|goal| goal.is_listed);
    listed.find(|goal| goal.current.rule.counts_like(&rule) || covers(goal, &rule))
}

fn lines(
    pack: Pack,
    rows: Vec<PackRow>,
    lately: &Lately,
    (goals, stages): (&[Goal], &Stages),
) -> Vec<Line> {
    let rules: Vec<Option<GoalRule>> = rows.iter().map(|row| row.rule().ok()).collect();
    let read: Vec<GoalRule> = rules.iter().flatten().cloned().collect();
    let mut fired = lately.count(&read).into_iter();
    let lines = rows.into_iter().zip(pack.goals()).zip(rules).enumerate();
    lines
        .map(|(place, ((row, goal), rule))| Line {
            place,
            known: known(&row, goals).map(|goal| goal.name.clone()),
            row,
            goal,
            stage: stages.name_of(goal.stage).into(),
            seen: match rule.and_then(|_| fired.next()) {
                Some(fired) if fired.visits > 0 => {
                    let all = number::counted(lately.visits, "visit", "visits");
                    let n = number::count(fired.visits);
                    format!("In {n} of {all} of the last 7 days")
                }
                Some(_) => "Not seen in the last 7 days".into(),
                None => String::new(),
            },
        })
        .collect()
}
