//! How often a goal would have been reached lately, in words.

use super::{number, when::When};
use crate::{
    goal::types::GoalRule,
    report::lately::{DAYS, Fired, Lately},
    stats::Rate,
};

/// What was recorded about a rule, and what is not recorded yet.
pub fn sentence(lately: &Lately, rule: &GoalRule, fired: Fired, when: &When) -> String {
    let counted = counted(lately, rule, fired, when);
    match rule {
        GoalRule::FormCompleted { selector, .. } if !selector.is_empty() => {
            format!("{counted} {selector} is looked for once you save, not before.")
        }
        _ => counted,
    }
}

fn counted(lately: &Lately, rule: &GoalRule, fired: Fired, when: &When) -> String {
    if rule.is_told_from_saving_on() && fired.times == 0 {
        return match rule {
            GoalRule::Search => "Searches are recorded once you save; there is nothing to count yet.",
            GoalRule::Video { .. } => {
                "What is played is recorded once you save; there is nothing to count yet."
            }
            _ => "Clicks on an element found by a selector are recorded once you save; there is nothing to count yet.",
        }
        .into();
    }
    let span = match lately.only_since {
        Some(since) => format!("since {}", when.moment(since)),
        None => format!("in the last {DAYS} days"),
    };
    if lately.visits == 0 {
        return format!("There were no visits {span}.");
    }
    let visits = Rate::new(fired.visits, lately.visits);
    match fired.times {
        0 => format!(
            "Did not happen {span}, in {}.",
            number::counted(lately.visits, "visit", "visits")
        ),
        times => format!(
            "Happened {} {span}, in {}.",
            number::counted(times, "time", "times"),
            match lately.visits {
                1 => "the only visit".into(),
                _ => format!("{} visits", number::of(visits)),
            }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_the_span_that_was_read() {
        let rule = GoalRule::event("paid");
        let when = When::new("UTC", 0);
        let mut lately = Lately::default();
        lately.visits = 1_204;
        let fired = Fired {
            times: 132,
            visits: 98,
        };

        assert_eq!(
            sentence(&lately, &rule, fired, &when),
            "Happened 132\u{a0}times in the last 7 days, in 98 of 1,204 visits."
        );
        lately.visits = 1;
        let once = Fired {
            times: 1,
            visits: 1,
        };
        assert_eq!(
            sentence(&lately, &rule, once, &when),
            "Happened 1\u{a0}time in the last 7 days, in the only visit."
        );
        lately.visits = 1_204;
        lately.only_since = Some(0);
        assert_eq!(
            sentence(&lately, &rule, Fired::default(), &when),
            "Did not happen since today, 00:00, in 1,204\u{a0}visits."
        );
    }
}
