//! The three ways to begin: a moment and a question that work as they are. Pure.

use super::{
    draft::{GoalChoice, NewChoice, NewDesign, NewMoment, NewQuestion},
    types::{AskAt, Fairness, Look, PromptTemplate, QuestionKind, Target},
};
use crate::{
    goal::types::{Goal, GoalRule, normal_path},
    types::GoalId,
};

/// What a template takes from the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateContext {
    /// The form to ask about.
    pub form: String,
    /// The page with the prices.
    pub pricing_path: String,
    /// The goal that counts as converting.
    pub primary: Option<GoalId>,
}

impl TemplateContext {
    /// The likeliest form and pricing page of what the site has been seen to have.
    pub fn of(goals: &[Goal], seen_forms: &[String], seen_paths: &[String]) -> Self {
        let started = goals.iter().find_map(|goal| match &goal.current.rule {
            GoalRule::FormStarted { form } if goal.is_listed => Some(form),
            _ => None,
        });
        let pricing = seen_paths
            .iter()
            .find(|path| path.contains("pricing") || path.contains("/price"));
        Self {
            form: started
                .or(seen_forms.first())
                .cloned()
                .unwrap_or_else(|| "signup".into()),
            pricing_path: pricing
                .map_or("/pricing", |path| normal_path(path))
                .to_owned(),
            primary: goals
                .iter()
                .find(|goal| goal.is_primary)
                .map(|goal| goal.id),
        }
    }
}

/// The name that a prompt from this template begins with.
pub fn first_name(template: PromptTemplate, context: &TemplateContext) -> String {
    match template {
        PromptTemplate::FormAbandoned => format!("Form {} not finished", context.form),
        PromptTemplate::PricingViewed => "Pricing viewed, not converted".into(),
        PromptTemplate::ExitIntent => "About to leave".into(),
    }
}

/// A design that can be published as it is.
pub fn new_design(template: PromptTemplate, context: &TemplateContext) -> NewDesign {
    NewDesign {
        template,
        moment: moment(template, context),
        target: Target::default(),
        fairness: Fairness::default(),
        questions: vec![question(template)],
        thanks: "Thank you. This helps.".into(),
        endings: vec![],
        lang: "en".into(),
        look: Look::default(),
    }
}

fn moment(template: PromptTemplate, context: &TemplateContext) -> NewMoment {
    let primary = context.primary.map(GoalChoice::Known);
    let form = || context.form.clone();
    let (after, expect, ask_at) = match template {
        PromptTemplate::FormAbandoned => (
            Some(GoalChoice::Rule(GoalRule::FormStarted { form: form() })),
            Some(GoalChoice::Rule(GoalRule::FormCompleted { form: form() })),
            vec![AskAt::Exit, AskAt::LeaveForm, AskAt::Stall, AskAt::NextPage],
        ),
        PromptTemplate::PricingViewed => (
            Some(GoalChoice::Rule(GoalRule::Url {
                path: context.pricing_path.clone(),
            })),
            primary,
            vec![AskAt::Exit, AskAt::NextPage],
        ),
        PromptTemplate::ExitIntent => (None, primary, vec![AskAt::Exit]),
    };
    NewMoment {
        after,
        expect,
        ask_at,
        ..NewMoment::default()
    }
}

/// Label for visitors, and the reason that it stands for.
type Wording = &'static [(&'static str, &'static str)];

const FORM_ABANDONED: Wording = &[
    ("It takes too long", "Too long"),
    (
        "I would rather not give one of the details",
        "Unsure about giving a detail",
    ),
    ("Something did not work", "An error"),
    ("I need someone's approval first", "Need approval"),
    ("The price", "Price"),
    ("I was just looking", "Just looking"),
];

const PRICING_VIEWED: Wording = &[
    ("It is too expensive", "Price"),
    ("The plans are not clear to me", "Unclear plan"),
    ("A feature is missing", "Missing feature"),
    ("I need to compare first", "Comparing"),
    ("I need to ask someone first", "Need approval"),
    ("I am not ready yet", "Not ready"),
];

const EXIT_INTENT: Wording = &[
    ("Yes", "Found what they came for"),
    ("Partly", "Found part of it"),
    ("No", "Did not find it"),
];

fn question(template: PromptTemplate) -> NewQuestion {
    let (title, wording, other, comment_label) = match template {
        PromptTemplate::FormAbandoned => (
            "What stopped you from completing this?",
            FORM_ABANDONED,
            true,
            "Anything to add?",
        ),
        PromptTemplate::PricingViewed => (
            "What is missing for you to decide?",
            PRICING_VIEWED,
            true,
            "Anything to add?",
        ),
        PromptTemplate::ExitIntent => (
            "Did you find what you came for?",
            EXIT_INTENT,
            false,
            "What were you looking for?",
        ),
    };
    NewQuestion {
        kind: QuestionKind::Single,
        title: title.into(),
        choices: (1..)
            .zip(wording)
            .map(|(number, (label, reason))| NewChoice {
                id: format!("c{number}"),
                label: (*label).into(),
                reason: (*reason).into(),
            })
            .collect(),
        other: other.then(|| "Something else".into()),
        other_label: "Something else".into(),
        comment_label: comment_label.into(),
        ..NewQuestion::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> TemplateContext {
        TemplateContext {
            form: "signup".into(),
            pricing_path: "/pricing".into(),
            primary: Some(GoalId::new(1)),
        }
    }

    #[test]
    fn every_template_asks_one_question_with_few_reasons() {
        for template in PromptTemplate::ALL {
            let design = new_design(*template, &context());

            assert!(
                (2..=6).contains(&design.questions[0].choices.len()),
                "{template}"
            );
            assert!(!design.moment.ask_at.is_empty(), "{template}");
            assert!(
                design.moment.expect.is_some(),
                "{template} would ask those who converted"
            );
        }
    }

    #[test]
    fn a_form_is_taken_from_what_was_seen() {
        let seen = TemplateContext::of(
            &[],
            &["contact".into()],
            &["/".into(), "/en/pricing/".into()],
        );

        assert_eq!(
            (seen.form.as_str(), seen.pricing_path.as_str(), seen.primary),
            ("contact", "/en/pricing", None)
        );
    }
}
