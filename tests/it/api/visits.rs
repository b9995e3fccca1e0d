//! Who continues which visit, with nothing on the device to say it.

use exitpoll::clock::{HOUR, MINUTE};
use serde_json::json;

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{ORIGIN, Widget, hidden, page},
};

fn from(path: &str) -> String {
    format!("{ORIGIN}{path}")
}

#[actix_web::test]
async fn round_trips_reloads_and_new_tabs_leave_one_visit_one() {
    let returns = [
        (
            "back from a payment page",
            "/thanks",
            "https://pay.example/done",
            "navigate",
            true,
        ),
        ("back from an e-mail", "/confirm", "", "navigate", true),
        ("reload", "/pricing", "", "reload", true),
        (
            "reload whose farewell was lost",
            "/pricing",
            "",
            "reload",
            false,
        ),
        (
            "back button",
            "/pricing",
            "https://search.example/",
            "back_forward",
            true,
        ),
        (
            "next page",
            "/signup",
            "https://shop.example/pricing",
            "navigate",
            true,
        ),
        (
            "link in a new tab",
            "/signup",
            "https://shop.example/pricing",
            "navigate",
            false,
        ),
    ];
    for (name, path, referrer, navigation, says_goodbye) in returns {
        let app = TestApp::spawn().await;
        let site = app.insert_site("Shop").await;
        let widget = Widget::new(&app, &site);
        let (mut view, first) = widget.open("/pricing", "https://search.example/").await;
        if says_goodbye {
            view.send(json!([hidden(0)])).await;
        }

        let mut next = widget.view(0);
        next.navigation = navigation;
        let reply = next.send(json!([page(0, path, referrer)])).await;

        assert_eq!(reply["visit"], first["visit"], "{name}");
        let [visit] = &app.visits(&site).await[..] else {
            panic!("{name}: one visit");
        };
        assert_eq!((visit.pages, visit.is_ambiguous), (2, false), "{name}");
        assert_eq!(visit.entry_path, "/pricing", "{name}");
    }
}

#[actix_web::test]
async fn two_interleaved_browsers_with_the_same_hash_are_two_visits_and_both_are_asked() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);

    let (mut anna, annas) = widget.open("/", "").await;
    let (mut ben, bens) = widget.open("/", "").await;
    anna.send(json!([hidden(0)])).await;
    let (mut anna, annas_next) = widget.open("/pricing", &from("/")).await;
    ben.send(json!([hidden(0)])).await;
    let (mut ben, bens_next) = widget.open("/pricing", &from("/")).await;
    let decisions = [
        anna.ask(prompt, "exit").await,
        ben.ask(prompt, "exit").await,
    ];

    assert_ne!(annas["visit"], bens["visit"]);
    assert_eq!(annas_next["visit"], annas["visit"]);
    assert_eq!(bens_next["visit"], bens["visit"]);
    for decision in &decisions {
        assert!(decision["show"]["token"].is_string(), "{decision}");
    }
    let visits = app.visits(&site).await;
    assert_eq!(visits.len(), 2);
    assert!(visits.iter().all(|visit| visit.pages == 2));
}

#[actix_web::test]
async fn an_ambiguous_continuation_tells_nobody_what_another_did() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let (mut anna, _) = widget.open("/pricing", "").await;
    let (mut ben, _) = widget.open("/pricing", "").await;
    anna.send(json!([hidden(0)])).await;
    ben.send(json!([hidden(0)])).await;

    let (_, reply) = widget.open("/about", &from("/pricing")).await;

    assert!(reply["visit"].is_string());
    assert_eq!((reply.get("goals"), reply.get("armed")), (None, None));
    let visits = app.visits(&site).await;
    assert_eq!(visits.len(), 2);
    assert_eq!(visits.iter().filter(|visit| visit.is_ambiguous).count(), 1);
}

#[actix_web::test]
async fn half_an_hour_without_an_event_ends_a_visit() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let start = exitpoll::clock::now() - 5 * HOUR;
    let visitors = [[1; 16]];
    let widget = Widget::new(&app, &site);
    let write = async |path: &str, referrer: &str, at| {
        let body = widget
            .view(0)
            .batch(json!([page(0, path, referrer), hidden(0)]));
        let reply = app.write_at(&site, &body, &visitors, at).await;
        serde_json::to_value(reply).unwrap()["visit"].clone()
    };

    let first = write("/", "", start).await;
    let within = write("/a", &from("/"), start + 29 * MINUTE).await;
    let after = write("/b", &from("/a"), start + 59 * MINUTE).await;

    assert_eq!(first, within);
    assert_ne!(first, after);
}

#[actix_web::test]
async fn a_page_left_open_for_an_hour_goes_on_in_a_visit_of_its_own() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let start = exitpoll::clock::now() - 5 * HOUR;
    let visitors = [[1; 16]];
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    let opened = view.batch(json!([page(0, "/", "")]));
    view.age_ms = HOUR;
    let returned = view.batch(json!([[HOUR, "page_visible"], page(HOUR, "/pricing", "")]));
    view.age_ms = HOUR + MINUTE;
    let later = view.batch(json!([hidden(HOUR + MINUTE)]));

    app.write_at(&site, &opened, &visitors, start).await;
    app.write_at(&site, &returned, &visitors, start + HOUR)
        .await;
    app.write_at(&site, &later, &visitors, start + HOUR + MINUTE)
        .await;

    let visits = app.visits(&site).await;
    assert_eq!(visits.len(), 2);
    let batches = app.batches(&site).await;
    let of: Vec<_> = batches.iter().map(|batch| batch.visit_id).collect();
    assert_eq!(of, [visits[0].id, visits[1].id, visits[1].id]);
    assert_eq!(visits[1].entry_path, "/pricing");
}

#[actix_web::test]
async fn a_page_that_comes_back_joins_the_visit_that_began_meanwhile() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let start = exitpoll::clock::now() - 5 * HOUR;
    let visitors = [[1; 16]];
    let widget = Widget::new(&app, &site);
    let mut old = widget.view(0);
    let opened = old.batch(json!([page(0, "/", ""), hidden(0)]));
    let other_tab = widget
        .view(0)
        .batch(json!([page(0, "/pricing", ""), hidden(0)]));
    old.age_ms = HOUR + MINUTE;
    let returned = old.batch(json!([[HOUR + MINUTE, "page_visible"]]));

    app.write_at(&site, &opened, &visitors, start).await;
    app.write_at(&site, &other_tab, &visitors, start + HOUR)
        .await;
    app.write_at(&site, &returned, &visitors, start + HOUR + MINUTE)
        .await;

    let visits = app.visits(&site).await;
    assert_eq!(visits.len(), 2, "{visits:?}");
    assert_eq!(visits[1].last_at, start + HOUR + MINUTE);
}

#[actix_web::test]
async fn a_page_load_that_arrives_hours_late_is_not_taken_for_the_visit_of_now() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let now = exitpoll::clock::now();
    let visitors = [[1; 16]];
    let widget = Widget::new(&app, &site);
    let mut asleep = widget.view(0);
    asleep.age_ms = 5 * HOUR;
    let late = asleep.batch(json!([page(0, "/", ""), hidden(0)]));
    let fresh = widget
        .view(0)
        .batch(json!([page(0, "/pricing", ""), hidden(0)]));

    app.write_at(&site, &fresh, &visitors, now).await;
    app.write_at(&site, &late, &visitors, now).await;

    let mut starts: Vec<_> = app.visits(&site).await;
    starts.sort_by_key(|visit| visit.started_at);
    let starts: Vec<_> = starts.iter().map(|visit| visit.started_at).collect();
    assert_eq!(starts, [now - 5 * HOUR, now]);
}

#[actix_web::test]
async fn what_is_too_old_to_be_kept_begins_no_visit() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(25 * HOUR);

    view.send(json!([page(0, "/", "")])).await;

    assert!(app.visits(&site).await.is_empty());
    assert_eq!(app.drops(&site).await, [("too_late".to_owned(), 1)]);
}

#[actix_web::test]
async fn the_change_of_the_salt_at_midnight_leaves_one_visit_one() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let start = exitpoll::clock::now() - HOUR;
    let (before, after) = ([1; 16], [2; 16]);
    let widget = Widget::new(&app, &site);
    let write = async |path: &str, referrer: &str, visitors: &[[u8; 16]], at| {
        let body = widget
            .view(0)
            .batch(json!([page(0, path, referrer), hidden(0)]));
        let reply = app.write_at(&site, &body, visitors, at).await;
        serde_json::to_value(reply).unwrap()["visit"].clone()
    };

    let today = write("/", "", &[before], start).await;
    let tomorrow = write("/a", &from("/"), &[after, before], start + MINUTE).await;
    let further = write("/b", &from("/a"), &[after, before], start + 2 * MINUTE).await;

    assert_eq!((&today, &today), (&tomorrow, &further));
    assert_eq!(app.visits(&site).await.len(), 1);
}

#[actix_web::test]
async fn another_agent_is_another_visitor() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let (mut view, first) = widget.open("/", "").await;
    view.send(json!([hidden(0)])).await;

    let (_, other) = widget
        .clone()
        .with_user_agent("Another")
        .open("/pricing", &from("/"))
        .await;

    assert_ne!(first["visit"], other["visit"]);
}
