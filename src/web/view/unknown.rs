//! What a report is asked for and does not know: its page says so, and its files refuse. Pure.

use url::form_urlencoded;

use crate::{error::FieldErrors, ingest::cube::Dimension};

/// Stands in the address of every file, and of no page.
const FILE: &str = ".{format";
/// What asks for visits by what they did.
const DEEDS: [&str; 2] = ["did", "not"];
/// What asks for another way of counting, or for other visits beside.
const STEPS: [&str; 10] = [
    "order",
    "without",
    "after",
    "before",
    "leave_out",
    "within",
    "times",
    "beside",
    "beside_from",
    "beside_to",
];

/// What a page is asked for and does not know.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// `This page shows all visits: it does not know “by”.`
    pub words: String,
    /// The query string without it.
    pub without: String,
    /// Whether it is one thing alone.
    pub is_one: bool,
}

impl Unknown {
    /// Of a page whose address has this pattern; `None` where it knows all that it is asked for.
    pub fn of(pattern: &str, query: &str) -> Option<Self> {
        let report = report(pattern)?;
        let names = unknown_to(report, query);
        let quoted: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
        let (last, others) = quoted.split_last()?;
        let and = if others.is_empty() { "" } else { " and " };
        let kept: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| !names.contains(&name.to_string()))
            .collect();
        let is_narrowed = kept
            .iter()
            .any(|(name, _)| Dimension::parse(name).is_some());
        let visits = match is_narrowed {
            true => "all visits that the other filters leave",
            false => "all visits",
        };
        let mut without = form_urlencoded::Serializer::new(String::new());
        Some(Self {
            words: format!(
                "This page shows {visits}: it does not know {}{and}{last}.",
                others.join(", ")
            ),
            without: without.extend_pairs(kept).finish(),
            is_one: others.is_empty(),
        })
    }

    /// Why a file whose address has this pattern is not what was asked for.
    pub fn refuse_file(pattern: &str, query: &str) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        let report = report(pattern).filter(|_| pattern.contains(FILE));
        for name in report.map_or(vec![], |report| unknown_to(report, query)) {
            let right = "this file cannot be asked for it; leave it out";
            errors.add(&name, format!("{name}: {right}"));
        }
        errors.or(())
    }
}

/// What stands behind the site in the address of a report, without the ending of its files; `None` of other pages.
fn report(pattern: &str) -> Option<&str> {
    let page = pattern.strip_prefix("/sites/{key}")?;
    let page = page.split(FILE).next()?;
    let is_report = matches!(page, "" | "/prompts/{id}/report" | "/prompts/{id}/why")
        || page.starts_with("/reports");
    is_report.then_some(page)
}

/// What of it the report does not know, each once. What a form leaves empty asks for nothing.
fn unknown_to(report: &str, query: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let asks = is_of_visits(&name) || is_any(&name, &DEEDS) || is_any(&name, &STEPS);
        let is_chosen = !text.is_empty() || Dimension::parse(&name).is_some();
        if asks && is_chosen && !knows(report, &name) && !names.contains(&name.to_string()) {
            names.push(name.into_owned());
        }
    }
    names
}

/// Every report that can be narrowed; one that is not named here shows all visits.
fn knows(report: &str, name: &str) -> bool {
    match report {
        "" | "/reports/funnel" => true,
        "/reports/overview" | "/reports/steps" => is_of_visits(name) || is_any(name, &DEEDS),
        "/reports/predictors" | "/reports/reasons" | "/reports/scores" | "/prompts/{id}/report" => {
            is_of_visits(name)
        }
        _ => false,
    }
}

fn is_of_visits(name: &str) -> bool {
    name == "by" || Dimension::parse(name).is_some()
}

fn is_any(name: &str, names: &[&str]) -> bool {
    names.contains(&name)
}
