//! Prompts: from a template to what visitors get.

use exitpoll::{
    clock, goal,
    prompt::{
        store,
        templates::{TemplateContext, new_design},
        types::{Prompt, PromptStatus, PromptTemplate},
    },
    reason,
    site::{self, tool::Tool},
};

use super::prompt_setting::Setting;
use crate::support::{app::TestApp, prompt::pricing};

#[actix_web::test]
async fn a_template_makes_a_draft_that_asks_nobody() {
    let setting = Setting::new().await;
    let db = &setting.app.state.db.read;

    assert_eq!(setting.prompt.status, PromptStatus::Draft);
    assert!(
        store::list_published(db, setting.site.id)
            .await
            .unwrap()
            .is_empty()
    );
    let goals = goal::store::list_goals(db, setting.site.id).await.unwrap();
    assert!(goals.iter().all(|goal| !goal.is_listed) && goals.len() == 2);
    let page = setting.client.get(&setting.path()).await;
    assert_eq!(page.status, 200);
    let sentence =
        "Asks visitors who started the form “signup” in the last 10 minutes and did not finish it";
    assert!(page.body.contains(sentence), "{}", page.body);
    assert!(page.body.contains("Publish first"));
}

#[actix_web::test]
async fn every_template_can_be_published_as_it_is() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    for template in PromptTemplate::ALL {
        let path = format!("/sites/{}/prompts", site.key);
        let reply = client
            .post_form(&path, &[("template", template.as_str())])
            .await;
        let publish = format!("{}/publish", reply.location());
        assert_eq!(
            client.post_form(&publish, &[]).await.status,
            303,
            "{template}"
        );
    }

    let published = store::list_published(&app.state.db.read, site.id)
        .await
        .unwrap();
    assert_eq!(published.len(), PromptTemplate::ALL.len());
    let page = client.get(&format!("/sites/{}/prompts", site.key)).await;
    assert_eq!(page.body.matches("Asking</span>").count(), published.len());
}

#[actix_web::test]
async fn publishing_a_change_makes_version_2_and_leaves_version_1_as_it_was() {
    let setting = Setting::new().await;
    assert_eq!(setting.press("publish", &[]).await.status, 303);
    let first = setting.version_text(1).await;
    let seen = site::store::find(&setting.app.state.db.read, setting.site.id)
        .await
        .unwrap()
        .unwrap();

    let reply = setting
        .press("save", &[("q1-title", "What kept you?")])
        .await;
    assert_eq!(reply.status, 303);
    assert_eq!(setting.stored().await.published_version, Some(1));
    assert_eq!(
        setting
            .press("publish", &[("q1-title", "What kept you?")])
            .await
            .status,
        303
    );

    assert_eq!(setting.stored().await.published_version, Some(2));
    assert_eq!(setting.version_text(1).await, first);
    assert!(setting.version_text(2).await.contains("What kept you?"));
    let site = site::store::find(&setting.app.state.db.read, setting.site.id)
        .await
        .unwrap()
        .unwrap();
    assert!(site.config_version > seen.config_version);
    let page = setting.client.get(&setting.path()).await;
    assert!(page.body.contains("Version 2") && page.body.contains("Version 1"));
}

#[actix_web::test]
async fn publishing_what_is_published_makes_no_version() {
    let setting = Setting::new().await;

    setting.press("publish", &[]).await;
    let publish = format!("{}/publish", setting.path());
    let reply = setting.client.post_form(&publish, &[]).await;

    assert_eq!(reply.status, 303);
    let versions = store::list_versions(
        &setting.app.state.db.read,
        setting.site.id,
        setting.prompt.id,
    );
    assert_eq!(versions.await.unwrap().len(), 1);
}

#[actix_web::test]
async fn ids_of_choices_stay_and_are_never_given_twice() {
    let setting = Setting::new().await;
    let ids = |prompt: &Prompt| -> Vec<String> {
        prompt.draft.questions[0]
            .choices
            .iter()
            .map(|choice| choice.id.clone())
            .collect()
    };
    assert_eq!(ids(&setting.prompt), ["c1", "c2", "c3", "c4", "c5", "c6"]);
    setting.press("publish", &[]).await;
    assert_eq!(ids(&setting.stored().await), ["c1", "c7"]);
    setting
        .press(
            "save",
            &[("q1-choice_id", "c1"), ("q1-choice_label", "Too long")],
        )
        .await;

    setting.press("publish", &[]).await;

    assert_eq!(ids(&setting.stored().await), ["c1", "c8"]);
    let reasons = reason::store::list_reasons(&setting.app.state.db.read, setting.site.id)
        .await
        .unwrap();
    assert_eq!(
        reasons
            .iter()
            .filter(|reason| reason.name.to_lowercase() == "price")
            .count(),
        1
    );
}

#[actix_web::test]
async fn pausing_asks_nobody_and_resuming_asks_as_before() {
    let setting = Setting::new().await;
    let db = &setting.app.state.db.read;
    setting.press("publish", &[]).await;

    assert_eq!(
        setting
            .press("pause", &[("q1-title", "Changed meanwhile")])
            .await
            .status,
        303
    );

    assert_eq!(setting.stored().await.status, PromptStatus::Paused);
    assert_eq!(
        setting.stored().await.draft.questions[0].title,
        "Changed meanwhile"
    );
    assert!(
        store::list_published(db, setting.site.id)
            .await
            .unwrap()
            .is_empty()
    );
    let resume = format!("{}/resume", setting.path());
    assert_eq!(setting.client.post_form(&resume, &[]).await.status, 303);
    let published = store::list_published(db, setting.site.id)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (
            published.version,
            published.design.questions[0].title.as_str()
        ),
        (1, "What stopped you?")
    );
    let pause = format!("{}/pause", setting.path());
    assert_eq!(setting.client.post_form(&pause, &[]).await.status, 303);
    assert_eq!(setting.client.post_form(&pause, &[]).await.status, 409);
}

#[actix_web::test]
async fn wrong_fields_are_named_and_what_was_typed_is_kept() {
    let setting = Setting::new().await;
    let changes = [
        ("q1-title", "Typed <i>question"),
        ("address_text", "signup"),
        ("held_out_percent", "80"),
        ("lang", "x"),
    ];

    let reply = setting.press("publish", &changes).await;

    assert_eq!(reply.status, 422);
    for text in [
        "Typed &#60;i&#62;question",
        "Begin with a slash: /signup",
        "from 0 to 50",
        "Write a language tag",
        "Far too long",
    ] {
        assert!(reply.body.contains(text), "{text} in {}", reply.body);
    }
    assert_eq!(setting.stored().await, setting.prompt);
}

#[actix_web::test]
async fn rows_of_choices_come_and_go_without_scripts() {
    let setting = Setting::new().await;

    let more = setting
        .press("q1-add-choice", &[("q1-title", "Typed")])
        .await;
    let less = setting.press("q1-remove-choice-1", &[]).await;

    assert_eq!((more.status, less.status), (200, 200));
    // One more stands in the template for scripts.
    assert_eq!(more.body.matches("name=\"q1-choice_label\"").count(), 4);
    assert_eq!(less.body.matches("name=\"q1-choice_label\"").count(), 2);
    assert!(more.body.contains("Typed") && !less.body.contains("Far too long"));
    assert_eq!(setting.stored().await, setting.prompt);
}

#[actix_web::test]
async fn a_goal_that_a_question_is_only_for_cannot_be_archived_either() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let mut design = pricing();
    design.moment.after = None;
    let helper = app.publish(&site, "Pricing", &pricing()).await;
    app.pause(&site, helper).await;
    let goals = goal::store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap();
    let viewed = goals
        .iter()
        .find(|goal| goal.current.rule.describe() == "Viewed /pricing");
    let viewed = viewed.unwrap().id;
    design.target.reached = vec![viewed];
    app.publish(&site, "Only for some", &design).await;

    let archive = format!("/sites/{}/goals/{viewed}/archive", site.key);
    let refused = client.post_form(&archive, &[]).await;

    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Only for some"), "{}", refused.body);
}

#[actix_web::test]
async fn a_goal_that_a_question_waits_for_cannot_be_archived() {
    let setting = Setting::new().await;
    let after = setting.prompt.draft.moment.after.unwrap();
    let archive = format!("/sites/{}/goals/{after}/archive", setting.site.key);
    setting.press("publish", &[]).await;

    let refused = setting.client.post_form(&archive, &[]).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.body.contains("Sign-up not finished"),
        "{}",
        refused.body
    );

    setting.press("pause", &[]).await;
    assert_eq!(setting.client.post_form(&archive, &[]).await.status, 303);
    let page = setting.client.get(&setting.path()).await;
    assert!(
        page.body.contains("This goal is no longer counted"),
        "{}",
        page.body
    );
    // Asking about it would be silent for ever.
    for action in ["resume", "publish"] {
        let path = format!("{}/{action}", setting.path());
        assert_eq!(setting.client.post_form(&path, &[]).await.status, 409);
    }
}

#[actix_web::test]
async fn another_sites_prompt_is_not_there() {
    let setting = Setting::new().await;
    let other = setting.app.insert_site("Other").await;
    let path = format!("/sites/{}/prompts/{}", other.key, setting.prompt.id);

    assert_eq!(setting.client.get(&path).await.status, 404);
    for action in ["", "/publish", "/pause", "/resume"] {
        let path = format!("{path}{action}");
        assert_eq!(
            setting.client.post_form(&path, &[]).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(setting.stored().await, setting.prompt);
}

#[actix_web::test]
async fn the_ask_again_link_holds_for_a_day() {
    let setting = Setting::new().await;
    setting.press("publish", &[]).await;
    let now = clock::now();

    let page = setting.client.get(&setting.path()).await;

    let link = page
        .body
        .split("https://shop.example/signup?exitpoll_test=")
        .nth(1)
        .unwrap();
    let token = link.split(['"', '<']).next().unwrap();
    let key = &setting.site.signing_key;
    assert!(Tool::AskAgain.is_opened_by(key, token, now));
    assert!(!Tool::AskAgain.is_opened_by(key, token, now + clock::DAY + clock::MINUTE));
    let other = setting.app.insert_site("Other").await;
    assert!(!Tool::AskAgain.is_opened_by(&other.signing_key, token, now));
}

#[actix_web::test]
async fn forms_without_proof_are_refused() {
    let mut setting = Setting::new().await;
    setting.client.csrf.clear();

    assert_eq!(setting.press("publish", &[]).await.status, 403);
    assert_eq!(setting.stored().await.status, PromptStatus::Draft);
}

#[actix_web::test]
async fn stores_take_the_past_for_simulated_history() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let context = TemplateContext {
        form: "signup".into(),
        pricing_path: "/pricing".into(),
        primary: None,
        seen_paths: vec![],
    };
    let tx = app.state.db.begin().await.unwrap();

    let design = new_design(PromptTemplate::PricingViewed, &context);
    let design = store::resolve_design(&tx, site.id, &design, 1_000)
        .await
        .unwrap();
    let id = store::insert_draft(&tx, site.id, "Pricing", &design, 1_000)
        .await
        .unwrap();
    store::publish(&tx, site.id, id, 2_000).await.unwrap();
    tx.commit().await.unwrap();

    let versions = store::list_versions(&app.state.db.read, site.id, id)
        .await
        .unwrap();
    assert_eq!(versions[0].published_at, 2_000);
    let definitions = goal::store::load_definitions(&app.state.db.read, site.id)
        .await
        .unwrap();
    assert_eq!(definitions.goals[0].since_at, 1_000);
}
