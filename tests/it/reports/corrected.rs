//! Reasons corrected to everybody who could have been asked, what they come to, and what to fix first.

use exitpoll::{
    db::entity::goal_version,
    report::{
        funnel::{self, Cause, DropOff, FunnelReport},
        period::{Period, PeriodQuery},
    },
};
use sea_orm::{EntityTrait, prelude::Expr};

use super::{
    dice::Dice,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

async fn load(app: &TestApp, world: &World) -> FunnelReport {
    let period = Period::parse(&PeriodQuery::default(), &world.site.time_zone, world.now).unwrap();
    funnel::load(
        &app.state.db,
        &world.site,
        &period,
        &funnel::FunnelChoice::default(),
        world.now,
    )
    .await
    .unwrap()
}

fn up_to_of_reasons(drop: &DropOff) -> f64 {
    let reasons = drop.reasons.iter().filter_map(|reason| reason.up_to);
    reasons.map(|up_to| up_to.conversions).sum()
}

/// At the form, half of the visits are on phones. Four of five of these are kept by the phone number, of the others one of five: half of
/// all. On phones a tenth answers, elsewhere two of five.
fn fill(world: &mut World) {
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    for (device, answers, named) in [("desktop", 160, 32), ("touch", 40, 32)] {
        for n in 0..400 {
            world.visit(2).device = device.into();
            let is_held_out = n >= 360;
            world.impression(Some(if is_held_out { "held_out" } else { "shown" }));
            if n < answers {
                world.answer(&[if n < named { phone } else { looking }], "");
            }
        }
    }
    for _ in 0..200 {
        world.visit(3);
    }
    for _ in 0..100 {
        world.visit(0);
    }
    for _ in 0..200 {
        world.visit(2);
    }
}

#[actix_web::test]
async fn a_reason_of_those_who_answer_less_is_given_its_true_share() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    fill(&mut world);
    world.insert(&app).await;

    let report = load(&app, &world).await;

    let drop = &report.drops[2];
    let phone = drop.reasons.iter().find(|it| it.reason_id == world.phone);
    let phone = phone.unwrap();
    let raw = phone.rate.wilson().unwrap();
    assert!(raw.high < 0.5, "raw misses it: {raw:?}");
    let corrected = phone.corrected.unwrap();
    assert!((corrected.share - 0.5).abs() < 1e-9, "{corrected:?}");
    assert!(corrected.interval.low < 0.5 && corrected.interval.high > 0.5);
    assert!(corrected.answers < 200.0, "{corrected:?}");
    assert_eq!((drop.reach().k, drop.reach().n), (800, 1_000));
    assert_eq!((drop.lost.visits, drop.lost_unreached.visits), (800, 200));
    let up_to = phone.up_to.unwrap();
    assert!((up_to.conversions - 400.0).abs() < 1e-6, "{up_to:?}");
    assert!(
        (up_to.minor.unwrap() - 2_000_000.0).abs() < 1e-3,
        "{up_to:?}"
    );

    let client = app.owner().await;
    let home = format!("/sites/{}", world.site.key);
    let page = client.get(&home).await.body;
    assert_reads(
        &words(&page),
        &[
            "50 % (41–59) Phone number up to €20,000 · 32 % before correcting",
            "The question could reach 80.0 % of those who left; the other 200 visits are spoken for by no share and are in no reason’s price.",
            "Phone number 64 of 200 32 % (26–39) 50 % (41–59) €20,000",
            "Correcting moves “Just looking”, “Phone number” by more than 5 points",
            "It cannot correct silence that depends on the reason itself",
            "Up to = 800 visits lost here that could be asked for the reason × its share × 100 % of the visits that went on and reached “Signed up”, of the same kind of device where these are 30 or more × €50, the value of the goal. All reasons together come to no more than €40,000",
            "200 lost visits that no share speaks for are in no reason’s price.",
        ],
    );
    what_to_fix_first_leads_on(&client, &home, &page, &world).await;
}

/// Each row says how it comes about and leads to what can be done.
async fn what_to_fix_first_leads_on(
    client: &crate::support::client::Client,
    home: &str,
    page: &str,
    world: &World,
) {
    let (_, list) = page.split_once("What to fix first").unwrap();
    assert_reads(
        &words(list),
        &[
            "up to €20,000 “Just looking”, at “Started the form” 800 lost visits × 50 % (41–59) × 100 % of those who go on, by device Read their answers → : “Just looking”, at “Started the form” up to €20,000 “Phone number”",
            "up to €10,000 Not asked why, at “Started the form” 200 lost visits × 100 % of those who go on, by device Look at the questions → : Not asked why, at “Started the form”",
            "Not asked why, before “Viewed pricing” 100 lost visits × ",
        ],
    );
    let link = list
        .split("href=\"")
        .filter_map(|part| part.split('"').next())
        .find(|link| link.ends_with(&format!("reason={}", world.phone)))
        .unwrap_or_else(|| panic!("no link in {list}"));
    let answers = client.get(&link.replace("&#38;", "&")).await.body;
    assert_reads(&words(&answers), &["64 answers"]);
    assert!(list.contains(&format!("{home}/prompts/new?")), "{list}");
}

#[actix_web::test]
async fn of_few_answers_counts_are_told_and_nothing_is_priced() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let phone = ("c1", world.phone);
    for n in 0..120 {
        world.visit(2);
        if n < 60 {
            world.impression(Some("shown"));
        }
        if n < 29 {
            world.answer(&[phone], "");
        }
    }
    for _ in 0..40 {
        world.visit(3);
    }
    world.insert(&app).await;

    let report = load(&app, &world).await;
    let page = app.owner().await;
    let page = page.get(&format!("/sites/{}", world.site.key)).await.body;

    let drop = &report.drops[2];
    assert_eq!(drop.correction, None);
    assert_eq!(
        (drop.reasons[0].corrected, drop.reasons[0].up_to),
        (None, None)
    );
    let text = words(&page);
    assert_reads(
        &text,
        &[
            "29 of 29 Phone number",
            "The question could reach 50.0 % of those who left.",
            "Counts, not shares: 1 more answer would bear a share",
            "up to €3,000 Too few answers for shares, at “Started the form”: 29 answers 60 lost visits × 100 % of those who go on, by device Read the answers",
        ],
    );
    assert!(
        !text.contains("As given") && !text.contains("R-indicator"),
        "{text}"
    );
}

#[actix_web::test]
async fn without_a_value_of_the_main_goal_conversions_are_told() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let nothing = Expr::value(Option::<i64>::None);
    let tx = app.state.db.begin().await.unwrap();
    goal_version::Entity::update_many()
        .col_expr(goal_version::Column::ValueMinor, nothing)
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let both = [("c1", world.phone), ("c2", world.looking)];
    for _ in 0..40 {
        world.visit(2);
        world.impression(Some("shown"));
        world.answer(&both, "");
    }
    world.visit(3);
    world.insert(&app).await;

    let report = load(&app, &world).await;
    let page = app.owner().await;
    let page = page.get(&format!("/sites/{}", world.site.key)).await.body;

    // Everybody names both: each gets half of what the drop-off comes to.
    let drop = &report.drops[2];
    assert!((up_to_of_reasons(drop) - 40.0).abs() < 1e-9, "{drop:?}");
    assert_eq!(drop.lost.up_to.unwrap().minor, None);
    assert_reads(
        &words(&page),
        &[
            "100 % (91–100) Just looking up to 20 conversions",
            "The question could reach all who left.",
            "40 lost visits × 100 % (91–100) × 100 % of those who go on, by device ÷ 2.00, as shares come to more than all",
        ],
    );
}

#[actix_web::test]
async fn the_files_tell_what_the_page_tells() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    fill(&mut world);
    world.insert(&app).await;
    let report = load(&app, &world).await;
    let client = app.owner().await;
    let file = |end: &str| format!("/sites/{}/reports/funnel.{end}", world.site.key);

    let json = client.get(&file("json")).await.json();
    let table = client.get(&file("csv")).await.body;

    let lines = json["funnel"].as_array().unwrap();
    let of = |kind: &str| -> Vec<_> { lines.iter().filter(|it| it["line"] == kind).collect() };
    assert_eq!(of("step").len(), report.steps.len());
    let left: Vec<_> = of("left").iter().map(|it| it["visits"].as_i64()).collect();
    assert_eq!(left, [Some(100), Some(0), Some(1_000)]);
    let reasons = of("reason");
    let phone = reasons
        .iter()
        .find(|it| it["name"] == "Phone number")
        .unwrap();
    assert_eq!(
        (phone["visits"].as_i64(), phone["of"].as_i64()),
        (Some(64), Some(200))
    );
    let figures = ["share", "corrected", "up_to_conversions", "up_to_minor"];
    for (name, expected) in figures.iter().zip([0.32, 0.5, 400.0, 2_000_000.0]) {
        let found = phone[name].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-6, "{name} is {found}");
    }
    assert_eq!(of("fix_not_asked").len(), 2);

    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(Into::into).collect();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(lines) {
        for (cell, name) in row.iter().zip(&names) {
            let told = &line[name];
            match told.as_f64() {
                Some(number) => assert!((cell.parse::<f64>().unwrap() - number).abs() < 1e-9),
                None => assert_eq!(cell, told.as_str().unwrap_or_default(), "{name}"),
            }
        }
    }
}

/// Anything may be answered by anybody, several reasons at once, in several questions.
fn roll(world: &mut World, dice: &mut Dice) {
    for _ in 0..700 {
        let step = i32::try_from(dice.below(4)).unwrap();
        let visit = world.visit(step);
        if dice.one_in(2) {
            visit.device = "touch".into();
        }
        visit.visit_number = [None, Some(1), Some(4)][dice.index(3)];
        if dice.one_in(5) {
            visit.macro_at = Some(visit.started_at);
        }
        if dice.one_in(4) {
            continue;
        }
        let place = i32::try_from(dice.below(4)).unwrap().min(step);
        let probability = [0.3, 0.9, 1.0][dice.index(3)];
        let arm = if dice.one_in(9) { "held_out" } else { "shown" };
        let impression = world.impression(Some(arm));
        (impression.funnel_step, impression.probability) = (place, Some(probability));
        if dice.one_in(3) && arm == "shown" {
            let reasons = [("c1", world.phone), ("c2", world.looking)];
            let chosen = dice.index(3);
            let given: Vec<_> = reasons.into_iter().take(chosen).collect();
            world.answer(&given, "");
        }
    }
}

#[actix_web::test]
async fn reasons_never_come_to_more_than_their_drop_off() {
    let app = TestApp::spawn().await;
    let mut corrected = 0;
    for seed in 1..=8 {
        let mut world = World::new(&app, &format!("World {seed}")).await;
        roll(&mut world, &mut Dice(seed * 104_729));
        world.insert(&app).await;

        let report = load(&app, &world).await;

        for drop in &report.drops {
            let all = drop.lost.up_to.map_or(0.0, |it| it.conversions);
            assert!(
                up_to_of_reasons(drop) <= all + 1e-9,
                "seed {seed}: {drop:?}"
            );
            assert!(
                all <= drop.lost.visits as f64 + 1e-9,
                "seed {seed}: {drop:?}"
            );
            assert_eq!(
                drop.lost.visits
                    + drop.lost_few.visits
                    + drop.lost_else.visits
                    + drop.lost_unreached.visits
                    + drop.converted,
                drop.left.k
            );
            for share in drop.reasons.iter().filter_map(|it| it.corrected) {
                corrected += 1;
                assert!(share.interval.low <= share.share && share.share <= share.interval.high);
                assert!(share.answers <= drop.answered as f64 + 1e-6, "seed {seed}");
            }
        }
        let gains: Vec<(bool, f64)> = report
            .fixes
            .iter()
            .filter_map(|fix| Some((fix.cause.is_known(), fix.up_to?.conversions)))
            .collect();
        assert!(gains.is_sorted_by(|one, next| one >= next), "seed {seed}");
        let is_reason = |cause: &Cause| matches!(cause, Cause::Reason(..));
        assert!(
            report
                .fixes
                .iter()
                .all(|fix| !is_reason(&fix.cause) || fix.lost > 0)
        );
    }
    assert!(corrected > 0, "worlds with shares are among them");
}
