//! The section "how it looks". Pure.

use super::details::parse_selector;
use crate::{
    error::FieldErrors,
    prompt::types::{Look, Place, ShownAs, Side},
    site::theme::{Theme, form::ThemeForm},
};

/// Longest label of a tab, in characters.
pub(super) const LONGEST_LABEL: usize = 24;

/// A look as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookForm {
    /// A [`ShownAs`]; empty is a card.
    pub shown_as: String,
    /// CSS selector of the element that it stands in.
    pub inline_selector: String,
    /// CSS selector of what opens it.
    pub button_selector: String,
    /// Words on the tab.
    pub label: String,
    /// A [`Side`].
    pub side: String,
    /// A [`Place`]; empty is the usual one.
    pub place: String,
    /// Whether `theme` counts; else it is the look of the site.
    pub has_theme: bool,
    /// A look of its own.
    pub theme: ThemeForm,
}

impl LookForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        match key {
            "shown_as" => value.clone_into(&mut self.shown_as),
            "inline_selector" => value.clone_into(&mut self.inline_selector),
            "button_selector" => value.clone_into(&mut self.button_selector),
            "tab_label" => value.clone_into(&mut self.label),
            "tab_side" => value.clone_into(&mut self.side),
            "place" => value.clone_into(&mut self.place),
            "has_theme" => self.has_theme = true,
            key => self.theme.take(key, value),
        }
    }

    pub(super) fn of(look: &Look) -> Self {
        let selector_of = |way| {
            if look.shown_as == way {
                look.selector.clone()
            } else {
                String::new()
            }
        };
        Self {
            shown_as: look.shown_as.to_string(),
            inline_selector: selector_of(ShownAs::Inline),
            button_selector: selector_of(ShownAs::Button),
            label: look.label.clone(),
            side: look.side.to_string(),
            place: look.place.to_string(),
            has_theme: look.theme.is_some(),
            theme: look.theme.as_ref().map(ThemeForm::of).unwrap_or_default(),
        }
    }

    /// Where it has no look of its own, that of the site is there to begin with.
    pub fn begin_with(&mut self, site: &Theme) {
        if !self.has_theme {
            self.theme = ThemeForm::of(site);
        }
    }

    /// As what it is shown.
    pub fn way(&self) -> ShownAs {
        ShownAs::parse(&self.shown_as).unwrap_or(ShownAs::Card)
    }

    pub(super) fn parse(&self, errors: &mut FieldErrors) -> Look {
        let shown_as = self.way();
        let label = self.label.trim();
        let mut selector = |text: &str, is_needed| {
            let field = format!("{shown_as}_selector");
            parse_selector(text, is_needed, &field, errors)
        };
        let selector = match shown_as {
            ShownAs::Inline => selector(&self.inline_selector, true),
            // Elements that are marked with the prompt open it in any case.
            ShownAs::Button => {
                let text = self.button_selector.trim();
                selector(text, !text.is_empty())
            }
            ShownAs::Card | ShownAs::Tab | ShownAs::Link => String::new(),
        };
        if shown_as == ShownAs::Tab && !(1..=LONGEST_LABEL).contains(&label.chars().count()) {
            let message =
                format!("Write the words on the tab, at most {LONGEST_LABEL} characters.");
            errors.add("tab_label", message);
        }
        Look {
            shown_as,
            selector,
            label: match label {
                "" => Look::default().label,
                label => label.to_owned(),
            },
            side: Side::parse(&self.side).unwrap_or(Side::Right),
            place: Place::parse(&self.place).unwrap_or(Place::BottomRight),
            theme: self.has_theme.then(|| self.theme.parse(errors)),
        }
    }
}
