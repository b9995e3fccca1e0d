//! Why a question did not show: the way of each visit, counted by hand and by chance.

use std::collections::HashMap;

use exitpoll::{
    clock::{DAY, MINUTE},
    db::entity::{impression, prompt_version},
    prompt::types::ShownAs,
    report::{
        period::{Period, PeriodQuery},
        why::{self, Pages, Way, Why},
    },
    site::calendar,
    types::{PromptId, VisitId},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::{
    dice::Dice,
    world::{World, assert_reads, words},
};
use crate::support::{app::TestApp, prompt::pricing};

pub(super) async fn load(app: &TestApp, world: &World) -> Why {
    let period = Period::parse(&PeriodQuery::default(), &world.site.time_zone, world.now).unwrap();
    why::load(
        &app.state.db,
        &world.site,
        world.prompt_id,
        &period,
        world.now,
    )
    .await
    .unwrap()
}

/// The question has long been published, and may ask on these pages only.
pub(super) async fn published_before(app: &TestApp, world: &World, pages: &str) {
    let tx = app.state.db.begin().await.unwrap();
    let key = (world.site.id, world.prompt_id, 1);
    let version = prompt_version::Entity::find_by_id(key)
        .one(&tx)
        .await
        .unwrap()
        .unwrap();
    let mut design: serde_json::Value = serde_json::from_str(&version.design).unwrap();
    if !pages.is_empty() {
        design["target"]["addresses"] = serde_json::json!([pages]);
    }
    let mut version = version.into_active_model();
    version.published_at = Set(world.now - 10 * DAY);
    version.design = Set(design.to_string());
    version.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

pub(super) fn refused(world: &mut World, code: &str, minute: i64) {
    let refused = world.impression(None);
    refused.refusal = Some(code.into());
    refused.decided_at += minute * MINUTE;
}

#[actix_web::test]
async fn every_visit_that_came_to_the_moment_stands_in_one_way() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    published_before(&app, &world, "/signup").await;
    let (phone, there) = (("c1", world.phone), r#"[{"paths":["/","/signup"]}]"#);
    let gone = |shown: &mut impression::Model| (shown.shown_at, shown.seen_at) = (None, None);
    for n in 0..40 {
        world.visit(2).views = if n < 38 {
            there
        } else {
            r#"[{"paths":["/"]}]"#
        }
        .into();
        match n {
            0..5 => refused(&mut world, "quiet", 0),
            5..7 => {
                // The last one tells.
                refused(&mut world, "quiet", 0);
                refused(&mut world, "converted", 1);
            }
            7..9 => {
                // Asked after all: that it was refused before is forgotten, and so is a refusal after.
                refused(&mut world, "not_reached", -1);
                world.impression(Some("shown"));
                world.answer(&[phone], "");
                refused(&mut world, "already_decided", 1);
            }
            9 => {
                world.impression(Some("shown"));
                world.answer(&[phone], "");
                world.answers.last_mut().unwrap().is_complete = false;
            }
            10..13 => drop(world.impression(Some("held_out"))),
            13 => {
                let late = world.impression(Some("shown"));
                gone(late);
                late.ending = Some("late".into());
            }
            14 => gone(world.impression(Some("shown"))),
            15 => {
                let closed = world.impression(Some("shown"));
                closed.dismissed_at = Some(closed.decided_at + 500);
                closed.ending = Some("never".into());
            }
            16 => {
                let begun = world.impression(Some("shown"));
                begun.started_at = begun.seen_at;
            }
            17 => drop(world.impression(Some("shown"))),
            18 => world.impression(Some("shown")).seen_at = None,
            19 => {
                // Another question was first: this one came to no moment.
                let other = world.impression(Some("shown"));
                other.prompt_id = PromptId::new(1);
            }
            20 => world.impression(Some("shown")).is_automatic = false,
            21 => world.impression(Some("shown")).is_test = true,
            _ => {}
        }
    }
    world.visit(2).is_automated = true;
    refused(&mut world, "quiet", 0);
    world.insert(&app).await;

    let why = load(&app, &world).await;

    let count = |way| why.ways.count(way);
    assert_eq!(
        why.pages,
        Pages {
            visits: 40,
            matched: 38,
            paused: 0,
            is_scaled: false
        }
    );
    assert_eq!(why.ways.fired(), 19);
    assert_eq!(count(Way::HeldBack), 7);
    let held = [("quiet", 5), ("converted", 2)].map(|(code, n)| (code.to_owned(), n));
    assert_eq!(why.ways.reasons(Way::HeldBack), held);
    assert_eq!(count(Way::Unasked), 3);
    let not_opened = [("", 1), ("late", 1)].map(|(code, n)| (code.to_owned(), n));
    assert_eq!(why.ways.reasons(Way::NotOpened), not_opened);
    let ways = [
        Way::Unseen,
        Way::Seen,
        Way::Begun,
        Way::Closed,
        Way::Partial,
        Way::Complete,
    ];
    assert_eq!(ways.map(count), [1, 1, 1, 1, 1, 2]);
    assert_eq!(
        (
            why.ways.askable(),
            why.ways.opened(),
            why.ways.seen(),
            why.ways.begun(),
            why.ways.answered()
        ),
        (12, 7, 6, 4, 3)
    );
    assert_eq!(why.others_first, 1);
    assert_eq!(why.current, None, "there was one version only");

    let client = app.owner().await;
    let base = format!("/sites/{}/prompts", world.site.key);
    let page = client.get(&format!("{base}/{}/why", world.prompt_id)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_reads(
        &words(&page.body),
        &[
            "19 visits came to the moment, and it opened in 7",
            "Opened a page it may ask on 38",
            "Came to the moment 19",
            "Held back 7",
            "They closed or answered a question before 5",
            "Closed without an answer 1 With “Don&#39;t ask me again” 1",
            "Left unasked for comparison 3",
            "The connection was slow: after a second nobody is interrupted any more 1",
            "Answered to the end 2",
            "In 1 visit “Don&#39;t ask me again” was clicked, in none of them after an answer.",
            "In 1 visit another question was asked",
        ],
    );
    let list = words(&client.get(&base).await.body);
    assert_reads(
        &list,
        &["Mostly held back: they closed or answered a question before (5)"],
    );
    let stranger = client.get(&format!("{base}/prm_0/why")).await;
    assert_eq!(stranger.status, 404);
}

#[actix_web::test]
async fn how_a_card_was_closed_is_told_as_far_as_it_is_known() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    published_before(&app, &world, "").await;
    for code in ["close", "close", "skipped"] {
        world.visit(2);
        let closed = world.impression(Some("shown"));
        closed.dismissed_at = Some(closed.decided_at + 500);
        closed.ending = Some(code.into());
    }
    world.insert(&app).await;

    let address = format!("/sites/{}/prompts/{}/why", world.site.key, world.prompt_id);
    let page = app.owner().await.get(&address).await;

    assert_reads(
        &words(&page.body),
        &[
            "Closed without an answer 3 With the close button, or by the page 2 Without an answer to any question 1",
        ],
    );
}

#[actix_web::test]
async fn a_changed_question_tells_the_present_version_apart_and_exits_are_judged() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    published_before(&app, &world, "").await;
    let tx = app.state.db.begin().await.unwrap();
    let key = (world.site.id, world.prompt_id, 1);
    let first = prompt_version::Entity::find_by_id(key)
        .one(&tx)
        .await
        .unwrap()
        .unwrap();
    let second = prompt_version::Model {
        version: 2,
        published_at: world.now - DAY,
        ..first
    };
    let second = second.into_active_model();
    prompt_version::Entity::insert(second)
        .exec_without_returning(&tx)
        .await
        .unwrap();
    let update = exitpoll::db::entity::prompt::ActiveModel {
        site_id: Set(world.site.id),
        id: Set(world.prompt_id),
        published_version: Set(Some(2)),
        ..Default::default()
    };
    update.update(&tx).await.unwrap();
    tx.commit().await.unwrap();
    for n in 0..10 {
        let visit = world.visit(1);
        (visit.exits, visit.exits_stayed) = (4, i32::from(n < 8));
        if n == 9 {
            // Too young to be judged.
            visit.last_at = visit.started_at + 118 * MINUTE;
        }
        world.impression(Some("shown")).prompt_version = if n < 4 { 2 } else { 1 };
    }
    world.insert(&app).await;

    let why = load(&app, &world).await;

    let (version, current) = why.current.as_ref().unwrap();
    assert_eq!((*version, current.fired(), why.ways.fired()), (2, 4, 10));
    let left = why.left.unwrap();
    assert_eq!((left.k, left.n), (28, 36));
    let client = app.owner().await;
    let address = format!("/sites/{}/prompts/{}/why", world.site.key, world.prompt_id);
    assert_reads(
        &words(&client.get(&address).await.body),
        &[
            "With the present version (2): 4 came to the moment, 4 could be asked, 4 opened, 0 answered.",
            "Of 36 moves to leave, 78 %",
        ],
    );
}

#[actix_web::test]
async fn a_question_that_nobody_came_to_has_a_page_too() {
    let app = TestApp::spawn().await;
    let world = World::new(&app, "Northwind").await;
    let client = app.owner().await;

    let address = format!("/sites/{}/prompts/{}/why", world.site.key, world.prompt_id);
    assert_reads(
        &words(&client.get(&address).await.body),
        &[
            "No visit came to the moment in these days",
            "No move to leave in these days so far; one is judged after five minutes.",
        ],
    );
}

#[actix_web::test]
async fn never_again_is_counted_after_an_answer_too() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    published_before(&app, &world, "").await;
    let phone = ("c1", world.phone);
    for n in 0..5 {
        world.visit(2);
        let card = world.impression(Some("shown"));
        card.dismissed_at = Some(card.decided_at + 500);
        card.ending = Some(if n < 3 { "never" } else { "close" }.into());
        if n < 2 {
            world.answer(&[phone], "");
            world.answers.last_mut().unwrap().is_complete = n == 0;
        }
    }
    world.insert(&app).await;

    let address = format!("/sites/{}/prompts/{}/why", world.site.key, world.prompt_id);
    let page = app.owner().await.get(&address).await;

    assert_reads(
        &words(&page.body),
        &[
            "Closed without an answer 3 With the close button, or by the page 2 With “Don&#39;t ask me again” 1",
            "In 3 visits “Don&#39;t ask me again” was clicked, in 2 of them after an answer.",
        ],
    );
}

fn roll(world: &mut World, dice: &mut Dice) {
    let outside = calendar::day_of(world.now - 40 * DAY, &world.site.time_zone);
    let codes = ["quiet", "converted", "page", "sample", "limit"];
    let endings = [None, Some("late"), Some("modal")];
    for _ in 0..dice.below(120) {
        let visit = world.visit(1);
        visit.is_test = dice.one_in(8);
        visit.is_automated = dice.one_in(6);
        if dice.one_in(7) {
            visit.day = outside;
        }
        let mut has_arm = false;
        for _ in 0..dice.below(4) {
            let arm = [None, Some("shown"), Some("held_out")][dice.index(3)];
            // One arm per visit and prompt is a rule of the schema.
            let arm = arm.filter(|_| !has_arm);
            has_arm |= arm.is_some();
            let (code, ending, minutes) =
                (codes[dice.index(5)], endings[dice.index(3)], dice.below(50));
            let [never, unseen, begun, closed, answered] = [(); 5].map(|()| dice.one_in(3));
            let (is_test, is_own) = (dice.one_in(6), !dice.one_in(6));
            let partial = dice.one_in(2);
            let phone = ("c1", world.phone);
            let other = PromptId::new(world.now);
            let made = world.impression(arm);
            made.decided_at += i64::try_from(minutes).unwrap() * 1_000;
            made.is_test |= is_test;
            if arm.is_none() {
                made.refusal = Some(code.into());
            } else if arm == Some("shown") {
                if never {
                    (made.shown_at, made.seen_at) = (None, None);
                    made.ending = ending.map(Into::into);
                }
                if unseen {
                    made.seen_at = None;
                }
                made.started_at = made.seen_at.filter(|_| begun);
                made.dismissed_at = made.shown_at.filter(|_| closed);
            }
            if !is_own {
                made.prompt_id = other;
            }
            if answered && arm == Some("shown") {
                world.answer(&[phone], "");
                world.answers.last_mut().unwrap().is_complete = partial;
            }
        }
    }
}

/// Way and reason of each visit that came to the moment, one by one.
fn plain_count(world: &World) -> HashMap<(Way, String), i64> {
    let today = calendar::day_of(world.now, &world.site.time_zone);
    let mut ways = HashMap::new();
    for visit in &world.visits {
        if visit.is_test || visit.is_automated || visit.day != today {
            continue;
        }
        let of_visit = world.impressions.iter().filter(|it| {
            it.visit_id == visit.id
                && it.prompt_id == world.prompt_id
                && it.is_automatic
                && !it.is_test
        });
        let mut own: Vec<_> = of_visit.collect();
        own.sort_by_key(|it| (it.arm.is_some(), it.decided_at, it.id));
        let Some(told) = own.last() else { continue };
        let mut answers = world.answers.iter();
        let answer = answers.find(|answer| answer.impression_id == told.id);
        let way = match (told.arm.as_deref(), answer) {
            (None, _) => Way::HeldBack,
            (Some("held_out"), _) => Way::Unasked,
            (_, Some(answer)) if answer.is_complete => Way::Complete,
            (_, Some(_)) => Way::Partial,
            _ if told.shown_at.is_none() => Way::NotOpened,
            _ if told.dismissed_at.is_some() => Way::Closed,
            _ if told.started_at.is_some() => Way::Begun,
            _ if told.seen_at.is_some() => Way::Seen,
            _ => Way::Unseen,
        };
        let code = match way {
            Way::HeldBack => told.refusal.clone(),
            Way::NotOpened => told.ending.clone(),
            _ => None,
        };
        *ways.entry((way, code.unwrap_or_default())).or_default() += 1;
    }
    ways
}

#[actix_web::test]
async fn ways_of_any_world_add_up() {
    let app = TestApp::spawn().await;
    for seed in 1..=16 {
        let mut world = World::new(&app, &format!("World {seed}")).await;
        published_before(&app, &world, "").await;
        roll(&mut world, &mut Dice(seed * 7_919));
        world.insert(&app).await;

        let Why { ways, pages, .. } = load(&app, &world).await;

        let plain = plain_count(&world);
        let parts: i64 = Way::ALL.iter().map(|way| ways.count(*way)).sum();
        assert_eq!(parts, ways.fired(), "seed {seed}");
        assert_eq!(parts, plain.values().sum::<i64>(), "seed {seed}");
        for way in Way::ALL {
            let reasons: i64 = ways.reasons(*way).iter().map(|(_, n)| n).sum();
            assert_eq!(reasons, ways.count(*way), "seed {seed}, {way}");
            for (code, n) in ways.reasons(*way) {
                let plain = plain
                    .get(&(*way, code.clone()))
                    .copied()
                    .unwrap_or_default();
                assert_eq!(n, plain, "seed {seed}, {way}: {code}");
            }
        }
        let stages = [
            pages.visits,
            pages.matched,
            ways.fired(),
            ways.askable(),
            ways.opened(),
            ways.seen(),
            ways.begun(),
            ways.answered(),
        ];
        // On screen and begun need not follow each other: what was seen too shortly may have been begun.
        assert!(
            stages[..5].is_sorted_by(|left, right| left >= right),
            "seed {seed}: {stages:?}"
        );
        assert!(
            stages[5..].iter().all(|stage| *stage <= ways.opened()),
            "seed {seed}: {stages:?}"
        );
        let ids: Vec<VisitId> = world.visits.iter().map(|visit| visit.id).collect();
        assert!(pages.visits <= i64::try_from(ids.len()).unwrap());
    }
}

#[actix_web::test]
async fn a_question_behind_a_link_has_no_table_of_moments() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.look.shown_as = ShownAs::Link;
    let prompt = app.publish(&site, "Survey", &design).await;
    let base = format!("/sites/{}/prompts/{prompt}", site.key);

    let page = app.owner().await.get(&format!("{base}/why")).await;

    let text = words(&page.body);
    let told = [
        "This question waits for no moment",
        "It is not asked at a moment",
        "Open the report",
    ];
    assert_reads(&text, &told);
    for table in [
        "From the visit to the answer",
        "Where each visit went",
        "How this is counted",
    ] {
        assert!(!text.contains(table), "{table}: {text}");
    }
    assert!(page.body.contains(&format!("{base}/report?")));
}
