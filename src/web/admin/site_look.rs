//! Settings of a site: how its cards look.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};

use super::{
    change::commit_change,
    site_settings::{done, load},
};
use crate::{
    error::FieldErrors,
    ingest::content::Content,
    prompt::{
        templates::{TemplateContext, new_design},
        types::PromptTemplate,
    },
    site::{store, theme::form::ThemeForm},
    state::AppState,
    types::VisitId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            page::{Flash, Html},
            swatch::Swatches,
        },
    },
};

/// POST `/sites/{key}/settings/look/preview`: a card with the look as it stands in the form, as JSON. Stores nothing.
pub async fn preview(_scope: SiteScope, form: Form<ThemeForm>) -> HttpResponse {
    let Form(form) = form;
    // What cannot be read keeps the usual; saving says so.
    let theme = form.parse(&mut FieldErrors::default());
    let context = TemplateContext::of(&[], &[], &[]);
    let design = new_design(PromptTemplate::ExitIntent, &context);
    HttpResponse::Ok().json(Content::of(&design, &theme, VisitId::first_of(0)))
}

/// POST `/sites/{key}/settings/look`
pub async fn update(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<ThemeForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let mut errors = FieldErrors::default();
    let theme = form.parse(&mut errors);
    if !errors.0.is_empty() {
        let mut page = load(&request, &state, &scope).await?;
        page.theme = form;
        page.swatches = Swatches::of(&theme);
        page.errors = errors;
        return Ok(Html::invalid(page).respond_to(&request));
    }
    let tx = state.db.begin().await?;
    store::save_theme(&tx, scope.site.id, &theme).await?;
    commit_change(&state, tx, scope.site.id).await?;
    Ok(done(&scope, Flash::Saved))
}
