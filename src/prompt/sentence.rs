//! The plain sentence that says who is asked, when and where. Pure.

use super::types::{AskAt, Design, Moment};
use crate::{
    clock::MINUTE,
    goal::types::{Goal, GoalRule},
    types::GoalId,
};

/// Who sees the question and when, in one or two sentences.
pub fn sentence(design: &Design, goals: &[Goal]) -> String {
    let moment = &design.moment;
    let mut text = format!("Asks {}, ", who(moment, goals));
    text.push_str(&join(
        &moment
            .ask_at
            .iter()
            .map(|ask_at| when(*ask_at))
            .collect::<Vec<_>>(),
        "or",
    ));
    if design.pages.is_empty() {
        text.push_str(", on every page");
    } else {
        let pages: Vec<&str> = design.pages.iter().map(String::as_str).collect();
        text.push_str(&format!(", on {}", join(&pages, "and")));
    }
    text.push_str(", at most one question a visit. ");
    text.push_str(&match design.held_out_percent {
        0 => "Nobody is left unasked for comparison.".to_owned(),
        percent => format!("{percent} % of them are left unasked for comparison."),
    });
    text
}

fn who(moment: &Moment, goals: &[Goal]) -> String {
    let goal = |id: GoalId| goals.iter().find(|goal| goal.id == id);
    let mut parts = Vec::new();
    if let Some(after) = moment.after {
        parts.push(format!(
            "{} in the last {} minutes",
            done(goal(after)),
            moment.within_ms / MINUTE
        ));
    }
    if let Some(expect) = moment.expect {
        parts.push(match goal(expect).map(|goal| &goal.current.rule) {
            Some(GoalRule::FormCompleted { form }) if moment.form.as_ref() == Some(form) => {
                "did not finish it".into()
            }
            _ => format!("have not {}", done(goal(expect))),
        });
    }
    parts.extend(
        moment
            .cancel
            .iter()
            .map(|id| format!("have not {}", done(goal(*id)))),
    );
    if parts.is_empty() {
        return "every visitor".into();
    }
    format!(
        "visitors who {}",
        join(&parts.iter().map(String::as_str).collect::<Vec<_>>(), "and")
    )
}

/// What was done, as a participle: it reads the same after "who" and after "have not".
fn done(goal: Option<&Goal>) -> String {
    let Some(goal) = goal else {
        return "reached a goal that is no longer counted".into();
    };
    match &goal.current.rule {
        GoalRule::Url { path } if path == "*" || path == "/*" => "viewed any page".into(),
        GoalRule::Url { path } => format!("viewed {path}"),
        GoalRule::FormStarted { form } if form == "*" => "started any form".into(),
        GoalRule::FormStarted { form } => format!("started the form “{form}”"),
        GoalRule::FormCompleted { form } if form == "*" => "completed any form".into(),
        GoalRule::FormCompleted { form } => format!("completed the form “{form}”"),
        GoalRule::Event { name } if goal.is_listed => format!("reached “{}” ({name})", goal.name),
        GoalRule::Event { name } => format!("reached “{name}”"),
    }
}

fn when(ask_at: AskAt) -> &'static str {
    match ask_at {
        AskAt::Exit => "as they move to leave the page",
        AskAt::LeaveForm => "as they turn away from the form",
        AskAt::Stall => "after a minute without progress in it",
        AskAt::NextPage => "on the next page they open",
    }
}

/// "a, b or c".
fn join(parts: &[&str], word: &str) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        goal::types::{GoalRole, GoalStage, GoalVersion},
        prompt::types::{PromptTemplate, Question, QuestionKind, Sensitivity},
    };

    pub(in crate::prompt) fn goal(at: i64, rule: GoalRule) -> Goal {
        let id = GoalId::new(at);
        Goal {
            id,
            name: rule.describe(),
            role: GoalRole::Engagement,
            stage: GoalStage::Intent,
            is_listed: false,
            funnel_position: None,
            is_primary: false,
            current: GoalVersion {
                bit: 0,
                goal_id: id,
                rule,
                value_minor: None,
                since_at: 0,
                until_at: None,
            },
        }
    }

    pub(in crate::prompt) fn design(
        after: Option<GoalId>,
        expect: Option<GoalId>,
        form: Option<&str>,
    ) -> Design {
        Design {
            template: PromptTemplate::FormAbandoned,
            moment: Moment {
                after,
                expect,
                cancel: vec![],
                ask_at: vec![AskAt::Exit, AskAt::NextPage],
                form: form.map(Into::into),
                min_active_ms: 5_000,
                sensitivity: Sensitivity::Medium,
                within_ms: 10 * MINUTE,
            },
            pages: vec![],
            question: Question {
                id: "q1".into(),
                kind: QuestionKind::Text,
                title: String::new(),
                help: String::new(),
                choices: vec![],
                other: None,
                other_label: String::new(),
                comment_label: String::new(),
            },
            thanks: String::new(),
            lang: "en".into(),
            held_out_percent: 0,
            place: crate::prompt::types::Place::BottomRight,
        }
    }

    #[test]
    fn says_who_when_and_where() {
        let started = goal(
            1,
            GoalRule::FormStarted {
                form: "signup".into(),
            },
        );
        let completed = goal(
            2,
            GoalRule::FormCompleted {
                form: "signup".into(),
            },
        );
        let mut asked = design(Some(started.id), Some(completed.id), Some("signup"));
        asked.held_out_percent = 10;
        asked.pages = vec!["/signup".into(), "/".into()];

        assert_eq!(
            sentence(&asked, &[started, completed]),
            "Asks visitors who started the form “signup” in the last 10 minutes and did not finish it, \
             as they move to leave the page or on the next page they open, on /signup and /, \
             at most one question a visit. 10 % of them are left unasked for comparison."
        );
    }

    #[test]
    fn a_question_without_conditions_is_for_everyone() {
        assert_eq!(
            sentence(&design(None, None, None), &[]),
            "Asks every visitor, as they move to leave the page or on the next page they open, on every page, \
             at most one question a visit. Nobody is left unasked for comparison."
        );
    }
}
