//! How prompts stand in the page, as the widget is told: tabs, buttons, parts of the page, and cards that dim it. The core knows
//! nothing of them, every byte of it is paid by every visitor.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    prompt::{
        languages,
        types::{OtherWords, Place, PublishedPrompt, ShownAs, Side, TAB_LABEL},
    },
    site::theme::Theme,
    types::PromptId,
};

/// How a prompt stands in the page, beside or in the place of its moments.
#[derive(Serialize)]
pub(super) struct WidgetPlace<'a> {
    id: PromptId,
    way: &'static str,
    /// At least one pattern.
    pages: Vec<String>,
    /// Selector: what else opens it, or where it stands.
    #[serde(skip_serializing_if = "str::is_empty")]
    at: &'a str,
    #[serde(flatten)]
    tab: Option<WidgetTab<'a>>,
}

#[derive(Serialize)]
struct WidgetTab<'a> {
    label: &'a str,
    /// In other languages: the words, and their direction.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'a str, (&'a str, &'static str)>,
    side: Side,
    lang: &'a str,
    dir: &'static str,
    css: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dark: Option<bool>,
}

/// Whether the file of the places has to do with it.
pub(super) fn has_place(prompt: &PublishedPrompt) -> bool {
    place_of(prompt).is_some()
}

/// `None` for a card in a corner: the core does all that it needs.
fn place_of(prompt: &PublishedPrompt) -> Option<&'static str> {
    let look = &prompt.design.look;
    match look.shown_as {
        ShownAs::Card => (look.place == Place::Center).then_some("center"),
        ShownAs::Link => None,
        other => Some(other.as_str()),
    }
}

fn labels(words: &OtherWords) -> BTreeMap<&str, (&str, &'static str)> {
    let translations = words.translations.iter();
    let said = translations.filter_map(|(lang, words)| {
        let label = words.get(TAB_LABEL)?;
        Some((lang.as_str(), (label.as_str(), languages::direction(lang))))
    });
    said.collect()
}

impl<'a> WidgetPlace<'a> {
    /// `None` for a card in a corner; `theme` is the look of the site.
    pub(super) fn of(prompt: &'a PublishedPrompt, theme: &'a Theme) -> Option<Self> {
        let design = &prompt.design;
        let theme = design.look.theme.as_ref().unwrap_or(theme);
        let is_tab = design.look.shown_as == ShownAs::Tab;
        Some(Self {
            id: prompt.id,
            way: place_of(prompt)?,
            pages: design.target.hints(),
            at: &design.look.selector,
            tab: is_tab.then(|| WidgetTab {
                label: &design.look.label,
                labels: labels(&design.other_words),
                side: design.look.side,
                lang: &design.lang,
                dir: languages::direction(&design.lang),
                css: theme.tab_css(),
                dark: theme.is_dark(),
            }),
        })
    }
}
