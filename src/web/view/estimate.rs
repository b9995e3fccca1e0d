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
        imported,
        ..
    } = estimate.clone();
    let days = days_long(estimate.from, estimate.to, estimate.to);
    if visits == 0 && imported > 0 {
        let visits = number::counted(imported, "visit", "visits");
        return format!(
            "Not known how often ({days}): {}, and imports do not tell of such a moment.",
            match imported {
                1 => format!("the only {visits} was imported"),
                _ => format!("all {visits} were imported"),
            }
        );
    }
    if visits == 0 {
        return "No stored behaviour to tell from yet: the last seven full days had no visit."
            .into();
    }
    let visits = number::counted(visits, "visit", "visits");
    if estimate.is_of_whole_visit {
        return format!(
            "Not known how often ({days}, {visits}): for scrolling, staying, viewing again or coming back, stored visits are not gone through here."
        );
    }
    let cannot = cannot_tell(&estimate.untold);
    if fired == 0 && !cannot.is_empty() {
        return format!("Not known how often ({days}, {visits}).{cannot}");
    }
    if fired == 0 {
        let why = if reached == 0 {
            "none came as far as it asks for"
        } else {
            "the moment came in none of them"
        };
        return format!(
            "Would not have fired last week ({days}): of {visits}, {why}.{}",
            left_out(imported)
        );
    }
    let times = number::counted(fired, "time", "times");
    let mut text = format!("Would have fired about {times} last week ({days}, {visits}).");
    if taken > 0 {
        let taken = number::count(taken);
        text.push_str(&format!(
            " In {taken} of these the visit had had its questions, or had closed one."
        ));
    }
    text.push_str(&before(design));
    text.push_str(&cannot);
    text.push_str(&left_out(imported));
    if estimate.is_scaled {
        text.push_str(" Told from the newest visits.");
    }
    let target = &design.target;
    if !target.sources.is_empty()
        || target.goals().next().is_some()
        || !target.properties.is_empty()
    {
        text.push_str(" Where they came from, goals they reached and what the page says of them are not looked at here: it is at most that often.");
    }
    if leaves_speed_open(design) {
        text.push_str(" Slow moves to leave are among them: how fast they were is not stored.");
    }
    text
}

/// Visits that cannot tell of the moment.
fn left_out(imported: i64) -> String {
    match imported {
        0 => String::new(),
        1 => " 1 imported visit is left out: imports do not tell of such a moment.".into(),
        n => format!(
            " {} imported visits are left out: imports do not tell of such a moment.",
            number::count(n)
        ),
    }
}

/// What is not taken off.
fn before(design: &NewDesign) -> String {
    let fairness = &design.fairness;
    let sample = (fairness.sample_percent < 100)
        .then(|| format!("only {} % of visitors are asked", fairness.sample_percent));
    let held_out = (fairness.held_out_percent > 0).then(|| {
        let percent = fairness.held_out_percent;
        format!("{percent} % are left unasked for comparison")
    });
    let is_limited = fairness.response_limit.is_some() || !fairness.quotas.is_empty();
    let limit = is_limited.then(|| "its limits end it".to_owned());
    let parts: Vec<String> = sample.into_iter().chain(held_out).chain(limit).collect();
    if parts.is_empty() {
        return " Known visitors who were asked before are among them.".into();
    }
    format!(
        " That is before {}, and known visitors who were asked before are among them.",
        parts.join(" and ")
    )
}

/// Of which moments the journal does not tell.
fn cannot_tell(untold: &[AskAt]) -> String {
    let labels: Vec<String> = untold
        .iter()
        .map(|ask_at| format!("“{}”", ask_at.label()))
        .collect();
    if labels.is_empty() {
        return String::new();
    }
    format!(" Stored behaviour does not tell of {}.", labels.join(", "))
}

/// The journal keeps that somebody moved to leave, not how fast.
fn leaves_speed_open(design: &NewDesign) -> bool {
    let moment = &design.moment;
    moment.ask_at.contains(&AskAt::Exit) && moment.sensitivity != Sensitivity::High
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::{
        templates::{TemplateContext, new_design},
        types::PromptTemplate,
    };

    fn said(template: PromptTemplate, fired: i64, change: impl Fn(&mut NewDesign)) -> String {
        let context = TemplateContext::of(&[], &[], &[]);
        let mut design = new_design(template, &context);
        change(&mut design);
        let told_of = |ask_at: &AskAt| *ask_at != AskAt::NoResults;
        let untold = design.moment.ask_at.iter().copied();
        let estimate = Estimate {
            from: jiff::civil::date(2026, 3, 1),
            to: jiff::civil::date(2026, 3, 7),
            visits: 500,
            imported: 0,
            reached: 400,
            fired,
            taken: 3,
            is_scaled: false,
            untold: untold.filter(|ask_at| !told_of(ask_at)).collect(),
            is_of_whole_visit: false,
        };
        told(&estimate, &design).replace('\u{a0}', " ")
    }

    #[test]
    fn what_is_not_taken_off_is_said() {
        let usual = said(PromptTemplate::ExitIntent, 40, |_| {});
        assert!(
            usual.contains("In 3 of these the visit had had its questions"),
            "{usual}"
        );
        assert!(
            usual.contains("Known visitors who were asked before are among them."),
            "{usual}"
        );

        let limited = said(PromptTemplate::ExitIntent, 40, |design| {
            design.fairness.held_out_percent = 10;
            design.fairness.sample_percent = 25;
            design.fairness.response_limit = Some(50);
        });
        let words = "That is before only 25 % of visitors are asked and 10 % are left unasked for comparison and its limits end it";
        assert!(limited.contains(words), "{limited}");
    }

    #[test]
    fn goals_of_a_whole_visit_are_not_said_to_be_rare() {
        let estimate = Estimate {
            from: jiff::civil::date(2026, 3, 1),
            to: jiff::civil::date(2026, 3, 7),
            visits: 500,
            imported: 0,
            reached: 0,
            fired: 0,
            taken: 0,
            is_scaled: false,
            untold: vec![],
            is_of_whole_visit: true,
        };
        let context = TemplateContext::of(&[], &[], &[]);
        let words = told(&estimate, &new_design(PromptTemplate::ExitIntent, &context));

        assert!(words.starts_with("Not known how often"), "{words}");
    }

    #[test]
    fn moments_of_which_nothing_is_stored_are_not_said_to_be_rare() {
        let untold = said(PromptTemplate::SearchEmpty, 0, |_| {});

        assert!(untold.starts_with("Not known how often"), "{untold}");
        assert!(
            untold.contains("does not tell of “When a search finds nothing”"),
            "{untold}"
        );
    }
}
