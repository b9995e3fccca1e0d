//! An answer with its visit.

use exitpoll::{
    clock::{DAY, MINUTE},
    db::entity::visit_goal,
    types::ViewId,
};
use serde_json::json;

use super::world::{World, assert_reads, words};
use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

const EVENTS: &str = r#"[[0,"page_view",{"u":"/signup","r":"https://www.google.example/"}],[850,"page_load",{"ms":840}],
 [5000,"form_started",{"f":"signup","n":"name"}],[9000,"field_focused",{"f":"signup","n":"mail"}],
 [20000,"field_focused",{"f":"signup","n":"phone"}],[119000,"form_abandoned",{"f":"signup","n":"phone","why":"exit_mouse"}],
 [119500,"exit_intent",{"vy":-1.2}],[200000,"page_view",{"u":"/pricing"}]]"#;

#[actix_web::test]
async fn stands_between_what_came_before_and_what_came_after() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(2);
    world.impression(Some("shown"));
    world.events(EVENTS);
    let id = world.answer(&[("c1", world.phone)], "Why do you need to call me?");
    let visit = world.visits.last_mut().unwrap();
    visit.macro_at = Some(visit.started_at + 4 * MINUTE);
    let (site_id, visit_id, first_at) = (visit.site_id, visit.id, visit.started_at + 5_000);
    world.visit_goals.push(visit_goal::Model {
        site_id,
        visit_id,
        bit: 1,
        first_at,
        n: 1,
        value_minor: 0,
    });
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;

    assert_eq!(page.status, 200, "{}", page.body);
    let text = words(&page.body);
    assert_reads(
        &text,
        &[
            "What kept you from finishing? “Why do you need to call me?”",
            "Computer, Firefox, de",
            "Reached “Signed up” 1 min 49 s after the answer",
            "Reason Phone number",
        ],
    );
    let told = [
        "Opened /signup loaded in 0.8 s · came from google.example",
        "Started the form signup",
        "Step: Started the form",
        "Last field: phone",
        "Turned away from the form signup, moving to leave the page",
        "Moved to leave the page",
        "Asked: Sign-up not finished The pointer moved to leave the page",
        "Answered: You ask for a phone number 11 s after the card opened",
        "After the answer",
        "Opened /pricing",
        "Left No activity since; the visit is closed",
    ];
    let places: Vec<usize> = told
        .iter()
        .map(|line| {
            text.find(line)
                .unwrap_or_else(|| panic!("{line:?} is missing in:\n{text}"))
        })
        .collect();
    assert!(places.is_sorted(), "{places:?} in {text}");
}

#[actix_web::test]
async fn a_form_that_was_given_up_is_told_as_recovered_by_a_later_visit_of_the_same_visitor_only() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    const COMPLETED: &str =
        r#"[[0,"page_view",{"u":"/signup"}],[9000,"form_completed",{"f":"signup"}]]"#;
    let (anna, ben) = (Some(vec![1; 16]), Some(vec![2; 16]));
    let visit = world.visit(2);
    visit.visitor_id.clone_from(&anna);
    visit.started_at -= 9 * DAY;
    visit.last_at = visit.started_at + 4 * MINUTE;
    world.impression(Some("shown"));
    world.events(EVENTS);
    let id = world.answer(&[("c1", world.phone)], "");
    for (days, visitor) in [(1, &ben), (2, &None), (3, &anna), (4, &anna)] {
        let visit = world.visit(2);
        visit.visitor_id.clone_from(visitor);
        visit.started_at += (days - 9) * DAY;
        visit.last_at = visit.started_at + 4 * MINUTE;
        world.events(COMPLETED);
    }
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;

    let text = words(&page.body);
    assert_reads(
        &text,
        &["Turned away from the form signup, moving to leave the page; completed it 2 days later"],
    );
}

#[actix_web::test]
async fn other_sites_answers_are_not_there() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(2);
    world.impression(Some("shown"));
    let id = world.answer(&[], "words");
    world.insert(&app).await;
    let other = app.insert_site("Another").await;
    let client = app.owner().await;

    assert_eq!(
        client
            .get(&format!("/sites/{}/answers/{id}", other.key))
            .await
            .status,
        404
    );
    assert_eq!(
        client
            .get(&format!("/sites/{}/answers/imp_7", world.site.key))
            .await
            .status,
        404
    );
    let page = client
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;
    assert_reads(
        &words(&page.body),
        &[
            "“words” What kept you from finishing?",
            "Did not reach “Signed up” in this visit",
        ],
    );
}

#[actix_web::test]
async fn only_an_outside_source_is_where_they_came_from() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(2).referrer = Some("www.shop.example".into());
    world.impression(Some("shown"));
    world.events(
        r#"[[0,"page_view",{"u":"/a","r":"https://www.shop.example/"}],[10,"page_view",{"u":"/b","r":"http://localhost:8123/a"}],
            [20,"page_view",{"u":"/c","r":"https://pay.example/"}]]"#,
    );
    let id = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;

    let text = words(&page.body);
    assert_reads(&text, &["came from pay.example", "Source this site"]);
    assert!(!text.contains("came from shop.example"), "{text}");
    assert!(!text.contains("came from localhost"), "{text}");
}

#[actix_web::test]
async fn the_field_that_began_a_form_is_told_with_the_beginning() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(2);
    world.impression(Some("shown"));
    world.events(
        r#"[[0,"page_view",{"u":"/signup"}],[5000,"field_focused",{"f":"signup","n":"name"}],[5000,"form_started",{"f":"signup","n":"name"}]]"#,
    );
    let id = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;

    assert_reads(
        &words(&page.body),
        &["Opened /signup", "Started the form signup Last field: name"],
    );
}

#[actix_web::test]
async fn a_very_long_visit_is_told_in_part_and_says_so() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(2);
    world.impression(Some("shown"));
    for half in 0..2 {
        let clicks: Vec<String> = (0..3_000)
            .map(|n| format!(r#"[{n},"click",{{"l":"click {half}.{n}."}}]"#))
            .collect();
        world.events(&format!("[{}]", clicks.join(",")));
        let batch = world.batches.last_mut().unwrap();
        batch.first_seq = half * 3_000;
        batch.view_started_at += i64::from(half) * 4_000;
    }
    let id = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;

    let text = words(&page.body);
    assert_reads(
        &text,
        &[
            "Only the last 5,000 events of this visit are told.",
            "“click 0.1000.”",
            "“click 1.2999.”",
        ],
    );
    assert!(!text.contains("click 0.999."));
}

#[actix_web::test]
async fn a_click_that_leads_to_another_site_tells_where() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(100);
    view.send(json!([
        page(0, "/pricing", ""),
        [10, "click", {"l": "Docs", "h": "https://docs.example/start"}],
        [20, "click", {"l": "", "h": "https://partner.example/"}],
        [30, "click", {"l": "Plans", "h": "/plans"}],
        [40, "click", {"l": "", "h": "/nameless"}],
    ]))
    .await;
    let decision = view.ask(prompt, "exit").await;
    let token = decision["show"]["token"].as_str().unwrap();
    view.answer(token, 1, true, json!({"c": ["c1"]})).await;
    let id = app.answers(&site).await[0].impression_id;

    let page = app
        .owner()
        .await
        .get(&format!("/sites/{}/answers/{id}", site.key))
        .await;

    let text = words(&page.body);
    assert_reads(
        &text,
        &[
            "Clicked “Docs”, to https://docs.example/start",
            "Clicked a link to https://partner.example/",
            "Clicked “Plans”",
        ],
    );
    assert!(
        !text.contains("/plans") && !text.contains("nameless"),
        "{text}"
    );
}

#[actix_web::test]
async fn the_newest_words_of_a_page_left_open_for_long_are_told() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(2);
    world.impression(Some("shown"));
    // A second page, opened later, says as much as is told.
    let clicks = [r#"[0,"click",{"l":"elsewhere"}]"#; 10].join(",");
    for n in 0..500 {
        world.events(&format!("[{clicks}]"));
        let batch = world.batches.last_mut().unwrap();
        batch.first_seq = n * 10;
        batch.view_started_at += 60_000;
        batch.received_at += 60_000;
    }
    world.events(r#"[[100000,"click",{"l":"at last"}]]"#);
    let batch = world.batches.last_mut().unwrap();
    batch.view_id = ViewId::new(batch.view_started_at);
    batch.received_at += 100_000;
    let id = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;

    let page = app
        .owner()
        .await
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;

    assert_reads(
        &words(&page.body),
        &[
            "Only the last 5,000 events of this visit are told.",
            "“elsewhere”",
            "“at last”",
        ],
    );
}

#[actix_web::test]
async fn who_answers_is_seen_then() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let now = world.now;
    let visit = world.visit(2);
    (visit.started_at, visit.last_at) = (now - 5 * MINUTE, now - 4 * MINUTE);
    visit.closed_at = None;
    world.impression(Some("shown"));
    // Two minutes after the start and eleven seconds: later than anything else that was told.
    let id = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;

    let page = app
        .owner()
        .await
        .get(&format!("/sites/{}/answers/{id}", world.site.key))
        .await;

    let times: Vec<&str> = page
        .body
        .split("<li")
        .filter_map(|line| {
            let at = line.split("<time datetime=\"").nth(1)?.split('"').next()?;
            (line.contains(">Answered:") || line.contains(">Last seen")).then_some(at)
        })
        .collect();
    assert_eq!(times.len(), 2, "{}", page.body);
    assert_eq!(times[0], times[1], "{}", page.body);
}
