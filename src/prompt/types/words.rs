//! The words that visitors read: in other languages, and in other wordings that are tried beside the first. Pure.
//!
//! Words are named by where the design stores them, such as `questions.q1.choices.c2.label`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Design, ShownAs};
use crate::prompt::languages::{self, Phrases};

/// Words by where the design stores them.
pub type Words = BTreeMap<String, String>;

/// The wording that the design itself holds.
pub const FIRST_WORDING: &str = "a";

/// Where the words on a tab are stored. They are the same in every wording: a wording is drawn when the card opens.
pub const TAB_LABEL: &str = "look.label";

/// Words that visitors may read instead of the design's own. What a translation lacks falls back to those, each text by itself; what a
/// wording changes is translated as a whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OtherWords {
    /// By language. Those of another wording have its id in front: `b/thanks`.
    pub translations: BTreeMap<String, Words>,
    /// Beside the first, `a`.
    pub wordings: Vec<Wording>,
}

/// Another wording, in the design's own language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Stable within the prompt: `b`, `c`.
    pub id: String,
    /// What it says otherwise.
    pub words: Words,
}

/// The name of a text of another wording, among translations.
pub fn in_wording(wording: &str, place: &str) -> String {
    format!("{wording}/{place}")
}

impl<Goal: Clone, Reason: Clone> Design<Goal, Reason> {
    /// Everything that visitors read of the first wording, by where it is stored, in the order of the editor.
    pub fn words(&self) -> Vec<(String, String)> {
        let mut words = vec![];
        self.clone().each_text(&mut |place, text| {
            if !text.is_empty() {
                words.push((place, text.clone()));
            }
        });
        words
    }

    /// Everything that can be translated: the words of every wording.
    pub fn translatable(&self) -> Vec<(String, String)> {
        let first = self.words();
        let others = self.other_words.wordings.iter().flat_map(|wording| {
            let said = first.iter().filter_map(|(place, _)| {
                let text = wording.words.get(place)?;
                Some((in_wording(&wording.id, place), text.clone()))
            });
            said.collect::<Vec<_>>()
        });
        let others: Vec<_> = others.collect();
        first.into_iter().chain(others).collect()
    }

    /// The languages in which it speaks, its own first.
    pub fn languages(&self) -> impl Iterator<Item = &str> + Clone {
        let others = self.other_words.translations.keys();
        std::iter::once(self.lang.as_str()).chain(others.map(String::as_str))
    }

    /// Ids of its wordings.
    pub fn wordings(&self) -> impl Iterator<Item = &str> {
        let others = self.other_words.wordings.iter();
        std::iter::once(FIRST_WORDING).chain(others.map(|wording| wording.id.as_str()))
    }

    /// The language of a card in this wording for whoever wants `lang`: the design's own, unless it speaks the wanted one and says there
    /// all that the wording changes. The wording that was drawn is read in any case: another one would spoil the comparison.
    pub fn speaks<'a>(&'a self, lang: &str, wording: &str) -> &'a str {
        let other = &self.other_words;
        let Some((lang, translated)) = other.translations.get_key_value(lang) else {
            return &self.lang;
        };
        let (from, into) = (languages::phrases(&self.lang), languages::phrases(lang));
        let is_said = |(place, text): (&String, &String)| {
            translated.contains_key(&in_wording(wording, place))
                || ours(text, place, from, into).is_some()
        };
        let own = other.wordings.iter().find(|one| one.id == wording);
        if own.is_none_or(|own| own.words.iter().all(is_said)) {
            lang
        } else {
            &self.lang
        }
    }

    /// The design as it speaks in a wording to whoever wants a language.
    #[must_use]
    pub fn said(&self, lang: &str, wording: &str) -> Self {
        let nothing = Words::new();
        let other = &self.other_words;
        let lang = self.speaks(lang, wording);
        let translated = other.translations.get(lang).unwrap_or(&nothing);
        let own = other.wordings.iter().find(|one| one.id == wording);
        let own = own.map_or(&nothing, |wording| &wording.words);
        let (from, into) = (languages::phrases(&self.lang), languages::phrases(lang));
        let mut said = self.clone();
        said.each_text(&mut |place, text| {
            let (original, key) = match own.get(&place) {
                Some(own) => (own.as_str(), in_wording(wording, &place)),
                None => (text.as_str(), place.clone()),
            };
            let found = translated
                .get(&key)
                .map(String::as_str)
                .or_else(|| ours(original, &place, from, into))
                .unwrap_or(original)
                .to_owned();
            *text = found;
        });
        lang.clone_into(&mut said.lang);
        said
    }

    /// Calls `see` with every text that visitors read, where it is stored and whether it is empty or not.
    fn each_text(&mut self, see: &mut dyn FnMut(String, &mut String)) {
        for question in &mut self.questions {
            let at = format!("questions.{}", question.id);
            see(format!("{at}.title"), &mut question.title);
            see(format!("{at}.help"), &mut question.help);
            for choice in &mut question.choices {
                see(
                    format!("{at}.choices.{}.label", choice.id),
                    &mut choice.label,
                );
            }
            if question.other.is_some() {
                see(format!("{at}.other_label"), &mut question.other_label);
            }
            see(format!("{at}.none_label"), &mut question.none_label);
            see(format!("{at}.comment_label"), &mut question.comment_label);
            see(format!("{at}.low_label"), &mut question.low_label);
            see(format!("{at}.high_label"), &mut question.high_label);
            see(format!("{at}.note"), &mut question.note);
            see(format!("{at}.button"), &mut question.button);
            see(format!("{at}.message"), &mut question.message);
        }
        see("thanks".into(), &mut self.thanks);
        for ending in &mut self.endings {
            let at = format!("endings.{}", ending.id);
            see(format!("{at}.text"), &mut ending.text);
            see(format!("{at}.label"), &mut ending.label);
            see(format!("{at}.chat"), &mut ending.chat);
        }
        if self.look.shown_as == ShownAs::Tab {
            see(TAB_LABEL.into(), &mut self.look.label);
        }
    }
}

/// Our own words for a text in another language, as long as the owner has left them as they were.
pub fn ours<'a>(text: &str, place: &str, from: &Phrases, into: &'a Phrases) -> Option<&'a str> {
    let (before, after) = match place.rsplit('.').next()? {
        "other_label" => (&from.other, &into.other),
        "none_label" => (&from.none, &into.none),
        "comment_label" => (&from.comment, &into.comment),
        "button" | "label" if !place.contains(".choices.") => (&from.open, &into.open),
        _ => return None,
    };
    (text == before).then_some(after.as_str())
}
