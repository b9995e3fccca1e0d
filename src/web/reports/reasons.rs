//! Reasons by how far visits came, as a page and as files.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::Value;

use super::{
    choice,
    file::{Format, Table, difference, ends, number, rate},
    period,
};
use crate::{
    clock,
    error::AppResult,
    ingest::cube::Dimension,
    report::{
        funnel::{self, Matrix, MatrixCell, ReasonLine},
        overview::Choice,
        period::Period,
    },
    site::types::Site,
    state::AppState,
    stats::WeightedShare,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            matrix::MatrixView,
            page::{Html, Nav, Page},
            range::Range,
            when::When,
        },
    },
};

/// The columns of the files: a row for each reason and step.
const COLUMNS: &[&str] = &[
    "from",
    "to",
    "reason",
    "step",
    "step_name",
    "named",
    "answered",
    "share",
    "share_low",
    "share_high",
    "corrected",
    "corrected_low",
    "corrected_high",
    "equal_answers",
    "expected",
    "residual",
    "p",
    "q",
    "stands_out",
    "named_anywhere",
    "answered_anywhere",
    "share_anywhere",
    "share_anywhere_low",
    "share_anywhere_high",
    "corrected_anywhere",
    "corrected_anywhere_low",
    "corrected_anywhere_high",
    "equal_answers_anywhere",
    "before_named",
    "before_answered",
    "before_share",
    "before_share_low",
    "before_share_high",
    "difference",
    "difference_low",
    "difference_high",
    "value",
    "no_loss",
];

#[derive(Template)]
#[template(path = "reports/matrix.html")]
struct MatrixPage {
    page: Page,
    range: Range,
    base: String,
    view: MatrixView,
}

/// GET `/sites/{key}/reports/reasons`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let (period, choice, matrix) = load(&request, &state, site).await?;
    let when = When::new(&site.time_zone, clock::now());
    Ok(Html::ok(MatrixPage {
        page: scope.page(Nav::Reports),
        range: Range::keeping(&period, choice::pairs(&choice)),
        base: format!("/sites/{}", site.key),
        view: MatrixView::new(&matrix, &choice, &period, &when),
    }))
}

/// GET `/sites/{key}/reports/reasons.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (period, _, matrix) = load(&request, &state, &scope.site).await?;
    Ok(table(&period, &matrix).sent_as(path.1)?)
}

/// What page and files are made of.
async fn load(
    request: &HttpRequest,
    state: &AppState,
    site: &Site,
) -> AppResult<(Period, Choice, Matrix)> {
    let period = period(request, site, clock::now())?;
    let choice = choice::read(request)?;
    let matrix = funnel::load_matrix(&state.db, site, &period, &choice).await?;
    Ok((period, choice, matrix))
}

fn table(period: &Period, matrix: &Matrix) -> Table {
    let rows = matrix.reasons.iter().flat_map(|line| {
        let cells = line.cells.iter().zip(&matrix.steps).enumerate();
        cells.map(|(step, (cell, stop))| row(period, line, (step, &stop.name), cell))
    });
    let values = matrix.values.iter();
    let values = values.map(|(value, answered)| value_row(period, value, *answered));
    Table {
        name: "reasons",
        columns: COLUMNS,
        rows: rows.chain(values).collect(),
    }
}

/// Visits with an answer of which the dimension says this.
fn value_row(period: &Period, value: &str, answered: i64) -> Vec<Value> {
    COLUMNS
        .iter()
        .map(|column| match *column {
            "from" => period.from.to_string().into(),
            "to" => period.to.to_string().into(),
            "answered" => answered.into(),
            "value" => value.into(),
            _ => Value::Null,
        })
        .collect()
}

fn row(
    period: &Period,
    line: &ReasonLine,
    (step, name): (usize, &str),
    cell: &MatrixCell,
) -> Vec<Value> {
    let residual = cell.residual.filter(|_| cell.rate.is_enough());
    let stands_out = match cell.stands_out() {
        Some(value) if value > 0.0 => "more",
        Some(_) => "fewer",
        None => "",
    };
    let mut row = vec![
        period.from.to_string().into(),
        period.to.to_string().into(),
        line.name.as_str().into(),
        step.into(),
        name.into(),
    ];
    row.extend(rate(cell.rate));
    row.extend(corrected(cell.corrected));
    row.push(number(residual.map(|it| it.expected)));
    row.push(number(residual.map(|it| it.value)));
    row.push(number(residual.map(|it| it.chance)));
    row.push(number(cell.q.filter(|_| cell.rate.is_enough())));
    row.push(stands_out.into());
    row.extend(rate(line.all));
    row.extend(corrected(line.corrected));
    row.extend(rate(line.before));
    row.extend(difference(line.all, line.before));
    row.extend([Value::Null, (!line.is_loss).into()]);
    row
}

/// The share, its ends, and how many answers that count alike are as good.
fn corrected(share: Option<WeightedShare>) -> Vec<Value> {
    let mut cells = vec![number(share.map(|it| it.share))];
    cells.extend(ends(share.map(|it| it.interval)));
    cells.push(number(share.map(|it| it.answers)));
    cells
}
