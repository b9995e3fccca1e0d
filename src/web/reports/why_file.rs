//! Why a question did not show, as files: the way of its visits, where each ended, and what else is known of it, a line each.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde_json::Value;

use super::{
    file::{Format, Table, rate},
    why::load,
};
use crate::{
    clock,
    report::{
        period::Period,
        why::{Way, Ways, Why},
    },
    state::AppState,
    stats::Rate,
    web::{error::PageError, extract::SiteScope},
};

/// The columns of the files.
const COLUMNS: &[&str] = &[
    "from",
    "to",
    "version",
    "line",
    "name",
    "k",
    "n",
    "share",
    "low",
    "high",
    "is_estimate",
];

/// GET `/sites/{key}/prompts/{id}/why.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (period, why) = load(&request, &state, &scope.site, &path.1, clock::now()).await?;
    Ok(table(&period, &why).sent_as(path.2)?)
}

fn table(period: &Period, why: &Why) -> Table {
    let (pages, fired) = (&why.pages, why.ways.fired());
    let on = pages.matched - pages.paused;
    let mut lines = vec![
        Line::of_count("visits", pages.visits),
        Line {
            is_estimate: pages.is_scaled,
            ..Line::of_rate("opened_a_page", Rate::new(pages.matched, pages.visits))
        },
        Line::of_rate("while_it_was_on", Rate::new(on, pages.matched)),
        Line::of_rate("came_to_the_moment", Rate::new(fired, on)),
    ];
    lines.extend(stages(&why.ways));
    lines.extend(Way::ALL.iter().flat_map(|way| ended(&why.ways, *way)));
    lines.push(Line::of_rate("never_again", why.ways.never()));
    lines.push(Line::of_count("another_question_first", why.others_first));
    lines.push(Line::of_count("off_ms", why.pauses.length()));
    lines.extend(why.left.map(|left| Line::of_rate("really_left", left)));
    if let Some((version, ways)) = &why.current {
        let moments = Line::of_count("came_to_the_moment", ways.fired());
        let of_version = std::iter::once(moments).chain(stages(ways));
        lines.extend(of_version.map(|line| Line {
            version: Some(*version),
            ..line
        }));
    }
    let days = [period.from, period.to].map(|day| Value::from(day.to_string()));
    Table {
        name: "why",
        columns: COLUMNS,
        rows: lines.iter().map(|line| line.cells(&days)).collect(),
    }
}

/// A line of the file; what does not belong to its kind is empty.
#[derive(Default)]
struct Line {
    /// The version of the question that visitors got; all of them where it is empty.
    version: Option<i32>,
    kind: &'static str,
    name: Option<String>,
    k: i64,
    of: Option<i64>,
    is_estimate: bool,
}

impl Line {
    fn of_count(kind: &'static str, k: i64) -> Self {
        Self {
            kind,
            k,
            ..Self::default()
        }
    }

    fn of_rate(kind: &'static str, rate: Rate) -> Self {
        Self {
            of: Some(rate.n),
            ..Self::of_count(kind, rate.k)
        }
    }

    fn cells(&self, days: &[Value; 2]) -> Vec<Value> {
        let mut cells = Vec::from(days.clone());
        cells.extend([
            self.version.into(),
            self.kind.into(),
            self.name.clone().into(),
        ]);
        let [k, of_how_many @ ..] = rate(Rate::new(self.k, self.of.unwrap_or_default()));
        cells.push(k);
        // Of a count there is no total.
        cells.extend(of_how_many.map(|cell| self.of.map_or(Value::Null, |_| cell)));
        cells.push(self.is_estimate.into());
        cells
    }
}

/// From could be asked to answered, as in the report of the question.
fn stages(ways: &Ways) -> impl Iterator<Item = Line> {
    let fired = ways.fired();
    let stages = ways.counts().stages(true).into_iter();
    stages.map(move |it| {
        let of = it.of.unwrap_or(fired);
        Line::of_rate(it.stage.as_str(), Rate::new(it.n, of))
    })
}

/// Visits whose way ended so, of all that came to the moment, and why or how.
fn ended(ways: &Ways, way: Way) -> Vec<Line> {
    let n = ways.count(way);
    let named = |line: Line, name: &str| Line {
        name: Some(name.to_owned()),
        ..line
    };
    let whole = Line::of_rate("ended", Rate::new(n, ways.fired()));
    let mut lines = vec![named(whole, way.as_str())];
    let because = match way {
        Way::HeldBack => "held_back_by",
        Way::NotOpened => "not_opened_because",
        _ => "closed_by",
    };
    let reasons = ways.reasons(way).into_iter();
    let reasons = reasons.filter(|(code, _)| !code.is_empty());
    lines.extend(reasons.map(|(code, k)| named(Line::of_rate(because, Rate::new(k, n)), &code)));
    lines
}
