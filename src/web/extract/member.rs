//! Who is signed in.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
};

use super::{csrf::csrf_token, state};
use crate::{
    account::{
        store,
        types::{Member, SESSION_LIFE},
    },
    clock,
    config::Config,
    error::AppError,
    web::{
        error::PageError,
        view::page::{Flash, Nav, Page},
    },
};

/// A signed-in member. Without one the page leads to `/sign-in`.
#[derive(Clone)]
pub struct SignedIn {
    /// Who.
    pub member: Member,
    /// For the hidden field `csrf` of forms.
    pub csrf: String,
    /// The session's token, for signing out.
    pub token: String,
}

/// `__Host-` binds the cookie to this host, but browsers drop such a cookie on plain HTTP.
pub fn session_cookie_name(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-exitpoll"
    } else {
        "exitpoll_session"
    }
}

/// The cookie of a session; with an empty token, the one that ends it.
pub fn session_cookie(config: &Config, token: String) -> Cookie<'static> {
    let life = if token.is_empty() {
        0
    } else {
        SESSION_LIFE / clock::SECOND
    };
    Cookie::build(session_cookie_name(config), token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.is_https())
        .max_age(Duration::seconds(life))
        .finish()
}

/// The token that the request's cookie holds.
pub fn session_token(request: &HttpRequest, config: &Config) -> Option<String> {
    let cookie = request.cookie(session_cookie_name(config))?;
    Some(cookie.value().to_owned()).filter(|token| !token.is_empty())
}

impl SignedIn {
    /// The frame of a page that belongs to no site.
    pub fn page(&self, request: &HttpRequest) -> Page {
        Page {
            nav: Nav::None,
            site: None,
            sites: vec![],
            member: self.member.email.clone(),
            csrf: self.csrf.clone(),
            flash: Flash::of(request.query_string()),
            unknown: None,
        }
    }

    /// The member of the request's session.
    pub async fn of(request: &HttpRequest) -> Result<Self, AppError> {
        let state = state(request)?;
        let token = session_token(request, &state.config).ok_or(AppError::Unauthenticated)?;
        let now = clock::now();
        let found = store::find_session(&state.db.read, &token, now).await?;
        let (member, is_stale) = found.ok_or(AppError::Unauthenticated)?;
        if is_stale {
            let tx = state.db.begin().await?;
            store::touch_session(&tx, &token, now).await?;
            tx.commit().await?;
        }
        Ok(Self {
            member,
            csrf: csrf_token(&token),
            token,
        })
    }
}

impl FromRequest for SignedIn {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await.map_err(PageError) })
    }
}
