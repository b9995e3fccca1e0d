//! Adding a site.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};
use askama::Template;

use crate::{
    clock,
    error::{AppResult, FieldErrors},
    goal,
    site::{
        self,
        calendar::time_zones,
        form::{CURRENCIES, NewSiteForm},
        types::{NewSite, Site},
    },
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, SignedIn},
        view::page::{Flash, Html, Page, see_other_with},
    },
};

#[derive(Template)]
#[template(path = "admin/site_new.html")]
struct NewSitePage {
    page: Page,
    input: NewSiteForm,
    errors: FieldErrors,
    zones: Vec<String>,
    currencies: &'static [&'static str],
}

impl NewSitePage {
    fn new(page: Page, input: NewSiteForm, errors: FieldErrors) -> Self {
        Self {
            page,
            input,
            errors,
            zones: time_zones(),
            currencies: CURRENCIES,
        }
    }
}

/// GET `/sites/new`
pub async fn new(request: HttpRequest, signed_in: SignedIn) -> impl Responder {
    Html::ok(NewSitePage::new(
        signed_in.page(&request),
        NewSiteForm::blank(),
        FieldErrors::default(),
    ))
}

/// POST `/sites/new`
pub async fn create(
    request: HttpRequest,
    signed_in: SignedIn,
    state: Data<AppState>,
    form: Form<NewSiteForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    match form.parse() {
        Ok(new) => {
            let site = insert(&state, new).await?;
            let flash = if form.lacks_scheme() {
                Flash::SiteCreatedWithScheme
            } else {
                Flash::SiteCreated
            };
            Ok(see_other_with(
                format!("/sites/{}/settings", site.key),
                flash,
            ))
        }
        Err(errors) => {
            let page = NewSitePage::new(signed_in.page(&request), form, errors);
            Ok(Html::invalid(page).respond_to(&request))
        }
    }
}

async fn insert(state: &AppState, new: NewSite) -> AppResult<Site> {
    let now = clock::now();
    let tx = state.db.begin().await?;
    let site = site::store::insert_site(&tx, new, now).await?;
    goal::store::start_funnel(&tx, site.id, now).await?;
    tx.commit().await?;
    Ok(site)
}
