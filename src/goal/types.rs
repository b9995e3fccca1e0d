//! What a goal is: a role and a rule over events. Pure.

use serde::{Deserialize, Serialize};

use crate::types::{GoalId, Millis};

/// A text enum that is stored, posted by forms and shown: one list of names for all three.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the screen.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored and posted name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The words on the screen.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// Reads the stored and posted name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

text_enum!(
    /// What reaching the goal means for the site.
    GoalRole {
        /// The conversion that the site exists for, or another of its kind.
        Macro = "macro", "Main goal";
        /// A step on the way to the main goal.
        Milestone = "milestone", "Step";
        /// A sign of interest.
        Engagement = "engagement", "Signal";
    }
);

text_enum!(
    /// Where on the way to a decision the goal stands.
    GoalStage {
        /// Learns that the offer exists.
        Awareness = "awareness", "Awareness";
        /// Compares.
        Consideration = "consideration", "Consideration";
        /// Means to act.
        Intent = "intent", "Intent";
        /// Acts.
        Decision = "decision", "Decision";
    }
);

/// A rule over single events. The widget matches the same JSON against the same fixture file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl GoalRule {
    /// Whether the rule is met by an event of `kind` about `subject`:
    /// the path of a page view, the name of a tracked event, the key of a form.
    pub fn is_met_by(&self, kind: &str, subject: &str) -> bool {
        match self {
            Self::Url { path } => {
                kind == "page_view" && matches_pattern(normal_path(path), normal_path(subject))
            }
            Self::Event { name } => kind == "track" && name == subject,
            Self::FormStarted { form } => kind == "form_started" && matches_pattern(form, subject),
            Self::FormCompleted { form } => {
                kind == "form_completed" && matches_pattern(form, subject)
            }
        }
    }

    /// What has to happen, in a few words.
    pub fn describe(&self) -> String {
        match self {
            Self::Url { path } => format!("Viewed {path}"),
            Self::Event { name } => format!("Event {name}"),
            Self::FormStarted { form } => format!("Started form {form}"),
            Self::FormCompleted { form } => format!("Completed form {form}"),
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

/// What a goal meant from `since_at` until `until_at`. Bits are never reused within a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalVersion {
    /// 0 to 61.
    pub bit: u8,
    /// The goal.
    pub goal_id: GoalId,
    /// What had to happen.
    pub rule: GoalRule,
    /// Worth of reaching it once, in minor units of the site's currency.
    pub value_minor: Option<i64>,
    /// Counts from here on.
    pub since_at: Millis,
    /// Until here; `None` for the current version.
    pub until_at: Option<Millis>,
}

/// The steps of a site's funnel, from `since_at` until the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunnelVersion {
    /// Rises by one with every change.
    pub version: i32,
    /// Bits of the milestones in the owner's order, then that of the primary macro.
    pub steps: Vec<u8>,
    /// Bit of the primary macro.
    pub primary_bit: Option<u8>,
    /// In force for visits that start from here on.
    pub since_at: Millis,
}

/// Everything that a site has ever counted, so that a visit folds to the same facts at any later time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// All goal versions, superseded ones too.
    pub goals: Vec<GoalVersion>,
    /// All funnels, oldest first.
    pub funnels: Vec<FunnelVersion>,
}

impl Definitions {
    /// The funnel in force for a visit that started at `at`.
    pub fn funnel_at(&self, at: Millis) -> Option<&FunnelVersion> {
        self.funnels
            .iter()
            .rev()
            .find(|funnel| funnel.since_at <= at)
            .or(self.funnels.first())
    }

    /// The funnel with this version.
    pub fn funnel(&self, version: i32) -> Option<&FunnelVersion> {
        self.funnels.iter().find(|funnel| funnel.version == version)
    }

    /// All bits that the goal ever had.
    pub fn mask_of(&self, goal_id: GoalId) -> i64 {
        self.goals
            .iter()
            .filter(|goal| goal.goal_id == goal_id)
            .fold(0, |mask, goal| mask | 1 << goal.bit)
    }

    /// Pattern of the forms whose start reaches the goal, when that is what it is about.
    pub fn started_form(&self, goal_id: GoalId) -> Option<&str> {
        let mut current = self.goals.iter().rev();
        match &current.find(|goal| goal.goal_id == goal_id)?.rule {
            GoalRule::FormStarted { form } => Some(form),
            _ => None,
        }
    }

    /// The goal versions that an event at `at` can meet.
    pub fn current_at(&self, at: Millis) -> impl Iterator<Item = &GoalVersion> {
        self.goals
            .iter()
            .filter(move |goal| goal.since_at <= at && goal.until_at.is_none_or(|until| at < until))
    }
}

/// A goal as the owner sees it, with its current version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The goal.
    pub id: GoalId,
    /// What the owner calls it.
    pub name: String,
    /// What reaching it means.
    pub role: GoalRole,
    /// Where on the way it stands.
    pub stage: GoalStage,
    /// False for goals that the prompt editor made for a moment.
    pub is_listed: bool,
    /// Place among the milestones of the funnel, from 0; `None` when it is no step.
    pub funnel_position: Option<i32>,
    /// The one macro that masks, conversion and value refer to.
    pub is_primary: bool,
    /// The current version.
    pub current: GoalVersion,
}

/// A goal that was checked and is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGoal {
    /// What the owner calls it.
    pub name: String,
    /// What reaching it means.
    pub role: GoalRole,
    /// Where on the way it stands.
    pub stage: GoalStage,
    /// What has to happen.
    pub rule: GoalRule,
    /// Worth of reaching it once, in minor units of the site's currency.
    pub value_minor: Option<i64>,
    /// False for goals that the prompt editor makes for a moment.
    pub is_listed: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        rule: GoalRule,
        event: (i64, String, serde_json::Map<String, serde_json::Value>),
        matches: bool,
        because: String,
    }

    #[test]
    fn rules_match_as_the_widget_matches_them() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/fixtures/wire/goal_rules.json"))
                .unwrap();

        for Case {
            rule,
            event: (_, kind, props),
            matches,
            because,
        } in cases
        {
            let key = match kind.as_str() {
                "page_view" => "u",
                "track" => "name",
                _ => "f",
            };
            let subject = props.get(key).and_then(|value| value.as_str());
            let is_met = subject.is_some_and(|subject| rule.is_met_by(&kind, subject));
            assert_eq!(
                is_met, matches,
                "{rule:?} against {kind} {subject:?}: {because}"
            );
        }
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
