//! The sections "other languages" and "other wordings". Pure.

use super::{PromptForm, look::LONGEST_LABEL};
use crate::{
    error::FieldErrors,
    prompt::{
        changes,
        draft::NewDesign,
        languages,
        types::{FIRST_WORDING, OtherWords, TAB_LABEL, Wording, Words, ours},
    },
};

/// Languages beside the design's own.
pub const MOST_LANGUAGES: usize = 20;
/// Wordings, the first among them: with more, each is read by too few.
pub const MOST_WORDINGS: usize = 3;

/// One set of words as it was posted: a language, or another wording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordSet {
    /// A language tag, or the id of a wording.
    pub id: String,
    /// By where the design stores them; those of a wording in a language have its id in front.
    pub words: Words,
}

/// Both sections as they were posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordsForm {
    /// Other languages.
    pub translations: Vec<WordSet>,
    /// Other wordings.
    pub wordings: Vec<WordSet>,
    /// The language that is to be added.
    pub new_language: String,
}

/// A text and how another set of words says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Name of its field.
    pub field: String,
    /// What the editor calls it.
    pub what: String,
    /// In the first words.
    pub original: String,
    /// In the others; empty while it is missing.
    pub text: String,
    /// What is said as long as it is missing, where that is no fallback to the original.
    pub ours: String,
    /// Characters at most.
    pub longest: usize,
}

impl Said {
    /// Whether visitors read the original instead.
    pub fn is_missing(&self) -> bool {
        self.text.trim().is_empty() && self.ours.is_empty()
    }
}

impl WordsForm {
    pub(super) fn of_pairs(pairs: &[(String, String)]) -> Self {
        let sets = |name: &str, is_id: fn(&str) -> bool, most: usize| {
            let mut sets: Vec<WordSet> = vec![];
            for (key, id) in pairs {
                let is_new = sets.iter().all(|set| &set.id != id);
                if key == name && is_id(id) && is_new && sets.len() < most {
                    sets.push(WordSet {
                        id: id.clone(),
                        words: words_of(id, pairs),
                    });
                }
            }
            sets
        };
        let new = pairs.iter().find(|(key, _)| key == "new_language");
        Self {
            translations: sets("translation", languages::is_tag, MOST_LANGUAGES),
            wordings: sets("wording", is_wording, MOST_WORDINGS - 1),
            new_language: new
                .map(|(_, tag)| tag.trim().to_owned())
                .unwrap_or_default(),
        }
    }

    pub(super) fn of(words: &OtherWords) -> Self {
        let set = |id: &String, words: &Words| WordSet {
            id: id.clone(),
            words: words.clone(),
        };
        let translations = words.translations.iter();
        let wordings = words.wordings.iter();
        Self {
            translations: translations.map(|(lang, words)| set(lang, words)).collect(),
            wordings: wordings.map(|one| set(&one.id, &one.words)).collect(),
            new_language: String::new(),
        }
    }

    /// Does what the button says: `add-language`, `remove-language-de`, `add-wording`, `remove-wording-b`. False when it is none of these.
    pub(super) fn press(&mut self, button: &str, own: &str) -> bool {
        if button == "add-language" {
            if self.wrong_language(own).is_none() && !self.new_language.is_empty() {
                let id = std::mem::take(&mut self.new_language);
                self.translations.push(WordSet {
                    id,
                    words: Words::new(),
                });
            }
        } else if let Some(lang) = button.strip_prefix("remove-language-") {
            self.translations.retain(|set| set.id != lang);
        } else if button == "add-wording" {
            let is_free = |id: &&str| self.wordings.iter().all(|set| set.id != **id);
            let free = ["b", "c"].iter().find(|id| is_free(id));
            self.wordings.extend(free.map(|id| WordSet {
                id: (*id).to_owned(),
                words: Words::new(),
            }));
        } else if let Some(id) = button.strip_prefix("remove-wording-") {
            self.wordings.retain(|set| set.id != id);
        } else {
            return false;
        }
        true
    }

    /// Why the language cannot be added.
    pub fn wrong_language(&self, own: &str) -> Option<&'static str> {
        let new = self.new_language.as_str();
        let mut known = self
            .translations
            .iter()
            .map(|set| set.id.as_str())
            .chain([own]);
        if new.is_empty() {
            None
        } else if !languages::is_tag(new) {
            Some("Write a language tag, for example de or pt-BR.")
        } else if known.any(|known| known.eq_ignore_ascii_case(new)) {
            Some("The question speaks this language already.")
        } else if self.has_most_languages() {
            Some("No further language can be added.")
        } else {
            None
        }
    }

    /// Whether no further language can be added.
    pub fn has_most_languages(&self) -> bool {
        self.translations.len() >= MOST_LANGUAGES
    }

    /// Whether no further wording can be added.
    pub fn has_most_wordings(&self) -> bool {
        self.wordings.len() + 1 >= MOST_WORDINGS
    }

    /// What of it fits the design, whose other words are not read yet. Words for texts that are gone go too.
    pub(super) fn parse(&self, design: &NewDesign, errors: &mut FieldErrors) -> OtherWords {
        let mut other = OtherWords::default();
        let mut first = design.words();
        first.retain(|(place, _)| place != TAB_LABEL);
        for set in &self.wordings {
            let mut words = set.read(&first, errors);
            words
                .retain(|place, text| first.iter().all(|(own, said)| own != place || said != text));
            if words.is_empty() {
                errors.add(
                    format!("wording-{}", set.id),
                    "Say at least one text otherwise, or remove this wording.",
                );
            }
            let id = set.id.clone();
            other.wordings.push(Wording { id, words });
        }
        let mut all = design.clone();
        all.other_words = other.clone();
        let all = all.translatable();
        for set in &self.translations {
            if set.id.eq_ignore_ascii_case(&design.lang) {
                errors.add(
                    "lang",
                    "There is a translation into this language: remove it first, or choose another.",
                );
            }
            let words = set.read(&all, errors);
            other.translations.insert(set.id.clone(), words);
        }
        other
    }
}

impl WordSet {
    fn read(&self, places: &[(String, String)], errors: &mut FieldErrors) -> Words {
        let mut read = Words::new();
        for (place, _) in places {
            let text = self.words.get(place).map_or("", |text| text.trim());
            if text.chars().count() > longest(place) {
                let most = longest(place);
                errors.add(
                    format!("{}:{place}", self.id),
                    format!("Use at most {most} characters."),
                );
            }
            if !text.is_empty() {
                read.insert(place.clone(), text.to_owned());
            }
        }
        read
    }
}

impl PromptForm {
    /// How another language says what stands in the form, text by text.
    pub fn translated(&self, set: &WordSet, design: &NewDesign) -> Vec<Said> {
        let (from, into) = (
            languages::phrases(&design.lang),
            languages::phrases(&set.id),
        );
        let said = |(place, original): (String, String)| {
            let bare = place
                .split_once('/')
                .map_or(place.as_str(), |(_, bare)| bare);
            let ours = ours(&original, bare, from, into).unwrap_or_default();
            self.row(set, &place, original, ours.to_owned())
        };
        let texts = design.translatable();
        texts
            .into_iter()
            .filter(|(place, _)| self.has(place))
            .map(said)
            .collect()
    }

    /// How another wording says it.
    pub fn reworded(&self, set: &WordSet, design: &NewDesign) -> Vec<Said> {
        let said =
            |(place, original): (String, String)| self.row(set, &place, original, String::new());
        let texts = design.words();
        texts
            .into_iter()
            .filter(|(place, _)| self.has(place) && place != TAB_LABEL)
            .map(said)
            .collect()
    }

    fn row(&self, set: &WordSet, place: &str, original: String, ours: String) -> Said {
        Said {
            what: self.what(place),
            text: set.words.get(place).cloned().unwrap_or_default(),
            longest: longest(place),
            field: format!("{}:{place}", set.id),
            original,
            ours,
        }
    }

    /// What the editor calls the text at this place.
    fn what(&self, place: &str) -> String {
        let (wording, place) = place.split_once('/').unwrap_or((FIRST_WORDING, place));
        let mut what = changes::label(place);
        let mut parts = place.split('.').skip(1);
        let number = parts.next().and_then(|id| {
            let mut ids = self.questions.iter().map(|question| &question.id);
            ids.position(|own| own == id)
        });
        if let Some(number) = number.filter(|_| self.questions.len() > 1) {
            what = format!("{}. {what}", number + 1);
        }
        if wording != FIRST_WORDING {
            what = format!("{what}, wording {}", wording.to_uppercase());
        }
        what
    }

    /// A choice has a name of its own once it is saved; until then nothing can be said of it.
    fn has(&self, place: &str) -> bool {
        let Some((_, choice)) = place.split_once(".choices.") else {
            return true;
        };
        let mut rows = self.questions.iter().flat_map(|question| &question.choices);
        rows.any(|row| Some(row.id.as_str()) == choice.strip_suffix(".label"))
    }
}

fn words_of(id: &str, pairs: &[(String, String)]) -> Words {
    let own = pairs.iter().filter_map(|(key, text)| {
        let place = key.strip_prefix(id)?.strip_prefix(':')?;
        Some((place.to_owned(), text.clone()))
    });
    own.collect()
}

fn is_wording(id: &str) -> bool {
    matches!(id, "b" | "c")
}

/// As many characters as the original may have.
fn longest(place: &str) -> usize {
    match place.rsplit('.').next().unwrap_or_default() {
        _ if place == TAB_LABEL => LONGEST_LABEL,
        "title" | "message" | "thanks" => 120,
        "help" => 200,
        "note" | "text" => 300,
        "low_label" | "high_label" | "button" | "chat" => 40,
        "label" if !place.contains(".choices.") => 40,
        _ => 80,
    }
}
