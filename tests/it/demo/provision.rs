//! The demo site is made once, and what its owner changes stays changed.

use exitpoll::{
    clock, demo, goal,
    goal::types::GoalRole,
    prompt::{self, types::PromptStatus},
    site::{
        self,
        form::BasicsForm,
        types::{Site, SiteKind},
    },
};

use super::provide;
use crate::support::app::TestApp;

#[actix_web::test]
async fn it_has_steps_in_order_and_three_live_questions() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let db = &app.state.db.read;

    assert_eq!((demo.kind, demo.currency.as_str()), (SiteKind::Demo, "EUR"));
    let goals = goal::store::list_goals(db, demo.id).await.unwrap();
    let steps: Vec<&str> = goals
        .iter()
        .filter(|goal| goal.is_listed && goal.role != GoalRole::Engagement)
        .map(|goal| goal.name.as_str())
        .collect();
    assert_eq!(
        steps,
        [
            "Opened pricing or sign-up",
            "Started the sign-up form",
            "Signed up"
        ]
    );
    let primary = goals.iter().find(|goal| goal.is_primary).unwrap();
    assert_eq!(primary.current.value_minor, Some(4_900));
    let prompts = prompt::store::list_published(db, demo.id).await.unwrap();
    assert_eq!(prompts.len(), 3);
    assert!(
        prompts
            .iter()
            .all(|prompt| prompt.design.fairness.held_out_percent == 0)
    );
}

#[actix_web::test]
async fn another_start_overwrites_nothing() {
    let app = TestApp::spawn().await;
    let demo = provide(&app).await;
    let before = change(&app, &demo).await;

    demo::provision::ensure(&app.state.db, clock::now())
        .await
        .unwrap();

    let db = &app.state.db.read;
    assert_eq!(site::store::list(db).await.unwrap().len(), 1);
    let after = site::store::find_by_key(db, demo::KEY).await.unwrap();
    assert_eq!(after.unwrap().name, "Ours now");
    let prompts = prompt::store::list_prompts(db, demo.id).await.unwrap();
    assert_eq!(prompts, before);
    assert!(
        prompts
            .iter()
            .any(|prompt| prompt.status == PromptStatus::Paused)
    );
}

/// An owner renames the site and pauses a question.
async fn change(app: &TestApp, demo: &Site) -> Vec<prompt::types::Prompt> {
    let tx = app.state.db.begin().await.unwrap();
    let basics = BasicsForm {
        name: "Ours now".into(),
        time_zone: "UTC".into(),
        currency: "EUR".into(),
    };
    site::store::save_basics(&tx, demo.id, basics)
        .await
        .unwrap();
    let prompts = prompt::store::list_prompts(&tx, demo.id).await.unwrap();
    prompt::store::pause(&tx, demo.id, prompts[0].id, clock::now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    prompt::store::list_prompts(&app.state.db.read, demo.id)
        .await
        .unwrap()
}
