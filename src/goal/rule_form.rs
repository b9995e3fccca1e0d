//! The kinds of rule as forms offer them, and how what was typed becomes a rule. Pure.

use super::{
    filter::{Comparison, Filter},
    rule::{GoalRule, clean_label},
    selector::is_selector,
};
use crate::{error::FieldErrors, text_enum};

text_enum!(
    /// The kinds of rule, as forms offer them.
    RuleKind {
        /// A page.
        Url = "url", "They view a page";
        /// A form in sight.
        FormViewed = "form_viewed", "They see a form";
        /// A started form.
        FormStarted = "form_started", "They start a form";
        /// A field of a form.
        FieldReached = "field_reached", "They reach a field of a form";
        /// A completed form.
        FormCompleted = "form_completed", "They complete a form";
        /// A click.
        Click = "click", "They click something";
        /// A click on a link to a file.
        Download = "download", "They download a file";
        /// A click on a link to another site.
        Outbound = "outbound", "They leave for another site";
        /// The site's search.
        Search = "search", "They search the site";
        /// A video or sound.
        Video = "video", "They play a video";
        /// A share of a page.
        Scrolled = "scrolled", "They scroll";
        /// Attention.
        Active = "active", "They stay for a while";
        /// The same page again.
        Viewed = "viewed", "They view a page again and again";
        /// Another visit.
        Returned = "returned", "They come back for another visit";
        /// A reported event.
        Event = "event", "Your page or server reports an event";
    }
);

impl RuleKind {
    /// Those that one text says enough about, where a form has room for no more.
    pub const SHORT: &'static [Self] = &[
        Self::Url,
        Self::FormViewed,
        Self::FormStarted,
        Self::FormCompleted,
        Self::Click,
        Self::Download,
        Self::Outbound,
        Self::Event,
    ];

    /// What one could write for it.
    pub fn example(self) -> &'static str {
        match self {
            Self::Url | Self::Viewed | Self::Scrolled => "/pricing",
            Self::Click => "Start free trial",
            Self::Event => "signed_up",
            Self::FormViewed | Self::FormStarted | Self::FieldReached | Self::FormCompleted => {
                "signup"
            }
            Self::Download => "*.pdf",
            Self::Outbound => "https://partner.example/*",
            Self::Search | Self::Video | Self::Active | Self::Returned => "",
        }
    }

    /// What a text names that is about it.
    fn names(self) -> &'static str {
        match self {
            Self::Url | Self::Viewed | Self::Scrolled => "the page",
            Self::Event => "the event’s name",
            Self::Click => "what the link or button reads",
            Self::Download => "the file",
            Self::Outbound => "the other site",
            _ => "the form",
        }
    }

    /// Whether the text may be empty, for any.
    fn is_of_any(self) -> bool {
        matches!(self, Self::Download | Self::Outbound | Self::Scrolled)
    }
}

/// What was typed about a rule; of a kind that does not need it, a field stands for nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TypedRule<'a> {
    /// The page, form or event; of a click, what the link or button reads.
    pub(super) subject: &'a str,
    /// Of a click: where the link leads.
    pub(super) href: &'a str,
    /// A CSS selector: of a click, what it is on; of a completed form, what appears then.
    pub(super) selector: &'a str,
    /// Of a field: its name.
    pub(super) field: &'a str,
    /// A number: per cent, seconds, times or visits.
    pub(super) amount: &'a str,
    /// Of an event: what its properties must say, as name, comparison and value.
    pub(super) filters: [(&'a str, &'a str, &'a str); 3],
}

impl TypedRule<'_> {
    /// The rule, or what is wrong with each field.
    pub(super) fn parse(&self, kind: RuleKind, errors: &mut FieldErrors) -> Option<GoalRule> {
        let before = errors.0.len();
        let rule = self.read(kind, errors);
        rule.filter(|_| errors.0.len() == before)
    }

    fn read(&self, kind: RuleKind, errors: &mut FieldErrors) -> Option<GoalRule> {
        Some(match kind {
            RuleKind::Click => return parse_click(self.subject, self.href, self.selector, errors),
            RuleKind::Event => {
                let name = note(parse_subject(kind, self.subject), errors)?;
                let filters = self.parse_filters(errors);
                GoalRule::Event { name, filters }
            }
            RuleKind::FieldReached => {
                let form = note(parse_subject(kind, self.subject), errors);
                let field = self.field.trim().to_owned();
                if field.is_empty() || field.chars().any(char::is_control) {
                    errors.add(
                        "field",
                        "Name the field as your page does, for example phone.",
                    );
                }
                GoalRule::FieldReached { form: form?, field }
            }
            RuleKind::FormCompleted => {
                let form = note(parse_subject(kind, self.subject), errors);
                let selector = self.selector.trim().to_owned();
                check_selector(&selector, errors);
                let form = form?;
                GoalRule::FormCompleted { form, selector }
            }
            RuleKind::Search => GoalRule::Search,
            RuleKind::Video => GoalRule::Video {
                percent: self.number(0..=100, 25, "amount", errors)?,
            },
            RuleKind::Scrolled => {
                let path = note(parse_subject(kind, self.subject), errors);
                let percent = self.number(25..=100, 25, "amount", errors)?;
                let path = path?;
                GoalRule::Scrolled { percent, path }
            }
            RuleKind::Active => GoalRule::Active {
                seconds: self.number(5..=36_000, 1, "amount", errors)?,
            },
            RuleKind::Viewed => {
                let path = note(parse_subject(kind, self.subject), errors);
                let times = self.number(2..=50, 1, "amount", errors)?;
                let path = path?;
                GoalRule::Viewed { path, times }
            }
            RuleKind::Returned => GoalRule::Returned {
                visits: self.number(2..=1_000, 1, "amount", errors)?,
            },
            kind => note(parse_rule(kind, self.subject), errors)?,
        })
    }

    fn number<T: Copy + PartialOrd + TryFrom<u32> + Into<u32>>(
        &self,
        range: std::ops::RangeInclusive<T>,
        step: u32,
        field: &str,
        errors: &mut FieldErrors,
    ) -> Option<T> {
        let number = self.amount.trim().parse::<u32>().ok();
        let number = number.filter(|number| number % step == 0);
        let number = number.and_then(|number| T::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (from, to): (u32, u32) = ((*range.start()).into(), (*range.end()).into());
            let marks: Vec<String> = (from..=to)
                .step_by(25)
                .map(|mark| mark.to_string())
                .collect();
            errors.add(
                field,
                match step {
                    25 => format!("Choose one of {} %.", marks.join(", ")),
                    _ => format!("Write a whole number from {from} to {to}."),
                },
            );
        }
        number
    }

    fn parse_filters(&self, errors: &mut FieldErrors) -> Vec<Filter> {
        let mut filters = vec![];
        for (place, (property, is, value)) in (1..).zip(self.filters) {
            let (property, value) = (property.trim(), value.trim());
            if property.is_empty() && value.is_empty() {
                continue;
            }
            let is = Comparison::parse(is).unwrap_or(Comparison::Equals);
            if property.is_empty() || property.chars().any(char::is_control) {
                errors.add(
                    format!("property_{place}"),
                    "Name the property, for example plan.",
                );
            }
            if value.is_empty() || value.chars().any(char::is_control) {
                errors.add(
                    format!("value_{place}"),
                    "Write what it must say, for example pro.",
                );
            } else if is.is_of_numbers() && value.parse::<f64>().is_err() {
                errors.add(format!("value_{place}"), "Write a number, for example 2.");
            }
            filters.push(Filter {
                property: property.into(),
                is,
                value: value.into(),
            });
        }
        filters
    }
}

/// The kind of a rule, and what it is about as one text.
pub fn split_rule(rule: &GoalRule) -> (RuleKind, &str) {
    match rule {
        GoalRule::Url { path } => (RuleKind::Url, path),
        GoalRule::Event { name, .. } => (RuleKind::Event, name),
        GoalRule::FormViewed { form } => (RuleKind::FormViewed, form),
        GoalRule::FormStarted { form } => (RuleKind::FormStarted, form),
        GoalRule::FieldReached { form, .. } => (RuleKind::FieldReached, form),
        GoalRule::FormCompleted { form, .. } => (RuleKind::FormCompleted, form),
        GoalRule::Download { href } => (RuleKind::Download, href),
        GoalRule::Outbound { href } => (RuleKind::Outbound, href),
        GoalRule::Search => (RuleKind::Search, ""),
        GoalRule::Video { .. } => (RuleKind::Video, ""),
        GoalRule::Scrolled { path, .. } => (RuleKind::Scrolled, path),
        GoalRule::Active { .. } => (RuleKind::Active, ""),
        GoalRule::Viewed { path, .. } => (RuleKind::Viewed, path),
        GoalRule::Returned { .. } => (RuleKind::Returned, ""),
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
    if href.chars().any(char::is_control) {
        errors.add("href", "Leave out line breaks and control characters.");
    }
    check_selector(selector, errors);
    (errors.0.len() == before).then(|| GoalRule::Click {
        label: cleaned,
        href: href.to_owned(),
        selector: selector.to_owned(),
    })
}

/// Whether it finds something is seen on the page alone.
fn check_selector(selector: &str, errors: &mut FieldErrors) {
    let is_odd = selector.contains(char::is_control) || !is_selector(selector);
    if !selector.is_empty() && is_odd {
        errors.add(
            "selector",
            "Write a CSS selector, for example .thank-you or #plans .card.",
        );
    }
}

/// Whether a text is where a link leads, rather than what it reads.
fn is_address(text: &str) -> bool {
    text.starts_with(['/', '*']) || text.starts_with("https://") || text.starts_with("http://")
}

/// A rule of a kind that one text says enough about.
pub fn parse_rule(kind: RuleKind, subject: &str) -> Result<GoalRule, String> {
    if !RuleKind::SHORT.contains(&kind) {
        return Err("Add this as a goal first, then choose that goal.".into());
    }
    let subject = parse_subject(kind, subject)?;
    Ok(match kind {
        RuleKind::Url => GoalRule::Url { path: subject },
        RuleKind::Click => click_of(&subject)?,
        RuleKind::FormViewed => GoalRule::FormViewed { form: subject },
        RuleKind::FormStarted => GoalRule::FormStarted { form: subject },
        RuleKind::FormCompleted => GoalRule::completed(subject),
        RuleKind::Download => GoalRule::Download { href: subject },
        RuleKind::Outbound => GoalRule::Outbound { href: subject },
        _ => GoalRule::event(subject),
    })
}

/// The page, form, event or address that a rule is about.
fn parse_subject(kind: RuleKind, text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() && kind.is_of_any() {
        return Ok(String::new());
    }
    if text.is_empty() {
        return Err(format!(
            "Name {}, for example {}.",
            kind.names(),
            kind.example()
        ));
    }
    if text.chars().any(char::is_control) {
        return Err("Leave out line breaks and control characters.".into());
    }
    match kind {
        RuleKind::Url | RuleKind::Viewed | RuleKind::Scrolled => parse_path(text),
        RuleKind::Download | RuleKind::Outbound if !is_address(text) => Err(match kind {
            RuleKind::Download => {
                "Begin with a slash or *, as in /files/*.pdf; empty for any file."
            }
            _ => "Begin with https://, as in https://partner.example/*; empty for any other site.",
        }
        .into()),
        RuleKind::Download | RuleKind::Outbound if text.contains(['?', '#']) => {
            Err("Leave out everything from ? or # on: it is not recorded.".into())
        }
        RuleKind::Outbound if text.starts_with('/') => {
            Err("A path is of your own site: begin with https:// or *.".into())
        }
        _ => Ok(text.to_owned()),
    }
}

fn note<T>(value: Result<T, String>, errors: &mut FieldErrors) -> Option<T> {
    value.map_err(|message| errors.add("subject", message)).ok()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_names_the_field_that_is_wrong() {
        let typed = TypedRule::default();
        for (kind, fields) in [
            (RuleKind::Url, &["subject"][..]),
            (RuleKind::FormViewed, &["subject"]),
            (RuleKind::FormStarted, &["subject"]),
            (RuleKind::FieldReached, &["subject", "field"]),
            (RuleKind::FormCompleted, &["subject"]),
            (RuleKind::Click, &["subject"]),
            (RuleKind::Download, &[]),
            (RuleKind::Outbound, &[]),
            (RuleKind::Search, &[]),
            (RuleKind::Video, &["amount"]),
            (RuleKind::Scrolled, &["amount"]),
            (RuleKind::Active, &["amount"]),
            (RuleKind::Viewed, &["subject", "amount"]),
            (RuleKind::Returned, &["amount"]),
            (RuleKind::Event, &["subject"]),
        ] {
            let mut errors = FieldErrors::default();
            let rule = typed.parse(kind, &mut errors);
            let named: Vec<&str> = errors.0.iter().map(|error| error.field.as_ref()).collect();
            assert_eq!(named, fields, "{kind}");
            assert_eq!(rule.is_some(), fields.is_empty(), "{kind}");
        }
    }

    #[test]
    fn what_is_no_number_no_site_or_no_property_is_refused() {
        let refused = |kind, typed: TypedRule<'_>| {
            let mut errors = FieldErrors::default();
            assert_eq!(typed.parse(kind, &mut errors), None);
            errors.0.remove(0).message.to_string()
        };
        let of = |subject, amount| TypedRule {
            subject,
            amount,
            ..TypedRule::default()
        };
        assert_eq!(
            refused(RuleKind::Scrolled, of("", "60")),
            "Choose one of 25, 50, 75, 100 %."
        );
        assert_eq!(
            refused(RuleKind::Returned, of("", "1")),
            "Write a whole number from 2 to 1000."
        );
        assert!(refused(RuleKind::Outbound, of("/own", "")).contains("your own site"));
        assert!(refused(RuleKind::Download, of("guide.pdf", "")).contains("empty for any file"));
        let filters = [
            ("plan", "equals", ""),
            ("", "equals", "a"),
            ("seats", "greater", "many"),
        ];
        let mut errors = FieldErrors::default();
        let typed = TypedRule {
            filters,
            ..of("paid", "")
        };
        assert_eq!(typed.parse(RuleKind::Event, &mut errors), None);
        for field in ["value_1", "property_2", "value_3"] {
            assert!(errors.of(field).is_some(), "{field} in {errors:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            for kind in RuleKind::ALL {
                let _ = parse_rule(*kind, &text);
                let filters = [(text.as_str(), text.as_str(), text.as_str()); 3];
                let typed = TypedRule { subject: &text, href: &text, selector: &text, field: &text, amount: &text, filters };
                let _ = typed.parse(*kind, &mut FieldErrors::default());
            }
        }
    }
}
