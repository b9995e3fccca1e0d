//! Where, and to whom.

use super::join;
use crate::{
    goal::types::Goal,
    prompt::types::{
        AddressKind, AddressRule, DeviceRule, Join, PropertyRule, PropertyTest, SourceKind,
        SourceRule, Target, VisitorRule,
    },
    types::GoalId,
};

/// On which addresses: "on every page", "on /signup and /".
pub(super) fn place(target: &Target) -> String {
    let rules = &target.addresses;
    if rules.is_empty() {
        return "on every page".into();
    }
    let is_list = target.addresses_join == Join::Any
        && rules.iter().all(|rule| {
            matches!(rule.kind, AddressKind::Wildcard | AddressKind::Equals) && !rule.not
        });
    if is_list {
        let pages: Vec<&str> = rules.iter().map(|rule| rule.text.as_str()).collect();
        return format!("on {}", join(&pages, "and"));
    }
    let word = match target.addresses_join {
        Join::Any => "or",
        Join::All => "and",
    };
    let rules: Vec<String> = rules.iter().map(address).collect();
    format!("on addresses that {}", join(&texts(&rules), word))
}

fn address(rule: &AddressRule) -> String {
    let words = match (rule.kind, rule.not) {
        (AddressKind::Equals, false) => "are",
        (AddressKind::Equals, true) => "are not",
        (AddressKind::Contains, false) => "contain",
        (AddressKind::Contains, true) => "do not contain",
        (AddressKind::StartsWith, false) => "begin with",
        (AddressKind::StartsWith, true) => "do not begin with",
        (AddressKind::EndsWith, false) => "end with",
        (AddressKind::EndsWith, true) => "do not end with",
        (AddressKind::Wildcard | AddressKind::Regex, false) => "match",
        (AddressKind::Wildcard | AddressKind::Regex, true) => "do not match",
    };
    format!("{words} {}", rule.text)
}

/// The rules of each list in words, by the name of the list.
pub fn rules(target: &Target) -> [(&'static str, Vec<String>); 3] {
    [
        ("addresses", target.addresses.iter().map(address).collect()),
        ("sources", target.sources.iter().map(source).collect()),
        (
            "properties",
            target.properties.iter().map(property).collect(),
        ),
    ]
}

/// To whom besides: device, language, source, goals, properties.
pub fn audience(target: &Target, goals: &[Goal]) -> Vec<String> {
    let mut parts = vec![];
    match target.device {
        DeviceRule::Any => {}
        DeviceRule::Computer => parts.push("on computers".to_owned()),
        DeviceRule::Touch => parts.push("on phones and tablets".into()),
    }
    match (target.visitor, target.least_visit) {
        (VisitorRule::Any, _) => {}
        (VisitorRule::New, _) => parts.push("on their first visit, as far as that is known".into()),
        (VisitorRule::Returning, 2) => {
            parts.push("when they come back, as far as that is known".into());
        }
        (VisitorRule::Returning, least) => parts.push(format!(
            "from visit number {least} on, as far as that is known"
        )),
    }
    if !target.languages.is_empty() {
        let languages: Vec<&str> = target.languages.iter().map(String::as_str).collect();
        parts.push(format!("in browsers set to {}", join(&languages, "or")));
    }
    if !target.sources.is_empty() {
        let sources: Vec<String> = target.sources.iter().map(source).collect();
        parts.push(format!("coming {}", join(&texts(&sources), "or")));
    }
    let when = if target.earlier_visits {
        " in this visit or, as far as that is known, an earlier one"
    } else {
        ""
    };
    if !target.reached.is_empty() {
        let reached = named(&target.reached, goals, "and");
        parts.push(format!("having reached {reached}{when}"));
    }
    if !target.not_reached.is_empty() {
        let left_out = named(&target.not_reached, goals, "or");
        parts.push(format!("not having reached {left_out}{when}"));
    }
    if !target.properties.is_empty() {
        let rules: Vec<String> = target.properties.iter().map(property).collect();
        parts.push(format!("where {}", join(&texts(&rules), "and")));
    }
    parts
}

fn named(ids: &[GoalId], goals: &[Goal], word: &str) -> String {
    let name = |id: &GoalId| {
        let goal = goals.iter().find(|goal| goal.id == *id);
        goal.map_or("a goal that is no longer counted".into(), |goal| {
            format!("“{}”", goal.name)
        })
    };
    let names: Vec<String> = ids.iter().map(name).collect();
    join(&texts(&names), word)
}

fn source(rule: &SourceRule) -> String {
    let text = &rule.text;
    match rule.kind {
        SourceKind::Direct => "directly".into(),
        SourceKind::Referrer => format!("from {text}"),
        SourceKind::UtmSource => format!("by the campaign source “{text}”"),
        SourceKind::UtmMedium => format!("by the campaign medium “{text}”"),
        SourceKind::UtmCampaign => format!("by the campaign “{text}”"),
    }
}

fn property(rule: &PropertyRule) -> String {
    let (name, test) = (&rule.name, rule.test.label());
    match rule.test {
        PropertyTest::IsSet | PropertyTest::IsNotSet => format!("{name} {test}"),
        _ => format!("{name} {test} {}", rule.value),
    }
}

fn texts(parts: &[String]) -> Vec<&str> {
    parts.iter().map(String::as_str).collect()
}
