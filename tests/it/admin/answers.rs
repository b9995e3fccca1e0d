//! The list of answers.

use exitpoll::{
    clock,
    db::entity::{answer, answer_choice},
    prompt::{
        store,
        templates::{TemplateContext, new_design},
        types::PromptTemplate,
    },
    site::types::Site,
    types::{ImpressionId, Millis, PromptId, VisitId},
};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};

use crate::support::{app::TestApp, client::Client};

struct Setting {
    app: TestApp,
    client: Client,
    site: Site,
    prompt_id: PromptId,
}

impl Setting {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let client = app.owner().await;
        let site = app.insert_site("Shop").await;
        let prompt_id = insert_prompt(&app, &site).await;
        Self {
            app,
            client,
            site,
            prompt_id,
        }
    }

    /// Stores an answer as the writer would.
    async fn answer(&self, prompt_id: PromptId, at: Millis, comment: &str) -> ImpressionId {
        let impression_id = ImpressionId::new(at);
        let tx = self.app.state.db.begin().await.unwrap();
        answer::Entity::insert(answer::ActiveModel {
            site_id: Set(self.site.id),
            impression_id: Set(impression_id),
            question_id: Set("q1".into()),
            visit_id: Set(VisitId::new(at)),
            prompt_id: Set(prompt_id),
            prompt_version: Set(1),
            answered_at: Set(at),
            received_at: Set(at),
            seq: Set(1),
            is_complete: Set(true),
            is_late: Set(comment == "late"),
            is_test: Set(comment == "tried"),
            comment: Set(comment.into()),
            number: Set(None),
            value: Set(String::new()),
            folded: Set(comment.to_lowercase()),
            led_past: Set(None),
            led_to: Set(None),
        })
        .exec_without_returning(&tx)
        .await
        .unwrap();
        answer_choice::Entity::insert(answer_choice::ActiveModel {
            site_id: Set(self.site.id),
            impression_id: Set(impression_id),
            question_id: Set("q1".into()),
            choice_id: Set("c5".into()),
            reason_id: Set(None),
            place: Set(None),
        })
        .exec_without_returning(&tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        impression_id
    }

    async fn list(&self, query: &str) -> String {
        let reply = self
            .client
            .get(&format!("/sites/{}/answers{query}", self.site.key))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }
}

async fn insert_prompt(app: &TestApp, site: &Site) -> PromptId {
    let context = TemplateContext {
        form: "signup".into(),
        pricing_path: "/pricing".into(),
        primary: None,
        seen_paths: vec![],
    };
    let design = new_design(PromptTemplate::FormAbandoned, &context);
    let tx = app.state.db.begin().await.unwrap();
    let design = store::resolve_design(&tx, site.id, &design, 1)
        .await
        .unwrap();
    let id = store::insert_draft(&tx, site.id, "About the form", &design, 1)
        .await
        .unwrap();
    store::publish(&tx, site.id, id, 1).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[actix_web::test]
async fn answers_stand_newest_first_with_their_tags() {
    let setting = Setting::new().await;
    let now = clock::now();
    setting
        .answer(setting.prompt_id, now - 3_000, "older")
        .await;
    setting.answer(setting.prompt_id, now - 2_000, "late").await;
    setting
        .answer(setting.prompt_id, now - 1_000, "tried")
        .await;

    let page = setting.list("").await;

    let place = |text: &str| {
        page.find(text)
            .unwrap_or_else(|| panic!("{text} in {page}"))
    };
    assert!(place("“tried”") < place("“late”") && place("“late”") < place("“older”"));
    assert!(page.contains("The price") && page.contains("About the form"));
    assert!(page.contains(">late</span>") && page.contains(">test</span>"));
    let late = setting.list("?state=late").await;
    assert!(late.contains("“late”") && !late.contains("“older”"));
}

#[actix_web::test]
async fn every_answer_shows_the_question_as_it_was_put() {
    let setting = Setting::new().await;
    let (site_id, id) = (setting.site.id, setting.prompt_id);
    let tx = setting.app.state.db.begin().await.unwrap();
    let prompt = store::find_prompt(&tx, site_id, id).await.unwrap();
    let mut changed = prompt.draft.clone();
    changed.questions[0].title = "What else was missing?".into();
    store::save_draft(&tx, site_id, id, "About the form", &changed, 2)
        .await
        .unwrap();
    store::publish(&tx, site_id, id, 2).await.unwrap();
    tx.commit().await.unwrap();
    setting.answer(id, 10, "to the first wording").await;

    let page = setting.list("").await;

    assert!(page.contains(&prompt.draft.questions[0].title), "{page}");
    assert!(!page.contains("What else was missing?"), "{page}");
}

#[actix_web::test]
async fn without_scripts_nothing_claims_to_be_live() {
    let setting = Setting::new().await;

    let page = setting.list("").await;

    let claim = page
        .split("New answers appear by themselves")
        .next()
        .unwrap();
    assert!(claim.ends_with("data-scripted hidden>"), "{page}");
}

#[actix_web::test]
async fn the_fragment_is_the_list_alone() {
    let setting = Setting::new().await;
    assert!(
        setting
            .list("?fragment=list")
            .await
            .contains("No answers yet")
    );
    setting
        .answer(setting.prompt_id, clock::now(), "just now")
        .await;

    let fragment = setting.list("?fragment=list").await;

    assert!(fragment.contains("“just now”") && !fragment.contains("<html"));
}

#[actix_web::test]
async fn a_list_can_be_narrowed_to_one_prompt() {
    let setting = Setting::new().await;
    let other = insert_prompt(&setting.app, &setting.site).await;
    setting.answer(setting.prompt_id, 10, "of the first").await;
    setting.answer(other, 20, "of the other").await;

    let page = setting.list(&format!("?prompt={other}")).await;

    assert!(page.contains("“of the other”") && !page.contains("“of the first”"));
    assert!(
        page.contains(&format!("?prompt={other}&#38;fragment=list")),
        "{page}"
    );
}

#[actix_web::test]
async fn older_answers_are_a_link_away_and_none_is_lost_or_shown_twice() {
    let setting = Setting::new().await;
    for n in 0..52 {
        // Several at the same instant.
        setting
            .answer(setting.prompt_id, 1_000 + n / 4, &format!("n{n}."))
            .await;
    }

    let first = setting.list("").await;
    let older = first
        .split("before=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let second = setting.list(&format!("?before={older}")).await;

    for n in 0..52 {
        let text = format!("<p class=\"said\">“n{n}.”");
        assert_eq!(
            first.matches(&text).count() + second.matches(&text).count(),
            1,
            "{text}"
        );
    }
    assert!(first.contains("52") && !second.contains("Older answers"));
    assert!(!second.contains("data-live"));
}

#[actix_web::test]
async fn deleting_takes_the_answer_and_its_choices() {
    let setting = Setting::new().await;
    let gone = setting.answer(setting.prompt_id, 10, "to go").await;
    setting.answer(setting.prompt_id, 20, "to stay").await;
    let path = format!("/sites/{}/answers/{gone}/delete", setting.site.key);

    let reply = setting.client.post_form(&path, &[]).await;

    assert_eq!(reply.status, 303);
    let page = setting.list("").await;
    assert!(page.contains("“to stay”") && !page.contains("“to go”"));
    let db = &setting.app.state.db.read;
    assert_eq!(answer_choice::Entity::find().count(db).await.unwrap(), 1);
    assert_eq!(setting.client.post_form(&path, &[]).await.status, 404);
}

#[actix_web::test]
async fn another_sites_answer_is_not_there() {
    let setting = Setting::new().await;
    let id = setting.answer(setting.prompt_id, 10, "mine").await;
    let other = setting.app.insert_site("Other").await;
    let path = format!("/sites/{}/answers/{id}/delete", other.key);

    assert_eq!(setting.client.post_form(&path, &[]).await.status, 404);
    let page = setting
        .client
        .get(&format!("/sites/{}/answers", other.key))
        .await;
    assert!(!page.body.contains("mine") || page.body.contains("No answers yet"));
    assert!(setting.list("").await.contains("“mine”"));
}
