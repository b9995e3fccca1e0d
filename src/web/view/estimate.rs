//! How an estimate is said.

use super::{number, when::days_long};
use crate::{
    prompt::{
        draft::NewDesign,
        types::{AskAt, Sensitivity},
    },
    report::estimate::Estimate,
};

/// One or two sentences: how often it would have fired, and what that leaves out.
pub fn told(estimate: &Estimate, design: &NewDesign) -> String {
    let Estimate {
        visits,
        reached,
        fired,
        taken,
        ..
    } = *estimate;
    if visits == 0 {
        return "No stored behaviour to tell from yet: the last seven full days had no visit."
            .into();
    }
    let days = days_long(estimate.from, estimate.to, estimate.to);
    let visits = number::counted(visits, "visit", "visits");
    if fired == 0 {
        let why = if reached == 0 {
            "none came as far as it asks for"
        } else {
            "the moment came in none of them"
        };
        return format!("Would not have fired last week ({days}): of {visits}, {why}.");
    }
    let times = number::counted(fired, "time", "times");
    let mut text = format!("Would have fired about {times} last week ({days}, {visits}).");
    if taken > 0 {
        let taken = number::count(taken);
        text.push_str(&format!(
            " In {taken} of these another question came first."
        ));
    }
    if estimate.is_scaled {
        text.push_str(" Told from the newest visits.");
    }
    let target = &design.target;
    if !target.sources.is_empty() || !target.reached.is_empty() || !target.properties.is_empty() {
        text.push_str(" Where they came from, goals they reached and what the page says of them are not looked at here: it is at most that often.");
    }
    if leaves_speed_open(design) {
        text.push_str(" Slow moves to leave are among them: how fast they were is not stored.");
    }
    text
}

/// The journal keeps that somebody moved to leave, not how fast.
fn leaves_speed_open(design: &NewDesign) -> bool {
    let moment = &design.moment;
    moment.ask_at.contains(&AskAt::Exit) && moment.sensitivity != Sensitivity::High
}
