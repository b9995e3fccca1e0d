//! The site of a world: two steps, small steps beside them, and one question.

use sea_orm::ConnectionTrait;

use super::{NO_REASON, REASONS, STEPS, World};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        types::{GoalRole, GoalRule, GoalStage, NewGoal},
    },
    prompt::{
        self,
        draft::{GoalChoice, NewChoice, NewDesign, NewQuestion},
        templates::{self, TemplateContext},
        types::{AskAt, PromptTemplate, QuestionKind},
    },
    seed::{site, visitor::Span},
    site::types::Site,
    types::{GoalId, Millis, SiteId},
};

/// Where the prices are.
pub(super) const PRICING: &str = "/pricing";
/// The event that is the main goal.
pub(super) const SIGNED_UP: &str = "signed_up";
/// The event at which the question is asked.
pub(super) const HESITATED: &str = "hesitated";
/// Worth of a sign-up: 49.00.
const VALUE: i64 = 4_900;

/// Adds the site of a world, which has counted since the first of so many days.
pub async fn create(db: &Db, world: &World, days: u32, now: Millis) -> AppResult<Site> {
    let since = Span::new(days, now).from;
    let tx = db.begin().await?;
    let site = site::insert(&tx, format!("World {} (sample)", world.seed), since).await?;
    let main = add_goals(&tx, site.id, since).await?;
    publish(&tx, site.id, world, main, since).await?;
    tx.commit().await?;
    Ok(site)
}

async fn add_goals(tx: &impl ConnectionTrait, site_id: SiteId, at: Millis) -> AppResult<GoalId> {
    goal::store::start_funnel(tx, site_id, at).await?;
    let pricing = GoalRule::Url {
        path: PRICING.into(),
    };
    let milestone = new_goal("Viewed pricing", GoalRole::Milestone, pricing);
    goal::store::insert_goal(tx, site_id, &milestone, at).await?;
    let main = NewGoal {
        value_minor: Some(VALUE),
        ..new_goal("Signed up", GoalRole::Macro, GoalRule::event(SIGNED_UP))
    };
    let main = goal::store::insert_goal(tx, site_id, &main, at).await?;
    for (name, event) in STEPS {
        let step = new_goal(name, GoalRole::Engagement, GoalRule::event(event));
        goal::store::insert_goal(tx, site_id, &step, at).await?;
    }
    Ok(main)
}

fn new_goal(name: &str, role: GoalRole, rule: GoalRule) -> NewGoal {
    NewGoal {
        name: name.into(),
        role,
        stage: GoalStage::Consideration.into(),
        rule,
        value_minor: None,
        is_listed: true,
        is_key: role.is_key_by_itself(),
        serves: None,
    }
}

async fn publish(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    world: &World,
    main: GoalId,
    at: Millis,
) -> AppResult<()> {
    let design = design(world, main);
    let design = prompt::store::resolve_design(tx, site_id, &design, at).await?;
    let name = "Hesitated at the prices";
    let id = prompt::store::insert_draft(tx, site_id, name, &design, at).await?;
    prompt::store::publish(tx, site_id, id, at).await?;
    Ok(())
}

fn design(world: &World, main: GoalId) -> NewDesign {
    let context = TemplateContext {
        form: String::new(),
        pricing_path: PRICING.into(),
        primary: Some(main),
        seen_paths: vec![],
    };
    let mut design = templates::new_design(PromptTemplate::PricingViewed, &context);
    design.moment.after = None;
    design.moment.expect = Some(GoalChoice::Known(main));
    design.moment.ask_at = vec![AskAt::Event];
    design.moment.details.event = HESITATED.into();
    design.fairness.held_out_percent = world.unasked;
    design.questions = vec![question()];
    design
}

/// Several choices: reasons come to more than all answers, and yet to no more money.
fn question() -> NewQuestion {
    NewQuestion {
        kind: QuestionKind::Multi,
        title: "What keeps you from signing up?".into(),
        choices: REASONS
            .iter()
            .enumerate()
            .map(|(place, reason)| NewChoice {
                id: choice_id(place),
                label: (*reason).into(),
                reason: (*reason).into(),
            })
            .collect(),
        other: Some(NO_REASON.into()),
        other_label: NO_REASON.into(),
        ..NewQuestion::default()
    }
}

/// Names the choice of a reason, by its place.
pub(super) fn choice_id(place: usize) -> String {
    format!("c{}", place + 1)
}
