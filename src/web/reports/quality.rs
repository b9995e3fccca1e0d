//! What to know about the data before believing it: the page and its files.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde_json::Value;

use super::{
    file::{Format, Table, day_text, rate},
    period,
};
use crate::{
    clock,
    ingest::reply::DropReason,
    report::{
        period::Period,
        quality::{self, Audit, QualityReport},
    },
    site::{calendar::date_of, types::RefusedOrigin},
    state::AppState,
    stats::{LEVEL, Rate},
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            number,
            page::{Html, Nav, Page},
            range::Range,
            recount::recount_line,
            when::{When, day_short},
        },
    },
};

struct Fact {
    name: &'static str,
    meaning: &'static str,
    n: String,
}

struct OriginRow {
    origin: String,
    n: String,
    last: String,
}

/// The columns of the files.
const COLUMNS: &[&str] = &[
    "from", "to", "line", "about", "k", "n", "share", "low", "high", "level",
];

#[derive(Template)]
#[template(path = "reports/quality.html")]
struct QualityPage {
    page: Page,
    range: Range,
    base: String,
    visits: String,
    drops: Vec<(String, String)>,
    refused: Vec<OriginRow>,
    facts: Vec<Fact>,
    recount: String,
    audits: Vec<AuditRow>,
}

/// A night's comparison.
struct AuditRow {
    day: String,
    at: String,
    visits: String,
    outcome: String,
}

/// GET `/sites/{key}/reports/quality`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let period = period(&request, site, now)?;
    let report = quality::load(&state.db, site.id, &period).await?;
    let when = When::new(&site.time_zone, now);
    let origin = |refused: &RefusedOrigin| OriginRow {
        origin: refused.origin.clone(),
        n: number::count(refused.n),
        last: when.moment(refused.last_at),
    };
    let dropped = |(code, n): &(String, i64)| (drop_words(code), number::count(*n));
    Ok(Html::ok(QualityPage {
        page: scope.page(Nav::Reports),
        range: Range::new(&period),
        base: format!("/sites/{}", site.key),
        visits: number::counted(report.visits, "visit", "visits"),
        drops: report.drops.iter().map(dropped).collect(),
        refused: report.refused.iter().map(origin).collect(),
        facts: facts(&report),
        recount: recounted(&report, &when),
        audits: report
            .audits
            .iter()
            .map(|it| audit_row(it, &when))
            .collect(),
    }))
}

/// GET `/sites/{key}/reports/quality.csv` and `.json`.
pub async fn file(
    request: HttpRequest,
    path: Path<(String, Format)>,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let period = period(&request, site, clock::now())?;
    let report = quality::load(&state.db, site.id, &period).await?;
    Ok(table(&period, &report).sent_as(path.1)?)
}

fn table(period: &Period, report: &QualityReport) -> Table {
    let line = |line: &str, about: Value, figures: [Value; 5]| {
        let mut row: Vec<Value> =
            vec![period.from.to_string().into(), period.to.to_string().into()];
        row.extend([line.into(), about]);
        row.extend(figures);
        row.push(LEVEL.into());
        row
    };
    let count = |n: i64| {
        let mut figures = [const { Value::Null }; 5];
        figures[0] = n.into();
        figures
    };
    let shares = [
        ("unclear_visits", report.ambiguous),
        ("automated_visits", report.automated),
        ("late_answers", report.late),
        ("late_visits", report.late_visits),
        ("imported_visits", report.imported),
        ("older_goals", report.older_goals),
        ("wrong_clocks", report.wrong_clocks),
        ("far_clocks", report.far_clocks),
    ];
    let shares = shares.map(|(name, share)| line(name, Value::Null, rate(share)));
    let tests = line("test_visits", Value::Null, count(report.test));
    let dropped = report.drops.iter();
    let dropped = dropped.map(|(why, n)| line("not_kept", why.as_str().into(), count(*n)));
    let refused = report.refused.iter();
    let refused = refused.map(|it| line("refused", it.origin.as_str().into(), count(it.n)));
    let audited = report.audits.iter().map(|it| {
        let figures = [it.differing, it.visits].map(Value::from);
        let mut row = [const { Value::Null }; 5];
        row[..2].clone_from_slice(&figures);
        line("compared", day_text(it.day), row)
    });
    Table {
        name: "quality",
        columns: COLUMNS,
        rows: shares
            .into_iter()
            .chain([tests])
            .chain(dropped)
            .chain(refused)
            .chain(audited)
            .collect(),
    }
}

fn drop_words(code: &str) -> String {
    DropReason::parse(code).map_or_else(
        || code.replace('_', " "),
        |reason| reason.label().to_owned(),
    )
}

/// How far visits are counted by the present goals.
fn recounted(report: &QualityReport, when: &When) -> String {
    let running = recount_line(report.recount.as_ref(), when);
    let done = report.recount.as_ref().filter(|it| it.recounted > 0);
    running.unwrap_or_else(|| match done {
        Some(recount) => format!(
            "Goals were last changed {}; {} of before were counted again.",
            when.moment(recount.since_at),
            number::counted(recount.recounted, "visit", "visits")
        ),
        None => "No visit waits to be counted again.".into(),
    })
}

fn audit_row(audit: &Audit, when: &When) -> AuditRow {
    let day = date_of(audit.day).unwrap_or_default();
    AuditRow {
        day: day_short(day, when.today()),
        at: when.moment(audit.at),
        visits: number::count(audit.visits),
        outcome: match (audit.differing, audit.mended) {
            (0, _) => "Right".into(),
            (n, true) => format!(
                "{} differed; counted again",
                number::counted(n, "figure", "figures")
            ),
            (n, false) => format!("{} differ", number::counted(n, "figure", "figures")),
        },
    }
}

/// `20 of 110 (18.2 %)`; of few only the counts, of nothing a dash.
fn counted_share(rate: Rate) -> String {
    if rate.n == 0 {
        "–".into()
    } else if rate.is_enough() {
        format!("{} ({})", number::of(rate), number::percent(rate))
    } else {
        number::of(rate)
    }
}

fn facts(report: &QualityReport) -> Vec<Fact> {
    vec![
        Fact {
            name: "Unclear visits",
            meaning: "Two visitors with the same address and browser: it was not certain to which visit a page belonged",
            n: counted_share(report.ambiguous),
        },
        Fact {
            name: "Automated browsers",
            meaning: "Visits that no person made; left out of every other report",
            n: counted_share(report.automated),
        },
        Fact {
            name: "Your own tests",
            meaning: "Visits through an “ask me again” link; left out of every other report",
            n: number::count(report.test),
        },
        Fact {
            name: "Late answers",
            meaning: "Sent long after they were given, as when a connection was lost; they count",
            n: counted_share(report.late),
        },
        Fact {
            name: "Late visits",
            meaning: "Something arrived more than an hour after the last that happened; it counts as if it had been there at once. Of the newest 20,000 visits",
            n: counted_share(report.late_visits),
        },
        Fact {
            name: "Imported visits",
            meaning: "Read from a file. They count",
            n: counted_share(report.imported),
        },
        Fact {
            name: "Counted by older goals",
            meaning: "Visits that are not counted by the goals as they are now: they wait for it, or what happened in them is no longer kept. A rate leaves them out where its goal changed",
            n: counted_share(report.older_goals),
        },
        Fact {
            name: "Wrong clocks",
            meaning: "Pages on a device whose clock was off by more than a minute. What happened is placed by when it arrived and how long ago the page says it was, so that it moves nothing. Of the newest 5,000 visits",
            n: counted_share(report.wrong_clocks),
        },
        Fact {
            name: "Clocks that are far off",
            meaning: "Of these pages, those on a device whose clock was off by more than an hour",
            n: counted_share(report.far_clocks),
        },
    ]
}
