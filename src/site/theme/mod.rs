//! How cards look: colours, corners, font, light or dark. Pure.
//!
//! The owner chooses few colours; what else a card needs is made of them, so that it can be read whatever was chosen.

pub mod colour;
pub mod form;

use serde::{Deserialize, Serialize};

use self::colour::{Colour, LEAST_OF_MARKS, LEAST_OF_TEXT};
use crate::text_enum;

text_enum!(
    /// In what the words are set.
    Font {
        /// That of the visitor's device.
        System = "system", "That of the visitor's device";
        /// Whatever the page is set in.
        Page = "page", "That of your page";
        /// A family that the page has loaded.
        Named = "named", "Another that your page has loaded";
    }
);

text_enum!(
    /// When the dark colours are taken.
    Scheme {
        /// As the page is.
        Auto = "auto", "As the page is";
        /// Never.
        Light = "light", "Always light";
        /// Always.
        Dark = "dark", "Always dark";
    }
);

/// The colours that an owner chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colours {
    /// Of the button, of what is chosen and of the focus.
    pub accent: Colour,
    /// On the button; `None` is white or black, whichever reads better.
    pub button_text: Option<Colour>,
    /// Behind everything.
    pub background: Colour,
    /// Of the words.
    pub text: Colour,
}

impl Colours {
    const LIGHT: Self = Self {
        accent: Colour([0x4b, 0x53, 0xc2]),
        button_text: None,
        background: Colour::WHITE,
        text: Colour([0x1f, 0x21, 0x29]),
    };
    const DARK: Self = Self {
        accent: Colour([0xa3, 0xb2, 0xfe]),
        button_text: None,
        background: Colour([0x19, 0x1a, 0x20]),
        text: Colour([0xed, 0xee, 0xf3]),
    };

    /// The usual dark colours, with this accent made light enough for them.
    fn dark_of(light: &Self) -> Self {
        let accent = if light.accent == Self::LIGHT.accent {
            Self::DARK.accent
        } else {
            light
                .accent
                .mixed_until(Colour::WHITE, 0, Self::DARK.background, 5.5)
        };
        Self {
            accent,
            ..Self::DARK
        }
    }

    /// On the button.
    pub fn on_accent(&self) -> Colour {
        self.button_text.unwrap_or_else(|| {
            let white = Colour::WHITE.contrast(self.accent) >= LEAST_OF_TEXT;
            if white { Colour::WHITE } else { Colour::BLACK }
        })
    }

    /// Of the lesser words.
    pub fn quiet(&self) -> Colour {
        self.background
            .mixed_until(self.text, 70, self.background, LEAST_OF_TEXT)
    }

    /// Behind what is chosen: as much of the accent as leaves the words readable.
    fn tint(&self) -> Colour {
        let mut mixes = (0..=8).rev();
        let mixed = |percent| self.background.mixed(self.accent, percent);
        let found = mixes.find(|percent| mixed(*percent).contrast(self.text) >= LEAST_OF_TEXT);
        mixed(found.unwrap_or_default())
    }

    /// Of errors.
    fn bad(&self) -> Colour {
        const RED: [Colour; 2] = [Colour([0xb7, 0x19, 0x1c]), Colour([0xff, 0x95, 0x8a])];
        let mut reds = RED.into_iter();
        reds.find(|red| red.contrast(self.background) >= LEAST_OF_TEXT)
            .unwrap_or(self.text)
    }

    fn css(&self) -> String {
        let ground = self.background;
        let properties = [
            ("accent", self.accent),
            ("on-accent", self.on_accent()),
            ("background", ground),
            ("text", self.text),
            ("quiet", self.quiet()),
            ("line", ground.mixed(self.text, 16)),
            (
                "edge",
                ground.mixed_until(self.text, 50, ground, LEAST_OF_MARKS),
            ),
            ("tint", self.tint()),
            ("bad", self.bad()),
        ];
        let declared = properties.map(|(name, colour)| format!("--exitpoll-{name}:{colour}"));
        declared.join(";")
    }
}

/// How the cards of a site look, or that of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Theme {
    /// The colours.
    pub light: Colours,
    /// Those on dark pages; `None` are the usual ones, with the accent of the others.
    pub dark: Option<Colours>,
    /// When the dark ones are taken.
    pub scheme: Scheme,
    /// Radius of the card's corners, CSS px.
    pub radius: u8,
    /// In what the words are set.
    pub font: Font,
    /// Name of the family of [`Font::Named`].
    pub family: String,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            light: Colours::LIGHT,
            dark: None,
            scheme: Scheme::Auto,
            radius: 12,
            font: Font::System,
            family: String::new(),
        }
    }
}

impl Theme {
    /// The colours on dark pages.
    pub fn dark_colours(&self) -> Colours {
        self.dark.unwrap_or_else(|| Colours::dark_of(&self.light))
    }

    /// Whether cards are dark; `None` is as the page is.
    pub fn is_dark(&self) -> Option<bool> {
        match self.scheme {
            Scheme::Auto => None,
            Scheme::Light => Some(false),
            Scheme::Dark => Some(true),
        }
    }

    /// The style sheet of a tab at the side: it has one colour and the words on it.
    pub fn tab_css(&self) -> String {
        let of = |colours: &Colours| {
            format!(
                "--exitpoll-accent:{};--exitpoll-on-accent:{}",
                colours.accent,
                colours.on_accent()
            )
        };
        format!(
            ":host{{{};{}}}:host(.dark){{{}}}{}",
            of(&self.light),
            self.shape(),
            of(&self.dark_colours()),
            if self.font == Font::Page {
                ":host{font-family:inherit!important}button{font-family:inherit}"
            } else {
                ""
            }
        )
    }

    /// The style sheet of a page of its own, which is dark where the browser is.
    pub fn page_css(&self) -> String {
        let (light, dark) = (self.light.css(), self.dark_colours().css());
        let shape = self.shape();
        match self.scheme {
            Scheme::Light => format!(":root{{{light};{shape}}}"),
            Scheme::Dark => format!(":root{{color-scheme:dark;{dark};{shape}}}"),
            Scheme::Auto => format!(
                ":root{{{light};{shape}}}@media (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}"
            ),
        }
    }

    /// Declarations of the custom properties that do not depend on light and dark.
    fn shape(&self) -> String {
        let family = match self.font {
            Font::Named => format!("'{}',", self.family),
            Font::System | Font::Page => String::new(),
        };
        format!(
            "--exitpoll-radius:{}px;--exitpoll-font:{family}system-ui,sans-serif",
            self.radius
        )
    }

    /// The style sheet of the card. A page may set the same properties on `exitpoll-card`: they win, as those of a host do.
    pub fn css(&self) -> String {
        let mut css = format!(
            ":host{{color-scheme:light!important;{};{}}}:host(.dark){{color-scheme:dark!important;{}}}",
            self.light.css(),
            self.shape(),
            self.dark_colours().css()
        );
        if self.font == Font::Page {
            // The host lets nothing of the page in but this.
            css.push_str(":host{font-family:inherit!important}.card,textarea,select,form>input{font-family:inherit}");
        }
        css
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(accent: &str, background: &str, text: &str) -> Colours {
        let colour = |text| Colour::parse(text).unwrap();
        Colours {
            accent: colour(accent),
            button_text: None,
            background: colour(background),
            text: colour(text),
        }
    }

    #[test]
    fn whatever_is_chosen_the_rest_can_be_read() {
        let chosen = [
            Colours::LIGHT,
            Colours::DARK,
            colours("#ffd400", "#ffffff", "#767676"),
            colours("#777777", "#003366", "#8ab4e8"),
            colours("#00aa88", "#000000", "#757575"),
            colours("#b00000", "#f7e8d0", "#5d4a2f"),
        ];
        for colours in chosen {
            let ground = colours.background;
            assert!(
                colours.on_accent().contrast(colours.accent) >= 4.5,
                "{colours:?}"
            );
            assert!(colours.quiet().contrast(ground) >= 4.5, "{colours:?}");
            assert!(colours.bad().contrast(ground) >= 4.5, "{colours:?}");
            assert!(colours.tint().contrast(colours.text) >= 4.5, "{colours:?}");
        }
    }

    #[test]
    fn on_dark_pages_the_accent_is_light_enough() {
        for accent in ["#000000", "#0b3d91", "#c8102e", "#ffd400"] {
            let theme = Theme {
                light: colours(accent, "#ffffff", "#111111"),
                ..Theme::default()
            };
            let dark = theme.dark_colours();
            assert!(dark.accent.contrast(dark.background) >= 4.5, "{accent}");
        }
    }

    #[test]
    fn the_usual_look_is_the_one_that_the_tests_of_the_widget_use() {
        let used = include_str!("../../../tests/fixtures/wire/card.css");
        assert_eq!(Theme::default().css(), used.trim_end());
    }

    #[test]
    fn what_an_earlier_release_stored_is_read() {
        let theme: Theme = serde_json::from_str(r#"{"radius":4}"#).unwrap();
        assert_eq!((theme.radius, theme.light), (4, Colours::LIGHT));
    }
}
