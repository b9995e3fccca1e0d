//! What the card says by itself, in every language that has a file here. Another language is another file. Pure.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

/// Every file of this folder, by its tag; `build.rs` lists them.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// Spoken where no file fits.
const FALLBACK: &str = "en";

/// Languages written from right to left that have no file.
const RIGHT_TO_LEFT: [&str; 9] = ["ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// What the card says by itself in one language. `{n}` and the like stand for figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// What the language calls itself.
    pub name: String,
    /// What it is called in the editor.
    pub in_english: String,
    /// `ltr` or `rtl`.
    pub dir: String,
    /// The button of the last step.
    pub submit: String,
    /// The button of the others.
    pub next: String,
    /// Leads to the step before.
    pub back: String,
    /// Where a value or a question is among others.
    pub of: String,
    /// Leaves without an answer.
    pub later: String,
    /// The same for good.
    pub never: String,
    /// Name of the sign that closes the card.
    pub close: String,
    /// Said when nothing is given to a question with one answer.
    pub choose_one: String,
    /// To one with several.
    pub choose_some: String,
    /// To one in words.
    pub write_something: String,
    /// To one about an address.
    pub write_email: String,
    /// To one about a day.
    pub choose_date: String,
    /// To a box.
    pub tick: String,
    /// Said when an address does not fit.
    pub wrong_email: String,
    /// When a day does not.
    pub wrong_date: String,
    /// When a number does not.
    pub wrong_number: String,
    /// When a web address does not.
    pub wrong_url: String,
    /// Said of too many choices.
    pub at_most: String,
    /// Of too few.
    pub at_least: String,
    /// Of another number than the only one.
    pub exactly: String,
    /// Of too few or too many.
    pub between: String,
    /// A link follows itself.
    pub soon: String,
    /// Name of a button of a ranking.
    pub up: String,
    /// Name of the other.
    pub down: String,
    /// Label of "something else", until the owner writes another.
    pub other: String,
    /// Label of "none of these", likewise.
    pub none: String,
    /// Label of the comment line, likewise.
    pub comment: String,
    /// Words on a link, likewise.
    pub open: String,
}

static PHRASES: LazyLock<BTreeMap<&str, Phrases>> = LazyLock::new(|| {
    let read = |(tag, text): &(&'static str, &str)| {
        let phrases = serde_json::from_str(text);
        (*tag, phrases.expect("a test reads every file"))
    };
    FILES.iter().map(read).collect()
});

/// The languages that have a file, by their tags.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Phrases)> {
    PHRASES.iter().map(|(tag, phrases)| (*tag, phrases))
}

/// What the card says by itself in this language, or else in English.
pub fn phrases(lang: &str) -> &'static Phrases {
    let found = best([lang], PHRASES.keys().copied());
    PHRASES
        .get(found.unwrap_or(FALLBACK))
        .expect("there is an English file")
}

/// `rtl` where the language is written from right to left.
pub fn direction(lang: &str) -> &'static str {
    let main = lang.split('-').next().unwrap_or_default();
    if RIGHT_TO_LEFT
        .iter()
        .any(|rtl| main.eq_ignore_ascii_case(rtl))
    {
        return "rtl";
    }
    let own = best([lang], PHRASES.keys().copied()).and_then(|tag| PHRASES.get(tag));
    own.map_or("ltr", |phrases| &phrases.dir)
}

/// What the editor calls a language: its name, or its tag where it has no file.
pub fn name(lang: &str) -> String {
    let main = best([lang], PHRASES.keys().copied()).and_then(|tag| PHRASES.get(tag));
    match main {
        Some(phrases) if PHRASES.contains_key(lang) => phrases.in_english.clone(),
        Some(phrases) => format!("{} ({lang})", phrases.in_english),
        None => lang.to_owned(),
    }
}

/// Whether it is a language tag, roughly.
pub fn is_tag(text: &str) -> bool {
    (2..=35).contains(&text.len())
        && text
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The offered language that suits best: of the wanted ones, the most wanted first, the same, a wider one (`de` for `de-AT`), or one
/// of another region (`de-CH` for `de-AT`). `None` when none is spoken.
pub fn best<'a, 'w>(
    wanted: impl IntoIterator<Item = &'w str>,
    offered: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let offered: Vec<_> = offered.into_iter().collect();
    let first = |fits: &dyn Fn(&str) -> bool| offered.iter().copied().find(|tag| fits(tag));
    wanted.into_iter().find_map(|wanted| {
        let mut range = wanted;
        loop {
            let same = first(&|tag| tag.eq_ignore_ascii_case(range));
            match (same, range.rsplit_once('-')) {
                (Some(_), _) => return same,
                (None, Some((wider, _))) => range = wider,
                (None, None) => break,
            }
        }
        let main = |tag: &str| {
            tag.split('-')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        first(&|tag| main(tag) == main(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_says_everything_with_the_figures_of_the_english_one() {
        let figures = |text: &str| {
            let mut found: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
                .collect();
            found.sort();
            found
        };
        let read = |text: &str| serde_json::from_str::<BTreeMap<String, String>>(text);
        let english = FILES.iter().find(|(tag, _)| *tag == FALLBACK).unwrap();
        let english = read(english.1).unwrap();
        for (tag, text) in FILES {
            let phrases: Result<Phrases, _> = serde_json::from_str(text);
            assert!(phrases.is_ok(), "{tag}.json: {}", phrases.unwrap_err());
            assert!(is_tag(tag), "{tag}.json is not named after a language");
            assert!(
                matches!(phrases.unwrap().dir.as_str(), "ltr" | "rtl"),
                "{tag}"
            );
            for (key, said) in read(text).unwrap() {
                assert!(!said.trim().is_empty(), "{tag}.json: {key} is empty");
                assert_eq!(figures(&said), figures(&english[&key]), "{tag}.json: {key}");
            }
        }
        let tags: Vec<&str> = all().map(|(tag, _)| tag).collect();
        for tag in ["ar", "de", "en", "es", "fr"] {
            assert!(tags.contains(&tag), "{tag}.json is missing");
        }
    }

    #[test]
    fn a_file_that_lacks_a_phrase_is_refused() {
        let (_, english) = FILES.iter().find(|(tag, _)| *tag == FALLBACK).unwrap();
        let lacking = english.replace("\"later\": \"Not now\",", "");

        let refused = serde_json::from_str::<Phrases>(&lacking).unwrap_err();

        assert!(
            refused.to_string().contains("missing field `later`"),
            "{refused}"
        );
    }

    #[test]
    fn the_best_language_is_the_most_wanted_that_is_spoken() {
        let cases: [(&[&str], &[&str], Option<&str>); 10] = [
            (&["de"], &["en", "de"], Some("de")),
            (&["de-AT"], &["en", "de"], Some("de")),
            (&["de-AT"], &["en", "de-CH"], Some("de-CH")),
            (&["de-CH"], &["de", "de-CH"], Some("de-CH")),
            (&["DE-at"], &["de"], Some("de")),
            (&["zh-Hant-TW"], &["zh-Hans", "zh-Hant"], Some("zh-Hant")),
            (&["it", "fr", "en"], &["en", "fr"], Some("fr")),
            (&["it"], &["en", "de"], None),
            (&[], &["en"], None),
            (&["d"], &["de"], None),
        ];
        for (wanted, offered, found) in cases {
            let best = best(wanted.iter().copied(), offered.iter().copied());
            assert_eq!(best, found, "{wanted:?} of {offered:?}");
        }
    }

    #[test]
    fn the_direction_is_that_of_the_language() {
        for (lang, dir) in [
            ("ar", "rtl"),
            ("ar-EG", "rtl"),
            ("he", "rtl"),
            ("fa-IR", "rtl"),
        ] {
            assert_eq!(direction(lang), dir, "{lang}");
        }
        for lang in ["en", "de-AT", "it", ""] {
            assert_eq!(direction(lang), "ltr", "{lang}");
        }
    }
}
