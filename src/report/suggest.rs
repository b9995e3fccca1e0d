//! Goals that a site could have, from what its visitors do. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    goal::types::{Goal, GoalRule, Subject},
    stats::Rate,
};

/// Suggestions at once: as many as are read.
const MOST: usize = 6;
/// Suggestions of one kind, so that pages do not crowd out the rest.
const MOST_OF_A_KIND: usize = 2;
/// Visits at least: what fewer did is chance.
const LEAST_VISITS: i64 = 5;
/// Least share of the visits.
const LEAST_SHARE: f64 = 0.01;
/// What nearly every visit views tells nothing about it.
const MOST_SHARE: f64 = 0.8;

/// A goal that the site could have.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What would have to happen.
    pub rule: GoalRule,
    /// Visits in which it did, of all.
    pub visits: Rate,
}

/// The most frequent things that no goal counts, of each kind, the most frequent first.
pub fn suggest(
    seen: &BTreeMap<GoalRule, i64>,
    visits: i64,
    goals: &[Goal],
    dismissed: &BTreeSet<GoalRule>,
) -> Vec<Suggestion> {
    let mut found: Vec<Suggestion> = seen
        .iter()
        .map(|(rule, n)| Suggestion {
            rule: rule.clone(),
            visits: Rate::new(*n, visits),
        })
        .filter(|found| is_worth(found) && !dismissed.contains(&found.rule))
        .filter(|found| !goals.iter().any(|goal| covers(goal, &found.rule)))
        .filter(|found| !is_known_page(&found.rule, seen))
        .collect();
    // The rule decides between equals, so that the list stands still.
    found.sort_by(|a, b| (b.visits.k, &a.rule).cmp(&(a.visits.k, &b.rule)));
    let mut of_a_kind = BTreeMap::new();
    found.retain(|found| {
        let n = of_a_kind.entry(kind(&found.rule)).or_insert(0);
        *n += 1;
        *n <= MOST_OF_A_KIND
    });
    found.truncate(MOST);
    found
}

fn is_worth(found: &Suggestion) -> bool {
    let share = found.visits.share().unwrap_or_default();
    let is_page = matches!(found.rule, GoalRule::Url { .. });
    found.visits.k >= LEAST_VISITS && share >= LEAST_SHARE && !(is_page && share > MOST_SHARE)
}

/// Whether the goal is reached by just this.
pub fn covers(goal: &Goal, rule: &GoalRule) -> bool {
    let is_met = |subject| goal.current.rule.is_met_by(subject);
    goal.is_listed && subject(rule).is_some_and(is_met)
}

/// The event that a rule without `*` was made of.
fn subject(rule: &GoalRule) -> Option<Subject<'_>> {
    Some(match rule {
        GoalRule::Url { path } => Subject::Page(path),
        GoalRule::Event { name, .. } => Subject::Event { name, props: None },
        GoalRule::FormStarted { form } => Subject::FormStarted(form),
        GoalRule::FormCompleted { form, .. } => Subject::FormCompleted(form),
        GoalRule::Click {
            label,
            href,
            selector,
        } => Subject::Click {
            label,
            href,
            selector,
        },
        _ => return None,
    })
}

/// A click in the menu says no more than the page that follows: “Pricing” leads to /pricing. “Start free trial” says something of its own.
fn is_known_page(rule: &GoalRule, seen: &BTreeMap<GoalRule, i64>) -> bool {
    let GoalRule::Click { label, href, .. } = rule else {
        return false;
    };
    let page = GoalRule::Url { path: href.clone() };
    let slug = label.to_lowercase().replace(' ', "-");
    seen.contains_key(&page) && href.to_lowercase().contains(&slug)
}

fn kind(rule: &GoalRule) -> u8 {
    match rule {
        GoalRule::Url { .. } => 0,
        GoalRule::Click { .. } => 1,
        GoalRule::Event { .. } => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str) -> GoalRule {
        GoalRule::Url { path: path.into() }
    }

    fn click(label: &str, href: &str) -> GoalRule {
        GoalRule::Click {
            label: label.into(),
            href: href.into(),
            selector: String::new(),
        }
    }

    fn suggested(seen: &[(GoalRule, i64)], dismissed: &[GoalRule]) -> Vec<GoalRule> {
        let seen = seen.iter().cloned().collect();
        let dismissed = dismissed.iter().cloned().collect();
        let found = suggest(&seen, 100, &[], &dismissed);
        found.into_iter().map(|found| found.rule).collect()
    }

    #[test]
    fn what_is_frequent_comes_first_and_no_kind_crowds_out_another() {
        let seen = [
            (page("/a"), 60),
            (page("/b"), 50),
            (page("/c"), 40),
            (click("Start free trial", "/signup"), 7),
            (page("/rare"), 4),
        ];

        assert_eq!(
            suggested(&seen, &[]),
            [page("/a"), page("/b"), click("Start free trial", "/signup")]
        );
        assert_eq!(
            suggested(&seen, &[page("/a")])[..2],
            [page("/b"), page("/c")]
        );
    }

    #[test]
    fn what_nearly_everybody_sees_and_what_a_page_says_already_is_left_out() {
        let seen = [
            (page("/"), 95),
            (page("/pricing"), 30),
            (click("Pricing", "/pricing"), 25),
            (click("See what it costs", "/pricing"), 20),
        ];

        assert_eq!(
            suggested(&seen, &[]),
            [page("/pricing"), click("See what it costs", "/pricing")]
        );
    }
}
