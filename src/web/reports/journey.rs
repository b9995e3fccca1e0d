//! One answer, beside what its visit did before and after it.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    answer::{
        tag::{LONGEST_TAG, Tag},
        types::Said,
    },
    clock,
    error::{AppError, AppResult, FieldErrors},
    report::{
        journal::MOST_EVENTS,
        journey::{self, Journey, Told},
    },
    site::types::{Site, SiteKind, bare_host},
    state::AppState,
    types::ImpressionId,
    web::{
        error::PageError,
        extract::{SiteScope, own_origin},
        view::{
            journey::{LineView, chosen, lines, outcome, site_of},
            number,
            page::{Html, Nav, Page},
            when::{When, duration},
        },
    },
};

/// Characters of what was written that stand in the heading.
const MOST_OF_HEADING: usize = 80;

#[derive(Template)]
#[template(path = "reports/answer.html")]
struct AnswerPage {
    page: Page,
    base: String,
    id: String,
    when: String,
    heading: String,
    said: Vec<Said>,
    outcome: Option<(&'static str, String)>,
    prompt_id: String,
    prompt_name: String,
    version: i32,
    is_test: bool,
    is_late: bool,
    is_partial: bool,
    facts: Vec<(&'static str, String)>,
    lines: Vec<LineView>,
    is_starred: bool,
    tags: Vec<Tag>,
    /// The site's tags, to choose from.
    known_tags: Vec<Tag>,
    replay_url: Option<String>,
    /// What of the visit is not told.
    cut: Option<String>,
    /// What is typed as a tag, and what is wrong with it.
    tag: String,
    errors: FieldErrors,
}

/// GET `/sites/{key}/answers/{id}`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<impl Responder, PageError> {
    let id = path.1.parse().map_err(|_| AppError::NotFound("answer"))?;
    Ok(Html::ok(load(&request, &state, &scope, id).await?))
}

/// The page with a tag that was not taken, and why.
pub(in crate::web) async fn with_wrong_tag(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
    id: ImpressionId,
    (tag, errors): (String, FieldErrors),
) -> AppResult<HttpResponse> {
    let page = AnswerPage {
        tag,
        errors,
        ..load(request, state, scope, id).await?
    };
    Ok(Html::invalid(page).respond_to(request))
}

async fn load(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
    id: ImpressionId,
) -> AppResult<AnswerPage> {
    let now = clock::now();
    let journey = journey::load(&state.db, scope.site.id, id, now).await?;
    let when = When::new(&scope.site.time_zone, now);
    let here = own_origin(request, &state.config);
    let is_own = |host: &str| is_own_host(&scope.site, &here, host);
    Ok(AnswerPage::new(scope, &journey, &when, is_own))
}

/// Whether pages on `host` are the site's own; the demo's are served from `here`.
fn is_own_host(site: &Site, here: &str, host: &str) -> bool {
    let is_here = || {
        here.split_once("://")
            .is_some_and(|(_, here)| bare_host(here) == bare_host(host))
    };
    site.is_own_host(host) || (site.kind == SiteKind::Demo && is_here())
}

impl AnswerPage {
    fn new(
        scope: &SiteScope,
        journey: &Journey,
        when: &When,
        is_own: impl Fn(&str) -> bool,
    ) -> Self {
        let answer = &journey.answer;
        Self {
            page: scope.page(Nav::Answers),
            base: format!("/sites/{}", scope.site.key),
            id: answer.impression_id.to_string(),
            when: when.moment(answer.answered_at),
            heading: heading(&journey.said),
            said: journey.said.clone(),
            outcome: outcome(journey.outcome, journey.main_goal.as_deref()),
            prompt_id: answer.prompt_id.to_string(),
            prompt_name: journey.prompt_name.clone(),
            version: answer.prompt_version,
            is_test: answer.is_test,
            is_late: answer.is_late,
            is_partial: !answer.is_complete,
            facts: facts(journey, &is_own),
            lines: lines(journey, when, is_own),
            is_starred: answer.is_starred,
            tags: answer.tags.clone(),
            known_tags: journey.tags.clone(),
            replay_url: answer.replay_url.clone(),
            cut: cut(journey.told, scope.site.keep_days),
            tag: String::new(),
            errors: FieldErrors::default(),
        }
    }
}

/// What was chosen; else what was written, as much of it as stands in a line or two.
fn heading(said: &[Said]) -> String {
    let mut written = said.iter().map(|one| one.comment.as_str());
    let Some(words) = written.find(|words| !words.is_empty()) else {
        return chosen(said, "An answer");
    };
    let start: String = words.chars().take(MOST_OF_HEADING).collect();
    let rest = if start.len() < words.len() { "…" } else { "" };
    chosen(said, &format!("“{start}{rest}”"))
}

/// What of the visit is not told.
fn cut(told: Told, keep_days: Option<i32>) -> Option<String> {
    let most = number::counted(MOST_EVENTS as i64, "event", "events");
    match (told, keep_days) {
        (Told::Whole, _) => None,
        (Told::Newest, _) => Some(format!("Only the last {most} of this visit are told.")),
        (Told::Nothing, None) => Some("What this visit did is no longer kept.".into()),
        (Told::Nothing, Some(days)) => Some(format!(
            "What this visit did is no longer kept ({days} days)."
        )),
    }
}

fn facts(journey: &Journey, is_own: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
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
        .map_or("direct", |referrer| match site_of(referrer) {
            own if is_own(own) => "this site",
            other => other,
        });
    let length = duration(visit.last_at - visit.started_at);
    let pages = number::counted(i64::from(visit.pages), "page", "pages");
    let automated = if visit.is_automated {
        "automated browser"
    } else {
        ""
    };
    let facts = [
        ("Reason", journey.reasons.join(", ")),
        ("Shown in", journey.shown.join(", ")),
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
