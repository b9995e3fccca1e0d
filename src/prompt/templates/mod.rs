//! Ways to begin: a moment and a question that work as they are. Pure.

mod bank;

pub use bank::Group;

use self::bank::{After, BANK, Entry, Expect};
use super::{
    draft::{GoalChoice, NewChoice, NewDesign, NewMoment, NewQuestion},
    types::{
        AddressRule, Details, Fairness, Jump, JumpWhen, Look, OtherWords, PromptTemplate,
        QuestionKind, ScaleLook, Target,
    },
};
use crate::{
    goal::types::{Goal, GoalRule, normal_path},
    types::GoalId,
};

/// What pages commonly show when a search finds nothing; the owner may name their own.
const NO_RESULTS: &str = ".no-results, .no-result, .search-no-results, .search-empty";

/// What a template takes from the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateContext {
    /// The form to ask about.
    pub form: String,
    /// The page with the prices.
    pub pricing_path: String,
    /// The goal that counts as converting.
    pub primary: Option<GoalId>,
    /// Pages that the site has been seen to have.
    pub seen_paths: Vec<String>,
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
            seen_paths: seen_paths.to_vec(),
        }
    }

    /// Pages of a kind: those below the first folder that was seen and is called like one of the words; a usual pattern when none was.
    fn pages(&self, words: &[&str], usual: &str) -> String {
        let folders = self.seen_paths.iter().filter_map(|path| {
            let path = normal_path(path);
            let end = words.iter().find_map(|word| {
                let at = path.split('/').position(|part| part == *word)?;
                let parts: Vec<&str> = path.split('/').take(at + 1).collect();
                Some(parts.join("/").len())
            })?;
            path.get(..end)
        });
        let shortest = folders.min_by_key(|folder| folder.len());
        shortest.map_or_else(|| usual.to_owned(), |folder| format!("{folder}*"))
    }
}

/// The part of a funnel that a question is to be about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Between<'a> {
    /// The step that they took; `None` for everybody.
    pub after: Option<&'a Goal>,
    /// The step that they did not take.
    pub not: Option<&'a Goal>,
}

impl Between<'_> {
    /// The situation that fits; `None` when nothing was chosen.
    pub fn template(&self) -> Option<PromptTemplate> {
        self.not.or(self.after)?;
        Some(match self.after.map(|goal| &goal.current.rule) {
            Some(GoalRule::FormStarted { .. }) => PromptTemplate::FormAbandoned,
            _ => PromptTemplate::ExitIntent,
        })
    }

    /// The form of the step, else that of the site.
    pub fn about(&self, context: TemplateContext) -> TemplateContext {
        match self.after.map(|goal| &goal.current.rule) {
            Some(GoalRule::FormStarted { form }) => TemplateContext {
                form: form.clone(),
                ..context
            },
            _ => context,
        }
    }

    /// Lets the question ask between these steps, where it asks those who did not do something and is about no other step.
    pub fn narrow(&self, design: &mut NewDesign) {
        let is_of_another_step = match (&design.moment.after, self.after) {
            _ if Some(design.template) == self.template() => false,
            (None, _) => false,
            (Some(GoalChoice::Rule(rule)), Some(after)) => *rule != after.current.rule,
            (Some(GoalChoice::Known(id)), Some(after)) => *id != after.id,
            (Some(_), None) => true,
        };
        let Some(not) = self
            .not
            .filter(|_| design.moment.expect.is_some() && !is_of_another_step)
        else {
            return;
        };
        design.moment.after = self.after.map(|goal| GoalChoice::Known(goal.id));
        design.moment.expect = Some(GoalChoice::Known(not.id));
    }
}

/// What the page that offers templates says about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Where it belongs.
    pub group: Group,
    /// What it is good for.
    pub why: &'static str,
}

fn entry(template: PromptTemplate) -> &'static Entry {
    BANK.iter()
        .find(|entry| entry.template == template)
        .expect("a test holds every template against the bank")
}

/// Where the template belongs, and what it is good for.
pub fn about(template: PromptTemplate) -> About {
    let Entry { group, why, .. } = entry(template);
    About { group: *group, why }
}

/// The name that a prompt from this template begins with.
pub fn first_name(template: PromptTemplate, context: &TemplateContext) -> String {
    match template {
        PromptTemplate::FormAbandoned => format!("Form {} not finished", context.form),
        other => other.label().into(),
    }
}

/// A design that can be published as it is.
pub fn new_design(template: PromptTemplate, context: &TemplateContext) -> NewDesign {
    let entry = entry(template);
    let pages = entry.pages.iter();
    NewDesign {
        template,
        moment: moment(entry, context),
        target: Target {
            addresses: pages
                .map(|(words, usual)| AddressRule::pattern(&context.pages(words, usual)))
                .collect(),
            visitor: entry.visitor,
            ..Target::default()
        },
        fairness: Fairness::default(),
        questions: questions(entry),
        endings: vec![],
        fields: vec![],
        thanks: "Thank you. This helps.".into(),
        lang: "en".into(),
        other_words: OtherWords::default(),
        look: Look::default(),
    }
}

fn moment(entry: &Entry, context: &TemplateContext) -> NewMoment {
    let form = || context.form.clone();
    let completed = || GoalChoice::Rule(GoalRule::completed(form()));
    let url = |path: String| GoalChoice::Rule(GoalRule::Url { path });
    let primary = context.primary.map(GoalChoice::Known);
    let after = match entry.after {
        After::Anything => None,
        After::FormStarted => Some(GoalChoice::Rule(GoalRule::FormStarted { form: form() })),
        After::Pricing => Some(url(context.pricing_path.clone())),
        After::Page(words, usual) => Some(url(context.pages(words, usual))),
        After::Event(name) => Some(GoalChoice::Rule(GoalRule::event(name))),
        After::Converted => Some(primary.clone().unwrap_or_else(completed)),
    };
    NewMoment {
        after,
        expect: match entry.expect {
            Expect::Nothing => None,
            Expect::FormCompleted => Some(completed()),
            Expect::Converted => primary,
        },
        ask_at: entry.ask_at.to_vec(),
        details: Details {
            no_results: NO_RESULTS.into(),
            ..Details::default()
        },
        ..NewMoment::default()
    }
}

fn questions(entry: &Entry) -> Vec<NewQuestion> {
    let mut first = NewQuestion {
        kind: entry.kind,
        title: entry.title.into(),
        ..NewQuestion::default()
    };
    let comment = String::from(entry.comment);
    if entry.kind.is_scale() {
        return scale(first, entry, comment);
    }
    if entry.kind == QuestionKind::Text {
        first.help = comment;
        return vec![first];
    }
    first.choices = (1..)
        .zip(entry.choices)
        .map(|(number, (label, reason))| NewChoice {
            id: format!("c{number}"),
            label: (*label).into(),
            reason: (*reason).into(),
        })
        .collect();
    if entry.has_other {
        first.other = Some("Something else".into());
        first.other_label = "Something else".into();
    }
    first.comment_label = comment;
    vec![first]
}

/// A scale and what is asked after it; whoever gave a thumb up has nothing to explain.
fn scale(mut first: NewQuestion, entry: &Entry, comment: String) -> Vec<NewQuestion> {
    first.is_required = true;
    (first.low_label, first.high_label) = (entry.ends.0.into(), entry.ends.1.into());
    if entry.kind == QuestionKind::Rating {
        (first.look, first.top) = (ScaleLook::Thumbs, 2);
        first.jumps = vec![Jump {
            when: JumpWhen::AtLeast,
            value: "2".into(),
            to: String::new(),
        }];
    }
    let then = NewQuestion {
        id: "q2".into(),
        title: comment,
        ..NewQuestion::default()
    };
    vec![first, then]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::prompt::types::{AskAt, VisitorRule};

    fn context() -> TemplateContext {
        TemplateContext {
            form: "signup".into(),
            pricing_path: "/pricing".into(),
            primary: Some(GoalId::new(1)),
            seen_paths: vec!["/".into(), "/en/docs/start".into(), "/basketball".into()],
        }
    }

    #[test]
    fn every_template_stands_in_the_bank_once_and_in_the_order_of_the_screen() {
        let bank: Vec<PromptTemplate> = BANK.iter().map(|entry| entry.template).collect();

        assert_eq!(bank, PromptTemplate::ALL);
        assert!(bank.len() >= 16);
        for group in Group::ALL {
            assert!(BANK.iter().any(|entry| entry.group == *group), "{group}");
        }
    }

    #[test]
    fn every_template_asks_one_short_question_and_a_scale_asks_why() {
        for template in PromptTemplate::ALL {
            let design = new_design(*template, &context());
            let question = &design.questions[0];

            let choices = question.choices.len();
            let is_scale = question.kind.is_scale();
            if question.kind.has_choices() {
                assert!((2..=6).contains(&choices), "{template}");
                assert!(!question.comment_label.is_empty(), "{template}");
            } else {
                assert_eq!(choices, 0, "{template}");
            }
            let kinds: Vec<_> = design.questions.iter().map(|asked| asked.kind).collect();
            assert_eq!(
                kinds.get(1),
                is_scale.then_some(&QuestionKind::Text),
                "{template}"
            );
            assert!(question.title.chars().count() <= 60, "{template}");
            let labels: BTreeSet<&str> = question
                .choices
                .iter()
                .map(|choice| choice.label.as_str())
                .collect();
            assert_eq!(labels.len(), choices, "{template}");
            assert!(!design.moment.ask_at.is_empty(), "{template}");
            assert!(!about(*template).why.is_empty(), "{template}");
        }
    }

    #[test]
    fn a_template_asks_as_its_name_says() {
        use AskAt::*;
        use QuestionKind::{Ces, Csat, Nps, Rating, Single, Text};
        for (template, kind, ask_at) in [
            (PromptTemplate::Nps, Nps, &[NextPage][..]),
            (PromptTemplate::Csat, Csat, &[Exit]),
            (PromptTemplate::Ces, Ces, &[NextPage, Reached]),
            (PromptTemplate::PageHelpful, Rating, &[Exit, EndOfContent]),
            (PromptTemplate::SearchEmpty, Text, &[NoResults]),
            (PromptTemplate::NotFound, Single, &[NotFound]),
            (PromptTemplate::WidgetClosed, Text, &[WidgetClosed]),
            (PromptTemplate::DemoWatched, Single, &[NextPage, Reached]),
            (PromptTemplate::PlanCancelled, Single, &[NextPage, Reached]),
            (PromptTemplate::ReturningVisitor, Single, &[Dwell]),
            (PromptTemplate::FormError, Single, &[FieldError]),
        ] {
            let design = new_design(template, &context());
            let asked: BTreeSet<_> = design
                .moment
                .ask_at
                .iter()
                .map(ToString::to_string)
                .collect();
            let wanted: BTreeSet<_> = ask_at.iter().map(ToString::to_string).collect();
            assert_eq!(
                (design.questions[0].kind, asked),
                (kind, wanted),
                "{template}"
            );
        }
        let returning = new_design(PromptTemplate::ReturningVisitor, &context());
        assert_eq!(returning.target.visitor, VisitorRule::Returning);
        let helpful = &new_design(PromptTemplate::PageHelpful, &context()).questions[0];
        assert_eq!(helpful.look, ScaleLook::Thumbs);
    }

    #[test]
    fn who_converted_is_asked_only_where_that_is_meant() {
        for entry in BANK {
            let design = new_design(entry.template, &context());
            if entry.expect != Expect::Nothing {
                assert!(design.moment.expect.is_some(), "{}", entry.template);
            }
            let moment = &design.moment;
            let is_possible = moment.after.is_none() || moment.after != moment.expect;
            assert!(is_possible, "{}", entry.template);
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

    #[test]
    fn pages_are_those_that_the_site_has() {
        let context = context();

        assert_eq!(context.pages(&["help", "docs"], "/help*"), "/en/docs*");
        assert_eq!(context.pages(&["basket"], "/cart"), "/cart");
    }
}
