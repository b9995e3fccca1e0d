//! Where an owner who opens a question on the live site begins. Pure.

use super::types::Design;
use crate::goal::types::{Goal, GoalRule, matches_pattern};

/// The page on which the question is met soonest: the first it may ask on, else that of its form or first goal, else the home page.
///
/// Patterns are cut before their first `*`.
pub fn start_page(design: &Design, goals: &[Goal], form_paths: &[(String, String)]) -> String {
    let rule_path = || {
        let after = goals
            .iter()
            .find(|goal| Some(goal.id) == design.moment.after)?;
        match &after.current.rule {
            GoalRule::Url { path } => Some(path),
            rule => {
                let form = rule.form()?;
                let (_, path) = form_paths
                    .iter()
                    .find(|(seen, _)| matches_pattern(form, seen))?;
                Some(path)
            }
        }
    };
    let hints = design.target.hints();
    let pattern = match hints.first() {
        Some(hint) if hint != "*" => hint,
        _ => rule_path().map_or("/", String::as_str),
    };
    let page = pattern.split('*').next().unwrap_or_default();
    if page.starts_with('/') {
        page.into()
    } else {
        "/".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        goal::types::{GoalRole, GoalStage, GoalVersion},
        prompt::types::{AddressRule, PromptTemplate},
        types::GoalId,
    };

    fn goal(rule: GoalRule) -> Goal {
        let id = GoalId::new(1);
        Goal {
            id,
            name: rule.describe(),
            role: GoalRole::Engagement,
            stage: GoalStage::Intent.into(),
            is_listed: false,
            funnel_position: None,
            is_primary: false,
            is_key: false,
            serves: None,
            current: GoalVersion {
                bit: 0,
                goal_id: id,
                rule,
                value_minor: None,
                worth_since: 0,
                since_at: 0,
                until_at: None,
            },
        }
    }

    fn design(after: GoalId) -> Design {
        let mut design = Design::plain(PromptTemplate::FormAbandoned);
        design.moment.after = Some(after);
        design
    }

    #[test]
    fn it_is_a_page_on_which_the_prompt_may_ask() {
        let started = goal(GoalRule::FormStarted {
            form: "signup".into(),
        });
        let page = |pages: &[&str]| {
            let mut asked = design(started.id);
            asked.target.addresses = pages
                .iter()
                .map(|page| AddressRule::pattern(page))
                .collect();
            let seen = [("signup".to_owned(), "/join".to_owned())];
            start_page(&asked, std::slice::from_ref(&started), &seen)
        };

        assert_eq!(page(&["/pricing*", "/"]), "/pricing");
        assert_eq!(page(&["*/thanks"]), "/");
        assert_eq!(page(&[]), "/join");
    }
}
