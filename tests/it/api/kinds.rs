//! What the card is told of a question of each kind.

use exitpoll::prompt::{
    draft::NewQuestion,
    types::{QuestionKind, ScaleLook, TextInput},
};
use serde_json::{Value, json};

use crate::support::{app::TestApp, prompt::pricing, widget::Widget};

/// A required question with a message of the owner's.
fn asked(kind: QuestionKind) -> NewQuestion {
    NewQuestion {
        kind,
        title: "How was it?".into(),
        is_required: true,
        message: "We would like to know.".into(),
        ..NewQuestion::default()
    }
}

/// A question, and what of it its kind decides.
fn cases() -> Vec<(NewQuestion, Value)> {
    use QuestionKind as Kind;
    let scale = |to: i64, from: i64| json!({"kind": "scale", "from": from, "to": to});
    let rating = |top, look| NewQuestion {
        top,
        look,
        ..asked(Kind::Rating)
    };
    let text = |input| NewQuestion {
        input,
        ..asked(Kind::Text)
    };
    let stars = json!({"kind": "scale", "from": 1, "to": 10, "marks": vec!["★"; 10]});
    let address = NewQuestion {
        note: "Only to reply to you.".into(),
        ..asked(Kind::Email)
    };
    let wrong =
        |input: &str| json!({"kind": "text", "input": input, "wrong": "We would like to know."});
    let mut replied = wrong("email");
    replied["note"] = "Only to reply to you.".into();
    vec![
        (asked(Kind::Nps), scale(10, 0)),
        (asked(Kind::Csat), scale(5, 1)),
        (asked(Kind::Ces), scale(7, 1)),
        (rating(2, ScaleLook::Number), scale(2, 1)),
        (rating(10, ScaleLook::Star), stars),
        (
            text(TextInput::Long),
            json!({"kind": "text", "input": null}),
        ),
        (text(TextInput::Number), wrong("number")),
        (text(TextInput::Url), wrong("url")),
        (address, replied),
        (asked(Kind::Date), json!({"kind": "date"})),
        (asked(Kind::Consent), json!({"kind": "consent"})),
        (
            asked(Kind::Words),
            json!({"kind": "statement", "must": null}),
        ),
    ]
}

#[actix_web::test]
async fn each_kind_comes_to_the_card_with_its_bounds_and_the_owners_own_words() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    for (n, (question, mut expected)) in cases().into_iter().enumerate() {
        let mut design = pricing();
        design.questions = vec![question];
        let prompt = app.publish(&site, "Pricing", &design).await;
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, _) = widget.open("/pricing", "").await;

        let decision = view.ask(prompt, "exit").await;

        let told = &decision["show"]["content"]["questions"][0];
        if expected.get("must").is_none() {
            expected["must"] = "We would like to know.".into();
        }
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&told[key], value, "{key} of {told}");
        }
        app.pause(&site, prompt).await;
    }
}
