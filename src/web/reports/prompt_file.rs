//! The report of a prompt as files: what became of it, what was chosen, and what asking costs, a line each.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde_json::Value;

use super::{
    file::{Format, Table, day_text, ends, number},
    prompt::{harm_of, load},
};
use crate::{
    harm::{Harm, HarmState},
    report::{
        period::Period,
        prompt::{Effect, PromptReport, effect::Judged},
    },
    site::{calendar, types::Site},
    state::AppState,
    stats::{Interval, Rate, Split, Verdict},
    types::Millis,
    web::{error::PageError, extract::SiteScope},
};

/// The columns of the files.
const COLUMNS: &[&str] = &[
    "from",
    "to",
    "line",
    "question",
    "name",
    "k",
    "n",
    "value",
    "low",
    "high",
    "verdict",
    "split",
    "more_visits",
    "left_unasked_percent",
];

/// GET `/sites/{key}/prompts/{id}/report.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (period, _, report) = load(&request, &state, &scope.site, &path.1).await?;
    let harm = harm_of(&state, &scope.site, &report).await?;
    Ok(table(&scope.site, &period, &report, harm.as_ref()).sent_as(path.2)?)
}

fn table(site: &Site, period: &Period, report: &PromptReport, harm: Option<&Harm>) -> Table {
    let day = |at| day_text(calendar::day_of(at, &site.time_zone));
    let days = [period.from, period.to].map(|day| Value::from(day.to_string()));
    let mut lines = stages(report);
    lines.extend(choices(report));
    lines.extend(values(report));
    let of_period = lines.into_iter().map(|line| line.cells(&days));
    let mut rows: Vec<Vec<Value>> = of_period.collect();
    if let Some(effect) = &report.effect {
        let days = [effect.since, effect.until].map(day);
        rows.extend(asking(effect).iter().map(|line| line.cells(&days)));
    }
    if let Some((at, line)) = harm.and_then(paused) {
        rows.push(line.cells(&[day(at), day(at)]));
    }
    Table {
        name: "prompt",
        columns: COLUMNS,
        rows,
    }
}

/// A line of the file; what does not belong to its kind is empty.
#[derive(Default)]
struct Line<'a> {
    kind: &'static str,
    question: Option<&'a str>,
    name: Option<&'a str>,
    k: Option<i64>,
    n: Option<i64>,
    value: Option<f64>,
    interval: Option<Interval>,
    verdict: Option<&'static str>,
    split: Option<&'static str>,
    more: Option<i64>,
    percent: Option<u8>,
}

impl Line<'_> {
    fn of_rate(kind: &'static str, rate: Rate) -> Self {
        let is_told = rate.is_enough();
        Self {
            kind,
            k: Some(rate.k),
            n: Some(rate.n),
            value: rate.share().filter(|_| is_told),
            interval: rate.wilson().filter(|_| is_told),
            ..Self::default()
        }
    }

    fn cells(&self, days: &[Value; 2]) -> Vec<Value> {
        let mut cells = Vec::from(days.clone());
        cells.extend([
            self.kind.into(),
            self.question.into(),
            self.name.into(),
            self.k.into(),
            self.n.into(),
            number(self.value),
        ]);
        cells.extend(ends(self.interval));
        cells.extend([
            self.verdict.into(),
            self.split.into(),
            self.more.into(),
            self.percent.into(),
        ]);
        cells
    }
}

/// From could be asked to answered; cards that opened are counted against those that were to open.
fn stages(report: &PromptReport) -> Vec<Line<'_>> {
    let counts = report.counts;
    let to_open = counts.askable - counts.held_out;
    let mut lines = vec![];
    if report.waits {
        lines.push(Line {
            kind: "could_be_asked",
            k: Some(counts.askable),
            ..Line::default()
        });
        let unasked = Rate::new(counts.held_out, counts.askable);
        lines.push(Line::of_rate("left_unasked", unasked));
    }
    lines.push(Line::of_rate("opened", Rate::new(counts.opened, to_open)));
    let of_opened = [
        ("on_screen", counts.seen),
        ("begun", counts.begun),
        ("answered", counts.answered),
        ("closed", counts.closed),
        ("ignored", counts.ignored()),
    ];
    let of_opened = of_opened.map(|(kind, n)| Line::of_rate(kind, Rate::new(n, counts.opened)));
    lines.extend(of_opened);
    lines.push(Line {
        kind: "imported",
        k: Some(report.imported),
        ..Line::default()
    });
    let refused = report.refusals.iter().map(|(code, n)| Line {
        kind: "not_asked",
        name: Some(code),
        k: Some(*n),
        ..Line::default()
    });
    lines.extend(refused);
    lines
}

fn choices(report: &PromptReport) -> impl Iterator<Item = Line<'_>> {
    report.questions.iter().flat_map(|asked| {
        asked.choices.iter().map(|choice| Line {
            question: Some(&asked.question.title),
            name: Some(&choice.label),
            ..Line::of_rate("choice", choice.rate)
        })
    })
}

/// Of the cards that opened, those that were answered, by what the dimension says.
fn values(report: &PromptReport) -> impl Iterator<Item = Line<'_>> {
    report.by_value.iter().map(|(value, rate)| Line {
        name: Some(value),
        ..Line::of_rate("value", *rate)
    })
}

/// When it was paused by itself, by which difference, and whether it still is.
fn paused(harm: &Harm) -> Option<(Millis, Line<'static>)> {
    let (at, name) = match harm.state {
        HarmState::Asking => return None,
        HarmState::Paused(at) => (at, "paused"),
        HarmState::Resumed(at) => (at, "asks_again"),
    };
    let difference = harm.effect.judged().map(|it| it.difference);
    let line = Line {
        kind: "paused_by_itself",
        name: Some(name),
        value: difference.map(|it| it.difference),
        interval: difference.map(|it| it.interval),
        verdict: Some("harm"),
        percent: Some(harm.effect.percent),
        ..Line::default()
    };
    Some((at, line))
}

/// The two groups, and what may be said of them.
fn asking(effect: &Effect) -> Vec<Line<'static>> {
    let judged = effect.judged();
    let ratio = judged.and_then(|it| it.ratio);
    let (verdict, more) = verdict(judged);
    let lines = [
        Line::of_rate("effect_asked", effect.asked),
        Line::of_rate("effect_unasked", effect.unasked),
        Line {
            kind: "effect_difference",
            value: judged.map(|it| it.difference.difference),
            interval: judged.map(|it| it.difference.interval),
            ..Line::default()
        },
        Line {
            kind: "effect_ratio",
            value: ratio.map(|it| it.value),
            interval: ratio.map(|it| it.interval),
            ..Line::default()
        },
    ];
    let told = lines.map(|line| Line {
        verdict: Some(verdict),
        split: judged.map(|it| split(it.split)),
        more,
        percent: Some(effect.percent),
        ..line
    });
    told.into()
}

/// As the page says it; where the split is wrong, there is none.
fn verdict(judged: Option<Judged>) -> (&'static str, Option<i64>) {
    match judged.map(|it| (it.split, it.verdict)) {
        None => ("too_few", None),
        Some((Split::Wrong, _)) => ("none", None),
        Some((_, Verdict::Harm)) => ("harm", None),
        Some((_, Verdict::NoMaterialHarm)) => ("no_material_harm", None),
        Some((_, Verdict::NotYet { more })) => ("not_yet", more),
    }
}

fn split(split: Split) -> &'static str {
    match split {
        Split::Fine => "fine",
        Split::Odd => "odd",
        Split::Wrong => "wrong",
    }
}
