//! A line of a file of visits: the first page, and the goal that was reached, if any. Pure.

use super::{
    clean,
    row::{Happened, Reader, Row},
};
use crate::{
    goal::types::{GoalRule, GoalVersion},
    ingest::event::{Event, EventKind, Props},
    types::{Millis, Scalar},
};

/// What happened, or what would be right.
pub(super) fn read(reader: &Reader<'_>, row: &Row) -> Result<Vec<Happened>, String> {
    reader.visit(row)?;
    let at = clean::time("started_at", reader.cell(row, "started_at"), reader.now)?;
    let (browser, number) = (reader.browser(row)?, reader.number(row)?);
    let happened = |at, kind, mut props: Props| {
        props.clean();
        let (t, kind) = (0, Some(kind));
        Happened {
            at,
            event: Event { t, kind, props },
            browser: browser.clone(),
            number,
        }
    };
    let first = Props {
        u: Some(first_page(reader, row)?),
        r: reader
            .said(row, "referrer")
            .map(clean::referrer)
            .transpose()?,
        ..Props::default()
    };
    let mut all = vec![happened(at, EventKind::PageView, first)];
    if let Some((then, kind, props)) = conversion(reader, row, at)? {
        all.push(happened(then, kind, props));
    }
    Ok(all)
}

fn first_page(reader: &Reader<'_>, row: &Row) -> Result<String, String> {
    let mut page = clean::page(reader.cell(row, "page"))?;
    for name in ["utm_source", "utm_medium", "utm_campaign"] {
        let Some(value) = reader.said(row, name) else {
            continue;
        };
        if page.contains(&format!("{name}=")) {
            return Err(format!(
                "{name} stands in the address of page too; leave one of them out"
            ));
        }
        let mut part = url::form_urlencoded::Serializer::new(String::new());
        part.append_pair(name, value);
        page.push(if page.contains('?') { '&' } else { '?' });
        page.push_str(&part.finish());
    }
    Ok(page)
}

/// The event by which the goal was reached.
fn conversion(
    reader: &Reader<'_>,
    row: &Row,
    started_at: Millis,
) -> Result<Option<(Millis, EventKind, Props)>, String> {
    let named = reader.cell(row, "converted");
    let (at, value) = (reader.said(row, "converted_at"), reader.said(row, "value"));
    if matches!(named.to_lowercase().as_str(), "" | "no" | "false" | "0") {
        return match at.or(value) {
            None => Ok(None),
            Some(_) => Err(
                "converted must be yes or the name of a goal where converted_at or value is given"
                    .into(),
            ),
        };
    }
    let at = match at {
        Some(at) => clean::time("converted_at", at, reader.now)?,
        None => started_at,
    };
    if at < started_at {
        return Err("converted_at must not be before started_at".into());
    }
    let value = value
        .map(|value| clean::number("value", value))
        .transpose()?;
    let rule = &goal(reader, named)?.rule;
    let (kind, props) = event_of(rule).ok_or_else(|| {
        format!(
            "the goal {named:?} is reached by more than one page, form or click, so that no event can stand for it; import events instead"
        )
    })?;
    Ok(Some((at, kind, Props { value, ..props })))
}

fn goal<'a>(reader: &'a Reader<'_>, named: &str) -> Result<&'a GoalVersion, String> {
    let definitions = &reader.snapshot.definitions;
    let current = || {
        definitions
            .goals
            .iter()
            .filter(|goal| goal.until_at.is_none())
    };
    if matches!(named.to_lowercase().as_str(), "yes" | "true" | "1") {
        let primary = definitions
            .funnels
            .last()
            .and_then(|funnel| funnel.primary_bit);
        return current()
            .find(|goal| Some(goal.bit) == primary)
            .ok_or_else(|| {
                "converted: the site has no main goal; add one under Goals first".into()
            });
    }
    let id = reader
        .goals
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(named));
    let goal = id.and_then(|(_, id)| current().find(|goal| goal.goal_id == *id));
    goal.ok_or_else(|| {
        let names: Vec<_> = reader.goals.iter().map(|(name, _)| name.as_str()).collect();
        format!(
            "converted must be yes, true or 1 for the main goal, no, false or 0 for none, or a goal of the site: {}",
            names.join(", ")
        )
    })
}

/// An event that meets the rule; `None` when the rule leaves open which.
fn event_of(rule: &GoalRule) -> Option<(EventKind, Props)> {
    let one = |text: &String| (!text.contains('*')).then(|| text.clone());
    let props = Props::default;
    Some(match rule {
        GoalRule::Url { path } => {
            let u = Some(one(path)?);
            (EventKind::PageView, Props { u, ..props() })
        }
        GoalRule::Event { name, filters } if filters.is_empty() => {
            let name = Some(name.clone());
            (EventKind::Track, Props { name, ..props() })
        }
        GoalRule::FormStarted { form } => {
            let f = Some(one(form)?);
            (EventKind::FormStarted, Props { f, ..props() })
        }
        GoalRule::FormCompleted { form, .. } => {
            let f = Some(one(form)?);
            (EventKind::FormCompleted, Props { f, ..props() })
        }
        GoalRule::Click {
            label,
            href,
            selector,
        } => {
            let (l, h) = (Some(one(label)?), Some(one(href)?));
            let s = Some(selector.clone());
            (EventKind::Click, Props { l, h, s, ..props() })
        }
        GoalRule::FormViewed { form } => {
            let f = Some(one(form)?);
            (EventKind::FormViewed, Props { f, ..props() })
        }
        GoalRule::FieldReached { form, field } => {
            let (f, n) = (Some(one(form)?), Some(one(field)?));
            (EventKind::FieldFocused, Props { f, n, ..props() })
        }
        GoalRule::Search => (EventKind::Search, props()),
        GoalRule::Video { percent } => {
            let p = Some(Scalar::Whole((*percent).into()));
            (EventKind::Video, Props { p, ..props() })
        }
        // What it must say, which file or site, and what a whole visit came to are left open.
        GoalRule::Event { .. }
        | GoalRule::Download { .. }
        | GoalRule::Outbound { .. }
        | GoalRule::Scrolled { .. }
        | GoalRule::Active { .. }
        | GoalRule::Viewed { .. }
        | GoalRule::Returned { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_that_stands_for_a_goal_meets_it() {
        let text = |text: &str| text.to_owned();
        let click = |label: &str, href: &str, selector: &str| GoalRule::Click {
            label: text(label),
            href: text(href),
            selector: text(selector),
        };
        for rule in [
            GoalRule::Url {
                path: text("/thanks"),
            },
            GoalRule::event(text("signed_up")),
            GoalRule::FormStarted {
                form: text("signup"),
            },
            GoalRule::completed("signup"),
            click("Buy", "", ""),
            click("", "/buy", ""),
            click("", "", "#buy"),
        ] {
            let (kind, mut props) = event_of(&rule).unwrap();
            props.clean();
            let event = Event {
                t: 0,
                kind: Some(kind),
                props,
            };
            assert!(rule.is_met_by(event.subject().unwrap()), "{rule:?}");
        }
        assert!(
            event_of(&GoalRule::Url {
                path: text("/thanks/*")
            })
            .is_none()
        );
    }
}
