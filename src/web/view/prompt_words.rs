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
    /// Its texts, question by question.
    pub groups: Vec<WordGroup>,
}

/// The texts of one question, or of what is none.
pub struct WordGroup {
    /// The question.
    pub name: String,
    /// What is done of it.
    pub state: String,
    /// Whether visitors read the original somewhere.
    pub is_lacking: bool,
    /// Whether there is something to do or to see: else it is folded away.
    pub is_open: bool,
    /// Text by text: first what is missing, or differs, then the others, folded away under this name.
    pub parts: Vec<(Option<String>, Vec<Said>)>,
}

impl WordsView {
    /// The words of the form, read as `design`.
    pub fn of(form: &PromptForm, design: &NewDesign, errors: &FieldErrors) -> Self {
        let language = |set: &WordSet| {
            let rows = form.translated(set, design);
            let (state, is_lacking) = missing_of(&rows);
            let is_new = is_new(&rows);
            let is_first = |said: &Said| said.is_missing() || errors.of(&said.field).is_some();
            let rest = |n| number::counted(n, "text translated", "texts translated");
            let mut groups = groups(rows, design, missing_of, is_first, rest);
            for group in &mut groups {
                let mut rows = group.parts.iter().flat_map(|(_, rows)| rows);
                group.is_open = rows.any(|said| errors.of(&said.field).is_some());
            }
            // The first that lacks something is the next to do.
            if let Some(next) = groups.iter_mut().find(|group| group.is_lacking) {
                next.is_open = true;
            }
            WordSetView {
                name: languages::name(&set.id),
                dir: languages::direction(&set.id),
                is_lacking,
                unsaid: design
                    .wordings()
                    .filter(|wording| design.speaks(&set.id, wording) != set.id)
                    .map(str::to_uppercase)
                    .collect(),
                speaks_english: languages::phrases(&set.id).in_english == "English"
                    && !set.id.starts_with("en"),
                groups,
                ..WordSetView::new(set, state, is_new, errors)
            }
        };
        let wording = |set: &WordSet| {
            let rows = form.reworded(set, design);
            let (state, is_new) = (differing_of(&rows).0, is_new(&rows));
            let opening = rows.first().map(|said| said.field.clone());
            let is_first = |said: &Said| match is_new {
                true => Some(&said.field) == opening.as_ref(),
                false => !said.text.trim().is_empty(),
            };
            let rest = |n| number::counted(n, "text as in wording A", "texts as in wording A");
            let mut groups = groups(rows, design, differing_of, is_first, rest);
            for group in &mut groups {
                let mut rows = group.parts.iter().flat_map(|(_, rows)| rows);
                group.is_open = rows.any(is_first);
            }
            WordSetView {
                name: format!("Wording {}", set.id.to_uppercase()),
                dir: languages::direction(&design.lang),
                groups,
                ..WordSetView::new(set, state, is_new, errors)
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

    fn new(set: &WordSet, state: String, is_new: bool, errors: &FieldErrors) -> Self {
        let begins = format!("{}:", set.id);
        let own = format!("wording-{}", set.id);
        let is_wrong = |field: &str| field.starts_with(&begins) || field == own;
        Self {
            id: set.id.clone(),
            is_folded: !is_new && !errors.0.iter().any(|error| is_wrong(&error.field)),
            name: String::new(),
            dir: "ltr",
            is_lacking: false,
            unsaid: vec![],
            speaks_english: false,
            state,
            groups: vec![],
        }
    }
}

fn is_new(rows: &[Said]) -> bool {
    rows.iter().all(|said| said.text.is_empty())
}

/// What is done of a translation, and whether something is missing.
fn missing_of(rows: &[Said]) -> (String, bool) {
    match rows.iter().filter(|said| said.is_missing()).count() {
        0 => ("complete".into(), false),
        n => (format!("{n} of {} missing", rows.len()), true),
    }
}

/// How much a wording says otherwise; it lacks nothing.
fn differing_of(rows: &[Said]) -> (String, bool) {
    let differing = rows.iter().filter(|said| !said.text.trim().is_empty());
    let n = i64::try_from(differing.count()).unwrap_or(i64::MAX);
    (number::counted(n, "text differs", "texts differ"), false)
}

/// Question by question, in the order of the card; of each first what `is_first`, then the rest under its name.
fn groups(
    rows: Vec<Said>,
    design: &NewDesign,
    state: fn(&[Said]) -> (String, bool),
    is_first: impl Fn(&Said) -> bool,
    rest_name: impl Fn(i64) -> String,
) -> Vec<WordGroup> {
    let mut groups: Vec<(String, Vec<Said>)> = vec![];
    for said in rows {
        let name = group_name(&said, design);
        match groups.iter_mut().find(|(own, _)| *own == name) {
            Some((_, rows)) => rows.push(said),
            None => groups.push((name, vec![said])),
        }
    }
    let group = |(name, rows): (String, Vec<Said>)| {
        let (state, is_lacking) = state(&rows);
        let (first, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(&is_first);
        let n = i64::try_from(rest.len()).unwrap_or(i64::MAX);
        WordGroup {
            name,
            state,
            is_lacking,
            is_open: false,
            parts: match (first.is_empty(), rest.is_empty()) {
                (true, _) => vec![(None, rest)],
                (_, true) => vec![(None, first)],
                _ => vec![(None, first), (Some(rest_name(n)), rest)],
            },
        }
    };
    groups.into_iter().map(group).collect()
}

/// `1. What kept you?` for the texts of a question.
fn group_name(said: &Said, design: &NewDesign) -> String {
    let (_, place) = said.field.split_once(':').unwrap_or_default();
    let place = place.split_once('/').map_or(place, |(_, place)| place);
    let id = place
        .strip_prefix("questions.")
        .and_then(|rest| rest.split('.').next());
    let mut questions = (1..).zip(&design.questions);
    match questions.find(|(_, question)| Some(question.id.as_str()) == id) {
        Some((n, question)) => format!("{n}. {}", question.title),
        None => "Thanks and everything else".into(),
    }
}
