//! The parts of the editor while they are folded away: what each has set, and which of them is open. Pure.

use super::{number, prompt_words::WordsView};
use crate::{
    error::FieldErrors,
    goal::types::Goal,
    prompt::{
        draft::NewDesign,
        sentence::{often, place, whens, whom},
        types::ShownAs,
    },
};

/// A part of the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is asked.
    Questions,
    /// How it ends.
    Endings,
    /// Other languages.
    Languages,
    /// Other wordings.
    Wordings,
    /// How it comes to be seen.
    Way,
    /// Whom it asks.
    Who,
    /// At which moments.
    When,
    /// On which pages.
    Where,
    /// How the card looks.
    Look,
    /// How often.
    Often,
    /// What is told along with the answer.
    Hidden,
}

impl Part {
    /// In the order of the page.
    pub const ALL: [Self; 11] = [
        Self::Questions,
        Self::Endings,
        Self::Languages,
        Self::Wordings,
        Self::Way,
        Self::Who,
        Self::When,
        Self::Where,
        Self::Look,
        Self::Often,
        Self::Hidden,
    ];

    /// What the page and its form call it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Endings => "endings",
            Self::Languages => "languages",
            Self::Wordings => "wordings",
            Self::Way => "way",
            Self::Who => "who",
            Self::When => "when",
            Self::Where => "where",
            Self::Look => "look",
            Self::Often => "often",
            Self::Hidden => "hidden",
        }
    }

    /// What the page calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Questions => "Questions",
            Self::Endings => "Endings",
            Self::Languages => "Languages",
            Self::Wordings => "Wordings",
            Self::Way => "Shown as",
            Self::Who => "Whom to ask",
            Self::When => "When to ask",
            Self::Where => "Where",
            Self::Look => "How it looks",
            Self::Often => "How often",
            Self::Hidden => "Extra data with each answer",
        }
    }

    /// Whether it says anything about a prompt that is shown like this.
    pub fn concerns(self, shown_as: ShownAs) -> bool {
        match self {
            Self::When => shown_as == ShownAs::Card,
            Self::Who => !matches!(shown_as, ShownAs::Tab | ShownAs::Button | ShownAs::Link),
            Self::Often => !matches!(shown_as, ShownAs::Tab | ShownAs::Button),
            Self::Where => shown_as != ShownAs::Link,
            _ => true,
        }
    }

    /// The parts that a form or an address names as open; a name that no part has counts for nothing.
    pub fn all_of_pairs(pairs: &[(String, String)]) -> Vec<Self> {
        let of = |key: &str| Self::ALL.into_iter().find(|part| part.key() == key);
        let open = pairs.iter().filter(|(key, _)| key == "open");
        open.filter_map(|(_, key)| of(key)).collect()
    }

    /// The address of the editor with these parts open.
    pub fn with_open(editor_url: String, open: &[Self]) -> String {
        let joints = std::iter::once('?').chain(std::iter::repeat('&'));
        let open = open.iter().zip(joints);
        let open = open.map(|(part, joint)| format!("{joint}open={}", part.key()));
        std::iter::once(editor_url).chain(open).collect()
    }

    /// The part to which a field belongs; `None` for what stands in no part.
    fn of_field(field: &str) -> Option<Self> {
        let is_of = |names: &[&str]| names.iter().any(|name| field.starts_with(name));
        let is_numbered = |letter: char| {
            let rest = field.strip_prefix(letter);
            rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        };
        if matches!(field, "name" | "note") {
            return None;
        }
        Some(if is_of(&["b:", "c:", "wording"]) {
            Self::Wordings
        } else if field == "lang" || field.contains(':') {
            Self::Languages
        } else if is_numbered('q') || field == "questions" {
            Self::Questions
        } else if is_numbered('e') || field == "thanks" {
            Self::Endings
        } else if is_of(&["address", "try_address"]) {
            Self::Where
        } else if is_of(&[
            "after",
            "expect",
            "cancel",
            "languages",
            "least_visit",
            "source_",
            "reached",
            "property_",
        ]) {
            Self::Who
        } else if is_of(&[
            "sample",
            "held_out",
            "from_",
            "until_",
            "response",
            "quotas",
            "ask_again",
        ]) {
            Self::Often
        } else if is_of(&["shown_as", "tab_", "button_selector", "inline_selector"]) {
            Self::Way
        } else if is_of(&["field_"]) {
            Self::Hidden
        } else if is_of(&["place", "theme_"]) {
            Self::Look
        } else {
            Self::When
        })
    }

    /// The part in which a button stands that changes the form.
    pub fn of_button(button: &str) -> Self {
        if button.ends_with("-question") {
            Self::Questions
        } else if button.contains("-language") {
            Self::Languages
        } else if button.contains("-wording") {
            Self::Wordings
        } else if button == "add-ending" || button.starts_with('e') {
            Self::Endings
        } else {
            Self::Questions
        }
    }
}

/// All parts.
pub struct PartsView {
    open: Vec<Part>,
    /// What each has set, in their order.
    pub set: [String; 11],
}

impl PartsView {
    /// The parts of a form that reads as `design`; `shown` are those that the owner has open, if
    /// the page told; `pressed` is the one that was worked on.
    pub fn of(
        design: &NewDesign,
        goals: &[Goal],
        words: &WordsView,
        shown: Vec<Part>,
        pressed: Option<Part>,
        errors: &FieldErrors,
    ) -> Self {
        let wrong = errors.0.iter();
        let wrong = wrong.filter_map(|error| Part::of_field(&error.field));
        let begin = if shown.is_empty() {
            vec![Part::Questions]
        } else {
            shown
        };
        Self {
            open: begin.into_iter().chain(pressed).chain(wrong).collect(),
            set: in_short(design, goals, words),
        }
    }

    /// Whether the part is open.
    pub fn is_open(&self, part: Part) -> bool {
        self.open.contains(&part)
    }

    /// What the part has set.
    pub fn set(&self, part: Part) -> &str {
        let place = Part::ALL.iter().position(|one| *one == part);
        place
            .and_then(|place| self.set.get(place))
            .map_or("", String::as_str)
    }
}

/// What each part has set, a line each.
pub fn in_short(design: &NewDesign, goals: &[Goal], words: &WordsView) -> [String; 11] {
    let counted =
        |n: usize, one, many| number::counted(i64::try_from(n).unwrap_or(i64::MAX), one, many);
    let endings = match design.endings.len() {
        0 => design.thanks.clone(),
        n => format!(
            "{} and {}",
            design.thanks,
            counted(n, "other ending", "other endings")
        ),
    };
    let hidden: Vec<&str> = design
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let hidden = match hidden.as_slice() {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    [
        counted(design.questions.len(), "question", "questions"),
        endings,
        words.languages_in_short(),
        words.wordings_in_short(),
        design.look.shown_as.label().to_owned(),
        whom(design, goals),
        whens(&design.moment),
        place(&design.target),
        look(design),
        often(design),
        hidden,
    ]
    .map(|text| capital(&text))
}

/// Where the card opens, if it opens over the page, and whether it has looks of its own.
fn look(design: &NewDesign) -> String {
    let has_theme = design.look.theme.is_some();
    let place = design.look.place.label();
    match (design.look.shown_as, has_theme) {
        (ShownAs::Inline | ShownAs::Link, false) => "as the site".into(),
        (ShownAs::Inline | ShownAs::Link, true) => "looks of its own".into(),
        (_, false) => place.into(),
        (_, true) => format!("{place}, looks of its own"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_its_part() {
        for (field, part) in [
            ("q2-title", Part::Questions),
            ("e1-text", Part::Endings),
            ("expect_subject", Part::Who),
            ("event_name", Part::When),
            ("languages", Part::Who),
            ("lang", Part::Languages),
            ("de:thanks", Part::Languages),
            ("b:thanks", Part::Wordings),
            ("wording-c", Part::Wordings),
            ("address_3", Part::Where),
            ("held_out_percent", Part::Often),
            ("scroll_percent", Part::When),
        ] {
            assert_eq!(Part::of_field(field), Some(part), "{field}");
        }
        for (button, part) in [
            ("add-question", Part::Questions),
            ("q1-add-choice", Part::Questions),
            ("add-ending", Part::Endings),
            ("e1-remove", Part::Endings),
            ("remove-language-de", Part::Languages),
            ("add-wording", Part::Wordings),
        ] {
            assert_eq!(Part::of_button(button), part, "{button}");
        }
    }
}
