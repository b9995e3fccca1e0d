//! From a drop-off to the answers that were given inside it.

use exitpoll::{clock::DAY, site::calendar};

use super::world::{World, assert_reads, words};
use crate::support::app::TestApp;

/// How a comment at the form begins in the list.
const SAID: &str = "<p class=\"said\">“at the form";

/// The address of the link behind "Read answers" at a step.
fn link(page: &str, step: usize) -> String {
    let begin = page
        .find(&format!("/answers?step={step}&#38;"))
        .unwrap_or_else(|| panic!("no link at step {step} in {page}"));
    let (_, rest) = page.split_at(begin);
    rest.split('"').next().unwrap().replace("&#38;", "&")
}

/// Answers at two steps, and some that do not count.
fn fill(world: &mut World) {
    let phone = ("c1", world.phone);
    let asked = |world: &mut World, step, comment: &str| {
        world.visit(step);
        world.impression(Some("shown"));
        world.answer(&[phone], comment);
    };
    for n in 0..60 {
        asked(world, 2, &format!("at the form {n}."));
    }
    asked(world, 1, "at the prices");
    asked(world, 1, "long ago");
    world.visits.last_mut().unwrap().day =
        calendar::day_of(world.now - 60 * DAY, &world.site.time_zone);
    asked(world, 1, "under other steps");
    world.visits.last_mut().unwrap().funnel_version = 1;
    asked(world, 1, "a machine");
    world.visits.last_mut().unwrap().is_automated = true;
    world.visit(1).is_test = true;
    world.impression(Some("shown"));
    world.answer(&[phone], "a test");
}

#[actix_web::test]
async fn the_link_opens_the_answers_that_the_drop_off_counts() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    fill(&mut world);
    world.insert(&app).await;
    let client = app.owner().await;
    let home = format!("/sites/{}", world.site.key);

    let funnel = client.get(&home).await.body;
    assert_reads(&words(&funnel), &["1 answer · Read", "60 answers · Read"]);
    let prices = client
        .get(&format!("{home}{}", link(&funnel, 1)))
        .await
        .body;

    let text = words(&prices);
    assert_reads(
        &text,
        &["1 answer", "Left at “Viewed pricing”", "“at the prices”"],
    );
    for other in [
        "at the form",
        "long ago",
        "other steps",
        "a machine",
        "a test",
    ] {
        assert!(!text.contains(other), "{other} in {text}");
    }
    assert!(
        prices.contains(&format!("href=\"{home}/answers?\"")),
        "the filter can be removed: {prices}"
    );

    let with_machines = client.get(&format!("{home}?automated=1")).await.body;
    let both = client
        .get(&format!("{home}{}", link(&with_machines, 1)))
        .await;
    assert_reads(
        &words(&both.body),
        &["2 answers", "“at the prices”", "“a machine”"],
    );
}

#[actix_web::test]
async fn it_stays_narrowed_while_it_renews_itself_and_on_older_pages() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    fill(&mut world);
    world.insert(&app).await;
    let client = app.owner().await;
    let home = format!("/sites/{}", world.site.key);
    let funnel = client.get(&home).await.body;

    let first = client
        .get(&format!("{home}{}", link(&funnel, 2)))
        .await
        .body;

    assert_reads(&words(&first), &["60 answers"]);
    let live = first.split("data-live=\"").nth(1).unwrap();
    let live = live.split('"').next().unwrap().replace("&#38;", "&");
    let fragment = client.get(&live).await.body;
    assert_eq!(fragment.matches(SAID).count(), 50);
    assert!(!fragment.contains("at the prices"));
    let older = first
        .split("href=\"")
        .find(|part| part.contains("before="))
        .unwrap();
    let older = older.split('"').next().unwrap().replace("&#38;", "&");
    let second = client.get(&older).await.body;
    assert_eq!(second.matches(SAID).count(), 10, "{second}");
    assert!(!second.contains("at the prices"), "{second}");
    // A choice among the prompts keeps the step.
    assert!(first.contains("<input type=\"hidden\" name=\"step\" value=\"2\">"));
}

#[actix_web::test]
async fn a_step_that_is_not_there_is_said_to_be_missing() {
    let app = TestApp::spawn().await;
    let world = World::new(&app, "Northwind").await;
    let client = app.owner().await;

    for step in ["4", "9", "first"] {
        let page = client
            .get(&format!("/sites/{}/answers?step={step}", world.site.key))
            .await;
        assert_eq!(page.status, 404, "{step}");
    }
}
