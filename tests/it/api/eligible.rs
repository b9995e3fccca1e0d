//! A moment fired: what the server decides, and what it writes about it.

use exitpoll::{
    prompt::types::{AddressRule, AskAt, Comparison, Filter},
    site::tool::Tool,
    types::{PromptId, ViewId},
};
use serde_json::{Value, json};

use super::batches::fixture;
use crate::support::{
    app::TestApp,
    prompt::{event, pricing, url},
    widget::{Widget, hidden, page, track},
};

fn no(why: &str, prompt: PromptId) -> Value {
    json!({"p": prompt.to_string(), "no": why})
}

#[actix_web::test]
async fn each_refusal_has_its_reason_and_a_row() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let cases: [(&str, &str, Vec<Value>); 7] = [
        ("not_reached", "exit", vec![page(0, "/", "")]),
        (
            "converted",
            "exit",
            vec![page(0, "/pricing", ""), track(1, "signed_up")],
        ),
        (
            "cancelled",
            "exit",
            vec![page(0, "/pricing", ""), track(1, "left_for_good")],
        ),
        (
            "too_late",
            "exit",
            vec![page(0, "/pricing", ""), page(700_000, "/", "")],
        ),
        (
            "on_the_way",
            "next_page",
            vec![page(600_000, "/", ""), page(700_000, "/pricing", "")],
        ),
        ("moment", "stalled", vec![page(0, "/pricing", "")]),
        // The order of events counts, not their place in the request.
        (
            "converted",
            "next_page",
            vec![track(5, "signed_up"), page(0, "/pricing", "")],
        ),
    ];

    for (n, (why, moment, events)) in cases.into_iter().enumerate() {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let mut view = widget.view(720_000);
        view.send(events.into()).await;
        assert_eq!(view.ask(prompt, moment).await, no(why, prompt), "case {n}");
        let row = app.impressions(&site).await.pop().unwrap();
        assert_eq!(row.refusal.as_deref(), Some(why));
        assert_eq!((row.arm, row.probability), (None, None));
    }
}

#[actix_web::test]
async fn pages_narrow_where_a_prompt_asks() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.target.addresses = vec![AddressRule::pattern("/pricing*")];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(10);
    view.send(json!([page(0, "/pricing", ""), page(1, "/blog", "")]))
        .await;

    let elsewhere = view.ask(prompt, "exit").await;
    view.send(json!([page(10, "/pricing/teams", "")])).await;
    let there = view.ask(prompt, "exit").await;

    assert_eq!(elsewhere, no("page", prompt));
    assert!(there["show"]["token"].is_string(), "{there}");
}

#[actix_web::test]
async fn a_prompt_that_is_not_live_is_unknown() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let other = app.insert_site("Other").await;
    let paused = app.publish(&site, "Pricing", &pricing()).await;
    app.pause(&site, paused).await;
    let foreign = app.publish(&other, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;

    for prompt in [
        paused.to_string(),
        foreign.to_string(),
        "prm_nonsense".to_owned(),
    ] {
        let decision = view.ask(&prompt, "exit").await;
        assert_eq!(decision["no"], "unknown_prompt", "{prompt}");
    }
}

#[actix_web::test]
async fn a_visit_has_one_automatic_question_and_quiet_after_it() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let first = app.publish(&site, "Pricing", &pricing()).await;
    let mut other = pricing();
    other.moment.after = None;
    other.moment.expect = Some(event("bought"));
    let second = app.publish(&site, "Leaving", &other).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;

    let shown = view.ask(first, "exit").await;
    let again = view.ask(first, "exit").await;
    let next = view.ask(second, "exit").await;
    let on_request = view.ask(second, "asked").await;
    view.send(json!([hidden(0)])).await;
    let (_, start) = widget
        .open("/", &format!("{}/pricing", widget.origin))
        .await;

    assert!(shown["show"]["token"].is_string());
    assert_eq!(
        shown["show"]["content"]["questions"][0]["title"],
        "What held you back?"
    );
    assert_eq!(again, no("already_decided", first));
    assert_eq!(next, no("slot_used", second));
    assert!(
        on_request["show"].is_object(),
        "what a visitor asks for is outside the slot"
    );
    assert_eq!(start["slot"], false);
    assert_eq!(start["armed"], json!([]));
}

#[actix_web::test]
async fn after_closing_a_question_that_was_asked_for_the_visit_is_quiet() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let mut other = pricing();
    other.moment.after = None;
    let second = app.publish(&site, "Leaving", &other).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;

    view.ask(second, "asked").await;
    let p = second.to_string();
    view.send(json!([
        [0, "prompt_shown", {"p": p}],
        [0, "prompt_seen", {"p": p}],
        [0, "prompt_dismissed", {"p": p, "why": "close"}],
    ]))
    .await;
    let decision = view.ask(prompt, "exit").await;

    assert_eq!(decision, no("quiet", prompt));
    let card = &app.impressions(&site).await[0];
    assert!(card.shown_at.is_some() && card.seen_at.is_some() && card.dismissed_at.is_some());
    assert_eq!(card.ending.as_deref(), Some("close"));
}

#[actix_web::test]
async fn a_put_off_question_waits_for_the_next_page() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.expect = Some(url("/thanks"));
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let (mut view, first) = widget.open("/pricing", "").await;
    view.send(json!([hidden(0)])).await;

    let (mut next, start) = widget
        .open("/about", &format!("{}/pricing", widget.origin))
        .await;
    let decision = next.ask(prompt, "next_page").await;

    assert_eq!(first["armed"], json!([]), "not on the page of A itself");
    assert_eq!(start["armed"], json!([prompt.to_string()]));
    assert!(decision["show"]["token"].is_string(), "{decision}");
}

#[actix_web::test]
async fn within_a_page_load_the_next_address_is_the_next_page() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.after = Some(event("form_opened"));
    design.moment.expect = Some(url("/thanks"));
    let prompt = app.publish(&site, "Form", &design).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(10);

    // In the same millisecond as the page, and after it.
    let first = view
        .send(json!([page(5, "/contact", ""), track(5, "form_opened")]))
        .await;
    // And before it.
    let mut other_view = widget.view(10);
    let told = json!([
        page(0, "/contact", ""),
        track(5, "form_opened"),
        page(5, "/about", "")
    ]);
    let at_once = other_view.send(told).await;
    let next = view.send(json!([page(20, "/about", "")])).await;
    let other = view.send(json!([track(30, "nothing")])).await;
    let on_the_way = view.send(json!([page(40, "/thanks", "")])).await;

    assert_eq!(first["armed"], json!([]), "not on the page of A itself");
    assert_eq!(at_once["armed"], json!([prompt.to_string()]));
    assert_eq!(next["armed"], json!([prompt.to_string()]));
    assert_eq!(other.get("armed"), None, "no page was opened");
    assert_eq!(on_the_way["armed"], json!([]));
}

#[actix_web::test]
async fn half_is_held_out_and_arm_and_probability_are_stored() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fairness.held_out_percent = 50;
    let prompt = app.publish(&site, "Pricing", &design).await;
    let mut held_out = 0;

    for n in 0..60 {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, _) = widget.open("/pricing", "").await;
        let decision = view.ask(prompt, "exit").await;
        if decision["held_out"] == true {
            held_out += 1;
            assert_eq!(decision.get("show"), None);
            assert_eq!(
                view.ask(prompt, "exit").await,
                no("already_decided", prompt)
            );
        } else {
            assert!(decision["show"]["token"].is_string());
        }
    }

    // 60 fair draws fall outside of this once in a million runs.
    assert!((10..=50).contains(&held_out), "{held_out}");
    let rows = app.impressions(&site).await;
    let drawn: Vec<_> = rows.iter().filter(|row| row.arm.is_some()).collect();
    assert_eq!(drawn.len(), 60);
    assert!(drawn.iter().all(|row| row.probability == Some(0.5)));
    let stored = drawn
        .iter()
        .filter(|row| row.arm.as_deref() == Some("held_out"));
    assert_eq!(stored.count(), held_out);
}

#[actix_web::test]
async fn the_owners_test_passes_the_caps_and_is_marked() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fairness.held_out_percent = 90;
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    view.test_token = Some(Tool::AskAgain.token(&site.signing_key, exitpoll::clock::now()));
    view.send(json!([page(0, "/pricing", "")])).await;
    let mut token = String::new();

    for _ in 0..5 {
        let decision = view.ask(prompt, "exit").await;
        token = decision["show"]["token"]
            .as_str()
            .expect("always shown")
            .to_owned();
    }
    view.answer(&token, 1, true, json!({"c": ["c1"]})).await;
    let after_answer = view.ask(prompt, "exit").await;

    assert!(after_answer["show"].is_object());
    assert!(app.visits(&site).await[0].is_test);
    assert!(app.impressions(&site).await.iter().all(|row| row.is_test));
    assert!(app.answers(&site).await[0].is_test);
}

#[actix_web::test]
async fn a_token_of_another_site_tests_nothing() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let other = app.insert_site("Other").await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    view.test_token = Some(Tool::AskAgain.token(&other.signing_key, exitpoll::clock::now()));

    view.send(json!([page(0, "/", "")])).await;

    assert!(!app.visits(&site).await[0].is_test);
}

#[actix_web::test]
async fn automated_browsers_are_flagged_and_kept() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    let mut batch = view.batch(json!([page(0, "/", "")]));
    batch["b"] = true.into();

    view.post(&batch).await;
    let crawler =
        Widget::new(&app, &site).with_user_agent("Mozilla/5.0 (compatible; Googlebot/2.1)");
    crawler.open("/", "").await;

    assert_eq!(app.visits(&site).await.len(), 2);
    assert!(app.visits(&site).await.iter().all(|row| row.is_automated));
}

#[actix_web::test]
async fn every_moment_is_asked_only_where_the_prompt_has_it() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.expect = None;
    design.moment.details.event = "compared".into();
    design.target.addresses = vec![AddressRule::pattern("/pricing*")];
    let here = AskAt::ALL
        .iter()
        .filter(|ask_at| !matches!(ask_at, AskAt::NextPage | AskAt::NextVisit));
    for (n, ask_at) in here.enumerate() {
        design.moment.ask_at = vec![*ask_at];
        let prompt = app.publish(&site, ask_at.label(), &design).await;
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let mut view = widget.view(10_000);
        view.send(json!([page(0, "/pricing", ""), page(1, "/blog", "")]))
            .await;
        // What the record has to tell of.
        let mut told = vec![track(2, "compared")];
        for kind in ["not_found", "rage_click", "copy", "widget_closed"] {
            told.push(json!([2, kind, {}]));
        }
        view.send(told.into()).await;
        let elsewhere = view.ask(prompt, ask_at.as_str()).await;
        view.send(json!([page(10, "/pricing", "")])).await;
        let other = view.ask(prompt, "next_page").await;
        let asked = view.ask(prompt, ask_at.as_str()).await;

        assert_eq!(elsewhere, no("page", prompt), "{ask_at}");
        assert_eq!(other, no("moment", prompt), "{ask_at}");
        assert!(asked["show"]["token"].is_string(), "{ask_at}: {asked}");
        let row = app.impressions(&site).await.pop().unwrap();
        assert_eq!(row.asked_at_moment, ask_at.as_str());
        app.pause(&site, prompt).await;
    }
}

#[actix_web::test]
async fn what_the_widget_records_of_moments_is_kept_and_a_moment_asks() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.ask_at = vec![AskAt::WidgetClosed];
    let prompt = app.publish(&site, "Chat", &design).await.to_string();
    let view = ViewId::new(exitpoll::clock::now()).0.to_string();
    let places = [
        ("site", site.key.as_str()),
        ("view", &view),
        ("prompt", &prompt),
    ];
    let batch = fixture(include_str!("../../fixtures/wire/moments.json"), &places);

    let reply = Widget::new(&app, &site).post(batch).await.json();

    assert_eq!(reply.get("dropped"), None, "every kind is known");
    assert!(reply["ask"][0]["show"]["token"].is_string(), "{reply}");
}

#[actix_web::test]
async fn a_moment_that_the_record_would_tell_of_needs_it() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.ask_at = vec![AskAt::Event, AskAt::NotFound, AskAt::Copy];
    design.moment.details.event = "compared".into();
    design.moment.details.filters = vec![Filter {
        property: "plans".into(),
        is: Comparison::Greater,
        value: "2".into(),
    }];
    let prompt = app.publish(&site, "Compared", &design).await;
    let widget = Widget::new(&app, &site);
    let compared =
        |plans: i64| json!([1, "track", {"name": "compared", "props": {"plans": plans}}]);
    let (mut view, _) = widget.open("/pricing", "").await;
    view.send(json!([compared(2)])).await;

    for moment in ["event", "not_found", "copy"] {
        assert_eq!(
            view.ask(prompt, moment).await,
            no("moment", prompt),
            "{moment}"
        );
    }
    // In an earlier request of the same page load, as when the question has waited.
    view.send(json!([compared(3)])).await;
    view.send(json!([[2, "scroll", {"p": 25}]])).await;
    let asked = view.ask(prompt, "event").await;
    assert!(asked["show"].is_object(), "{asked}");

    // What another page load has told counts for none of this one.
    let other = Widget::new(&app, &site).with_user_agent("Another browser");
    let (mut view, _) = other.open("/pricing", "").await;
    assert_eq!(view.ask(prompt, "event").await, no("moment", prompt));
    // In the same request, before it.
    let eligible = json!([1, "eligible", {"p": prompt.to_string(), "m": "event"}]);
    let reply = view.send(json!([compared(4), eligible])).await;
    assert!(reply["ask"][0]["show"].is_object(), "{reply}");
}
