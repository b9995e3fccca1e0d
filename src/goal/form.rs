//! What the goal form posts, and how it is read. Pure.

use serde::Deserialize;
use validator::Validate;

pub use super::rule_form::{RuleKind, parse_rule, split_rule};
use super::{
    filter::Filter,
    rule_form::TypedRule,
    types::{Goal, GoalRole, GoalRule, NewGoal, StageId},
};
use crate::{error::FieldErrors, site::types::currency_exponent};

/// Characters of a name.
const MOST_OF_A_NAME: usize = 80;

/// The form as it was posted; fields that are missing are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate)]
#[serde(default)]
pub struct GoalForm {
    /// What the owner calls it; empty takes a description of the rule.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub name: String,
    /// A [`GoalRole`].
    pub role: String,
    /// A [`StageId`].
    pub stage: String,
    /// A [`RuleKind`].
    pub kind: String,
    /// The page, form or event that the rule is about; of a click, what the link or button reads.
    #[validate(length(max = 300, message = "Use at most 300 characters."))]
    pub subject: String,
    /// Of a click: where the link leads.
    #[validate(length(max = 300, message = "Use at most 300 characters."))]
    pub href: String,
    /// A CSS selector: of a click on what is neither link nor button, or of what appears once a form is completed.
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub selector: String,
    /// Of a field of a form: its name.
    #[validate(length(max = 100, message = "Use at most 100 characters."))]
    pub field: String,
    /// Per cent, seconds, times or visits.
    pub amount: String,
    /// What an event must say: a property, a [`Comparison`](super::filter::Comparison) and a value.
    #[validate(length(max = 64, message = "Use at most 64 characters."))]
    pub property_1: String,
    /// See `property_1`.
    pub is_1: String,
    /// See `property_1`.
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub value_1: String,
    /// See `property_1`.
    #[validate(length(max = 64, message = "Use at most 64 characters."))]
    pub property_2: String,
    /// See `property_1`.
    pub is_2: String,
    /// See `property_1`.
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub value_2: String,
    /// See `property_1`.
    #[validate(length(max = 64, message = "Use at most 64 characters."))]
    pub property_3: String,
    /// See `property_1`.
    pub is_3: String,
    /// See `property_1`.
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub value_3: String,
    /// Whether it is a key small step, `yes` or `no`; empty leaves it to the role.
    pub key: String,
    /// The main goal that it leads to; empty for the one that figures refer to.
    pub serves: String,
    /// Who looks after it; empty for nobody. No part of the goal that is counted.
    #[validate(length(max = 100, message = "Use at most 100 characters."))]
    pub owner: String,
    /// Worth in the site's currency, as people write money; empty for none.
    pub value: String,
}

impl GoalForm {
    /// The form that shows a stored goal.
    pub fn of(goal: &Goal, currency: &str) -> Self {
        Self {
            name: goal.name.clone(),
            role: goal.role.to_string(),
            stage: goal.stage.to_string(),
            serves: goal.serves.map(|main| main.to_string()).unwrap_or_default(),
            key: if goal.is_key { "yes" } else { "no" }.into(),
            value: goal
                .current
                .value_minor
                .map(|value| write_money(value, currency))
                .unwrap_or_default(),
            ..Self::of_rule(&goal.current.rule)
        }
    }

    /// The form that shows a rule, and nothing else.
    pub fn of_rule(rule: &GoalRule) -> Self {
        let (kind, subject) = split_rule(rule);
        let mut form = Self {
            kind: kind.to_string(),
            subject: subject.to_owned(),
            ..Self::default()
        };
        match rule {
            GoalRule::Click {
                label,
                href,
                selector,
            } => {
                form.subject.clone_from(label);
                form.href.clone_from(href);
                form.selector.clone_from(selector);
            }
            GoalRule::Event { filters, .. } => form.show_filters(filters),
            GoalRule::FieldReached { field, .. } => form.field.clone_from(field),
            GoalRule::FormCompleted { selector, .. } => form.selector.clone_from(selector),
            GoalRule::Video { percent } | GoalRule::Scrolled { percent, .. } => {
                form.amount = percent.to_string();
            }
            GoalRule::Active { seconds } => form.amount = seconds.to_string(),
            GoalRule::Viewed { times, .. } => form.amount = times.to_string(),
            GoalRule::Returned { visits } => form.amount = visits.to_string(),
            _ => {}
        }
        form
    }

    fn show_filters(&mut self, filters: &[Filter]) {
        let rows = [
            (&mut self.property_1, &mut self.is_1, &mut self.value_1),
            (&mut self.property_2, &mut self.is_2, &mut self.value_2),
            (&mut self.property_3, &mut self.is_3, &mut self.value_3),
        ];
        for ((property, is, value), filter) in rows.into_iter().zip(filters) {
            property.clone_from(&filter.property);
            *is = filter.is.to_string();
            value.clone_from(&filter.value);
        }
    }

    /// What the properties of an event must say, a row each: its number, name, comparison and value.
    pub fn filter_rows(&self) -> [(u8, &str, &str, &str); 3] {
        [
            (1, &self.property_1, &self.is_1, &self.value_1),
            (2, &self.property_2, &self.is_2, &self.value_2),
            (3, &self.property_3, &self.is_3, &self.value_3),
        ]
    }

    /// Reads only what has to happen.
    pub fn parse_rule(&self) -> Result<GoalRule, FieldErrors> {
        let mut errors = FieldErrors::of_checks(self.validate());
        let kind = or_say(
            RuleKind::parse(&self.kind),
            &mut errors,
            "kind",
            "Choose what has to happen.",
        );
        let rule = kind.and_then(|kind| self.rule_of(kind, &mut errors));
        match rule {
            Some(rule) => errors.or(rule),
            None => Err(errors),
        }
    }

    fn rule_of(&self, kind: RuleKind, errors: &mut FieldErrors) -> Option<GoalRule> {
        let typed = TypedRule {
            subject: &self.subject,
            href: &self.href,
            selector: &self.selector,
            field: &self.field,
            amount: &self.amount,
            filters: self
                .filter_rows()
                .map(|(_, property, is, value)| (property, is, value)),
        };
        typed.parse(kind, errors)
    }

    /// Reads the form, or says of each field what would be right.
    pub fn parse(&self, currency: &str) -> Result<NewGoal, FieldErrors> {
        let trimmed = Self {
            name: self.name.trim().to_owned(),
            ..self.clone()
        };
        let mut errors = FieldErrors::of_checks(trimmed.validate());
        let role = or_say(
            GoalRole::parse(&self.role),
            &mut errors,
            "role",
            "Choose what reaching this goal means.",
        );
        let stage = or_say(
            Some(StageId(self.stage.clone())).filter(|stage| !stage.0.is_empty()),
            &mut errors,
            "stage",
            "Choose a stage.",
        );
        let is_key = or_say(
            parse_key(&self.key, role),
            &mut errors,
            "key",
            "Choose whether it is a key small step.",
        );
        let serves = match self.serves.as_str() {
            "" => None,
            id => or_say(
                id.parse().ok(),
                &mut errors,
                "serves",
                "Choose one of the main goals.",
            ),
        };
        let kind = or_say(
            RuleKind::parse(&self.kind),
            &mut errors,
            "kind",
            "Choose what has to happen.",
        );
        let rule = kind.and_then(|kind| self.rule_of(kind, &mut errors));
        let value_minor =
            or_note(parse_money(&self.value, currency), &mut errors, "value").flatten();
        match (role, stage, rule) {
            (Some(role), Some(stage), Some(rule)) => errors.or(NewGoal {
                name: if trimmed.name.is_empty() {
                    rule.describe().chars().take(MOST_OF_A_NAME).collect()
                } else {
                    trimmed.name
                },
                role,
                stage,
                rule,
                value_minor,
                is_listed: true,
                is_key: is_key.unwrap_or_default(),
                serves,
            }),
            _ => Err(errors),
        }
    }
}

/// What the owner says, or what the role says by itself; `None` of any other word.
fn parse_key(text: &str, role: Option<GoalRole>) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        "" => Some(role.is_some_and(GoalRole::is_key_by_itself)),
        _ => None,
    }
}

/// Money as people write it, in minor units; `None` when nothing was written.
pub fn parse_money(text: &str, currency: &str) -> Result<Option<i64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let exponent = currency_exponent(currency);
    let example = if exponent == 0 { "49" } else { "49.50" };
    let wrong = || format!("Write a plain amount in {currency}, for example {example}.");
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = exponent as usize;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 12
        || !is_number(whole)
        || !is_number(fraction)
        || fraction.len() > digits
    {
        return Err(wrong());
    }
    format!("{whole}{fraction:0<digits$}")
        .parse()
        .map(Some)
        .map_err(|_| wrong())
}

/// Minor units as [`parse_money`] reads them.
pub fn write_money(minor: i64, currency: &str) -> String {
    let exponent = currency_exponent(currency);
    let unit = 10_i64.pow(exponent);
    if minor % unit == 0 {
        return (minor / unit).to_string();
    }
    format!(
        "{}.{:0digits$}",
        minor / unit,
        (minor % unit).abs(),
        digits = exponent as usize
    )
}

fn or_say<T>(value: Option<T>, errors: &mut FieldErrors, field: &str, message: &str) -> Option<T> {
    if value.is_none() {
        errors.add(field, message);
    }
    value
}

fn or_note<T>(value: Result<T, String>, errors: &mut FieldErrors, field: &str) -> Option<T> {
    value.map_err(|message| errors.add(field, message)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled() -> GoalForm {
        GoalForm {
            name: " Signed up ".into(),
            role: "macro".into(),
            stage: "decision".into(),
            kind: "url".into(),
            subject: " /welcome ".into(),
            value: "49,5".into(),
            ..GoalForm::default()
        }
    }

    #[test]
    fn reads_a_filled_form() {
        let goal = filled().parse("EUR").unwrap();

        assert_eq!(goal.name, "Signed up");
        assert_eq!(
            goal.rule,
            GoalRule::Url {
                path: "/welcome".into()
            }
        );
        assert_eq!(goal.value_minor, Some(4950));
    }

    #[test]
    fn names_every_wrong_field_at_once() {
        let form = GoalForm {
            value: "much".into(),
            subject: "welcome".into(),
            kind: "url".into(),
            ..GoalForm::default()
        };

        let errors = form.parse("EUR").unwrap_err();

        for field in ["role", "stage", "subject", "value"] {
            assert!(
                errors.of(field).is_some(),
                "{field} is not named in {errors:?}"
            );
        }
    }

    #[test]
    fn money_follows_the_currency() {
        let cases = [
            ("", "EUR", Ok(None)),
            ("0", "EUR", Ok(Some(0))),
            ("49", "EUR", Ok(Some(4900))),
            ("49.5", "EUR", Ok(Some(4950))),
            ("49.505", "EUR", Err(())),
            ("49.505", "BHD", Ok(Some(49_505))),
            ("49", "JPY", Ok(Some(49))),
            ("49.5", "JPY", Err(())),
            ("1,000.00", "EUR", Err(())),
            ("-1", "EUR", Err(())),
            ("€5", "EUR", Err(())),
            ("9999999999999999999", "EUR", Err(())),
        ];
        for (text, currency, expected) in cases {
            assert_eq!(
                parse_money(text, currency).map_err(|_| ()),
                expected,
                "{text} in {currency}"
            );
        }
    }

    proptest! {
        #[test]
        fn money_reads_back_as_written(minor in 0_i64..1_000_000_000, currency in prop::sample::select(vec!["EUR", "JPY", "BHD"])) {
            prop_assert_eq!(parse_money(&write_money(minor, currency), currency), Ok(Some(minor)));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = parse_money(&text, "EUR");
        }
    }
}
