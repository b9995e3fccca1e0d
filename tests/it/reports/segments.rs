//! Visits by what they did: what is told of those who reached a goal, or did not, is what a site tells that had no others.

use exitpoll::{
    clock::{self, DAY},
    goal::{
        self,
        types::{GoalRole, GoalRule},
    },
    site::calendar,
};

use super::{
    filters::{Held, rows, said, with_only},
    world::{World, assert_reads, words},
};
use crate::{recount, support::app::TestApp};

const PRICING: i64 = 0b001;
const SIGNED_UP: i64 = 0b100;

/// The goal of the site with this name.
pub(super) async fn id_of(app: &TestApp, world: &World, name: &str) -> String {
    let goals = goal::store::list_goals(&app.state.db.read, world.site.id).await;
    let goals = goals.unwrap();
    let goal = goals.iter().find(|goal| goal.name == name);
    goal.unwrap().id.to_string()
}

fn path(world: &World, report: &str) -> String {
    format!("/sites/{}/reports/{report}", world.site.key)
}

async fn text(app: &TestApp, path: &str) -> String {
    let reply = app.owner().await.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    words(&reply.body).replace('\u{a0}', " ")
}

async fn assert_told_as_if_there_were_no_others(held: Held) {
    let app = TestApp::spawn().await;
    let whole = with_only(&app, clock::now(), (300, held), |_| true).await;
    let pricing = id_of(&app, &whole, "Viewed pricing").await;
    let signed_up = id_of(&app, &whole, "Signed up").await;
    type Is = fn(i64, &str) -> bool;
    let segments: [(String, Is); 4] = [
        (format!("did={pricing}"), |mask, _| mask & PRICING != 0),
        (format!("not={pricing}"), |mask, _| mask & PRICING == 0),
        (format!("did={pricing}&not={signed_up}"), |mask, _| {
            mask & PRICING != 0 && mask & SIGNED_UP == 0
        }),
        (format!("did={pricing}&device=touch"), |mask, device| {
            mask & PRICING != 0 && device == "touch"
        }),
    ];
    for (query, is_wanted) in segments {
        let only = with_only(&app, whole.now, (300, held), |visit| {
            is_wanted(visit.mask_all, &visit.device)
        })
        .await;
        assert!(!only.visits.is_empty() && only.visits.len() < whole.visits.len());
        for report in ["overview", "funnel", "steps"] {
            let mut expected = rows(&app, &path(&only, report), "").await;
            // Of some visits it is not told how leaving goes with slow pages.
            expected.retain(|row| row["line"] != "left_slow");
            let told = rows(&app, &path(&whole, report), &query).await;
            assert_eq!(told, expected, "{report}?{query}");
        }
        for report in ["overview", "steps"] {
            let expected = said(&app, &path(&only, report), "").await;
            let told = said(&app, &path(&whole, report), &query).await;
            assert_eq!(told, expected, "{report}?{query}");
        }
        let strict = rows(&app, &path(&only, "funnel"), "order=strict").await;
        let query = format!("order=strict&{query}");
        assert_eq!(rows(&app, &path(&whole, "funnel"), &query).await, strict);
    }
}

#[actix_web::test]
async fn who_reached_a_goal_is_told_as_if_there_were_no_other_visits() {
    assert_told_as_if_there_were_no_others(Held::Open).await;
}

#[actix_web::test]
async fn and_so_of_visits_that_are_in_the_cube() {
    assert_told_as_if_there_were_no_others(Held::Summed).await;
}

#[actix_web::test]
async fn and_so_of_visits_that_are_in_packs() {
    assert_told_as_if_there_were_no_others(Held::Packed).await;
}

/// Of 100 visits 40 see the prices, of whom 10 sign up; one of the others that saw them says why it left, and one that did not.
async fn hundred(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    for n in 0..100 {
        let visit = world.walk(match n {
            0..10 => "012",
            10..40 => "0",
            _ => "",
        });
        visit.mask_before = visit.mask_all & !SIGNED_UP;
        (visit.landmark, visit.mask_landmark) = (1, visit.mask_before);
        if [20, 60].contains(&n) {
            let phone = world.phone;
            world.impression(Some("shown"));
            world.answer(&[("c1", phone)], "");
        }
    }
    world.reach_goals();
    world.insert(app).await;
    world
}

#[actix_web::test]
async fn each_step_leads_to_the_visits_that_took_it_and_to_their_answers() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let owner = app.owner().await;
    let pricing = id_of(&app, &world, "Viewed pricing").await;

    let page = owner.get(&path(&world, "predictors?days=7")).await.body;
    let look = page
        .split("href=\"")
        .find(|it| it.contains(&format!("did={pricing}")));
    let link = look
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&");
    assert_eq!(
        link,
        format!("/sites/{}?days=7&did={pricing}", world.site.key)
    );
    let funnel = owner.get(&link).await.body;
    assert_reads(
        &words(&funnel),
        &[
            "Reached “Viewed pricing” ×",
            "40 visits",
            "40 Viewed pricing",
            "10 Signed up",
        ],
    );
    let answers = funnel
        .split("href=\"")
        .find(|it| it.contains("/answers?step="));
    let answers = answers
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&");
    assert!(answers.ends_with(&format!("&did={pricing}")), "{answers}");
    let list = words(&owner.get(&answers).await.body);
    assert_reads(&list, &["1 answer", "Reached “Viewed pricing”"]);
    // Who did not reach it left before it.
    let others = answers.replace("did=", "not=").replace("step=1", "step=0");
    assert_reads(
        &words(&owner.get(&others).await.body),
        &["1 answer", "Did not reach “Viewed pricing”"],
    );
}

#[actix_web::test]
async fn the_form_says_what_is_asked_for() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let pricing = id_of(&app, &world, "Viewed pricing").await;

    for report in ["overview", "steps"] {
        let page = path(&world, report);
        let body = app
            .owner()
            .await
            .get(&format!("{page}?not={pricing}&by=device"))
            .await
            .body;
        assert_reads(
            &words(&body),
            &["Did not reach “Viewed pricing” ×", "But did not reach"],
        );
        let form = body
            .split("id=\"not\"")
            .nth(1)
            .unwrap()
            .split("</select>")
            .next()
            .unwrap();
        assert!(
            form.contains(&format!("value=\"{pricing}\" selected")),
            "{form}"
        );
        assert!(
            body.contains(&format!("?by=device&#38;not={pricing}"))
                || body.contains(&format!("by=device&#38;not={pricing}\"")),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn visits_that_cannot_tell_are_left_out_and_said_to_be() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    // What is searched is recorded from the day behind the goal's saving on.
    let tx = app.state.db.begin().await.unwrap();
    let new = recount::goal("Searched", GoalRole::Engagement, GoalRule::Search);
    goal::store::insert_goal(&tx, world.site.id, &new, world.now - 3 * DAY)
        .await
        .unwrap();
    let definitions = goal::store::load_definitions(&tx, world.site.id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let newest = definitions.funnels.last().unwrap().version;
    let old = calendar::day_of(world.now - 5 * DAY, &world.site.time_zone);
    for n in 0..60 {
        let visit = world.visit(0);
        visit.funnel_version = if n < 7 { newest - 1 } else { newest };
        visit.mask_all = if n % 2 == 0 { 0b1000 } else { 0 };
        if (7..20).contains(&n) {
            visit.day = old;
        }
    }
    world.visits.last_mut().unwrap().is_automated = true;
    world.reach_goals();
    world.insert(&app).await;
    let searched = id_of(&app, &world, "Searched").await;

    // Seven of an older version, 13 from before; of the 39 left every second one.
    for (query, n) in [("did", 20), ("not", 19)] {
        for report in ["overview", "steps"] {
            let told = text(&app, &path(&world, &format!("{report}?{query}={searched}"))).await;
            assert_reads(
                &told,
                &[
                    "20 visits of these days are left out: whether they reached “Searched” as defined now is not known of them.",
                ],
            );
        }
        let overview = rows(
            &app,
            &path(&world, "overview"),
            &format!("{query}={searched}"),
        )
        .await;
        let visits = overview
            .iter()
            .find(|row| row["metric"] == "visits" && row["part"] == "period");
        assert_eq!(visits.unwrap()["k"], n, "{query}");
    }
}
