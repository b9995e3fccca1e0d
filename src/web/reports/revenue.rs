//! What visits and visitors bring, as a page and as files.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::Value;

use super::{
    file::{Format, Table, ends, number, rate},
    period,
};
use crate::{
    clock,
    error::AppResult,
    report::{
        period::Period,
        revenue::{self, Revenue},
    },
    site::types::Site,
    state::AppState,
    stats::{Amounts, LEVEL},
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            page::{Html, Nav, Page},
            range::Range,
            revenue::RevenueView,
            when::When,
        },
    },
};

/// The columns of the files; amounts are in minor units.
const COLUMNS: &[&str] = &[
    "from", "to", "metric", "currency", "k", "n", "value", "low", "high", "level",
];

#[derive(Template)]
#[template(path = "reports/revenue.html")]
struct RevenuePage {
    page: Page,
    range: Range,
    base: String,
    view: RevenueView,
}

/// GET `/sites/{key}/reports/revenue`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let (period, report) = load(&request, &state, site).await?;
    let when = When::new(&site.time_zone, clock::now());
    Ok(Html::ok(RevenuePage {
        page: scope.page(Nav::Reports),
        range: Range::new(&period),
        base: format!("/sites/{}", site.key),
        view: RevenueView::new(&report, &when),
    }))
}

/// GET `/sites/{key}/reports/revenue.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (period, report) = load(&request, &state, &scope.site).await?;
    Ok(table(&period, &report).sent_as(path.1)?)
}

/// What page and files are made of.
async fn load(
    request: &HttpRequest,
    state: &AppState,
    site: &Site,
) -> AppResult<(Period, Revenue)> {
    let now = clock::now();
    let period = period(request, site, now)?;
    let report = revenue::load(&state.db, site, &period, now).await?;
    Ok((period, report))
}

/// Of the period, then of the one before.
fn table(period: &Period, report: &Revenue) -> Table {
    let times = [
        ((period.from, period.to), report.now),
        (period.previous(), report.before),
    ];
    let rows = times.into_iter().flat_map(|((from, to), takings)| {
        let row = |metric: &str, currency: Value, figures: [Value; 5]| {
            let mut row: Vec<Value> = vec![from.to_string().into(), to.to_string().into()];
            row.extend([metric.into(), currency]);
            row.extend(figures);
            row.push(LEVEL.into());
            row
        };
        let currency = || report.currency.as_str().into();
        let revenue = [
            row("revenue_per_visit", currency(), amounts(takings.visits)),
            row("revenue_per_visitor", currency(), amounts(takings.visitors)),
        ];
        let again = row("repeat_purchase", Value::Null, rate(takings.bought_again));
        let revenue = revenue.into_iter().filter(|_| report.has_amounts());
        revenue.chain([again])
    });
    Table {
        name: "revenue",
        columns: COLUMNS,
        rows: rows.filter(|_| report.main.is_some()).collect(),
    }
}

/// Sum, how many it is of, mean, and both ends of its range.
fn amounts(amounts: Amounts) -> [Value; 5] {
    let interval = amounts.interval(LEVEL);
    let mean = amounts.mean().filter(|_| interval.is_some());
    let [low, high] = ends(interval);
    let sum = amounts.sums[0].round() as i64;
    [sum.into(), amounts.n.into(), number(mean), low, high]
}
