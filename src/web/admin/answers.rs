//! The list of answers, arriving live, and deleting one.

use std::collections::{HashMap, hash_map::Entry};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    answer::{
        store,
        types::{Answer, AnswerFilter, AnswerTag, Cursor, LeftAt, Said},
    },
    clock,
    error::{AppError, AppResult},
    prompt::{
        self,
        types::{Design, Prompt},
    },
    report::{
        funnel::drop_answers,
        period::{Period, PeriodQuery},
    },
    site::types::Site,
    state::AppState,
    types::{ImpressionId, PromptId, SiteId},
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other_with},
            when::{When, days_long},
        },
    },
};

/// Answers on one page.
const PAGE_LENGTH: u64 = 50;
/// An answer is marked as new for so long.
const NEW_FOR: i64 = clock::MINUTE;

/// What stands in the query string.
#[derive(Deserialize)]
pub struct AnswersQuery {
    #[serde(default)]
    prompt: String,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    fragment: String,
    from: Option<String>,
    to: Option<String>,
    automated: Option<String>,
}

impl AnswersQuery {
    /// The drop-off that was asked for.
    async fn drop_off(&self, state: &AppState, site: &Site) -> AppResult<Option<DropOff>> {
        if self.step.is_empty() {
            return Ok(None);
        }
        let step = self.step.parse().map_err(|_| AppError::NotFound("step"))?;
        let days = PeriodQuery {
            days: None,
            from: self.from.clone(),
            to: self.to.clone(),
            automated: self.automated.clone(),
        };
        let period = Period::parse(&days, &site.time_zone, clock::now())?;
        let answers = drop_answers(&state.db.read, site, step, &period).await?;
        Ok(Some(DropOff {
            words: if step == 0 {
                format!("Left before “{}”", answers.next)
            } else {
                format!("Left at “{}”", answers.here)
            },
            days: days_long(period.from, period.to, period.today),
            from: period.from.to_string(),
            to: period.to.to_string(),
            is_with_automated: period.automated,
            left_at: answers.left_at,
        }))
    }
}

/// The drop-off inside which the listed answers were given.
struct DropOff {
    words: String,
    days: String,
    from: String,
    to: String,
    is_with_automated: bool,
    left_at: LeftAt,
}

/// One answer of the list.
struct AnswerRow {
    answer: Answer,
    words: String,
    prompt: String,
    said: Vec<Said>,
    /// Visitors read another question today.
    is_reworded: bool,
    at: String,
    at_machine: String,
    is_new: bool,
}

#[derive(Template)]
#[template(path = "admin/answers.html", blocks = ["list"])]
struct AnswersPage {
    page: Page,
    base: String,
    count: String,
    filter: AnswerFilter,
    drop_off: Option<DropOff>,
    query: String,
    query_without_drop_off: String,
    is_first_page: bool,
    prompts: Vec<Prompt>,
    answers: Vec<AnswerRow>,
    older: Option<Cursor>,
}

impl AnswersPage {
    fn is_of(&self, prompt: &Prompt) -> bool {
        self.filter.prompt_id == Some(prompt.id)
    }

    fn is_tagged(&self, tag: &AnswerTag) -> bool {
        self.filter.tag == Some(*tag)
    }
}

/// GET `/sites/{key}/answers`; with `?fragment=list` only the list.
pub async fn index(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<AnswersQuery>,
) -> Result<HttpResponse, PageError> {
    let page = answers_page(&state, &scope, &query).await?;
    if query.fragment == "list" {
        return Ok(Html::ok(page.as_list()).respond_to(&request));
    }
    Ok(Html::ok(page).respond_to(&request))
}

/// POST `/sites/{key}/answers/{id}/delete`.
pub async fn delete(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let id: ImpressionId = path.1.parse().map_err(|_| AppError::NotFound("answer"))?;
    store::find_answer(&state.db.read, scope.site.id, id).await?;
    state.writer.erase_answer(scope.site.id, id).await?;
    Ok(see_other_with(answers_url(&scope.site), Flash::Deleted))
}

fn answers_url(site: &Site) -> String {
    format!("/sites/{}/answers", site.key)
}

async fn answers_page(
    state: &AppState,
    scope: &SiteScope,
    query: &AnswersQuery,
) -> AppResult<AnswersPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let drop_off = query.drop_off(state, site).await?;
    let filter = AnswerFilter {
        prompt_id: query.prompt.parse().ok(),
        tag: AnswerTag::parse(&query.tag),
        left_at: drop_off.as_ref().map(|drop_off| drop_off.left_at.clone()),
    };
    let before = Cursor::parse(&query.before);
    let mut answers = store::list_answers(db, site.id, &filter, before, PAGE_LENGTH + 1).await?;
    let has_more = answers.len() as u64 > PAGE_LENGTH;
    answers.truncate(PAGE_LENGTH as usize);
    let last = answers.last().map(|answer| Cursor {
        answered_at: answer.answered_at,
        impression_id: answer.impression_id,
    });
    let count = store::count_answers(db, site.id, &filter).await?;
    let prompts = prompt::store::list_prompts(db, site.id).await?;
    let wording = wording_of(state, site.id, &answers, &prompts).await?;
    let when = When::new(&site.time_zone, clock::now());
    Ok(AnswersPage {
        page: scope.page(Nav::Answers),
        base: answers_url(site),
        count: number::counted(
            i64::try_from(count).unwrap_or(i64::MAX),
            "answer",
            "answers",
        ),
        query: filter_query(&filter, drop_off.as_ref()),
        query_without_drop_off: filter_query(&filter, None),
        filter,
        drop_off,
        is_first_page: before.is_none(),
        answers: answers
            .into_iter()
            .map(|answer| answer_row(answer, &prompts, &wording, &when))
            .collect(),
        prompts,
        older: last.filter(|_| has_more),
    })
}

/// The designs in which the answers were given.
type Wording = HashMap<(PromptId, i32), Design>;

async fn wording_of(
    state: &AppState,
    site_id: SiteId,
    answers: &[Answer],
    prompts: &[Prompt],
) -> AppResult<Wording> {
    let mut wording = Wording::new();
    let current = prompts
        .iter()
        .filter(|prompt| answers.iter().any(|answer| answer.prompt_id == prompt.id))
        .filter_map(|prompt| Some((prompt.id, prompt.published_version?)));
    let given = answers
        .iter()
        .map(|answer| (answer.prompt_id, answer.prompt_version));
    for (prompt_id, version) in given.chain(current) {
        if let Entry::Vacant(unknown) = wording.entry((prompt_id, version)) {
            let found =
                prompt::store::load_version(&state.db.read, site_id, prompt_id, version).await?;
            unknown.insert(found.design);
        }
    }
    Ok(wording)
}

fn answer_row(answer: Answer, prompts: &[Prompt], wording: &Wording, when: &When) -> AnswerRow {
    let design = wording.get(&(answer.prompt_id, answer.prompt_version));
    let prompt = prompts.iter().find(|prompt| prompt.id == answer.prompt_id);
    let current = prompt.and_then(|prompt| wording.get(&(prompt.id, prompt.published_version?)));
    let said = design.map(|design| answer.said(design)).unwrap_or_default();
    AnswerRow {
        is_reworded: current.map(Design::headline) != design.map(Design::headline),
        words: first_words(&said),
        prompt: prompt.map(|prompt| prompt.name.clone()).unwrap_or_default(),
        said,
        at: when.moment(answer.answered_at),
        at_machine: when.machine(answer.answered_at),
        is_new: when.now() - answer.answered_at < NEW_FOR,
        answer,
    }
}

/// What was chosen first, in the words that the visitor read.
fn first_words(said: &[Said]) -> String {
    match said.first() {
        Some(first) if !first.chosen.is_empty() => first.chosen.join(" · "),
        _ => "In their own words".into(),
    }
}

/// The part of the query string that narrows the list, ready to be followed by more.
fn filter_query(filter: &AnswerFilter, drop_off: Option<&DropOff>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(prompt_id) = filter.prompt_id {
        query.append_pair("prompt", &prompt_id.to_string());
    }
    if let Some(tag) = filter.tag {
        query.append_pair("tag", tag.as_str());
    }
    if let Some(drop_off) = drop_off {
        query
            .append_pair("step", &drop_off.left_at.step.to_string())
            .append_pair("from", &drop_off.from)
            .append_pair("to", &drop_off.to);
        if drop_off.is_with_automated {
            query.append_pair("automated", "1");
        }
    }
    let query = query.finish();
    if query.is_empty() {
        query
    } else {
        format!("{query}&")
    }
}
