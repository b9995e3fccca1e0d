//! The log: one subscriber, and a span per request that tells nothing about the person who sent it.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_subscriber::EnvFilter;
use uuid::fmt::Simple;

/// Starts logging to stderr.
pub fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init()
        .map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
}

/// Method, matched route, status and request id. Never address, agent, path or query.
#[derive(Debug)]
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        // What widgets send comes so often that a span is made only when somebody debugs; its errors name the request themselves.
        if request.path().starts_with("/x/") {
            return tracing::debug_span!("request", method = %request.method(), status = Empty);
        }
        let id = request_id(&request.extensions()).unwrap_or_default();
        tracing::info_span!(
            "request",
            method = %request.method(),
            route = request.match_pattern().unwrap_or_else(|| "none".to_owned()),
            status = Empty,
            %id,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        span.in_scope(|| tracing::debug!("answered"));
    }
}

/// The id under which the log knows a request.
pub fn request_id(extensions: &actix_web::dev::Extensions) -> Option<Simple> {
    extensions.get::<RequestId>().map(|id| id.simple())
}
