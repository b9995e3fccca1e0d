//! In which language a card speaks.

use std::collections::BTreeMap;

use exitpoll::{
    prompt::{
        draft::NewDesign,
        types::{Wording, Words},
    },
    site::types::Site,
    types::PromptId,
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

/// English, German and Arabic; in Arabic only the title.
fn spoken() -> NewDesign {
    let words = |texts: &[(&str, &str)]| -> Words {
        let texts = texts.iter();
        texts
            .map(|(place, text)| ((*place).to_owned(), (*text).to_owned()))
            .collect()
    };
    let mut design = pricing();
    design.other_words.translations = BTreeMap::from([
        (
            "de".to_owned(),
            words(&[
                ("questions.q1.title", "Was hat Sie abgehalten?"),
                ("questions.q1.choices.c1.label", "Zu teuer"),
                ("questions.q1.choices.c2.label", "Zu lang"),
                ("thanks", "Danke."),
            ]),
        ),
        (
            "ar".to_owned(),
            words(&[("questions.q1.title", "ما الذي منعك؟")]),
        ),
    ]);
    design
}

async fn shop(app: &TestApp) -> (Site, PromptId) {
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &spoken()).await;
    (site, prompt)
}

/// The card that a browser with this `Accept-Language` gets, after the page has sent these events.
async fn card(app: &TestApp, site: &Site, prompt: PromptId, accepts: &str, said: Value) -> Value {
    let widget = Widget::new(app, site).with_user_agent(&format!("{accepts} {said}"));
    let mut view = widget.view(0);
    let mut events = vec![page(0, "/pricing", "")];
    events.extend(said.as_array().unwrap().clone());
    events.push(json!([1, "eligible", {"p": prompt.to_string(), "m": "exit"}]));
    let body = view.batch(events.into()).to_string();
    let request = widget.request().body(body).build().unwrap();
    let mut request = request;
    request
        .headers_mut()
        .insert("accept-language", accepts.parse().unwrap());
    let reply = reqwest::Client::new().execute(request).await.unwrap();
    let reply: Value = reply.json().await.unwrap();
    reply["ask"][0]["show"]["content"].clone()
}

#[actix_web::test]
async fn the_browsers_languages_choose_the_cards() {
    let app = TestApp::spawn().await;
    let (site, prompt) = shop(&app).await;

    for (accepts, lang) in [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("it,ar;q=0.5,de;q=0.7", "de"),
        ("en;q=0.2, ar-EG", "ar"),
        ("de;q=0, ar;q=0.1", "ar"),
        ("it", "en"),
        ("", "en"),
        ("*", "en"),
        ("de;q=x, ;;, ar", "ar"),
    ] {
        let content = card(&app, &site, prompt, accepts, json!([])).await;
        assert_eq!(content["lang"], lang, "{accepts}: {content}");
    }
    let stored: Vec<_> = app.impressions(&site).await;
    assert_eq!(stored[0].language.as_deref(), Some("de"));
    assert_eq!(stored.last().unwrap().language.as_deref(), Some("ar"));
}

#[actix_web::test]
async fn what_the_page_sets_comes_first() {
    let app = TestApp::spawn().await;
    let (site, prompt) = shop(&app).await;
    let set = |language: &str| json!([[0, "set", {"props": {"language": language}}]]);

    for (language, accepts, lang) in [
        ("ar", "de", "ar"),
        ("en", "de", "en"),
        ("de-CH", "en", "de"),
        ("it", "de", "de"),
    ] {
        let content = card(&app, &site, prompt, accepts, set(language)).await;
        assert_eq!(content["lang"], lang, "{language} before {accepts}");
    }
}

#[actix_web::test]
async fn a_card_speaks_its_language_and_falls_back_text_by_text() {
    let app = TestApp::spawn().await;
    let (site, prompt) = shop(&app).await;

    let german = card(&app, &site, prompt, "de", json!([])).await;
    let arabic = card(&app, &site, prompt, "ar", json!([])).await;

    assert_eq!(
        (&german["submit"], &german["dir"]),
        (&json!("Senden"), &json!("ltr"))
    );
    assert_eq!(german["thanks"], "Danke.");
    let question = &german["questions"][0];
    assert_eq!(question["must"], "Bitte eine Antwort wählen.");
    assert_eq!(
        question["choices"][0],
        json!({"id": "c1", "label": "Zu teuer"})
    );
    assert_eq!(question["choices"][2]["label"], "Etwas anderes");
    assert_eq!(question["comment"], "Noch etwas?");
    assert_eq!(arabic["dir"], "rtl");
    assert_eq!(arabic["later"], "ليس الآن");
    assert_eq!(arabic["questions"][0]["title"], "ما الذي منعك؟");
    assert_eq!(arabic["questions"][0]["choices"][0]["label"], "Too dear");
    assert_eq!(arabic["thanks"], "Thank you.");
}

#[actix_web::test]
async fn a_wording_is_drawn_once_for_a_visit_and_is_kept() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = spoken();
    design.other_words.wordings = vec![Wording {
        id: "b".into(),
        words: Words::from([("questions.q1.title".to_owned(), "Why not today?".to_owned())]),
    }];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let mut drawn = [0, 0];

    for n in 0..40 {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, _) = widget.open("/pricing", "").await;
        let batch = view.batch(json!([[1, "eligible", {"p": prompt.to_string(), "m": "exit"}]]));
        let first = view.post(&batch).await;
        let again = view.post(&batch).await;

        let title =
            |reply: &Value| reply["ask"][0]["show"]["content"]["questions"][0]["title"].clone();
        let is_other = title(&first) == "Why not today?";
        assert!(
            is_other || title(&first) == "What held you back?",
            "{first}"
        );
        assert_eq!(title(&first), title(&again), "a retry gets the same");
        drawn[usize::from(is_other)] += 1;
        let stored = app.impressions(&site).await.pop().unwrap();
        assert_eq!(
            stored.wording.as_deref(),
            Some(if is_other { "b" } else { "a" })
        );
    }

    // 40 fair draws fall outside of this once in a hundred thousand runs.
    assert!(drawn.iter().all(|n| (6..=34).contains(n)), "{drawn:?}");
}

#[actix_web::test]
async fn a_wording_that_is_not_translated_is_read_in_one_language() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = spoken();
    design.other_words.wordings = vec![Wording {
        id: "b".into(),
        words: Words::from([
            ("questions.q1.title".to_owned(), "Why not today?".to_owned()),
            ("thanks".to_owned(), "Thanks a lot.".to_owned()),
        ]),
    }];
    // One of the two is not translated.
    let german = design.other_words.translations.get_mut("de").unwrap();
    german.insert("b/thanks".into(), "Vielen Dank.".into());
    let prompt = app.publish(&site, "Pricing", &design).await;
    let mut read = BTreeMap::new();

    for n in 0..40 {
        let said = json!([[0, "custom", {"n": format!("visit_{n}")}]]);
        let card = card(&app, &site, prompt, "de", said).await;
        let question = &card["questions"][0];
        let texts = [
            &card["lang"],
            &question["title"],
            &question["choices"][0]["label"],
            &card["thanks"],
            &card["submit"],
        ];
        let texts = texts.map(|text| text.as_str().unwrap().to_owned());
        let stored = app.impressions(&site).await.pop().unwrap();
        assert_eq!(stored.language.as_deref(), card["lang"].as_str());
        read.insert(stored.wording.unwrap(), texts);
    }

    let german = [
        "de",
        "Was hat Sie abgehalten?",
        "Zu teuer",
        "Danke.",
        "Senden",
    ];
    let english = ["en", "Why not today?", "Too dear", "Thanks a lot.", "Send"];
    assert_eq!(read["a"], german);
    assert_eq!(read["b"], english);
}
