//! Goals and their order in the funnel.

use exitpoll::{
    goal::{
        store,
        types::{Definitions, Goal, GoalRule},
    },
    site::{self, types::Site},
};

use crate::support::{app::TestApp, client::Client};

/// What the form posts for a goal.
pub(super) fn goal<'a>(
    kind: &'a str,
    subject: &'a str,
    role: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("kind", kind),
        ("subject", subject),
        ("role", role),
        ("stage", "intent"),
        ("value", value),
    ]
}

pub(super) struct Setting {
    pub(super) app: TestApp,
    pub(super) client: Client,
    pub(super) site: Site,
}

impl Setting {
    /// A site with two steps and a main goal, made through the form.
    pub(super) async fn new() -> Self {
        let app = TestApp::spawn().await;
        let client = app.owner().await;
        let site = app.insert_site("Shop").await;
        let setting = Self { app, client, site };
        for fields in [
            goal("url", "/pricing", "milestone", ""),
            goal("form_started", "signup", "milestone", ""),
            goal("form_completed", "signup", "macro", "89"),
        ] {
            let reply = setting.post("", &fields).await;
            assert_eq!(reply, 303);
        }
        setting
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let path = format!("/sites/{}/goals{path}", self.site.key);
        self.client.post_form(&path, fields).await.status
    }

    pub(super) async fn goals(&self) -> Vec<Goal> {
        store::list_goals(&self.app.state.db.read, self.site.id)
            .await
            .unwrap()
    }

    pub(super) async fn named(&self, name: &str) -> Goal {
        let goals = self.goals().await;
        goals.into_iter().find(|goal| goal.name == name).unwrap()
    }

    pub(super) async fn definitions(&self) -> Definitions {
        store::load_definitions(&self.app.state.db.read, self.site.id)
            .await
            .unwrap()
    }

    pub(super) async fn config_version(&self) -> i64 {
        let site = site::store::find(&self.app.state.db.read, self.site.id)
            .await
            .unwrap();
        site.unwrap().config_version
    }
}

#[actix_web::test]
async fn steps_then_the_main_goal_make_the_funnel() {
    let setting = Setting::new().await;

    let funnel = setting.definitions().await.funnels.pop().unwrap();

    assert_eq!(funnel.steps, [0, 1, 2]);
    assert_eq!(funnel.primary_bit, Some(2));
    let goal = setting.named("Completed form signup").await;
    assert!(goal.is_primary && goal.current.value_minor == Some(8_900));
    assert_eq!(
        setting.config_version().await,
        setting.site.config_version + 3
    );
}

#[actix_web::test]
async fn moving_a_step_starts_another_funnel_and_nothing_else() {
    let setting = Setting::new().await;
    let step = setting.named("Started form signup").await;
    let before = setting.definitions().await;

    let status = setting
        .post(&format!("/{}/move", step.id), &[("move", "up")])
        .await;

    assert_eq!(status, 303);
    let after = setting.definitions().await;
    assert_eq!(after.goals, before.goals);
    assert_eq!(after.funnels.len(), before.funnels.len() + 1);
    assert_eq!(after.funnels.last().unwrap().steps, [1, 0, 2]);
}

#[actix_web::test]
async fn another_rule_gets_another_bit_and_another_name_does_not() {
    let setting = Setting::new().await;
    let step = setting.named("Viewed /pricing").await;
    let path = format!("/{}", step.id);
    let funnels = setting.definitions().await.funnels.len();
    let mut renamed = goal("url", "/pricing", "milestone", "");
    renamed.push(("name", "Saw the prices"));

    assert_eq!(setting.post(&path, &renamed).await, 303);

    let kept = setting.named("Saw the prices").await;
    assert_eq!(kept.current, step.current);
    assert_eq!(setting.definitions().await.funnels.len(), funnels);

    let mut changed = goal("url", "/prices*", "milestone", "");
    changed.push(("name", "Saw the prices"));
    assert_eq!(setting.post(&path, &changed).await, 303);

    let changed = setting.named("Saw the prices").await;
    assert_eq!((changed.id, changed.current.bit), (step.id, 3));
    let definitions = setting.definitions().await;
    assert_eq!(definitions.mask_of(step.id), 0b1001);
    let old = definitions.goals.iter().find(|goal| goal.bit == 0).unwrap();
    assert_eq!(old.until_at, Some(changed.current.since_at));
    assert_eq!(definitions.funnels.last().unwrap().steps, [3, 1, 2]);
    let [.., before, now] = &definitions.funnels[..] else {
        panic!("each change is a version")
    };
    assert_eq!((before.bits, now.bits), (0b0111, 0b1110));
}

#[actix_web::test]
async fn what_else_may_tell_of_a_completed_form_is_no_other_version() {
    let setting = Setting::new().await;
    let main = setting.named("Completed form signup").await;
    let before = setting.definitions().await;
    let config_version = setting.config_version().await;

    for selector in [".thanks", ".thank-you", ""] {
        let mut fields = goal("form_completed", "signup", "macro", "89");
        fields.push(("selector", selector));
        assert_eq!(setting.post(&format!("/{}", main.id), &fields).await, 303);

        let current = setting.named("Completed form signup").await.current;
        let rule = GoalRule::FormCompleted {
            form: "signup".into(),
            selector: selector.into(),
        };
        assert_eq!((&current.rule, current.bit), (&rule, main.current.bit));
        assert_eq!(current.since_at, main.current.since_at);
        let tx = setting.app.state.db.begin().await.unwrap();
        let rule = GoalRule::completed("signup");
        let meant = store::ensure_goal(&tx, setting.site.id, &rule, 5).await;
        assert_eq!(meant.unwrap(), main.id, "a question means the same goal");
    }

    assert_eq!(
        setting.definitions().await,
        before,
        "nothing is counted again"
    );
    assert_eq!(
        setting.config_version().await,
        config_version + 3,
        "pages are told"
    );
}

#[actix_web::test]
async fn only_one_main_goal_ends_the_funnel() {
    let setting = Setting::new().await;
    assert_eq!(
        setting
            .post("", &goal("event", "bought", "macro", ""))
            .await,
        303
    );
    let second = setting.named("Event bought").await;
    assert!(!second.is_primary);

    assert_eq!(
        setting.post(&format!("/{}/primary", second.id), &[]).await,
        303
    );

    let primary: Vec<_> = setting
        .goals()
        .await
        .into_iter()
        .filter(|goal| goal.is_primary)
        .collect();
    assert_eq!(primary.len(), 1);
    assert_eq!(primary[0].id, second.id);
    assert_eq!(
        setting.definitions().await.funnels.last().unwrap().steps,
        [0, 1, 3]
    );
    let step = setting.named("Viewed /pricing").await;
    assert_eq!(
        setting.post(&format!("/{}/primary", step.id), &[]).await,
        409
    );

    assert_eq!(
        setting.post(&format!("/{}/archive", second.id), &[]).await,
        303
    );
    assert!(setting.named("Completed form signup").await.is_primary);
}

#[actix_web::test]
async fn an_archived_goal_leaves_the_funnel_and_keeps_its_bit() {
    let setting = Setting::new().await;
    let step = setting.named("Viewed /pricing").await;

    assert_eq!(
        setting.post(&format!("/{}/archive", step.id), &[]).await,
        303
    );

    assert!(setting.goals().await.iter().all(|goal| goal.id != step.id));
    let definitions = setting.definitions().await;
    assert_eq!(definitions.mask_of(step.id), 1);
    assert_eq!(definitions.funnels.last().unwrap().steps, [1, 2]);
    assert_eq!(
        setting
            .post("", &goal("url", "/pricing", "milestone", ""))
            .await,
        303
    );
    // The very same again is the goal that it was.
    let again = setting.named("Viewed /pricing").await;
    assert_eq!((again.id, again.current.bit), (step.id, 0));
}

#[actix_web::test]
async fn another_sites_goal_is_not_there() {
    let setting = Setting::new().await;
    let step = setting.named("Viewed /pricing").await;
    let other = setting.app.insert_site("Other").await;
    let path = format!("/sites/{}/goals/{}", other.key, step.id);

    assert_eq!(setting.client.get(&path).await.status, 404);
    let fields = goal("url", "/stolen", "milestone", "");
    assert_eq!(setting.client.post_form(&path, &fields).await.status, 404);
    let archive = format!("{path}/archive");
    assert_eq!(setting.client.post_form(&archive, &[]).await.status, 404);
    assert_eq!(setting.named("Viewed /pricing").await, step);
}

#[actix_web::test]
async fn ensuring_a_goal_finds_it_again() {
    let setting = Setting::new().await;
    let tx = setting.app.state.db.begin().await.unwrap();
    let known = setting.named("Viewed /pricing").await;
    let rule = exitpoll::goal::types::GoalRule::Url {
        path: "/new".into(),
    };

    let found = store::ensure_goal(&tx, setting.site.id, &known.current.rule, 5)
        .await
        .unwrap();
    let first = store::ensure_goal(&tx, setting.site.id, &rule, 5)
        .await
        .unwrap();
    let second = store::ensure_goal(&tx, setting.site.id, &rule, 6)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    assert_eq!(found, known.id);
    assert_eq!(first, second);
    let made = setting.named("Viewed /new").await;
    assert!(!made.is_listed && made.current.since_at == 5);
    assert_eq!(
        setting.definitions().await.funnels.last().unwrap().steps,
        [0, 1, 2]
    );
}
