//! The list of reports and the data's quality.

use exitpoll::{
    clock::{DAY, HOUR, MINUTE},
    db::entity::{audit, drop as dropped, recount, refused_origin},
    site::calendar,
    types::ViewId,
};
use sea_orm::{EntityTrait, IntoActiveModel};

use super::world::{World, assert_reads, words};
use crate::support::app::TestApp;

#[actix_web::test]
async fn says_what_was_dropped_refused_unclear_and_automated() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for n in 0..10 {
        let visit = world.visit(1);
        visit.is_ambiguous = n < 2;
        visit.is_automated = n == 9;
    }
    world.visit(1).is_test = true;
    for is_late in [true, false] {
        world.visit(1);
        world.impression(Some("shown"));
        world.answer(&[], "words");
        world.answers.last_mut().unwrap().is_late = is_late;
    }
    world.insert(&app).await;
    let site_id = world.site.id;
    let tx = app.state.db.begin().await.unwrap();
    let day = calendar::day_of(world.now, &world.site.time_zone);
    let drop = dropped::Model {
        site_id,
        day,
        reason: "too_late".into(),
        n: 1_204,
    };
    dropped::Entity::insert(drop.into_active_model())
        .exec_without_returning(&tx)
        .await
        .unwrap();
    let refused = refused_origin::Model {
        site_id,
        origin: "https://copy.example".into(),
        first_at: world.now,
        last_at: world.now,
        n: 3,
    };
    refused_origin::Entity::insert(refused.into_active_model())
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/reports/quality", world.site.key))
        .await;

    assert_eq!(page.status, 200, "{}", page.body);
    assert_reads(
        &words(&page.body),
        &[
            "11 visits of these days count",
            "2 of 11 Automated",
            "1 of 12 Your own",
            "1 of 2 Late visits",
            "Arrived more than 24 hours late 1,204",
            "https://copy.example 3 today",
        ],
    );
}

#[actix_web::test]
async fn says_what_came_late_or_from_a_file_and_what_was_counted_again() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    // Heard at once, two hours later, and read from a file two days and two hours later; one has lost its events.
    let arrivals = [
        (0, false),
        (2 * HOUR, false),
        (2 * DAY, true),
        (2 * HOUR, true),
    ];
    for (after, is_imported) in arrivals {
        let visit = world.visit(1);
        visit.is_imported = is_imported;
        if after == 2 * HOUR {
            // The clock of the device is twenty minutes fast.
            visit.last_view_id = ViewId::new(visit.started_at + 20 * MINUTE);
        }
        world.events("[]");
        let last_at = world.visits.last().unwrap().last_at;
        world.batches.last_mut().unwrap().received_at = last_at + after;
    }
    world.visit(1).funnel_version -= 1;
    world.insert(&app).await;
    let site_id = world.site.id;
    let tx = app.state.db.begin().await.unwrap();
    for (day, differing) in [(20_261_119, 3), (20_261_120, 0)] {
        let row = audit::Model {
            site_id,
            day,
            audited_at: world.now - i64::from(20_261_121 - day) * DAY,
            visits: 1_041,
            differing,
            mended: differing > 0,
        };
        audit::Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await
            .unwrap();
    }
    recount::Entity::delete_many().exec(&tx).await.unwrap();
    let row = recount::Model {
        site_id,
        version: world.funnel_version,
        since_at: world.now,
        total: Some(58_000),
        recounted: 12_400,
        reached: None,
        reached_day: None,
        is_tail: false,
        claimed_by: String::new(),
        lease_until: i64::MAX,
        finished_at: None,
    };
    recount::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let owner = app.owner().await;

    let text = words(
        &owner
            .get(&format!("/sites/{}/reports/quality", world.site.key))
            .await
            .body,
    );
    let file = format!("/sites/{}/reports/quality.csv?days=28", world.site.key);
    let file = owner.get(&file).await.body;
    let has = |line: &str| {
        let mut lines = file.lines();
        assert!(lines.any(|it| it.contains(line)), "{line} in {file}");
    };
    has(",late_visits,,1,2,,");
    has(",wrong_clocks,,1,2,,");
    has(",far_clocks,,0,2,,");
    has(",compared,2026-11-19,3,1041,,,,");
    let other = app.insert_site("Other").await;
    let others = words(
        &owner
            .get(&format!("/sites/{}/reports/quality", other.key))
            .await
            .body,
    );

    assert_reads(
        &text.replace('\u{a0}', " "),
        &[
            "Of the newest 20,000 visits 1 of 2 Imported visits",
            "Read from a file. They count 2 of 5 Counted by older goals",
            "1 of 5 Wrong clocks",
            "Of the newest 5,000 visits 1 of 2 Clocks",
            "by more than an hour 0 of 2",
            "Recounting by the new steps: 12,400 of 58,000 visits",
            "20 Nov",
            "1,041 Right",
            "1,041 3 figures differed; counted again",
        ],
    );
    assert_reads(
        &others,
        &[
            "No night has passed yet",
            "No visit waits to be counted again",
        ],
    );
}

#[actix_web::test]
async fn the_list_leads_to_every_report() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for _ in 0..2 {
        world.visit(1);
        world.impression(Some("shown"));
        world.answer(&[], "words");
    }
    world.insert(&app).await;
    let client = app.owner().await;
    let list = format!("/sites/{}/reports", world.site.key);

    let page = client.get(&list).await.body;

    assert_reads(
        &words(&page),
        &["Sign-up not finished Who was asked, what they chose Asking 2 answers"],
    );
    let links = page.split("href=\"").skip(1);
    let links = links.filter_map(|it| it.split(['"', '?']).next());
    let links: Vec<&str> = links
        .filter(|it| it.starts_with(&list) && *it != list)
        .collect();
    assert!(links.len() > 9, "{links:?}");
    for link in links {
        assert_eq!(client.get(link).await.status, 200, "{link}");
    }
}
