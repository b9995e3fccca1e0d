//! Scales and help in the report of a prompt, against figures counted by hand.

use exitpoll::{
    clock,
    db::entity::recount,
    goal::{
        store,
        types::{GoalRole, GoalRule},
    },
    prompt::{
        draft::NewQuestion,
        types::{Ending, EndingKind, QuestionKind, ScaleLook},
    },
};
use sea_orm::EntityTrait;
use serde_json::json;

use super::world::{assert_reads, words};
use crate::{
    recount::goal,
    support::{
        app::TestApp,
        prompt::pricing,
        widget::{Widget, page},
    },
};

/// What each visitor gave: NPS, CSAT, CES, stars.
const GIVEN: [[i64; 4]; 10] = [
    [10, 5, 7, 5],
    [10, 5, 7, 4],
    [9, 4, 6, 4],
    [9, 4, 6, 3],
    [8, 4, 5, 3],
    [7, 3, 5, 3],
    [6, 3, 4, 2],
    [3, 2, 3, 2],
    [0, 1, 2, 1],
    [10, 1, 1, 1],
];

#[actix_web::test]
async fn scores_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    let kinds = [
        QuestionKind::Nps,
        QuestionKind::Csat,
        QuestionKind::Ces,
        QuestionKind::Rating,
    ];
    design.questions = (1..)
        .zip(kinds)
        .map(|(number, kind)| NewQuestion {
            id: format!("q{number}"),
            kind,
            title: kind.label().into(),
            ..NewQuestion::default()
        })
        .collect();
    let prompt = app.publish(&site, "Scores", &design).await;
    for (n, given) in GIVEN.into_iter().enumerate() {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, _) = widget.open("/pricing", "").await;
        let asked = view.ask(prompt, "exit").await;
        let [nps, csat, ces, stars] = given.map(|value| json!({"n": value}));
        let mut body = view.batch(json!([]));
        body["a"] = json!([{
            "i": asked["show"]["token"], "n": 1, "t": 0, "done": true,
            "v": {"q1": nps, "q2": csat, "q3": ces, "q4": stars},
        }]);
        view.post(&body).await;
    }

    let path = format!("/sites/{}/prompts/{prompt}/report", site.key);
    let text = words(&app.owner().await.get(&path).await.body);

    assert_reads(
        &text,
        &[
            // 5 of 10 gave 9 or 10, 3 gave 6 or less: 50 % less 30 %. With ¾, ¾ and 3 more: (5.75 − 3.75) / 13 ± 1.96 ×
            // √((9.5 / 13 − 0.154²) / 13) is −0.303 to 0.611.
            "NPS +20 (−30 to +61, n = 10): 5 gave 9 or 10, 3 gave 0 to 6",
            // 5 + 5 + 4 + 4 + 4 + 3 + 3 + 2 + 1 + 1 = 32.
            "5 of 10 gave 4 or 5; mean 3.2 (n = 10)",
            // 7 + 7 + 6 + 6 + 5 + 5 + 4 + 3 + 2 + 1 = 46; the squares are 38.4, so 4.6 ± 2.262 × √(38.4 / 9 / 10).
            "Mean 4.6 of 7 (3.1 to 6.1, n = 10); 6 of 10 gave 5 to 7",
            // 5 + 4 + 4 + 3 + 3 + 3 + 2 + 2 + 1 + 1 = 28; the squares are 15.6, so 2.8 ± 2.262 × √(15.6 / 9 / 10).
            "Mean 2.8 of 5 (1.9 to 3.7, n = 10)",
            "In brackets behind the score: the range that chance alone allows.",
        ],
    );
}

#[actix_web::test]
async fn help_is_told_by_ending_once_a_card() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    let ending = |id: &str, text: &str| Ending {
        id: id.into(),
        kind: EndingKind::Help,
        text: text.into(),
        url: "https://shop.example/help".into(),
        label: "Read on".into(),
        chat: String::new(),
        after_s: 0,
    };
    design.endings = vec![
        ending("e1", "Prices explained"),
        ending("e2", "How fast it is"),
    ];
    let prompt = app.publish(&site, "Helps", &design).await;
    for n in 0..3 {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let mut view = widget.view(100);
        view.send(json!([page(0, "/pricing", "")])).await;
        let asked = view.ask(prompt, "exit").await;
        let token = asked["show"]["token"].as_str().unwrap();
        view.answer(token, 1, true, json!({"c": ["c1"]})).await;
        let helped = |t: i64, how: &str| json!([t, "prompt_helped", {"p": prompt.to_string(), "m": how, "why": "e1"}]);
        view.send(json!([helped(50, "shown")])).await;
        if n == 0 {
            view.send(json!([helped(60, "link"), helped(70, "link")]))
                .await;
        }
    }

    let path = format!("/sites/{}/prompts/{prompt}/report", site.key);
    let text = words(&app.owner().await.get(&path).await.body);

    assert_reads(
        &text,
        &[
            "“Prices explained” shown 3, followed 1; 0 reached the main goal later",
            "“How fast it is” shown 0, followed 0",
        ],
    );
    let file = app.owner().await.get(&format!("{path}.json")).await.body;
    let told: serde_json::Value = serde_json::from_str(&file).unwrap();
    let rows = told["prompt"].as_array().unwrap().iter();
    let first = rows.filter(|row| row["name"] == "Prices explained");
    let first: Vec<_> = first
        .map(|row| (&row["line"], &row["k"], &row["n"]))
        .collect();
    assert_eq!(
        first,
        [
            (&json!("help_shown"), &json!(3), &json!(null)),
            (&json!("help_followed"), &json!(1), &json!(3)),
            (&json!("help_converted"), &json!(0), &json!(3)),
        ]
    );
    // From now on there is a main goal, by which none of the visits is counted, nor will be.
    let main = goal("Bought", GoalRole::Macro, GoalRule::event("bought"));
    let tx = app.state.db.begin().await.unwrap();
    store::insert_goal(&tx, site.id, &main, clock::now())
        .await
        .unwrap();
    recount::Entity::delete_many().exec(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_reads(
        &words(&app.owner().await.get(&path).await.body),
        &["shown 3, followed 1; 0 reached the main goal later, of 3 it is not known"],
    );
    let told = app.owner().await.get(&format!("{path}.json")).await.json();
    let mut rows = told["prompt"].as_array().unwrap().iter();
    let converted = rows.find(|row| row["line"] == "help_converted").unwrap();
    assert_eq!(converted["n"], 0, "{converted}");
}

#[actix_web::test]
async fn thumbs_are_told_in_words_and_as_a_share() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.questions = vec![NewQuestion {
        kind: QuestionKind::Rating,
        title: "Was this page helpful?".into(),
        look: ScaleLook::Thumbs,
        top: 2,
        ..NewQuestion::default()
    }];
    let prompt = app.publish(&site, "Helpful", &design).await;
    for (n, value) in [2, 2, 1].into_iter().enumerate() {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, _) = widget.open("/pricing", "").await;
        let asked = view.ask(prompt, "exit").await;
        let token = asked["show"]["token"].as_str().unwrap();
        view.answer(token, 1, true, json!({"n": value})).await;
    }
    let client = app.owner().await;
    let base = format!("/sites/{}", site.key);

    let report = client.get(&format!("{base}/prompts/{prompt}/report")).await;
    let list = client.get(&format!("{base}/answers")).await.body;
    let table = client.get(&format!("{base}/answers.csv")).await.body;

    // Wilson: 2 of 3 is 20.8 to 93.9 %.
    let text = words(&report.body);
    assert_reads(
        &text,
        &[
            "2 of 3 thumbs up (20.8 to 93.9 %)",
            "2 of 3 Thumb up",
            "1 of 3 Thumb down",
        ],
    );
    assert!(!text.contains("Mean"), "{text}");
    let question = list.find("Was this page helpful?").unwrap();
    assert!(question < list.find(">Thumb down<").unwrap(), "{list}");
    assert!(list.contains("<span>Prompt: Helpful</span>"), "{list}");
    assert_eq!(
        table.matches(",Was this page helpful?,Thumb up,").count(),
        2
    );
    let (_, answer) = list.split_once("class=\"choice\" href=\"").unwrap();
    let answer = client.get(answer.split('"').next().unwrap()).await.body;
    assert!(words(&answer).contains("Thumb down"), "{answer}");
    for page in [&list, &table, &answer] {
        assert!(!page.contains("of 2"), "{page}");
    }
}
