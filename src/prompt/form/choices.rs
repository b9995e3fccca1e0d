//! The choices of the editor's form, and their ids. Pure.

use std::collections::BTreeSet;

use super::{ChoiceRow, QuestionForm};
use crate::{
    error::FieldErrors,
    prompt::{draft::NewChoice, types::OTHER_CHOICE},
};

/// Rows with a label; those without are left out.
pub(super) fn parse_choices(
    rows: &[ChoiceRow],
    most: usize,
    ids: &mut ChoiceIds<'_>,
    errors: &mut FieldErrors,
) -> Vec<NewChoice> {
    let rows = rows.iter().filter(|row| !row.label.trim().is_empty());
    let choices: Vec<NewChoice> = rows
        .map(|row| {
            let label = row.label.trim().to_owned();
            let reason = Some(row.reason.trim())
                .filter(|reason| !reason.is_empty())
                .unwrap_or(&label)
                .to_owned();
            NewChoice {
                id: ids.take(&row.id),
                label,
                reason,
            }
        })
        .collect();
    if choices.len() < 2 {
        errors.add(
            "choices",
            "Offer at least two choices, or ask for free text.",
        );
    }
    if choices.len() > most {
        errors.add(
            "choices",
            format!("Offer at most {most} choices: more are not read."),
        );
    }
    if choices
        .iter()
        .any(|choice| choice.label.chars().count() > 80 || choice.reason.chars().count() > 80)
    {
        errors.add(
            "choices",
            "Use at most 80 characters for a choice and for a reason.",
        );
    }
    let distinct: BTreeSet<String> = choices
        .iter()
        .map(|choice| choice.label.to_lowercase())
        .collect();
    if distinct.len() < choices.len() {
        errors.add("choices", "Two choices read the same: change one.");
    }
    choices
}

/// New choices that a form may name before they are saved; far more than it can hold.
const MOST_UNSAVED: u64 = 1_000;

/// Hands out ids of choices, for all questions of a prompt: what the row has if it is the prompt's own or was given by a button of
/// the editor, else the next that was never used.
pub(super) struct ChoiceIds<'a> {
    taken: &'a BTreeSet<String>,
    given: BTreeSet<String>,
    /// The highest number that the prompt has or ever had.
    stored: u64,
    last: u64,
}

impl<'a> ChoiceIds<'a> {
    pub(super) fn new(taken: &'a BTreeSet<String>, questions: &[QuestionForm]) -> Self {
        let highest = |ids: &mut dyn Iterator<Item = &String>| {
            let numbers = ids.filter_map(|id| number_of(id));
            numbers.max().unwrap_or_default()
        };
        let stored = highest(&mut taken.iter());
        let rows = questions.iter().flat_map(|question| &question.choices);
        let posted = highest(&mut rows.map(|row| &row.id));
        Self {
            taken,
            given: BTreeSet::new(),
            stored,
            last: stored.max(posted.min(stored + MOST_UNSAVED)),
        }
    }

    /// Ids for rows that have a label and none, so that ways and quotas can name them before they are saved.
    pub(super) fn name(&mut self, rows: &mut [ChoiceRow]) {
        let is_new = |row: &&mut ChoiceRow| row.id.is_empty() && !row.label.trim().is_empty();
        for row in rows.iter_mut().filter(is_new) {
            row.id = self.next();
        }
    }

    fn next(&mut self) -> String {
        self.last += 1;
        format!("c{}", self.last)
    }

    fn take(&mut self, id: &str) -> String {
        let unsaved = self.stored + 1..=self.stored + MOST_UNSAVED;
        let is_own = self.taken.contains(id) && id != OTHER_CHOICE;
        let is_given = number_of(id).is_some_and(|number| unsaved.contains(&number));
        if (is_own || is_given) && self.given.insert(id.to_owned()) {
            return id.to_owned();
        }
        self.next()
    }
}

/// The number in the id of a choice.
fn number_of(id: &str) -> Option<u64> {
    let digits = id.strip_prefix('c')?;
    let number = digits.parse::<u32>().ok()?;
    (number.to_string() == digits).then(|| number.into())
}
