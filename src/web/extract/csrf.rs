//! Forms are taken from our own pages only: the browser says so, and the page proves it.

use actix_web::{
    HttpRequest,
    http::header::{HOST, ORIGIN},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{config::Config, error::AppError, secret};

/// The hidden field of every form of a session.
pub fn csrf_token(session_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(secret::keyed_hash(session_token.as_bytes(), &[b"csrf"]))
}

/// Whether the browser says that the form was sent by one of our pages.
pub fn check_origin(request: &HttpRequest, config: &Config) -> Result<(), AppError> {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let is_ours = match header("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        // Browsers leave Sec-Fetch-Site out on plain HTTP; Origin they always send with a form.
        None => header(ORIGIN.as_str()).is_some_and(|origin| {
            let host = origin.split_once("://").map(|(_, host)| host);
            (host.is_some() && host == header(HOST.as_str()))
                || config.public_url.as_deref() == Some(origin)
        }),
    };
    is_ours.then_some(()).ok_or_else(refused)
}

/// The refusal of a form that did not come from our page.
pub(super) fn refused() -> AppError {
    AppError::Forbidden(
        "this form was not sent from a page of this session; reload the page and send it again"
            .into(),
    )
}
