//! Settings of a site: what its pages may remember and tell, how long events are kept, what is measured of fields, and the secret by which its server tells events.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};

use super::{
    change::commit_change,
    site_settings::{done, load},
};
use crate::{
    clock,
    error::AppError,
    site::{
        form::{FieldsForm, KeepForm, PageForm},
        store,
    },
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::page::{Flash, Html},
    },
};

/// POST `/sites/{key}/settings/page`
pub async fn update(
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<PageForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let tx = state.db.begin().await?;
    store::save_page(&tx, scope.site.id, form.parse()).await?;
    commit_change(&state, tx, scope.site.id).await?;
    Ok(done(&scope, Flash::Saved))
}

/// POST `/sites/{key}/settings/keep`
pub async fn update_keep(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<KeepForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let keep_days = match form.parse() {
        Ok(keep_days) => keep_days,
        Err(errors) => {
            let mut page = load(&request, &state, &scope).await?;
            (page.keep, page.errors) = (form, errors);
            return Ok(Html::invalid(page).respond_to(&request));
        }
    };
    let tx = state.db.begin().await?;
    store::save_keep(&tx, scope.site.id, keep_days).await?;
    commit_change(&state, tx, scope.site.id).await?;
    Ok(done(&scope, Flash::Saved))
}

/// POST `/sites/{key}/settings/fields`
pub async fn update_fields(
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<FieldsForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let tx = state.db.begin().await?;
    store::save_fields(&tx, scope.site.id, !form.measures_fields.is_empty()).await?;
    commit_change(&state, tx, scope.site.id).await?;
    Ok(done(&scope, Flash::Saved))
}

/// POST `/sites/{key}/settings/secret`: a new API secret, shown this once.
pub async fn create_secret(
    request: HttpRequest,
    mut scope: SiteScope,
    state: Data<AppState>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let tx = state.db.begin().await?;
    let secret = store::replace_secret(&tx, scope.site.id, clock::now()).await?;
    tx.commit().await?;
    scope.site = store::find(&state.db.read, scope.site.id)
        .await?
        .ok_or(AppError::NotFound("site"))?;
    let mut page = load(&request, &state, &scope).await?;
    page.secret = secret;
    Ok(Html::ok(page).respond_to(&request))
}
