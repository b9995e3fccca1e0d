//! Bodies of forms: bounded in size and time, checked against forgery, read into a struct.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    body::read_body,
    csrf::{check_origin, csrf_token, refused},
    member::session_token,
    state,
};
use crate::{error::AppError, secret, web::error::PageError};

/// Largest form, in bytes.
pub const FORM_LIMIT: usize = 64 * 1024;

/// A form of a signed-in member: sent by our page, and proven by the hidden field `csrf`.
pub struct Form<T>(pub T);

/// A form of somebody who is not signed in: sent by our page, of at most so many bytes.
pub struct OpenForm<T, const LIMIT: usize = FORM_LIMIT>(pub T);

/// A form that only has a button.
#[derive(Deserialize)]
pub struct NoFields {}

#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    csrf: String,
}

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, PageError>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = PageError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let state = state(&request)?;
            check_origin(&request, &state.config)?;
            let token = session_token(&request, &state.config).ok_or(AppError::Unauthenticated)?;
            let body = read_form(&request, payload, FORM_LIMIT).await?;
            let proof: Proof = decode(&body)?;
            if !secret::same(proof.csrf.as_bytes(), csrf_token(&token).as_bytes()) {
                return Err(refused().into());
            }
            Ok(Self(decode(&body)?))
        })
    }
}

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for OpenForm<T, LIMIT> {
    type Error = PageError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_origin(&request, &state(&request)?.config)?;
            Ok(Self(decode(&read_form(&request, payload, LIMIT).await?)?))
        })
    }
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppError> {
    // PostgreSQL takes no NUL, and no keyboard makes one.
    if body.contains(&0) || body.windows(3).any(|three| three == b"%00") {
        return Err(AppError::Malformed("a field holds a NUL character".into()));
    }
    serde_html_form::from_bytes(body).map_err(|error| AppError::Malformed(error.to_string()))
}

async fn read_form(
    request: &HttpRequest,
    payload: Payload,
    limit: usize,
) -> Result<Vec<u8>, AppError> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(AppError::Malformed(
            "send the form as application/x-www-form-urlencoded".into(),
        ));
    }
    read_body(request, payload, limit).await
}
