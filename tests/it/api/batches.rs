//! Batches: taken once, whatever the network does, and read back as they were sent.

use exitpoll::types::ViewId;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, hidden, page, track},
};

/// A fixture that the widget's tests read too, with its places filled in.
pub(super) fn fixture(text: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

#[actix_web::test]
async fn the_shared_fixtures_make_a_visit_a_decision_and_an_answer() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await.to_string();
    let widget = Widget::new(&app, &site);
    let view = ViewId::new(exitpoll::clock::now()).0.to_string();
    let places = [
        ("site", site.key.as_str()),
        ("view", &view),
        ("prompt", &prompt),
    ];
    let first = fixture(
        include_str!("../../fixtures/wire/first_batch.json"),
        &places,
    );
    let eligible = fixture(include_str!("../../fixtures/wire/eligible.json"), &places);

    let start = widget.post(first).await.json();
    let decision = widget.post(eligible).await.json();
    let token = decision["ask"][0]["show"]["token"].as_str().unwrap();
    let answer = fixture(
        include_str!("../../fixtures/wire/answer.json"),
        &[&places[..], &[("token", token)]].concat(),
    );
    let taken = widget.post(answer).await;

    assert!(start["visit"].as_str().unwrap().starts_with("vis_"));
    assert_eq!(start["slot"], true);
    assert_eq!(decision["slot"], false);
    assert_eq!(decision["decided"], json!([prompt]));
    assert_eq!(start["decided"], json!([]));
    assert_eq!(start["goals"].as_array().unwrap().len(), 1);
    assert_eq!(start["config"]["v"], start["cv"]);
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_eq!(taken.json().get("dropped"), None);
    let [visit] = &app.visits(&site).await[..] else {
        panic!("one visit");
    };
    assert_eq!(
        (visit.entry_path.as_str(), visit.referrer.as_deref()),
        ("/pricing", Some("search.example"))
    );
    assert_eq!((visit.pages, visit.active_ms), (1, 5_000));
    assert_eq!(app.batches(&site).await.len(), 2);
    assert_eq!(app.chosen(&site).await, ["c2"]);
    assert_eq!(
        app.answers(&site).await[0].comment,
        "It asked for my phone number."
    );
}

#[actix_web::test]
async fn a_retry_gets_the_same_reply_and_leaves_no_second_row() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.fairness.held_out_percent = 50;
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(10);
    let eligible = json!([10, "eligible", {"p": prompt.to_string(), "m": "exit"}]);
    let mut batch = view.batch(json!([page(0, "/pricing", ""), eligible]));

    let first = view.post(&batch).await;
    let mut replies = vec![];
    for later in [700, 5_000, 90_000] {
        // The send time is stamped anew, everything else is frozen.
        batch["t"] = (10 + later).into();
        replies.push(view.post(&batch).await);
    }

    // What moves on may differ: the draw and the token may not.
    for reply in &replies {
        assert_eq!(reply["ask"], first["ask"]);
        assert_eq!(reply["visit"], first["visit"]);
        assert_eq!(reply["goals"], first["goals"]);
    }
    assert_eq!(app.batches(&site).await.len(), 1);
    assert_eq!(app.impressions(&site).await.len(), 1);
    let [visit] = &app.visits(&site).await[..] else {
        panic!("one visit");
    };
    assert_eq!(visit.pages, 1);
}

#[actix_web::test]
async fn a_visit_blown_up_by_a_program_is_journaled_and_never_folded_again() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let visitors = [[1; 16]];
    let now = exitpoll::clock::now();
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    let first = view.batch(json!([page(0, "/", "")]));
    app.write_at(&site, &first, &visitors, now).await;
    let text = "x".repeat(2_000);
    let mut late = json!(null);
    for n in 1..=80 {
        view.age_ms = n;
        let event = json!([n, "track", {"name": "x", "props": {"text": text}}]);
        if n == 40 {
            late = view.batch(json!([page(n, "/late", "")]));
        }
        let batch = view.batch(vec![event; 29].into());
        app.write_at(&site, &batch, &visitors, now + n).await;
    }

    app.write_at(&site, &late, &visitors, now + 100).await;

    assert_eq!(app.batches(&site).await.len(), 82);
    let [visit] = &app.visits(&site).await[..] else {
        panic!("one visit");
    };
    assert_eq!((visit.pages, visit.last_path.as_str()), (1, "/"));
}

#[actix_web::test]
async fn twenty_copies_at_once_are_one_batch() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let batch = widget.view(0).batch(json!([page(0, "/", "")])).to_string();

    let copies = (0..20).map(|_| widget.post(batch.clone()));
    let replies = futures_util::future::join_all(copies).await;

    let visits: std::collections::BTreeSet<String> = replies
        .iter()
        .map(|reply| reply.json()["visit"].to_string())
        .collect();
    assert_eq!(visits.len(), 1, "{visits:?}");
    assert_eq!(app.batches(&site).await.len(), 1);
    assert_eq!(app.visits(&site).await.len(), 1);
}

#[actix_web::test]
async fn a_widget_with_an_older_configuration_is_given_the_new_one_at_once() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let (mut view, before) = widget.open("/", "").await;

    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let after = view.send(json!([track(1, "x")])).await;
    app.pause(&site, prompt).await;
    let paused = view.send(json!([track(2, "x")])).await;

    assert_eq!(before.get("config"), None, "it held the current one");
    assert_eq!(after["cv"], site.config_version + 1);
    assert_eq!(after["config"]["prompts"][0]["id"], prompt.to_string());
    assert_eq!(after["config"]["k"], site.key.to_string());
    assert_eq!(paused["config"]["prompts"], json!([]));
    let script = app
        .anonymous()
        .get(&format!("/x/{}.js", site.key))
        .await
        .body;
    assert!(!script.contains(&prompt.to_string()));
}

#[actix_web::test]
async fn nul_is_removed_wherever_a_visitor_may_put_it() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    view.navigation = "navi\0gate";
    let mut batch = view.batch(json!([
        page(0, "/pri\0cing", "https://search.example/\0"),
        [0, "click", {"l": "Bu\0y", "h": "\0/x"}],
        [0, "form_started", {"f": "sign\0up", "n": "em\0ail"}],
        [0, "track", {"name": "a\0b", "props": {"k": "v\0w"}}],
        [0, "eligible", {"p": "prm_\0", "m": "ex\0it"}],
        [0, "tele\0pathy"],
    ]));
    batch["l"] = "en\0-GB".into();
    batch["d"] = "desk\0top".into();
    batch["x"] = "\0".into();
    view.post(&batch).await;
    let token = view.ask(prompt, "exit").await["show"]["token"]
        .as_str()
        .map(str::to_owned);
    let token = token.expect("the path of the goal was read without NUL");
    view.answer(&token, 1, true, json!({"c": ["c1"], "x": "too\0 dear"}))
        .await;
    view.answer(&token, 2, true, json!({"c": ["c\0"], "x": ""}))
        .await;

    let stored = app.batches(&site).await;
    assert!(stored.iter().all(|row| !row.body.contains("\\u0000")));
    assert!(stored[0].body.contains("/pricing") && stored[0].body.contains("\"vw\""));
    assert_eq!(app.answers(&site).await[0].comment, "too dear");
    assert_eq!(app.visits(&site).await[0].language, "en-GB");
}

#[actix_web::test]
async fn what_is_not_kept_is_counted_and_said() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let day = exitpoll::clock::DAY;
    let mut view = widget.view(day + 60_000);

    let reply = view
        .send(json!([
            page(0, "/", ""),
            [day, "telepathy", {"secret": 1}],
            page(day, "/pricing", ""),
        ]))
        .await;
    let lost = view.answer("nonsense", 1, true, json!({"c": ["c1"]})).await;

    let mut dropped: Vec<(String, i64)> = reply["dropped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["why"].as_str().unwrap().to_owned(),
                one["n"].as_i64().unwrap(),
            )
        })
        .collect();
    dropped.sort();
    assert_eq!(
        dropped,
        [("too_late".to_owned(), 1), ("unknown_kind".to_owned(), 1)]
    );
    assert_eq!(lost["dropped"], json!([{"why": "bad_token", "n": 1}]));
    assert_eq!(
        app.drops(&site).await,
        [
            ("bad_token".to_owned(), 1),
            ("too_late".to_owned(), 1),
            ("unknown_kind".to_owned(), 1)
        ]
    );
    // Numbers of events do not move when one is not kept, and nothing of it is stored.
    let body: Value = serde_json::from_str(&app.batches(&site).await[0].body).unwrap();
    assert_eq!(body.as_array().unwrap().len(), 3);
    assert!(!body.to_string().contains("secret"));
    assert_eq!(app.visits(&site).await[0].entry_path, "/pricing");
}

#[actix_web::test]
async fn a_late_batch_refolds_to_the_same_facts() {
    let app = TestApp::spawn().await;
    let in_order = app.insert_site("In order").await;
    let late = app.insert_site("Late").await;
    for site in [&in_order, &late] {
        app.publish(site, "Pricing", &pricing()).await;
    }
    let at = exitpoll::clock::now();
    for site in [&in_order, &late] {
        let widget = Widget::new(&app, site);
        let mut view = widget.view(60_000);
        let mut batches = vec![
            view.batch(json!([page(0, "/", "https://search.example/a")])),
            view.batch(json!([page(10_000, "/pricing", ""), [12_000, "active", {"ms": 4_000}]])),
            view.batch(json!([track(20_000, "signed_up"), hidden(21_000)])),
            view.batch(json!([
                [30_000, "page_visible"],
                page(31_000, "/thanks", "")
            ])),
        ];
        if site.id == late.id {
            batches.swap(1, 3);
            batches.push(batches[1].clone());
        }
        // At one and the same time, however busy the machine is: the place of a page load in time hangs on it.
        for batch in &batches {
            app.write_at(site, batch, &[[1; 16]], at).await;
        }
    }

    let facts = async |site| {
        let [visit] = &app.visits(site).await[..] else {
            panic!("one visit");
        };
        (
            visit.pages,
            visit.active_ms,
            visit.mask_all,
            visit.mask_before,
            visit.entry_path.clone(),
            visit.last_path.clone(),
            visit.referrer.clone(),
            visit.macro_at.is_some(),
            visit.last_at - visit.started_at,
        )
    };
    assert_eq!(facts(&in_order).await, facts(&late).await);
    assert_eq!(app.batches(&late).await.len(), 4);
}

#[actix_web::test]
async fn a_clock_that_was_set_back_loses_nothing() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    view.age_ms = -90_000;

    let batch =
        view.batch(json!([[0, "page_view", {"u": "/"}], [-90_000, "track", {"name": "paid"}]]));
    let reply = widget.post(batch.to_string()).await;

    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(app.batches(&site).await.len(), 1);
    assert_eq!(app.visits(&site).await[0].pages, 1);
}
