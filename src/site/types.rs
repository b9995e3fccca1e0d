//! What a site is. Pure.

use serde::{Deserialize, Serialize};

use super::theme::Theme;
use crate::{
    text_enum,
    types::{Millis, SiteId, SiteKey},
};

text_enum!(
    /// Where a site's visits come from.
    SiteKind {
        /// A website of the owner.
        Own = "own", "Site";
        /// The built-in demo at `/demo`; counts automated browsers, takes any page of this service.
        Demo = "demo", "Demo";
        /// Made-up history for looking around.
        Sample = "sample", "Sample";
    }
);

/// A website: the tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Its number; never leaves the server.
    pub id: SiteId,
    /// Its public name.
    pub key: SiteKey,
    /// What the owner calls it.
    pub name: String,
    /// IANA time zone; days of reports begin at its midnight.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    /// Where its visits come from.
    pub kind: SiteKind,
    /// `https://shop.example` or `https://*.shop.example`; events from elsewhere are refused.
    pub origins: Vec<String>,
    /// Whether `http://localhost:<any port>` and loopback addresses are taken too.
    pub allow_localhost: bool,
    /// Automatic questions in one visit at most, over all prompts.
    pub questions_per_visit: u8,
    /// Days in which a known visitor who closed a question is left alone.
    pub cool_down_days: i32,
    /// Rises with every change that the widget must learn of.
    pub config_version: i64,
    /// Signs impression tokens and "ask me again" links.
    pub signing_key: Vec<u8>,
    /// What the owner decides about its pages.
    pub page: PageSettings,
    /// How its cards look, where a question has no look of its own.
    pub theme: Theme,
    /// Days for which events are kept; `None` for as long as the site is there.
    pub keep_days: Option<i32>,
    /// Whether it is measured what visitors do with each field of a form.
    pub measures_fields: bool,
    /// When the secret was made by which the site's own server tells events; `None` before.
    pub api_secret_at: Option<Millis>,
    /// Created.
    pub created_at: Millis,
}

/// What the owner of a site decides about its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSettings {
    /// `Do Not Track` counts as no consent.
    pub honours_dnt: bool,
    /// What visitors choose in the site's consent banner is taken over.
    pub follows_banner: bool,
    /// What happens to questions is told to `dataLayer`.
    pub tells_data_layer: bool,
    /// Cards have a button after which no question opens by itself in that browser.
    pub offers_never: bool,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self {
            honours_dnt: true,
            follows_banner: true,
            tells_data_layer: false,
            offers_never: true,
        }
    }
}

/// A site before it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSite {
    /// What the owner calls it.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    /// Where its visits come from.
    pub kind: SiteKind,
    /// See [`Site::origins`].
    pub origins: Vec<String>,
    /// See [`Site::allow_localhost`].
    pub allow_localhost: bool,
}

/// An origin whose events were refused, for the owner to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedOrigin {
    /// Scheme, host and port.
    pub origin: String,
    /// First seen.
    pub first_at: Millis,
    /// Last seen.
    pub last_at: Millis,
    /// Requests refused.
    pub n: i64,
}

/// The newest thing heard from a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSeen {
    /// When.
    pub at: Millis,
    /// On which page.
    pub path: String,
}

/// How many minor units the currency has, as a power of ten (ISO 4217).
pub fn currency_exponent(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "CLP" | "ISK" | "VND" | "XAF" | "XOF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Origin of a request as the allow list compares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin(String);

impl Origin {
    /// Reads scheme, host and port of an `Origin` header or of what an owner typed; `None` for anything else, `null` too.
    pub fn parse(text: &str) -> Option<Self> {
        let url = url::Url::parse(text.trim()).ok()?;
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.host_str().is_none()
        {
            return None;
        }
        Some(Self(url.origin().ascii_serialization()))
    }

    /// Scheme, host and, if unusual, port.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the host is this machine: localhost or a loopback literal.
    pub fn is_localhost(&self) -> bool {
        let Ok(url) = url::Url::parse(&self.0) else {
            return false;
        };
        match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}

/// A host without its port and a leading "www.".
pub fn bare_host(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_prefix("www.").unwrap_or(name)
}

impl Site {
    /// As [`Site::allows`], for an origin that is text.
    pub fn allows_text(&self, origin: &str) -> bool {
        Origin::parse(origin).is_some_and(|origin| self.allows(&origin))
    }

    /// Whether a page on `host` is one of the site's own, whatever its port and a leading "www.".
    pub fn is_own_host(&self, host: &str) -> bool {
        let host = bare_host(host);
        let here = Origin(format!("http://{host}"));
        (self.allow_localhost && here.is_localhost())
            || self
                .origins
                .iter()
                .filter_map(|origin| origin.split_once("://"))
                .any(|(_, own)| match own.strip_prefix("*.") {
                    Some(domain) => host
                        .strip_suffix(bare_host(domain))
                        .is_some_and(|label| label.is_empty() || label.ends_with('.')),
                    None => host == bare_host(own),
                })
    }

    /// Whether events may come from `origin`: listed, or this machine where the owner ticked that.
    pub fn allows(&self, origin: &Origin) -> bool {
        (self.allow_localhost && origin.is_localhost())
            || self
                .origins
                .iter()
                .any(|allowed| match allowed.split_once("://*.") {
                    Some((scheme, domain)) => origin
                        .as_str()
                        .strip_prefix(scheme)
                        .and_then(|rest| rest.strip_prefix("://"))
                        .and_then(|host| host.strip_suffix(domain))
                        .is_some_and(|label| label.len() > 1 && label.ends_with('.')),
                    None => allowed == origin.as_str(),
                })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(origins: &[&str], allow_localhost: bool) -> Site {
        Site {
            id: SiteId(1),
            key: SiteKey::random(),
            name: String::new(),
            time_zone: "UTC".into(),
            currency: "EUR".into(),
            kind: SiteKind::Own,
            origins: origins.iter().map(|&origin| origin.into()).collect(),
            allow_localhost,
            questions_per_visit: 1,
            cool_down_days: 30,
            config_version: 1,
            signing_key: vec![],
            page: PageSettings::default(),
            theme: Theme::default(),
            keep_days: None,
            measures_fields: false,
            api_secret_at: None,
            created_at: 0,
        }
    }

    #[test]
    fn a_site_knows_its_own_hosts() {
        let listed = site(
            &["https://www.shop.example:8443", "https://*.desk.example"],
            true,
        );
        for own in [
            "shop.example",
            "www.shop.example",
            "shop.example:80",
            "app.desk.example",
            "desk.example",
            "localhost:3000",
            "[::1]:80",
            "127.0.0.1",
        ] {
            assert!(listed.is_own_host(own), "{own}");
        }
        for other in [
            "",
            "example",
            "myshop.example",
            "mydesk.example",
            "google.com",
        ] {
            assert!(!listed.is_own_host(other), "{other}");
        }
        assert!(!site(&[], false).is_own_host("localhost"));
    }

    #[test]
    fn origins_are_compared_whole() {
        let cases = [
            (
                &["https://shop.example"][..],
                false,
                "https://shop.example",
                true,
            ),
            (
                &["https://shop.example"],
                false,
                "http://shop.example",
                false,
            ),
            (
                &["https://shop.example"],
                false,
                "https://shop.example:8443",
                false,
            ),
            (
                &["https://shop.example"],
                false,
                "https://evilshop.example",
                false,
            ),
            (
                &["https://*.shop.example"],
                false,
                "https://www.shop.example",
                true,
            ),
            (
                &["https://*.shop.example"],
                false,
                "https://shop.example",
                false,
            ),
            (
                &["https://*.shop.example"],
                false,
                "https://evil-shop.example",
                false,
            ),
            (&[], false, "http://localhost:3000", false),
            (&[], true, "http://localhost:3000", true),
            (&[], true, "http://127.0.0.1:5173", true),
            (&[], true, "http://[::1]:5173", true),
            (&[], true, "http://localhost.evil.example", false),
        ];
        for (origins, allow_localhost, origin, allowed) in cases {
            let parsed = Origin::parse(origin).unwrap();
            assert_eq!(
                site(origins, allow_localhost).allows(&parsed),
                allowed,
                "{origin} against {origins:?}"
            );
        }
        assert_eq!(Origin::parse("null"), None);
        assert_eq!(Origin::parse("https://user@shop.example"), None);
    }
}
