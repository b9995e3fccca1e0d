//! The section "how it looks". Pure.

use crate::{
    error::FieldErrors,
    prompt::types::{Look, Place},
    site::theme::{Theme, form::ThemeForm},
};

/// A look as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookForm {
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
            "place" => value.clone_into(&mut self.place),
            "has_theme" => self.has_theme = true,
            key => self.theme.take(key, value),
        }
    }

    pub(super) fn of(look: &Look) -> Self {
        Self {
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

    pub(super) fn parse(&self, errors: &mut FieldErrors) -> Look {
        Look {
            place: Place::parse(&self.place).unwrap_or(Place::BottomRight),
            theme: self.has_theme.then(|| self.theme.parse(errors)),
        }
    }
}
