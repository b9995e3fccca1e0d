//! The editor of a prompt: what it says while one edits, and the link with which owners meet their own question.

use exitpoll::{
    db::entity::batch,
    types::{ViewId, VisitId},
};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::prompts::Setting;

#[actix_web::test]
async fn the_most_choices_are_said() {
    let setting = Setting::new().await;
    let hint = |body: &str| body.contains("id=\"q1-choices-full\">At most 6 choices");
    let mut rows = vec![];
    for label in ["a", "b", "c", "d", "e"] {
        rows.extend([
            ("q1-choice_label", label),
            ("q1-choice_reason", ""),
            ("q1-choice_id", ""),
        ]);
    }

    let five = setting.press("try", &rows).await;
    let six = setting.press("q1-add-choice", &rows).await;

    assert!(!hint(&five.body), "{}", five.body);
    assert!(hint(&six.body), "{}", six.body);
}

#[actix_web::test]
async fn the_sentence_follows_the_form_before_anything_is_saved() {
    let setting = Setting::new().await;

    let preview = setting
        .press(
            "try",
            &[("address_text", "/cart"), ("held_out_percent", "25")],
        )
        .await;
    let told = setting
        .press("sentence", &[("after", "url"), ("after_subject", "/offer")])
        .await;

    let started = "Asks visitors who started the form “signup” in the last 10 minutes and did not finish it, \
                   as they move to leave the page or on the next page they open, on /cart, \
                   at most once a visit. 25 % of them are left unasked for comparison.";
    assert!(preview.body.contains(started), "{}", preview.body);
    assert_eq!(told.status, 200);
    assert!(
        told.body.starts_with(
            "Asks visitors who viewed /offer in the last 10 minutes and have not completed the form “signup”"
        ),
        "{}",
        told.body
    );
    assert_eq!(setting.stored().await, setting.prompt);
}

#[actix_web::test]
async fn what_is_missing_for_a_sentence_is_said_in_its_place() {
    let setting = Setting::new().await;

    // A question without a title has a moment all the same.
    let untitled = setting.press("sentence", &[("q1-title", "")]).await;
    let never = setting.press("sentence", &[("ask_at", "never")]).await;

    assert!(untitled.body.starts_with("Asks "), "{}", untitled.body);
    assert_eq!(
        never.body.lines().next(),
        Some("Tick at least one moment to ask.")
    );
}

#[actix_web::test]
async fn a_paused_question_says_why_it_cannot_be_tried() {
    let setting = Setting::new().await;
    setting.press("publish", &[]).await;
    setting.press("pause", &[]).await;

    let page = setting.client.get(&setting.path()).await;

    assert!(page.body.contains("This question is paused"));
    assert!(!page.body.contains("exitpoll_test="), "{}", page.body);
}

#[actix_web::test]
async fn the_link_opens_the_address_that_was_last_seen() {
    let setting = Setting::new().await;
    setting.press("publish", &[]).await;
    let origins = [(
        "origins",
        "https://shop.example\nhttps://*.eu.shop.example\nhttps://late.example",
    )];
    let settings = format!("/sites/{}/settings/origins", setting.site.key);
    setting.client.post_form(&settings, &origins).await;
    for (at, referrer) in [
        (1, "https://late.example/a"),
        (2, "https://fr.eu.shop.example/b"),
        (3, "https://elsewhere.example/c"),
    ] {
        insert_page_view(&setting, at, referrer).await;
    }

    let page = setting.client.get(&setting.path()).await;

    let link = "href=\"https://fr.eu.shop.example/signup?exitpoll_test=";
    assert!(page.body.contains(link), "{}", page.body);
}

async fn insert_page_view(setting: &Setting, at: i64, referrer: &str) {
    let tx = setting.app.state.db.begin().await.unwrap();
    batch::Entity::insert(batch::ActiveModel {
        site_id: Set(setting.site.id),
        view_id: Set(ViewId::new(at)),
        first_seq: Set(0),
        visit_id: Set(VisitId::new(at)),
        view_started_at: Set(at),
        received_at: Set(at),
        body: Set(format!(
            r#"[[0,"page_view",{{"u":"/","r":"{referrer}"}}],[9,"click",{{"l":"x"}}]]"#
        )),
    })
    .exec_without_returning(&tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn an_address_can_be_tried_against_the_rules() {
    let setting = Setting::new().await;
    let tried = |address: &'static str| {
        let changes = [
            ("address_text", "/pricing"),
            ("address_test", "starts_with"),
            ("try_address", address),
        ];
        let setting = &setting;
        async move { setting.press("try", &changes).await.body }
    };

    let there = tried("https://shop.example/pricing/teams?utm_source=x#top").await;
    let elsewhere = tried("/blog").await;

    let because = "It matches, because /pricing/teams begins with /pricing.";
    assert!(there.contains(because), "{there}");
    let because = "It does not match, because /blog does not begin with /pricing.";
    assert!(elsewhere.contains(because), "{elsewhere}");
    assert_eq!(setting.stored().await, setting.prompt);
}
