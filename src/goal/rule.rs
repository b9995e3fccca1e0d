//! What has to happen for a goal to be reached: a rule over the events of a visit. Pure.
//!
//! Most rules are met by one event, whatever came before it ([`GoalRule::is_met_by`]). Those that need the visit so far
//! ([`GoalRule::needs_visit`]) are met where the visit is folded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::filter::Filter;
use crate::types::Scalar;

/// Characters of a label, as the widget cuts them.
const MAX_LABEL: usize = 64;
/// What links to a file end with.
const FILES: &[&str] = &[
    "7z", "apk", "avi", "csv", "dmg", "doc", "docx", "epub", "exe", "gz", "ics", "mov", "mp3",
    "mp4", "msi", "odp", "ods", "odt", "pdf", "pkg", "ppt", "pptx", "rar", "rtf", "tar", "txt",
    "wav", "webm", "wmv", "xls", "xlsx", "zip",
];
/// Events by which a page itself tells of a search, as Google's tags name them.
const SEARCH_EVENTS: [&str; 2] = ["search", "view_search_results"];

/// A rule over events. The widget matches the same JSON against the same fixture file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GoalRule {
    /// A page whose path matches the pattern was viewed.
    Url {
        /// Path pattern, `*` stands for any characters.
        path: String,
    },
    /// An event was reported: by `exitpoll('track', name)`, an attribute of the page, Google's `dataLayer` or the site's server.
    Event {
        /// The event's name.
        name: String,
        /// What it must say; all of them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        filters: Vec<Filter>,
    },
    /// Half of a form was in sight for a moment.
    FormViewed {
        /// Form pattern, `*` stands for any characters.
        form: String,
    },
    /// The first change in a form.
    FormStarted {
        /// Form pattern, `*` stands for any characters.
        form: String,
    },
    /// A field of a form was entered.
    FieldReached {
        /// Form pattern, `*` stands for any characters.
        form: String,
        /// Pattern of the field's name.
        field: String,
    },
    /// The form was completed, whatever told of it.
    FormCompleted {
        /// Form pattern, `*` stands for any characters.
        form: String,
        /// A CSS selector of what appears on the page once the form has worked; empty when nothing is looked for.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        selector: String,
    },
    /// Something was clicked: what reads `label` and leads to `href`, or else what a selector finds.
    Click {
        /// Pattern of what the link or button reads, cleaned as the widget cleans it; empty for any.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
        /// Pattern of where the link leads: a path, with its origin when that is another one; empty for any.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        href: String,
        /// A CSS selector, matched in the page; with it the others are empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        selector: String,
    },
    /// A link to a file was clicked.
    Download {
        /// Pattern of where the link leads; empty for any file.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        href: String,
    },
    /// A link to another site was clicked.
    Outbound {
        /// Pattern of where the link leads; empty for any other site.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        href: String,
    },
    /// The site's own search was used. For what, nobody is told.
    Search,
    /// A video or sound was played up to here.
    Video {
        /// 0 when it begins, else 25, 50, 75 or 100 % of its length.
        percent: u8,
    },
    /// This much of a page has been in sight.
    Scrolled {
        /// 25, 50, 75 or 100 %.
        percent: u8,
        /// Path pattern; empty for any page.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        path: String,
    },
    /// The visit had this much attention.
    Active {
        /// Seconds over the whole visit.
        seconds: u32,
    },
    /// Pages that match the pattern were viewed this often in the visit.
    Viewed {
        /// Path pattern.
        path: String,
        /// At least 2.
        times: u32,
    },
    /// It is this visit of the visitor, or a later one; known only of visitors who agreed to be known again.
    Returned {
        /// At least 2.
        visits: u32,
    },
}

/// What an event says that rules look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject<'a> {
    /// Path of a page that was viewed.
    Page(&'a str),
    /// A reported event.
    Event {
        /// Its name.
        name: &'a str,
        /// What it says.
        props: Option<&'a BTreeMap<String, Scalar>>,
    },
    /// Key of a form that was seen.
    FormViewed(&'a str),
    /// Key of a form that was started.
    FormStarted(&'a str),
    /// A field that was entered.
    Field {
        /// Key of its form.
        form: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// Key of a form that was completed.
    FormCompleted(&'a str),
    /// A click; what is not known is empty.
    Click {
        /// What the link or button reads.
        label: &'a str,
        /// Where the link leads.
        href: &'a str,
        /// The selector of the goal that the click was told for.
        selector: &'a str,
    },
    /// The site's own search was used.
    Search,
    /// A mark that a video or sound was played to, in per cent of its length; 0 when it began.
    Video(f64),
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters.
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// The path of `url_path` as goals compare it: no query, no trailing slash except for the root.
pub fn normal_path(url_path: &str) -> &str {
    let path = url_path.split(['?', '#']).next().unwrap_or_default();
    match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    }
}

/// A label as the widget records it: without numbers and addresses, which could be about a person.
pub fn clean_label(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !word.contains('@'));
    let parts = words.flat_map(|word| word.split(char::is_numeric));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ").chars().take(MAX_LABEL).collect()
}

/// Whether a link leads to a file: by how its address ends, for nothing else is kept of it.
fn is_file(href: &str) -> bool {
    let name = href.rsplit('/').next().unwrap_or_default();
    let end = name.rsplit_once('.').map(|(_, end)| end.to_lowercase());
    end.is_some_and(|end| FILES.contains(&end.as_str()))
}

/// Links to the own site are kept without its origin.
fn is_elsewhere(href: &str) -> bool {
    href.starts_with("https://") || href.starts_with("http://")
}

fn leads_to(pattern: &str, href: &str) -> bool {
    pattern.is_empty()
        || !href.is_empty() && matches_pattern(normal_path(pattern), normal_path(href))
}

impl GoalRule {
    /// An event of this name, whatever it says.
    pub fn event(name: impl Into<String>) -> Self {
        Self::Event {
            name: name.into(),
            filters: vec![],
        }
    }

    /// A form completed, without anything to look for on the page.
    pub fn completed(form: impl Into<String>) -> Self {
        Self::FormCompleted {
            form: form.into(),
            selector: String::new(),
        }
    }

    /// Whether both are met by the same events. What the page looks at to tell of a completed form makes no other rule.
    pub fn counts_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::FormCompleted { form, .. }, Self::FormCompleted { form: of, .. }) => form == of,
            _ => self == other,
        }
    }

    /// Whether an event about `subject` meets the rule, whatever came before it. Never of rules that need the visit so far.
    pub fn is_met_by(&self, subject: Subject<'_>) -> bool {
        match (self, subject) {
            (Self::Url { path }, Subject::Page(viewed)) => {
                matches_pattern(normal_path(path), normal_path(viewed))
            }
            (Self::Event { name, filters }, Subject::Event { name: told, props }) => {
                let says = |filter: &Filter| {
                    let said = props.and_then(|props| props.get(&filter.property));
                    said.is_some_and(|said| filter.holds(said))
                };
                name == told && filters.iter().all(says)
            }
            (Self::FormViewed { form }, Subject::FormViewed(key))
            | (Self::FormStarted { form }, Subject::FormStarted(key))
            | (Self::FormCompleted { form, .. }, Subject::FormCompleted(key)) => {
                matches_pattern(form, key)
            }
            (Self::FieldReached { form, field }, Subject::Field { form: key, name }) => {
                matches_pattern(form, key) && matches_pattern(field, name)
            }
            (
                Self::Click {
                    label,
                    href,
                    selector,
                },
                Subject::Click {
                    label: read,
                    href: led,
                    selector: told,
                },
            ) => {
                if !selector.is_empty() || !told.is_empty() {
                    return selector == told;
                }
                (label.is_empty() || matches_pattern(label, read)) && leads_to(href, led)
            }
            (Self::Download { href }, Subject::Click { href: led, .. }) => {
                is_file(led) && leads_to(href, led)
            }
            (Self::Outbound { href }, Subject::Click { href: led, .. }) => {
                is_elsewhere(led) && leads_to(href, led)
            }
            (Self::Search, Subject::Search) => true,
            (Self::Search, Subject::Event { name, .. }) => SEARCH_EVENTS.contains(&name),
            (Self::Video { percent }, Subject::Video(mark)) => {
                (mark - f64::from(*percent)).abs() < 0.5
            }
            _ => false,
        }
    }

    /// Whether it is met by what a visit came to, and not by one event alone.
    pub fn needs_visit(&self) -> bool {
        matches!(
            self,
            Self::Scrolled { .. }
                | Self::Active { .. }
                | Self::Viewed { .. }
                | Self::Returned { .. }
        )
    }

    /// Whether it is told by events that are recorded only while a goal asks for them.
    pub fn is_told_from_saving_on(&self) -> bool {
        match self {
            Self::Click { selector, .. } => !selector.is_empty(),
            Self::Search | Self::Video { .. } => true,
            _ => false,
        }
    }

    /// The form that the rule is about.
    pub fn form(&self) -> Option<&str> {
        match self {
            Self::FormViewed { form }
            | Self::FormStarted { form }
            | Self::FieldReached { form, .. }
            | Self::FormCompleted { form, .. } => Some(form),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_are_cleaned_as_the_widget_cleans_them() {
        for (text, cleaned) in [
            ("  Start\n  free trial ", "Start free trial"),
            ("Buy 3 for 20€", "Buy for €"),
            ("Write to anna@shop.example now", "Write to now"),
            ("2026", ""),
        ] {
            assert_eq!(clean_label(text), cleaned);
        }
        assert_eq!(clean_label(&"ä".repeat(80)).chars().count(), MAX_LABEL);
    }

    proptest! {
        #[test]
        fn a_pattern_without_a_star_is_the_text_itself(pattern in "[^*]{0,12}", text in ".{0,12}") {
            prop_assert_eq!(matches_pattern(&pattern, &text), pattern == text);
            prop_assert!(matches_pattern(&pattern, &pattern));
        }

        #[test]
        fn a_star_stands_for_anything(start in "[^*]{0,8}", middle in ".{0,8}", end in "[^*]{0,8}") {
            let text = format!("{start}{middle}{end}");
            let pattern = format!("{start}*{end}");
            prop_assert!(matches_pattern(&pattern, &text));
        }

        #[test]
        fn patterns_agree_with_trying_every_split(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
            prop_assert_eq!(matches_pattern(&pattern, &text), matches_slowly(&pattern, &text));
        }

        #[test]
        fn normal_paths_stay_as_they_are(path in "[/a-z?#]{0,12}") {
            let once = normal_path(&path);
            prop_assert_eq!(normal_path(once), once);
        }

        #[test]
        fn rules_read_back_as_written(path in ".{0,20}") {
            let rule = GoalRule::Url { path };
            let json = serde_json::to_string(&rule).unwrap();
            prop_assert_eq!(serde_json::from_str::<GoalRule>(&json).unwrap(), rule);
        }
    }

    /// The meaning of `*` written down without any cleverness.
    fn matches_slowly(pattern: &str, text: &str) -> bool {
        match pattern.chars().next() {
            None => text.is_empty(),
            Some('*') => (0..=text.len()).any(|skip| matches_slowly(&pattern[1..], &text[skip..])),
            Some(c) => text.starts_with(c) && matches_slowly(&pattern[1..], &text[1..]),
        }
    }
}
