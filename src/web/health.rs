//! For machines that watch the service.

use actix_web::{HttpResponse, web::Data};
use sea_orm::ConnectionTrait;

use super::error::ApiError;
use crate::{error::AppError, state::AppState};

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// The process answers and its database too.
pub async fn ready(state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    state
        .db
        .read
        .execute_unprepared("SELECT 1")
        .await
        .map_err(|_| AppError::Unavailable)?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ready\n"))
}
