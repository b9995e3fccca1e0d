//! Buttons of the editor that change the form and store nothing. Pure.

use std::collections::BTreeSet;

use super::{
    ChoiceRow, EndingForm, JumpRow, MOST_ENDINGS, MOST_QUESTIONS, PromptForm, QuestionForm,
    choices::ChoiceIds,
};

impl PromptForm {
    /// Does what the button says: `add-question`, or for one question `q2-up`, `q2-down`, `q2-remove`, `q2-add-choice`,
    /// `q2-remove-choice-1`, `q2-add-jump`, `q2-remove-jump-1`; `add-ending`, `e1-remove`; and what [`WordsForm`](super::WordsForm) knows. False when it is none of these. `taken` are the ids that a new question must not have.
    pub fn press(&mut self, button: &str, taken: &BTreeSet<String>) -> bool {
        let is_done = self.change_rows(button, taken);
        if is_done {
            let mut ids = ChoiceIds::new(taken, &self.questions);
            for question in &mut self.questions {
                ids.name(&mut question.choices);
            }
        }
        is_done
    }

    fn change_rows(&mut self, button: &str, taken: &BTreeSet<String>) -> bool {
        if self.words.press(button, self.lang.trim()) {
            return true;
        }
        if button == "add-question" {
            self.add_question(taken);
            return true;
        }
        if button == "add-ending" {
            if self.endings.len() < MOST_ENDINGS {
                self.endings.push(EndingForm::next(&self.endings));
            }
            return true;
        }
        let Some((id, deed)) = button.split_once('-') else {
            return false;
        };
        if deed == "remove" && self.endings.iter().any(|ending| ending.id == id) {
            self.endings.retain(|ending| ending.id != id);
            return true;
        }
        let Some(at) = self.questions.iter().position(|question| question.id == id) else {
            return false;
        };
        self.shown = id.to_owned();
        match deed {
            "up" if at > 0 => self.questions.swap(at, at - 1),
            "down" if at + 1 < self.questions.len() => self.questions.swap(at, at + 1),
            "remove" => self.remove_question(at),
            "up" | "down" => {}
            _ => {
                let question = self.questions.get_mut(at);
                return question.is_some_and(|question| question.press(deed));
            }
        }
        true
    }

    fn add_question(&mut self, taken: &BTreeSet<String>) {
        if self.questions.len() >= MOST_QUESTIONS {
            return;
        }
        let own = self.questions.iter().map(|question| &question.id);
        let last = own.chain(taken).filter_map(|id| number_of(id)).max();
        let question = QuestionForm::new(format!("q{}", last.unwrap_or_default() + 1));
        self.shown.clone_from(&question.id);
        self.questions.push(question);
    }

    /// One always stays.
    fn remove_question(&mut self, at: usize) {
        if self.questions.len() > 1 {
            self.questions.remove(at);
            let neighbour = self.questions.get(at).or(self.questions.last());
            self.shown = neighbour
                .map(|question| question.id.clone())
                .unwrap_or_default();
        }
    }
}

impl QuestionForm {
    fn press(&mut self, deed: &str) -> bool {
        if deed == "add-choice" {
            if !self.has_most_choices() {
                self.choices.push(ChoiceRow::default());
            }
            return true;
        }
        if deed == "add-jump" {
            if !self.has_most_jumps() {
                self.jumps.push(JumpRow::default());
            }
            return true;
        }
        if let Some(row) = deed.strip_prefix("remove-jump-").and_then(row_of) {
            if row < self.jumps.len() {
                self.jumps.remove(row);
            }
            return true;
        }
        let row = deed.strip_prefix("remove-choice-");
        let Some(row) = row.and_then(|row| row.parse::<usize>().ok()) else {
            return false;
        };
        if (1..=self.choices.len()).contains(&row) {
            self.choices.remove(row - 1);
        }
        true
    }
}

/// Rows are counted from 1.
fn row_of(text: &str) -> Option<usize> {
    text.parse::<usize>().ok()?.checked_sub(1)
}

/// The number in the id of a question.
pub(super) fn number_of(id: &str) -> Option<u32> {
    let digits = id.strip_prefix('q')?;
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits && (1..1_000).contains(&number)).then_some(number)
}
