//! A visit out of its lines: put in order, cut into page loads and batches, under ids that follow from its name. Pure.

use std::sync::Arc;

use super::row::Happened;
use crate::{
    clock::DAY,
    delivery::snapshot::Snapshot,
    ingest::{
        event::EventKind,
        fold::StoredBatch,
        imported::ImportedVisit,
        payload::MAX_EVENTS,
        visit::{Browser, VisitorHash},
    },
    secret,
    types::{Millis, ViewId},
};

/// Events of a visit; only a program comes to more.
const MAX_IN_VISIT: usize = 5_000;

/// What stands for the other tool's name of a visit: it cannot be read back without the site's key.
pub(super) fn visitor_of(snapshot: &Snapshot, name: &str) -> VisitorHash {
    let parts: [&[u8]; 2] = [b"imported visit", name.as_bytes()];
    secret::keyed_hash(&snapshot.site.signing_key, &parts)
}

/// The visit of this name, or why there cannot be one.
pub(super) fn visit_of(
    snapshot: &Arc<Snapshot>,
    name: &str,
    mut happened: Vec<Happened>,
    now: Millis,
) -> Result<ImportedVisit, String> {
    // What came at the same time stays in the order of the file.
    happened.sort_by_key(|happened| happened.at);
    let (first, last) = (happened.first(), happened.last());
    let length = last
        .zip(first)
        .map_or(0, |(last, first)| last.at - first.at);
    if length >= DAY {
        return Err("a visit lasts less than 24 h; give what came later a visit of its own".into());
    }
    if happened.len() > MAX_IN_VISIT {
        return Err(format!(
            "a visit has at most {MAX_IN_VISIT} events; more come from a program only"
        ));
    }
    let is_page = |happened: &Happened| happened.event.kind == Some(EventKind::PageView);
    if !happened.iter().any(is_page) {
        return Err(
            "a visit needs a page: give it a row of kind page_view, and its page, if only “/”"
                .into(),
        );
    }
    let visitor = visitor_of(snapshot, name);
    Ok(ImportedVisit {
        snapshot: Arc::clone(snapshot),
        visitor,
        browser: browser_of(&happened),
        number: happened.iter().find_map(|happened| happened.number),
        batches: batches_of(&visitor, happened),
        received_at: now,
    })
}

/// What a line says first.
fn browser_of(happened: &[Happened]) -> Browser {
    let first = |part: fn(&Browser) -> &String| {
        let mut said = happened.iter().map(|happened| part(&happened.browser));
        said.find(|said| !said.is_empty())
            .cloned()
            .unwrap_or_default()
    };
    let or_other = |text: String| match text.is_empty() {
        true => "Other".to_owned(),
        false => text,
    };
    Browser {
        device: first(|browser| &browser.device),
        browser: or_other(first(|browser| &browser.browser)),
        language: first(|browser| &browser.language),
        country: first(|browser| &browser.country),
        is_automated: false,
    }
}

/// Each page view begins a page load, as it does where pages are loaded one after the other.
fn batches_of(visitor: &VisitorHash, happened: Vec<Happened>) -> Vec<StoredBatch> {
    let mut batches: Vec<StoredBatch> = vec![];
    let (mut views, mut seq, mut has_page) = (0_u16, 0, false);
    for Happened { at, mut event, .. } in happened {
        let is_page = event.kind == Some(EventKind::PageView);
        let is_next = batches.is_empty() || is_page && has_page;
        has_page |= is_page;
        if is_next {
            (views, seq) = (views + 1, 0);
        }
        let (view_id, started_at) = match batches.last() {
            Some(batch) if !is_next => (batch.view_id, batch.view_started_at),
            _ => (view_of(visitor, views, at), at),
        };
        let is_full = batches
            .last()
            .is_none_or(|batch| batch.events.len() >= MAX_EVENTS);
        if is_next || is_full {
            batches.push(StoredBatch {
                view_id,
                first_seq: seq,
                view_started_at: started_at,
                events: vec![],
            });
        }
        event.t = at - started_at;
        seq += 1;
        if let Some(batch) = batches.last_mut() {
            batch.events.push(event);
        }
    }
    batches
}

/// Later page loads sort behind earlier ones of the same instant: their number leads.
fn view_of(visitor: &VisitorHash, number: u16, at: Millis) -> ViewId {
    let mut hash = secret::keyed_hash(visitor, &[b"page load", &number.to_be_bytes()]);
    let lead = number.min(0x0fff).to_be_bytes();
    hash[..2].copy_from_slice(&lead);
    ViewId(secret::uuid_of(at, &hash))
}
