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
async fn a_site_with_imported_visits_alone_still_waits_for_its_first() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    world.visit(0).is_imported = true;
    world.insert(&app).await;

    let text = read(&app, &world, "/settings").await;

    assert_reads(&text, &["Waiting for the first visit."]);
    assert!(!text.contains("Last event"), "{text}");
}
