//! The report of a prompt as files: what became of it, what was chosen, and what asking costs, a line each.

use std::borrow::Cow;

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
        prompt::{Bias, Effect, Helped, PromptReport, TimeToAnswer, effect::Judged},
        wordings::differences,
    },
    site::{calendar, types::Site},
    state::AppState,
    stats::{ENOUGH, Interval, Rate, Split, Verdict},
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
    "before_k",
    "before_n",
    "before_value",
    "difference",
    "difference_low",
    "difference_high",
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
    lines.extend(beside(report));
    lines.extend(choices(report));
    lines.extend(wordings(report));
    lines.extend(report.helped.iter().flat_map(helped));
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
    question: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    k: Option<i64>,
    n: Option<i64>,
    value: Option<f64>,
    interval: Option<Interval>,
    verdict: Option<&'static str>,
    split: Option<&'static str>,
    more: Option<i64>,
    percent: Option<u8>,
    /// Of the days before.
    before: Option<Rate>,
    /// From the days before, or from what it is compared with.
    difference: Option<(f64, Interval)>,
}

impl<'a> Line<'a> {
    fn of_count(kind: &'static str, k: i64) -> Self {
        Self {
            kind,
            k: Some(k),
            ..Self::default()
        }
    }

    fn named(self, name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Against the days before, where both sides bear a share.
    fn against(self, now: Rate, before: Rate) -> Self {
        let is_enough = now.is_enough() && before.is_enough();
        Self {
            before: Some(before),
            difference: now.difference(before).filter(|_| is_enough),
            ..self
        }
    }

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
            self.question.as_deref().into(),
            self.name.as_deref().into(),
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
        let before = self.before;
        let share = before.filter(|it| it.is_enough()).and_then(Rate::share);
        cells.extend([
            before.map(|it| it.k).into(),
            // Of a count there is no total.
            before.filter(|_| self.n.is_some()).map(|it| it.n).into(),
            number(share.filter(|_| self.n.is_some())),
        ]);
        let (points, range) = self.difference.unzip();
        cells.push(number(points));
        cells.extend(ends(range));
        cells
    }
}

/// From could be asked to answered, as on the page, against the days before.
fn stages(report: &PromptReport) -> Vec<Line<'_>> {
    let now = report.counts.stages(report.waits).into_iter();
    let pairs = now.zip(report.before.stages(report.waits));
    let lines = pairs.map(|(now, before)| {
        let kind = now.stage.as_str();
        match now.rate().zip(before.rate()) {
            Some((rate, before)) => Line::of_rate(kind, rate).against(rate, before),
            None => Line {
                before: Some(Rate::new(before.n, 0)),
                ..Line::of_count(kind, now.n)
            },
        }
    });
    lines.collect()
}

/// What else is known of asking and answering.
fn beside(report: &PromptReport) -> Vec<Line<'_>> {
    let mut lines = vec![Line::of_count("imported", report.imported)];
    lines.extend(named("not_asked", &report.refusals));
    lines.extend(named("lost_to", &report.lost_to));
    lines.extend(report.left.map(|left| Line::of_rate("really_left", left)));
    lines.extend(report.timing.iter().flat_map(timing));
    lines.extend(report.bias.iter().flat_map(bias));
    lines
}

/// How often, by name.
fn named<'a>(kind: &'static str, of: &'a [(String, i64)]) -> impl Iterator<Item = Line<'a>> {
    of.iter()
        .map(move |(name, n)| Line::of_count(kind, *n).named(name))
}

/// Milliseconds from the opening to the first answer; of few, the median alone.
fn timing(timing: &TimeToAnswer) -> Vec<Line<'_>> {
    let each = [
        ("median", timing.median),
        ("quarter", timing.quarter),
        ("three_quarters", timing.three_quarters),
    ];
    let told = if timing.n < ENOUGH { 1 } else { each.len() };
    let line = |(name, ms): (&'static str, Millis)| Line {
        kind: "time_to_answer_ms",
        name: Some(name.into()),
        n: Some(timing.n),
        value: Some(ms as f64),
        ..Line::default()
    };
    each.into_iter().take(told).map(line).collect()
}

/// The R-indicator, and what it is made of.
fn bias(bias: &Bias) -> Vec<Line<'_>> {
    let all = bias.all();
    let indicator = Line {
        value: bias.indicator,
        k: Some(all.k),
        n: Some(all.n),
        kind: "representativity",
        ..Line::default()
    };
    let kinds = bias.kinds.iter().map(|it| {
        let name = format!("{}/{}", it.device, it.visitor);
        Line::of_rate("kind", it.rate).named(name)
    });
    std::iter::once(indicator).chain(kinds).collect()
}

/// Of the cards with a wording, those that were answered, against the first wording.
fn wordings(report: &PromptReport) -> impl Iterator<Item = Line<'_>> {
    let compared = report.wordings.iter().zip(differences(&report.wordings));
    compared.map(|(wording, difference)| Line {
        question: Some(wording.says.join(" · ").into()),
        difference,
        ..Line::of_rate("wording", wording.answered).named(&wording.id)
    })
}

/// Cards that showed the help, those in which it was followed, and visits that reached the main goal later, of those that can tell.
fn helped(help: &Helped) -> [Line<'_>; 3] {
    let rate = |kind, k, n| Line::of_rate(kind, Rate::new(k, n)).named(&help.text);
    [
        Line::of_count("help_shown", help.shown).named(&help.text),
        rate("help_followed", help.followed, help.shown),
        rate("help_converted", help.converted, help.shown - help.unknown),
    ]
}

fn choices(report: &PromptReport) -> impl Iterator<Item = Line<'_>> {
    report.questions.iter().flat_map(|asked| {
        asked.choices.iter().map(|choice| Line {
            question: Some(asked.question.title.as_str().into()),
            ..Line::of_rate("choice", choice.rate).named(&choice.label)
        })
    })
}

/// Of the cards that opened, those that were answered, by what the dimension says.
fn values(report: &PromptReport) -> impl Iterator<Item = Line<'_>> {
    let values = report.by_value.iter();
    values.map(|(value, rate)| Line::of_rate("value", *rate).named(value))
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
        name: Some(name.into()),
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
