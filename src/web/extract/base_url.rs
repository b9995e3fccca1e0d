//! Under which address the service is reached, for snippets and links.

use actix_web::{HttpRequest, http::header::HOST};

use crate::config::Config;

/// The configured address, or else the one that this request was sent to. Without a trailing slash.
pub fn base_url(request: &HttpRequest, config: &Config) -> String {
    config
        .public_url
        .clone()
        .unwrap_or_else(|| own_origin(request, config))
}

/// Scheme and host that this request was sent to, for what must be of the same origin as the page.
pub fn own_origin(request: &HttpRequest, config: &Config) -> String {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let is_behind_proxy = request.peer_addr().is_some_and(|peer| {
        config
            .trusted_proxies
            .iter()
            .any(|net| net.contains(&peer.ip().to_canonical()))
    });
    let host = header(HOST.as_str()).unwrap_or("localhost");
    let is_public = |url: &&String| url.split_once("://").is_some_and(|(_, own)| own == host);
    if let Some(url) = config.public_url.as_ref().filter(is_public) {
        return url.clone();
    }
    let is_https = is_behind_proxy && header("x-forwarded-proto") == Some("https");
    let scheme = if is_https { "https" } else { "http" };
    format!("{scheme}://{host}")
}
