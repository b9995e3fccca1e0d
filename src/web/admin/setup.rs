//! The first sign-in: offered on this machine, and with the one-time link from everywhere else.

use std::net::IpAddr;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::{Version, header::HOST},
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    account::{
        links, password, store,
        types::{LinkPurpose, normal_email},
    },
    clock,
    error::{AppError, AppResult, FieldErrors},
    state::AppState,
    web::{
        error::PageError,
        extract::{OpenForm, session_cookie},
        view::page::{Html, see_other},
    },
};

#[derive(Template)]
#[template(path = "admin/setup.html")]
struct SetupPage {
    email: String,
    link: String,
    errors: FieldErrors,
}

/// What `/setup?link=` carries.
#[derive(Deserialize)]
pub struct LinkQuery {
    #[serde(default)]
    link: String,
}

/// What the form posts.
#[derive(Deserialize)]
pub struct SetupForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    link: String,
}

/// GET `/setup`
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    query: Query<LinkQuery>,
) -> Result<HttpResponse, PageError> {
    if store::has_members(&state.db.read).await? {
        return Ok(see_other("/sign-in"));
    }
    let link = query.into_inner().link;
    check_door(&request, &state, &link).await?;
    let page = SetupPage {
        email: String::new(),
        link,
        errors: FieldErrors::default(),
    };
    Ok(Html::ok(page).respond_to(&request))
}

/// POST `/setup`
pub async fn create(
    request: HttpRequest,
    state: Data<AppState>,
    form: OpenForm<SetupForm>,
) -> Result<HttpResponse, PageError> {
    let OpenForm(form) = form;
    if store::has_members(&state.db.read).await? {
        return Ok(see_other("/sign-in"));
    }
    check_door(&request, &state, &form.link).await?;
    let email = match read(&form) {
        Ok(email) => email,
        Err(errors) => {
            let page = SetupPage {
                email: form.email,
                link: form.link,
                errors,
            };
            return Ok(Html::invalid(page).respond_to(&request));
        }
    };
    let token = insert_owner(&state, &email, form).await?;
    let mut response = see_other("/");
    response
        .add_cookie(&session_cookie(&state.config, token))
        .map_err(anyhow::Error::from)?;
    Ok(response)
}

fn read(form: &SetupForm) -> Result<String, FieldErrors> {
    let mut errors = FieldErrors::default();
    let email = normal_email(&form.email).unwrap_or_else(|| {
        errors.add("email", "Enter an e-mail address, such as anna@example.com");
        String::new()
    });
    if let Some(refusal) = password::refusal(&form.password, &email, &[]) {
        errors.add("password", refusal);
    }
    errors.or(email)
}

/// Adds the owner and signs in. Of two people at the door at once, one gets in.
async fn insert_owner(state: &AppState, email: &str, form: SetupForm) -> AppResult<String> {
    let now = clock::now();
    let hash = state.accounts.passwords.hash(form.password).await?;
    let tx = state.db.begin().await?;
    store::lock_members(&tx).await?;
    if store::has_members(&tx).await? {
        return Err(AppError::Conflict(
            "somebody else has just set up this service; sign in instead".into(),
        ));
    }
    if !form.link.is_empty()
        && !store::consume_link(&tx, LinkPurpose::Setup, &form.link, now).await?
    {
        return Err(used_up());
    }
    let member = store::insert_member(&tx, email, hash, now).await?;
    store::delete_links(&tx, LinkPurpose::Setup).await?;
    let token = store::insert_session(&tx, member, now).await?;
    tx.commit().await?;
    Ok(token)
}

/// Without a link only somebody at this machine may come in, and nobody through a proxy on it.
async fn check_door(request: &HttpRequest, state: &AppState, link: &str) -> AppResult<()> {
    if !link.is_empty() {
        let found =
            store::find_link(&state.db.read, LinkPurpose::Setup, link, clock::now()).await?;
        return found.map(|_| ()).ok_or_else(used_up);
    }
    if !state.config.is_public() && is_at_this_machine(request) {
        return Ok(());
    }
    Err(AppError::Forbidden(
        "set-up from another machine, or through a proxy, needs the one-time link. It was printed at start; \
         `exitpoll setup-link` prints a new one"
            .into(),
    ))
}

fn used_up() -> AppError {
    AppError::Forbidden(format!(
        "this link was used already or is older than {} minutes. `exitpoll setup-link` prints a new one",
        links::LIFE_MINUTES
    ))
}

/// Peer, `Host`, HTTP version and the absence of forwarding headers must all say so.
fn is_at_this_machine(request: &HttpRequest) -> bool {
    let is_loopback_peer = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let is_forwarded = request.headers().keys().any(|name| {
        let name = name.as_str();
        matches!(name, "forwarded" | "x-real-ip" | "via") || name.starts_with("x-forwarded-")
    });
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    // Browsers speak HTTP/1.1; a proxy left at its defaults may speak 1.0, name us as the host and forward no header.
    let is_browser_version = request.version() >= Version::HTTP_11;
    is_loopback_peer && is_browser_version && !is_forwarded && is_loopback_host(host)
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback_host;

    #[test]
    fn only_this_machine_is_this_machine() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:8080",
            "127.8.8.8",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in [
            "",
            "localhost.evil.example",
            "evil.example:8080",
            "192.168.1.2:8080",
            "0.0.0.0",
            "127.0.0.1.nip.io",
        ] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
