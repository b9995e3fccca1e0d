//! What the editor posts, and how it is read. Pure. What cannot be read is shown again as it was typed.

mod choices;
mod fields;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Deserialize;
use validator::Validate;

use self::{
    choices::parse_choices,
    fields::{parse_goal, parse_lang, parse_number, parse_pages, show_goal},
};
use super::{
    draft::{NewDesign, NewMoment, NewQuestion},
    sentence::sentence,
    types::{AskAt, Design, Place, PromptTemplate, QuestionKind, Sensitivity},
};
use crate::{
    clock::{MINUTE, SECOND},
    error::FieldErrors,
    goal::types::{Goal, GoalRule},
    reason::types::Reason,
    types::ReasonId,
};

/// Reasons on one card; more would not be read.
pub const MOST_CHOICES: usize = 6;

/// Fields that the sentence is about.
const SENTENCE_FIELDS: [&str; 9] = [
    "after",
    "after_subject",
    "expect",
    "expect_subject",
    "cancel",
    "ask_at",
    "within_minutes",
    "pages",
    "held_out_percent",
];

/// One row of the choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChoiceRow {
    /// Empty for a new choice.
    pub id: String,
    /// What visitors read.
    pub label: String,
    /// Name of the reason; empty takes the label.
    pub reason: String,
}

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
    /// The question.
    #[validate(length(
        min = 1,
        max = 120,
        message = "Write one question of at most 120 characters."
    ))]
    pub title: String,
    /// A line beneath the question.
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub help: String,
    /// A [`QuestionKind`].
    pub kind: String,
    /// In the order of the card; rows without a label are left out.
    pub choices: Vec<ChoiceRow>,
    /// Whether "something else" is offered.
    pub has_other: bool,
    /// Its label.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub other_label: String,
    /// Name of its reason.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub other_reason: String,
    /// Whether a comment is asked for.
    pub has_comment: bool,
    /// Its label.
    #[validate(length(max = 80, message = "Use at most 80 characters."))]
    pub comment_label: String,
    /// A: empty, the id of a goal, or a [`RuleKind`](crate::goal::form::RuleKind).
    pub after: String,
    /// What a kind of rule in `after` is about.
    pub after_subject: String,
    /// B, as `after`.
    pub expect: String,
    /// What a kind of rule in `expect` is about.
    pub expect_subject: String,
    /// C: ids of goals.
    pub cancel: Vec<String>,
    /// [`AskAt`]s.
    pub ask_at: Vec<String>,
    /// A [`Sensitivity`].
    pub sensitivity: String,
    /// Active seconds before exit intent may fire.
    pub min_active_seconds: String,
    /// Minutes after A in which the question makes sense.
    pub within_minutes: String,
    /// One path pattern a line.
    #[validate(length(max = 2000, message = "Use at most 2,000 characters."))]
    pub pages: String,
    /// Thank-you line.
    #[validate(length(
        min = 1,
        max = 120,
        message = "Write a thank-you line of at most 120 characters."
    ))]
    pub thanks: String,
    /// BCP 47.
    pub lang: String,
    /// 0 to 50.
    pub held_out_percent: String,
    /// A [`Place`]; empty is the usual one.
    pub place: String,
}

impl From<Vec<(String, String)>> for PromptForm {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        let (mut ids, mut labels, mut reasons) = (vec![], vec![], vec![]);
        for (key, value) in pairs {
            match key.as_str() {
                "name" => form.name = value,
                "title" => form.title = value,
                "help" => form.help = value,
                "kind" => form.kind = value,
                "choice_id" => ids.push(value),
                "choice_label" => labels.push(value),
                "choice_reason" => reasons.push(value),
                "other" => form.has_other = true,
                "other_label" => form.other_label = value,
                "other_reason" => form.other_reason = value,
                "comment" => form.has_comment = true,
                "comment_label" => form.comment_label = value,
                "after" => form.after = value,
                "after_subject" => form.after_subject = value,
                "expect" => form.expect = value,
                "expect_subject" => form.expect_subject = value,
                "cancel" => form.cancel.push(value),
                "ask_at" => form.ask_at.push(value),
                "sensitivity" => form.sensitivity = value,
                "min_active_seconds" => form.min_active_seconds = value,
                "within_minutes" => form.within_minutes = value,
                "pages" => form.pages = value,
                "thanks" => form.thanks = value,
                "lang" => form.lang = value,
                "held_out_percent" => form.held_out_percent = value,
                "place" => form.place = value,
                _ => {}
            }
        }
        let (mut ids, mut reasons) = (ids.into_iter(), reasons.into_iter());
        form.choices = labels
            .into_iter()
            .map(|label| ChoiceRow {
                id: ids.next().unwrap_or_default(),
                label,
                reason: reasons.next().unwrap_or_default(),
            })
            .collect();
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
    /// Ids of choices that the prompt has or ever published.
    pub choice_ids: &'a BTreeSet<String>,
}

impl PromptForm {
    /// The form that shows a stored design.
    pub fn of(name: &str, design: &Design, goals: &[Goal], reasons: &[Reason]) -> Self {
        let reason = |id: ReasonId| {
            reasons
                .iter()
                .find(|reason| reason.id == id)
                .map(|reason| reason.name.clone())
                .unwrap_or_default()
        };
        let question = &design.question;
        let moment = &design.moment;
        let (after, after_subject) = show_goal(moment.after, goals);
        let (expect, expect_subject) = show_goal(moment.expect, goals);
        Self {
            name: name.to_owned(),
            title: question.title.clone(),
            help: question.help.clone(),
            kind: question.kind.to_string(),
            choices: question
                .choices
                .iter()
                .map(|choice| ChoiceRow {
                    id: choice.id.clone(),
                    label: choice.label.clone(),
                    reason: reason(choice.reason_id),
                })
                .collect(),
            has_other: question.other.is_some(),
            other_label: question.other_label.clone(),
            other_reason: question.other.map(reason).unwrap_or_default(),
            has_comment: !question.comment_label.is_empty(),
            comment_label: question.comment_label.clone(),
            after,
            after_subject,
            expect,
            expect_subject,
            cancel: moment.cancel.iter().map(ToString::to_string).collect(),
            ask_at: moment.ask_at.iter().map(ToString::to_string).collect(),
            sensitivity: moment.sensitivity.to_string(),
            min_active_seconds: (moment.min_active_ms / SECOND).to_string(),
            within_minutes: (moment.within_ms / MINUTE).to_string(),
            pages: design.pages.join("\n"),
            thanks: design.thanks.clone(),
            lang: design.lang.clone(),
            held_out_percent: design.held_out_percent.to_string(),
            place: design.place.to_string(),
        }
    }

    /// Reads the form: the name and the design, or of each field what would be right.
    pub fn parse(&self, context: FormContext<'_>) -> Result<(String, NewDesign), FieldErrors> {
        let (name, design, errors) = self.read(context);
        errors.or((name, design))
    }

    /// Who would be asked, when and where, as the form stands; or what it lacks to say so.
    pub fn sentence(&self, template: PromptTemplate, goals: &[Goal]) -> String {
        let (_, design, errors) = self.read(FormContext {
            template,
            goals,
            choice_ids: &BTreeSet::new(),
        });
        let lacking = SENTENCE_FIELDS.iter().find_map(|field| errors.of(field));
        lacking.map_or_else(|| sentence(&design, goals), str::to_owned)
    }

    /// The name, the design, and what is wrong; what is wrong has a stand-in.
    fn read(&self, context: FormContext<'_>) -> (String, NewDesign, FieldErrors) {
        let trimmed = Self {
            name: self.name.trim().to_owned(),
            title: self.title.trim().to_owned(),
            thanks: self.thanks.trim().to_owned(),
            ..self.clone()
        };
        let mut errors = FieldErrors::of_checks(trimmed.validate());
        let design = NewDesign {
            template: context.template,
            moment: self.parse_moment(context.goals, &mut errors),
            pages: parse_pages(&self.pages, &mut errors),
            question: trimmed.parse_question(context.choice_ids, &mut errors),
            thanks: trimmed.thanks,
            lang: parse_lang(&self.lang, &mut errors),
            place: Place::parse(&self.place).unwrap_or(Place::BottomRight),
            held_out_percent: parse_number(
                &self.held_out_percent,
                0..=50,
                "held_out_percent",
                &mut errors,
            ),
        };
        (trimmed.name, design, errors)
    }

    fn parse_moment(&self, goals: &[Goal], errors: &mut FieldErrors) -> NewMoment {
        let after = parse_goal(&self.after, &self.after_subject, goals, "after", errors);
        let expect = parse_goal(&self.expect, &self.expect_subject, goals, "expect", errors);
        if after.is_some() && after == expect {
            errors.add(
                "expect",
                "Choose another goal than above: nobody reaches one and not the same one.",
            );
        }
        let cancel = self
            .cancel
            .iter()
            .filter_map(|text| parse_goal(text, "", goals, "cancel", errors))
            .collect();
        let ask_at: Vec<AskAt> = AskAt::ALL
            .iter()
            .copied()
            .filter(|ask_at| self.ask_at.iter().any(|text| text == ask_at.as_str()))
            .collect();
        if ask_at.is_empty() {
            errors.add("ask_at", "Tick at least one moment to ask.");
        }
        let is_about_a_form = matches!(
            after.as_ref().and_then(|after| after.rule(goals)),
            Some(GoalRule::FormStarted { .. })
        );
        if !is_about_a_form && errors.of("after").is_none() {
            for ask_at in ask_at
                .iter()
                .filter(|ask_at| matches!(ask_at, AskAt::LeaveForm | AskAt::Stall))
            {
                errors.add(
                    "ask_at",
                    format!(
                        "“{}” needs a started form as the first goal.",
                        ask_at.label()
                    ),
                );
            }
        }
        let sensitivity = Sensitivity::parse(&self.sensitivity).unwrap_or_else(|| {
            errors.add("sensitivity", "Choose how quick a move counts as leaving.");
            Sensitivity::Medium
        });
        let min_active: i64 = parse_number(
            &self.min_active_seconds,
            0..=600,
            "min_active_seconds",
            errors,
        );
        let within: i64 = parse_number(&self.within_minutes, 1..=1440, "within_minutes", errors);
        NewMoment {
            after,
            expect,
            cancel,
            ask_at,
            min_active_ms: min_active * SECOND,
            sensitivity,
            within_ms: within * MINUTE,
        }
    }

    fn parse_question(&self, taken: &BTreeSet<String>, errors: &mut FieldErrors) -> NewQuestion {
        let kind = QuestionKind::parse(&self.kind).unwrap_or_else(|| {
            errors.add("kind", "Choose how the question is answered.");
            QuestionKind::Text
        });
        let is_choice = kind != QuestionKind::Text;
        let or_default = |text: &str, default: &str| {
            let text = text.trim();
            if text.is_empty() {
                default.to_owned()
            } else {
                text.to_owned()
            }
        };
        let other_label = or_default(&self.other_label, "Something else");
        NewQuestion {
            kind,
            title: self.title.clone(),
            help: self.help.trim().to_owned(),
            choices: if is_choice {
                parse_choices(&self.choices, taken, errors)
            } else {
                vec![]
            },
            other: (is_choice && self.has_other)
                .then(|| or_default(&self.other_reason, &other_label)),
            other_label,
            comment_label: if is_choice && !self.has_comment {
                String::new()
            } else {
                or_default(&self.comment_label, "Anything to add?")
            },
        }
    }
}
