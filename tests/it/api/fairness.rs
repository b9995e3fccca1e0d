//! How often a prompt asks: sample, schedule, limits, quotas, and what several prompts share.

use exitpoll::{
    prompt::types::{Fairness, Quota, Schedule},
    site::{self, types::Site},
    types::PromptId,
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

async fn publish(app: &TestApp, site: &Site, name: &str, fairness: Fairness) -> PromptId {
    let mut design = pricing();
    design.fairness = fairness;
    app.publish(site, name, &design).await
}

/// What visitor `n` is told on the page of the prices, and the token when that is a card.
async fn ask(app: &TestApp, site: &Site, n: usize, prompt: PromptId) -> Value {
    let widget = Widget::new(app, site).with_user_agent(&format!("Browser {n}"));
    let (mut view, _) = widget.open("/pricing", "").await;
    view.ask(prompt, "exit").await
}

async fn answer(app: &TestApp, site: &Site, n: usize, decision: &Value, choice: &str) {
    let token = decision["show"]["token"].as_str().expect("a card");
    let widget = Widget::new(app, site).with_user_agent(&format!("Browser {n}"));
    let mut view = widget.view(0);
    view.send(json!([page(0, "/other", "")])).await;
    view.answer(token, 1, true, json!({"c": [choice]})).await;
}

#[actix_web::test]
async fn a_sample_keeps_visitors_in_or_out() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let half = Fairness {
        sample_percent: 50,
        ..Fairness::default()
    };
    let prompt = publish(&app, &site, "Pricing", half).await;
    let mut out = 0;

    for n in 0..40 {
        let first = ask(&app, &site, n, prompt).await;
        let again = ask(&app, &site, n, prompt).await;
        let is_out = first["no"] == "sample";
        out += usize::from(is_out);
        assert_eq!(again["no"] == "sample", is_out, "{n}: {first} then {again}");
    }

    // 40 fair draws fall outside of this once in a hundred thousand runs.
    assert!((6..=34).contains(&out), "{out}");
}

#[actix_web::test]
async fn outside_of_its_days_nobody_is_asked() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let over = Fairness {
        schedule: Schedule {
            until_day: Some(20_200_131),
            ..Schedule::default()
        },
        ..Fairness::default()
    };
    let prompt = publish(&app, &site, "Pricing", over).await;

    let decision = ask(&app, &site, 0, prompt).await;

    assert_eq!(decision["no"], "schedule", "{decision}");
}

#[actix_web::test]
async fn it_stops_at_its_limit_of_answers() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let limited = Fairness {
        response_limit: Some(2),
        ..Fairness::default()
    };
    let prompt = publish(&app, &site, "Pricing", limited).await;
    for n in 0..2 {
        let card = ask(&app, &site, n, prompt).await;
        answer(&app, &site, n, &card, "c1").await;
        // A later state of the same answer is no other answer.
        answer(&app, &site, n, &card, "c1").await;
    }

    let third = ask(&app, &site, 2, prompt).await;

    assert_eq!(third["no"], "limit", "{third}");
    assert_eq!(app.answers(&site).await.len(), 2);
}

#[actix_web::test]
async fn it_stops_when_all_quotas_are_full_and_keeps_what_is_beyond() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let quota = |choice: &str| Quota {
        question: "q1".into(),
        choice: choice.into(),
        most: 1,
    };
    let quotas = Fairness {
        quotas: vec![quota("c1"), quota("c2")],
        ..Fairness::default()
    };
    let prompt = publish(&app, &site, "Pricing", quotas).await;
    for (n, choice) in ["c1", "c1", "c2"].into_iter().enumerate() {
        let card = ask(&app, &site, n, prompt).await;
        answer(&app, &site, n, &card, choice).await;
    }

    let last = ask(&app, &site, 3, prompt).await;

    assert_eq!(last["no"], "quota", "{last}");
    assert_eq!(app.chosen(&site).await, ["c1", "c1", "c2"]);
}

#[actix_web::test]
async fn a_site_may_ask_more_than_once_a_visit_and_a_lost_moment_names_the_winner() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let tx = app.state.db.begin().await.unwrap();
    site::store::save_asking(&tx, site.id, 2, 30).await.unwrap();
    tx.commit().await.unwrap();
    let mut prompts = vec![];
    for name in ["First", "Second", "Third"] {
        prompts.push(publish(&app, &site, name, Fairness::default()).await);
    }
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let moment = |id: &PromptId| json!([0, "eligible", {"p": id.to_string(), "m": "exit"}]);

    // Together, the last of them first.
    let events: Vec<Value> = prompts.iter().rev().map(moment).collect();
    let reply = view.send(events.into()).await;

    let told: Vec<(&str, bool)> = reply["ask"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ask| (ask["no"].as_str().unwrap_or(""), ask["show"].is_object()))
        .collect();
    assert_eq!(told, [("slot_used", false), ("", true), ("", true)]);
    let rows = app.impressions(&site).await;
    let lost = rows.iter().find(|row| row.refusal.is_some()).unwrap();
    assert_eq!(
        (lost.prompt_id, lost.lost_to),
        (prompts[2], Some(prompts[1]))
    );
}
