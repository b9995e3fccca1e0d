//! What of a cell is kept, as the script would have kept it: nothing that is about a person. Pure.

use std::collections::BTreeMap;

use url::Url;

use crate::{
    ingest::browser,
    types::{Millis, Scalar},
};

/// 1 January 2000: nothing that is measured on the web is older, so what is has another unit.
const EARLIEST: Millis = 946_684_800_000;
/// Numbers below count seconds; as ms they would lie in 1973.
const MS_FROM: f64 = 1e11;
/// Characters of a key or a name.
const MAX_KEY: usize = 64;
/// Stands for an e-mail address.
const SOMEBODY: &str = "@";
/// Properties of an event.
const MAX_PROPS: usize = 32;

/// A time, from 2000 to now.
pub(super) fn time(column: &str, text: &str, now: Millis) -> Result<Millis, String> {
    let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
    let at = match number {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range is checked below"
        )]
        Some(number) if number.abs() < MS_FROM => Some((number * 1e3).round() as Millis),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range is checked below"
        )]
        Some(number) => Some(number.round() as Millis),
        None => text
            .parse()
            .ok()
            .map(|at: jiff::Timestamp| at.as_millisecond()),
    };
    match at {
        Some(at) if (EARLIEST..=now).contains(&at) => Ok(at),
        Some(_) => Err(format!("{column} must lie between the year 2000 and now")),
        None => Err(format!(
            "{column} must be a time with its offset, such as 2026-03-01T12:00:00Z, or unix seconds or ms"
        )),
    }
}

/// A number.
pub(super) fn number(column: &str, text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("{column} must be a number with a decimal point, such as 49.90"))
}

/// Path of a page, with the parameters of campaigns and no others.
pub(super) fn page(text: &str) -> Result<String, String> {
    let path = match Url::parse(text) {
        Ok(url) if url.has_host() => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        _ => text.split('#').next().unwrap_or_default().to_owned(),
    };
    if !path.starts_with('/') {
        return Err("page must be a path such as /pricing, or an address".into());
    }
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let campaign = query.split('&').filter(|part| part.starts_with("utm_"));
    let campaign: Vec<_> = campaign.collect();
    Ok(match campaign.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", campaign.join("&")),
    })
}

/// Where somebody came from, without a query. A name of a host will do.
pub(super) fn referrer(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(Url::has_host);
    let url = url.or_else(|| Url::parse(&format!("https://{text}")).ok());
    let is_page = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| host.contains('.'))
    };
    match url.filter(is_page) {
        // Neither a query nor a name before the host.
        Some(url) => Ok(url.origin().ascii_serialization() + url.path()),
        None => Err(
            "referrer must be an address or a host such as www.example.com; leave it empty for direct visits"
                .into(),
        ),
    }
}

/// Where a link leads: a path, with its origin when that is none of the site's.
pub(super) fn href(text: &str, origins: &[String]) -> String {
    let bare = text.split(['?', '#']).next().unwrap_or_default();
    match Url::parse(bare) {
        // What an address of mail or of a telephone leads to is somebody.
        Ok(url) if !url.has_host() => format!("{}:", url.scheme()),
        Ok(url) if origins.contains(&url.origin().ascii_serialization()) => url.path().to_owned(),
        _ => bare.to_owned(),
    }
}

/// A key or a name, without anything that looks like an e-mail address.
pub(super) fn key(text: &str) -> String {
    unnamed(text).chars().take(MAX_KEY).collect()
}

/// The words, with a sign in place of each e-mail address.
pub(super) fn unnamed(text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let words = text.split_inclusive(char::is_whitespace).map(|part| {
        let word = part.trim_end();
        let is_address = word
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        match part.strip_prefix(word).filter(|_| is_address) {
            Some(space) => format!("{SOMEBODY}{space}"),
            None => part.to_owned(),
        }
    });
    words.collect()
}

/// Properties of an event or of the visit.
pub(super) fn props(text: &str) -> Result<BTreeMap<String, Scalar>, String> {
    let props: BTreeMap<String, Scalar> = serde_json::from_str(text).map_err(|_| {
        "props must be a JSON object of texts, numbers and truth values, such as {\"plan\":\"pro\"}"
            .to_owned()
    })?;
    if props.len() > MAX_PROPS {
        return Err(format!("props may have at most {MAX_PROPS} properties"));
    }
    let cleaned = props.into_iter().map(|(name, value)| {
        let value = match value {
            Scalar::Text(text) => Scalar::Text(unnamed(&text)),
            value => value,
        };
        (key(&name), value)
    });
    Ok(cleaned.collect())
}

/// `desktop` or `touch`.
pub(super) fn device(text: &str) -> Result<String, String> {
    match text.to_lowercase().as_str() {
        "desktop" | "computer" => Ok("desktop".into()),
        "mobile" | "phone" | "smartphone" | "tablet" | "touch" => Ok("touch".into()),
        _ => Err("device must be desktop, mobile or tablet, or empty".into()),
    }
}

/// Family of the browser, as live visits have it.
pub(super) fn browser(text: &str) -> String {
    browser::known_family(text).to_owned()
}

/// A language tag.
pub(super) fn language(text: &str) -> Result<String, String> {
    let is_tag = text.len() <= 35
        && text.split(['-', '_']).all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        });
    match is_tag {
        true => Ok(text.replace('_', "-")),
        false => Err("language must be a tag such as en or de-CH".into()),
    }
}

/// Two letters, as a proxy tells them.
pub(super) fn country(text: &str) -> Result<String, String> {
    let is_code = text.len() == 2 && text.chars().all(|c| c.is_ascii_alphabetic());
    match text.to_ascii_uppercase() {
        // Reserved, so that nobody else has it; a proxy never tells it.
        code if code == "UK" => Err("country: write GB for the United Kingdom".into()),
        code if is_code => Ok(code),
        _ => Err("country must be two letters (ISO 3166), such as DE, or empty".into()),
    }
}

/// How many visits of the visitor there were, this one included.
pub(super) fn visit_number(text: &str) -> Result<i32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "visit_number must be a whole number from 1, or empty".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_two_letters_and_visits_are_counted_from_one() {
        assert_eq!(country("ch"), Ok("CH".into()));
        assert!(country("Chile").is_err() && country("4a").is_err());
        assert!(country("uk").unwrap_err().contains("write GB"));
        assert_eq!(visit_number("3"), Ok(3));
        for text in ["0", "-1", "1.5", "3000000000", "yes"] {
            assert!(visit_number(text).is_err(), "{text}");
        }
    }

    const NOW: Millis = 1_800_000_000_000;

    #[test]
    fn times_are_told_by_their_size() {
        let noon = 1_772_366_400_000;
        for text in [
            "2026-03-01T12:00:00Z",
            "2026-03-01T13:00:00+01:00",
            "1772366400",
            "1772366400.0",
            "1772366400000",
        ] {
            assert_eq!(time("at", text, NOW), Ok(noon), "{text}");
        }
        for text in ["", "soon", "2026-03-01", "12", "1900000000", "NaN"] {
            assert!(time("at", text, NOW).is_err(), "{text}");
        }
    }

    #[test]
    fn of_an_address_only_path_and_campaign_are_kept() {
        for (given, kept) in [
            ("/pricing?plan=pro&utm_source=x#a", "/pricing?utm_source=x"),
            ("https://shop.example/a?email=jane@example.com", "/a"),
            ("/", "/"),
        ] {
            assert_eq!(page(given).as_deref(), Ok(kept));
        }
        assert!(page("pricing").is_err());
        for (given, kept) in [
            ("google.com", "https://google.com/"),
            ("https://a.example/x?q=secret", "https://a.example/x"),
            ("https://jane:pw@a.example/", "https://a.example/"),
        ] {
            assert_eq!(referrer(given).as_deref(), Ok(kept));
        }
        assert!(referrer("(direct)").is_err());
        let own = ["https://shop.example".to_owned()];
        assert_eq!(href("https://shop.example/buy?x=1", &own), "/buy");
        assert_eq!(href("https://b.example/c?x=1", &own), "https://b.example/c");
        assert_eq!(href("mailto:jane@example.com", &own), "mailto:");
    }

    #[test]
    fn nobody_is_named() {
        assert_eq!(key("saved for jane@example.com"), "saved for @");
        assert_eq!(
            unnamed("write me:\njane@example.com\nsoon"),
            "write me:\n@\nsoon"
        );
        let props = props(r#"{"plan":"pro","who":"jane@example.com","n":2}"#).unwrap();
        assert_eq!(props["who"], Scalar::Text("@".into()));
        assert_eq!(props["plan"], Scalar::Text("pro".into()));
    }
}
