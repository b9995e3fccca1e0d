//! Settings of a site: the snippet and whether it works, what the site is, and from where it may send.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{change::commit_change, site_page::kept_words};
use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    goal,
    site::{
        calendar::time_zones,
        consent::{MODES, Mode},
        form::{AskingForm, BasicsForm, CURRENCIES, KeepForm, OriginsForm},
        store,
        theme::{Font, Scheme, form::ThemeForm},
        types::{LastSeen, PageSettings, RefusedOrigin, Site, SiteKind},
    },
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, SiteScope, base_url},
        view::{
            page::{Flash, Html, Nav, Page, see_other_with},
            swatch::Swatches,
            when::ago,
        },
    },
    webhook,
};

/// The sections of the page, by the ids that the list of contents leads to.
const CONTENTS: [(&str, &str); 10] = [
    ("snippet-part", "Snippet"),
    ("site", "Site"),
    ("addresses", "Addresses that may send data"),
    ("webhook", "Webhook"),
    ("asking", "How much a visit is asked"),
    ("look", "How cards look"),
    ("memory", "What is remembered of visitors"),
    ("fields", "Figures for each field"),
    ("keep", "How long events are kept"),
    ("server-events", "Events from your server"),
];

#[derive(Template)]
#[template(path = "admin/settings.html")]
pub(super) struct SettingsPage {
    page: Page,
    snippet: String,
    install: Install,
    basics: BasicsForm,
    origins: OriginsForm,
    asking: AskingForm,
    pub(super) theme: ThemeForm,
    pub(super) swatches: Swatches,
    refused: Vec<Refused>,
    has_webhook: bool,
    choices: PageSettings,
    measures_fields: bool,
    pub(super) keep: KeepForm,
    /// Which events are kept now, in words.
    kept: String,
    modes: &'static [Mode],
    /// When the API secret was made, in words.
    secret_made: Option<String>,
    /// The API secret, once: right after it was made.
    pub(super) secret: String,
    /// Where the site's server sends events.
    events_url: String,
    pub(super) errors: FieldErrors,
    zones: Vec<String>,
    currencies: &'static [&'static str],
}

impl SettingsPage {
    /// Made-up history has no pages.
    fn is_sample(&self) -> bool {
        let kind = self.page.site.as_ref().map(|site| site.kind);
        kind == Some(SiteKind::Sample)
    }
}

/// Whether anything was heard from the site; a fragment that renews itself.
#[derive(Template)]
#[template(path = "admin/install.html")]
struct Install {
    seen: Option<Seen>,
    /// Whether there are visits, all of a file.
    is_imported: bool,
    /// The newest origin that was refused, told while nothing else was heard.
    refused: Option<String>,
}

/// The newest event, its time in words.
struct Seen {
    ago: String,
    path: String,
}

/// A refused origin with its times in words.
struct Refused {
    origin: String,
    n: i64,
    first: String,
    last: String,
}

impl Refused {
    fn new(refused: RefusedOrigin, now: i64) -> Self {
        let (first, last) = (ago(refused.first_at, now), ago(refused.last_at, now));
        Self {
            origin: refused.origin,
            n: refused.n,
            first,
            last,
        }
    }
}

/// `?fragment=install` asks for the install check alone.
#[derive(Deserialize)]
pub struct FragmentQuery {
    #[serde(default)]
    fragment: String,
}

/// What is to be done about a refused origin.
#[derive(Deserialize)]
pub struct RefusedForm {
    #[serde(default)]
    origin: String,
    #[serde(default, rename = "do")]
    action: String,
}

/// GET `/sites/{key}/settings`
pub async fn show(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    query: Query<FragmentQuery>,
) -> Result<HttpResponse, PageError> {
    if query.fragment == "install" {
        return Ok(Html::ok(load_install(&state, &scope.site).await?).respond_to(&request));
    }
    let page = load(&request, &state, &scope).await?;
    Ok(Html::ok(page).respond_to(&request))
}

/// POST `/sites/{key}/settings`
pub async fn update(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<BasicsForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let basics = match form.parse() {
        Ok(basics) => basics,
        Err(errors) => {
            let page = SettingsPage {
                basics: form,
                errors,
                ..load(&request, &state, &scope).await?
            };
            return Ok(Html::invalid(page).respond_to(&request));
        }
    };
    save_basics(&state, &scope.site, basics).await?;
    Ok(done(&scope, Flash::Saved))
}

async fn save_basics(state: &AppState, site: &Site, basics: BasicsForm) -> AppResult<()> {
    let has_moved = basics.time_zone != site.time_zone;
    let tx = state.db.begin().await?;
    // Not as the page was asked for: sent twice, amounts must not be changed twice.
    let (from, to) = (
        store::lock_currency(&tx, site.id).await?,
        basics.currency.clone(),
    );
    let is_renamed = from != to;
    store::save_basics(&tx, site.id, basics).await?;
    if is_renamed {
        goal::store::rename_currency(&tx, site.id, &from, &to).await?;
    }
    if is_renamed || has_moved {
        // Its visits come to other amounts, or their days begin at another hour.
        goal::store::count_again(&tx, site.id, clock::now()).await?;
    }
    commit_change(state, tx, site.id).await
}

/// POST `/sites/{key}/settings/origins`
pub async fn update_origins(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<OriginsForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let (origins, allow_localhost) = match form.parse() {
        Ok(read) => read,
        Err(errors) => {
            let page = SettingsPage {
                origins: form,
                errors,
                ..load(&request, &state, &scope).await?
            };
            return Ok(Html::invalid(page).respond_to(&request));
        }
    };
    save_origins(&state, &scope.site, &origins, allow_localhost).await?;
    let flash = if form.lacks_scheme() {
        Flash::SchemeAdded
    } else {
        Flash::Saved
    };
    Ok(done(&scope, flash))
}

/// POST `/sites/{key}/settings/asking`
pub async fn update_asking(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<AskingForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let (questions, days) = match form.parse() {
        Ok(read) => read,
        Err(errors) => {
            let page = SettingsPage {
                asking: form,
                errors,
                ..load(&request, &state, &scope).await?
            };
            return Ok(Html::invalid(page).respond_to(&request));
        }
    };
    let tx = state.db.begin().await?;
    store::save_asking(&tx, scope.site.id, questions, days).await?;
    commit_change(&state, tx, scope.site.id).await?;
    Ok(done(&scope, Flash::Saved))
}

/// POST `/sites/{key}/settings/refused`: allow an origin that was seen, or ignore it.
pub async fn settle_refused(
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<RefusedForm>,
) -> Result<HttpResponse, PageError> {
    let Form(RefusedForm { origin, action }) = form;
    if !store::is_refused(&state.db.read, scope.site.id, &origin).await? {
        return Err(AppError::NotFound("refused address").into());
    }
    if action == "allow" {
        let mut form = OriginsForm::of(&scope.site);
        form.origins = format!("{}\n{origin}", form.origins);
        let (origins, allow_localhost) = form.parse()?;
        save_origins(&state, &scope.site, &origins, allow_localhost).await?;
        return Ok(done(&scope, Flash::OriginAllowed));
    }
    let tx = state.db.begin().await?;
    store::forget_refused(&tx, scope.site.id, &origin).await?;
    tx.commit().await?;
    Ok(done(&scope, Flash::Saved))
}

async fn save_origins(
    state: &AppState,
    site: &Site,
    origins: &[String],
    allow_localhost: bool,
) -> AppResult<()> {
    let tx = state.db.begin().await?;
    store::save_origins(&tx, site, origins, allow_localhost).await?;
    commit_change(state, tx, site.id).await
}

pub(super) fn done(scope: &SiteScope, flash: Flash) -> HttpResponse {
    see_other_with(format!("/sites/{}/settings", scope.site.key), flash)
}

async fn load_install(state: &AppState, site: &Site) -> AppResult<Install> {
    let seen = store::last_seen(&state.db.read, site.id).await?;
    let refused = store::list_refused(&state.db.read, site.id).await?;
    let in_words = |seen: LastSeen| Seen {
        ago: ago(seen.at, clock::now()),
        path: seen.path,
    };
    Ok(Install {
        is_imported: seen.is_none() && store::has_imported(&state.db.read, site.id).await?,
        seen: seen.map(in_words),
        refused: refused.into_iter().next().map(|refused| refused.origin),
    })
}

pub(super) async fn load(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
) -> AppResult<SettingsPage> {
    let (site, now) = (&scope.site, clock::now());
    let refused = store::list_refused(&state.db.read, site.id).await?;
    let base = base_url(request, &state.config);
    let webhook = webhook::store::find_webhook(&state.db.read, site.id).await?;
    Ok(SettingsPage {
        page: scope.page(Nav::Settings),
        snippet: format!("<script async src=\"{base}/x/{}.js\"></script>", site.key),
        install: load_install(state, site).await?,
        basics: BasicsForm::of(site),
        origins: OriginsForm::of(site),
        asking: AskingForm::of(site),
        theme: ThemeForm::of(&site.theme),
        swatches: Swatches::of(&site.theme),
        refused: refused
            .into_iter()
            .map(|refused| Refused::new(refused, now))
            .collect(),
        has_webhook: webhook.is_some(),
        choices: site.page,
        measures_fields: site.measures_fields,
        keep: KeepForm::of(site),
        kept: kept_words(site, now),
        modes: MODES,
        secret_made: site.api_secret_at.map(|at| ago(at, now)),
        secret: String::new(),
        events_url: format!("{base}/x/e"),
        errors: FieldErrors::default(),
        zones: time_zones(),
        currencies: CURRENCIES,
    })
}
