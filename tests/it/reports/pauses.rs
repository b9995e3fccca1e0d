//! When a question was paused, and the visits that were there only then.

use exitpoll::{
    clock::{DAY, HOUR, MINUTE},
    prompt::store as prompts,
    report::why::Pages,
};

use super::{
    why::{load, published_before, refused},
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// The question was published before, and paused for these times.
async fn paused(app: &TestApp, world: &World, since: i64, spans: &[(i64, i64)]) {
    let tx = app.state.db.begin().await.unwrap();
    let (site, id) = (world.site.id, world.prompt_id);
    prompts::archive(&tx, site, id, since).await.unwrap();
    prompts::bring_back(&tx, site, id, since).await.unwrap();
    prompts::resume(&tx, site, id, since).await.unwrap();
    for (off, on) in spans {
        prompts::pause(&tx, site, id, *off).await.unwrap();
        prompts::resume(&tx, site, id, *on).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn visits_that_saw_a_pause_only_are_told_apart() {
    let app = TestApp::spawn().await;
    for pages in ["/signup", ""] {
        let mut world = World::new(&app, &format!("Northwind {pages}")).await;
        published_before(&app, &world, pages).await;
        // Visits of the world began two hours ago.
        let began = world.now - 2 * HOUR;
        let pauses = [
            (world.now - 9 * DAY, world.now - 9 * DAY + 90 * MINUTE),
            (began - MINUTE, began + 20 * MINUTE),
        ];
        paused(&app, &world, world.now - 10 * DAY, &pauses).await;
        for n in 0..12 {
            let visit = world.visit(1);
            let there = if n < 10 { "/signup" } else { "/other" };
            visit.views = format!(r#"[{{"paths":["{there}"]}}]"#);
            // Five ended while it was off; the others saw it come on.
            visit.last_at = began + if n < 5 { 19 } else { 21 } * MINUTE;
            if n == 0 || n == 5 {
                refused(&mut world, "quiet", 0);
            }
        }
        world.insert(&app).await;

        let why = load(&app, &world).await;

        let matched = if pages.is_empty() { 12 } else { 10 };
        let expected = Pages {
            visits: 12,
            matched,
            // One of the five came to a moment all the same.
            paused: 4,
            is_scaled: false,
        };
        assert_eq!(why.pages, expected);
        assert_eq!(why.pauses.spans, pauses);
        let address = format!("/sites/{}/prompts/{}/why", world.site.key, world.prompt_id);
        let page = words(&app.owner().await.get(&address).await.body);
        let on = format!("While it was on {} ", matched - 4);
        assert_reads(
            &page,
            &[
                &on,
                "The question was off (paused or archived) for 1 hour 51 minutes of these days: from",
            ],
        );
        assert!(!page.contains("is not known"), "{page}");
    }
}

#[actix_web::test]
async fn every_change_of_state_is_noted_and_what_is_not_known_is_said() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let world = World::new(&app, "Northwind").await;
    published_before(&app, &world, "").await;
    let base = format!("/sites/{}/prompts/{}", world.site.key, world.prompt_id);

    for action in ["pause", "resume", "archive", "bring-back", "resume"] {
        let reply = client.post_form(&format!("{base}/{action}"), &[]).await;
        assert_eq!(reply.status, 303, "{action}: {}", reply.body);
    }

    let read = &app.state.db.read;
    let states = prompts::list_states(read, world.site.id, world.prompt_id)
        .await
        .unwrap();
    let noted: Vec<&str> = states.iter().map(|(_, state)| state.as_str()).collect();
    let expected = ["paused", "published", "archived", "paused", "published"];
    assert_eq!(noted, expected);
    assert!(states.is_sorted_by_key(|(at, _)| *at));
    let page = words(&client.get(&format!("{base}/why")).await.body);
    assert_reads(
        &page,
        &["Whether it was paused before is not known: pauses are noted since today"],
    );
}

#[actix_web::test]
async fn one_visit_and_one_reason_are_spoken_of_as_one() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    published_before(&app, &world, "").await;
    world.visit(1);
    refused(&mut world, "quiet", 0);
    let mut several = World::new(&app, "Southwind").await;
    published_before(&app, &several, "").await;
    for code in ["quiet", "quiet", "slot"] {
        several.visit(1);
        refused(&mut several, code, 0);
    }
    world.insert(&app).await;
    several.insert(&app).await;
    let client = app.owner().await;

    let heading = async |world: &World| {
        let base = format!("/sites/{}/prompts", world.site.key);
        let page = client.get(&format!("{base}/{}/why", world.prompt_id)).await;
        let list = client.get(&base).await;
        (words(&page.body), words(&list.body))
    };
    let (one, one_listed) = heading(&world).await;
    let (some, some_listed) = heading(&several).await;

    assert_reads(&one, &["1 visit came to the moment and was held back: "]);
    assert!(!one.contains("mostly"), "{one}");
    assert_reads(&one_listed, &["Held back: "]);
    assert!(!one_listed.contains("Mostly"), "{one_listed}");
    assert_reads(
        &some,
        &["3 visits came to the moment, 3 were held back; mostly: "],
    );
    assert_reads(&some_listed, &["Mostly held back: "]);
}
