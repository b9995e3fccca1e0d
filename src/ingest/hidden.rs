//! Hidden fields: what the page tells along with an answer. Only what the owner has named is kept. Pure.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::{
    event::{Event, EventKind},
    fold::Facts,
    visit::Visit,
};
use crate::{
    delivery::snapshot::Snapshot,
    prompt::types::{Campaign, Design, FieldSource},
    types::{PromptId, Scalar},
};

/// Characters kept of a value.
const MAX_VALUE: usize = 200;

/// By name.
pub type Fields = BTreeMap<String, String>;

/// What the visit knows when it is asked: of an address the latest that has the parameter, of what the page said the last.
pub(super) fn known(design: &Design, visit: &Visit) -> Fields {
    let address = design
        .fields_from(FieldSource::Address)
        .filter_map(|name| Some((name, parameter(visit, name)?)));
    let page = design
        .fields_from(FieldSource::Page)
        .filter_map(|name| Some((name, visit.facts.properties.get(name)?.to_string())));
    let fields = address.chain(page);
    fields
        .map(|(name, value)| (name.to_owned(), short(&value)))
        .collect()
}

fn parameter(visit: &Visit, wanted: &str) -> Option<String> {
    let views = visit.facts.views.iter().rev();
    let mut queries = views.flat_map(|view| [&view.query, &view.query_before]);
    queries.find_map(|query| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    })
}

/// What the code that shows a card told with it; anything that is not named is taken out, before it is journaled.
pub(super) fn keep_named(snapshot: &Snapshot, event: &mut Event) {
    let shown = event.props.p.as_ref().and_then(Scalar::as_text);
    let shown: Option<PromptId> = shown.and_then(|id| id.parse().ok());
    let mut prompts = snapshot.prompts.iter();
    let prompt = prompts.find(|prompt| Some(prompt.id) == shown);
    let is_named = |name: &str| {
        prompt.is_some_and(|prompt| {
            let mut named = prompt.design.fields_from(FieldSource::Code);
            named.any(|named| named == name)
        })
    };
    if let Some(props) = &mut event.props.props {
        props.retain(|name, _| is_named(name));
    }
    event.props.props.take_if(|props| props.is_empty());
}

/// The same as text.
pub(super) fn told(event: &Event) -> Fields {
    let props = event.props.props.iter().flatten();
    props
        .map(|(name, value)| (name.clone(), short(&value.to_string())))
        .collect()
}

/// What went along with answers to a version and is to be forgotten, by name: whoever told a value, it is gone from the visit.
pub(super) struct Forgotten<'a> {
    prompt: PromptId,
    design: &'a Design,
}

impl<'a> Forgotten<'a> {
    pub(super) fn new(prompt: PromptId, design: &'a Design) -> Self {
        Self { prompt, design }
    }

    /// Whether the version has a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.design.fields.iter().any(|field| field.name == name)
    }

    fn is_from(&self, source: FieldSource, name: &str) -> bool {
        self.design.fields_from(source).any(|named| named == name)
    }

    /// What is left of an event.
    pub(super) fn leave(&self, event: &mut Event) {
        if let Some((page, query)) = event.props.u.as_deref().and_then(|url| url.split_once('?')) {
            let query = self.left_of(query);
            let mark = if query.is_empty() { "" } else { "?" };
            event.props.u = Some(format!("{page}{mark}{query}"));
        }
        let Some(props) = &mut event.props.props else {
            return;
        };
        match event.kind {
            Some(EventKind::Set) => props.retain(|name, _| !self.is_from(FieldSource::Page, name)),
            Some(EventKind::PromptShown) => {
                let id = event.props.p.as_ref().and_then(Scalar::as_text);
                if id.and_then(|id| id.parse().ok()) == Some(self.prompt) {
                    props.retain(|name, _| !self.is_from(FieldSource::Code, name));
                }
            }
            _ => {}
        }
        event.props.props.take_if(|props| props.is_empty());
    }

    /// What is left of the facts.
    pub(super) fn leave_facts(&self, facts: &mut Facts) {
        facts
            .properties
            .retain(|name, _| !self.is_from(FieldSource::Page, name));
        for view in &mut facts.views {
            view.query = self.left_of(&view.query);
            view.query_before = self.left_of(&view.query_before);
        }
        if let Some(campaign) = &mut facts.campaign {
            for (name, value) in campaign.parameters() {
                if self.is_from(FieldSource::Address, name) {
                    value.clear();
                }
            }
        }
        facts
            .campaign
            .take_if(|campaign| *campaign == Campaign::default());
    }

    /// What is left of the query of an address.
    fn left_of(&self, query: &str) -> String {
        let is_left = |pair: &&str| {
            let mut named = form_urlencoded::parse(pair.as_bytes());
            !named.any(|(name, _)| self.is_from(FieldSource::Address, &name))
        };
        let left: Vec<&str> = query.split('&').filter(is_left).collect();
        left.join("&")
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}
