//! The funnel as files: steps, those who left at them, their reasons, and what to fix first, a line each.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde_json::Value;

use super::{
    choice,
    file::{Format, Table, difference, ends, number, rate},
    period,
};
use crate::{
    clock,
    report::{
        funnel::{
            self, Beside, Cause, DropOff, Fix, FunnelReport, Group, Reached, Timing, UpTo, Way,
        },
        period::Period,
    },
    state::AppState,
    stats::{Rate, WeightedShare},
    web::{error::PageError, extract::SiteScope},
};

/// The columns of the files.
const COLUMNS: &[&str] = &[
    "from",
    "to",
    "line",
    "step",
    "name",
    "visits",
    "of",
    "share",
    "low",
    "high",
    "corrected",
    "corrected_low",
    "corrected_high",
    "equal_answers",
    "trend",
    "up_to_conversions",
    "up_to_minor",
    "currency",
    "answered",
    "silent",
    "left_unasked",
    "not_reached",
    "lost_reached",
    "lost_not_reached",
    "order",
    "without",
    "value",
    "before_visits",
    "before_of",
    "before_share",
    "difference",
    "difference_low",
    "difference_high",
    "timed",
    "p25_ms",
    "median_ms",
    "p75_ms",
    "beside",
    "beside_visits",
    "beside_of",
    "beside_share",
    "beside_low",
    "beside_high",
    "beside_difference",
    "beside_difference_low",
    "beside_difference_high",
    "within_ms",
    "could_be_asked",
    "lost_that_could",
    "without_after",
    "without_before",
    "left_out",
    "beside_from",
    "beside_to",
    "beside_left_out",
];

/// A line of the file; what does not belong to its kind is empty.
#[derive(Default)]
struct Line<'a> {
    kind: &'static str,
    step: usize,
    name: &'a str,
    rate: Rate,
    /// In the period before.
    earlier: Option<Rate>,
    time: Option<Timing>,
    /// Of the visits that stand beside.
    beside: Option<Rate>,
    /// Which these are, where they are not those of the page.
    against: Option<&'static str>,
    /// What the dimension says that visits are broken down by.
    value: Option<&'a str>,
    corrected: Option<WeightedShare>,
    trend: Option<Way>,
    up_to: Option<UpTo>,
    drop: Option<&'a DropOff>,
    /// Visits that could be asked for the reason, and those of them that are lost; of a step those that could be asked why, and those
    /// lost that shares speak for.
    could: Option<[i64; 2]>,
}

/// GET `/sites/{key}/reports/funnel.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let period = period(&request, site, now)?;
    let choice = choice::load_funnel(&request, &state.db, site, &period).await?;
    let report = funnel::load(&state.db, site, &period, &choice, now).await?;
    let table = Table {
        name: "funnel",
        columns: COLUMNS,
        rows: lines(&report)
            .iter()
            .map(|line| {
                let mut cells = line.cells(&report, &period, &site.currency);
                cells.extend(line.beside(choice.beside.as_ref()));
                cells.push(report.within.into());
                let could = line.could.map(|[could, lost]| (could, lost)).unzip();
                cells.extend([could.0.into(), could.1.into()]);
                cells.extend(without(&report));
                cells.extend(line.beside_days(choice.beside.as_ref(), &period));
                cells.push(line.beside_left_out(&report));
                cells
            })
            .collect(),
    };
    Ok(table.sent_as(path.1)?)
}

/// Between which steps the goal must not come, and how many visits are left out for it.
fn without(report: &FunnelReport) -> [Value; 3] {
    let without = report.without.as_ref();
    [
        without.map(|it| it.after).into(),
        without.map(|it| it.before).into(),
        without.and_then(|it| it.left_out).into(),
    ]
}

fn lines(report: &FunnelReport) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for (step, band) in report.steps.iter().enumerate() {
        let now = Reached {
            of_all: band.of_all,
            of_before: band.of_before,
        };
        let kinds = ["step", "step_rate"];
        let figures = of_step(kinds, (step, &band.name), now, band.earlier);
        let others = report.beside.as_ref();
        let others = others.and_then(|it| it.steps.get(step).copied());
        lines.extend(figures.map(|line| Line {
            time: band.time.filter(|_| line.kind == "step_rate"),
            beside: others.map(|it| match line.kind {
                "step_rate" => it.of_before,
                _ => it.of_all,
            }),
            ..line
        }));
        if let Some(drop) = report.drops.get(step) {
            lines.extend(of_drop(drop, &band.name, report.has_reasons));
        }
    }
    lines.extend(report.groups.iter().flat_map(|it| of_group(it, report)));
    let of_fix = |fix| of_fix(fix, report);
    lines.extend(report.fixes.iter().map(of_fix));
    lines
}

/// Visits at a step, of all and of those at the step before; of the first, which has none before, of all.
fn of_step<'a>(
    kinds: [&'static str; 2],
    (step, name): (usize, &'a str),
    now: Reached,
    earlier: Reached,
) -> impl Iterator<Item = Line<'a>> {
    let line = move |kind, rate, earlier| Line {
        kind,
        step,
        name,
        rate,
        earlier: Some(earlier),
        ..Line::default()
    };
    let [of_all, of_before] = kinds;
    let of_before = line(of_before, now.of_before, earlier.of_before);
    std::iter::once(line(of_all, now.of_all, earlier.of_all)).chain((step > 0).then_some(of_before))
}

fn of_group<'a>(group: &'a Group, report: &'a FunnelReport) -> impl Iterator<Item = Line<'a>> {
    let steps = report.steps.iter().enumerate();
    let figures = group.now.iter().zip(&group.earlier);
    let lines = steps
        .zip(figures)
        .flat_map(|((step, band), (now, earlier))| {
            let kinds = ["group", "group_rate"];
            of_step(kinds, (step, band.name.as_str()), *now, *earlier)
        });
    lines.map(|line| Line {
        value: Some(&group.value),
        ..line
    })
}

fn of_drop<'a>(
    drop: &'a DropOff,
    name: &'a str,
    has_reasons: bool,
) -> impl Iterator<Item = Line<'a>> {
    let left = Line {
        kind: "left",
        step: drop.step,
        name,
        rate: drop.left,
        up_to: drop.lost.up_to,
        drop: has_reasons.then_some(drop),
        could: has_reasons.then_some([drop.could, drop.lost.visits]),
        ..Line::default()
    };
    let reasons = drop.reasons.iter().map(|reason| Line {
        kind: "reason",
        step: drop.step,
        name: &reason.name,
        rate: reason.rate,
        earlier: Some(reason.before),
        corrected: reason.corrected,
        trend: reason.trend,
        up_to: reason.up_to,
        could: Some([reason.could, reason.lost]),
        ..Line::default()
    });
    std::iter::once(left)
        .chain(of_loads(drop, name))
        .chain(reasons)
}

/// Those who left and whose first page took long to load, beside those of a quicker one.
fn of_loads<'a>(drop: &DropOff, name: &'a str) -> Option<Line<'a>> {
    let loads = drop.loads?;
    Some(Line {
        kind: "left_slow",
        step: drop.step,
        name,
        rate: loads.slow,
        value: Some("over_2.5s"),
        beside: Some(loads.others),
        against: Some("up_to_2.5s"),
        ..Line::default()
    })
}

fn of_fix<'a>(fix: &'a Fix, report: &FunnelReport) -> Line<'a> {
    let (kind, name, corrected) = match &fix.cause {
        Cause::Reason(_, name, share) => ("fix_reason", name.as_str(), Some(*share)),
        Cause::FewAnswers(_) => ("fix_few_answers", "", None),
        Cause::NoReasons(_) => ("fix_no_reasons", "", None),
        Cause::Unasked => ("fix_not_asked", "", None),
        Cause::Order => ("fix_order", "", None),
    };
    let left = report.drops.get(fix.step).map_or(0, |drop| drop.left.k);
    Line {
        kind,
        step: fix.step,
        name,
        rate: Rate::new(fix.lost, left),
        corrected,
        up_to: fix.up_to,
        ..Line::default()
    }
}

impl Line<'_> {
    fn cells(&self, report: &FunnelReport, period: &Period, currency: &str) -> Vec<Value> {
        let trend = self.trend.map(|way| match way {
            Way::Up => "up",
            Way::Down => "down",
        });
        let minor = self.up_to.and_then(|it| it.minor);
        let part = |part: fn(&DropOff) -> i64| Value::from(self.drop.map(part));
        let mut cells: Vec<Value> = vec![
            period.from.to_string().into(),
            period.to.to_string().into(),
            self.kind.into(),
            self.step.into(),
            self.name.into(),
        ];
        cells.extend(rate(self.rate));
        cells.push(number(self.corrected.map(|it| it.share)));
        cells.extend(ends(self.corrected.map(|it| it.interval)));
        cells.push(number(self.corrected.map(|it| it.answers)));
        cells.push(trend.into());
        cells.push(number(self.up_to.map(|it| it.conversions)));
        cells.push(number(minor));
        cells.push(minor.map(|_| currency).into());
        cells.extend([
            part(|drop| drop.answered),
            part(|drop| drop.silent),
            part(|drop| drop.unasked),
            part(|drop| drop.unreachable),
            part(|drop| drop.lost.visits + drop.lost_few.visits + drop.lost_else.visits),
            part(|drop| drop.lost_unreached.visits),
            report.order.as_str().into(),
            report.without.as_ref().map(|it| it.name.as_str()).into(),
            self.value.into(),
        ]);
        cells.extend(self.before());
        cells.push(self.time.map(|it| it.n).into());
        let quartiles = self.time.and_then(|it| it.quartiles);
        match quartiles {
            Some(quartiles) => cells.extend(quartiles.map(Value::from)),
            None => cells.extend(vec![Value::Null; 3]),
        }
        cells
    }

    /// The days of what stands beside.
    fn beside_days(&self, beside: Option<&Beside>, period: &Period) -> [Value; 2] {
        let days = beside.and_then(|it| it.days.as_ref());
        let days = days.filter(|_| self.against.is_none()).unwrap_or(period);
        let is_beside = self.beside.is_some();
        [days.from, days.to].map(|day| is_beside.then(|| day.to_string()).into())
    }

    /// How many of the visits that stand beside are left out for what came between.
    fn beside_left_out(&self, report: &FunnelReport) -> Value {
        let is_told = self.against.is_none() && self.beside.is_some();
        let leaves_out = report
            .without
            .as_ref()
            .is_some_and(|it| it.left_out.is_some());
        let others = report.beside.as_ref().filter(|_| is_told && leaves_out);
        others.map(|it| it.left_out).into()
    }

    /// What stands beside, its count, total, share and interval, and by how much the share of the line differs from it.
    fn beside(&self, beside: Option<&Beside>) -> Vec<Value> {
        let text = self.against.or(beside.map(|it| it.text.as_str()));
        let (Some(text), Some(other)) = (text, self.beside) else {
            return vec![Value::Null; 9];
        };
        let figures = rate(other).into_iter().chain(difference(self.rate, other));
        std::iter::once(text.into()).chain(figures).collect()
    }

    /// Count, total and share in the period before, and by how much the share differs.
    fn before(&self) -> Vec<Value> {
        let Some(earlier) = self.earlier else {
            return vec![Value::Null; 6];
        };
        let [k, n, share, ..] = rate(earlier);
        let difference = difference(self.rate, earlier);
        [k, n, share].into_iter().chain(difference).collect()
    }
}
