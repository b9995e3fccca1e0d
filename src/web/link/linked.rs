//! A prompt that is answered by its link: found, put into words, and its answers handed to the writer.

use std::{num::NonZeroU32, sync::Arc};

use actix_web::{HttpRequest, http::header::USER_AGENT};
use url::form_urlencoded;

use super::{
    screens::{ClosedPage, StepPage},
    view::Words,
};
use crate::{
    answer::{
        payload::ValuePayload,
        step::{self, Given},
    },
    clock,
    delivery::Snapshot,
    error::AppResult,
    ingest::{
        browser,
        content::Content,
        link,
        payload::Payload,
        reply::{DropReason, Outcome, Reply},
    },
    prompt::{
        languages,
        types::{Design, FIRST_WORDING, PublishedPrompt, Question, ShownAs},
    },
    site::tool::{self, Tool},
    state::AppState,
    types::{SiteKey, ViewId, VisitId},
    web::api::ingest::{job, languages as languages_of},
};

/// A prompt that is answered by its link, as it speaks to who came.
pub(super) struct Linked {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) path: String,
    pub(super) prompt: PublishedPrompt,
    pub(super) lang: String,
    /// Token of the owner's own test; empty for visitors.
    pub(super) test: String,
    pub(super) design: Design,
}

/// What a page asks for beside the prompt.
#[derive(Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    /// Language, if the link names one.
    pub(super) lang: &'a str,
    /// Token of the owner's own test; empty for visitors.
    pub(super) test: &'a str,
    /// Which load of the page goes on, if one does.
    pub(super) view: Option<ViewId>,
}

/// What became of a step.
#[derive(Clone, Copy)]
pub(super) enum Stored {
    /// It is stored.
    Kept,
    /// The prompt takes no answer any more.
    Closed,
    /// Begun more than a week ago.
    TooLate,
    /// A part of it does not fit what was asked.
    InPart,
    /// The answer is complete, or its owner has deleted it.
    Over,
    /// It does not fit what was begun.
    NotTaken,
}

/// The prompt, while it is live and answered by its link; in the version that was begun, once something is stored. Otherwise what to say.
pub(super) async fn find(
    request: &HttpRequest,
    state: &AppState,
    (key, id): &(String, String),
    Wanted { lang, test, view }: Wanted<'_>,
) -> AppResult<Result<Linked, ClosedPage>> {
    let Some(snapshot) = state.snapshots.get(&SiteKey(key.clone())).await? else {
        return Ok(Err(ClosedPage::UNKNOWN));
    };
    // What an owner only tries must not become an answer that counts, however long the page was open.
    let is_over = || !Tool::AskAgain.is_opened_by(&snapshot.site.signing_key, test, clock::now());
    if !test.is_empty() && is_over() {
        return Ok(Err(ClosedPage::TEST_OVER));
    }
    let mut prompts = snapshot.prompts.iter();
    let found = prompts.find(|prompt| prompt.id.to_string() == *id);
    let linked = found.filter(|prompt| prompt.design.look.shown_as == ShownAs::Link);
    let Some(prompt) = linked.cloned() else {
        return Ok(Err(closed(state, &snapshot, id).await));
    };
    let prompt = as_begun(state, &snapshot, prompt, view).await?;
    let wanted = languages_of(request);
    let wanted = std::iter::once(lang).chain(wanted.iter().map(String::as_str));
    let best = languages::best(
        wanted.filter(|tag| !tag.is_empty()),
        prompt.design.languages(),
    );
    let spoken = best.unwrap_or(&prompt.design.lang).to_owned();
    Ok(Ok(Linked {
        path: format!("/p/{key}/{id}"),
        lang: lang.chars().take(35).collect(),
        test: test.to_owned(),
        design: prompt.design.said(&spoken, FIRST_WORDING),
        snapshot,
        prompt,
    }))
}

/// Whoever has begun goes on with what they began with: the first step is stored with the version that is live then.
async fn as_begun(
    state: &AppState,
    snapshot: &Snapshot,
    prompt: PublishedPrompt,
    view: Option<ViewId>,
) -> AppResult<PublishedPrompt> {
    let (db, site) = (&state.db.read, &snapshot.site);
    let Some(view) = view else { return Ok(prompt) };
    let begun = link::begun_version(db, site, view, prompt.id).await?;
    let Some(version) = begun.filter(|version| *version != prompt.version) else {
        return Ok(prompt);
    };
    let found = crate::prompt::store::find_version(db, site.id, prompt.id, version).await?;
    Ok(found.unwrap_or(prompt))
}

/// What to say of a prompt that is not live: whether visitors ever got it.
async fn closed(state: &AppState, snapshot: &Snapshot, id: &str) -> ClosedPage {
    let Ok(id) = id.parse() else {
        return ClosedPage::UNKNOWN;
    };
    let found = crate::prompt::store::find_prompt(&state.db.read, snapshot.site.id, id).await;
    match found {
        Ok(prompt) if prompt.published_version.is_some() => ClosedPage::CLOSED,
        _ => ClosedPage::UNKNOWN,
    }
}

impl Linked {
    /// As the card says it.
    pub(super) fn words(&self, view: ViewId) -> Words {
        // The order of shuffled choices is that of the load of the page.
        let content = Content::of(&self.design, &self.snapshot.site.theme, VisitId(view.0));
        Words::of(&content)
    }

    /// The page of one question.
    pub(super) fn step(
        &self,
        view: ViewId,
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
            lang: self.lang.clone(),
            test: self.test.clone(),
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
    pub(super) fn before(&self, view: ViewId, question: &Question, given: &Given) -> StepPage {
        let (path, _) = step::path(&self.design, given, |other| other.id == question.id);
        let before = path.iter().rev().nth(1).or(path.first());
        let before = before.map_or(question, |before| *before);
        self.step(view, before, given, None, String::new())
    }

    /// What is wrong with what is given, in the words of the card.
    pub(super) fn wrong(
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

    /// Where to begin with it anew.
    pub(super) fn anew(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("lang", &self.lang), (tool::PARAMETER, &self.test)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", self.path)
    }

    /// Whether it takes answers now, told before anything is stored. The owner's own test meets no limit.
    pub(super) async fn is_open(&self, state: &AppState) -> AppResult<bool> {
        if !self.test.is_empty() {
            return Ok(true);
        }
        let (db, now) = (&state.db.read, clock::now());
        let refusal = link::refusal(db, &self.snapshot, &self.prompt, now).await?;
        Ok(refusal.is_none())
    }

    /// Stores what was given so far, up to the question `asked`, by the way of everything that visitors do.
    pub(super) async fn store(
        &self,
        request: &HttpRequest,
        state: &AppState,
        view: ViewId,
        asked: &Question,
        said: Given,
        is_done: bool,
    ) -> AppResult<Stored> {
        let site = &self.snapshot.site;
        let opening = link::opening(site, view, self.prompt.id);
        let reply = self.write(request, state, opening).await?;
        let Some(Outcome::Show(card)) = reply.ask.into_iter().next().map(|asked| asked.outcome)
        else {
            let is_gone = !reply.dropped.is_empty();
            return Ok(if is_gone {
                Stored::NotTaken
            } else {
                Stored::Closed
            });
        };
        let step = asked.id.clone();
        let answer = link::answer(site, view, card.token, step, is_done, said);
        let reply = self.write(request, state, answer).await?;
        // An answer that is over kept nothing of what fits either.
        Ok(match reply.dropped.last().map(|dropped| dropped.why) {
            None => Stored::Kept,
            Some(DropReason::AnswerTooLate) => Stored::TooLate,
            Some(DropReason::AnswerOver) => Stored::Over,
            Some(DropReason::DoesNotFit) => Stored::InPart,
            Some(_) => Stored::NotTaken,
        })
    }

    async fn write(
        &self,
        request: &HttpRequest,
        state: &AppState,
        mut payload: Payload,
    ) -> AppResult<Reply> {
        let agent = request.headers().get(USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        payload.x = Some(self.test.clone()).filter(|test| !test.is_empty());
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
