//! The life of a prompt: published, paused, doubled, put away, brought back, deleted.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{
    change::commit_change,
    goals::{MoveForm, Way},
    prompts::{prompt_id, prompts_url},
};
use crate::{
    clock,
    error::AppResult,
    prompt::store,
    site::types::Site,
    state::AppState,
    types::{PromptId, SiteId},
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::page::{Flash, see_other, see_other_with},
    },
};

/// POST `/sites/{key}/prompts/{id}/publish`: what the editor last saved.
pub async fn publish(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::Publish).await
}

/// POST `/sites/{key}/prompts/{id}/pause`.
pub async fn pause(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::Pause).await
}

/// POST `/sites/{key}/prompts/{id}/resume`: the version from before the pause.
pub async fn resume(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::Resume).await
}

/// POST `/sites/{key}/prompts/{id}/move`: by one among those that ask.
pub async fn reorder(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    form: Form<MoveForm>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let tx = state.db.begin().await?;
    let is_up = form.0.way == Way::Up;
    store::move_prompt(&tx, site.id, prompt_id(&path.1)?, is_up).await?;
    commit_change(&state, tx, site.id).await?;
    Ok(see_other(prompts_url(site)))
}

/// POST `/sites/{key}/prompts/{id}/archive`.
pub async fn archive(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::Archive).await
}

/// POST `/sites/{key}/prompts/{id}/bring-back`.
pub async fn bring_back(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    switched(&state, &scope.site, &path.1, Switch::BringBack).await
}

/// POST `/sites/{key}/prompts/{id}/duplicate`.
pub async fn duplicate(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let tx = state.db.begin().await?;
    let copy = store::duplicate(&tx, site.id, prompt_id(&path.1)?, clock::now()).await?;
    tx.commit().await?;
    let editor = format!("{}/{copy}", prompts_url(site));
    Ok(see_other_with(editor, Flash::Duplicated))
}

/// POST `/sites/{key}/prompts/{id}/delete`: a draft that visitors never got.
pub async fn delete(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let tx = state.db.begin().await?;
    store::delete_draft(&tx, scope.site.id, prompt_id(&path.1)?).await?;
    tx.commit().await?;
    Ok(see_other_with(prompts_url(&scope.site), Flash::Deleted))
}

/// What lets a prompt ask, or stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    /// The draft.
    Publish,
    /// Nothing.
    Pause,
    /// The version from before the pause.
    Resume,
    /// Nothing, and out of the list.
    Archive,
    /// Nothing, and in the list again.
    BringBack,
}

impl Switch {
    /// What the page says afterwards.
    pub(super) fn flash(self) -> Flash {
        match self {
            Self::Publish | Self::Resume => Flash::Published,
            Self::Pause => Flash::Paused,
            Self::Archive => Flash::Archived,
            Self::BringBack => Flash::BroughtBack,
        }
    }
}

/// Lets the prompt ask or stops it, from the next page of every visitor on.
pub(super) async fn switch(
    state: &AppState,
    site_id: SiteId,
    id: PromptId,
    to: Switch,
) -> AppResult<()> {
    let (tx, now) = (state.db.begin().await?, clock::now());
    match to {
        Switch::Publish => drop(store::publish(&tx, site_id, id, now).await?),
        Switch::Pause => store::pause(&tx, site_id, id, now).await?,
        Switch::Resume => store::resume(&tx, site_id, id, now).await?,
        Switch::Archive => store::archive(&tx, site_id, id, now).await?,
        Switch::BringBack => store::bring_back(&tx, site_id, id, now).await?,
    }
    commit_change(state, tx, site_id).await
}

async fn switched(
    state: &AppState,
    site: &Site,
    id: &str,
    to: Switch,
) -> Result<HttpResponse, PageError> {
    let id = prompt_id(id)?;
    switch(state, site.id, id, to).await?;
    let editor = format!("{}/{id}", prompts_url(site));
    Ok(see_other_with(editor, to.flash()))
}
