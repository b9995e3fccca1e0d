//! What a site's own traffic can tell, and when.

use super::{
    offered::{answers, nps, publish},
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

async fn page(app: &TestApp, key: &str) -> String {
    let reply = app
        .owner()
        .await
        .get(&format!("/sites/{key}/reports/knowable"))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    words(&reply.body).replace(['\u{a0}'], " ")
}

/// Visits of today, all in the site's first day: a week like it has seven times as many.
async fn world(
    app: &TestApp,
    visits: usize,
    converted: usize,
    asked: usize,
    answers: usize,
) -> World {
    let mut world = World::new(app, "Small").await;
    for n in 0..visits {
        world.visit(if n < converted { 3 } else { 0 });
        if n < asked {
            world.impression(Some("shown"));
        }
        if n < answers {
            let looking = world.looking;
            world.answer(&[("c2", looking)], "");
        }
    }
    // Four weeks ago, so that the days are 28.
    let day = world.visits.first().map_or(0, |visit| visit.day);
    let first = exitpoll::site::calendar::date_of(day).unwrap();
    let first = first.saturating_sub(jiff::ToSpan::days(27));
    if let Some(visit) = world.visits.last_mut() {
        visit.day = exitpoll::site::calendar::number(first);
    }
    // None of these counts.
    world.visit(3).is_test = true;
    world.visit(3).is_automated = true;
    world.impression(Some("shown"));
    world.insert(app).await;
    world
}

#[actix_web::test]
async fn fifteen_answers_and_ninety_visits_say_nothing_false() {
    let app = TestApp::spawn().await;
    let world = world(&app, 90, 2, 20, 15).await;

    let text = page(&app, world.site.key.as_str()).await;

    assert_reads(
        &text,
        &[
            // 15 in four weeks are 3.75 a week; 63 take 16.8 weeks.
            "In about 13 weeks the top reason given is known to ±12 points",
            "90 (23 a week)",
            "15 (3.8 a week)",
            "15 answers: what each says",
            "The share that reaches “Signed up”: 0.6 to 7.7 %.",
            "Shares of reasons, with their range 30 answers to a question that offers it In about 4 weeks",
            "The top reason to ±5 points 381 answers to a question that offers it Not with this traffic: more than 52 weeks",
            "half left unasked",
        ],
    );
    assert!(
        !text.contains("52 weeks from") && !text.contains(">Now<"),
        "{text}"
    );
    assert_eq!(text.matches("Not with this traffic").count(), 4, "{text}");
}

#[actix_web::test]
async fn no_traffic_says_what_it_takes() {
    let app = TestApp::spawn().await;
    let _other = world(&app, 90, 2, 20, 15).await;
    let site = app.insert_site("Empty").await;

    let text = page(&app, site.key.as_str()).await;

    assert_reads(
        &text,
        &[
            "With the first visit, its journey",
            "No question asks now.",
            "There is no main goal.",
            "30 answers to a question that offers it Cannot be told before the first answer that names a reason",
            "A main goal first Cannot be told yet",
        ],
    );
    assert!(!text.contains("In about"), "another site's: {text}");
}

#[actix_web::test]
async fn much_traffic_is_told_what_it_knows_now() {
    let app = TestApp::spawn().await;
    let world = world(&app, 800, 80, 600, 400).await;

    let text = page(&app, world.site.key.as_str()).await;

    assert_reads(
        &text,
        &[
            "The top reason given is known to ±5 points now",
            "The top reason to ±5 points 381 answers to a question that offers it Now",
            // 10 % against 12 %: 3,841 each by Fleiss, at 200 a week 38.4 weeks; together 7,700.
            "Whether the main goal changed by a fifth About 7,700 visits in all, half before and half after 39 weeks",
        ],
    );
}

#[actix_web::test]
async fn answers_that_could_name_no_reason_tell_of_none() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Small").await;
    let telling = publish(&app, &world, vec![nps("q1")]).await;
    let (own, looking) = (world.prompt_id, ("c2", world.looking));
    answers(&mut world, (40, "desktop", 0), own, &[looking]);
    answers(&mut world, (400, "desktop", 0), telling, &[]);
    world.insert(&app).await;

    let text = page(&app, world.site.key.as_str()).await;

    assert_reads(
        &text,
        &[
            "In about 1 week the top reason given is known to ±12 points",
            "Answers 440 (3,080 a week)",
            "Of these, could name the top reason 40 (280 a week)",
            "The top reason to ±5 points 381 answers to a question that offers it In about 2 weeks",
        ],
    );
}
