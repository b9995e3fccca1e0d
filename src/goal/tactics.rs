//! The catalogue: the small steps that tell of interest on most sites, each a goal of one click. Pure.

use super::{
    form::{GoalForm, RuleKind},
    types::{GoalRole, GoalStage},
};

use GoalRole::{Engagement, Milestone};
use GoalStage::{Awareness, Consideration, Decision, Intent};

/// A small step, and what it takes to count it.
#[derive(Clone, Copy, Debug)]
pub struct Tactic {
    /// The name of its goal.
    pub name: &'static str,
    /// What it tells.
    pub tells: &'static str,
    /// What it needs.
    pub needs: &'static str,
    /// What reaching it means.
    pub role: GoalRole,
    /// Where on the way it stands.
    pub stage: GoalStage,
    kind: RuleKind,
    /// What the rule is about, as a first guess.
    subject: &'static str,
    /// Number or name that the kind asks for beside it.
    detail: &'static str,
}

const NOTHING: &str = "nothing, it is recorded already.";
const FROM_NOW: &str = "nothing, it is recorded once the goal is there.";
const PAGE: &str = "The address of that page on your site.";
const FORM: &str = "The name of your form.";

#[rustfmt::skip]
const ALL: &[Tactic] = &[
    tactic("Viewed a product page", "They look at what you offer, not only at the first page.", PAGE, (Milestone, Awareness), (RuleKind::Url, "/products/*", "")),
    tactic("Viewed three pages", "They look around instead of leaving at once.", NOTHING, (Engagement, Awareness), (RuleKind::Viewed, "/*", "3")),
    tactic("Read most of a page", "They read on to where you make your point.", NOTHING, (Engagement, Awareness), (RuleKind::Scrolled, "", "75")),
    tactic("Stayed two minutes", "They take their time with you.", NOTHING, (Engagement, Consideration), (RuleKind::Active, "", "120")),
    tactic("Searched the site", "They know what they want; whether they find it is another question.", FROM_NOW, (Engagement, Consideration), (RuleKind::Search, "", "")),
    tactic("Started a video", "They want to be shown.", "A video of your own page, not one in a frame of another site.", (Engagement, Awareness), (RuleKind::Video, "", "0")),
    tactic("Watched most of a video", "What you show holds them.", "A video of your own page, not one in a frame of another site.", (Engagement, Consideration), (RuleKind::Video, "", "75")),
    tactic("Downloaded a file", "They take something with them to read or to show.", NOTHING, (Engagement, Consideration), (RuleKind::Download, "", "")),
    tactic("Went to another site", "They leave by a link of yours, to a partner, a shop or a review.", NOTHING, (Engagement, Consideration), (RuleKind::Outbound, "", "")),
    tactic("Viewed the prices", "They ask what it costs.", PAGE, (Milestone, Consideration), (RuleKind::Url, "/pricing", "")),
    tactic("Clicked the main button", "They follow what the page asks them to do.", "What your button reads.", (Milestone, Intent), (RuleKind::Click, "Start free trial", "")),
    tactic("Called or wrote", "They want to talk to somebody.", "Links with a phone number or an e-mail address. It is recorded once the goal is there.", (Engagement, Intent), (RuleKind::Click, "", "a[href^=\"tel:\"],a[href^=\"mailto:\"]")),
    tactic("Came back", "They thought about it and are here again.", "Visitors who agreed to be known again; of the others nobody knows.", (Engagement, Intent), (RuleKind::Returned, "", "2")),
    tactic("Saw the form", "They came as far as your form.", FORM, (Engagement, Intent), (RuleKind::FormViewed, "*", "")),
    tactic("Started the form", "They began, so they mean it.", FORM, (Milestone, Intent), (RuleKind::FormStarted, "*", "")),
    tactic("Reached the phone number", "They came to the field at which many stop.", "A field that is called phone; if yours is not, change it in the goal.", (Engagement, Intent), (RuleKind::FieldReached, "*", "phone")),
    tactic("Put something in the cart", "They picked something.", "An event: most shops tell it to Google’s data layer already.", (Milestone, Intent), (RuleKind::Event, "add_to_cart", "")),
    tactic("Subscribed to the newsletter", "They want to hear from you again.", "The name of that form.", (Engagement, Intent), (RuleKind::FormCompleted, "newsletter*", "")),
    tactic("Created an account", "They are yours in all but the purchase.", "An event that your page or server reports.", (Milestone, Decision), (RuleKind::Event, "sign_up", "")),
];

const fn tactic(
    name: &'static str,
    tells: &'static str,
    needs: &'static str,
    (role, stage): (GoalRole, GoalStage),
    (kind, subject, detail): (RuleKind, &'static str, &'static str),
) -> Tactic {
    Tactic {
        name,
        tells,
        needs,
        role,
        stage,
        kind,
        subject,
        detail,
    }
}

/// All of them, from the first look to the decision.
pub fn list() -> &'static [Tactic] {
    ALL
}

impl Tactic {
    /// The form of its goal, filled in.
    pub fn form(&self) -> GoalForm {
        let mut form = GoalForm {
            name: self.name.into(),
            role: self.role.to_string(),
            stage: self.stage.to_string(),
            kind: self.kind.to_string(),
            subject: self.subject.into(),
            ..GoalForm::default()
        };
        let detail = match self.kind {
            RuleKind::Click => &mut form.selector,
            RuleKind::FieldReached => &mut form.field,
            _ => &mut form.amount,
        };
        *detail = self.detail.into();
        form
    }

    /// What the owner is asked about it before it is added; `None` when nothing is left open.
    pub fn asks(&self) -> Option<&'static str> {
        let is_about_any = self.subject.is_empty() || self.subject == "/*";
        Some(match self.kind {
            _ if is_about_any => return None,
            RuleKind::Url => "Which page?",
            RuleKind::Click => "What does it read?",
            RuleKind::Event => "Which event?",
            _ => "Which form?",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_nineteen_and_each_can_be_saved_as_it_is() {
        assert_eq!(list().len(), 19);
        let names: BTreeSet<&str> = list().iter().map(|tactic| tactic.name).collect();
        assert_eq!(names.len(), 19, "each has a name of its own");
        for tactic in list() {
            let goal = tactic.form().parse("EUR");
            assert!(goal.is_ok(), "{}: {goal:?}", tactic.name);
        }
    }
}
