//! Hidden fields: what the page tells along with an answer. Only what the owner has named is kept. Pure.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::{event::Event, visit::Visit};
use crate::{
    delivery::snapshot::Snapshot,
    prompt::types::{Design, FieldSource},
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

fn short(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}
