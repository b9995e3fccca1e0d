//! The webhook of a site: where answers are sent, a test of it, and the log of what was sent.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    site::types::{Site, SiteKind},
    state::AppState,
    types::DeliveryId,
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::{
            page::{Flash, Html, Nav, Page, see_other, see_other_with},
            when::{When, duration},
        },
    },
    webhook::{
        self,
        form::WebhookForm,
        store,
        types::{Delivery, DeliveryKind, DeliveryState, Webhook, WebhookSecret},
    },
};

/// Messages in the log.
const LOG_LENGTH: u64 = 50;

#[derive(Template)]
#[template(path = "admin/webhook.html")]
struct WebhookPage {
    page: Page,
    base: String,
    form: WebhookForm,
    errors: FieldErrors,
    /// Whether there is one yet.
    is_there: bool,
    /// When its address said that it wants no more.
    gone: Option<String>,
    /// The secret, in the answer to the form that made it and nowhere else.
    secret: Option<WebhookSecret>,
    /// Until when the secret before it signs too.
    old_secret_until: Option<String>,
    tried: Option<LogRow>,
    log: Vec<LogRow>,
    example: String,
}

/// The log alone; a fragment that renews itself.
#[derive(Template)]
#[template(path = "admin/webhook_log.html")]
struct WebhookLog {
    page: Page,
    base: String,
    log: Vec<LogRow>,
}

impl From<WebhookPage> for WebhookLog {
    fn from(page: WebhookPage) -> Self {
        Self {
            page: page.page,
            base: page.base,
            log: page.log,
        }
    }
}

/// A message in the log.
struct LogRow {
    delivery: Delivery,
    at: String,
    at_machine: String,
    /// What came of the last attempt.
    outcome: String,
    next: String,
}

impl LogRow {
    fn new(delivery: Delivery, when: &When) -> Self {
        let took = match delivery.last_ms.unwrap_or_default() {
            ms @ ..1_000 => format!("{ms}\u{a0}ms"),
            ms => duration(ms),
        };
        let outcome = match (&delivery.last_error, delivery.last_status) {
            (Some(error), _) => error.clone(),
            (None, Some(status)) => format!("Answered {status} after {took}"),
            (None, None) => String::new(),
        };
        Self {
            at: when.moment(delivery.created_at),
            at_machine: when.machine(delivery.created_at),
            outcome,
            next: delivery
                .next_attempt_at
                .map(|at| when.moment(at))
                .unwrap_or_default(),
            delivery,
        }
    }

    fn is_delivered(&self) -> bool {
        self.delivery.state == DeliveryState::Delivered
    }

    fn can_be_sent_again(&self) -> bool {
        self.delivery.state == DeliveryState::Failed && self.delivery.kind != DeliveryKind::Test
    }

    /// Class of its dot.
    fn tone(&self) -> &'static str {
        match self.delivery.state {
            DeliveryState::Waiting => "wait",
            DeliveryState::Delivered => "on",
            DeliveryState::Failed => "bad",
        }
    }
}

/// `?tried=` names the test to tell of; `?fragment=log` asks for the log alone.
#[derive(Deserialize)]
pub struct WebhookQuery {
    #[serde(default)]
    tried: String,
    #[serde(default)]
    fragment: String,
}

/// GET `/sites/{key}/webhook`
pub async fn show(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    query: Query<WebhookQuery>,
) -> Result<HttpResponse, PageError> {
    let mut page = load(&state, &scope).await?;
    if query.fragment == "log" {
        return Ok(Html::ok(WebhookLog::from(page)).respond_to(&request));
    }
    if let Ok(id) = query.tried.parse() {
        let test = store::find_delivery(&state.db.read, scope.site.id, id).await?;
        page.tried = Some(LogRow::new(test, &when(&scope.site)));
    }
    Ok(Html::ok(page).respond_to(&request))
}

/// POST `/sites/{key}/webhook`: the answer shows the secret, once.
pub async fn create(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<WebhookForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let (url, _) = match form.parse(state.webhooks.reach) {
        Ok(read) => read,
        Err(errors) => return invalid(&request, &state, &scope, form, errors).await,
    };
    refuse_sample(&scope.site)?;
    let tx = state.db.begin().await?;
    let secret = store::insert_webhook(&tx, scope.site.id, &url, clock::now()).await?;
    tx.commit().await?;
    show_secret(&request, &state, &scope, secret).await
}

/// POST `/sites/{key}/webhook/save`
pub async fn update(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    form: Form<WebhookForm>,
) -> Result<HttpResponse, PageError> {
    let Form(form) = form;
    let (url, is_enabled) = match form.parse(state.webhooks.reach) {
        Ok(read) => read,
        Err(errors) => return invalid(&request, &state, &scope, form, errors).await,
    };
    let tx = state.db.begin().await?;
    store::save_webhook(&tx, scope.site.id, &url, is_enabled).await?;
    tx.commit().await?;
    Ok(see_other_with(webhook_url(&scope.site), Flash::Saved))
}

/// POST `/sites/{key}/webhook/secret`: makes another one; the answer shows it, once.
pub async fn renew_secret(
    request: HttpRequest,
    scope: SiteScope,
    state: Data<AppState>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let tx = state.db.begin().await?;
    let secret = store::renew_secret(&tx, scope.site.id, clock::now()).await?;
    tx.commit().await?;
    show_secret(&request, &state, &scope, secret).await
}

/// POST `/sites/{key}/webhook/test`: sends a made-up answer and tells what came of it.
pub async fn test(
    scope: SiteScope,
    state: Data<AppState>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let test = state.webhooks.send_test(&scope.site).await?;
    let page = webhook_url(&scope.site);
    Ok(see_other(format!("{page}?tried={}", test.id)))
}

/// POST `/sites/{key}/webhook/messages/{id}/again`
pub async fn send_again(
    scope: SiteScope,
    state: Data<AppState>,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let id: DeliveryId = path.1.parse().map_err(|_| AppError::NotFound("message"))?;
    let tx = state.db.begin().await?;
    store::send_again(&tx, scope.site.id, id, clock::now()).await?;
    tx.commit().await?;
    Ok(see_other_with(
        webhook_url(&scope.site),
        Flash::SendingAgain,
    ))
}

/// POST `/sites/{key}/webhook/delete`
pub async fn delete(
    scope: SiteScope,
    state: Data<AppState>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let tx = state.db.begin().await?;
    store::delete_webhook(&tx, scope.site.id).await?;
    tx.commit().await?;
    Ok(see_other_with(webhook_url(&scope.site), Flash::Deleted))
}

fn webhook_url(site: &Site) -> String {
    format!("/sites/{}/webhook", site.key)
}

fn when(site: &Site) -> When {
    When::new(&site.time_zone, clock::now())
}

/// Nobody answers on a sample site; the million answers that are made up there must not be sent anywhere.
fn refuse_sample(site: &Site) -> AppResult<()> {
    if site.kind == SiteKind::Sample {
        return Err(AppError::Conflict(
            "answers of a sample site are made up, so they are sent nowhere; use a site of your own"
                .into(),
        ));
    }
    Ok(())
}

async fn invalid(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
    form: WebhookForm,
    errors: FieldErrors,
) -> Result<HttpResponse, PageError> {
    let page = WebhookPage {
        form,
        errors,
        ..load(state, scope).await?
    };
    Ok(Html::invalid(page).respond_to(request))
}

async fn show_secret(
    request: &HttpRequest,
    state: &AppState,
    scope: &SiteScope,
    secret: WebhookSecret,
) -> Result<HttpResponse, PageError> {
    let page = WebhookPage {
        secret: Some(secret),
        ..load(state, scope).await?
    };
    Ok(Html::ok(page).respond_to(request))
}

async fn load(state: &AppState, scope: &SiteScope) -> AppResult<WebhookPage> {
    let (db, site) = (&state.db.read, &scope.site);
    refuse_sample(site)?;
    let now = clock::now();
    let webhook = store::find_webhook(db, site.id).await?;
    let log = store::list_deliveries(db, site.id, LOG_LENGTH).await?;
    let when = when(site);
    let old_secret_until = |webhook: &Webhook| {
        let (_, until) = webhook.old_secret.as_ref()?;
        (*until > now).then(|| when.moment(*until))
    };
    let gone_at = webhook.as_ref().and_then(|webhook| webhook.gone_at);
    Ok(WebhookPage {
        page: scope.page(Nav::Settings),
        base: webhook_url(site),
        form: webhook.as_ref().map(WebhookForm::of).unwrap_or_default(),
        errors: FieldErrors::default(),
        is_there: webhook.is_some(),
        gone: gone_at.map(|at| when.moment(at)),
        secret: None,
        old_secret_until: webhook.as_ref().and_then(old_secret_until),
        tried: None,
        log: log
            .into_iter()
            .map(|delivery| LogRow::new(delivery, &when))
            .collect(),
        example: webhook::example(site, now),
    })
}
