//! `/x/<site key>.js` and `/x/<letter>.<hash>.js`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY},
    web::{Data, Path},
};

use crate::{
    delivery::script::{self, Script},
    error::AppError,
    state::AppState,
    types::SiteKey,
    web::error::ApiError,
};

/// A changed configuration reaches a widget with its next reply, so a minute of caching delays nothing.
const CORE_CACHE: &str = "public, max-age=60, stale-while-revalidate=600";
/// The name of a lazy file changes with its content.
const LAZY_CACHE: &str = "public, max-age=31536000, immutable";
/// A file asked for by an older core is answered by this release's; it must not be kept under the old name.
const OTHER_LAZY_CACHE: &str = "public, max-age=60";

/// The script of a site, or a lazy file.
pub async fn show(
    request: HttpRequest,
    file: Path<String>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let name = file
        .strip_suffix(".js")
        .ok_or(AppError::NotFound("script"))?;
    if let Some((script, hash)) = lazy(name) {
        let cache = if hash == script.etag {
            LAZY_CACHE
        } else {
            OTHER_LAZY_CACHE
        };
        return Ok(send(&request, script, cache));
    }
    let snapshot = state
        .snapshots
        .get(&SiteKey(name.to_owned()))
        .await?
        .ok_or(AppError::NotFound("site"))?;
    Ok(send(&request, &snapshot.script, CORE_CACHE))
}

/// The file that a name means, and the hash that it asks for.
fn lazy(name: &str) -> Option<(&'static Script, &str)> {
    let (letter, hash) = name.split_once('.')?;
    Some((script::lazy(letter)?, hash))
}

fn send(request: &HttpRequest, script: &Script, cache: &str) -> HttpResponse {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let etag = format!("\"{}\"", script.etag);
    let is_held = header(IF_NONE_MATCH)
        .split(',')
        .any(|held| held.trim().trim_start_matches("W/") == etag);
    let mut response = if is_held {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .content_type("text/javascript; charset=utf-8")
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((ETAG, etag))
        .insert_header((VARY, "Accept-Encoding"));
    if is_held {
        return response.finish();
    }
    let takes_brotli = header(ACCEPT_ENCODING)
        .split(',')
        .any(|encoding| encoding.trim().split(';').next() == Some("br"));
    if takes_brotli {
        response
            .insert_header((CONTENT_ENCODING, "br"))
            .body(script.brotli.clone())
    } else {
        response.body(script.plain.clone())
    }
}
