//! The editor of a prompt: what it says while one edits, and the link with which owners meet their own question.

use exitpoll::{
    db::entity::batch,
    types::{ViewId, VisitId},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::prompt_setting::Setting;
use crate::support::widget::{Widget, page};

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

/// The parts of the editor that a page shows open.
fn open_parts(body: &str) -> Vec<&str> {
    let parts = body.split("<details class=\"part").skip(1);
    let heads = parts.map(|part| part.split('>').next().unwrap());
    let open = heads.filter(|head| head.ends_with(" open"));
    open.map(|head| {
        head.split("data-key=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
    })
    .collect()
}

#[actix_web::test]
async fn the_parts_that_were_open_stay_open() {
    let setting = Setting::new().await;
    let open = [("open", "endings"), ("open", "often")];

    let fresh = setting.client.get(&setting.path()).await;
    let saved = setting.press("save", &open).await;
    let saved = setting.client.get(saved.location()).await;
    let pressed = setting.press("add-question", &open).await;
    let mut wrong = open.to_vec();
    wrong.push(("ask_again_days", "x"));
    wrong.push(("tab_label", ""));
    wrong.push(("shown_as", "tab"));
    let refused = setting.press("publish", &wrong).await;
    let unnamed = setting
        .press("save", &[("name", ""), ("open", "questions")])
        .await;
    let other = setting.press("save", &[("open", "\"><b>")]).await;

    assert_eq!(open_parts(&fresh.body), ["questions"]);
    assert_eq!(open_parts(&saved.body), ["endings", "often"]);
    assert!(saved.body.contains("Saved."), "{}", saved.body);
    assert_eq!(open_parts(&pressed.body), ["questions", "endings", "often"]);
    assert_eq!(refused.status, 422);
    assert_eq!(open_parts(&refused.body), ["endings", "way", "often"]);
    assert_eq!(unnamed.status, 422);
    assert_eq!(
        open_parts(&unnamed.body),
        ["questions"],
        "the name stands in no part"
    );
    assert_eq!(other.location(), format!("{}?done=saved", setting.path()));
}

#[actix_web::test]
async fn a_new_choice_can_be_given_a_number_of_answers_before_it_is_saved() {
    let setting = Setting::new().await;

    let pressed = setting.press("q1-add-choice", &[]).await;
    let saved = setting
        .press("save", &[("quota_of", "q1/c1"), ("quota_most", "20")])
        .await;

    assert!(
        pressed.body.contains(
            ">The price</label><div><input type=\"hidden\" name=\"quota_of\" value=\"q1/c"
        ),
        "{}",
        pressed.body
    );
    assert!(
        pressed.body.contains(
            "A choice that you have just added is listed here after any button of this form."
        ),
        "{}",
        pressed.body
    );
    assert_eq!(saved.status, 303, "{}", saved.body);
}

#[actix_web::test]
async fn what_needs_consent_says_so_beside_it() {
    let setting = Setting::new().await;
    let goals = format!("/sites/{}/goals", setting.site.key);
    let made = super::goals::goal("url", "/pricing", "milestone", "");
    assert_eq!(setting.client.post_form(&goals, &made).await.status, 303);

    let page = setting.client.get(&setting.path()).await.body;

    for (field, said) in [
        (
            "id=\"least_visit\"",
            "Known only of visitors who agreed to be known again. With either choice nobody else is asked.",
        ),
        (
            "name=\"earlier_visits\"",
            "With consent: what was reached in any visit since. Without: this visit alone",
        ),
        (
            "id=\"sample_percent\"",
            "A visitor stays in or out: for a day, or for ever where they agreed to be known again.",
        ),
        (
            "id=\"ask_again_days\"",
            "With consent: across visits. Without: nothing is remembered once a visit is over",
        ),
    ] {
        let behind = page
            .split(field)
            .nth(1)
            .unwrap_or_else(|| panic!("{field}"));
        let near: String = behind.chars().take(1_000).collect();
        assert!(near.contains(said), "{field}: {near}");
    }
}

#[actix_web::test]
async fn pages_that_nobody_was_seen_on_are_told() {
    let setting = Setting::new().await;
    let base = format!("/sites/{}/prompts", setting.site.key);
    let made = setting
        .client
        .post_form(&base, &[("template", "page_helpful")])
        .await;
    let editor = async || setting.client.get(made.location()).await.body;
    let widget = Widget::new(&setting.app, &setting.site);
    let told = "No page seen so far matches";

    let unknown = editor().await;
    assert!(!unknown.contains(told), "nothing was seen at all");
    widget.view(0).send(json!([page(0, "/", "")])).await;
    let elsewhere = editor().await;
    assert_eq!(
        elsewhere.matches(told).count(),
        2,
        "beside the tab and the rules"
    );
    widget
        .view(100)
        .send(json!([page(0, "/help/start", "/")]))
        .await;
    let there = editor().await;
    assert!(!there.contains(told), "{there}");
}
