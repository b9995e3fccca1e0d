//! What the goal form posts, and how it is read. Pure.

use serde::Deserialize;
use validator::Validate;

use super::{
    rule::clean_label,
    types::{Goal, GoalRole, GoalRule, GoalStage, NewGoal},
};
use crate::{error::FieldErrors, site::types::currency_exponent, text_enum};

text_enum!(
    /// The kinds of rule, as the form offers them.
    RuleKind {
        /// A page.
        Url = "url", "They view a page";
        /// A started form.
        FormStarted = "form_started", "They start a form";
        /// A completed form.
        FormCompleted = "form_completed", "They complete a form";
        /// A click.
        Click = "click", "They click something";
        /// A tracked event.
        Event = "event", "Your page reports an event";
    }
);

impl RuleKind {
    /// What one could write for it.
    pub fn example(self) -> &'static str {
        match self {
            Self::Url => "/pricing",
            Self::Click => "Start free trial",
            Self::Event => "signed_up",
            Self::FormStarted | Self::FormCompleted => "signup",
        }
    }
}

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
    /// A [`GoalStage`].
    pub stage: String,
    /// A [`RuleKind`].
    pub kind: String,
    /// The page, form or event that the rule is about; of a click, what the link or button reads.
    #[validate(length(max = 300, message = "Use at most 300 characters."))]
    pub subject: String,
    /// Of a click: where the link leads.
    #[validate(length(max = 300, message = "Use at most 300 characters."))]
    pub href: String,
    /// Of a click on what is neither link nor button: a CSS selector.
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub selector: String,
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
        if let GoalRule::Click {
            label,
            href,
            selector,
        } = rule
        {
            form.subject.clone_from(label);
            form.href.clone_from(href);
            form.selector.clone_from(selector);
        }
        form
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
        if kind == RuleKind::Click {
            return parse_click(&self.subject, &self.href, &self.selector, errors);
        }
        or_note(parse_rule(kind, &self.subject), errors, "subject")
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
            GoalStage::parse(&self.stage),
            &mut errors,
            "stage",
            "Choose a stage.",
        );
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
            }),
            _ => Err(errors),
        }
    }
}

/// The kind of a rule and what it is about.
pub fn split_rule(rule: &GoalRule) -> (RuleKind, &str) {
    match rule {
        GoalRule::Url { path } => (RuleKind::Url, path),
        GoalRule::Event { name } => (RuleKind::Event, name),
        GoalRule::FormStarted { form } => (RuleKind::FormStarted, form),
        GoalRule::FormCompleted { form } => (RuleKind::FormCompleted, form),
        GoalRule::Click {
            label,
            href,
            selector,
        } => {
            let parts = [label, href, selector];
            let named = parts.into_iter().find(|part| !part.is_empty());
            (RuleKind::Click, named.map_or("", String::as_str))
        }
    }
}

/// A click from what was typed into its three fields.
fn parse_click(
    label: &str,
    href: &str,
    selector: &str,
    errors: &mut FieldErrors,
) -> Option<GoalRule> {
    let (label, href, selector) = (label.trim(), href.trim(), selector.trim());
    let cleaned = clean_label(label);
    let before = errors.0.len();
    if label.is_empty() && href.is_empty() && selector.is_empty() {
        errors.add(
            "subject",
            "Write what the link or button reads, for example Start free trial.",
        );
    } else if !label.is_empty() && cleaned.is_empty() {
        errors.add(
            "subject",
            "Numbers and e-mail addresses are not recorded: name other words of it, or where it leads.",
        );
    }
    if !href.is_empty() && !is_address(href) {
        errors.add(
            "href",
            "Begin with a slash, as in /signup, or with https:// for another site.",
        );
    } else if href.contains(['?', '#']) {
        errors.add(
            "href",
            "Leave out everything from ? or # on: it is not recorded.",
        );
    }
    let has_words = !label.is_empty() || !href.is_empty();
    if has_words && !selector.is_empty() {
        errors.add(
            "selector",
            "Use either the words and the address, or a selector: leave this empty.",
        );
    }
    let has_control = |text: &str| text.chars().any(char::is_control);
    if [href, selector].into_iter().any(has_control) {
        errors.add("selector", "Leave out line breaks and control characters.");
    }
    (errors.0.len() == before).then(|| GoalRule::Click {
        label: cleaned,
        href: href.to_owned(),
        selector: selector.to_owned(),
    })
}

/// Whether a text is where a link leads, rather than what it reads.
fn is_address(text: &str) -> bool {
    text.starts_with(['/', '*']) || text.starts_with("https://") || text.starts_with("http://")
}

/// A rule from its kind and what was typed.
pub fn parse_rule(kind: RuleKind, subject: &str) -> Result<GoalRule, String> {
    let subject = subject.trim().to_owned();
    if subject.is_empty() {
        let what = match kind {
            RuleKind::Url => "the page",
            RuleKind::Event => "the event's name",
            RuleKind::Click => "what the link or button reads",
            RuleKind::FormStarted | RuleKind::FormCompleted => "the form",
        };
        return Err(format!("Name {what}, for example {}.", kind.example()));
    }
    if subject.chars().any(char::is_control) {
        return Err("Leave out line breaks and control characters.".into());
    }
    Ok(match kind {
        RuleKind::Url => GoalRule::Url {
            path: parse_path(&subject)?,
        },
        RuleKind::Event => GoalRule::Event { name: subject },
        RuleKind::Click => click_of(&subject)?,
        RuleKind::FormStarted => GoalRule::FormStarted { form: subject },
        RuleKind::FormCompleted => GoalRule::FormCompleted { form: subject },
    })
}

/// A click from one text: where it leads when it looks like that, else what it reads.
fn click_of(subject: &str) -> Result<GoalRule, String> {
    let mut errors = FieldErrors::default();
    let (label, href) = if is_address(subject) {
        ("", subject)
    } else {
        (subject, "")
    };
    let rule = parse_click(label, href, "", &mut errors);
    rule.ok_or_else(|| errors.0.remove(0).message)
}

/// A path pattern: begins with `/` or `*`, without query or fragment.
fn parse_path(text: &str) -> Result<String, String> {
    if !text.starts_with(['/', '*']) {
        return Err(format!(
            "Begin with a slash: /{}",
            text.rsplit('/').next().unwrap_or_default()
        ));
    }
    if text.contains(['?', '#']) {
        return Err(
            "Leave out everything from ? or # on: pages are compared by their path.".into(),
        );
    }
    Ok(text.to_owned())
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
            for kind in RuleKind::ALL {
                let _ = parse_rule(*kind, &text);
            }
        }
    }
}
