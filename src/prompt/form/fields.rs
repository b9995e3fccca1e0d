//! Single fields of the editor's form. Pure.

use crate::{
    error::FieldErrors,
    goal::{
        form::{RuleKind, parse_path, parse_rule, split_rule},
        types::Goal,
    },
    prompt::draft::GoalChoice,
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

/// One path pattern a line.
pub(super) fn parse_pages(text: &str, errors: &mut FieldErrors) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut pages = Vec::new();
    if text.chars().count() > 2_000 {
        errors.add("pages", "Use at most 2,000 characters.");
    }
    for line in lines {
        match parse_path(line) {
            Ok(page) => pages.push(page),
            Err(message) => errors.add("pages", message),
        }
    }
    pages
}

/// A language tag, roughly.
pub(super) fn parse_lang(text: &str, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    let is_tag = (2..=35).contains(&text.len())
        && text
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !is_tag {
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
