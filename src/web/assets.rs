//! Styles and scripts of pages, embedded, under an address that changes with their content.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Path,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::error::PageError;
use crate::{error::AppError, secret};

/// A file and where it is found.
struct Asset {
    url: String,
    kind: &'static str,
    body: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, body: &'static str) -> Self {
        let hash: String = URL_SAFE_NO_PAD
            .encode(secret::sha256(body))
            .chars()
            .take(12)
            .collect();
        Self {
            url: format!("/assets/{name}.{hash}.{extension}"),
            kind,
            body,
        }
    }
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

static APP_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "app",
        "css",
        CSS,
        include_str!("../../templates/assets/app.css"),
    )
});
static APP_JS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "app",
        "js",
        JS,
        include_str!("../../templates/assets/app.js"),
    )
});

static PREVIEW_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "preview",
        "css",
        CSS,
        include_str!("../../templates/assets/preview.css"),
    )
});
static PREVIEW_JS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "preview",
        "js",
        JS,
        include_str!("../../templates/assets/preview.js"),
    )
});

static DEMO_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "demo",
        "css",
        CSS,
        include_str!("../../templates/demo/demo.css"),
    )
});
static STRIP_JS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "strip",
        "js",
        JS,
        include_str!("../../templates/demo/strip.js"),
    )
});

static LINK_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "link",
        "css",
        CSS,
        include_str!("../../templates/link/link.css"),
    )
});

/// Address of the stylesheet of links' pages.
pub fn link_css() -> &'static str {
    &LINK_CSS.url
}

/// Address of the stylesheet.
pub fn css() -> &'static str {
    &APP_CSS.url
}

/// Address of the script.
pub fn js() -> &'static str {
    &APP_JS.url
}

/// Address of the stylesheet inside the preview.
pub fn preview_css() -> &'static str {
    &PREVIEW_CSS.url
}

/// Address of the script inside the preview.
pub fn preview_js() -> &'static str {
    &PREVIEW_JS.url
}

/// Address of the demo site's stylesheet.
pub fn demo_css() -> &'static str {
    &DEMO_CSS.url
}

/// Address of the script of the demo's live strip.
pub fn strip_js() -> &'static str {
    &STRIP_JS.url
}

/// GET `/assets/{name}.{hash}.{extension}`: may be kept for ever.
pub async fn show(file: Path<String>) -> Result<HttpResponse, PageError> {
    let url = format!("/assets/{file}");
    let preview = [&*PREVIEW_CSS, &*PREVIEW_JS];
    let found = [&*APP_CSS, &*APP_JS, &*DEMO_CSS, &*STRIP_JS, &*LINK_CSS]
        .into_iter()
        .chain(preview)
        .find(|asset| asset.url == url);
    let asset = found.ok_or(AppError::NotFound("file"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        // The frame of the preview is of no origin, not even ours.
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(asset.body))
}
