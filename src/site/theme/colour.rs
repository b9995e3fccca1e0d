//! Colours, and how well one reads on another (WCAG 2). Pure.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Least contrast of text, to 1.
pub const LEAST_OF_TEXT: f64 = 4.5;
/// Least contrast of marks such as borders, to 1.
pub const LEAST_OF_MARKS: f64 = 3.0;

/// A colour of the screen: red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// Reads `#4b53c2`, `4b53c2` or `#45c`; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let doubled: String = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let number = u32::from_str_radix(&doubled, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// How the two tell apart, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// This colour with `percent` of the other in it.
    pub fn mixed(self, other: Self, percent: u8) -> Self {
        let share = f64::from(percent) / 100.0;
        let mut mixed = self.0;
        for (own, theirs) in mixed.iter_mut().zip(other.0) {
            *own = (f64::from(*own) * (1.0 - share) + f64::from(theirs) * share).round() as u8;
        }
        Self(mixed)
    }

    /// The first mix with the other, from `percent` on, that reads on `ground` with a contrast of at least `least`.
    pub fn mixed_until(self, other: Self, percent: u8, ground: Self, least: f64) -> Self {
        let mut mixes = (percent..100).map(|percent| self.mixed(other, percent));
        mixes
            .find(|mixed| mixed.contrast(ground) >= least)
            .unwrap_or(other)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no colour"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn colours_are_read_as_hex_and_as_nothing_else() {
        for (typed, read) in [
            ("#4b53c2", Some("#4b53c2")),
            (" 4B53C2 ", Some("#4b53c2")),
            ("#45c", Some("#4455cc")),
            ("red", None),
            ("#4b53c", None),
            ("#4b53c2;}body{display:none", None),
            ("#+12345", None),
            ("", None),
        ] {
            let found = Colour::parse(typed).map(|colour| colour.to_string());
            assert_eq!(found.as_deref(), read, "{typed}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((colour("#000").contrast(colour("#fff")) - 21.0).abs() < 1e-9);
        // The lightest grey that passes on white, and the next one, which does not.
        assert!(colour("#767676").contrast(Colour::WHITE) >= 4.5);
        assert!(colour("#777777").contrast(Colour::WHITE) < 4.5);
    }
}
