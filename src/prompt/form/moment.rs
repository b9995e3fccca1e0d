//! The section "when to ask". Pure.

use super::{
    details::DetailsForm,
    fields::{parse_goal, parse_number, show_goal},
};
use crate::{
    clock::{MINUTE, SECOND},
    error::FieldErrors,
    goal::types::{Goal, GoalRule},
    prompt::{
        draft::NewMoment,
        types::{AskAt, Moment, Sensitivity},
    },
};

/// A moment as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MomentForm {
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
    /// What the moments are about.
    pub details: DetailsForm,
    /// Whether all of them must have come.
    pub all: bool,
    /// Seconds between the moment and the question; empty for none.
    pub delay_seconds: String,
    /// Whether phones count.
    pub touch: bool,
    /// Whether the keys that lead to the address bar count.
    pub keys: bool,
    /// Minutes after A in which the question makes sense.
    pub within_minutes: String,
}

impl MomentForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        let value = value.to_owned();
        match key {
            "after" => self.after = value,
            "after_subject" => self.after_subject = value,
            "expect" => self.expect = value,
            "expect_subject" => self.expect_subject = value,
            "cancel" => self.cancel.push(value),
            "ask_at" => self.ask_at.push(value),
            "sensitivity" => self.sensitivity = value,
            "min_active_seconds" => self.min_active_seconds = value,
            "within_minutes" => self.within_minutes = value,
            "ask_all" => self.all = true,
            "delay_seconds" => self.delay_seconds = value,
            "ask_touch" => self.touch = true,
            "ask_keys" => self.keys = true,
            key => self.details.take(key, &value),
        }
    }

    pub(super) fn of(moment: &Moment, goals: &[Goal]) -> Self {
        let (after, after_subject) = show_goal(moment.after, goals);
        let (expect, expect_subject) = show_goal(moment.expect, goals);
        Self {
            after,
            after_subject,
            expect,
            expect_subject,
            cancel: moment.cancel.iter().map(ToString::to_string).collect(),
            ask_at: moment.ask_at.iter().map(ToString::to_string).collect(),
            sensitivity: moment.sensitivity.to_string(),
            min_active_seconds: (moment.min_active_ms / SECOND).to_string(),
            within_minutes: (moment.within_ms / MINUTE).to_string(),
            details: DetailsForm::of(&moment.details),
            all: moment.all,
            delay_seconds: (moment.delay_ms / SECOND).to_string(),
            touch: moment.touch,
            keys: moment.keys,
        }
    }

    pub(super) fn parse(&self, goals: &[Goal], errors: &mut FieldErrors) -> NewMoment {
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
            for ask_at in ask_at.iter().filter(|ask_at| ask_at.is_about_a_form()) {
                errors.add(
                    "ask_at",
                    format!(
                        "“{}” needs a started form as the first goal.",
                        ask_at.label()
                    ),
                );
            }
        }
        if after.is_none() && errors.of("after").is_none() {
            for ask_at in ask_at.iter().filter(|ask_at| ask_at.needs_after()) {
                let label = ask_at.label();
                errors.add("ask_at", format!("“{label}” needs a first goal."));
            }
        }
        let delay: i64 = if self.delay_seconds.trim().is_empty() {
            0
        } else {
            parse_number(&self.delay_seconds, 0..=600, "delay_seconds", errors)
        };
        let details = self.details.parse(&ask_at, errors);
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
            details,
            all: self.all,
            delay_ms: delay * SECOND,
            touch: self.touch,
            keys: self.keys,
            min_active_ms: min_active * SECOND,
            sensitivity,
            within_ms: within * MINUTE,
        }
    }
}
