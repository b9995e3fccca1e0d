//! The blueprint: every goal with its stage, owner, baseline and how it stands now.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    file::{Format, Table, day_text, difference, rate},
    period,
};
use crate::{
    clock,
    error::AppError,
    goal,
    report::{
        blueprint::{self, Blueprint, Line},
        period::{Period, PeriodQuery},
    },
    site::calendar,
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            blueprint::BlueprintView,
            page::{Flash, Html, Nav, Page, see_other_with},
            range::Range,
            when::When,
        },
    },
};

#[derive(Template)]
#[template(path = "reports/blueprint.html")]
struct BlueprintPage {
    page: Page,
    range: Range,
    base: String,
    view: BlueprintView,
}

/// GET `/sites/{key}/reports/blueprint`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let period = period(&request, site, now)?;
    let blueprint = blueprint::load(&state.db, site, &period).await?;
    let when = When::new(&site.time_zone, now);
    Ok(Html::ok(BlueprintPage {
        page: scope.page(Nav::Reports),
        range: Range::new(&period),
        base: format!("/sites/{}", site.key),
        view: BlueprintView::new(&blueprint, &period, &when),
    }))
}

/// Which goals are held against which days.
#[derive(Deserialize)]
pub struct BaselineForm {
    /// First day, `2026-11-20`.
    from: String,
    /// Last day.
    to: String,
    /// The goal; empty for all.
    #[serde(default)]
    goal: String,
}

/// POST `/sites/{key}/reports/blueprint`.
pub async fn set_baseline(
    state: Data<AppState>,
    scope: SiteScope,
    Form(form): Form<BaselineForm>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let query = PeriodQuery {
        from: Some(form.from),
        to: Some(form.to),
        ..PeriodQuery::default()
    };
    let period = Period::parse(&query, &site.time_zone, clock::now()).map_err(AppError::from)?;
    let days = (calendar::number(period.from), calendar::number(period.to));
    let tx = state.db.begin().await?;
    let goals = goal::store::list_goals(&tx, site.id).await?;
    let is_meant = |id: &str| form.goal.is_empty() || form.goal == id;
    let meant = goals.iter().filter(|goal| is_meant(&goal.id.to_string()));
    let mut meant = meant.filter(|goal| goal.is_listed).peekable();
    if meant.peek().is_none() {
        return Err(AppError::NotFound("goal").into());
    }
    for goal in meant {
        goal::store::plans::set_baseline(&tx, site.id, goal.id, days).await?;
    }
    tx.commit().await?;
    let page = format!("/sites/{}/reports/blueprint?{}", site.key, period.query());
    Ok(see_other_with(page, Flash::Saved))
}

/// The columns of the table, in their order.
const COLUMNS: [&str; 21] = [
    "goal",
    "role",
    "stage",
    "owner",
    "from",
    "to",
    "k",
    "n",
    "share",
    "low",
    "high",
    "baseline_from",
    "baseline_to",
    "baseline_k",
    "baseline_n",
    "baseline",
    "baseline_low",
    "baseline_high",
    "difference",
    "difference_low",
    "difference_high",
];

/// GET `/sites/{key}/reports/blueprint.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let period = period(&request, site, clock::now())?;
    let blueprint = blueprint::load(&state.db, site, &period).await?;
    Ok(table(&blueprint, &period).sent_as(path.1)?)
}

fn table(blueprint: &Blueprint, period: &Period) -> Table {
    let days = [period.from, period.to].map(|day| day_text(calendar::number(day)));
    let lines = blueprint.lines.iter();
    Table {
        name: "blueprint",
        columns: &COLUMNS,
        rows: lines.map(|line| row(blueprint, line, &days)).collect(),
    }
}

fn row(blueprint: &Blueprint, line: &Line, days: &[Value; 2]) -> Vec<Value> {
    let stage = blueprint.stages.find(&line.goal.stage);
    let mut row = vec![
        json!(line.goal.name),
        json!(line.goal.role.as_str()),
        json!(stage.map(|stage| &stage.name)),
        json!(line.owner),
    ];
    row.extend(days.clone());
    row.extend(rate(line.now));
    match &line.baseline {
        Some(baseline) => {
            row.extend([baseline.days.0, baseline.days.1].map(day_text));
            row.extend(rate(baseline.rate));
        }
        None => row.extend([const { Value::Null }; 7]),
    }
    match line.compared() {
        Some((now, before)) => row.extend(difference(now, before)),
        None => row.extend([const { Value::Null }; 3]),
    }
    row
}
