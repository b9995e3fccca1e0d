//! A prompt that was put away: what visitors last got, to be read only.

use askama::Template;

use super::prompts::prompts_url;
use crate::{
    clock,
    error::{AppResult, FieldErrors},
    goal,
    prompt::{
        form::{FormContext, PromptForm},
        sentence::sentence,
        store,
        types::{Design, Prompt},
    },
    reason,
    state::AppState,
    web::{
        extract::SiteScope,
        view::{
            page::{Nav, Page},
            prompt_parts::{Part, in_short},
            prompt_words::WordsView,
            when::When,
        },
    },
};

#[derive(Template)]
#[template(path = "admin/prompt/archived.html")]
pub(super) struct ArchivedPage {
    page: Page,
    base: String,
    prompt: Prompt,
    sentence: String,
    /// Number of the last version and since when it was; `None` for a draft that nobody got.
    version: Option<(i32, String)>,
    design: Design,
    /// What each part has set, but for the questions, which stand there as they are.
    parts: Vec<(&'static str, String)>,
}

/// The page of an archived prompt: its last version, or its draft when it has none.
pub(super) async fn archived(
    state: &AppState,
    scope: &SiteScope,
    prompt: Prompt,
) -> AppResult<ArchivedPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let goals = goal::store::list_goals(db, site.id).await?;
    let reasons = reason::store::list_reasons(db, site.id).await?;
    let last = store::list_versions(db, site.id, prompt.id).await?;
    let last = last.into_iter().next();
    let when = When::new(&site.time_zone, clock::now());
    let version = last.as_ref();
    let version = version.map(|last| (last.version, when.moment(last.published_at)));
    let design = last.map_or_else(|| prompt.draft.clone(), |last| last.design);
    let form = PromptForm::of(&prompt.name, &design, &goals, &reasons);
    let read = form.draft(FormContext {
        template: prompt.draft.template,
        goals: &goals,
        part_ids: &store::list_part_ids(db, site.id, prompt.id).await?,
    });
    let words = WordsView::of(&form, &read, &FieldErrors::default());
    let parts = Part::ALL.into_iter().zip(in_short(&read, &goals, &words));
    Ok(ArchivedPage {
        page: scope.page(Nav::Prompts),
        base: prompts_url(site),
        sentence: sentence(&read, &goals),
        version,
        parts: parts
            .filter(|(part, _)| part.concerns(design.look.shown_as) && *part != Part::Questions)
            .map(|(part, set)| (part.label(), set))
            .collect(),
        design,
        prompt,
    })
}
