//! What has to happen for a goal to be reached: a rule over single events. Pure.

use serde::{Deserialize, Serialize};

/// Characters of a label, as the widget cuts them.
const MAX_LABEL: usize = 64;

/// A rule over single events. The widget matches the same JSON against the same fixture file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GoalRule {
    /// A page whose path matches the pattern was viewed.
    Url {
        /// Path pattern, `*` stands for any characters.
        path: String,
    },
    /// `exitpoll('track', name)` was called.
    Event {
        /// The event's name.
        name: String,
    },
    /// The first change in a form.
    FormStarted {
        /// Form pattern, `*` stands for any characters.
        form: String,
    },
    /// The form was completed.
    FormCompleted {
        /// Form pattern, `*` stands for any characters.
        form: String,
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
}

/// What an event says that rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Path of a page that was viewed.
    Page(&'a str),
    /// Name of a tracked event.
    Event(&'a str),
    /// Key of a form that was started.
    FormStarted(&'a str),
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

impl GoalRule {
    /// Whether an event about `subject` meets the rule.
    pub fn is_met_by(&self, subject: Subject<'_>) -> bool {
        match (self, subject) {
            (Self::Url { path }, Subject::Page(viewed)) => {
                matches_pattern(normal_path(path), normal_path(viewed))
            }
            (Self::Event { name }, Subject::Event(tracked)) => name == tracked,
            (Self::FormStarted { form }, Subject::FormStarted(key))
            | (Self::FormCompleted { form }, Subject::FormCompleted(key)) => {
                matches_pattern(form, key)
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
                (label.is_empty() || matches_pattern(label, read))
                    && (href.is_empty()
                        || !led.is_empty() && matches_pattern(normal_path(href), normal_path(led)))
            }
            _ => false,
        }
    }

    /// A name for it, in the past tense.
    pub fn describe(&self) -> String {
        match self {
            Self::Url { path } => format!("Viewed {path}"),
            Self::Event { name } => format!("Event {name}"),
            Self::FormStarted { form } => format!("Started form {form}"),
            Self::FormCompleted { form } => format!("Completed form {form}"),
            Self::Click { label, .. } if !label.is_empty() => format!("Clicked {label}"),
            Self::Click { href, .. } if !href.is_empty() => format!("Clicked a link to {href}"),
            Self::Click { selector, .. } => format!("Clicked {selector}"),
        }
    }

    /// What has to happen, in a few words; `clickWords` of the widget says the same of a click.
    pub fn meaning(&self) -> String {
        match self {
            Self::Url { path } => format!("Page is {path}"),
            Self::Event { name } => format!("Event {name}"),
            Self::FormStarted { form } => format!("Form “{form}” started"),
            Self::FormCompleted { form } => format!("Form “{form}” completed"),
            Self::Click {
                label,
                href,
                selector,
            } => match (label.is_empty(), href.is_empty()) {
                (false, false) => format!("Clicked “{label}” (link to {href})"),
                (false, true) => format!("Clicked “{label}”"),
                (true, false) => format!("Clicked a link to {href}"),
                (true, true) => format!("Clicked the element {selector}"),
            },
        }
    }

    /// The form that the rule is about.
    pub fn form(&self) -> Option<&str> {
        match self {
            Self::FormStarted { form } | Self::FormCompleted { form } => Some(form),
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
