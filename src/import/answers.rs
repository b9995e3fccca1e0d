//! A line of a file of answers: what was said to one question of a prompt. Pure.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    clean,
    row::{Reader, Row},
    whole,
};
use crate::{
    answer::{
        payload::{MAX_CHARS, ValuePayload},
        step,
        words::fold,
    },
    delivery::snapshot::Snapshot,
    ingest::imported_answer::ImportedAnswer,
    prompt::types::{PublishedPrompt, Question, QuestionKind, TextInput},
    types::Millis,
};

/// Between several choices, as in the file of answers that the product gives.
const BETWEEN: &str = " · ";

/// A prompt that answers may be to.
#[derive(Clone, Debug)]
pub(super) struct Askable {
    /// As the owner calls it.
    pub(super) name: String,
    /// The newest version that visitors got.
    pub(super) prompt: Arc<PublishedPrompt>,
}

/// What a line says.
pub(super) struct Said {
    at: Millis,
    question: String,
    value: ValuePayload,
    is_complete: bool,
}

/// What was said, or what would be right.
pub(super) fn read(reader: &Reader<'_>, row: &Row) -> Result<Said, String> {
    reader.visit(row)?;
    let at = clean::time("answered_at", reader.cell(row, "answered_at"), reader.now)?;
    let prompt = prompt(reader, row)?;
    let is_true = |column| is_yes(column, reader.cell(row, column));
    for (column, what) in [("test", "a test"), ("automated", "an automated browser")] {
        if is_true(column)? == Some(true) {
            return Err(format!(
                "{column} is true, and answers of {what} are not imported; leave the row out"
            ));
        }
    }
    if reader.said(row, "more").is_some() {
        return Err("more must be empty; give each question a row of its own".into());
    }
    let question = question(reader, row, prompt)?;
    Ok(Said {
        at,
        question: question.id.clone(),
        value: value(reader, row, question)?,
        is_complete: is_true("complete")?.unwrap_or(true),
    })
}

/// What the line is an answer to.
pub(super) fn prompt<'a>(
    reader: &Reader<'a>,
    row: &Row,
) -> Result<&'a Arc<PublishedPrompt>, String> {
    let named = reader.cell(row, "prompt");
    let mut prompts = reader.prompts.iter().map(|it| &it.prompt);
    if let Some(prompt) = prompts.find(|it| it.id.to_string() == named) {
        return Ok(prompt);
    }
    let alike = reader.prompts.iter();
    let alike: Vec<_> = alike.filter(|it| fold(&it.name) == fold(named)).collect();
    match alike.as_slice() {
        [one] => Ok(&one.prompt),
        [] => {
            let names = reader.prompts.iter().map(|it| it.name.as_str());
            let names: Vec<_> = names.collect();
            Err(match names.as_slice() {
                [] => {
                    "prompt: the site has published none; publish it first, it may be paused then"
                        .into()
                }
                _ => format!(
                    "prompt must be the name or the id of one that the site has published: {}",
                    names.join(", ")
                ),
            })
        }
        several => {
            let ids: Vec<_> = several.iter().map(|it| it.prompt.id.to_string()).collect();
            Err(format!(
                "prompt: {} are called {named:?}; name it by its id: {}",
                several.len(),
                ids.join(", ")
            ))
        }
    }
}

fn is_yes(column: &str, cell: &str) -> Result<Option<bool>, String> {
    match cell.to_lowercase().as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" => Ok(Some(true)),
        "false" | "no" | "0" => Ok(Some(false)),
        _ => Err(format!("{column} must be true or false")),
    }
}

fn question<'a>(
    reader: &Reader<'_>,
    row: &Row,
    prompt: &'a PublishedPrompt,
) -> Result<&'a Question, String> {
    let asked = prompt.design.questions.iter();
    let mut asked = asked.filter(|question| question.kind != QuestionKind::Words);
    let named = reader.cell(row, "question");
    let is_named = |question: &&Question| {
        named.is_empty() || question.id == named || fold(&question.title) == fold(named)
    };
    asked.clone().find(is_named).ok_or_else(|| {
        let titles = asked.by_ref().map(|it| format!("{} ({})", it.title, it.id));
        format!(
            "question must be one of the prompt, by its words or its id: {}",
            titles.collect::<Vec<_>>().join(", ")
        )
    })
}

fn value(reader: &Reader<'_>, row: &Row, question: &Question) -> Result<ValuePayload, String> {
    if question.kind == QuestionKind::Email {
        return Err("e-mail addresses are not imported; leave the row out".into());
    }
    let (chosen, words) = (reader.cell(row, "chosen"), reader.cell(row, "words"));
    // PostgreSQL takes none in a text.
    let words = &words.replace('\0', "");
    if words.chars().count() > MAX_CHARS {
        return Err(format!("words may have at most {MAX_CHARS} characters"));
    }
    let value = match question.kind.has_choices() {
        true => choices(question, chosen).map(|c| ValuePayload {
            c,
            x: clean::unnamed(words),
            n: None,
        }),
        // It matters little in which of the two it stands.
        false if chosen.is_empty() || words.is_empty() => {
            given(question, if chosen.is_empty() { words } else { chosen })
        }
        false => None,
    };
    let column = match question.kind == QuestionKind::Text {
        true => "words",
        false => "chosen",
    };
    value
        .filter(|value| step::fits(question, value))
        .ok_or_else(|| format!("{column} must be {}", wanted(question)))
}

/// Ids of the choices, in the order of the cell; `None` when one is not offered.
fn choices(question: &Question, chosen: &str) -> Option<Vec<String>> {
    let offered = |text: &str| {
        let mut labels = question.labels();
        let found = labels.find(|(id, label)| *id == text || fold(label) == fold(text));
        found.map(|(id, _)| id.to_owned())
    };
    // With its place before it, as the file of answers tells a ranking.
    let placed = |text: &str| {
        let (place, label) = text.split_once(". ")?;
        place.parse::<u8>().ok().and_then(|_| offered(label))
    };
    if chosen.is_empty() {
        return Some(vec![]);
    }
    if let Some(one) = offered(chosen) {
        return Some(vec![one]);
    }
    let each = chosen.split(BETWEEN.trim()).map(str::trim);
    each.map(|text| offered(text).or_else(|| placed(text)))
        .collect()
}

/// What is no choice.
fn given(question: &Question, text: &str) -> Option<ValuePayload> {
    let number = |n| ValuePayload {
        n: Some(n),
        ..ValuePayload::default()
    };
    if let Some(scale) = question.scale() {
        let named = scale.clone().find(|value| {
            let words = question.value_label(*value as f64);
            words.is_some_and(|words| fold(words) == fold(text))
        });
        let bare = text.strip_suffix(&format!(" of {}", scale.end()));
        return match named {
            Some(value) => Some(number(value as f64)),
            None => bare.unwrap_or(text).parse().ok().map(number),
        };
    }
    match question.kind {
        QuestionKind::Link | QuestionKind::Consent => {
            let is_done = ["yes", "true", "1", "agreed", "followed the link"];
            is_done.contains(&fold(text).as_str()).then(|| number(1.0))
        }
        _ => Some(ValuePayload {
            x: clean::unnamed(text),
            ..ValuePayload::default()
        }),
    }
}

/// What would be right.
fn wanted(question: &Question) -> String {
    let labels = || {
        let labels = question.labels().map(|(_, label)| label);
        labels.collect::<Vec<_>>().join(", ")
    };
    if let Some(scale) = question.scale() {
        return format!("a whole number from {} to {}", scale.start(), scale.end());
    }
    match question.kind {
        QuestionKind::Single | QuestionKind::Dropdown => format!("one of: {}", labels()),
        QuestionKind::Multi | QuestionKind::Ranking => {
            let n = match (question.at_least, question.at_most) {
                (0, 0) => "some".to_owned(),
                (least, 0) => format!("{least} or more"),
                (least, most) => format!("{} to {most}", least.max(1)),
            };
            format!("{n} of these, with \"{BETWEEN}\" between: {}", labels())
        }
        QuestionKind::Link | QuestionKind::Consent => "yes; leave out rows of others".into(),
        QuestionKind::Date => "a date such as 2026-03-01".into(),
        _ => match question.input {
            TextInput::Number => "a number with a decimal point, such as 49.90".into(),
            TextInput::Url => "an address such as https://www.example.com/".into(),
            TextInput::Long | TextInput::Line => "what was written".into(),
        },
    }
}

/// The answer that these lines make, or why they make none.
pub(super) fn whole(
    reader: &Reader<'_>,
    snapshot: &Arc<Snapshot>,
    rows: &[Row],
) -> Result<ImportedAnswer, String> {
    let first = rows.first().ok_or("an answer has a row")?;
    let prompt = Arc::clone(prompt(reader, first)?);
    let (mut at, mut is_complete) = (None, true);
    let mut values = BTreeMap::new();
    for row in rows {
        let said = read(reader, row)?;
        if *at.get_or_insert(said.at) != said.at {
            return Err(format!(
                "a visit answers a prompt once: all rows of the answer that begins on line {} must have the same answered_at",
                first.line
            ));
        }
        is_complete &= said.is_complete;
        if values.insert(said.question.clone(), said.value).is_some() {
            return Err(format!(
                "question {} is there twice in the answer that begins on line {}",
                said.question, first.line
            ));
        }
    }
    Ok(ImportedAnswer {
        snapshot: Arc::clone(snapshot),
        visitor: whole::visitor_of(snapshot, reader.visit(first)?),
        prompt,
        at: at.unwrap_or(reader.now),
        is_complete,
        values,
        received_at: reader.now,
    })
}
