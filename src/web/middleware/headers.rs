//! Security headers of pages. What the widget fetches sets its own.

use actix_web::{
    HttpResponse,
    http::header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL,
        CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types exitpoll";
/// Pages of the demo site: as strict as a customer's site may be, with the live strip beside them.
const DEMO_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Pages of links: no script at all, and in nobody's frame.
const LINK_POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds what a response lacks; a handler may have set its own.
pub(super) fn add(path: &str, response: &mut HttpResponse) {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    if path.starts_with("/x/") {
        // The owner's tools have an authority of the site's own: their handlers name the one origin that may read the reply.
        if matches!(path, "/x/goals" | "/x/why") {
            return;
        }
        // A fixed `*`, never with credentials: nothing to poison, nothing to vary by.
        set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        // Otherwise a page of another origin cannot read when to come back.
        set(ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After");
        set(
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        );
        set(HeaderName::from_static("timing-allow-origin"), "*");
        return;
    }
    // The strip is a page of ours; the pages beside it are those of a customer.
    let is_demo_page = path.starts_with("/demo") && path != "/demo/strip";
    set(
        CONTENT_SECURITY_POLICY,
        match path {
            _ if is_demo_page => DEMO_POLICY,
            path if path.starts_with("/p/") => LINK_POLICY,
            _ => POLICY,
        },
    );
    // "same-origin" and not "no-referrer": the latter makes browsers send `Origin: null` with forms.
    set(REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    );
    set(CACHE_CONTROL, "no-store");
}
