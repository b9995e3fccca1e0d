//! What the editor posts, and how it is read: a section of the page, a file. Pure. What cannot be read is shown again as it was typed.

mod asked;
mod choices;
mod details;
mod fairness;
mod fields;
mod flow;
mod hidden;
mod look;
mod moment;
mod question;
mod rows;
mod target;
#[cfg(test)]
mod tests;
mod words;

pub use details::{DetailsForm, FilterRow};
pub use fairness::FairnessForm;
pub use flow::{EndingForm, JumpRow, MOST_ENDINGS, MOST_JUMPS};
pub use hidden::{FieldRow, HiddenForm};
pub use look::LookForm;
pub use moment::MomentForm;
pub use question::{ChoiceRow, MOST_CHOICES, MOST_QUESTIONS, QuestionForm};
pub use target::{AddressRow, PropertyRow, SourceRow, TargetForm};
pub use words::{MOST_LANGUAGES, MOST_WORDINGS, Said, WordSet, WordsForm};

use std::collections::BTreeSet;

use serde::Deserialize;
use validator::Validate;

use self::{choices::ChoiceIds, fields::parse_lang, flow::check_ways, target::without_origin};
use super::{
    draft::{NewDesign, NewQuestion},
    languages::{self, Phrases},
    sentence::{opening, summary},
    tried::explain,
    types::{Design, OtherWords, PromptTemplate},
};
use crate::{
    error::{FieldError, FieldErrors},
    goal::types::Goal,
    reason::types::Reason,
};

/// Fields that the sentence is about, and the numbered rows of some.
const SENTENCE_FIELDS: [&str; 34] = [
    "after",
    "after_subject",
    "expect",
    "expect_subject",
    "cancel",
    "ask_at",
    "scroll_percent",
    "seen_selector",
    "dwell_seconds",
    "idle_seconds",
    "click_selector",
    "event_name",
    "filters",
    "no_results_selector",
    "widget_name",
    "gone_selector",
    "delay_seconds",
    "within_minutes",
    "address",
    "languages",
    "least_visit",
    "source",
    "reached",
    "property",
    "held_out_percent",
    "sample_percent",
    "from",
    "until",
    "response_limit",
    "quotas",
    "ask_again_days",
    "tab_label",
    "inline_selector",
    "button_selector",
];

/// The editor's form as it was posted; fields that are missing are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Validate)]
#[serde(from = "Vec<(String, String)>")]
pub struct PromptForm {
    /// What the owner calls it.
    #[validate(length(
        min = 1,
        max = 80,
        message = "Give the question a name of at most 80 characters."
    ))]
    pub name: String,
    /// What to ask, in the order of the card.
    pub questions: Vec<QuestionForm>,
    /// Id of the question that the preview shows; empty for the first.
    pub shown: String,
    /// When to ask.
    pub moment: MomentForm,
    /// Whom to ask, and where.
    pub target: TargetForm,
    /// How often, and how many not.
    pub fairness: FairnessForm,
    /// Thank-you line.
    #[validate(length(
        min = 1,
        max = 120,
        message = "Write a thank-you line of at most 120 characters."
    ))]
    pub thanks: String,
    /// Other endings.
    pub endings: Vec<EndingForm>,
    /// BCP 47.
    pub lang: String,
    /// In other languages and other wordings.
    pub words: WordsForm,
    /// What goes along with the answer.
    pub hidden: HiddenForm,
    /// How and where the card is shown.
    pub look: LookForm,
}

impl From<Vec<(String, String)>> for PromptForm {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self {
            questions: QuestionForm::all_of_pairs(&pairs),
            target: TargetForm::of_pairs(&pairs),
            endings: EndingForm::all_of_pairs(&pairs),
            words: WordsForm::of_pairs(&pairs),
            ..Self::default()
        };
        for (key, value) in pairs {
            match key.as_str() {
                "name" => form.name = value,
                "thanks" => form.thanks = value,
                "lang" => form.lang = value,
                "shown" => form.shown = value,
                key => {
                    form.moment.take(key, &value);
                    form.fairness.take(key, &value);
                    form.hidden.take(key, &value);
                    form.look.take(key, &value);
                }
            }
        }
        form
    }
}

/// What the form is read against.
#[derive(Clone, Copy, Debug)]
pub struct FormContext<'a> {
    /// Where the prompt came from.
    pub template: PromptTemplate,
    /// Goals of the site.
    pub goals: &'a [Goal],
    /// Ids of questions and choices that the prompt has or ever published.
    pub part_ids: &'a BTreeSet<String>,
}

impl PromptForm {
    /// The form that shows a stored design.
    pub fn of(name: &str, design: &Design, goals: &[Goal], reasons: &[Reason]) -> Self {
        Self {
            name: name.to_owned(),
            questions: design
                .questions
                .iter()
                .map(|question| QuestionForm::of(question, reasons))
                .collect(),
            shown: String::new(),
            moment: MomentForm::of(&design.moment, goals),
            target: TargetForm::of(&design.target),
            fairness: FairnessForm::of(&design.fairness),
            thanks: design.thanks.clone(),
            endings: design.endings.iter().map(EndingForm::of).collect(),
            lang: design.lang.clone(),
            words: WordsForm::of(&design.other_words),
            hidden: HiddenForm::of(&design.fields),
            look: LookForm::of(&design.look),
        }
    }

    /// Reads the form: the name and the design, or of each field what would be right.
    pub fn parse(&self, context: FormContext<'_>) -> Result<(String, NewDesign), FieldErrors> {
        let (name, design, errors) = self.read(context);
        errors.or((name, design))
    }

    /// The design as far as the sentence is about it, as the form stands; or what it lacks to say so.
    pub fn moment(&self, template: PromptTemplate, goals: &[Goal]) -> Result<NewDesign, String> {
        let (_, design, errors) = self.read(FormContext {
            template,
            goals,
            part_ids: &BTreeSet::new(),
        });
        let is_told = |wrong: &&FieldError| {
            SENTENCE_FIELDS.iter().any(|field| {
                let rest = wrong.field.strip_prefix(field);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
            })
        };
        let lacking = errors.0.iter().find(is_told);
        lacking.map_or_else(|| Ok(design), |wrong| Err(wrong.message.clone()))
    }

    /// Whether the address to try matches, and why; `None` when there is none, or the rules are not right yet.
    pub fn tried(&self) -> Option<String> {
        let address = self.target.try_address.trim();
        let mut errors = FieldErrors::default();
        let target = self.target.parse(&[], &mut errors);
        let is_wrong = errors
            .0
            .iter()
            .any(|wrong| wrong.field.starts_with("address_"));
        if address.is_empty() || is_wrong {
            return None;
        }
        let address = without_origin(address);
        let address = address.split('#').next().unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Some(explain(&target, path, query))
    }

    /// The design as the form stands; what is wrong has a stand-in.
    pub fn draft(&self, context: FormContext<'_>) -> NewDesign {
        self.read(context).1
    }

    /// Whom it asks and when, in a line of a list.
    pub fn summary(&self, goals: &[Goal]) -> String {
        let errors = &mut FieldErrors::default();
        let look = self.look.parse(errors);
        if look.shown_as.waits_for_a_moment() {
            summary(&self.moment.parse(goals, errors), goals)
        } else {
            opening(&look)
        }
    }

    /// Whether no further question can be added.
    pub fn has_most_questions(&self) -> bool {
        self.questions.len() >= MOST_QUESTIONS
    }

    fn read_questions(
        &self,
        part_ids: &BTreeSet<String>,
        phrases: &Phrases,
        errors: &mut FieldErrors,
    ) -> Vec<NewQuestion> {
        if self.questions.is_empty() {
            errors.add("questions", "Ask at least one question.");
        }
        let mut ids = ChoiceIds::new(part_ids, &self.questions);
        let questions = self.questions.iter();
        questions
            .map(|question| question.parse(&mut ids, phrases, errors))
            .collect()
    }

    /// The name, the design, and what is wrong; what is wrong has a stand-in.
    fn read(&self, context: FormContext<'_>) -> (String, NewDesign, FieldErrors) {
        let trimmed = Self {
            name: self.name.trim().to_owned(),
            thanks: self.thanks.trim().to_owned(),
            ..self.clone()
        };
        let mut errors = FieldErrors::of_checks(trimmed.validate());
        let lang = parse_lang(&self.lang, &mut errors);
        let phrases = languages::phrases(&lang);
        let look = self.look.parse(&mut errors);
        // What waits for no moment needs none; what stands there is kept for the day on which it does.
        let unheard = &mut FieldErrors::default();
        let of_moment = if look.shown_as.waits_for_a_moment() {
            &mut errors
        } else {
            unheard
        };
        let mut design = NewDesign {
            template: context.template,
            moment: self.moment.parse(context.goals, of_moment),
            target: self.target.parse(context.goals, &mut errors),
            fairness: self.fairness.parse(&mut errors),
            questions: self.read_questions(context.part_ids, phrases, &mut errors),
            thanks: trimmed.thanks,
            endings: self
                .endings
                .iter()
                .map(|ending| ending.parse(phrases, &mut errors))
                .collect(),
            lang,
            other_words: OtherWords::default(),
            fields: self.hidden.parse(&mut errors),
            look,
        };
        design.other_words = self.words.parse(&design, &mut errors);
        check_ways(&design.questions, &design.endings, &mut errors);
        (trimmed.name, design, errors)
    }
}
