//! Forms field by field, as a page and as files of the same figures.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    file::{Format, Table, rate},
    period,
};
use crate::{
    clock,
    error::AppResult,
    report::{
        forms::{self, FieldFigures, FormFigures, Forms},
        period::Period,
    },
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            forms::FormsView,
            page::{Html, Nav, Page},
            range::Range,
            when::When,
        },
    },
};

/// The columns of the table, in their order.
const COLUMNS: [&str; 41] = [
    "form",
    "field",
    "visits",
    "left",
    "left_of",
    "left_share",
    "left_low",
    "left_high",
    "active_ms",
    "hesitation_ms",
    "hesitation_of",
    "returned",
    "returned_of",
    "returned_share",
    "returned_low",
    "returned_high",
    "deleted",
    "deleted_of",
    "deleted_share",
    "deleted_low",
    "deleted_high",
    "pasted",
    "pasted_of",
    "pasted_share",
    "pasted_low",
    "pasted_high",
    "autofilled",
    "autofilled_of",
    "autofilled_share",
    "autofilled_low",
    "autofilled_high",
    "wrong",
    "wrong_of",
    "wrong_share",
    "wrong_low",
    "wrong_high",
    "filled",
    "filled_of",
    "filled_share",
    "filled_low",
    "filled_high",
];

#[derive(Template)]
#[template(path = "reports/forms.html")]
struct FormsPage {
    page: Page,
    range: Range,
    base: String,
    is_measured: bool,
    view: FormsView,
}

/// GET `/sites/{key}/reports/forms`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let (period, report) = load(&request, &state, &scope).await?;
    let chosen = report.chosen.as_ref().map(|form| form.form.clone());
    let kept = chosen.map(|form| ("form", form)).into_iter().collect();
    Ok(Html::ok(FormsPage {
        page: scope.page(Nav::Reports),
        range: Range::keeping(&period, kept),
        base: format!("/sites/{}", scope.site.key),
        is_measured: scope.site.measures_fields,
        view: FormsView::new(
            &report,
            &period,
            &When::new(&scope.site.time_zone, clock::now()),
        ),
    }))
}

/// GET `/sites/{key}/reports/forms.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (_, report) = load(&request, &state, &scope).await?;
    Ok(table(&report).sent_as(path.1)?)
}

/// What page and files are made of.
async fn load(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
) -> AppResult<(Period, Forms)> {
    let period = period(request, &scope.site, clock::now())?;
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    let form = query.find_map(|(name, text)| (name == "form").then(|| text.into_owned()));
    let report = forms::load(&state.db, &scope.site, &period, form.as_deref()).await?;
    Ok((period, report))
}

fn table(report: &Forms) -> Table {
    let rows = |form: &FormFigures| form.fields.iter().map(|it| row(&form.form, it)).collect();
    Table {
        name: "fields",
        columns: &COLUMNS,
        rows: report.chosen.as_ref().map(rows).unwrap_or_default(),
    }
}

fn row(form: &str, it: &FieldFigures) -> Vec<Value> {
    let mut row = vec![json!(form), json!(it.field), json!(it.visits)];
    row.extend(rate(it.left));
    row.extend([
        json!(it.active_ms),
        json!(it.hesitation_ms),
        json!(it.hesitated),
    ]);
    let shares = [
        it.returned,
        it.deleted,
        it.pasted,
        it.autofilled,
        it.wrong,
        it.filled,
    ];
    row.extend(shares.into_iter().flat_map(rate));
    row
}
