//! The 62 places that a site has for what it counts: what takes one, what does not, and what is said when none is left.

use exitpoll::{
    db::entity::{OfSite, visit_goal},
    goal::{store, types::GoalRule},
};

use super::{
    goals::{Setting, goal},
    prompt_setting,
};
use crate::{
    recount::recounted,
    reports::world::words,
    support::{
        app::TestApp,
        widget::{Widget, page},
    },
};

const MAIN: &str = "Completed form signup";

/// Counts other things until this many places are taken.
async fn fill(app: &TestApp, site: &exitpoll::site::types::Site, places: usize) {
    let tx = app.state.db.begin().await.unwrap();
    let taken = store::load_definitions(&tx, site.id).await.unwrap();
    for n in taken.goals.len()..places {
        let rule = GoalRule::event(format!("e{n}"));
        store::ensure_goal(&tx, site.id, &rule, 0).await.unwrap();
    }
    tx.commit().await.unwrap();
}

impl Setting {
    async fn filled(places: usize) -> Self {
        let setting = Self::new().await;
        fill(&setting.app, &setting.site, places).await;
        setting
    }

    async fn list(&self) -> String {
        let path = format!("/sites/{}/goals", self.site.key);
        words(&self.client.get(&path).await.body).replace('\u{a0}', " ")
    }
}

#[actix_web::test]
async fn the_sixty_third_is_refused_beside_its_form() {
    let setting = Setting::filled(62).await;
    let path = format!("/sites/{}/goals", setting.site.key);
    let step = setting.named("Viewed /pricing").await;
    let mut fields = goal("url", "/more", "engagement", "12.34");
    fields.push(("name", "Wants more"));

    for path in [path.clone(), format!("{path}/{}", step.id)] {
        let reply = setting.client.post_form(&path, &fields).await;

        assert_eq!(reply.status, 422, "{path}");
        let text = words(&reply.body);
        assert!(text.contains("All 62 places"), "{text}");
        for kept in ["value=\"Wants more\"", "value=\"/more\"", "value=\"12.34\""] {
            assert!(reply.body.contains(kept), "{kept} on {path}");
        }
    }
    assert_eq!(setting.goals().await.len(), 62);
    assert_eq!(setting.named("Viewed /pricing").await, step);
}

#[actix_web::test]
async fn a_pack_and_a_question_that_find_no_place_keep_what_was_entered() {
    let setting = Setting::filled(62).await;
    let path = format!("/sites/{}/goals/packs", setting.site.key);
    let pack = [
        ("pack", "shop"),
        ("take", "0"),
        ("name", "Looks at a shelf"),
        ("kind", "url"),
        ("subject", "/shelf"),
    ];

    let refused = setting.client.post_form(&path, &pack).await;

    assert_eq!(refused.status, 422);
    assert!(words(&refused.body).contains("All 62 places"));
    assert!(refused.body.contains("value=\"Looks at a shelf\""));

    let setting = prompt_setting::Setting::new().await;
    fill(&setting.app, &setting.site, 62).await;
    let changes = [("after", "url"), ("after_subject", "/offer")];
    let refused = setting.press("save", &changes).await;

    assert_eq!(refused.status, 422);
    assert!(words(&refused.body).contains("All 62 places"));
    assert!(refused.body.contains("value=\"/offer\""));
    assert_eq!(setting.stored().await, setting.prompt);
}

#[actix_web::test]
async fn a_value_takes_no_place_and_counts_for_all_visits() {
    let setting = Setting::filled(62).await;
    let (app, site) = (&setting.app, &setting.site);
    app.state.snapshots.forget(site.id);
    let widget = Widget::new(app, site);
    let done = serde_json::json!([0, "form_completed", {"f": "signup"}]);
    widget
        .view(0)
        .send(serde_json::json!([page(0, "/", ""), done]))
        .await;
    let main = setting.named(MAIN).await;
    let before = setting.definitions().await;
    let worth = async || {
        let rows = visit_goal::Entity::of_site(site.id)
            .all(&app.state.db.read)
            .await
            .unwrap();
        rows.iter().map(|row| row.value_minor).collect::<Vec<_>>()
    };
    assert_eq!(worth().await, [8_900]);

    let by_form = goal("form_completed", "signup", "macro", "99.50");
    assert_eq!(setting.post(&format!("/{}", main.id), &by_form).await, 303);
    recounted(&app.state.db, site).await;

    let changed = setting.named(MAIN).await;
    assert_eq!(
        (changed.current.bit, changed.current.value_minor),
        (main.current.bit, Some(9_950))
    );
    assert_eq!(worth().await, [9_950]);
    let after = setting.definitions().await;
    assert_eq!(after.goals.len(), before.goals.len());
    assert_eq!(after.version(), before.version() + 1);
    assert_eq!(
        after.funnels.last().unwrap().steps,
        before.funnels.last().unwrap().steps
    );

    let accept = [("minor", "1457")];
    assert_eq!(
        setting.post(&format!("/{}/value", main.id), &accept).await,
        303
    );
    recounted(&app.state.db, site).await;
    assert_eq!(worth().await, [1_457]);
    // The same again changes nothing.
    let version = setting.definitions().await.version();
    assert_eq!(
        setting.post(&format!("/{}/value", main.id), &accept).await,
        303
    );
    assert_eq!(setting.definitions().await.version(), version);
}

#[actix_web::test]
async fn a_step_that_gets_a_value_and_becomes_a_signal_begins_one_version() {
    let setting = Setting::new().await;
    let step = setting.named("Viewed /pricing").await;
    let before = setting.definitions().await.version();

    let fields = goal("url", "/pricing", "engagement", "5");
    assert_eq!(setting.post(&format!("/{}", step.id), &fields).await, 303);

    let after = setting.definitions().await;
    assert_eq!(after.version(), before + 1);
    assert_eq!(after.funnels.last().unwrap().steps, [1, 2]);
}

#[actix_web::test]
async fn what_was_counted_before_takes_its_old_place_again() {
    let setting = Setting::new().await;
    let step = setting.named("Viewed /pricing").await;
    let path = format!("/{}", step.id);
    let save = async |subject: &str| {
        let mut fields = goal("url", subject, "milestone", "");
        fields.push(("name", "The step"));
        assert_eq!(setting.post(&path, &fields).await, 303);
        setting.named("The step").await.current
    };

    let (other, back) = (save("/prices").await, save("/pricing").await);

    assert_eq!((other.bit, back.bit), (3, 0));
    assert!(back.since_at >= other.since_at && back.until_at.is_none());
    let definitions = setting.definitions().await;
    assert_eq!(definitions.goals.len(), 4);
    let newest = definitions.funnels.last().unwrap();
    assert_eq!(
        (newest.steps.as_slice(), newest.bits),
        (&[0, 1, 2][..], 0b111)
    );

    // Of a goal that has ended only what it was at its end: its questions still name it.
    assert_eq!(setting.post(&format!("{path}/archive"), &[]).await, 303);
    let fields = goal("url", "/prices", "milestone", "");
    assert_eq!(setting.post("", &fields).await, 303);
    let new = setting.named("Viewed /prices").await;
    assert_ne!(new.id, step.id);
    assert_eq!(new.current.bit, 4);
    // What is made for a question as well.
    let tx = setting.app.state.db.begin().await.unwrap();
    let rule = GoalRule::Url {
        path: "/pricing".into(),
    };
    let made = store::ensure_goal(&tx, setting.site.id, &rule, 1)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(made, step.id);
    assert_eq!(setting.definitions().await.goals.len(), 5);
}

#[actix_web::test]
async fn a_goal_that_comes_back_is_what_is_entered_now() {
    let setting = Setting::new().await;
    let main = setting.named(MAIN).await;
    assert_eq!(
        setting.post(&format!("/{}/archive", main.id), &[]).await,
        303
    );

    let mut fields = goal("form_completed", "signup", "engagement", "3");
    fields.push(("name", "Signed up"));
    assert_eq!(setting.post("", &fields).await, 303);

    let back = setting.named("Signed up").await;
    assert_eq!((back.id, back.current.bit), (main.id, main.current.bit));
    assert_eq!(back.current.value_minor, Some(300));
    assert!(!back.is_primary && back.funnel_position.is_none());
}

#[actix_web::test]
async fn the_places_that_are_left_are_said_from_forty_on() {
    let setting = Setting::filled(39).await;
    assert!(!setting.list().await.contains("of 62 places"));

    fill(&setting.app, &setting.site, 40).await;
    assert!(setting.list().await.contains("22 of 62 places"));

    fill(&setting.app, &setting.site, 62).await;
    assert!(setting.list().await.contains("0 of 62 places"));
}
