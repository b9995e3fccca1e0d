//! Which reasons look alike: a simple rule that the page can state. Pure.
//!
//! Two names look alike when they come to the same words, or are one slip of the pen apart. Words are compared without case, signs,
//! small words and endings, and a few that mean the same count as one. A "not" or a figure in only one of them parts them always.

use std::collections::BTreeSet;

use strsim::normalized_damerau_levenshtein;

use super::types::Reason;

/// Words that say nothing by themselves.
const SMALL: &[&str] = &[
    "a", "an", "and", "for", "i", "is", "it", "my", "of", "or", "s", "that", "the", "this", "to",
    "too", "was",
];
/// Beginnings of words of one meaning; the first of them stands for all.
const SAME: &[&[&str]] = &[
    &["price", "pric", "cost", "expensiv", "dear", "pricey"],
    &["trust", "safe", "secur", "privacy"],
    &["error", "bug", "broken", "fail"],
    &["approval", "approv", "permission"],
    &["compare", "compar"],
];
/// Words that turn the meaning round.
const AGAINST: &[&str] = &["not", "no", "never", "without"];
/// From here on two names count as one that was mistyped.
const SLIP: f64 = 0.86;

/// Pairs that look alike, in the order of the reasons.
pub fn alike(reasons: &[Reason]) -> Vec<(&Reason, &Reason)> {
    let words: Vec<BTreeSet<String>> = reasons.iter().map(|reason| words(&reason.name)).collect();
    let mut pairs = Vec::new();
    for (place, (left, left_words)) in reasons.iter().zip(&words).enumerate() {
        for (right, right_words) in reasons.iter().zip(&words).skip(place + 1) {
            if is_alike(left_words, right_words) {
                pairs.push((left, right));
            }
        }
    }
    pairs
}

fn is_alike(left: &BTreeSet<String>, right: &BTreeSet<String>) -> bool {
    if left.is_empty() || right.is_empty() {
        return false;
    }
    let decisive = |words: &BTreeSet<String>| -> BTreeSet<String> {
        let is_figure = |word: &str| word.chars().any(|c| c.is_ascii_digit());
        let decisive = words.iter();
        decisive
            .filter(|word| AGAINST.contains(&word.as_str()) || is_figure(word))
            .cloned()
            .collect()
    };
    if decisive(left) != decisive(right) {
        return false;
    }
    let text = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(" ");
    left == right || normalized_damerau_levenshtein(&text(left), &text(right)) >= SLIP
}

/// The words that count.
fn words(name: &str) -> BTreeSet<String> {
    let lower = name.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !SMALL.contains(word))
        .map(meaning)
        .collect()
}

fn meaning(word: &str) -> String {
    let stem = stem(word);
    let same = SAME
        .iter()
        .find(|same| same.contains(&word) || same.contains(&stem));
    same.and_then(|same| same.first())
        .map_or(stem, |first| first)
        .to_owned()
}

/// Without its ending, as far as four letters stay.
fn stem(word: &str) -> &str {
    let endings = ["ing", "ies", "es", "ed", "s", "e"];
    endings
        .iter()
        .find_map(|ending| word.strip_suffix(ending).filter(|stem| stem.len() >= 4))
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(left: &str, right: &str) -> bool {
        is_alike(&words(left), &words(right))
    }

    #[test]
    fn the_same_in_other_words() {
        for (left, right) in [
            ("Price", "Too expensive"),
            ("Price", "prices"),
            ("The price", "Costs"),
            ("Comparing", "To compare"),
            ("Phone number", "Phone nubmer"),
            ("Just looking", "just looking."),
        ] {
            assert!(is(left, right), "{left} and {right}");
        }
    }

    #[test]
    fn what_differs_stays_apart() {
        for (left, right) in [
            ("Helpful", "Not helpful"),
            ("Answered", "Not answered"),
            ("Likely", "Unlikely"),
            ("Satisfied", "Dissatisfied"),
            ("Easy", "Very easy"),
            ("Price", "Shipping costs"),
            ("Plan 1", "Plan 2"),
            ("Too long", "Too slow"),
            ("Found part of it", "Found what they came for"),
            ("Missing feature", "Missing information"),
            ("Would recommend", "Would not recommend"),
        ] {
            assert!(!is(left, right), "{left} and {right}");
        }
    }

    #[test]
    fn names_without_words_and_of_other_languages_are_no_danger() {
        assert!(!is("", "The"));
        assert!(!is("Zu teuer", "Zu lang"));
    }
}
