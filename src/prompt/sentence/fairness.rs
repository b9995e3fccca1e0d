//! How often, and how many not.

use super::join;
use crate::{
    prompt::types::{Fairness, Schedule, Weekday},
    site::calendar::date_of,
};

/// What narrows it further: share, days, hours, answers.
pub(super) fn limits(fairness: &Fairness) -> Vec<String> {
    let share = (fairness.sample_percent < 100)
        .then(|| format!("to {} % of them", fairness.sample_percent));
    share.into_iter().chain(limits_of_all(fairness)).collect()
}

/// The same where everybody who comes is asked: days, hours, answers.
pub(super) fn limits_of_all(fairness: &Fairness) -> Vec<String> {
    let mut parts = schedule(&fairness.schedule);
    if let Some(limit) = fairness.response_limit {
        let answers = if limit == 1 {
            "answer has"
        } else {
            "answers have"
        };
        parts.push(format!("until {limit} {answers} come"));
    }
    if !fairness.quotas.is_empty() {
        parts.push("until each choice with a quota has its answers".into());
    }
    parts
}

fn schedule(schedule: &Schedule) -> Vec<String> {
    let mut parts = vec![];
    let date = |day: i32| date_of(day).map_or(String::new(), |date| date.to_string());
    if let Some(day) = schedule.from_day {
        parts.push(format!("from {}", date(day)));
    }
    if let Some(day) = schedule.until_day {
        parts.push(format!("to {}", date(day)));
    }
    let days: Vec<&str> = schedule.weekdays.iter().map(|day| day.label()).collect();
    match (schedule.weekdays.as_slice(), days.as_slice()) {
        ([], _) => {}
        ([Weekday::Monday, .., Weekday::Friday], [first, _, _, _, last]) => {
            parts.push(format!("{first} to {last}"));
        }
        _ => parts.push(format!("on {}", join(&days, "and"))),
    }
    if (schedule.from_hour, schedule.until_hour) != (0, 24) {
        let (from, until) = (schedule.from_hour, schedule.until_hour);
        parts.push(format!("between {from}:00 and {until}:00"));
    }
    parts
}
