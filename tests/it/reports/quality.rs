//! The list of reports and the data's quality.

use exitpoll::{
    db::entity::{drop as dropped, refused_origin},
    site::calendar,
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
        .get(&format!("/sites/{}/reports", world.site.key))
        .await;

    assert_eq!(page.status, 200, "{}", page.body);
    assert_reads(
        &words(&page.body),
        &[
            "Sign-up not finished Who was asked, what they chose Asking 2 answers",
            "11 visits",
            "2 of 11 Automated",
            "1 of 12 Your own",
            "1 of 2 Not kept",
            "Arrived more than 24 hours late 1,204",
            "https://copy.example 3 today",
        ],
    );
}
