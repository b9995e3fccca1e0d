//! The site at a glance, as a page and as files of the same figures.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::{Value, json};

use super::{
    choice,
    file::{Format, Table, day_text, difference, rate},
    period,
};
use crate::{
    clock, goal,
    ingest::cube::Dimension,
    report::{
        overview::{self, Choice, Figures, Overview},
        period::Period,
    },
    state::AppState,
    stats::Rate,
    types::Millis,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            overview::OverviewView,
            page::{Html, Nav, Page},
            range::Range,
            when::When,
        },
    },
};

/// The columns of the table, in their order.
const COLUMNS: [&str; 17] = [
    "part",
    "from",
    "to",
    "value",
    "metric",
    "goal",
    "k",
    "n",
    "share",
    "low",
    "high",
    "before_k",
    "before_n",
    "before_share",
    "difference",
    "difference_low",
    "difference_high",
];

#[derive(Template)]
#[template(path = "reports/overview.html")]
struct OverviewPage {
    page: Page,
    range: Range,
    base: String,
    view: OverviewView,
}

/// What was asked for, and its figures.
struct Loaded {
    period: Period,
    choice: Choice,
    overview: Overview,
    now: Millis,
}

impl Loaded {
    async fn of(
        request: &HttpRequest,
        state: &AppState,
        scope: &SiteScope,
    ) -> Result<Self, PageError> {
        let (site, now) = (&scope.site, clock::now());
        let period = period(request, site, now)?;
        let choice = choice::load(request, &state.db, site, &period).await?;
        let overview = overview::load(&state.db, site, &period, &choice, now).await?;
        Ok(Self {
            period,
            choice,
            overview,
            now,
        })
    }
}

/// GET `/sites/{key}/reports/overview`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let loaded = Loaded::of(&request, &state, &scope).await?;
    let when = When::new(&scope.site.time_zone, loaded.now);
    let pairs = choice::pairs(&loaded.choice);
    let goals = goal::store::list_goals(&state.db.read, scope.site.id).await?;
    Ok(Html::ok(OverviewPage {
        page: scope.page(Nav::Reports),
        range: Range::keeping(&loaded.period, pairs).with_goals(&goals),
        base: format!("/sites/{}", scope.site.key),
        view: OverviewView::new(&loaded.overview, &loaded.choice, &loaded.period, &when),
    }))
}

/// GET `/sites/{key}/reports/overview.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let loaded = Loaded::of(&request, &state, &scope).await?;
    let table = table(&loaded);
    Ok(table.sent_as(path.1)?)
}

fn table(loaded: &Loaded) -> Table {
    let overview = &loaded.overview;
    let period = &loaded.period;
    let whole = Part {
        part: "period",
        days: [json!(period.from.to_string()), json!(period.to.to_string())],
        value: Value::Null,
    };
    let mut rows = whole.rows(overview, &overview.now, Some(&overview.before));
    rows.push(whole.count("automated_left_out", overview.automated, None));
    for (day, figures) in &overview.days {
        let date = day_text(*day);
        let part = Part {
            part: "day",
            days: [date.clone(), date],
            value: Value::Null,
        };
        rows.extend(part.rows(overview, figures, None));
    }
    for it in &overview.values {
        let part = Part {
            part: "value",
            value: json!(it.value),
            ..whole.clone()
        };
        rows.extend(part.rows(overview, &it.now, Some(&it.before)));
    }
    Table {
        name: "overview",
        columns: &COLUMNS,
        rows,
    }
}

/// Rows about the same visits.
#[derive(Clone)]
struct Part {
    part: &'static str,
    days: [Value; 2],
    value: Value,
}

impl Part {
    fn rows(
        &self,
        overview: &Overview,
        now: &Figures,
        before: Option<&Figures>,
    ) -> Vec<Vec<Value>> {
        let told = |metric, goal: Option<&String>, of: &dyn Fn(&Figures) -> Rate| {
            self.row(metric, &json!(goal), rates(of(now), before.map(of)))
        };
        let mut rows = vec![self.count("visits", now.visits, before.map(|it| it.visits))];
        if overview.main.is_some() {
            rows.push(told("macro_rate", overview.main.as_ref(), &|it| it.main));
        }
        for (place, (_, name)) in overview.goals.iter().enumerate() {
            let of = |it: &Figures| it.goals.get(place).copied().unwrap_or_default();
            rows.push(told("micro_rate", Some(name), &of));
        }
        rows.push(self.count("answers", now.answers, before.map(|it| it.answers)));
        rows.push(told("response_rate", None, &|it| it.response));
        rows
    }

    fn count(&self, metric: &str, now: i64, before: Option<i64>) -> Vec<Value> {
        let mut cells = vec![json!(now)];
        cells.resize(5, Value::Null);
        cells.push(json!(before));
        cells.resize(11, Value::Null);
        self.row(metric, &Value::Null, cells)
    }

    fn row(&self, metric: &str, goal: &Value, cells: Vec<Value>) -> Vec<Value> {
        let [from, to] = self.days.clone();
        let value = self.value.clone();
        let mut row = vec![
            json!(self.part),
            from,
            to,
            value,
            json!(metric),
            goal.clone(),
        ];
        row.extend(cells);
        row
    }
}

fn rates(now: Rate, before: Option<Rate>) -> Vec<Value> {
    let mut cells = Vec::from(rate(now));
    match before {
        Some(before) => {
            let [k, n, share, ..] = rate(before);
            cells.extend([k, n, share]);
            cells.extend(difference(now, before));
        }
        None => cells.resize(11, Value::Null),
    }
    cells
}
