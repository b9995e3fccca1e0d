//! What a user agent says, cut down to what reports need. The full text is never stored.

/// Families, in the order in which they must be looked for: each names the ones behind it too.
const FAMILIES: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Marks of programs that fetch pages by themselves.
const PROGRAMS: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "headless",
    "lighthouse",
    "curl/",
    "python",
    "wget",
];

/// The family of the browser: `Firefox`, or `Other`.
pub fn family(user_agent: &str) -> &'static str {
    FAMILIES
        .iter()
        .find(|(mark, _)| user_agent.contains(mark))
        .map_or("Other", |(_, family)| family)
}

/// The family of this name, or that of a whole user agent.
pub fn known_family(text: &str) -> &'static str {
    let named = FAMILIES
        .iter()
        .find(|(_, family)| family.eq_ignore_ascii_case(text));
    named.map_or_else(|| family(text), |(_, family)| family)
}

/// Kind of device, where no script has said it: `desktop` or `touch`.
pub fn device(user_agent: &str) -> &'static str {
    let is_touch = |mark| user_agent.contains(mark);
    if ["Mobi", "Android", "iPad"].into_iter().any(is_touch) {
        "touch"
    } else {
        "desktop"
    }
}

/// Whether the user agent names itself as a program. Flagged, never dropped.
pub fn is_program(user_agent: &str) -> bool {
    // A make of phones, whose models bear its name.
    let lower = user_agent.to_ascii_lowercase().replace("cubot", "");
    PROGRAMS.iter().any(|mark| lower.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_apart() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(family(chrome), "Chrome");
        assert_eq!(family(&format!("{chrome} Edg/156.0")), "Edge");
        assert_eq!(
            family("Mozilla/5.0 (X11; Linux; rv:147.0) Gecko/20100101 Firefox/147.0"),
            "Firefox"
        );
        assert_eq!(family(""), "Other");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1";
        assert_eq!((device(chrome), device(phone)), ("desktop", "touch"));
        assert!(!is_program(chrome));
        assert!(is_program("Mozilla/5.0 (compatible; Googlebot/2.1)"));
        let cubot = "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36";
        assert!(!is_program(cubot));
        assert!(is_program(&format!("{cubot} (compatible; Googlebot/2.1)")));
    }
}
