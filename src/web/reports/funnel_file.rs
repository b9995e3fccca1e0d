//! The funnel as files: steps, those who left at them, their reasons, and what to fix first, a line each.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::Value;

use super::{
    file::{Format, Table, ends, number, rate},
    period,
};
use crate::{
    clock,
    report::{
        funnel::{self, Cause, DropOff, Fix, FunnelReport, UpTo, Way},
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
];

/// A line of the file; what does not belong to its kind is empty.
#[derive(Default)]
struct Line<'a> {
    kind: &'static str,
    step: usize,
    name: &'a str,
    rate: Rate,
    corrected: Option<WeightedShare>,
    trend: Option<Way>,
    up_to: Option<UpTo>,
    drop: Option<&'a DropOff>,
}

/// GET `/sites/{key}/reports/funnel.csv`.
pub async fn csv(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    send(&request, &state, &scope, Format::Csv).await
}

/// GET `/sites/{key}/reports/funnel.json`.
pub async fn json(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    send(&request, &state, &scope, Format::Json).await
}

async fn send(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
    format: Format,
) -> Result<HttpResponse, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let period = period(request, site, now)?;
    let report = funnel::load(&state.db, site, &period, now).await?;
    let table = Table {
        name: "funnel",
        columns: COLUMNS,
        rows: lines(&report)
            .iter()
            .map(|line| line.cells(&period, &site.currency))
            .collect(),
    };
    Ok(table.sent_as(format)?)
}

fn lines(report: &FunnelReport) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for (step, band) in report.steps.iter().enumerate() {
        lines.push(Line {
            kind: "step",
            step,
            name: &band.name,
            rate: band.of_all,
            ..Line::default()
        });
        if let Some(drop) = report.drops.get(step) {
            lines.extend(of_drop(drop, &band.name));
        }
    }
    let of_fix = |fix| of_fix(fix, report);
    lines.extend(report.fixes.iter().map(of_fix));
    lines
}

fn of_drop<'a>(drop: &'a DropOff, name: &'a str) -> impl Iterator<Item = Line<'a>> {
    let left = Line {
        kind: "left",
        step: drop.step,
        name,
        rate: drop.left,
        up_to: drop.up_to,
        drop: Some(drop),
        ..Line::default()
    };
    let reasons = drop.reasons.iter().map(|reason| Line {
        kind: "reason",
        step: drop.step,
        name: &reason.name,
        rate: reason.rate,
        corrected: reason.corrected,
        trend: reason.trend,
        up_to: reason.up_to,
        drop: None,
    });
    std::iter::once(left).chain(reasons)
}

fn of_fix<'a>(fix: &'a Fix, report: &FunnelReport) -> Line<'a> {
    let (kind, name, corrected) = match &fix.cause {
        Cause::Reason(_, name, share) => ("fix_reason", name.as_str(), Some(*share)),
        Cause::FewAnswers(_) => ("fix_few_answers", "", None),
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
    fn cells(&self, period: &Period, currency: &str) -> Vec<Value> {
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
            part(|drop| drop.lost),
            part(|drop| drop.lost_unreached),
        ]);
        cells
    }
}
