//! Bodies of forms: bounded in size and time, checked against forgery, read into a struct.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use futures_util::StreamExt;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    csrf::{check_origin, csrf_token, refused},
    member::session_token,
    state,
};
use crate::{error::AppError, secret, web::error::PageError};

/// Largest form, in bytes.
pub const FORM_LIMIT: usize = 64 * 1024;
/// A form must have arrived by then; actix-web itself would wait for ever.
const FORM_TIME: Duration = Duration::from_secs(10);

/// A form of a signed-in member: sent by our page, and proven by the hidden field `csrf`.
pub struct Form<T>(pub T);

/// A form of somebody who is not signed in: sent by our page.
pub struct OpenForm<T>(pub T);

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
            let body = read_body(&request, payload).await?;
            let proof: Proof = decode(&body)?;
            if !secret::same(proof.csrf.as_bytes(), csrf_token(&token).as_bytes()) {
                return Err(refused().into());
            }
            Ok(Self(decode(&body)?))
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for OpenForm<T> {
    type Error = PageError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_origin(&request, &state(&request)?.config)?;
            Ok(Self(decode(&read_body(&request, payload).await?)?))
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

async fn read_body(request: &HttpRequest, mut payload: Payload) -> Result<Vec<u8>, AppError> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let kind = header(CONTENT_TYPE).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(AppError::Malformed(
            "send the form as application/x-www-form-urlencoded".into(),
        ));
    }
    if header(CONTENT_LENGTH)
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| length > FORM_LIMIT)
    {
        return Err(AppError::TooLarge(FORM_LIMIT));
    }

    let read = async {
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| AppError::Malformed("the body broke off".into()))?;
            if body.len() + chunk.len() > FORM_LIMIT {
                return Err(AppError::TooLarge(FORM_LIMIT));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(FORM_TIME, read)
        .await
        .unwrap_or(Err(AppError::TooSlow))
}
