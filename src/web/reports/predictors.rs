//! What goes with converting, as a page and as files.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::Value;

use super::{
    choice,
    file::{Format, Table, ends, number, rate},
    period,
};
use crate::{
    clock,
    error::AppResult,
    ingest::cube::Dimension,
    report::{
        overview::Choice,
        period::Period,
        predictors::{self, Predictor, Predictors, ValueFigures},
    },
    site::types::Site,
    state::AppState,
    stats::{LEVEL, Plan, Standing},
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            page::{Html, Nav, Page},
            predictors::PredictorsView,
            range::Range,
            when::When,
        },
    },
};

/// The columns of the files.
const COLUMNS: &[&str] = &[
    "from",
    "to",
    "goal",
    "main_goal",
    "with_converted",
    "with_visits",
    "with_share",
    "with_low",
    "with_high",
    "without_converted",
    "without_visits",
    "without_share",
    "without_low",
    "without_high",
    "ratio",
    "ratio_low",
    "ratio_high",
    "difference",
    "difference_low",
    "difference_high",
    "p",
    "q",
    "e_value",
    "e_value_limit",
    "coverage_converted",
    "coverage_of",
    "coverage",
    "coverage_low",
    "coverage_high",
    "before_only_ratio",
    "risk_sets_with_converted",
    "risk_sets_without_converted",
    "risk_sets_ratio",
    "risk_sets_low",
    "risk_sets_high",
    "previous_ratio",
    "previous_low",
    "previous_high",
    "test_visits",
    "standing",
    "more_visits",
    "turned_by",
    "level",
    "value",
    "visits",
    "converted",
    "compared",
    "share",
    "low",
    "high",
];

#[derive(Template)]
#[template(path = "reports/predictors.html")]
struct PredictorsPage {
    page: Page,
    range: Range,
    base: String,
    view: PredictorsView,
}

/// GET `/sites/{key}/reports/predictors`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let (period, choice, report) = load(&request, &state, site).await?;
    let when = When::new(&site.time_zone, clock::now());
    Ok(Html::ok(PredictorsPage {
        page: scope.page(Nav::Reports),
        range: Range::keeping(&period, choice::pairs(&choice)),
        base: format!("/sites/{}", site.key),
        view: PredictorsView::new(&report, &choice, &period, &when),
    }))
}

/// GET `/sites/{key}/reports/predictors.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (period, _, report) = load(&request, &state, &scope.site).await?;
    Ok(table(&period, &report).sent_as(path.1)?)
}

/// What page and files are made of.
async fn load(
    request: &HttpRequest,
    state: &AppState,
    site: &Site,
) -> AppResult<(Period, Choice, Predictors)> {
    let now = clock::now();
    let period = period(request, site, now)?;
    // Not by what visits did: half of that is what is looked for.
    let choice = choice::read(request)?;
    let report = predictors::load(&state.db, site, &period, &choice, now).await?;
    Ok((period, choice, report))
}

fn table(period: &Period, report: &Predictors) -> Table {
    let mut rows: Vec<_> = report
        .tested
        .iter()
        .map(|it| row(period, report, it))
        .collect();
    for it in &report.values {
        rows.push(value_row(period, report, it));
    }
    for row in &mut rows {
        row.resize(COLUMNS.len(), Value::Null);
    }
    Table {
        name: "predictors",
        columns: COLUMNS,
        rows,
    }
}

/// Visits of which the dimension says this, and how many of those compared converted.
fn value_row(period: &Period, report: &Predictors, found: &ValueFigures) -> Vec<Value> {
    let days = [period.from, period.to].map(|day| Value::from(day.to_string()));
    let mut row = Vec::from(days);
    row.extend([Value::Null, report.main.as_deref().into()]);
    let own = COLUMNS.iter().position(|column| *column == "value");
    row.resize(own.unwrap_or_default(), Value::Null);
    row.extend([found.value.as_str().into(), found.visits.into()]);
    row.extend(rate(found.compared));
    row
}

fn row(period: &Period, report: &Predictors, found: &Predictor) -> Vec<Value> {
    let compared = found.compared;
    let shown = |value: Option<f64>| number(value.filter(|_| found.is_enough()));
    let ratio = found.ratio.filter(|_| found.is_enough());
    let difference = found.difference().filter(|_| found.is_enough());
    let (standing, more) = match found.standing {
        Standing::Strong => ("strong", None),
        Standing::Shown => ("shown", None),
        Standing::TooFew { more } => ("too_few", more),
    };
    let turned = found.turned.iter().filter(|_| found.is_enough());
    let turned: Vec<&str> = turned.map(|by| by.as_str()).collect();
    let mut row = vec![
        period.from.to_string().into(),
        period.to.to_string().into(),
        found.name.as_str().into(),
        report.main.as_deref().into(),
    ];
    row.extend(rate(compared.exposed));
    row.extend(rate(compared.unexposed));
    row.push(number(ratio.map(|it| it.value)));
    row.extend(ends(ratio.map(|it| it.interval)));
    row.push(number(difference.map(|(points, _)| points)));
    row.extend(ends(difference.map(|(_, interval)| interval)));
    row.extend([found.chance, found.q, found.e_value, found.e_limit].map(shown));
    row.extend(rate(found.coverage));
    row.push(shown(found.plain.map(|it| it.value)));
    let rates = found.timed.ratio;
    row.push(found.timed.with.into());
    row.push(found.timed.without.into());
    row.push(number(rates.map(|it| it.value)));
    row.extend(ends(rates.map(|it| it.interval)));
    let before = found.before.filter(|_| found.is_enough());
    row.push(number(before.map(|it| it.value)));
    row.extend(ends(before.map(|it| it.interval)));
    row.push(found.to_test().map(Plan::total).into());
    row.push(standing.into());
    row.push(more.into());
    row.push(turned.join(" ").into());
    row.push(LEVEL.into());
    row
}
