//! Goals and questions of a site that sells a help desk: the demo's, and those of sample sites.

use sea_orm::ConnectionTrait;

use crate::{
    error::AppResult,
    goal::{
        self,
        types::{GoalRole, GoalRule, GoalStage, NewGoal},
    },
    prompt::{
        self,
        templates::{self, TemplateContext},
        types::{Place, PromptTemplate},
    },
    types::{GoalId, Millis, SiteId},
};

/// The form that the site hopes for.
pub const FORM: &str = "signup";
/// Worth of a sign-up: 49.00.
const SIGN_UP_VALUE: i64 = 4_900;

/// What differs between the sites.
#[derive(Clone, Copy, Debug)]
pub struct Furnishing<'a> {
    /// The page with the prices.
    pub pricing_path: &'a str,
    /// The first step of the funnel: its name and the pages that reach it.
    pub first_step: (&'a str, &'a str),
    /// Share of visits left unasked, in percent.
    pub held_out_percent: u8,
    /// Where their cards open.
    pub place: Place,
}

/// Adds the steps in their order and publishes a question from each template.
pub async fn furnish(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    with: Furnishing<'_>,
    at: Millis,
) -> AppResult<()> {
    goal::store::start_funnel(tx, site_id, at).await?;
    let (name, path) = with.first_step;
    let form = || FORM.to_owned();
    let steps = [
        (
            name,
            GoalRole::Milestone,
            GoalStage::Consideration,
            GoalRule::Url { path: path.into() },
            None,
        ),
        (
            "Started the sign-up form",
            GoalRole::Milestone,
            GoalStage::Intent,
            GoalRule::FormStarted { form: form() },
            None,
        ),
        (
            "Signed up",
            GoalRole::Macro,
            GoalStage::Decision,
            GoalRule::completed(form()),
            Some(SIGN_UP_VALUE),
        ),
    ];
    let mut primary = None;
    for (name, role, stage, rule, value_minor) in steps {
        let new = NewGoal {
            name: name.into(),
            role,
            stage: stage.into(),
            rule,
            value_minor,
            is_listed: true,
            is_key: role.is_key_by_itself(),
            serves: None,
        };
        primary = Some(goal::store::insert_goal(tx, site_id, &new, at).await?);
    }
    if path != with.pricing_path {
        let viewed = NewGoal {
            name: "Viewed pricing".into(),
            role: GoalRole::Engagement,
            stage: GoalStage::Consideration.into(),
            rule: GoalRule::Url {
                path: with.pricing_path.into(),
            },
            value_minor: None,
            is_listed: true,
            is_key: true,
            serves: None,
        };
        goal::store::insert_goal(tx, site_id, &viewed, at).await?;
    }
    publish(tx, site_id, with, primary, at).await
}

/// The most telling question comes first: where several moments fire at once, the first one takes the visit's one question.
async fn publish(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    with: Furnishing<'_>,
    primary: Option<GoalId>,
    at: Millis,
) -> AppResult<()> {
    let context = TemplateContext {
        form: FORM.into(),
        pricing_path: with.pricing_path.into(),
        primary,
        seen_paths: vec![],
    };
    let questions = [
        (PromptTemplate::FormAbandoned, "Sign-up not finished"),
        (PromptTemplate::PricingViewed, "Pricing, no sign-up"),
        (PromptTemplate::ExitIntent, "About to leave"),
    ];
    // A new question comes last.
    for ((template, name), at) in questions.into_iter().zip(at..) {
        let mut new = templates::new_design(template, &context);
        new.fairness.held_out_percent = with.held_out_percent;
        new.look.place = with.place;
        let design = prompt::store::resolve_design(tx, site_id, &new, at).await?;
        let id = prompt::store::insert_draft(tx, site_id, name, &design, at).await?;
        prompt::store::publish(tx, site_id, id, at).await?;
    }
    Ok(())
}
