//! The outermost step: limits how often a client may ask, renders errors, survives panics, sets security headers.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;

use super::headers;
use crate::{
    error::AppError,
    state::AppState,
    telemetry,
    web::{
        error::{self, ApiError, PageError, Panicked, is_for_programs},
        extract::ClientIp,
    },
};

/// Wraps the whole application.
pub async fn boundary(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_for_programs = is_for_programs(request.path());
    if let Err(error) = check_rate(&request) {
        let error = if is_for_programs {
            Error::from(ApiError(error))
        } else {
            Error::from(PageError(error))
        };
        let mut response = error::answer(request.request(), &error);
        headers::add(request.path(), &mut response);
        return Ok(request.into_response(response));
    }
    let request_id = telemetry::request_id(&request.request().extensions()).unwrap_or_default();
    let Ok(outcome) = AssertUnwindSafe(next.call(request)).catch_unwind().await else {
        return Err(Panicked {
            is_for_programs,
            request_id: request_id.to_string(),
        }
        .into());
    };
    let (request, response) = outcome?.map_into_boxed_body().into_parts();
    let mut response = match response.error() {
        Some(error) => error::answer(&request, error),
        None => response,
    };
    headers::add(request.path(), &mut response);
    Ok(ServiceResponse::new(request, response))
}

fn check_rate(request: &ServiceRequest) -> Result<(), AppError> {
    if matches!(request.path(), "/health" | "/ready") {
        return Ok(());
    }
    let state = request
        .app_data::<Data<AppState>>()
        .ok_or_else(|| AppError::Internal(anyhow::anyhow!("no state")))?;
    let ip = ClientIp::of(request.request(), &state.config)?;
    state.limits.check_client(&state.limits.client_key(ip.0))
}
