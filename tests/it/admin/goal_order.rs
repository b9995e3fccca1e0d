//! Steps that stand in another order than visitors take them: the goals page and the funnel say so.

use exitpoll::{
    clock::MINUTE,
    db::entity::visit_goal,
    goal::{
        store,
        types::{GoalRule, NewGoal},
    },
    types::Millis,
};

use crate::{
    reports::world::{self, World, assert_reads, words},
    support::{app::TestApp, client::Client},
};

/// The bits of [`crate::reports::world::goals`].
const PRICING: i32 = 0;
const FORM: i32 = 1;
const MAIN: i32 = 2;

/// A visit that reached these goals one after the other, as the steps of the world count it.
fn visit(world: &mut World, bits: &[i32]) {
    let due = [PRICING, FORM, MAIN];
    let mut step = 0;
    for bit in bits {
        if due.get(step) == Some(bit) {
            step += 1;
        }
    }
    let visit = world.visit(i32::try_from(step).unwrap());
    visit.mask_all = bits.iter().fold(0, |mask, bit| mask | 1 << bit);
    let (site_id, visit_id, at) = (visit.site_id, visit.id, visit.started_at);
    for (place, bit) in (1..).zip(bits) {
        world.visit_goals.push(visit_goal::Model {
            site_id,
            visit_id,
            bit: *bit,
            first_at: at + place * MINUTE,
            n: 1,
            value_minor: 0,
        });
    }
}

/// What the goals page says above its list, and the page itself.
async fn goals_page(client: &Client, world: &World) -> (String, String) {
    let path = format!("/sites/{}/goals", world.site.key);
    let page = client.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    (words(&page.body), page.body)
}

#[actix_web::test]
async fn a_step_that_is_usually_taken_before_the_one_above_it_can_be_moved_at_once() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Wrong order").await;
    for _ in 0..7 {
        visit(&mut world, &[FORM, PRICING]);
    }
    visit(&mut world, &[PRICING, FORM]);
    visit(&mut world, &[PRICING]);
    world.insert(&app).await;
    let client = app.owner().await;

    let (text, body) = goals_page(&client, &world).await;

    assert_reads(
        &text,
        &[
            "visitors usually reach “Started the form” before “Viewed pricing”, in 7 of the 8 visits of the last 28 days that reached both. The funnel shows them as leaving at “Viewed pricing”.",
            "Move “Started the form” up",
        ],
    );
    let goals = store::list_goals(&app.state.db.read, world.site.id)
        .await
        .unwrap();
    let form = goals.iter().find(|goal| goal.name == "Started the form");
    let action = format!("/sites/{}/goals/{}/move", world.site.key, form.unwrap().id);
    assert!(body.contains(&format!("action=\"{action}\"")), "{body}");

    let moved = client.post_form(&action, &[("move", "up")]).await;

    assert_eq!(moved.status, 303);
    let (text, _) = goals_page(&client, &world).await;
    assert!(!text.contains("looks wrong"), "{text}");
}

#[actix_web::test]
async fn a_step_that_nobody_takes_or_takes_instead_is_told_and_tests_are_not() {
    let app = TestApp::spawn().await;
    let mut unreached = World::new(&app, "Nobody").await;
    let mut apart = World::new(&app, "Apart").await;
    let mut fine = World::new(&app, "Fine").await;
    for _ in 0..4 {
        visit(&mut unreached, &[FORM]);
        visit(&mut apart, &[FORM]);
        visit(&mut apart, &[PRICING]);
        visit(&mut fine, &[PRICING, FORM]);
        visit(&mut fine, &[FORM, PRICING]);
    }
    visit(&mut fine, &[FORM, PRICING]);
    fine.visits.last_mut().unwrap().is_test = true;
    for world in [&unreached, &apart, &fine] {
        world.insert(&app).await;
    }
    let client = app.owner().await;

    assert_reads(
        &goals_page(&client, &unreached).await.0,
        &[
            "No visit of the last 28 days reached “Viewed pricing”, and 4 visits reached “Started the form”.",
            "Move “Started the form” up",
        ],
    );
    let (text, _) = goals_page(&client, &apart).await;
    assert_reads(
        &text,
        &[
            "4 visits reached “Viewed pricing” and 4 visits “Started the form”, but no visit reached both.",
            "take one of them out of the funnel: as a signal it still counts. Look at “Viewed pricing”",
        ],
    );
    assert!(!text.contains("Move “Started"), "{text}");
    let (text, _) = goals_page(&client, &fine).await;
    assert!(
        !text.contains("looks wrong") && !text.contains("Move “"),
        "{text}"
    );
}

#[actix_web::test]
async fn the_main_goal_stays_last_whatever_came_first() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Main first").await;
    for _ in 0..4 {
        visit(&mut world, &[PRICING, MAIN, FORM]);
    }
    world.insert(&app).await;
    let client = app.owner().await;

    let (text, _) = goals_page(&client, &world).await;

    assert_reads(
        &text,
        &[
            "visitors usually reach “Signed up” before “Started the form”, in 4 of the 4 visits",
            "The main goal always comes last: if visitors need not take “Started the form” first, take it out of the funnel",
            "Look at “Started the form”",
        ],
    );
    assert!(!text.contains("Move “"), "{text}");
}

#[actix_web::test]
async fn the_funnel_says_where_its_order_looks_wrong_and_not_that_they_leave() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Wrong order").await;
    for _ in 0..5 {
        visit(&mut world, &[FORM, PRICING]);
    }
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "");
    visit(&mut world, &[]);
    let mut apart = World::new(&app, "Apart").await;
    for _ in 0..4 {
        visit(&mut apart, &[FORM]);
        visit(&mut apart, &[PRICING]);
    }
    let mut fine = World::new(&app, "Fine").await;
    for _ in 0..3 {
        visit(&mut fine, &[PRICING, FORM]);
        visit(&mut fine, &[FORM, PRICING]);
    }
    for world in [&world, &apart, &fine] {
        world.insert(&app).await;
    }
    let client = app.owner().await;
    let funnel = async |world: &World| {
        let page = client.get(&format!("/sites/{}", world.site.key)).await;
        words(&page.body)
    };

    let text = funnel(&world).await;

    assert_reads(
        &text,
        &[
            "5 of 5 visits at “Viewed pricing” go no further in this order.",
            "The order looks wrong: 5 of these 5 visits had reached “Started the form” before “Viewed pricing”. Look at the order",
        ],
    );
    assert_reads(
        &funnel(&apart).await,
        &[
            "The order looks wrong: 4 visits reached “Started the form”, none of them after “Viewed pricing”.",
        ],
    );
    let text = funnel(&fine).await;
    assert!(!text.contains("looks wrong"), "{text}");
}

#[actix_web::test]
async fn few_visits_of_a_rare_goal_say_nothing_about_the_order() {
    let app = TestApp::spawn().await;
    let mut early = World::new(&app, "Early").await;
    let mut mixed = World::new(&app, "Mixed").await;
    let mut apart = World::new(&app, "Apart").await;
    for _ in 0..3 {
        visit(&mut early, &[FORM, PRICING]);
        visit(&mut apart, &[FORM]);
        visit(&mut apart, &[PRICING]);
    }
    for n in 0..11 {
        // Eight of eleven may be chance.
        let both = if n < 8 {
            [FORM, PRICING]
        } else {
            [PRICING, FORM]
        };
        visit(&mut mixed, &both);
    }
    let client = app.owner().await;

    for world in [&early, &mixed, &apart] {
        world.insert(&app).await;
        let (goals, _) = goals_page(&client, world).await;
        let funnel = client.get(&format!("/sites/{}", world.site.key)).await;
        for text in [goals, words(&funnel.body)] {
            let is_told = text.contains("looks wrong") || text.contains("no visit reached both");
            assert!(!is_told, "{}: {text}", world.site.name);
        }
    }
}

/// Adds a step before the main goal.
async fn add_step(app: &TestApp, world: &World, at: Millis) {
    let [step, ..] = world::goals();
    let plan = NewGoal {
        name: "Chose a plan".into(),
        rule: GoalRule::Url {
            path: "/plan".into(),
        },
        ..step
    };
    let tx = app.state.db.begin().await.unwrap();
    store::insert_goal(&tx, world.site.id, &plan, at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn a_goal_that_was_saved_just_now_is_not_said_to_be_reached_by_nobody() {
    let app = TestApp::spawn().await;
    let mut added = World::new(&app, "Added").await;
    let mut edited = World::new(&app, "Edited").await;
    for world in [&mut added, &mut edited] {
        for _ in 0..5 {
            visit(world, &[PRICING, FORM, MAIN]);
        }
        world.insert(&app).await;
    }
    add_step(&app, &added, added.now).await;
    let goals = store::list_goals(&app.state.db.read, edited.site.id)
        .await
        .unwrap();
    let pricing = goals.iter().find(|goal| goal.name == "Viewed pricing");
    let [step, ..] = world::goals();
    let prices = NewGoal {
        rule: GoalRule::Url {
            path: "/prices".into(),
        },
        ..step
    };
    let tx = app.state.db.begin().await.unwrap();
    store::update_goal(
        &tx,
        edited.site.id,
        pricing.unwrap().id,
        &prices,
        edited.now,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let client = app.owner().await;

    for world in [&added, &edited] {
        let (text, _) = goals_page(&client, world).await;

        assert!(!text.contains("visits reached “"), "{text}");
        assert!(!text.contains("looks wrong"), "{text}");
    }
}

#[actix_web::test]
async fn only_visits_that_were_counted_with_both_goals_are_judged() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Added").await;
    let with_both = world.funnel_version + 1;
    for n in 0..9 {
        visit(&mut world, &[MAIN]);
        if n >= 5 {
            world.visits.last_mut().unwrap().funnel_version = with_both;
        }
    }
    for _ in 0..3 {
        visit(&mut world, &[PRICING, FORM]);
        world.visits.last_mut().unwrap().funnel_version = with_both;
    }
    world.insert(&app).await;
    add_step(&app, &world, world.now).await;
    let client = app.owner().await;

    let (text, _) = goals_page(&client, &world).await;

    assert_reads(
        &text,
        &[
            "No visit counted by these goals so far reached “Chose a plan”, and 4 visits reached “Signed up”.",
        ],
    );
}

#[actix_web::test]
async fn the_funnel_does_not_judge_visits_from_before_a_goal_was_saved() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Edited").await;
    for _ in 0..9 {
        visit(&mut world, &[FORM, PRICING, MAIN]);
    }
    world.insert(&app).await;
    let goals = store::list_goals(&app.state.db.read, world.site.id)
        .await
        .unwrap();
    let pricing = goals.iter().find(|goal| goal.name == "Viewed pricing");
    let [mut prices, ..] = world::goals();
    prices.rule = GoalRule::Url {
        path: "/prices".into(),
    };
    let tx = app.state.db.begin().await.unwrap();
    store::update_goal(
        &tx,
        world.site.id,
        pricing.unwrap().id,
        &prices,
        world.now - 2 * MINUTE,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", world.site.key)).await;
    assert!(!words(&page.body).contains("looks wrong"), "{}", page.body);
}
