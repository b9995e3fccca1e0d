//! One submission for each token: the newest state counts, a complete one is never undone.

use exitpoll::clock::{DAY, MINUTE};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{View, Widget, page},
};

async fn shown(view: &mut View<'_>, prompt: impl ToString) -> String {
    let decision = view.ask(prompt, "exit").await;
    decision["show"]["token"]
        .as_str()
        .unwrap_or_else(|| panic!("{decision}"))
        .to_owned()
}

#[actix_web::test]
async fn the_newest_state_counts_and_a_complete_one_stays() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = shown(&mut view, prompt).await;
    let state = async || {
        let [answer] = &app.answers(&site).await[..] else {
            panic!("one answer");
        };
        (
            answer.seq,
            answer.is_complete,
            answer.comment.clone(),
            app.chosen(&site).await,
        )
    };

    view.answer(&token, 2, false, json!({"c": ["c1"], "x": "too"}))
        .await;
    assert_eq!(
        state().await,
        (2, false, "too".to_owned(), vec!["c1".to_owned()])
    );
    view.answer(&token, 1, false, json!({"c": ["c2"], "x": ""}))
        .await;
    assert_eq!(state().await.0, 2, "older than what is stored");
    view.answer(&token, 3, true, json!({"c": ["other"], "x": " too long "}))
        .await;
    let complete = (3, true, "too long".to_owned(), vec!["other".to_owned()]);
    assert_eq!(state().await, complete);
    view.answer(&token, 4, false, json!({"c": ["c1"], "x": ""}))
        .await;
    assert_eq!(state().await, complete, "a complete one is never undone");
    view.answer(&token, 3, true, json!({"c": ["c1"], "x": "again"}))
        .await;
    assert_eq!(state().await, complete, "a retry changes nothing");
    view.answer(&token, 9, true, json!({"c": ["c1"], "x": "again"}))
        .await;
    assert_eq!(state().await, complete, "one submission for each token");
    assert!(app.impressions(&site).await[0].answered_at.is_some());
}

#[actix_web::test]
async fn an_answer_that_the_owner_deleted_does_not_come_back() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = shown(&mut view, prompt).await;
    view.answer(
        &token,
        1,
        false,
        json!({"c": ["c1"], "x": "me@example.com"}),
    )
    .await;
    let impression = app.impressions(&site).await[0].id;
    let tx = app.state.db.begin().await.unwrap();
    exitpoll::answer::store::delete_answer(&tx, site.id, impression)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    view.answer(&token, 2, true, json!({"c": ["c1"], "x": "me@example.com"}))
        .await;

    assert!(app.answers(&site).await.is_empty());
}

#[actix_web::test]
async fn states_of_one_answer_in_one_request_fold_to_the_newest() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = shown(&mut view, prompt).await;
    let mut body = view.batch(json!([]));
    body["a"] = [(1, false, "a"), (3, true, "abc"), (2, false, "ab")]
        .map(|(n, done, text)| {
            json!({"i": token, "n": n, "t": 0, "done": done, "v": {"q1": {"c": [], "x": text}}})
        })
        .into();

    view.post(&body).await;

    let [answer] = &app.answers(&site).await[..] else {
        panic!("one answer");
    };
    assert_eq!((answer.seq, answer.comment.as_str()), (3, "abc"));
}

#[actix_web::test]
async fn no_clock_puts_an_answer_before_its_question_or_after_its_arrival() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    for t in [i64::MIN, -1, i64::MAX] {
        let browser = widget.clone().with_user_agent(&t.to_string());
        let (mut view, _) = browser.open("/pricing", "").await;
        let token = view.ask(prompt, "exit").await["show"]["token"].clone();
        let mut body = view.batch(json!([]));
        body["t"] = (300 * exitpoll::clock::DAY).into();
        body["a"] = json!([{"i": token, "n": 1, "t": t, "done": true, "v": {"q1": {"c": ["c1"]}}}]);
        view.post(&body).await;
    }

    let impressions = app.impressions(&site).await;
    let answers = app.answers(&site).await;
    assert_eq!(answers.len(), 3);
    for (answer, asked) in answers.iter().zip(&impressions) {
        assert!(
            (asked.decided_at..=answer.received_at).contains(&answer.answered_at),
            "{answer:?}"
        );
    }
}

#[actix_web::test]
async fn answers_that_do_not_fit_are_dropped_with_a_reason() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let other = app.insert_site("Other").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let foreign = app.publish(&other, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = shown(&mut view, prompt).await;
    let elsewhere = Widget::new(&app, &other);
    let (mut their_view, _) = elsewhere.open("/pricing", "").await;
    let their_token = shown(&mut their_view, foreign).await;
    let mut tampered = token.clone();
    tampered.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
    let fits = json!({"c": ["c1"]});

    for (name, token, value, why) in [
        ("a token of another site", &their_token, &fits, "bad_token"),
        ("a changed token", &tampered, &fits, "bad_token"),
        (
            "an unknown choice",
            &token,
            &json!({"c": ["c9"]}),
            "does_not_fit",
        ),
        (
            "nothing",
            &token,
            &json!({"c": [], "x": "  "}),
            "does_not_fit",
        ),
    ] {
        let reply = view.answer(token, 1, true, value.clone()).await;
        let [refused] = &reply["dropped"].as_array().unwrap()[..] else {
            panic!("{name}: {reply}");
        };
        assert_eq!(
            (&refused["why"], &refused["n"]),
            (&json!(why), &json!(1)),
            "{name}"
        );
        let names = match name {
            "an unknown choice" => Some(json!(["q1.c9"])),
            "nothing" => Some(json!(["q1"])),
            _ => None,
        };
        assert_eq!(refused.get("what"), names.as_ref(), "{name}");
    }
    assert!(app.answers(&site).await.is_empty());
    assert!(app.answers(&other).await.is_empty());
}

#[actix_web::test]
async fn an_answer_to_a_version_that_was_replaced_still_fits() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let token = shown(&mut view, prompt).await;

    app.pause(&site, prompt).await;
    let reply = view.answer(&token, 1, true, json!({"c": ["c1"]})).await;

    assert_eq!(reply.get("dropped"), None);
    assert_eq!(app.chosen(&site).await, ["c1"]);
}

#[actix_web::test]
async fn late_answers_are_flagged_and_after_a_week_refused() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let start = exitpoll::clock::now();
    let cases = [
        ("at once, delivered after 6 days", 0, 6 * DAY, Some(false)),
        ("after half an hour", 31 * MINUTE, 31 * MINUTE, Some(true)),
        ("delivered after a week", 0, 7 * DAY + MINUTE, None),
    ];

    for (n, (name, given_after, delivered_after, is_late)) in cases.into_iter().enumerate() {
        let visitors = [[u8::try_from(n).unwrap() + 1; 16]];
        let widget = Widget::new(&app, &site);
        let mut view = widget.view(0);
        let eligible = json!([0, "eligible", {"p": prompt.to_string(), "m": "exit"}]);
        let body = view.batch(json!([page(0, "/pricing", ""), eligible]));
        let reply = app.write_at(&site, &body, &visitors, start).await;
        let reply = serde_json::to_value(reply).unwrap();
        let token = reply["ask"][0]["show"]["token"].as_str().expect("shown");
        let mut body = view.batch(json!([]));
        body["t"] = delivered_after.into();
        body["a"] = json!([{"i": token, "n": 1, "t": given_after, "done": true, "v": {"q1": {"c": ["c1"]}}}]);

        let reply = app
            .write_at(&site, &body, &visitors, start + delivered_after)
            .await;

        let reply: Value = serde_json::to_value(reply).unwrap();
        let answers = app.answers(&site).await;
        let newest = answers
            .into_iter()
            .find(|row| row.received_at == start + delivered_after);
        match is_late {
            Some(is_late) => {
                assert_eq!(reply.get("dropped"), None, "{name}");
                assert_eq!(newest.unwrap().is_late, is_late, "{name}");
            }
            None => {
                assert_eq!(reply["dropped"][0]["why"], "answer_too_late", "{name}");
                assert_eq!(app.answers(&site).await.len(), 2, "{name}");
            }
        }
    }
}
