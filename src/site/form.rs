//! What the forms about a site post, and how they are read. Pure.

use serde::Deserialize;

use super::{
    calendar::find_time_zone,
    types::{NewSite, Origin, PageSettings, Site, SiteKind},
};
use crate::error::FieldErrors;

/// Currencies in use (ISO 4217), the most common ones first.
pub const CURRENCIES: &[&str] = &[
    "EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "AED", "AFN", "ALL", "AMD", "AOA", "ARS",
    "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN",
    "BWP", "BYN", "BZD", "CDF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK",
    "DOP", "DZD", "EGP", "ERN", "ETB", "FJD", "FKP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ",
    "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD",
    "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK",
    "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK",
    "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG",
    "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SYP", "SZL", "THB", "TJS", "TMT",
    "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "UYU", "UZS", "VED", "VES", "VND",
    "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

/// Most origins that a site may list.
const MAX_ORIGINS: usize = 50;
/// Longest name of a site.
const MAX_NAME: usize = 80;

/// A new site, as it was posted; fields that are missing are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewSiteForm {
    /// What the owner calls it.
    pub name: String,
    /// Where it lives.
    pub origin: String,
    /// Any value when ticked.
    pub localhost: String,
    /// IANA name.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
}

impl NewSiteForm {
    /// The form before anything was typed.
    pub fn blank() -> Self {
        Self {
            time_zone: "UTC".into(),
            currency: "EUR".into(),
            ..Self::default()
        }
    }

    /// Whether the address is completed with https://.
    pub fn lacks_scheme(&self) -> bool {
        !has_scheme(&self.origin)
    }

    /// Reads the form, or says of each field what would be right.
    pub fn parse(&self) -> Result<NewSite, FieldErrors> {
        let mut errors = FieldErrors::default();
        let basics = BasicsForm {
            name: self.name.clone(),
            time_zone: self.time_zone.clone(),
            currency: self.currency.clone(),
        };
        let basics = basics.read(&mut errors);
        let origin = read_origin(&self.origin);
        if let Err(message) = &origin {
            errors.add("origin", message);
        }
        errors.or(NewSite {
            name: basics.name,
            time_zone: basics.time_zone,
            currency: basics.currency,
            kind: SiteKind::Own,
            origins: origin.into_iter().collect(),
            allow_localhost: !self.localhost.is_empty(),
        })
    }
}

/// Name, time zone and currency, as they were posted and as they are read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BasicsForm {
    /// What the owner calls the site.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
}

impl BasicsForm {
    /// The form that shows a stored site.
    pub fn of(site: &Site) -> Self {
        Self {
            name: site.name.clone(),
            time_zone: site.time_zone.clone(),
            currency: site.currency.clone(),
        }
    }

    /// Reads the form, or says of each field what would be right.
    pub fn parse(&self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let read = self.read(&mut errors);
        errors.or(read)
    }

    fn read(&self, errors: &mut FieldErrors) -> Self {
        let name = self.name.trim().to_owned();
        if name.is_empty() {
            errors.add("name", "Give the site a name");
        } else if name.chars().count() > MAX_NAME {
            errors.add(
                "name",
                format!("Use at most {MAX_NAME} characters for the name"),
            );
        }
        let time_zone = find_time_zone(&self.time_zone).unwrap_or_else(|| {
            errors.add(
                "time_zone",
                "Choose a time zone from the list, such as Europe/Berlin",
            );
            String::new()
        });
        let currency = self.currency.trim().to_uppercase();
        if !CURRENCIES.contains(&currency.as_str()) {
            errors.add(
                "currency",
                "Use the three letters of a currency, such as EUR",
            );
        }
        Self {
            name,
            time_zone,
            currency,
        }
    }
}

/// The addresses that may send data, one per line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OriginsForm {
    /// One per line.
    pub origins: String,
    /// Any value when ticked.
    pub localhost: String,
}

impl OriginsForm {
    /// The form that shows a stored site.
    pub fn of(site: &Site) -> Self {
        let localhost = if site.allow_localhost { "1" } else { "" };
        Self {
            origins: site.origins.join("\n"),
            localhost: localhost.into(),
        }
    }

    /// Whether an address was completed with https://.
    pub fn lacks_scheme(&self) -> bool {
        let lines = self.origins.lines().map(str::trim);
        let mut lines = lines.filter(|line| !line.is_empty());
        lines.any(|line| !has_scheme(line))
    }

    /// Reads the list and the tick, or says which line is wrong.
    pub fn parse(&self) -> Result<(Vec<String>, bool), FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut origins: Vec<String> = Vec::new();
        for line in self
            .origins
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            match read_origin(line) {
                Ok(origin) if origins.contains(&origin) => {}
                Ok(origin) => origins.push(origin),
                Err(message) if errors.of("origins").is_none() => errors.add("origins", message),
                Err(_) => {}
            }
        }
        let allow_localhost = !self.localhost.is_empty();
        if origins.len() > MAX_ORIGINS {
            errors.add("origins", format!("List at most {MAX_ORIGINS} addresses"));
        }
        if origins.is_empty() && !allow_localhost && errors.0.is_empty() {
            errors.add(
                "origins",
                "List at least one address, such as https://www.example.com",
            );
        }
        errors.or((origins, allow_localhost))
    }
}

/// What the owner decides about the site's pages: any value when ticked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageForm {
    /// See [`PageSettings::follows_banner`].
    pub follows_banner: String,
    /// See [`PageSettings::honours_dnt`].
    pub honours_dnt: String,
    /// See [`PageSettings::tells_data_layer`].
    pub tells_data_layer: String,
    /// See [`PageSettings::offers_never`].
    pub offers_never: String,
}

impl PageForm {
    /// What was ticked; there is nothing to get wrong.
    pub fn parse(&self) -> PageSettings {
        PageSettings {
            honours_dnt: !self.honours_dnt.is_empty(),
            follows_banner: !self.follows_banner.is_empty(),
            tells_data_layer: !self.tells_data_layer.is_empty(),
            offers_never: !self.offers_never.is_empty(),
        }
    }
}

fn has_scheme(text: &str) -> bool {
    text.contains("://")
}

/// Whether it is an address of this machine without a scheme, such as `localhost:3000`.
fn is_loopback(text: &str) -> bool {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match host.strip_prefix("[::1]") {
        Some(_) => "[::1]",
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(
        host.to_lowercase().as_str(),
        "localhost" | "127.0.0.1" | "[::1]"
    )
}

/// What an owner typed, as the allow list holds it. A missing scheme means https, on this machine http; a path is left out.
fn read_origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_here = is_loopback(text);
    let whole = match (has_scheme(text), is_here) {
        (true, _) => text.to_owned(),
        (false, true) => format!("http://{text}"),
        (false, false) => format!("https://{text}"),
    };
    let origin = Origin::parse(&whole).map(|origin| origin.as_str().to_owned());
    let host = origin
        .as_deref()
        .and_then(|origin| origin.split_once("://"))
        .map_or("", |(_, host)| host);
    let stars = host.matches('*').count();
    let is_right = !host.is_empty()
        && (host.contains('.') || has_scheme(text) || is_here)
        && (stars == 0 || (stars == 1 && host.starts_with("*.") && host.matches('.').count() >= 2));
    match origin {
        Some(origin) if is_right => Ok(origin),
        _ if text.is_empty() => {
            Err("Say where the site lives, such as https://www.example.com".into())
        }
        _ => Err(format!(
            "“{text}” is no address; write it like https://www.example.com or https://*.example.com"
        )),
    }
}

/// How much a visit is asked, as it was posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AskingForm {
    /// 1 to 5.
    pub questions_per_visit: String,
    /// Days, 0 to 365.
    pub cool_down_days: String,
}

impl AskingForm {
    /// The form that shows what holds.
    pub fn of(site: &Site) -> Self {
        Self {
            questions_per_visit: site.questions_per_visit.to_string(),
            cool_down_days: site.cool_down_days.to_string(),
        }
    }

    /// Questions of a visit and days of quiet, or of each field what would be right.
    pub fn parse(&self) -> Result<(u8, i32), FieldErrors> {
        let mut errors = FieldErrors::default();
        let questions = self.questions_per_visit.trim().parse().ok();
        let questions = questions.filter(|n| (1..=5).contains(n));
        if questions.is_none() {
            errors.add("questions_per_visit", "Write a whole number from 1 to 5.");
        }
        let days = self.cool_down_days.trim().parse().ok();
        let days = days.filter(|n| (0..=365).contains(n));
        if days.is_none() {
            errors.add("cool_down_days", "Write a whole number from 0 to 365.");
        }
        errors.or((questions.unwrap_or(1), days.unwrap_or_default()))
    }
}

/// Whether it is measured what visitors do with each field of a form, as it was posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FieldsForm {
    /// Any value when ticked.
    pub measures_fields: String,
}

/// For how long events are kept, as it was posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KeepForm {
    /// Days; empty for as long as the site is there.
    pub keep_days: String,
    /// Anything once it was said what is deleted by it.
    pub is_sure: String,
}

impl KeepForm {
    /// The form that shows what holds.
    pub fn of(site: &Site) -> Self {
        let days = site.keep_days.map(|days| days.to_string());
        Self {
            keep_days: days.unwrap_or_default(),
            is_sure: String::new(),
        }
    }

    /// The days, or what would be right. Estimates look back over four weeks.
    pub fn parse(&self) -> Result<Option<i32>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let typed = self.keep_days.trim();
        let days = typed.parse().ok().filter(|n| (30..=3650).contains(n));
        if days.is_none() && !typed.is_empty() {
            errors.add(
                "keep_days",
                "Write a whole number from 30 to 3650, or nothing.",
            );
        }
        errors.or(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (typed, origin) in [
            ("https://www.shop.example", Some("https://www.shop.example")),
            ("shop.example", Some("https://shop.example")),
            (
                " HTTPS://Shop.Example:8443/basket?x=1 ",
                Some("https://shop.example:8443"),
            ),
            ("https://*.shop.example", Some("https://*.shop.example")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("localhost:8392", Some("http://localhost:8392")),
            ("Localhost/shop", Some("http://localhost")),
            ("127.0.0.1:8392", Some("http://127.0.0.1:8392")),
            ("[::1]:8392", Some("http://[::1]:8392")),
            (
                "localhost.shop.example",
                Some("https://localhost.shop.example"),
            ),
            ("http://192.168.1.20:8080", Some("http://192.168.1.20:8080")),
            ("https://*.example", None),
            ("https://*", None),
            ("https://www.*.example", None),
            ("shop", None),
            ("javascript:alert(1)", None),
            ("ftp://shop.example", None),
            ("", None),
        ] {
            assert_eq!(read_origin(typed).ok().as_deref(), origin, "{typed}");
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let form = NewSiteForm {
            time_zone: "Mars".into(),
            currency: "euro".into(),
            ..NewSiteForm::default()
        };
        let errors = form.parse().unwrap_err();

        let fields: Vec<_> = errors.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "time_zone", "currency", "origin"]);
    }

    #[test]
    fn a_list_needs_an_address_or_the_tick() {
        let form = |origins: &str, localhost: &str| {
            OriginsForm {
                origins: origins.into(),
                localhost: localhost.into(),
            }
            .parse()
        };
        assert!(form("\n", "").is_err());
        assert_eq!(form("", "1").unwrap(), (vec![], true));
        assert_eq!(
            form("a.example\r\nhttps://a.example/x\n", "").unwrap().0,
            ["https://a.example"]
        );
    }
}
