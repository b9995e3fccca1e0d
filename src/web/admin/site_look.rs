//! Settings of a site: how its cards look.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};

use super::{
    change::commit_change,
    site_settings::{done, load},
};
use crate::{
    error::FieldErrors,
    site::{store, theme::form::ThemeForm},
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            page::{Flash, Html},
            swatch::Swatches,
        },
    },
};

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
