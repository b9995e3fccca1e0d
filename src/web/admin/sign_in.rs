//! Signing in and out.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::{StatusCode, header::RETRY_AFTER},
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    account::{store, types::normal_email},
    clock,
    error::{AppError, AppResult},
    state::AppState,
    web::{
        error::PageError,
        extract::{ClientIp, Form, NoFields, OpenForm, SignedIn, session_cookie, session_token},
        view::page::{Flash, Html, see_other, see_other_with},
    },
};

#[derive(Default, Template)]
#[template(path = "admin/sign_in.html")]
struct SignInPage {
    email: String,
    next: String,
    error: String,
    flash: Option<Flash>,
}

/// What `/sign-in?next=` carries.
#[derive(Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
}

/// What the form posts.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// GET `/sign-in`
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    query: Query<NextQuery>,
) -> Result<HttpResponse, PageError> {
    if !store::has_members(&state.db.read).await? {
        return Ok(see_other("/setup"));
    }
    if SignedIn::of(&request).await.is_ok() {
        return Ok(see_other(safe_path(&query.next)));
    }
    let page = SignInPage {
        next: query.into_inner().next,
        flash: Flash::of(request.query_string()),
        ..SignInPage::default()
    };
    Ok(Html::ok(page).respond_to(&request))
}

/// POST `/sign-in`
pub async fn create(
    request: HttpRequest,
    state: Data<AppState>,
    ip: ClientIp,
    form: OpenForm<SignInForm>,
) -> Result<HttpResponse, PageError> {
    let OpenForm(form) = form;
    let next = safe_path(&form.next).to_owned();
    let email = form.email.clone();
    let (status, error, wait) = match sign_in(&state, ip, form).await {
        Ok(Some(token)) => {
            let mut response = see_other(&next);
            response
                .add_cookie(&session_cookie(&state.config, token))
                .map_err(anyhow::Error::from)?;
            return Ok(response);
        }
        Ok(None) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "E-mail or password is not right.".to_owned(),
            None,
        ),
        Err(AppError::TooManyRequests { retry_after_s }) => {
            let text = format!("Too many tries. Wait {retry_after_s} s, then try again.");
            (StatusCode::TOO_MANY_REQUESTS, text, Some(retry_after_s))
        }
        Err(error) => return Err(error.into()),
    };
    let page = SignInPage {
        email,
        next,
        error,
        flash: None,
    };
    let mut response = Html::with(status, page).respond_to(&request);
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// The token of a new session; `None` when address or password is wrong, after the same time for both.
async fn sign_in(state: &AppState, ip: ClientIp, form: SignInForm) -> AppResult<Option<String>> {
    let now = clock::now();
    let email = normal_email(&form.email).unwrap_or_default();
    let client = state.limits.client_key(ip.0);
    state.accounts.throttle.begin(&email, &client, now)?;
    let found = store::find_by_email(&state.db.read, &email).await?;
    let (member, hash) = found
        .map(|found| (found.member, found.password_hash))
        .unzip();
    if !state.accounts.passwords.check(form.password, hash).await? {
        return Ok(None);
    }
    let Some(member) = member else {
        return Ok(None);
    };
    state.accounts.throttle.forgive(&email, &client);
    let tx = state.db.begin().await?;
    let token = store::insert_session(&tx, member.id, now).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// POST `/sign-out`
pub async fn destroy(
    request: HttpRequest,
    state: Data<AppState>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    if let Some(token) = session_token(&request, &state.config) {
        let tx = state.db.begin().await?;
        store::delete_session(&tx, &token).await?;
        tx.commit().await?;
    }
    let mut response = see_other_with("/sign-in", Flash::SignedOut);
    response
        .add_cookie(&session_cookie(&state.config, String::new()))
        .map_err(anyhow::Error::from)?;
    Ok(response)
}

/// A path of this service; `/` for anything that would lead elsewhere.
fn safe_path(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//");
    let is_plain = !next.chars().any(|c| c == '\\' || c.is_control());
    if is_path && is_plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::safe_path;

    #[test]
    fn signing_in_never_leads_elsewhere() {
        assert_eq!(
            safe_path("/sites/site_1/answers?days=7"),
            "/sites/site_1/answers?days=7"
        );
        for elsewhere in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\tx",
            "javascript:1",
        ] {
            assert_eq!(safe_path(elsewhere), "/", "{elsewhere}");
        }
    }
}
