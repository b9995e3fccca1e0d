//! The choices of the editor's form, and their ids. Pure.

use std::collections::BTreeSet;

use super::ChoiceRow;
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

/// Hands out ids of choices, for all questions of a prompt: what the row has if it is the prompt's own, else the next that was never used.
pub(super) struct ChoiceIds<'a> {
    taken: &'a BTreeSet<String>,
    given: BTreeSet<String>,
    last: u64,
}

impl<'a> ChoiceIds<'a> {
    pub(super) fn new(taken: &'a BTreeSet<String>) -> Self {
        let last = taken
            .iter()
            .filter_map(|id| id.strip_prefix('c')?.parse::<u32>().ok())
            .max()
            .map_or(0, u64::from);
        Self {
            taken,
            given: BTreeSet::new(),
            last,
        }
    }

    fn take(&mut self, id: &str) -> String {
        if self.taken.contains(id) && id != OTHER_CHOICE && self.given.insert(id.to_owned()) {
            return id.to_owned();
        }
        self.last += 1;
        format!("c{}", self.last)
    }
}
