//! The section "whom to ask, and where". Pure.

use super::fields::{column, parse_number};
use crate::{
    error::FieldErrors,
    goal::types::Goal,
    prompt::{
        languages::is_tag,
        types::{
            AddressKind, AddressRule, DeviceRule, Join, PropertyRule, PropertyTest, SourceKind,
            SourceRule, Target, VisitorRule, compile, parameters,
        },
    },
    types::GoalId,
};

/// Rules of one kind: more than a person keeps in mind.
const MOST_RULES: usize = 20;
/// Empty rows behind the ones in use.
const SPARE: usize = 2;
/// Characters of the text of a rule.
const LONGEST: usize = 300;
/// What an opposite is posted with before the kind.
const NOT: &str = "not_";

/// A rule over addresses as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressRow {
    /// An [`AddressKind`], `not_` before it for its opposite.
    pub test: String,
    /// With what it is compared.
    pub text: String,
    /// `query` for the path and the query; anything else for the path.
    pub part: String,
}

/// A rule over the source as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRow {
    /// A [`SourceKind`], or empty for no rule.
    pub kind: String,
    /// With what it is compared.
    pub text: String,
}

/// A rule over a property as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyRow {
    /// Its name.
    pub name: String,
    /// A [`PropertyTest`].
    pub test: String,
    /// With what it is compared.
    pub value: String,
}

/// A target as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetForm {
    /// Rows without a text are no rules.
    pub addresses: Vec<AddressRow>,
    /// A [`Join`]; empty is any.
    pub addresses_join: String,
    /// An address to try the rules with; never stored.
    pub try_address: String,
    /// A [`DeviceRule`]; empty is any.
    pub device: String,
    /// A [`VisitorRule`]; empty is any.
    pub visitor: String,
    /// The least number of a returning visitor's visit; empty is the second.
    pub least_visit: String,
    /// Language tags, separated by commas.
    pub languages: String,
    /// Rows without a kind are no rules.
    pub sources: Vec<SourceRow>,
    /// Ids of goals.
    pub reached: Vec<String>,
    /// Ids of goals.
    pub not_reached: Vec<String>,
    /// Not empty where earlier visits count too.
    pub earlier_visits: String,
    /// Rows without a name and a value are no rules.
    pub properties: Vec<PropertyRow>,
}

impl TargetForm {
    pub(super) fn of_pairs(pairs: &[(String, String)]) -> Self {
        let one = |key| column(pairs, key).pop().unwrap_or_default();
        let cell = |column: &[String], row: usize| column.get(row).cloned().unwrap_or_default();
        let (tests, parts) = (column(pairs, "address_test"), column(pairs, "address_part"));
        let source_texts = column(pairs, "source_text");
        let (property_tests, values) = (
            column(pairs, "property_test"),
            column(pairs, "property_value"),
        );
        let addresses = column(pairs, "address_text").into_iter().enumerate();
        let sources = column(pairs, "source_kind").into_iter().enumerate();
        let properties = column(pairs, "property_name").into_iter().enumerate();
        Self {
            addresses: addresses
                .map(|(row, text)| AddressRow {
                    test: cell(&tests, row),
                    text,
                    part: cell(&parts, row),
                })
                .collect(),
            addresses_join: one("addresses_join"),
            try_address: one("try_address"),
            device: one("device"),
            visitor: one("visitor"),
            least_visit: one("least_visit"),
            languages: one("languages"),
            sources: sources
                .map(|(row, kind)| SourceRow {
                    kind,
                    text: cell(&source_texts, row),
                })
                .collect(),
            reached: column(pairs, "reached"),
            not_reached: column(pairs, "not_reached"),
            earlier_visits: one("earlier_visits"),
            properties: properties
                .map(|(row, name)| PropertyRow {
                    name,
                    test: cell(&property_tests, row),
                    value: cell(&values, row),
                })
                .collect(),
        }
    }

    pub(super) fn of(target: &Target) -> Self {
        let address = |rule: &AddressRule| AddressRow {
            test: format!("{}{}", if rule.not { NOT } else { "" }, rule.kind),
            text: rule.text.clone(),
            part: if rule.with_query { "query" } else { "path" }.into(),
        };
        let source = |rule: &SourceRule| SourceRow {
            kind: rule.kind.to_string(),
            text: rule.text.clone(),
        };
        let property = |rule: &PropertyRule| PropertyRow {
            name: rule.name.clone(),
            test: rule.test.to_string(),
            value: rule.value.clone(),
        };
        Self {
            addresses: target.addresses.iter().map(address).collect(),
            addresses_join: target.addresses_join.to_string(),
            try_address: String::new(),
            device: target.device.to_string(),
            visitor: target.visitor.to_string(),
            least_visit: target.least_visit.to_string(),
            languages: target.languages.join(", "),
            sources: target.sources.iter().map(source).collect(),
            reached: target.reached.iter().map(ToString::to_string).collect(),
            not_reached: target.not_reached.iter().map(ToString::to_string).collect(),
            earlier_visits: if target.earlier_visits { "1" } else { "" }.into(),
            properties: target.properties.iter().map(property).collect(),
        }
    }

    /// The rows as the page shows them: those in use, and some to fill in.
    pub fn spared(mut self) -> Self {
        self.addresses.retain(|row| !row.text.trim().is_empty());
        self.sources.retain(|row| !row.kind.is_empty());
        self.properties
            .retain(|row| !(row.name.trim().is_empty() && row.value.trim().is_empty()));
        for _ in 0..SPARE {
            self.addresses.push(AddressRow::default());
            self.sources.push(SourceRow::default());
            self.properties.push(PropertyRow::default());
        }
        self
    }

    pub(super) fn parse(&self, goals: &[Goal], errors: &mut FieldErrors) -> Target {
        Target {
            addresses: self.parse_addresses(errors),
            addresses_join: Join::parse(&self.addresses_join).unwrap_or(Join::Any),
            device: DeviceRule::parse(&self.device).unwrap_or(DeviceRule::Any),
            visitor: VisitorRule::parse(&self.visitor).unwrap_or(VisitorRule::Any),
            least_visit: match self.least_visit.trim() {
                "" => 2,
                least => parse_number(least, 2..=100, "least_visit", errors),
            },
            languages: self.parse_languages(errors),
            sources: self.parse_sources(errors),
            reached: parse_goals(&self.reached, goals, errors),
            not_reached: parse_goals(&self.not_reached, goals, errors),
            earlier_visits: !self.earlier_visits.is_empty(),
            properties: self.parse_properties(errors),
        }
    }

    fn parse_addresses(&self, errors: &mut FieldErrors) -> Vec<AddressRule> {
        let rows = self.addresses.iter();
        let rows = rows.filter(|row| !row.text.trim().is_empty());
        read_rows(rows, "address", errors, parse_address)
    }

    fn parse_languages(&self, errors: &mut FieldErrors) -> Vec<String> {
        let tags = self.languages.split([',', ';', ' ', '\n', '\r']);
        let tags = tags.filter(|tag| !tag.is_empty()).map(str::to_owned);
        let tags: Vec<String> = tags.take(MOST_RULES).collect();
        if let Some(wrong) = tags.iter().find(|tag| !is_tag(tag)) {
            let example = "write language tags like en, de-CH.";
            errors.add("languages", format!("“{wrong}” is no language: {example}"));
        }
        tags
    }

    fn parse_sources(&self, errors: &mut FieldErrors) -> Vec<SourceRule> {
        let rows = self.sources.iter().filter(|row| !row.kind.is_empty());
        read_rows(rows, "source", errors, parse_source)
    }

    fn parse_properties(&self, errors: &mut FieldErrors) -> Vec<PropertyRule> {
        let rows = self.properties.iter();
        let rows = rows.filter(|row| !(row.name.trim().is_empty() && row.value.trim().is_empty()));
        read_rows(rows, "property", errors, parse_property)
    }
}

fn parse_goals(ticked: &[String], goals: &[Goal], errors: &mut FieldErrors) -> Vec<GoalId> {
    let known = |text: &String| {
        let id = text.parse().ok()?;
        goals.iter().any(|goal| goal.id == id).then_some(id)
    };
    let read: Vec<GoalId> = ticked.iter().filter_map(known).collect();
    if read.len() < ticked.len() {
        errors.add("reached", "A goal that was ticked is no longer counted.");
    }
    read
}

/// Reads the rows that are in use; what is wrong is said of `<field>_<row>`, counted from 1.
fn read_rows<'a, Row: 'a, Rule>(
    rows: impl Iterator<Item = &'a Row>,
    field: &str,
    errors: &mut FieldErrors,
    read: impl Fn(&Row) -> Result<Rule, String>,
) -> Vec<Rule> {
    let mut rules = vec![];
    for (row, number) in rows.zip(1..) {
        match read(row) {
            _ if number > MOST_RULES => {
                let message = format!("Use at most {MOST_RULES} rules.");
                errors.add(format!("{field}_{number}"), message);
                break;
            }
            Ok(rule) => rules.push(rule),
            Err(message) => errors.add(format!("{field}_{number}"), message),
        }
    }
    rules
}

fn parse_address(row: &AddressRow) -> Result<AddressRule, String> {
    let bare = row.test.strip_prefix(NOT);
    let kind = AddressKind::parse(bare.unwrap_or(&row.test))
        .ok_or("Choose how the address is compared.")?;
    let with_query = row.part == "query";
    let text = without_origin(row.text.trim());
    let is_path = matches!(
        kind,
        AddressKind::Equals | AddressKind::StartsWith | AddressKind::Wildcard
    );
    if text.chars().count() > LONGEST {
        return Err(format!("Use at most {LONGEST} characters."));
    }
    if is_path
        && !text.starts_with('/')
        && !(kind == AddressKind::Wildcard && text.starts_with('*'))
    {
        return Err(format!("Begin with a slash: /{text}"));
    }
    if kind == AddressKind::Regex {
        compile(text)?;
    } else if text.contains('#') || (!with_query && text.contains('?')) {
        return Err(if text.contains('#') {
            "Leave out everything from # on: it never reaches a server.".into()
        } else {
            "Choose “path and query” to compare what stands behind the question mark.".into()
        });
    }
    if with_query && parameters(text).is_empty() {
        return Err("Name the parameter to compare, for example plan=pro.".into());
    }
    Ok(AddressRule {
        kind,
        not: bare.is_some(),
        text: text.to_owned(),
        with_query,
    })
}

/// An address as people copy it, from its path on.
pub(super) fn without_origin(text: &str) -> &str {
    let scheme = text
        .split_once("://")
        .filter(|(scheme, _)| scheme.starts_with("http"));
    scheme.map_or(text, |(_, rest)| {
        rest.find('/').map_or("/", |at| &rest[at..])
    })
}

fn parse_source(row: &SourceRow) -> Result<SourceRule, String> {
    let kind = SourceKind::parse(&row.kind).ok_or("Choose what is compared.")?;
    let text = row.text.trim();
    let text = match kind {
        SourceKind::Direct => "",
        SourceKind::Referrer => {
            let host = text.split_once("://").map_or(text, |(_, rest)| rest);
            host.split('/').next().unwrap_or_default()
        }
        _ => text,
    };
    if kind == SourceKind::Referrer && !text.contains(['.', '*']) {
        return Err("Write the address of the other site, for example google.com.".into());
    }
    if kind != SourceKind::Direct && text.is_empty() {
        return Err("Write with what it is compared, for example newsletter.".into());
    }
    if text.chars().count() > LONGEST {
        return Err(format!("Use at most {LONGEST} characters."));
    }
    Ok(SourceRule {
        kind,
        text: text.to_owned(),
    })
}

fn parse_property(row: &PropertyRow) -> Result<PropertyRule, String> {
    let test = PropertyTest::parse(&row.test).ok_or("Choose how the property is compared.")?;
    let (name, value) = (row.name.trim(), row.value.trim());
    if name.is_empty() || name.chars().count() > 64 {
        return Err("Write the name of the property, for example plan.".into());
    }
    if test.has_value() && value.is_empty() {
        return Err(format!("Write with what “{name}” is compared."));
    }
    if test.is_numeric() && value.parse::<f64>().is_err() {
        return Err(format!("Write a number for “{name}” to be compared with."));
    }
    if value.chars().count() > 200 {
        return Err("Use at most 200 characters.".into());
    }
    Ok(PropertyRule {
        name: name.to_owned(),
        test,
        value: if test.has_value() { value } else { "" }.to_owned(),
    })
}
