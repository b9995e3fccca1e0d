//! The inbox: answers as they arrive, searched and narrowed, starred and tagged.

pub mod export;
pub mod marks;
mod query;
mod rows;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use self::{
    query::{AnswersQuery, Names, Search, list_again},
    rows::{AnswerRow, Context, Wording, answer_row, load_wording, main_goal, tell_apart},
};
use crate::{
    answer::{
        filter::{AnswerState, Converted, Device},
        store,
        tag::LONGEST_TAG,
        types::Cursor,
    },
    clock,
    error::{AppError, AppResult},
    prompt::types::AskAt,
    site::types::Site,
    state::AppState,
    types::ImpressionId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other_with},
            when::When,
        },
    },
};

/// Answers on one page.
const PAGE_LENGTH: u64 = 50;

#[derive(Template)]
#[template(path = "admin/answers.html", blocks = ["list"])]
struct AnswersPage {
    page: Page,
    base: String,
    count: String,
    search: Search,
    names: Names,
    query: String,
    /// The query string of this very page, for what comes back to it.
    here: String,
    is_first_page: bool,
    answers: Vec<AnswerRow>,
    older: Option<Cursor>,
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

/// Where a button stood.
#[derive(Deserialize)]
pub struct BackForm {
    #[serde(default)]
    back: String,
}

/// POST `/sites/{key}/answers/{id}/delete`.
pub async fn delete(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<BackForm>,
) -> Result<HttpResponse, PageError> {
    let id = answer_id(&path.1)?;
    store::find_answer(&state.db.read, scope.site.id, id).await?;
    state.writer.erase_answer(scope.site.id, id).await?;
    let list = format!("{}?{}", answers_url(&scope.site), list_again(&form.back));
    let list = list.trim_end_matches('?');
    Ok(see_other_with(list, Flash::Deleted))
}

fn answer_id(text: &str) -> AppResult<ImpressionId> {
    text.parse().map_err(|_| AppError::NotFound("answer"))
}

fn answers_url(site: &Site) -> String {
    format!("/sites/{}/answers", site.key)
}

async fn answers_page(
    state: &AppState,
    scope: &SiteScope,
    query: &AnswersQuery,
) -> AppResult<AnswersPage> {
    let site = &scope.site;
    let tx = state.db.snapshot().await?;
    let names = Names::load(&tx, site.id).await?;
    let search = Search::parse(query, &tx, site, &names).await?;
    let before = Cursor::parse(&query.before);
    let filter = &search.filter;
    let mut answers = store::list_answers(&tx, site.id, filter, before, PAGE_LENGTH + 1).await?;
    let has_more = answers.len() as u64 > PAGE_LENGTH;
    answers.truncate(PAGE_LENGTH as usize);
    let count = store::count_answers(&tx, site.id, filter).await?;
    let mut wording = Wording::new();
    load_wording(&mut wording, &tx, site.id, &answers, &names).await?;
    let main_goal = main_goal(&tx, site.id).await?;
    tx.commit().await?;
    let last = answers.last().map(Cursor::of);
    let context = Context {
        names: &names,
        wording: &wording,
        main_goal: main_goal.as_deref(),
        when: &When::new(&site.time_zone, clock::now()),
    };
    let mut answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer_row(answer, &context))
        .collect();
    tell_apart(&mut answers);
    let query = search.query();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Ok(AnswersPage {
        page: scope.page(Nav::Answers),
        base: answers_url(site),
        count: number::counted(count, "answer", "answers"),
        here: before.map_or(query.clone(), |before| format!("{query}before={before}")),
        query,
        search,
        names,
        is_first_page: before.is_none(),
        answers,
        older: last.filter(|_| has_more),
    })
}
