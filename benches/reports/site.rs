//! The site that is measured: twelve goals, four of them before the main one in its funnel, two questions, and its owner.

use std::sync::Arc;

use exitpoll::{
    account,
    db::Db,
    delivery::{Snapshot, Snapshots},
    goal::{
        self,
        types::{GoalRole, GoalRule, GoalStage, NewGoal},
    },
    prompt::{
        self,
        templates::{self, TemplateContext},
        types::PromptTemplate,
    },
    site::{
        self,
        types::{NewSite, SiteKind},
    },
    types::{GoalId, Millis, SiteId},
};
use sea_orm::{ConnectionTrait, Statement};

/// What it is called: the demo stands beside it.
const NAME: &str = "Bench";
/// Where its pages are.
pub(crate) const ORIGIN: &str = "https://shop.example";
pub(crate) const TIME_ZONE: &str = "Europe/Berlin";
/// The form that the site hopes for.
pub(crate) const FORM: &str = "signup";
/// Its first steps, in their order; the main goal is that the form is completed.
pub(crate) const PRODUCTS: &str = "/products/";
pub(crate) const PRICING: &str = "/pricing";
pub(crate) const PLAN: &str = "plan_chosen";
/// Events that are small steps.
pub(crate) const STEPS: [&str; 4] = ["tour", "faq", "compared", "review"];
/// Share left unasked, percent.
pub(crate) const HELD_OUT: u8 = 10;

/// The token of a session of someone who may read its reports.
pub(crate) async fn sign_in(db: &Db, now: Millis) -> String {
    use account::store;
    let tx = db.begin().await.unwrap();
    let email = "owner@shop.example";
    let member = match store::find_by_email(&tx, email).await.unwrap() {
        Some(found) => found.member.id,
        None => store::insert_member(&tx, email, String::new(), now)
            .await
            .unwrap(),
    };
    let session = store::insert_session(&tx, member, now).await.unwrap();
    tx.commit().await.unwrap();
    session
}

/// The site, where an earlier run has added it.
pub(crate) async fn find(db: &Db) -> Option<Arc<Snapshot>> {
    let sites = site::store::list(&db.read).await.unwrap();
    let key = &sites.iter().find(|site| site.name == NAME)?.key;
    Snapshots::new(db.clone()).get(key).await.unwrap()
}

/// Days of it that are in packs.
pub(crate) async fn packed_days(db: &Db, site: SiteId) -> Vec<i32> {
    let backend = db.read.get_database_backend();
    let sql = "SELECT day FROM day_pack WHERE site_id = $1 AND is_made";
    let statement = Statement::from_sql_and_values(backend, sql, vec![site.into()]);
    let rows = db.read.query_all_raw(statement).await.unwrap();
    let days = rows.iter().map(|row| row.try_get("", "day").unwrap());
    days.collect()
}

/// Adds the site with everything that it counts and asks, as of `at`.
pub(crate) async fn create(db: &Db, at: Millis) -> Arc<Snapshot> {
    let tx = db.begin().await.unwrap();
    let new = NewSite {
        name: NAME.into(),
        time_zone: TIME_ZONE.into(),
        currency: "EUR".into(),
        kind: SiteKind::Own,
        origins: vec![ORIGIN.into()],
        allow_localhost: false,
    };
    let site = site::store::insert_site(&tx, new, at).await.unwrap();
    goal::store::start_funnel(&tx, site.id, at).await.unwrap();
    let mut primary = None;
    for new in goals() {
        let is_main = new.role == GoalRole::Macro;
        let id = goal::store::insert_goal(&tx, site.id, &new, at)
            .await
            .unwrap();
        primary = primary.or(is_main.then_some(id));
    }
    let context = context(primary);
    let questions = [
        (PromptTemplate::PricingViewed, "Pricing, no sign-up"),
        (PromptTemplate::ExitIntent, "About to leave"),
    ];
    for ((template, name), at) in questions.into_iter().zip(at..) {
        let mut new = templates::new_design(template, &context);
        new.fairness.held_out_percent = HELD_OUT;
        let design = prompt::store::resolve_design(&tx, site.id, &new, at)
            .await
            .unwrap();
        let id = prompt::store::insert_draft(&tx, site.id, name, &design, at)
            .await
            .unwrap();
        prompt::store::publish(&tx, site.id, id, at).await.unwrap();
    }
    tx.commit().await.unwrap();
    find(db).await.unwrap()
}

fn context(primary: Option<GoalId>) -> TemplateContext {
    TemplateContext {
        form: FORM.into(),
        pricing_path: PRICING.into(),
        primary,
        seen_paths: vec![],
    }
}

fn goals() -> Vec<NewGoal> {
    use GoalRole::{Engagement, Macro, Milestone};
    let form = || FORM.to_owned();
    let mut goals = vec![
        (
            Milestone,
            GoalRule::Url {
                path: format!("{PRODUCTS}*"),
            },
        ),
        (
            Milestone,
            GoalRule::Url {
                path: PRICING.into(),
            },
        ),
        (Milestone, GoalRule::event(PLAN)),
        (Milestone, GoalRule::FormStarted { form: form() }),
        (
            Macro,
            GoalRule::FormCompleted {
                form: form(),
                selector: String::new(),
            },
        ),
    ];
    goals.extend(STEPS.map(|event| (Engagement, GoalRule::event(event))));
    let scrolled = GoalRule::Scrolled {
        percent: 75,
        path: String::new(),
    };
    let rare = [scrolled, GoalRule::Search, GoalRule::Active { seconds: 60 }];
    goals.extend(rare.map(|rule| (Engagement, rule)));
    let goals = goals.into_iter().map(|(role, rule)| NewGoal {
        name: rule.describe(),
        role,
        stage: GoalStage::Consideration.into(),
        value_minor: (role == Macro).then_some(4_900),
        rule,
        is_listed: true,
        is_key: role.is_key_by_itself(),
        serves: None,
    });
    goals.collect()
}
