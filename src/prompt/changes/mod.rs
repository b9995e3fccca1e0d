//! What differs between two versions of a design, in the words of the editor. Pure.
//!
//! Designs are compared as they are stored, so that a setting which no list here knows is told all the same, by its own name.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use similar::{Algorithm, ChangeTag, utils::diff_slices};

use super::{
    languages,
    sentence::rules,
    types::{
        AskAt, Design, DeviceRule, Join, Place, QuestionKind, Sensitivity, ShownAs, Side,
        VisitorRule,
    },
};
use crate::{
    clock::{HOUR, MINUTE, SECOND},
    goal::types::matches_pattern,
    types::{GoalId, ReasonId},
};

/// What goals and reasons are called.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// All goals that ever were.
    pub goals: HashMap<GoalId, String>,
    /// All reasons.
    pub reasons: HashMap<ReasonId, String>,
}

/// One setting that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the editor calls it.
    pub what: String,
    /// In the older version; `None` when it had none.
    pub before: Option<String>,
    /// In the newer version; `None` when it has none.
    pub after: Option<String>,
}

/// A stretch of a changed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// In both.
    Kept(String),
    /// Only in the older one.
    Gone(String),
    /// Only in the newer one.
    New(String),
}

impl Change {
    /// The text with its words marked; figures are marked whole.
    pub fn parts(&self) -> Vec<Part> {
        let (before, after) = (
            self.before.as_deref().unwrap_or_default(),
            self.after.as_deref().unwrap_or_default(),
        );
        if before.starts_with(|first: char| first.is_ascii_digit()) {
            let (gone, new) = (Part::Gone(before.to_owned()), Part::New(after.to_owned()));
            return vec![gone, new];
        }
        diff_slices(Algorithm::Patience, &tokens(before), &tokens(after))
            .into_iter()
            .map(|(tag, text)| match tag {
                ChangeTag::Equal => Part::Kept(text.concat()),
                ChangeTag::Delete => Part::Gone(text.concat()),
                ChangeTag::Insert => Part::New(text.concat()),
            })
            .collect()
    }
}

/// Words, and each sign between them by itself, so that a comma behind a word does not make it another word.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match rest.find(|c: char| !c.is_alphanumeric()) {
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        let (token, behind) = rest.split_at(end);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

/// Where a setting is stored, and what the editor calls it, in the order of the editor; `*` stands for anything.
const SETTINGS: &[(&str, &str)] = &[
    ("questions.*.title", "Question"),
    ("questions.*.help", "A line beneath it"),
    ("questions.*.kind", "How they answer"),
    ("questions.*.is_required", "Has to be answered"),
    (
        "questions.*.message",
        "What we say when something is missing or wrong",
    ),
    ("questions.*.choices.*.label", "Choice"),
    ("questions.*.choices.*.reason", "Reason"),
    (
        "questions.*.names_reasons",
        "Counts its choices as reasons for leaving",
    ),
    ("questions.*.order", "Order of the choices"),
    ("questions.*.other_label", "One more choice"),
    ("questions.*.other", "Its reason"),
    ("questions.*.none_label", "None of these"),
    ("questions.*.is_shuffled", "Shuffled"),
    ("questions.*.at_least", "Choices at least"),
    ("questions.*.at_most", "Choices at most"),
    ("questions.*.comment_label", "Line for a comment"),
    ("questions.*.input", "What they write"),
    ("questions.*.look", "What the values look like"),
    ("questions.*.top", "Highest value"),
    ("questions.*.low_label", "Words at the low end"),
    ("questions.*.high_label", "Words at the high end"),
    ("questions.*.note", "What it is used for, or agreed to"),
    ("questions.*.button", "Words on the button"),
    ("questions.*.url", "Where it leads"),
    ("questions.*.jumps.*", "Where answers lead"),
    ("questions.*.jumps", "Where answers lead"),
    ("questions.*", "Question"),
    ("moment.after", "Visitors who reached"),
    ("moment.expect", "and not"),
    ("moment.cancel", "Never once they reached"),
    ("moment.ask_at", "When to ask"),
    ("moment.all", "All of them on one page"),
    ("moment.delay_ms", "Time after the moment"),
    ("moment.touch", "Leaving on phones"),
    ("moment.keys", "Leaving by the keys for the address bar"),
    ("moment.sensitivity", "How readily a move counts as leaving"),
    ("moment.min_active_ms", "Time on the page first"),
    ("moment.within_ms", "Time in which it still makes sense"),
    ("moment.*", "When to ask"),
    ("target.addresses", "Where"),
    ("target.addresses_join", "It may ask where"),
    ("target.device", "With"),
    ("target.languages", "Browser set to the language"),
    ("target.visitor", "New or returning"),
    ("target.least_visit", "Returning: from visit number"),
    ("target.sources", "Who came"),
    ("target.reached", "Who reached"),
    ("target.not_reached", "Who did not reach"),
    ("target.earlier_visits", "Earlier visits count too"),
    ("target.properties", "Of whom the page says"),
    ("target.*", "Whom to ask"),
    ("thanks", "Thank-you line"),
    ("endings.*", "Endings"),
    ("endings", "Endings"),
    ("lang", "Language of the words"),
    ("other_words.*", "Other words"),
    ("fields.*", "Extra data with each answer"),
    ("fields", "Extra data with each answer"),
    ("look.shown_as", "Shown as"),
    ("look.selector", "CSS selector of the element"),
    ("look.label", "Words on the tab"),
    ("look.side", "Side of the tab"),
    ("look.place", "Where the card opens"),
    ("look.theme.light.*", "Colours"),
    ("look.theme.dark.*", "Colours on dark pages"),
    ("look.theme.scheme", "Light or dark"),
    ("look.theme.radius", "Radius of the corners"),
    ("look.theme.font", "Font"),
    ("look.theme.family", "Font"),
    ("look.*", "How it looks"),
    ("fairness.sample_percent", "Of those visitors"),
    ("fairness.response_limit", "Answers after which it stops"),
    ("fairness.ask_again_days", "Ask again after days"),
    ("fairness.until_answered", "Until they have answered"),
    ("fairness.schedule.*", "When it asks"),
    ("fairness.held_out_percent", "Left unasked for comparison"),
    (
        "fairness.pauses_on_harm",
        "Paused by itself when asking costs conversions",
    ),
    ("fairness.*", "How often"),
];

/// What differs, in the order of the editor.
pub fn changes(old: &Design, new: &Design, names: &Names) -> Vec<Change> {
    let (before, after) = (settings(old, names), settings(new, names));
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort_by_key(|path| (place(path), *path));
    paths.dedup();
    paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .filter(|path| !path.ends_with(".reason") || is_in_both(path, &before, &after))
        .filter(|path| !path.ends_with(".order") || is_reordered(old, new, path))
        .map(|path| Change {
            what: name(path, &after),
            before: before.get(path).cloned(),
            after: after.get(path).cloned(),
        })
        .collect()
}

/// Whether both have the choice of this reason: one that came or went is told by its words.
fn is_in_both(path: &str, before: &Settings, after: &Settings) -> bool {
    let label = path.replace(".reason", ".label");
    before.contains_key(&label) && after.contains_key(&label)
}

/// Whether the choices that both have stand in another order; that some came or went is told by themselves.
fn is_reordered(old: &Design, new: &Design, path: &str) -> bool {
    let ids = |design: &Design| -> Vec<String> {
        let questions = design.questions.iter();
        questions
            .filter(|question| path == format!("questions.{}.order", question.id))
            .flat_map(|question| question.choices.iter().map(|choice| choice.id.clone()))
            .collect()
    };
    let (old, new) = (ids(old), ids(new));
    let in_both = |ids: &[String], others: &[String]| -> Vec<String> {
        ids.iter()
            .filter(|id| others.contains(id))
            .cloned()
            .collect()
    };
    in_both(&old, &new) != in_both(&new, &old)
}

/// Texts by where they are stored.
type Settings = BTreeMap<String, String>;

fn settings(design: &Design, names: &Names) -> Settings {
    let mut design = design.clone();
    for question in &mut design.questions {
        if question.other.is_none() {
            question.other_label.clear();
        }
    }
    let mut settings = Settings::new();
    let stored = serde_json::to_value(&design).unwrap_or_default();
    read(&stored, "", names, &mut settings);
    settings.remove("template");
    settings.retain(|path, _| !path.ends_with(".id"));
    for (list, words) in rules(&design.target) {
        let below = format!("target.{list}.");
        settings.retain(|path, _| !path.starts_with(&below));
        if !words.is_empty() {
            settings.insert(format!("target.{list}"), words.join(", "));
        }
    }
    for question in design
        .questions
        .iter()
        .filter(|one| !one.choices.is_empty())
    {
        let labels = question.choices.iter().map(|choice| choice.label.as_str());
        let order = labels.collect::<Vec<_>>().join(", ");
        settings.insert(format!("questions.{}.order", question.id), order);
    }
    settings
}

fn read(value: &Value, path: &str, names: &Names, into: &mut Settings) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                read(value, &below(key), names, into);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (number, item) in (1..).zip(items) {
                let key = item["id"]
                    .as_str()
                    .map_or(format!("{number}"), str::to_owned);
                read(item, &below(&key), names, into);
            }
        }
        Value::Array(items) => {
            let texts: Vec<String> = items
                .iter()
                .filter_map(|item| text(item, path, names))
                .collect();
            if !texts.is_empty() {
                into.insert(path.to_owned(), texts.join(", "));
            }
        }
        scalar => into.extend(text(scalar, path, names).map(|text| (path.to_owned(), text))),
    }
}

/// A value as people read it; `None` for nothing.
fn text(value: &Value, path: &str, names: &Names) -> Option<String> {
    let key = path.rsplit('.').next().unwrap_or_default();
    match value {
        Value::Null => None,
        Value::Bool(is) => Some(if *is { "yes" } else { "no" }.into()),
        Value::Number(number) => Some(match number.as_i64() {
            Some(ms) if key.ends_with("_ms") => span(ms),
            Some(percent) if key.ends_with("_percent") => format!("{percent} %"),
            _ => number.to_string(),
        }),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(words(text, key, names)),
        other => Some(other.to_string()),
    }
}

fn words(text: &str, key: &str, names: &Names) -> String {
    let known = match key {
        "addresses_join" => Join::parse(text).map(Join::label),
        "device" => DeviceRule::parse(text).map(DeviceRule::label),
        "visitor" => VisitorRule::parse(text).map(VisitorRule::label),
        "ask_at" => AskAt::parse(text).map(AskAt::label),
        "kind" => QuestionKind::parse(text).map(QuestionKind::label),
        "place" => Place::parse(text).map(Place::label),
        "shown_as" => ShownAs::parse(text).map(ShownAs::label),
        "side" => Side::parse(text).map(Side::label),
        "sensitivity" => Sensitivity::parse(text).map(Sensitivity::label),
        _ => None,
    };
    if let Some(label) = known {
        return label.to_owned();
    }
    let goal = text.parse().ok().and_then(|id| names.goals.get(&id));
    let reason = text.parse().ok();
    if reason == Some(ReasonId::NONE) {
        return "none".into();
    }
    let reason = reason.and_then(|id| names.reasons.get(&id));
    goal.or(reason).map_or(text, String::as_str).to_owned()
}

fn span(ms: i64) -> String {
    let (n, unit) = match ms {
        ms if ms % HOUR == 0 && ms > 0 => (ms / HOUR, "hour"),
        ms if ms % MINUTE == 0 && ms > 0 => (ms / MINUTE, "minute"),
        ms => (ms / SECOND, "second"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

fn place(path: &str) -> usize {
    SETTINGS
        .iter()
        .position(|(pattern, _)| matches_pattern(pattern, path))
        .unwrap_or(SETTINGS.len())
}

/// What the editor calls the text that is stored at this place.
pub fn label(place: &str) -> String {
    name(place, &Settings::new())
}

/// Of words in another language or wording: which those are, and what they stand for.
fn other_words(path: &str) -> Option<String> {
    if let Some(rest) = path.strip_prefix("other_words.translations.") {
        let (lang, place) = rest.split_once('.')?;
        let (wording, place) = place.split_once('/').unwrap_or(("", place));
        let wording = if wording.is_empty() {
            String::new()
        } else {
            format!(", wording {}", wording.to_uppercase())
        };
        return Some(format!(
            "{} in {}{wording}",
            label(place),
            languages::name(lang)
        ));
    }
    let rest = path.strip_prefix("other_words.wordings.")?;
    let (wording, place) = rest.split_once(".words.")?;
    Some(format!(
        "{} in wording {}",
        label(place),
        wording.to_uppercase()
    ))
}

/// What the editor calls the setting; one that no list knows goes by its section and its stored name.
fn name(path: &str, after: &Settings) -> String {
    if let Some(words) = other_words(path) {
        return words;
    }
    let known = SETTINGS.get(place(path));
    let Some((pattern, label)) = known else {
        return path.replace(['.', '_'], " ");
    };
    if *label == "Reason" {
        let sibling = path.replace(".reason", ".label");
        let of = after.get(&sibling);
        return of.map_or_else(|| "Reason".to_owned(), |of| format!("Reason of “{of}”"));
    }
    match path.rsplit('.').next() {
        Some(key) if pattern.ends_with(".*") => format!("{label}: {}", key.replace('_', " ")),
        _ => (*label).to_owned(),
    }
}
