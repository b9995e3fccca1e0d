//! Several questions at one step: what their reasons come to, and what no share speaks for.

use exitpoll::report::funnel::{self, Cause};

use super::{
    offered::{answers, choices, home, load, publish, reason},
    world::{World, assert_reads},
};
use crate::support::app::TestApp;

#[actix_web::test]
async fn shares_that_come_to_more_than_all_are_scaled_down_where_they_do() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let other = reason(&app, &world, "Delivery").await;
    let second = publish(&app, &world, vec![choices("q1", &[("c1", other)])]).await;
    let (own, both) = (
        world.prompt_id,
        [("c1", world.phone), ("c2", world.looking)],
    );
    answers(&mut world, (100, "desktop", 2), own, &both);
    answers(&mut world, (30, "desktop", 2), second, &[("c1", other)]);
    answers(&mut world, (30, "desktop", 2), second, &[]);
    for _ in 0..200 {
        world.visit(3);
    }
    world.insert_settled(&app).await;

    let report = load(&app, &world).await;

    let drop = &report.drops[2];
    let prices = [world.phone, world.looking, other].map(|id| {
        let reason = drop.reasons.iter().find(|it| it.reason_id == id).unwrap();
        reason.up_to.unwrap().conversions
    });
    // All 100 name both reasons of the first question; half of those who could be asked the other one name its only one.
    for (price, expected) in prices.into_iter().zip([50.0, 50.0, 30.0]) {
        assert!((price - expected).abs() < 1e-6, "{prices:?}");
    }
    let page = home(&app, &world).await;
    assert_eq!(page.matches(" ÷ ").count(), 2, "{page}");
    assert_reads(
        &page,
        &[
            "50 % (38–62) Delivery up to €1,500 · of 60 that could be asked 30",
            "60 lost visits × 50 % (38–62) × 100 % of those who go on, by device",
            "100 lost visits × 100 % (96–100) × 100 % of those who go on, by device ÷ 2.00, as shares come to more than all",
        ],
    );
}

#[actix_web::test]
async fn what_no_share_speaks_for_stands_in_the_list_and_in_no_price() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let other = reason(&app, &world, "Delivery").await;
    let second = publish(&app, &world, vec![choices("q1", &[("c1", other)])]).await;
    let (own, phone) = (world.prompt_id, [("c1", world.phone)]);
    answers(&mut world, (40, "desktop", 2), own, &phone);
    answers(&mut world, (20, "desktop", 2), second, &[("c1", other)]);
    for _ in 0..300 {
        world.visit(2);
        world.impression(Some("shown")).prompt_id = second;
    }
    for _ in 0..200 {
        world.visit(3);
    }
    world.insert_settled(&app).await;

    let report = load(&app, &world).await;

    let drop = &report.drops[2];
    let parts = [
        drop.lost,
        drop.lost_few,
        drop.lost_else,
        drop.lost_unreached,
    ];
    assert_eq!(parts.map(|part| part.visits), [40, 320, 0, 0]);
    let few = |fix: &&funnel::Fix| fix.cause == Cause::FewAnswers(20);
    let few = report.fixes.iter().find(few).unwrap();
    assert_eq!(few.lost, 320);
    assert!((few.up_to.unwrap().conversions - 320.0).abs() < 1e-6);
    assert_reads(
        &home(&app, &world).await,
        &[
            "The question could reach all who left; 320 visits are spoken for by no share and are in no reason’s price.",
            "Up to = 40 visits lost here",
            "320 lost visits that no share speaks for are in no reason’s price.",
            "Too few answers for shares, at “Started the form”: 20 answers",
        ],
    );
}

#[actix_web::test]
async fn answers_in_words_alone_are_enough_and_name_nothing() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let own = world.prompt_id;
    answers(&mut world, (45, "desktop", 2), own, &[]);
    for _ in 0..60 {
        world.visit(3);
    }
    world.insert_settled(&app).await;

    let page = home(&app, &world).await;

    assert_reads(
        &page,
        &["No reason named, at “Started the form”: 45 answers in words alone"],
    );
    assert!(!page.contains("more answers would"), "{page}");
}
