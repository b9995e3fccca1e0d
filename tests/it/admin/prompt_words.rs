//! Other languages and wordings from the editor to a version, and along with everything that happens to it; and the preview.

use exitpoll::prompt::store;
use serde_json::{Value, json};

use super::prompt_setting::Setting;

const WORDS: [(&str, &str); 5] = [
    ("translation", "de"),
    ("de:questions.q1.title", "Was hat Sie aufgehalten?"),
    ("wording", "b"),
    ("b:questions.q1.title", "Why not today?"),
    ("de:b/questions.q1.title", "Warum nicht heute?"),
];

#[actix_web::test]
async fn a_version_a_copy_and_an_old_version_used_again_keep_their_words() {
    let setting = Setting::new().await;
    let (db, site) = (&setting.app.state.db.read, setting.site.id);

    let reply = setting.press("publish", &WORDS).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let spoken = setting.stored().await.draft.other_words;
    assert_eq!(
        json!(spoken),
        json!({
            "translations": {"de": {
                "questions.q1.title": "Was hat Sie aufgehalten?",
                "b/questions.q1.title": "Warum nicht heute?",
            }},
            "wordings": [{"id": "b", "words": {"questions.q1.title": "Why not today?"}}],
        })
    );
    let copy = format!("{}/duplicate", setting.path());
    setting.client.post_form(&copy, &[]).await;
    setting.press("publish", &[]).await;
    let again = format!("{}/versions/1", setting.path());
    setting.client.post_form(&again, &[("do", "publish")]).await;

    let prompts = store::list_prompts(db, site).await.unwrap();
    let copied = prompts.iter().find(|prompt| prompt.id != setting.prompt.id);
    assert_eq!(copied.unwrap().draft.other_words, spoken);
    let versions = store::list_versions(db, site, setting.prompt.id)
        .await
        .unwrap();
    let words: Vec<_> = versions
        .iter()
        .rev()
        .map(|version| version.design.other_words == spoken)
        .collect();
    assert_eq!(words, [true, false, true]);
    let history = setting
        .client
        .get(&format!("{}/versions", setting.path()))
        .await;
    assert!(
        history.body.contains("Question in German, wording B"),
        "{}",
        history.body
    );
}

#[actix_web::test]
async fn the_editor_says_what_is_missing_and_refuses_what_is_too_long() {
    let setting = Setting::new().await;
    setting.press("publish", &WORDS).await;
    let long = "x".repeat(121);

    let page = setting.client.get(&setting.path()).await;
    let refused = setting
        .press("save", &[("translation", "de"), ("de:thanks", &long)])
        .await;

    assert!(page.body.contains("German (incomplete)"), "{}", page.body);
    assert!(
        !page.body.contains("Whoever gets wording B"),
        "it is translated"
    );
    assert!(
        page.body
            .contains("<span class=\"badge warn\">missing</span>")
    );
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .body
            .contains("href=\"#de:thanks\">Use at most 120 characters."),
        "{}",
        refused.body
    );
}

#[actix_web::test]
async fn the_words_on_a_tab_are_translated_and_are_the_same_in_every_wording() {
    let setting = Setting::new().await;
    let mut fields = WORDS.to_vec();
    fields.extend([
        ("shown_as", "tab"),
        ("tab_label", "Feedback"),
        ("de:look.label", "Rückmeldung"),
        ("b:look.label", "Tell us"),
    ]);

    setting.press("save", &fields).await;

    let words = setting.stored().await.draft.other_words;
    assert_eq!(words.translations["de"]["look.label"], "Rückmeldung");
    assert!(!words.wordings[0].words.contains_key("look.label"));
    let page = setting.client.get(&setting.path()).await;
    assert!(
        page.body
            .contains("name=\"de:look.label\" maxlength=\"24\""),
        "{}",
        page.body
    );
    assert!(!page.body.contains("name=\"b:look.label\""));
}

#[actix_web::test]
async fn the_editor_says_which_wording_is_not_read_in_a_language() {
    let setting = Setting::new().await;
    let mut fields = WORDS.to_vec();
    fields.push(("b:thanks", "Thanks a lot."));

    setting.press("save", &fields).await;

    let page = setting.client.get(&setting.path()).await;
    assert!(
        page.body
            .contains("German (incomplete: wording B is read in English)"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains(
            "Whoever gets wording B reads the whole card in English, until each text of it is translated here."
        ),
        "{}",
        page.body
    );
}

async fn preview(setting: &Setting, fields: &[(&str, &str)]) -> Value {
    let mut all = vec![
        ("name", "Sign-up not finished"),
        ("question", "q1"),
        ("q1-title", "What stopped you?"),
        ("q1-kind", "text"),
        ("question", "q2"),
        ("q2-title", "And then?"),
        ("q2-kind", "text"),
        ("thanks", "Thank you."),
        ("lang", "en"),
    ];
    all.extend(fields);
    let path = format!("{}/preview", setting.path());
    let reply = setting.client.post_form(&path, &all).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

#[actix_web::test]
async fn the_preview_is_the_content_that_visitors_get_in_a_language_and_a_wording() {
    let setting = Setting::new().await;
    let title = |content: &Value| content["questions"][0]["title"].clone();

    let plain = preview(&setting, &[]).await;
    let mut fields = WORDS.to_vec();
    fields.extend([("preview_language", "de"), ("shown", "q2")]);
    let german = preview(&setting, &fields).await;
    fields.push(("preview_wording", "b"));
    let other = preview(&setting, &fields).await;

    assert_eq!(
        (title(&plain), &plain["submit"]),
        (json!("What stopped you?"), &json!("Send"))
    );
    assert_eq!(plain.get("at"), None);
    assert_eq!(
        (title(&german), &german["submit"]),
        (json!("Was hat Sie aufgehalten?"), &json!("Senden"))
    );
    assert_eq!(
        german["at"], 1,
        "it opens with the question that is worked on"
    );
    assert_eq!(title(&other), "Warum nicht heute?");
    assert_eq!(setting.stored().await, setting.prompt, "nothing is stored");
}

#[actix_web::test]
async fn the_frame_of_the_preview_may_do_nothing_but_draw() {
    let setting = Setting::new().await;
    let path = format!("{}/preview", setting.path());

    let frame = setting.client.get(&path).await;
    let forged = setting
        .client
        .send(setting.client.request("POST", &path).body(""))
        .await;
    let outside = reqwest::get(format!("{}{path}", setting.app.base))
        .await
        .unwrap();

    let policy = frame.header("content-security-policy");
    assert!(
        policy.starts_with(
            "sandbox allow-scripts allow-forms; default-src 'none'; script-src 'self'"
        ),
        "{policy}"
    );
    assert!(
        !policy.contains("connect-src") && !policy.contains("same-origin"),
        "{policy}"
    );
    assert_eq!(forged.status, 403);
    assert!(
        outside.url().path().starts_with("/sign-in"),
        "{}",
        outside.url()
    );
}
