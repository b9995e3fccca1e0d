//! What the form of a look posts, and how it is read. Pure.

use serde::Deserialize;

use super::{
    Colours, Font, Scheme, Theme,
    colour::{Colour, LEAST_OF_MARKS, LEAST_OF_TEXT},
};
use crate::error::FieldErrors;

/// Largest radius of a corner, CSS px: beyond it the corners cut into the words.
const MOST_RADIUS: u8 = 24;
/// Longest name of a family.
const LONGEST_FAMILY: usize = 60;

/// Colours as they were posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColoursForm {
    /// Hex.
    pub accent: String,
    /// Hex.
    pub button_text: String,
    /// Whether `button_text` counts.
    pub has_button_text: bool,
    /// Hex.
    pub background: String,
    /// Hex.
    pub text: String,
}

/// A look as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct ThemeForm {
    /// The colours.
    pub light: ColoursForm,
    /// Those on dark pages.
    pub dark: ColoursForm,
    /// Whether `dark` counts.
    pub has_dark: bool,
    /// A [`Scheme`].
    pub scheme: String,
    /// CSS px.
    pub radius: String,
    /// A [`Font`].
    pub font: String,
    /// Name of a family.
    pub family: String,
}

impl From<Vec<(String, String)>> for ThemeForm {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (key, value) in pairs {
            form.take(&key, &value);
        }
        form
    }
}

impl ColoursForm {
    fn of(colours: &Colours) -> Self {
        Self {
            accent: colours.accent.to_string(),
            button_text: colours.on_accent().to_string(),
            has_button_text: colours.button_text.is_some(),
            background: colours.background.to_string(),
            text: colours.text.to_string(),
        }
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "accent" => value.clone_into(&mut self.accent),
            "button_text" => value.clone_into(&mut self.button_text),
            "has_button_text" => self.has_button_text = true,
            "background" => value.clone_into(&mut self.background),
            "text" => value.clone_into(&mut self.text),
            _ => {}
        }
    }

    /// What is no colour or cannot be read is named by its field, which begins with `prefix`.
    fn parse(&self, prefix: &str, usual: Colours, errors: &mut FieldErrors) -> Colours {
        let mut read = |name: &str, text: &str, usual: Colour| {
            Colour::parse(text).unwrap_or_else(|| {
                let message = "Write a colour as # and six digits, such as #4b53c2.";
                errors.add(format!("{prefix}{name}"), message);
                usual
            })
        };
        let colours = Colours {
            accent: read("accent", &self.accent, usual.accent),
            button_text: self
                .has_button_text
                .then(|| read("button_text", &self.button_text, usual.on_accent())),
            background: read("background", &self.background, usual.background),
            text: read("text", &self.text, usual.text),
        };
        let mut check = |name: &str, ratio: f64, least: f64, advice: &str| {
            if ratio < least {
                // Rounded down, so that what fails never reads as enough.
                let ratio = (ratio * 10.0).floor() / 10.0;
                let message = format!(
                    "The contrast is {ratio} to 1; it takes at least {least} to 1. {advice}"
                );
                errors.add(format!("{prefix}{name}"), message);
            }
        };
        check(
            "text",
            colours.text.contrast(colours.background),
            LEAST_OF_TEXT,
            "Choose a text that differs more from the background.",
        );
        check(
            "button_text",
            colours.on_accent().contrast(colours.accent),
            LEAST_OF_TEXT,
            "Choose other words on the button, or let us choose them.",
        );
        check(
            "accent",
            colours.accent.contrast(colours.background),
            LEAST_OF_MARKS,
            "Else nobody sees what is chosen. Choose an accent that differs more from the background.",
        );
        colours
    }
}

impl ThemeForm {
    /// The form that shows a look.
    pub fn of(theme: &Theme) -> Self {
        Self {
            light: ColoursForm::of(&theme.light),
            dark: ColoursForm::of(&theme.dark_colours()),
            has_dark: theme.dark.is_some(),
            scheme: theme.scheme.to_string(),
            radius: theme.radius.to_string(),
            font: theme.font.to_string(),
            family: theme.family.clone(),
        }
    }

    /// Takes a field, if it is one of this form.
    pub fn take(&mut self, key: &str, value: &str) {
        match key {
            "theme_scheme" => value.clone_into(&mut self.scheme),
            "theme_radius" => value.clone_into(&mut self.radius),
            "theme_font" => value.clone_into(&mut self.font),
            "theme_family" => value.clone_into(&mut self.family),
            "theme_has_dark" => self.has_dark = true,
            key => {
                if let Some(key) = key.strip_prefix("theme_light_") {
                    self.light.take(key, value);
                } else if let Some(key) = key.strip_prefix("theme_dark_") {
                    self.dark.take(key, value);
                }
            }
        }
    }

    /// Reads the form; what is wrong has a stand-in.
    pub fn parse(&self, errors: &mut FieldErrors) -> Theme {
        let usual = Theme::default();
        let light = self.light.parse("theme_light_", usual.light, errors);
        let dark = self
            .has_dark
            .then(|| self.dark.parse("theme_dark_", usual.dark_colours(), errors));
        let radius = self.radius.trim().parse().ok();
        let radius = radius.filter(|radius| *radius <= MOST_RADIUS);
        if radius.is_none() {
            let message = format!("Write a whole number from 0 to {MOST_RADIUS}.");
            errors.add("theme_radius", message);
        }
        let font = Font::parse(&self.font).unwrap_or(Font::System);
        let family = self.family.trim();
        if font == Font::Named && !is_family(family) {
            let message =
                "Write the name of one family, such as Inter: letters, digits, spaces and hyphens.";
            errors.add("theme_family", message);
        }
        Theme {
            light,
            dark,
            scheme: Scheme::parse(&self.scheme).unwrap_or(Scheme::Auto),
            radius: radius.unwrap_or(usual.radius),
            font,
            // It goes into a style sheet.
            family: if is_family(family) { family } else { "" }.to_owned(),
        }
    }
}

fn is_family(name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    !name.is_empty() && name.chars().count() <= LONGEST_FAMILY && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(changes: &[(&str, &str)]) -> (Theme, FieldErrors) {
        let mut form = ThemeForm::of(&Theme::default());
        for (key, value) in changes {
            form.take(key, value);
        }
        let mut errors = FieldErrors::default();
        (form.parse(&mut errors), errors)
    }

    #[test]
    fn the_usual_look_reads_back() {
        let (theme, errors) = posted(&[]);
        assert_eq!((theme, errors), (Theme::default(), FieldErrors::default()));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_ratio() {
        let (_, errors) = posted(&[
            ("theme_light_text", "#999999"),
            ("theme_light_accent", "#ffd400"),
            ("theme_light_has_button_text", "on"),
            ("theme_light_button_text", "#ffffff"),
        ]);
        let told: Vec<(&str, &str)> = errors
            .0
            .iter()
            .map(|error| (error.field.as_str(), &error.message[..38]))
            .collect();
        assert_eq!(
            told,
            [
                ("theme_light_text", "The contrast is 2.8 to 1; it takes at "),
                (
                    "theme_light_button_text",
                    "The contrast is 1.4 to 1; it takes at "
                ),
                (
                    "theme_light_accent",
                    "The contrast is 1.4 to 1; it takes at "
                ),
            ]
        );
    }

    #[test]
    fn the_button_is_written_on_in_what_reads_better() {
        let (theme, errors) = posted(&[("theme_light_accent", "#888800")]);
        assert_eq!(errors, FieldErrors::default());
        assert_eq!(theme.light.on_accent(), Colour::BLACK);
    }

    #[test]
    fn a_family_is_a_name_and_no_style_sheet() {
        for (name, is_right) in [
            ("Inter", true),
            ("Source Sans 3", true),
            ("Noto Sans-日本", true),
            ("", false),
            ("a';}body{display:none", false),
        ] {
            let (theme, errors) = posted(&[("theme_font", "named"), ("theme_family", name)]);
            assert_eq!(errors.of("theme_family").is_none(), is_right, "{name}");
            assert!(!theme.css().contains("body"));
        }
    }

    #[test]
    fn dark_colours_count_only_where_they_are_wanted() {
        let (theme, errors) = posted(&[("theme_dark_text", "#222222")]);
        assert!(theme.dark.is_none() && errors.0.is_empty());

        let (_, errors) = posted(&[("theme_dark_text", "#222222"), ("theme_has_dark", "on")]);
        assert!(errors.of("theme_dark_text").is_some());
    }
}
