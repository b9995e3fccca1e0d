//! A line of a file of events. Pure.

use super::{
    clean,
    row::{Happened, Reader, Row},
};
use crate::{
    goal::rule::clean_label,
    ingest::event::{Event, EventKind, Props},
    types::{Millis, Scalar},
};

/// What was asked and agreed to is no event of a file.
const NOT_IMPORTED: [EventKind; 9] = [
    EventKind::FieldLeft,
    EventKind::Consent,
    EventKind::Eligible,
    EventKind::PromptShown,
    EventKind::PromptSeen,
    EventKind::PromptStarted,
    EventKind::PromptDismissed,
    EventKind::PromptHelped,
    EventKind::PromptFailed,
];

/// What happened, or what would be right.
pub(super) fn read(reader: &Reader<'_>, row: &Row) -> Result<Vec<Happened>, String> {
    reader.visit(row)?;
    let at = clean::time("at", reader.cell(row, "at"), reader.now)?;
    let named = reader
        .said(row, "kind")
        .ok_or("kind must be page_view, click, form_started … or the name of a custom event")?;
    let kind = EventKind::parse(named);
    if kind.is_some_and(|kind| NOT_IMPORTED.contains(&kind)) {
        return Err(format!(
            "kind {named} is no event of another tool; leave the row out"
        ));
    }
    let mut props = props(reader, row, kind)?;
    if kind.is_none() {
        props.name = Some(clean::key(named));
    }
    check(kind, &props)?;
    props.clean();
    let event = Event {
        t: 0,
        kind: Some(kind.unwrap_or(EventKind::Track)),
        props,
    };
    Ok(vec![Happened {
        at,
        event,
        browser: reader.browser(row)?,
        number: reader.number(row)?,
    }])
}

fn props(reader: &Reader<'_>, row: &Row, kind: Option<EventKind>) -> Result<Props, String> {
    let said = |column| reader.said(row, column);
    let mut props = Props {
        f: said("form").map(clean::key),
        n: said("field").map(clean::key),
        l: said("label").map(clean_label),
        h: said("href").map(|href| clean::href(href, &reader.snapshot.site.origins)),
        props: said("props").map(clean::props).transpose()?,
        ..Props::default()
    };
    if kind == Some(EventKind::PageView) {
        props.u = said("page").map(clean::page).transpose()?;
        props.r = said("referrer").map(clean::referrer).transpose()?;
    }
    let Some(value) = said("value") else {
        return Ok(props);
    };
    let value = clean::number("value", value)?;
    #[expect(clippy::cast_possible_truncation, reason = "clamped far inside i64")]
    let whole = value.round().clamp(0.0, 1e9) as Millis;
    match kind {
        Some(EventKind::Active | EventKind::PageLoad) => props.ms = Some(whole),
        Some(EventKind::Scroll) => props.p = Some(Scalar::Whole(whole.min(100))),
        _ => props.value = Some(value),
    }
    Ok(props)
}

fn check(kind: Option<EventKind>, props: &Props) -> Result<(), String> {
    let needs = |column: &str, cell: &Option<String>| match (cell, kind) {
        (None, Some(kind)) => Err(format!("{column} must be given for {kind}")),
        _ => Ok(()),
    };
    match kind {
        Some(EventKind::PageView) => needs("page", &props.u),
        Some(
            EventKind::FormViewed
            | EventKind::FormStarted
            | EventKind::FieldFocused
            | EventKind::FormAttempted
            | EventKind::FormFailed
            | EventKind::FormCompleted
            | EventKind::FormAbandoned,
        ) => needs("form", &props.f),
        Some(EventKind::Track) => {
            Err("kind must be the name of the custom event itself, not track".into())
        }
        _ => Ok(()),
    }
}
