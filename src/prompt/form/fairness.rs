//! The section "how often". Pure.

use super::fields::parse_number;
use crate::{
    error::FieldErrors,
    prompt::types::{Fairness, Quota, Schedule, Weekday},
    site::calendar,
};

/// Answers that a limit or a quota may ask for.
const MOST_ANSWERS: u32 = 100_000;

/// How often to ask, as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FairnessForm {
    /// 1 to 100; empty is 100.
    pub sample_percent: String,
    /// 0 to 50.
    pub held_out_percent: String,
    /// Whether it is paused by itself on harm.
    pub pauses_on_harm: bool,
    /// As browsers write a date; empty is no bound.
    pub from_day: String,
    /// Likewise.
    pub until_day: String,
    /// [`Weekday`]s; none is every day.
    pub weekdays: Vec<String>,
    /// 0 to 23; empty is 0.
    pub from_hour: String,
    /// 1 to 24; empty is 24.
    pub until_hour: String,
    /// Answers; empty is no limit.
    pub response_limit: String,
    /// `question/choice`, and how many answers are wanted of it; empty is any number.
    pub quotas: Vec<(String, String)>,
    /// Days; empty is 30.
    pub ask_again_days: String,
    /// `always` to ask again also those who answered.
    pub again: String,
}

impl FairnessForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        let value = value.to_owned();
        match key {
            "sample_percent" => self.sample_percent = value,
            "held_out_percent" => self.held_out_percent = value,
            "pauses_on_harm" => self.pauses_on_harm = true,
            "from_day" => self.from_day = value,
            "until_day" => self.until_day = value,
            "weekday" => self.weekdays.push(value),
            "from_hour" => self.from_hour = value,
            "until_hour" => self.until_hour = value,
            "response_limit" => self.response_limit = value,
            "quota_of" => self.quotas.push((value, String::new())),
            "quota_most" => {
                if let Some((_, most)) = self.quotas.last_mut() {
                    *most = value;
                }
            }
            "ask_again_days" => self.ask_again_days = value,
            "again" => self.again = value,
            _ => {}
        }
    }

    pub(super) fn of(fairness: &Fairness) -> Self {
        let schedule = &fairness.schedule;
        let date = |day: Option<i32>| {
            let date = day.and_then(calendar::date_of);
            date.map_or(String::new(), |date| date.to_string())
        };
        let quota = |quota: &Quota| {
            let of = format!("{}/{}", quota.question, quota.choice);
            (of, quota.most.to_string())
        };
        Self {
            sample_percent: fairness.sample_percent.to_string(),
            held_out_percent: fairness.held_out_percent.to_string(),
            pauses_on_harm: fairness.pauses_on_harm,
            from_day: date(schedule.from_day),
            until_day: date(schedule.until_day),
            weekdays: schedule.weekdays.iter().map(ToString::to_string).collect(),
            from_hour: schedule.from_hour.to_string(),
            until_hour: schedule.until_hour.to_string(),
            response_limit: fairness
                .response_limit
                .map_or(String::new(), |limit| limit.to_string()),
            quotas: fairness.quotas.iter().map(quota).collect(),
            ask_again_days: fairness.ask_again_days.to_string(),
            again: if fairness.until_answered {
                ""
            } else {
                "always"
            }
            .into(),
        }
    }

    /// What was typed as the quota of a choice.
    pub fn quota_of(&self, question: &str, choice: &str) -> &str {
        let of = format!("{question}/{choice}");
        let mut quotas = self.quotas.iter();
        quotas
            .find(|(named, _)| *named == of)
            .map_or("", |(_, most)| most)
    }

    pub(super) fn parse(&self, errors: &mut FieldErrors) -> Fairness {
        let sample = or(&self.sample_percent, "100");
        Fairness {
            sample_percent: parse_number(sample, 1..=100, "sample_percent", errors),
            held_out_percent: parse_number(
                &self.held_out_percent,
                0..=50,
                "held_out_percent",
                errors,
            ),
            pauses_on_harm: self.pauses_on_harm,
            schedule: self.parse_schedule(errors),
            response_limit: match self.response_limit.trim() {
                "" => None,
                limit => Some(parse_number(
                    limit,
                    1..=MOST_ANSWERS,
                    "response_limit",
                    errors,
                )),
            },
            quotas: self.parse_quotas(errors),
            ask_again_days: parse_number(
                or(&self.ask_again_days, "30"),
                0..=3_650,
                "ask_again_days",
                errors,
            ),
            until_answered: self.again != "always",
        }
    }

    fn parse_schedule(&self, errors: &mut FieldErrors) -> Schedule {
        let schedule = Schedule {
            from_day: parse_day(&self.from_day, "from_day", errors),
            until_day: parse_day(&self.until_day, "until_day", errors),
            weekdays: Weekday::ALL
                .iter()
                .copied()
                .filter(|day| self.weekdays.iter().any(|text| text == day.as_str()))
                .collect(),
            from_hour: parse_number(or(&self.from_hour, "0"), 0..=23, "from_hour", errors),
            until_hour: parse_number(or(&self.until_hour, "24"), 1..=24, "until_hour", errors),
        };
        if let (Some(from), Some(until)) = (schedule.from_day, schedule.until_day)
            && until < from
        {
            errors.add(
                "until_day",
                "Choose a last day that is not before the first.",
            );
        }
        if schedule.from_hour == schedule.until_hour {
            errors.add("until_hour", "Choose an end that is not the beginning.");
        }
        schedule
    }

    fn parse_quotas(&self, errors: &mut FieldErrors) -> Vec<Quota> {
        let quotas = self.quotas.iter();
        let wanted = quotas.filter(|(_, most)| !most.trim().is_empty());
        wanted
            .filter_map(|(of, most)| {
                let (question, choice) = of.split_once('/')?;
                Some(Quota {
                    question: question.to_owned(),
                    choice: choice.to_owned(),
                    most: parse_number(most, 1..=MOST_ANSWERS, "quotas", errors),
                })
            })
            .collect()
    }
}

fn or<'a>(text: &'a str, usual: &'a str) -> &'a str {
    if text.trim().is_empty() { usual } else { text }
}

fn parse_day(text: &str, field: &str, errors: &mut FieldErrors) -> Option<i32> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let day = text.parse().map(calendar::number).ok();
    if day.is_none() {
        errors.add(field, "Write a day like 2026-11-30.");
    }
    day
}
