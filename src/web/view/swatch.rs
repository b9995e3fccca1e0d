//! A look as small pictures of a card, one light and one dark. Pure.

use crate::site::theme::{Colours, Scheme, Theme, colour::Colour};

/// The colours of one picture.
pub struct Swatch {
    /// What it shows, in words.
    pub name: &'static str,
    /// Behind everything.
    pub background: Colour,
    /// Of the question.
    pub text: Colour,
    /// Of the lesser words.
    pub quiet: Colour,
    /// Of the button.
    pub accent: Colour,
    /// On the button.
    pub on_accent: Colour,
    /// Contrasts of words and button, such as `15.9`.
    pub contrasts: (String, String),
    /// Half of the radius, since the picture is half as large.
    pub radius: u8,
}

/// The pictures of a look.
pub struct Swatches(pub Vec<Swatch>);

impl Swatches {
    /// Those that visitors can meet.
    pub fn of(theme: &Theme) -> Self {
        let light = || swatch("On light pages", &theme.light, theme.radius);
        let dark = || swatch("On dark pages", &theme.dark_colours(), theme.radius);
        Self(match theme.scheme {
            Scheme::Auto => vec![light(), dark()],
            Scheme::Light => vec![light()],
            Scheme::Dark => vec![dark()],
        })
    }
}

fn swatch(name: &'static str, colours: &Colours, radius: u8) -> Swatch {
    let ratio = |one: Colour, other| format!("{:.1}", (one.contrast(other) * 10.0).floor() / 10.0);
    let on_accent = colours.on_accent();
    Swatch {
        name,
        background: colours.background,
        text: colours.text,
        quiet: colours.quiet(),
        accent: colours.accent,
        on_accent,
        contrasts: (
            ratio(colours.text, colours.background),
            ratio(on_accent, colours.accent),
        ),
        radius: radius / 2,
    }
}
