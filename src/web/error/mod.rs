//! The only place that maps errors to a status, and the only one that logs them.
//!
//! Handlers return [`PageError`] or [`ApiError`]; the outermost middleware renders them here, where the request id is known.

mod again;

use std::fmt;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{LOCATION, RETRY_AFTER},
    },
};
use askama::Template;
use serde::Serialize;
use url::form_urlencoded::byte_serialize;

use self::again::Again;
use crate::{
    error::{AppError, FieldError},
    telemetry,
};

/// An error that a program reads: `application/problem+json`.
#[derive(Debug)]
pub struct ApiError(pub AppError);

/// An error that a person reads: a page.
#[derive(Debug)]
pub struct PageError(pub AppError);

impl<E: Into<AppError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl<E: Into<AppError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }

    fn error_response(&self) -> HttpResponse {
        problem(&self.0, "")
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }

    fn error_response(&self) -> HttpResponse {
        page(&self.0, "", None)
    }
}

/// The status of each error.
fn status(error: &AppError) -> StatusCode {
    match error {
        AppError::Malformed(_) => StatusCode::BAD_REQUEST,
        AppError::Invalid(_) | AppError::Unwritable => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::Unauthenticated | AppError::NoSecret => StatusCode::UNAUTHORIZED,
        AppError::Forbidden(_) => StatusCode::FORBIDDEN,
        AppError::NotFound(_) => StatusCode::NOT_FOUND,
        AppError::Conflict(_) => StatusCode::CONFLICT,
        AppError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        AppError::TooSlow => StatusCode::REQUEST_TIMEOUT,
        AppError::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        AppError::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
        AppError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer to a failed request, logged once.
pub(super) fn answer(request: &HttpRequest, error: &actix_web::Error) -> HttpResponse {
    let id = telemetry::request_id(&request.extensions()).unwrap_or_default();
    let id = id.to_string();
    if let Some(PageError(error)) = error.as_error() {
        log(error, &id);
        return match error {
            AppError::Unauthenticated => to_sign_in(request),
            // Of a file nothing is read but what it holds.
            AppError::Invalid(_) if is_file(request.path()) => problem(error, &id),
            AppError::Invalid(errors) => page(error, &id, Again::of(request, errors)),
            _ => page(error, &id, None),
        };
    }
    if let Some(ApiError(error)) = error.as_error() {
        log(error, &id);
        return problem(error, &id);
    }
    let translated = translate(error);
    log(&translated, &id);
    if is_for_programs(request.path()) {
        problem(&translated, &id)
    } else {
        page(&translated, &id, None)
    }
}

/// Errors of actix-web itself, which arise before a handler runs.
fn translate(error: &actix_web::Error) -> AppError {
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => AppError::NotFound("page"),
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge(super::extract::FORM_LIMIT),
        StatusCode::REQUEST_TIMEOUT => AppError::TooSlow,
        status if status.is_client_error() => {
            AppError::Malformed("its address or body is not as expected".into())
        }
        _ => AppError::Internal(anyhow::anyhow!("{error}")),
    }
}

/// Whether a file is behind this path, and no page.
fn is_file(path: &str) -> bool {
    [".csv", ".json"].iter().any(|end| path.ends_with(end))
}

/// Whether errors under this path are read by programs.
pub(super) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/x/") || path == "/ready" || path == "/health"
}

fn log(error: &AppError, request_id: &str) {
    match error {
        AppError::Internal(cause) => tracing::error!(request_id, "{cause:#}"),
        AppError::Unavailable => tracing::warn!(request_id, "unavailable"),
        other => tracing::debug!(request_id, code = other.code(), "refused"),
    }
}

fn to_sign_in(request: &HttpRequest) -> HttpResponse {
    let next = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let target = match request.method().is_safe() {
        true if next != "/" => format!(
            "/sign-in?next={}",
            byte_serialize(next.as_bytes()).collect::<String>()
        ),
        _ => "/sign-in".to_owned(),
    };
    HttpResponse::SeeOther()
        .insert_header((LOCATION, target))
        .finish()
}

/// RFC 9457, with a code for programs and the wrong fields.
#[derive(Serialize)]
struct Problem<'a> {
    code: &'static str,
    title: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

fn problem(error: &AppError, request_id: &str) -> HttpResponse {
    let errors = match error {
        AppError::Invalid(errors) => errors.0.as_slice(),
        _ => &[],
    };
    let request_id = if matches!(error, AppError::Internal(_)) {
        request_id
    } else {
        ""
    };
    let body = Problem {
        code: error.code(),
        title: title(error),
        detail: error.to_string(),
        request_id,
        errors,
    };
    start(error)
        .content_type("application/problem+json")
        .body(serde_json::to_string(&body).unwrap_or_default())
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    details: Vec<String>,
    advice: &'a str,
    status: u16,
    request_id: &'a str,
    again: Option<Again>,
}

fn page(error: &AppError, request_id: &str, again: Option<Again>) -> HttpResponse {
    let details = match error {
        AppError::Internal(_) => {
            vec!["Something went wrong on our side. Nothing you entered was changed.".to_owned()]
        }
        AppError::Invalid(_) if again.is_some() => vec![],
        AppError::Invalid(errors) => {
            let messages = errors.0.iter();
            messages
                .map(|error| format!("{}.", error.message))
                .collect()
        }
        other => vec![sentence(&other.to_string())],
    };
    let request_id = if matches!(error, AppError::Internal(_)) {
        request_id
    } else {
        ""
    };
    let page = ErrorPage {
        title: match again {
            Some(_) => "This page cannot be shown like this",
            None => title(error),
        },
        details,
        advice: match again {
            Some(_) => "",
            None => advice(error),
        },
        status: status(error).as_u16(),
        request_id,
        again,
    };
    match page.render() {
        Ok(html) => start(error)
            .content_type("text/html; charset=utf-8")
            .body(html),
        Err(_) => start(error)
            .content_type("text/plain; charset=utf-8")
            .body(title(error)),
    }
}

fn start(error: &AppError) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::build(status(error));
    match error {
        AppError::TooManyRequests { retry_after_s } => {
            response.insert_header((RETRY_AFTER, retry_after_s.to_string()));
        }
        AppError::Unavailable => {
            response.insert_header((RETRY_AFTER, "2"));
        }
        _ => {}
    }
    response
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

fn title(error: &AppError) -> &'static str {
    match error {
        AppError::Malformed(_) => "The request cannot be read",
        AppError::Invalid(_) => "Some fields are wrong",
        AppError::Unwritable => "This cannot be stored",
        AppError::Unauthenticated => "Sign in first",
        AppError::NoSecret => "The API secret is missing or wrong",
        AppError::Forbidden(_) => "This is not allowed",
        AppError::NotFound(_) => "Not found",
        AppError::Conflict(_) => "This clashes with what is stored",
        AppError::TooLarge(_) => "Too large",
        AppError::TooSlow => "Too slow",
        AppError::UnsupportedEncoding => "Unsupported encoding",
        AppError::TooManyRequests { .. } => "Too many requests",
        AppError::Unavailable => "The service is busy",
        AppError::Internal(_) => "Something went wrong",
    }
}

fn advice(error: &AppError) -> &'static str {
    match error {
        AppError::NotFound(_) => "Check the address, or start again from your sites.",
        AppError::TooManyRequests { .. } | AppError::Unavailable => {
            "Wait a moment and reload the page."
        }
        AppError::Internal(_) => {
            "Reload the page. If it happens again, look up the number below in the log."
        }
        // Its own words say what to do.
        AppError::Forbidden(_) => "",
        _ => "Go back, change it and try again.",
    }
}

/// Answer to addresses that lead nowhere.
pub(super) async fn not_found() -> actix_web::Result<HttpResponse> {
    Err(actix_web::error::ErrorNotFound("no such address"))
}

/// A handler that panicked; the cause was logged where it happened.
#[derive(Debug)]
pub(super) struct Panicked {
    pub(super) is_for_programs: bool,
    pub(super) request_id: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a handler panicked")
    }
}

impl ResponseError for Panicked {
    fn error_response(&self) -> HttpResponse {
        let error = AppError::Internal(anyhow::anyhow!("{self}"));
        log(&error, &self.request_id);
        if self.is_for_programs {
            problem(&error, &self.request_id)
        } else {
            page(&error, &self.request_id, None)
        }
    }
}
