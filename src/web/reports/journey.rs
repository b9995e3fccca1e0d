//! One answer, beside what its visit did before and after it.

use actix_web::{
    Responder,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    clock,
    error::AppError,
    report::journey::{self, Journey},
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            journey::{LineView, lines, outcome, site_of},
            number,
            page::{Html, Nav, Page},
            when::{When, duration},
        },
    },
};

#[derive(Template)]
#[template(path = "reports/answer.html")]
struct AnswerPage {
    page: Page,
    base: String,
    id: String,
    when: String,
    heading: String,
    question: String,
    comment: String,
    outcome: Option<(&'static str, String)>,
    prompt_id: String,
    prompt_name: String,
    version: i32,
    is_test: bool,
    is_late: bool,
    is_partial: bool,
    facts: Vec<(&'static str, String)>,
    lines: Vec<LineView>,
}

/// GET `/sites/{key}/answers/{id}`.
pub async fn show(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<impl Responder, PageError> {
    let id = path.1.parse().map_err(|_| AppError::NotFound("answer"))?;
    let now = clock::now();
    let journey = journey::load(&state.db, scope.site.id, id, now).await?;
    let when = When::new(&scope.site.time_zone, now);
    let page = scope.page(Nav::Answers);
    let base = format!("/sites/{}", scope.site.key);
    Ok(Html::ok(AnswerPage::new(page, base, &journey, &when)))
}

impl AnswerPage {
    fn new(page: Page, base: String, journey: &Journey, when: &When) -> Self {
        let answer = &journey.answer;
        Self {
            page,
            base,
            id: answer.impression_id.to_string(),
            when: when.moment(answer.answered_at),
            heading: heading(journey),
            question: journey.question.title.clone(),
            comment: answer.comment.clone(),
            outcome: outcome(journey.outcome, journey.main_goal.as_deref()),
            prompt_id: answer.prompt_id.to_string(),
            prompt_name: journey.prompt_name.clone(),
            version: answer.prompt_version,
            is_test: answer.is_test,
            is_late: answer.is_late,
            is_partial: !answer.is_complete,
            facts: facts(journey),
            lines: lines(journey, when),
        }
    }
}

fn heading(journey: &Journey) -> String {
    if journey.chosen.is_empty() {
        "An answer in words".into()
    } else {
        journey.chosen.join(", ")
    }
}

fn facts(journey: &Journey) -> Vec<(&'static str, String)> {
    let visit = &journey.visit;
    let device = match visit.device.as_str() {
        "desktop" => "Computer",
        "touch" => "Phone or tablet",
        _ => "",
    };
    let known = |parts: &[&str]| {
        parts
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(", ")
    };
    let source = visit
        .referrer
        .as_deref()
        .filter(|referrer| !referrer.is_empty())
        .map_or("direct", site_of);
    let length = duration(visit.last_at - visit.started_at);
    let pages = number::counted(i64::from(visit.pages), "page", "pages");
    let automated = if visit.is_automated {
        "automated browser"
    } else {
        ""
    };
    let facts = [
        ("Reason", journey.reasons.join(", ")),
        (
            "Device",
            known(&[device, &visit.browser, &visit.language, automated]),
        ),
        ("Source", source.to_owned()),
        ("Visit", format!("{length}, {pages}")),
    ];
    facts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}
