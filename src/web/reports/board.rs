//! The board of small steps: how often each is taken, and how often the main goal follows.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::{Value, json};

use super::{
    choice,
    file::{Format, Table, day_text, rate},
    period,
};
use crate::{
    clock,
    error::AppResult,
    goal,
    ingest::cube::Dimension,
    report::{
        board::{self, Board, Figures, Micro},
        overview::Choice,
        period::Period,
    },
    site::calendar,
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            board::BoardView,
            page::{Html, Nav, Page},
            range::Range,
            when::When,
        },
    },
};

#[derive(Template)]
#[template(path = "reports/board.html")]
struct BoardPage {
    page: Page,
    range: Range,
    base: String,
    view: BoardView,
}

/// GET `/sites/{key}/reports/steps`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let (period, choice, board) = load(&request, &state, &scope).await?;
    let when = When::new(&site.time_zone, clock::now());
    let goals = goal::store::list_goals(&state.db.read, site.id).await?;
    Ok(Html::ok(BoardPage {
        page: scope.page(Nav::Reports),
        range: Range::keeping(&period, choice::pairs(&choice)).with_goals(&goals),
        base: format!("/sites/{}", site.key),
        view: BoardView::new(&board, (&choice, &period), &site.currency, &when),
    }))
}

/// The columns of the table, in their order.
const COLUMNS: [&str; 33] = [
    "part",
    "from",
    "to",
    "goal",
    "stage",
    "value_minor",
    "visits",
    "macros",
    "macro_events",
    "reached",
    "events",
    "rate_k",
    "rate_n",
    "rate",
    "rate_low",
    "rate_high",
    "per_100_visits",
    "per_100_macros",
    "after_k",
    "after_n",
    "after",
    "after_low",
    "after_high",
    "coverage_k",
    "coverage_n",
    "coverage",
    "coverage_low",
    "coverage_high",
    "main",
    "value",
    "expected_minor",
    "expected_low",
    "expected_high",
];

/// GET `/sites/{key}/reports/steps.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (period, _, board) = load(&request, &state, &scope).await?;
    Ok(table(&board, &period).sent_as(path.1)?)
}

/// What page and files are made of.
async fn load(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
) -> AppResult<(Period, Choice, Board)> {
    let site = &scope.site;
    let period = period(request, site, clock::now())?;
    let choice = choice::load(request, &state.db, site, &period).await?;
    let board = board::load(&state.db, site, &period, &choice).await?;
    Ok((period, choice, board))
}

fn table(board: &Board, period: &Period) -> Table {
    let main = json!(board.main.as_ref().map(|main| &main.name));
    let day = |date| day_text(calendar::number(date));
    let (before_from, before_to) = period.previous();
    let weeks: Vec<Vec<_>> = {
        let days: Vec<_> = period.days().collect();
        days.chunks(7).map(<[_]>::to_vec).collect()
    };
    let rows = board.micros.iter().enumerate().flat_map(|(place, micro)| {
        let stage = board.stages.find(&micro.stage);
        let words = [json!(stage.map(|stage| &stage.name)), main.clone()];
        let mut rows = vec![
            row(
                "period",
                [day(period.from), day(period.to)],
                micro,
                &micro.now,
                &words,
                None,
            ),
            row(
                "before",
                [day(before_from), day(before_to)],
                micro,
                &micro.before,
                &words,
                None,
            ),
        ];
        let expected = micro.expected_value(board.main.as_ref());
        if let Some((of_period, expected)) = rows.first_mut().zip(expected) {
            of_period.splice(COLUMNS.len() - 3.., expected.map(Value::from));
        }
        for ((_, figures), week) in micro.weeks.iter().zip(&weeks) {
            let ends =
                [week.first(), week.last()].map(|date| date.map_or(Value::Null, |it| day(*it)));
            rows.push(row("week", ends, micro, figures, &words, None));
        }
        let values = board.values.iter();
        let values = values.filter_map(|it| Some((it.micros.get(place)?, it.value.as_str())));
        rows.extend(values.map(|(figures, value)| {
            let days = [day(period.from), day(period.to)];
            row("value", days, micro, figures, &words, Some(value))
        }));
        rows
    });
    Table {
        name: "steps",
        columns: &COLUMNS,
        rows: rows.collect(),
    }
}

/// `words` are the stage and the main goal; `value` is what the dimension says.
fn row(
    part: &str,
    days: [Value; 2],
    micro: &Micro,
    figures: &Figures,
    words: &[Value; 2],
    value: Option<&str>,
) -> Vec<Value> {
    let [stage, main] = words;
    let mut row = vec![json!(part)];
    row.extend(days);
    row.extend([
        json!(micro.name),
        stage.clone(),
        json!(micro.value_minor),
        json!(figures.visits),
        json!(figures.macros),
        json!(figures.macro_events),
        json!(figures.reached),
        json!(figures.events),
    ]);
    row.extend(rate(figures.rate()));
    row.push(json!(figures.per_100_visits()));
    row.push(json!(figures.per_100_macros()));
    row.extend(rate(figures.conversion_after()));
    row.extend(rate(figures.coverage()));
    row.push(main.clone());
    row.push(json!(value));
    row.resize(COLUMNS.len(), Value::Null);
    row
}
