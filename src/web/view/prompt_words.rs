//! The words of the editor in other languages and wordings, beside the original. Pure.

use super::number;
use crate::{
    error::FieldErrors,
    prompt::{
        draft::NewDesign,
        form::{PromptForm, Said, WordSet},
        languages,
    },
};

/// Both sections.
pub struct WordsView {
    /// Language of the originals, and its direction.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// Other languages.
    pub languages: Vec<WordSetView>,
    /// Other wordings.
    pub wordings: Vec<WordSetView>,
    /// Languages that have words of their own for buttons and errors: tag and name.
    pub known: Vec<(&'static str, &'static str)>,
}

/// A language, or another wording.
pub struct WordSetView {
    /// A tag, or the id of the wording.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// What is done of it.
    pub state: String,
    /// Whether visitors read the original somewhere.
    pub is_lacking: bool,
    /// Letters of the wordings that are read in the original as a whole, because a text of theirs is missing.
    pub unsaid: Vec<String>,
    /// Whether it is folded away.
    pub is_folded: bool,
    /// Whether the buttons and errors are English, because nobody has written ours in it.
    pub speaks_english: bool,
    /// Text by text.
    pub rows: Vec<Said>,
}

impl WordsView {
    /// The words of the form, read as `design`.
    pub fn of(form: &PromptForm, design: &NewDesign, errors: &FieldErrors) -> Self {
        let language = |set: &WordSet| {
            let rows = form.translated(set, design);
            let missing = rows.iter().filter(|said| said.is_missing()).count();
            let state = match missing {
                0 => "complete".into(),
                n => format!("{n} of {} missing", rows.len()),
            };
            WordSetView {
                name: languages::name(&set.id),
                dir: languages::direction(&set.id),
                is_lacking: missing > 0,
                unsaid: design
                    .wordings()
                    .filter(|wording| design.speaks(&set.id, wording) != set.id)
                    .map(str::to_uppercase)
                    .collect(),
                speaks_english: languages::phrases(&set.id).in_english == "English"
                    && !set.id.starts_with("en"),
                ..WordSetView::new(set, state, rows, errors)
            }
        };
        let wording = |set: &WordSet| {
            let rows = form.reworded(set, design);
            let changed = rows.iter().filter(|said| !said.text.trim().is_empty());
            let n = i64::try_from(changed.count()).unwrap_or(i64::MAX);
            let state = number::counted(n, "text differs", "texts differ");
            WordSetView {
                name: format!("Wording {}", set.id.to_uppercase()),
                dir: languages::direction(&design.lang),
                ..WordSetView::new(set, state, rows, errors)
            }
        };
        let known = languages::all().map(|(tag, phrases)| (tag, phrases.in_english.as_str()));
        Self {
            lang: design.lang.clone(),
            dir: languages::direction(&design.lang),
            languages: form.words.translations.iter().map(language).collect(),
            wordings: form.words.wordings.iter().map(wording).collect(),
            known: known.collect(),
        }
    }

    /// What its own language is called.
    pub fn lang_name(&self) -> String {
        languages::name(&self.lang)
    }

    /// What the section of the languages says while it is folded away.
    pub fn languages_in_short(&self) -> String {
        let names = self.languages.iter().map(|set| match set.unsaid() {
            Some(wordings) => {
                let own = self.lang_name();
                format!("{} (incomplete: {wordings} read in {own})", set.name)
            }
            None if set.is_lacking => format!("{} (incomplete)", set.name),
            None => set.name.clone(),
        });
        let own = languages::name(&self.lang);
        std::iter::once(own)
            .chain(names)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// What that of the wordings says.
    pub fn wordings_in_short(&self) -> String {
        match self.wordings.len() {
            0 => "Everybody reads the same".into(),
            n => format!("{} wordings, each read by as many", n + 1),
        }
    }
}

impl WordSetView {
    /// The wordings that are read in the original as a whole: `wording B is`, `wordings B and C are`.
    fn unsaid(&self) -> Option<String> {
        match self.unsaid.as_slice() {
            [] => None,
            [one] => Some(format!("wording {one} is")),
            several => Some(format!("wordings {} are", several.join(" and "))),
        }
    }

    fn new(set: &WordSet, state: String, rows: Vec<Said>, errors: &FieldErrors) -> Self {
        let begins = format!("{}:", set.id);
        let own = format!("wording-{}", set.id);
        let is_wrong = |field: &str| field.starts_with(&begins) || field == own;
        let is_new = rows.iter().all(|said| said.text.is_empty());
        Self {
            id: set.id.clone(),
            is_folded: !is_new && !errors.0.iter().any(|error| is_wrong(&error.field)),
            name: String::new(),
            dir: "ltr",
            is_lacking: false,
            unsaid: vec![],
            speaks_english: false,
            state,
            rows,
        }
    }
}
