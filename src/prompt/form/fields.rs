//! Single fields of the editor's form. Pure.

use crate::{
    error::FieldErrors,
    goal::{
        form::{RuleKind, parse_rule, split_rule},
        types::Goal,
    },
    prompt::{draft::GoalChoice, languages::is_tag},
    types::GoalId,
};

/// How the editor shows a goal: listed ones by their id, others by what has to happen.
pub(super) fn show_goal(id: Option<GoalId>, goals: &[Goal]) -> (String, String) {
    let Some(id) = id else {
        return (String::new(), String::new());
    };
    match goals.iter().find(|goal| goal.id == id) {
        Some(goal) if !goal.is_listed => {
            let (kind, subject) = split_rule(&goal.current.rule);
            (kind.to_string(), subject.to_owned())
        }
        _ => (id.to_string(), String::new()),
    }
}

/// Reads a goal: empty, an id, or a kind of rule with its subject.
pub(super) fn parse_goal(
    text: &str,
    subject: &str,
    goals: &[Goal],
    field: &str,
    errors: &mut FieldErrors,
) -> Option<GoalChoice> {
    if text.is_empty() {
        return None;
    }
    if let Some(kind) = RuleKind::parse(text) {
        let rule = parse_rule(kind, subject)
            .map_err(|message| errors.add(format!("{field}_subject"), message));
        return rule.ok().map(GoalChoice::Rule);
    }
    let known = text
        .parse::<GoalId>()
        .ok()
        .filter(|id| goals.iter().any(|goal| goal.id == *id));
    if known.is_none() {
        errors.add(field, "This goal is no longer counted: choose another.");
    }
    known.map(GoalChoice::Known)
}

/// The values posted under one name, in their order.
pub(super) fn column(pairs: &[(String, String)], name: &str) -> Vec<String> {
    let named = pairs.iter().filter(|(key, _)| key == name);
    named.map(|(_, value)| value.clone()).collect()
}

/// A language tag.
pub(super) fn parse_lang(text: &str, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    if !is_tag(text) {
        errors.add("lang", "Write a language tag, for example en or de-CH.");
    }
    text.to_owned()
}

/// A whole number in the range; the least of it stands in for what cannot be read.
pub(super) fn parse_number<T: Copy + PartialOrd + std::str::FromStr + std::fmt::Display>(
    text: &str,
    range: std::ops::RangeInclusive<T>,
    field: &str,
    errors: &mut FieldErrors,
) -> T {
    match text.trim().parse() {
        Ok(number) if range.contains(&number) => number,
        _ => {
            errors.add(
                field,
                format!(
                    "Write a whole number from {} to {}.",
                    range.start(),
                    range.end()
                ),
            );
            *range.start()
        }
    }
}
