//! Settings of a site: what its pages may remember and tell, how long events are kept, what is measured of fields, and the secret by which its server tells events.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Query},
};
use askama::Template;

use super::{
    change::commit_change,
    site_settings::{done, load},
};
use crate::{
    clock,
    error::AppError,
    ingest::expire::{self, kept_from},
    site::{
        form::{FieldsForm, KeepForm, PageForm},
        store,
        types::Site,
    },
    state::AppState,
    types::Millis,
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other},
            when::When,
        },
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

#[derive(Template)]
#[template(path = "admin/keep_days.html")]
struct KeepPage {
    page: Page,
    days: i32,
    /// `3 visits`: those whose events are deleted.
    visits: String,
    /// The day on which the first began whose events stay.
    before: String,
}

/// GET `/sites/{key}/settings/keep?keep_days=`: what would be deleted.
pub async fn preview_keep(
    scope: SiteScope,
    state: Data<AppState>,
    form: Query<KeepForm>,
) -> Result<impl Responder, PageError> {
    let days = form.parse().map_err(AppError::Invalid)?;
    let days = days.ok_or(AppError::NotFound("number of days"))?;
    let now = clock::now();
    let visits = expire::count_before(&state.db, scope.site.id, kept_from(days, now)).await?;
    Ok(Html::ok(KeepPage {
        page: scope.page(Nav::Settings),
        days,
        visits: number::counted(visits, "visit", "visits"),
        before: first_kept(days, &scope.site, now),
    }))
}

/// When the first visits began whose events are kept.
fn first_kept(days: i32, site: &Site, now: Millis) -> String {
    When::new(&site.time_zone, now).moment(kept_from(days, now))
}

/// Which events are kept now, and when the others are deleted.
pub(super) fn kept_words(site: &Site, now: Millis) -> String {
    match site.keep_days {
        None => "Now kept: all events, for as long as the site is here.".into(),
        Some(days) => format!(
            "Now kept: events of visits that began on {} or later. What is older is deleted within minutes, and from then on day by day. That is two days more than {days}: a visit may last a day, and its events may come a day late.",
            first_kept(days, site, now)
        ),
    }
}

/// POST `/sites/{key}/settings/keep`; asks first where that deletes something.
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
    let is_sure = !form.is_sure.is_empty();
    if let Some(days) = keep_days.filter(|_| !is_sure)
        && expire::count_before(&state.db, scope.site.id, kept_from(days, clock::now())).await? > 0
    {
        let base = format!("/sites/{}/settings/keep", scope.site.key);
        return Ok(see_other(format!("{base}?keep_days={days}")));
    }
    let tx = state.db.begin().await?;
    store::save_keep(&tx, scope.site.id, keep_days).await?;
    commit_change(&state, tx, scope.site.id).await?;
    Ok(done(&scope, Flash::KeepSaved))
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
