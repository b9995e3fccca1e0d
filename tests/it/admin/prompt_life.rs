//! The life of a prompt after its first version: history, an old version again, a copy, the archive, and what may be deleted.

use exitpoll::{
    clock,
    prompt::{
        store,
        types::{Prompt, PromptStatus},
    },
};
use sea_orm::EntityTrait;

use super::prompt_setting::Setting;
use crate::{
    reports::world::{World, assert_reads, words},
    support::app::TestApp,
};

const FIRST: &[(&str, &str)] = &[];
const SECOND: &[(&str, &str)] = &[
    ("q1-title", "What stopped you today?"),
    ("held_out_percent", "25"),
    ("address_text", "/signup"),
    ("note", "Fewer pages, after the new form"),
];

/// A prompt of which visitors got two versions.
pub(super) async fn with_history() -> Setting {
    let setting = Setting::new().await;
    for changes in [FIRST, SECOND] {
        assert_eq!(setting.press("publish", changes).await.status, 303);
    }
    setting
}

pub(super) async fn list(setting: &Setting, query: &str) -> String {
    let path = format!("/sites/{}/prompts{query}", setting.site.key);
    words(&setting.client.get(&path).await.body)
}

async fn do_to(setting: &Setting, action: &str) -> u16 {
    let path = format!("{}/{action}", setting.path());
    setting.client.post_form(&path, &[]).await.status
}

#[actix_web::test]
async fn every_version_tells_what_changed_in_the_words_of_the_editor() {
    let setting = with_history().await;

    let page = setting
        .client
        .get(&format!("{}/versions", setting.path()))
        .await;

    assert_eq!(page.status, 200, "{}", page.body);
    let text = words(&page.body);
    assert_reads(
        &text,
        &[
            "Version 2 Asking",
            "Fewer pages, after the new form",
            "Question What stopped you today ?",
            "Where are",
            "Left unasked for comparison 10 % 25 %",
            "Version 1",
            "“What stopped you?” The first one.",
            "Publish it as version 3",
            "Versions 1 to 2 and their answers stay as they are.",
        ],
    );
    for marked in ["<ins>", "<del>10", "<ins>25"] {
        assert!(page.body.contains(marked), "{marked} in {}", page.body);
    }
    // Visitors have it already.
    assert_eq!(page.body.matches("Use this version again").count(), 1);
    assert!(!page.body.contains("held_out_percent"));
}

#[actix_web::test]
async fn an_old_version_used_again_is_a_new_one_and_history_stays() {
    let setting = with_history().await;
    let (db, site) = (&setting.app.state.db.read, setting.site.id);
    let before = store::list_versions(db, site, setting.prompt.id)
        .await
        .unwrap();

    let path = format!("{}/versions/1", setting.path());
    let reply = setting.client.post_form(&path, &[("do", "publish")]).await;

    assert_eq!(reply.status, 303, "{}", reply.body);
    let after = store::list_versions(db, site, setting.prompt.id)
        .await
        .unwrap();
    assert_eq!(after[1..], before[..]);
    assert_eq!((after[0].version, &after[0].design), (3, &before[1].design));
    assert_eq!(after[0].note, "Version 1 again");
    assert_eq!(setting.stored().await.published_version, Some(3));
    let published = store::list_published(db, site).await.unwrap();
    assert_eq!(published[0].version, 3);
}

#[actix_web::test]
async fn an_old_version_may_be_put_in_the_editor_only() {
    let setting = with_history().await;

    let path = format!("{}/versions/1", setting.path());
    let reply = setting.client.post_form(&path, &[("do", "draft")]).await;

    assert!(reply.location().starts_with(&setting.path()), "{reply:?}");
    let stored = setting.stored().await;
    assert_eq!(stored.published_version, Some(2));
    assert_eq!(stored.draft.questions[0].title, "What stopped you?");
    let missing = format!("{}/versions/9", setting.path());
    let reply = setting.client.post_form(&missing, &[("do", "draft")]).await;
    assert_eq!(reply.status, 404);
}

#[actix_web::test]
async fn a_note_may_be_changed_and_what_the_version_froze_may_not() {
    let setting = with_history().await;
    let path = format!("{}/versions/1", setting.path());
    let db = &setting.app.state.db.read;
    let versions = async || {
        store::list_versions(db, setting.site.id, setting.prompt.id)
            .await
            .unwrap()
    };
    let before = versions().await;

    let note = [("do", "note"), ("note", " The <b>first</b> wording ")];
    let saved = setting.client.post_form(&path, &note).await;
    let long = "x".repeat(201);
    let refused = setting
        .client
        .post_form(&path, &[("do", "note"), ("note", &long)])
        .await;

    assert_eq!((saved.status, refused.status), (303, 422));
    let after = versions().await;
    assert_eq!(after[1].note, "The <b>first</b> wording");
    assert_eq!(after[1].design, before[1].design);
    assert_eq!(after[0], before[0]);
}

#[actix_web::test]
async fn answers_keep_the_wording_that_they_were_given_under() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(2);
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let client = app.owner().await;
    let answers = format!("/sites/{}/answers", world.site.key);
    let asked = store::load_version(&app.state.db.read, world.site.id, world.prompt_id, 1)
        .await
        .unwrap();
    let title = asked.design.questions[0].title.clone();

    let before = words(&client.get(&answers).await.body);
    let tx = app.state.db.begin().await.unwrap();
    let mut design = asked.design;
    design.questions[0].title = "What else is in your way?".into();
    store::save_draft(
        &tx,
        world.site.id,
        world.prompt_id,
        "Sign-up",
        &design,
        clock::now(),
    )
    .await
    .unwrap();
    store::publish(&tx, world.site.id, world.prompt_id, clock::now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let after = words(&client.get(&answers).await.body);

    assert!(!before.contains("asked as:"), "{before}");
    assert_reads(&after, &[&format!("asked as: {title}")]);
}

#[actix_web::test]
async fn a_copy_is_a_draft_of_its_own() {
    let setting = with_history().await;

    let path = format!("{}/duplicate", setting.path());
    let reply = setting.client.post_form(&path, &[]).await;

    assert_eq!(reply.status, 303);
    let prompts = store::list_prompts(&setting.app.state.db.read, setting.site.id)
        .await
        .unwrap();
    let copy: &Prompt = &prompts[0];
    let original = setting.stored().await;
    assert_eq!(copy.name, "Copy of Sign-up not finished");
    assert_eq!(
        (copy.status, copy.published_version, &copy.draft),
        (PromptStatus::Draft, None, &original.draft)
    );
    assert!(reply.location().contains(&copy.id.to_string()));
    assert_eq!(original.status, PromptStatus::Published);
}

#[actix_web::test]
async fn what_is_archived_asks_nobody_and_can_be_brought_back() {
    let setting = with_history().await;
    let db = &setting.app.state.db.read;

    assert_eq!(do_to(&setting, "archive").await, 303);

    assert!(
        store::list_published(db, setting.site.id)
            .await
            .unwrap()
            .is_empty()
    );
    assert_reads(
        &list(&setting, "").await,
        &["No question is in use", "Archived (1)"],
    );
    assert_reads(
        &list(&setting, "?show=archived").await,
        &["Sign-up not finished", "Archived", "Bring back"],
    );
    let report = format!("{}/report", setting.path());
    assert_eq!(setting.client.get(&report).await.status, 200);
    let editor = setting.client.get(&setting.path()).await;
    assert_reads(
        &words(&editor.body),
        &["This question is archived", "Bring back"],
    );
    for action in ["archive", "publish", "resume", "pause"] {
        assert_eq!(do_to(&setting, action).await, 409, "{action}");
    }
    assert_eq!(setting.press("save", &[]).await.status, 409);

    assert_eq!(do_to(&setting, "bring-back").await, 303);
    assert_eq!(setting.stored().await.status, PromptStatus::Paused);
    assert_eq!(do_to(&setting, "resume").await, 303);
    assert_eq!(do_to(&setting, "bring-back").await, 409);
}

#[actix_web::test]
async fn only_a_draft_that_nobody_got_is_deleted() {
    let setting = Setting::new().await;
    let page = setting.client.get(&setting.path()).await;
    assert_reads(
        &words(&page.body),
        &["Deletes the draft “Form signup not finished” for good"],
    );
    let copy = setting
        .client
        .post_form(&format!("{}/duplicate", setting.path()), &[])
        .await;
    let copy = copy.location().split('?').next().unwrap().to_owned();
    setting.press("publish", &[]).await;

    let deleted = setting
        .client
        .post_form(&format!("{copy}/delete"), &[])
        .await;
    let refused = do_to(&setting, "delete").await;

    assert_eq!((deleted.status, refused), (303, 409));
    let left = store::list_prompts(&setting.app.state.db.read, setting.site.id)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    let page = setting.client.get(&setting.path()).await;
    assert!(!page.body.contains("Delete this draft"));
}

#[actix_web::test]
async fn what_is_archived_is_read_and_not_edited() {
    let setting = with_history().await;
    setting
        .press("save", &[("q1-title", "Never published?")])
        .await;
    do_to(&setting, "archive").await;

    let page = setting.client.get(&setting.path()).await;

    let text = words(&page.body);
    assert_reads(
        &text,
        &[
            "Archived",
            "Version 2",
            "What stopped you today?",
            "Far too long",
            "The price",
            "Whom to ask",
        ],
    );
    assert!(
        !text.contains("Never published?"),
        "visitors never got it: {text}"
    );
    let form = |action: &str| format!("method=\"post\" action=\"{}/{action}\"", setting.path());
    assert!(page.body.contains(&form("bring-back")) && page.body.contains(&form("duplicate")));
    assert!(!page.body.contains("id=\"editor\""), "{}", page.body);
    assert!(!page.body.contains("<textarea") && !page.body.contains("type=\"radio\""));
}

#[actix_web::test]
async fn another_sites_prompt_is_not_touched() {
    let setting = with_history().await;
    let other = setting.app.insert_site("Other").await;
    let path = format!("/sites/{}/prompts/{}", other.key, setting.prompt.id);

    for action in [
        "duplicate",
        "archive",
        "bring-back",
        "delete",
        "versions/1",
        "move",
    ] {
        let reply = setting
            .client
            .post_form(
                &format!("{path}/{action}"),
                &[("do", "publish"), ("move", "up")],
            )
            .await;
        assert_eq!(reply.status, 404, "{action}");
    }
    let history = setting.client.get(&format!("{path}/versions")).await;
    assert_eq!(history.status, 404);
    let rows = exitpoll::db::entity::prompt::Entity::find()
        .all(&setting.app.state.db.read)
        .await
        .unwrap();
    assert_eq!((rows.len(), rows[0].status.as_str()), (1, "published"));
}
