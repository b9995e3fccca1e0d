//! GET and POST `/p/{key}/{id}`: the page of a prompt that is answered by a link, and its style sheet.
//!
//! Opening it stores nothing: programs that look through mail follow every link in it. What is stored begins with the first answer.

use std::{num::NonZeroU32, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, USER_AGENT},
    },
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    form::StepForm,
    view::{EndingWords, QuestionWords, Words},
};
use crate::{
    answer::{
        payload::ValuePayload,
        step::{self, Given},
    },
    clock,
    delivery::Snapshot,
    error::{AppError, AppResult},
    ingest::{
        browser,
        content::Content,
        link,
        payload::Payload,
        reply::{Outcome, Reply},
    },
    prompt::{
        languages,
        types::{Design, FIRST_WORDING, PublishedPrompt, Question, ShownAs},
    },
    state::AppState,
    types::{SiteKey, ViewId, VisitId},
    web::{
        api::ingest::{job, languages as languages_of},
        error::PageError,
        extract::OpenForm,
        view::page::Html,
    },
};

/// What a link may say beside the prompt.
#[derive(Deserialize)]
pub struct LinkQuery {
    /// Language.
    #[serde(default)]
    lang: String,
    /// A choice of the first question that is chosen beforehand; nothing is stored before it is sent.
    #[serde(default)]
    a: String,
}

/// One question.
#[derive(Template)]
#[template(path = "link/page.html")]
struct StepPage {
    path: String,
    words: Words,
    question: QuestionWords,
    value: ValuePayload,
    error: String,
    view: String,
    step: i32,
    version: i32,
    lang: String,
    given: String,
    has_back: bool,
    is_last: bool,
}

impl StepPage {
    fn is_chosen(&self, id: &str) -> bool {
        self.value.c.iter().any(|chosen| chosen == id)
    }

    fn is_value(&self, value: &i64) -> bool {
        self.value.n == Some(*value as f64)
    }

    /// What stands for a value of a scale.
    fn mark(&self, value: &i64) -> String {
        let nth = usize::try_from(value - self.question.from).unwrap_or_default();
        let mark = self.question.marks.get(nth);
        mark.cloned().unwrap_or_else(|| value.to_string())
    }

    /// Where a choice of a ranking stands.
    fn place_of(&self, id: &str, nth: &usize) -> usize {
        let place = self.value.c.iter().position(|chosen| chosen == id);
        place.map_or(*nth, |place| place + 1)
    }

    fn has_own_words(&self) -> bool {
        self.question.choices.iter().any(|choice| choice.words)
    }
}

/// How it ends.
#[derive(Template)]
#[template(path = "link/done.html")]
struct DonePage {
    path: String,
    words: Words,
    ending: EndingWords,
}

/// Nothing to answer.
#[derive(Template)]
#[template(path = "link/closed.html")]
struct ClosedPage {
    title: &'static str,
    text: &'static str,
}

/// A prompt that is answered by its link, as it speaks to who came.
struct Linked {
    snapshot: Arc<Snapshot>,
    path: String,
    prompt: PublishedPrompt,
    lang: String,
    design: Design,
}

/// GET `/p/{key}/{id}`
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String)>,
    query: Query<LinkQuery>,
) -> Result<HttpResponse, PageError> {
    let Some(linked) = find(&request, &state, &path, &query.lang, None).await? else {
        return closed(&request, &state, &path).await;
    };
    let view = ViewId::new(clock::now());
    let first = linked.design.questions.first();
    let first = first.ok_or(AppError::NotFound("question"))?;
    let mut chosen = ValuePayload::default();
    if first.labels().any(|(id, _)| id == query.a) {
        chosen.c = vec![query.a.clone()];
    }
    let page = linked.step(view, 1, first, &Given::new(), Some(chosen), String::new());
    let mut response = Html::ok(page).respond_to(&request).map_into_boxed_body();
    // The way back of the browser leads to this load of the page: another one would be another answer. Forms go to an address of their
    // own, since what is sent to an address ends what is kept of it.
    let kept = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(CACHE_CONTROL, kept);
    Ok(response)
}

/// POST `/p/{key}/{id}`: one step.
pub async fn answer(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String)>,
    OpenForm(form): OpenForm<StepForm>,
) -> Result<HttpResponse, PageError> {
    // Whoever has begun goes on with what they began with: the first step is stored with the version that is live then.
    let begun = (form.step > 1).then_some(form.version);
    let Some(linked) = find(&request, &state, &path, &form.lang, begun).await? else {
        return closed(&request, &state, &path).await;
    };
    let view = form
        .view()
        .ok_or_else(|| AppError::Malformed("open the link again".into()))?;
    let step = form.step.clamp(1, 1_000);
    let asked = linked.design.question(&form.question);
    let asked = asked.ok_or_else(|| AppError::Malformed("open the link again".into()))?;
    let (mut given, value) = (form.given(), form.value(asked));
    if form.back {
        keep(
            &mut given,
            asked,
            value.filter(|value| step::fits(asked, value)),
        );
        let page = linked.before(view, step + 1, asked, &given);
        return Ok(Html::ok(page).respond_to(&request));
    }
    if let Some(wrong) = linked.wrong(view, asked, value.as_ref()) {
        let page = linked.step(view, step, asked, &given, value, wrong);
        return Ok(Html::invalid(page).respond_to(&request));
    }
    keep(&mut given, asked, value);
    let (way, ending) = step::path(&linked.design, &given, |_| false);
    let here = way.iter().position(|other| other.id == asked.id);
    let here = here.unwrap_or(way.len());
    let follows = way.get(here + 1);
    // What was said behind this question may have been on another way: it stays in the page, and counts once it is come to again.
    let is_said = |id: &String| way.iter().take(here + 1).any(|other| other.id == *id);
    let said = given
        .clone()
        .into_iter()
        .filter(|(id, _)| is_said(id))
        .collect();
    let is_done = follows.is_none();
    if !linked
        .store(&request, &state, view, (step, is_done), said)
        .await?
    {
        return closed(&request, &state, &path).await;
    }
    Ok(match follows {
        Some(next) => {
            let page = linked.step(view, step + 1, next, &given, None, String::new());
            Html::ok(page).respond_to(&request)
        }
        None => {
            let words = linked.words(view);
            let ending = words.ending(ending.unwrap_or_default(), &given);
            let path = linked.path.clone();
            Html::ok(DonePage {
                path,
                words,
                ending,
            })
            .respond_to(&request)
        }
    })
}

/// GET `/p/{key}/{id}/look.css`
pub async fn look(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let found = find(&request, &state, &path, "", None).await?;
    let linked = found.ok_or(AppError::NotFound("question"))?;
    let own = linked.design.look.theme.as_ref();
    let theme = own.unwrap_or(&linked.snapshot.site.theme);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(theme.page_css()))
}

fn keep(given: &mut Given, question: &Question, value: Option<ValuePayload>) {
    given.remove(&question.id);
    if let Some(value) = value {
        given.insert(question.id.clone(), value);
    }
}

/// The prompt, while it is live and answered by its link; in the version `begun`, if it had one of that number.
async fn find(
    request: &HttpRequest,
    state: &AppState,
    (key, id): &(String, String),
    lang: &str,
    begun: Option<i32>,
) -> AppResult<Option<Linked>> {
    let Some(snapshot) = state.snapshots.get(&SiteKey(key.clone())).await? else {
        return Ok(None);
    };
    let mut prompts = snapshot.prompts.iter();
    let found = prompts.find(|prompt| prompt.id.to_string() == *id);
    let linked = found.filter(|prompt| prompt.design.look.shown_as == ShownAs::Link);
    let Some(mut prompt) = linked.cloned() else {
        return Ok(None);
    };
    if let Some(version) = begun.filter(|version| *version != prompt.version) {
        let (db, site) = (&state.db.read, snapshot.site.id);
        let found = crate::prompt::store::find_version(db, site, prompt.id, version).await?;
        prompt = found.unwrap_or(prompt);
    }
    let wanted = languages_of(request);
    let wanted = std::iter::once(lang).chain(wanted.iter().map(String::as_str));
    let best = languages::best(
        wanted.filter(|tag| !tag.is_empty()),
        prompt.design.languages(),
    );
    let spoken = best.unwrap_or(&prompt.design.lang).to_owned();
    Ok(Some(Linked {
        path: format!("/p/{key}/{id}"),
        lang: lang.chars().take(35).collect(),
        design: prompt.design.said(&spoken, FIRST_WORDING),
        snapshot,
        prompt,
    }))
}

/// Says kindly that there is nothing to answer, and whether there may be again.
async fn closed(
    request: &HttpRequest,
    state: &AppState,
    (key, id): &(String, String),
) -> Result<HttpResponse, PageError> {
    let snapshot = state.snapshots.get(&SiteKey(key.clone())).await?;
    let is_known = match (snapshot, id.parse()) {
        (Some(snapshot), Ok(id)) => {
            let found =
                crate::prompt::store::find_prompt(&state.db.read, snapshot.site.id, id).await;
            found.is_ok_and(|prompt| prompt.published_version.is_some())
        }
        _ => false,
    };
    let page = if is_known {
        ClosedPage {
            title: "This question is closed",
            text: "It takes no answers at the moment. Thank you for coming.",
        }
    } else {
        ClosedPage {
            title: "There is no question here",
            text: "The link may be incomplete. Look at it again, or ask whoever sent it to you.",
        }
    };
    Ok(Html::with(StatusCode::NOT_FOUND, page).respond_to(request))
}

impl Linked {
    fn words(&self, view: ViewId) -> Words {
        // The order of shuffled choices is that of the load of the page.
        let content = Content::of(&self.design, &self.snapshot.site.theme, VisitId(view.0));
        Words::of(&content)
    }

    fn step(
        &self,
        view: ViewId,
        step: i32,
        question: &Question,
        given: &Given,
        value: Option<ValuePayload>,
        error: String,
    ) -> StepPage {
        let words = self.words(view);
        let value = value.or_else(|| given.get(&question.id).cloned());
        StepPage {
            path: self.path.clone(),
            question: words.question(&question.id, given),
            value: value.unwrap_or_default(),
            error,
            view: view.0.to_string(),
            step,
            version: self.prompt.version,
            lang: self.lang.clone(),
            given: serde_json::to_string(given).unwrap_or_default(),
            has_back: self
                .design
                .questions
                .first()
                .is_some_and(|first| first.id != question.id),
            is_last: self
                .design
                .questions
                .last()
                .is_some_and(|last| last.id == question.id),
            words,
        }
    }

    /// The question from which one came to this one.
    fn before(&self, view: ViewId, step: i32, question: &Question, given: &Given) -> StepPage {
        let (path, _) = step::path(&self.design, given, |other| other.id == question.id);
        let before = path.iter().rev().nth(1).or(path.first());
        let before = before.map_or(question, |before| *before);
        self.step(view, step, before, given, None, String::new())
    }

    /// What is wrong with what is given, in the words of the card.
    fn wrong(
        &self,
        view: ViewId,
        question: &Question,
        value: Option<&ValuePayload>,
    ) -> Option<String> {
        let words = self.words(view).question(&question.id, &Given::new());
        match value {
            None => words.must,
            Some(value) if step::fits(question, value) => None,
            Some(_) => Some(words.wrong)
                .filter(|wrong| !wrong.is_empty())
                .or(words.must),
        }
    }

    /// Stores what was given so far, by the way of everything that visitors do. False when the prompt takes no answer any more.
    async fn store(
        &self,
        request: &HttpRequest,
        state: &AppState,
        view: ViewId,
        (step, is_done): (i32, bool),
        said: Given,
    ) -> AppResult<bool> {
        let site = &self.snapshot.site;
        let opening = link::opening(site, view, self.prompt.id);
        let reply = self.write(request, state, opening).await?;
        let Some(Outcome::Show(card)) = reply.ask.into_iter().next().map(|asked| asked.outcome)
        else {
            return Ok(false);
        };
        if !said.is_empty() {
            let answer = link::answer(site, view, card.token, step, is_done, said);
            self.write(request, state, answer).await?;
        }
        Ok(true)
    }

    async fn write(
        &self,
        request: &HttpRequest,
        state: &AppState,
        mut payload: Payload,
    ) -> AppResult<Reply> {
        let agent = request.headers().get(USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        payload.d = Some(browser::device(agent.unwrap_or_default()).into());
        let (snapshot, now) = (Arc::clone(&self.snapshot), clock::now());
        state.limits.check_site(snapshot.site.id, NonZeroU32::MIN)?;
        let mut job = job(request, state, snapshot, payload, None, now).await?;
        if !self.lang.is_empty() {
            job.languages.insert(0, self.lang.clone());
        }
        state.writer.write(job).await
    }
}
