//! Bodies of requests: bounded in size and in time.

use std::time::Duration;

use actix_web::{HttpRequest, error::PayloadError, http::header::CONTENT_LENGTH, web::Bytes};
use futures_util::{Stream, StreamExt};

use crate::error::{AppError, AppResult};

/// A body must have arrived by then; actix-web itself would wait for ever.
const DEADLINE: Duration = Duration::from_secs(10);

/// The whole body, of at most `limit` bytes.
pub async fn read_body(
    request: &HttpRequest,
    mut body: impl Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    limit: usize,
) -> AppResult<Vec<u8>> {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or_default();
    if length > limit {
        return Err(AppError::TooLarge(limit));
    }
    let read = async {
        let mut bytes = Vec::with_capacity(length);
        while let Some(chunk) = body.next().await {
            let chunk =
                chunk.map_err(|_| AppError::Malformed("the connection broke off".into()))?;
            if bytes.len() + chunk.len() > limit {
                return Err(AppError::TooLarge(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    tokio::time::timeout(DEADLINE, read)
        .await
        .unwrap_or(Err(AppError::TooSlow))
}
