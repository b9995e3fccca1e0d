//! The home page of a site with few visits.

use super::{
    segments::id_of,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

#[actix_web::test]
async fn few_visits_are_spoken_of_in_counts() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for step in [0, 0, 2, 3] {
        world.visit(step);
    }
    world.visit(2);
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", world.site.key)).await;

    let text = words(&page.body);
    assert_reads(
        &text,
        &[
            "2 of 3 visits at “Started the form” leave. Named most so far: “Phone number”",
            "1 of 5 visits reached “Signed up” 25 more visits would bear a share with its range.",
            "Today, so far 5 1 –",
            "5 All visits start",
            "2 left here of 5 visits",
            "3 Viewed pricing 3 of 5 visits",
            "3 Started the form 3 of 3 at the step before · 3 of all 5",
            "2 left here of 3 at “Started the form”",
            "1 Signed up 1 of 3 at the step before · 1 of all 5",
        ],
    );
    assert!(!text.contains('%'), "{text}");
}

#[actix_web::test]
async fn of_few_visits_what_was_said_and_done_comes_first() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for n in 0..90 {
        world.visit(i32::from(n < 9)).mask_all = i64::from(n < 9);
        if n == 4 {
            world.impression(Some("shown"));
            world.answer(&[("c1", world.phone)], "Why my number?");
            world.events(r#"[[0,"page_view",{"u":"/"}],[9000,"page_view",{"u":"/pricing"}]]"#);
        }
    }
    world.visit(1).is_test = true;
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "a test");
    world.insert(&app).await;
    let client = app.owner().await;
    let home = format!("/sites/{}", world.site.key);

    let page = client.get(&format!("{home}?days=7")).await.body;
    let other = client.get(&format!("{home}?days=7&device=touch")).await;

    let text = words(&page);
    assert_reads(
        &text,
        &[
            "What they said, and did 90 visits in these days: read what each says. Shares of reasons begin at 30 answers. Show 28 days · What more traffic would tell",
            "“Why my number?” What kept you from finishing? You ask for a phone number",
            "/ → /pricing",
            "Funnel with reasons",
        ],
    );
    assert!(!text.contains("a test"), "{text}");
    assert!(page.contains("Figures per day") && !page.contains("t-title"));
    assert!(!words(&other.body).contains("Why my number?"));

    let pricing = id_of(&app, &world, "Viewed pricing").await;
    let with = client.get(&format!("{home}?days=7&did={pricing}")).await;
    let without = client.get(&format!("{home}?days=7&not={pricing}")).await;

    assert!(words(&with.body).contains("Why my number?"));
    assert_reads(
        &words(&without.body),
        &["81 visits in these days, and no answer so far."],
    );
}
