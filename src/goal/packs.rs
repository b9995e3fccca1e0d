//! Starter packs: the goals that sites of a kind usually have, with rules guessed from what was seen. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    form::{RuleKind, parse_rule, split_rule},
    types::{Goal, GoalRole, GoalRule, GoalStage, NewGoal},
};
use crate::{error::FieldErrors, text_enum};

text_enum!(
    /// What a site is for.
    Pack {
        /// It sells.
        Shop = "shop", "Online shop";
        /// People sign up to use it.
        Saas = "saas", "Software";
        /// People get in touch.
        Leads = "leads", "Enquiries";
        /// People read and come back.
        Content = "content", "Content";
    }
);

/// A goal of a pack: what it is called, where it stands, and how to find its rule.
#[derive(Clone, Copy, Debug)]
pub struct PackGoal {
    /// Its name.
    pub name: &'static str,
    /// What reaching it means.
    pub role: GoalRole,
    /// Where on the way it stands.
    pub stage: GoalStage,
    /// Kinds of rule with words that a path, form, event or label of it has; the first that was seen is taken.
    hints: &'static [(RuleKind, &'static [&'static str])],
    /// What is proposed when nothing like it was seen.
    usual: (RuleKind, &'static str),
}

use GoalRole::{Engagement, Macro, Milestone};
use GoalStage::{Awareness, Consideration, Decision, Intent};
use RuleKind::{Click, Event, FormCompleted, FormStarted, Url};

const fn goal(
    name: &'static str,
    role: GoalRole,
    stage: GoalStage,
    hints: &'static [(RuleKind, &'static [&'static str])],
    usual: (RuleKind, &'static str),
) -> PackGoal {
    PackGoal {
        name,
        role,
        stage,
        hints,
        usual,
    }
}

const THANKS: &[&str] = &[
    "thank-you",
    "thanks",
    "thankyou",
    "danke",
    "success",
    "confirmation",
];
const SIGN_UP: &[&str] = &["signup", "sign-up", "sign_up", "register", "trial", "join"];
const ENQUIRY: &[&str] = &[
    "contact", "enquiry", "inquiry", "quote", "request", "kontakt",
];
const NEWSLETTER: &[&str] = &["newsletter", "subscribe", "subscription"];

#[rustfmt::skip]
const SHOP: &[PackGoal] = &[
    goal("Viewed a product", Milestone, Consideration, &[(Url, &["product", "products", "item", "shop", "p"])], (Url, "/products/*")),
    goal("Added to the cart", Engagement, Intent, &[(Event, &["add_to_cart"]), (Click, &["add to cart", "add to basket", "in den warenkorb"])], (Click, "Add to cart*")),
    goal("Viewed the cart", Milestone, Intent, &[(Url, &["cart", "basket", "bag", "warenkorb"]), (Event, &["view_cart"])], (Url, "/cart")),
    goal("Started the checkout", Milestone, Intent, &[(Url, &["checkout", "kasse"]), (Event, &["begin_checkout"])], (Url, "/checkout*")),
    goal("Ordered", Macro, Decision, &[(Event, &["purchase", "order_completed"]), (Url, THANKS), (FormCompleted, &["checkout", "order"])], (Url, "*/thank-you*")),
];
#[rustfmt::skip]
const SAAS: &[PackGoal] = &[
    goal("Looked at the product", Engagement, Awareness, &[(Url, &["features", "product", "tour", "demo"])], (Url, "/features*")),
    goal("Viewed the prices", Milestone, Consideration, &[(Url, &["pricing", "prices", "plans"])], (Url, "/pricing")),
    goal("Started to sign up", Milestone, Intent, &[(FormStarted, SIGN_UP), (Url, SIGN_UP)], (FormStarted, "signup")),
    goal("Signed up", Macro, Decision, &[(Event, &["signed_up", "sign_up", "signup"]), (FormCompleted, SIGN_UP), (Url, &["welcome", "onboarding"])], (FormCompleted, "signup")),
];
#[rustfmt::skip]
const LEADS: &[PackGoal] = &[
    goal("Looked at an offer", Milestone, Consideration, &[(Url, &["services", "solutions", "offers", "leistungen", "products"])], (Url, "/services*")),
    goal("Downloaded something", Engagement, Consideration, &[(Event, &["download", "file_download"]), (Click, &["download"])], (Click, "Download*")),
    goal("Viewed the contact page", Milestone, Intent, &[(Url, ENQUIRY)], (Url, "/contact")),
    goal("Started an enquiry", Milestone, Intent, &[(FormStarted, ENQUIRY)], (FormStarted, "contact")),
    goal("Sent an enquiry", Macro, Decision, &[(Event, &["generate_lead", "lead"]), (FormCompleted, ENQUIRY), (Url, THANKS)], (FormCompleted, "contact")),
];
#[rustfmt::skip]
const CONTENT: &[PackGoal] = &[
    goal("Read an article", Milestone, Awareness, &[(Url, &["blog", "articles", "article", "news", "posts", "guides"])], (Url, "/blog/*")),
    goal("Learned who writes", Engagement, Consideration, &[(Url, &["about", "about-us", "team", "authors"])], (Url, "/about")),
    goal("Began to subscribe", Milestone, Intent, &[(FormStarted, NEWSLETTER), (Url, NEWSLETTER)], (FormStarted, "newsletter")),
    goal("Subscribed", Macro, Decision, &[(Event, &["subscribed", "newsletter_signup"]), (FormCompleted, NEWSLETTER)], (FormCompleted, "newsletter")),
];

impl Pack {
    /// Its goals in the order of the funnel.
    pub fn goals(self) -> &'static [PackGoal] {
        match self {
            Self::Shop => SHOP,
            Self::Saas => SAAS,
            Self::Leads => LEADS,
            Self::Content => CONTENT,
        }
    }

    /// Each goal of the pack as the form offers it: ticked when something like it was seen and is not counted yet.
    pub fn offer(self, seen: &BTreeMap<GoalRule, i64>, goals: &[Goal]) -> Vec<PackRow> {
        let goals_of = |rule: &GoalRule| {
            goals
                .iter()
                .any(|goal| goal.is_listed && goal.current.rule.counts_like(rule))
        };
        self.goals()
            .iter()
            .map(|wanted| {
                let guessed = wanted.guess(seen);
                let is_new = guessed.as_ref().is_some_and(|rule| !goals_of(rule));
                let (kind, subject) = guessed.as_ref().map_or(wanted.usual, split_rule);
                PackRow {
                    is_taken: is_new
                        && !goals
                            .iter()
                            .any(|goal| goal.is_listed && goal.name == wanted.name),
                    name: wanted.name.into(),
                    kind: kind.to_string(),
                    subject: subject.into(),
                }
            })
            .collect()
    }
}

impl PackGoal {
    /// The most frequent thing that was seen and has a word of the first hint that fits.
    fn guess(&self, seen: &BTreeMap<GoalRule, i64>) -> Option<GoalRule> {
        self.hints.iter().find_map(|(kind, words)| {
            let mut found: BTreeMap<GoalRule, i64> = BTreeMap::new();
            for (rule, visits) in seen {
                if let Some(rule) = fit(*kind, rule, words) {
                    *found.entry(rule).or_default() += visits;
                }
            }
            let best = found.into_iter().max_by_key(|(_, visits)| *visits);
            best.map(|(rule, _)| rule)
        })
    }
}

/// A part of a path without the ending of a file: `pricing` of `pricing.html`.
fn stem(part: &str) -> &str {
    part.split_once('.').map_or(part, |(stem, _)| stem)
}

/// The rule for what is of that kind and has one of the words: of a page, what lies below the word counts too.
fn fit(kind: RuleKind, seen: &GoalRule, words: &[&str]) -> Option<GoalRule> {
    let (of, subject) = split_rule(seen);
    if of != kind {
        return None;
    }
    let lower = subject.to_lowercase();
    match seen {
        GoalRule::Url { path } => {
            let parts: Vec<&str> = path.split('/').collect();
            let at = parts
                .iter()
                .position(|part| words.contains(&stem(&part.to_lowercase())))?;
            let path = if at + 1 < parts.len() {
                let upper: Vec<&str> = parts.iter().copied().take(at + 1).collect();
                format!("{}/*", upper.join("/"))
            } else {
                path.clone()
            };
            Some(GoalRule::Url { path })
        }
        GoalRule::Click { label, .. } => {
            words
                .iter()
                .any(|word| lower.starts_with(word))
                .then(|| GoalRule::Click {
                    label: label.clone(),
                    href: String::new(),
                    selector: String::new(),
                })
        }
        GoalRule::Event { .. } => words.contains(&lower.as_str()).then(|| seen.clone()),
        GoalRule::FormStarted { .. } | GoalRule::FormCompleted { .. } => words
            .iter()
            .any(|word| lower.contains(word))
            .then(|| seen.clone()),
        _ => None,
    }
}

/// A line of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackRow {
    /// Whether its box is ticked.
    pub is_taken: bool,
    /// What the goal is called.
    pub name: String,
    /// A [`RuleKind`].
    pub kind: String,
    /// What the rule is about; of a click, what it reads or where it leads.
    pub subject: String,
}

impl PackRow {
    /// What has to happen.
    pub fn rule(&self) -> Result<GoalRule, String> {
        let kind = RuleKind::parse(&self.kind).ok_or("Choose what has to happen.")?;
        if self.subject.chars().count() > 300 {
            return Err("Use at most 300 characters.".into());
        }
        parse_rule(kind, &self.subject)
    }
}

/// The form of a pack, as it was posted: a line for each of its goals, in order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct PackForm {
    /// A [`Pack`].
    pub pack: String,
    /// Its lines.
    pub rows: Vec<PackRow>,
}

impl From<Vec<(String, String)>> for PackForm {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        let mut taken = Vec::new();
        for (key, value) in pairs {
            let last = form.rows.last_mut();
            match (key.as_str(), last) {
                ("pack", _) => form.pack = value,
                ("take", _) => taken.push(value),
                ("name", _) => form.rows.push(PackRow {
                    name: value,
                    ..PackRow::default()
                }),
                ("kind", Some(row)) => row.kind = value,
                ("subject", Some(row)) => row.subject = value,
                _ => {}
            }
        }
        for (place, row) in form.rows.iter_mut().enumerate() {
            row.is_taken = taken.contains(&place.to_string());
        }
        form
    }
}

impl PackForm {
    /// The ticked goals in the order of the funnel, or what is wrong with them.
    pub fn parse(&self, pack: Pack) -> Result<Vec<NewGoal>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let lines = self.rows.iter().zip(pack.goals()).enumerate();
        let mut goals = Vec::new();
        for (place, (row, wanted)) in lines.filter(|(_, (row, _))| row.is_taken) {
            let name = row.name.trim();
            if name.is_empty() || name.chars().count() > 80 {
                errors.add(
                    format!("name-{place}"),
                    "Give it a name of at most 80 characters.",
                );
            }
            match row.rule() {
                Ok(rule) => goals.push(NewGoal {
                    name: name.into(),
                    role: wanted.role,
                    stage: wanted.stage.into(),
                    rule,
                    value_minor: None,
                    is_listed: true,
                    is_key: wanted.role.is_key_by_itself(),
                    serves: None,
                }),
                Err(message) => errors.add(format!("subject-{place}"), message),
            }
        }
        if goals.is_empty() && errors.0.is_empty() {
            errors.add("take-0", "Tick at least one goal.");
        }
        errors.or(goals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rules: &[(GoalRule, i64)]) -> BTreeMap<GoalRule, i64> {
        rules.iter().cloned().collect()
    }

    fn page(path: &str) -> GoalRule {
        GoalRule::Url { path: path.into() }
    }

    #[test]
    fn rules_are_guessed_from_what_was_seen() {
        let seen = seen(&[
            (page("/en/products/shirt"), 9),
            (page("/en/products/shoe"), 8),
            (page("/cart"), 5),
            (page("/checkout/address"), 3),
            (page("/cartoons"), 99),
            (page("/en/pricing.html"), 4),
        ]);
        let prices = &Pack::Saas.offer(&seen, &[])[1];
        assert_eq!(
            (prices.is_taken, prices.subject.as_str()),
            (true, "/en/pricing.html")
        );

        let rows = Pack::Shop.offer(&seen, &[]);

        let read: Vec<_> = rows
            .iter()
            .map(|row| (row.is_taken, row.kind.as_str(), row.subject.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                (true, "url", "/en/products/*"),
                (false, "click", "Add to cart*"),
                (true, "url", "/cart"),
                (true, "url", "/checkout/*"),
                (false, "url", "*/thank-you*"),
            ]
        );
    }

    #[test]
    fn every_proposed_rule_can_be_saved_and_each_pack_ends_with_one_main_goal() {
        for pack in Pack::ALL {
            let rows = pack.offer(&BTreeMap::new(), &[]);
            for row in &rows {
                assert!(row.rule().is_ok(), "{row:?}");
                assert!(!row.is_taken, "nothing was seen, yet {row:?} is ticked");
            }
            let goals = pack.goals();
            let (last, before) = goals.split_last().unwrap();
            assert_eq!(last.role, Macro);
            assert!(before.iter().all(|goal| goal.role != Macro));
        }
    }

    #[test]
    fn only_ticked_lines_are_added_in_their_order() {
        let pairs = [
            ("pack", "saas"),
            ("name", "A"),
            ("kind", "url"),
            ("subject", "/a"),
            ("take", "1"),
            ("name", "B"),
            ("kind", "url"),
            ("subject", "b"),
            ("take", "2"),
            ("name", ""),
            ("kind", "form_started"),
            ("subject", "signup"),
        ];
        let form = PackForm::from(
            pairs
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .to_vec(),
        );

        let errors = form.parse(Pack::Saas).unwrap_err();

        assert!(
            errors.of("subject-1").is_some() && errors.of("name-2").is_some(),
            "{errors:?}"
        );
        assert_eq!(errors.0.len(), 2, "a line without a tick is not read");
    }
}
