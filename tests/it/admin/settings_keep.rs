//! For how long events are kept.

use exitpoll::{
    clock::{DAY, now},
    db::entity::{OfSite, batch, visit},
    ingest::expire::expire,
    site::calendar::{date_of, day_of},
    types::{Millis, ViewId, VisitId},
};

use crate::{
    reports::world::{World, assert_reads, words},
    support::app::TestApp,
};

/// A visit of so many days ago, with two batches.
fn visit_of(world: &mut World, days: Millis) -> VisitId {
    let at = world.now - days * DAY;
    let visit = world.visit(1);
    (visit.id, visit.started_at) = (VisitId::new(at), at);
    for n in 0..2 {
        world.visits.last_mut().unwrap().last_view_id = ViewId::new(at + n);
        world.events(r#"[[0,"page_view",{"u":"/"}]]"#);
    }
    world.visits.last().unwrap().id
}

async fn kept(app: &TestApp, world: &World) -> Vec<VisitId> {
    let rows = batch::Entity::of_site(world.site.id);
    let rows = rows.all(&app.state.db.read).await.unwrap();
    rows.iter().map(|row| row.visit_id).collect()
}

#[actix_web::test]
async fn events_go_when_their_days_are_over_and_visits_stay() {
    let app = TestApp::spawn().await;
    let mut shop = World::new(&app, "Shop").await;
    let mut other = World::new(&app, "Other").await;
    visit_of(&mut shop, 100);
    visit_of(&mut shop, 33);
    // It may have lasted a day, and been told of a day late.
    let young = visit_of(&mut shop, 31);
    let of_other = visit_of(&mut other, 100);
    shop.insert(&app).await;
    other.insert(&app).await;
    let path = format!("/sites/{}/settings/keep", shop.site.key);

    let before = expire(&app.state.db, now()).await.unwrap();
    let client = app.owner().await;
    let asked = client.post_form(&path, &[("keep_days", "30")]).await;
    let question = client.get(asked.location()).await;
    let unasked = expire(&app.state.db, now()).await.unwrap();
    let sure = [("keep_days", "30"), ("is_sure", "1")];
    let reply = client.post_form(&path, &sure).await;
    let deleted = expire(&app.state.db, now()).await.unwrap();
    let saved = client.get(reply.location()).await;
    let settings = client.get(path.trim_end_matches("/keep")).await;

    let before_day = date_of(day_of(shop.now - 32 * DAY, &shop.site.time_zone)).unwrap();
    assert_reads(
        &words(&question.body).replace('\u{a0}', " "),
        &[
            "Keep events for 30 days?",
            "The events of 2 visits before ",
            &before_day.strftime("%-d %b, ").to_string(),
            "are deleted for good",
        ],
    );
    // What it means is said once it is saved, and beside the field.
    let first = before_day.strftime("%-d %b, ").to_string();
    let kept_now = format!("Now kept: events of visits that began on {first}");
    let older = "or later. What is older is deleted within minutes, and from then on day by day. That is two days more than 30: a visit may last a day, and its events may come a day late.";
    let said = |body: &str| words(body).replace('\u{a0}', " ");
    assert_reads(
        &said(&saved.body),
        &["Saved.", &kept_now, older, &kept_now, older],
    );
    assert_reads(&said(&settings.body), &[&kept_now]);
    assert_eq!(said(&settings.body).matches("Now kept").count(), 1);
    assert_eq!((before, unasked, reply.status, deleted), (0, 0, 303, 4));
    assert_eq!(kept(&app, &shop).await, [young; 2]);
    assert_eq!(kept(&app, &other).await, [of_other; 2]);
    let visits = visit::Entity::of_site(shop.site.id);
    assert_eq!(visits.all(&app.state.db.read).await.unwrap().len(), 3);
}

#[actix_web::test]
async fn days_are_a_number_or_nothing() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/settings/keep", site.key);
    for (typed, status) in [
        ("30", 303),
        ("29", 422),
        ("3651", 422),
        ("a year", 422),
        (" 3650 ", 303),
    ] {
        let reply = client.post_form(&path, &[("keep_days", typed)]).await;
        assert_eq!(reply.status, status, "{typed}");
        if status == 422 {
            assert!(
                reply
                    .body
                    .contains("Write a whole number from 30 to 3650, or nothing.")
            );
            assert!(
                reply.body.contains(&format!("value=\"{typed}\"")),
                "{typed} is shown again"
            );
        }
    }
    let page = client.get(&format!("/sites/{}/settings", site.key)).await;
    assert!(
        page.body
            .contains(r#"name="keep_days" inputmode="numeric" value="3650""#)
    );

    let saved = client.post_form(&path, &[("keep_days", "")]).await;

    let page = client.get(saved.location()).await;
    assert_reads(
        &words(&page.body),
        &[
            "Saved.",
            "Now kept: all events, for as long as the site is here.",
        ],
    );
    assert!(
        page.body
            .contains(r#"name="keep_days" inputmode="numeric" value="""#)
    );
}
