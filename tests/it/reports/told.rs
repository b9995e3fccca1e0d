//! What pages say of visits that were not counted by the goals as they are now, and of goals that not all days tell of.

use super::world::{World, assert_reads, words};
use crate::support::app::TestApp;

/// Words of a page of the site.
async fn read(app: &TestApp, world: &World, path: &str) -> String {
    let reply = app
        .owner()
        .await
        .get(&format!("/sites/{}{path}", world.site.key))
        .await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    words(&reply.body).replace('\u{a0}', " ")
}

#[actix_web::test]
async fn an_answer_whose_visit_is_not_kept_says_so() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    world.visit(2);
    world.impression(Some("shown"));
    let gone = world.answer(&[("c1", world.phone)], "");
    world.visit(2).last_view_id = exitpoll::types::ViewId::new(world.now + 1);
    world.impression(Some("shown"));
    world.events(r#"[[0,"page_view",{"u":"/"}]]"#);
    let kept = world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let settings = format!("/sites/{}/settings/keep", world.site.key);

    let (gone, kept) = (format!("/answers/{gone}"), format!("/answers/{kept}"));
    assert_reads(
        &read(&app, &world, &gone).await,
        &["What this visit did is no longer kept."],
    );
    let saved = app
        .owner()
        .await
        .post_form(&settings, &[("keep_days", "30")])
        .await;
    assert_eq!(saved.status, 303);

    assert_reads(
        &read(&app, &world, &gone).await,
        &["What this visit did is no longer kept (30 days)."],
    );
    let text = read(&app, &world, &kept).await;
    assert!(!text.contains("no longer kept"), "{text}");
}

#[actix_web::test]
async fn a_site_with_imported_visits_alone_still_waits_for_its_first() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    world.visit(0).is_imported = true;
    world.insert(&app).await;

    let text = read(&app, &world, "/settings").await;

    assert_reads(&text, &["Waiting for the first visit."]);
    assert!(!text.contains("Last event"), "{text}");
}
