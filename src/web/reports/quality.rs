//! The list of reports, with what to know about the data before believing it.

use std::collections::HashMap;

use actix_web::{HttpRequest, Responder, web::Data};
use askama::Template;

use super::period;
use crate::{
    clock,
    ingest::reply::DropReason,
    prompt::{self, types::Prompt},
    report::{
        period::Period,
        prompt::Counts,
        prompts,
        quality::{self, Audit, QualityReport},
    },
    site::{calendar::date_of, types::RefusedOrigin},
    state::AppState,
    stats::Rate,
    types::PromptId,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            number,
            page::{Html, Nav, Page},
            prompt_report::status,
            range::Range,
            recount::recount_line,
            when::{When, day_short},
        },
    },
};

struct PromptRow {
    id: String,
    name: String,
    status: (&'static str, &'static str),
    answers: String,
}

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

#[derive(Template)]
#[template(path = "reports/reports.html")]
struct ReportsPage {
    page: Page,
    range: Range,
    base: String,
    visits: String,
    prompts: Vec<PromptRow>,
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

/// GET `/sites/{key}/reports`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<impl Responder, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let period = period(&request, site, now)?;
    let counts = prompts::load(&state.db.read, site, &period, true).await?;
    let list = prompt::store::list_prompts(&state.db.read, site.id).await?;
    let rows = list
        .into_iter()
        .map(|prompt| prompt_row(&prompt, &counts))
        .collect();
    let report = quality::load(&state.db, site.id, &period).await?;
    let when = When::new(&site.time_zone, now);
    let base = format!("/sites/{}", site.key);
    let page = scope.page(Nav::Reports);
    Ok(Html::ok(ReportsPage::new(
        page, base, &period, rows, &report, &when,
    )))
}

impl ReportsPage {
    fn new(
        page: Page,
        base: String,
        period: &Period,
        prompts: Vec<PromptRow>,
        report: &QualityReport,
        when: &When,
    ) -> Self {
        let origin = |refused: &RefusedOrigin| OriginRow {
            origin: refused.origin.clone(),
            n: number::count(refused.n),
            last: when.moment(refused.last_at),
        };
        Self {
            page,
            base,
            range: Range::new(period),
            visits: number::counted(report.visits, "visit", "visits"),
            prompts,
            drops: report
                .drops
                .iter()
                .map(|(code, n)| (drop_words(code), number::count(*n)))
                .collect(),
            refused: report.refused.iter().map(origin).collect(),
            facts: facts(report),
            recount: recounted(report, when),
            audits: report.audits.iter().map(|it| audit_row(it, when)).collect(),
        }
    }
}

fn prompt_row(prompt: &Prompt, counts: &HashMap<PromptId, Counts>) -> PromptRow {
    let answered = counts.get(&prompt.id).map_or(0, |counts| counts.answered);
    PromptRow {
        id: prompt.id.to_string(),
        name: prompt.name.clone(),
        status: status(prompt.status),
        answers: number::counted(answered, "answer", "answers"),
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
            meaning: "What happened is placed by when it arrived and how long ago the page says it was, so that a device’s wrong clock moves nothing. How wrong clocks are is not kept",
            n: "–".into(),
        },
    ]
}
