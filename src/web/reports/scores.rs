//! Scores of all questions, as a page and as files of the same figures.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::{Value, json};

use super::{
    choice,
    file::{Format, Table, day_text, ends, number},
    period,
};
use crate::{
    clock,
    error::AppResult,
    ingest::cube::Dimension,
    report::{
        overview::Choice,
        period::Period,
        prompt::Scale,
        scores::{self, Measure, ScaleScores, Scores},
    },
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            page::{Html, Nav, Page},
            range::Range,
            scores::ScoresView,
            when::When,
        },
    },
};

/// The columns of the table, in their order.
const COLUMNS: [&str; 15] = [
    "part",
    "from",
    "to",
    "prompt",
    "question",
    "value",
    "measure",
    "answers",
    "score",
    "low",
    "high",
    "compared_with",
    "difference",
    "difference_low",
    "difference_high",
];

#[derive(Template)]
#[template(path = "reports/scores.html")]
struct ScoresPage {
    page: Page,
    range: Range,
    base: String,
    view: ScoresView,
}

/// GET `/sites/{key}/reports/scores`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let (period, choice, report) = load(&request, &state, &scope).await?;
    let when = When::new(&scope.site.time_zone, clock::now());
    Ok(Html::ok(ScoresPage {
        page: scope.page(Nav::Reports),
        range: Range::keeping(&period, choice::pairs(&choice)),
        base: format!("/sites/{}", scope.site.key),
        view: ScoresView::new(&report, &choice, &period, &when),
    }))
}

/// GET `/sites/{key}/reports/scores.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (period, _, report) = load(&request, &state, &scope).await?;
    Ok(table(&period, &report).sent_as(path.1)?)
}

/// What page and files are made of.
async fn load(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
) -> AppResult<(Period, Choice, Scores)> {
    let site = &scope.site;
    let period = period(request, site, clock::now())?;
    let choice = choice::read(request)?;
    let report = scores::load(&state.db, site, &period, &choice).await?;
    Ok((period, choice, report))
}

fn table(period: &Period, report: &Scores) -> Table {
    Table {
        name: "scores",
        columns: &COLUMNS,
        rows: report
            .scales
            .iter()
            .flat_map(|it| rows(period, it))
            .collect(),
    }
}

/// Answers that are alike in what `value` says.
struct Part<'a> {
    part: &'static str,
    from: Value,
    to: Value,
    value: Value,
    scale: &'a Scale,
    /// What they are compared with.
    against: Option<(&'static str, &'a Scale)>,
}

fn rows(period: &Period, it: &ScaleScores) -> Vec<Vec<Value>> {
    let day = |date: jiff::civil::Date| json!(date.to_string());
    let (first, last) = period.previous();
    let now = |part, value: Value, scale, against| Part {
        part,
        from: day(period.from),
        to: day(period.to),
        value,
        scale,
        against,
    };
    let before = Some(("before", &it.before));
    let not = Some(("not_converted", &it.not_converted));
    let mut parts = vec![
        now("period", Value::Null, &it.now, before),
        Part {
            from: day(first),
            to: day(last),
            ..now("before", Value::Null, &it.before, None)
        },
        now("outcome", json!("converted"), &it.converted, not),
        now("outcome", json!("not_converted"), &it.not_converted, None),
    ];
    if it.unknown.answers() > 0 {
        parts.push(now("outcome", json!("unknown"), &it.unknown, None));
    }
    let values = it.values.iter();
    parts.extend(values.map(|(value, scale)| now("value", json!(value), scale, None)));
    for (place, (start, scale)) in it.weeks.iter().enumerate() {
        let next = it.weeks.get(place + 1);
        let end = next.and_then(|(day, _)| crate::site::calendar::date_of(*day));
        let end = end.and_then(|date| date.yesterday().ok());
        parts.push(Part {
            from: day_text(*start),
            to: day(end.unwrap_or(period.to)),
            ..now("week", Value::Null, scale, None)
        });
    }
    parts.into_iter().map(|part| part.row(it)).collect()
}

impl Part<'_> {
    fn row(self, of: &ScaleScores) -> Vec<Value> {
        let measure = Measure::of(&of.question);
        let score = measure.score(self.scale);
        let against = self.against.map(|(_, scale)| scale);
        let difference = against.and_then(|other| measure.difference(self.scale, other));
        let mut row = vec![
            json!(self.part),
            self.from,
            self.to,
            json!(of.prompt),
            json!(of.question.title),
            self.value,
            json!(measure.as_str()),
            json!(self.scale.answers()),
            number(score.map(|it| it.value)),
        ];
        row.extend(ends(score.and_then(|it| it.interval)));
        row.push(json!(self.against.map(|(name, _)| name)));
        row.push(number(difference.map(|it| it.value)));
        row.extend(ends(difference.and_then(|it| it.interval)));
        row
    }
}
