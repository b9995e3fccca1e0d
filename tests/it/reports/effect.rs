//! What asking costs: the two groups against a plain count, and what may be said of them.

use exitpoll::{
    clock::{DAY, MINUTE},
    db::entity::{prompt, prompt_version},
    prompt::types::{Design, Fairness},
    site::calendar,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    dice::Dice,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// Visits of a group, of which the first `reached` reach the main goal afterwards.
pub(super) fn group(world: &mut World, arm: &str, n: usize, reached: usize) {
    let probability = if arm == "held_out" { 0.1 } else { 0.9 };
    for place in 0..n {
        world.visit(if place < reached { 3 } else { 2 });
        world.impression(Some(arm)).probability = Some(probability);
    }
}

pub(super) async fn report(app: &TestApp, world: &World, query: &str) -> String {
    let path = format!(
        "/sites/{}/prompts/{}/report{query}",
        world.site.key, world.prompt_id
    );
    let page = app.owner().await.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    words(&page.body)
}

pub(super) async fn list(app: &TestApp, world: &World) -> String {
    let path = format!("/sites/{}/prompts", world.site.key);
    words(&app.owner().await.get(&path).await.body)
}

/// Sets what is left unasked, in the draft and in the version that visitors get.
async fn leave_unasked(app: &TestApp, world: &World, percent: u8) {
    set_fairness(app, world, |fairness| fairness.held_out_percent = percent).await;
}

/// Changes how often to ask, in the draft and in the version that visitors get.
pub(super) async fn set_fairness(app: &TestApp, world: &World, change: impl Fn(&mut Fairness)) {
    let db = &app.state.db.read;
    let stored = prompt::Entity::find().one(db).await.unwrap().unwrap();
    let mut design: Design = serde_json::from_str(&stored.draft).unwrap();
    change(&mut design.fairness);
    let design = serde_json::to_string(&design).unwrap();
    let tx = app.state.db.begin().await.unwrap();
    prompt::Entity::update_many()
        .filter(prompt::Column::Id.eq(world.prompt_id))
        .col_expr(prompt::Column::Draft, Expr::value(design.clone()))
        .exec(&tx)
        .await
        .unwrap();
    prompt_version::Entity::update_many()
        .filter(prompt_version::Column::PromptId.eq(world.prompt_id))
        .col_expr(prompt_version::Column::Design, Expr::value(design))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn a_question_that_halves_conversions_is_an_alarm() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    group(&mut world, "shown", 1_800, 360);
    group(&mut world, "held_out", 200, 80);
    world.insert(&app).await;

    let page = report(&app, &world, "").await;

    assert_reads(
        &page,
        &[
            "Asking “Sign-up not finished” costs conversions. Visits that are asked reach “Signed up” less often than those left unasked: 20.0 points fewer (−",
            "Harm: asking costs conversions.",
            "Asked 1,800 360 20.0 %",
            "Left unasked 200 80 40.0 %",
            "Difference 20.0 points fewer (−",
            "Ratio 0.50 times (0.",
        ],
    );
    let listed = list(&app, &world).await;
    assert_reads(
        &listed,
        &[
            "Asking “Sign-up not finished” costs conversions.",
            "20.0 points fewer",
        ],
    );
}

#[actix_web::test]
async fn a_question_that_changes_nothing_is_none() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    leave_unasked(&app, &world, 50).await;
    for arm in ["shown", "held_out"] {
        let first = world.impressions.len();
        group(&mut world, arm, 3_000, 2_700);
        for made in &mut world.impressions[first..] {
            made.probability = Some(0.5);
        }
    }
    world.insert(&app).await;

    let page = report(&app, &world, "").await;

    assert_reads(
        &page,
        &[
            "No material harm. If asking costs conversions at all, it is less than 5 % of them (4.5 points).",
            "Asked 3,000 2,700 90.0 %",
            "Difference 0.0 points (−",
            "Ratio 1.00 times (0.",
        ],
    );
    assert!(!page.contains("Harm: asking"), "{page}");
    assert!(!list(&app, &world).await.contains("Asking “"));
}

/// Visits by chance, every tenth of them left unasked: 40 of 100 reach the goal, and `asked` of 100 that were asked.
#[actix_web::test]
async fn simulated_harm_is_found_and_a_harmless_question_is_cleared() {
    for (asked, seed) in [(20, 11), (20, 12), (40, 11), (40, 12)] {
        let app = TestApp::spawn().await;
        let mut world = World::new(&app, "Northwind").await;
        let mut dice = Dice(seed * 7_919);
        let mut counted = [[0, 0], [0, 0]];
        for _ in 0..2_500 {
            let is_unasked = dice.one_in(10);
            let share = if is_unasked { 40 } else { asked };
            let is_reached = dice.below(100) < share;
            let arm = if is_unasked { "held_out" } else { "shown" };
            group(&mut world, arm, 1, usize::from(is_reached));
            counted[usize::from(is_unasked)][usize::from(is_reached)] += 1;
        }
        world.insert(&app).await;

        let page = report(&app, &world, "").await;

        let thousands = |n: i64| match n {
            0..1_000 => n.to_string(),
            _ => format!("{},{:03}", n / 1_000, n % 1_000),
        };
        for (name, [not, reached]) in ["Asked", "Left unasked"].iter().zip(counted) {
            let (n, reached) = (thousands(not + reached), thousands(reached));
            assert_reads(&page, &[&format!("{name} {n} {reached} ")]);
        }
        let is_harm = page.contains("Harm: asking costs conversions.");
        assert_eq!(is_harm, asked == 20, "{asked}, {seed}: {page}");
    }
}

/// The same shares, with so few visits that chance may have made them.
#[actix_web::test]
async fn what_is_not_known_is_told_with_how_many_more() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    group(&mut world, "shown", 360, 72);
    group(&mut world, "held_out", 40, 9);
    world.insert(&app).await;

    let page = report(&app, &world, "").await;

    assert_reads(
        &page,
        &[
            "Not yet known: about ",
            "So many more that could be asked would show, if asking changes nothing, that it costs less than 5 % of them (1.1 points).",
            "Difference 2.5 points fewer (−",
        ],
    );
    assert!(!list(&app, &world).await.contains("Asking “"));
}

#[actix_web::test]
async fn few_are_counts_and_without_a_comparison_it_says_how_to_have_one() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let empty = report(&app, &world, "").await;
    assert_reads(&empty, &["No visits to compare yet. Chance leaves 10 %"]);
    leave_unasked(&app, &world, 0).await;
    let off = report(&app, &world, "").await;
    assert_reads(
        &off,
        &[
            "Not known: nobody is left unasked.",
            "Set “Left unasked for comparison” to 10",
            "Leave some unasked",
        ],
    );

    leave_unasked(&app, &world, 10).await;
    group(&mut world, "shown", 180, 20);
    group(&mut world, "held_out", 29, 1);
    world.insert(&app).await;
    let few = report(&app, &world, "").await;

    let section = few.split("What asking costs").nth(1).unwrap();
    let section = section.split("How this is told").next().unwrap();
    assert_reads(
        section,
        &[
            "Not yet known: too few visits to compare.",
            "after about 10 more that could be asked",
            "Asked 180 20 – Left unasked 29 1 –",
        ],
    );
    assert!(!section.contains("points"), "{section}");
}

/// Of all that stands in the table, only what is alike in both groups is compared.
#[actix_web::test]
async fn the_groups_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    group(&mut world, "shown", 40, 10);
    group(&mut world, "held_out", 31, 5);
    // Drawn to be asked, and it never opened: it stands with those asked.
    world.visit(3);
    let gone = world.impression(Some("shown"));
    (gone.shown_at, gone.seen_at) = (None, None);
    // The goal was reached before the moment: in neither group.
    let start = world.visit(3).started_at;
    world.visits.last_mut().unwrap().macro_at = Some(start + MINUTE);
    world.impression(Some("held_out")).probability = Some(0.1);
    // Decided under another share, earlier; refused; opened by hand; a test; a machine.
    world.visit(3);
    let other = world.impression(Some("held_out"));
    (other.probability, other.decided_at) = (Some(0.5), other.decided_at - MINUTE);
    world.visit(3);
    world.impression(None);
    world.visit(3);
    let by_hand = world.impression(Some("shown"));
    (by_hand.is_automatic, by_hand.probability) = (false, Some(1.0));
    world.visit(3).is_test = true;
    world.impression(Some("shown"));
    world.visit(3).is_automated = true;
    world.impression(Some("held_out")).probability = Some(0.1);
    // Its visit may still go on.
    world.visit(2);
    world.impression(Some("held_out")).decided_at = world.now - 10 * MINUTE;
    // Long before the days of the report, and yet of the same comparison.
    world.visit(3);
    let at = world.now - 60 * DAY;
    let day = calendar::day_of(at, &world.site.time_zone);
    let visit = world.visits.last_mut().unwrap();
    (visit.started_at, visit.day, visit.macro_at) = (at, day, Some(at + 5 * MINUTE));
    world.impression(Some("held_out")).probability = Some(0.1);
    world.insert(&app).await;

    let page = report(&app, &world, "?days=7").await;

    assert_reads(
        &page,
        &[
            "Asked 41 11 26.8 %",
            "Left unasked 32 6 18.8 %",
            "1 visit reached “Signed up” before the moment",
            "Left out: 1 visit decided while another share was left unasked",
        ],
    );
    let machines = report(&app, &world, "?automated=1").await;
    assert_reads(&machines, &["Left unasked 33 7 21.2 %"]);
}

#[actix_web::test]
async fn groups_of_a_size_that_chance_does_not_make_have_no_verdict() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    group(&mut world, "shown", 1_800, 360);
    group(&mut world, "held_out", 600, 240);
    world.insert(&app).await;

    let page = report(&app, &world, "").await;

    assert_reads(&page, &["No verdict: the groups are not as large"]);
    assert!(!page.contains("costs conversions."), "{page}");
    assert!(!list(&app, &world).await.contains("Asking “"));
}

/// Answers after 2, 4, … 62 s; the others have not answered, or were asked by hand before.
#[actix_web::test]
async fn times_to_answer_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let phone = ("c1", world.phone);
    for n in (1..=31).rev() {
        world.visit(2);
        world.impression(Some("shown"));
        world.answer(&[phone], "");
        let made = world.impressions.last_mut().unwrap();
        made.answered_at = made.shown_at.map(|at| at + n * 2_000);
    }
    world.visit(2);
    world.impression(Some("shown"));
    for (exits, stayed) in [(30, 10), (10, 0)] {
        let visit = world.visit(2);
        (visit.exits, visit.exits_stayed) = (exits, stayed);
    }
    world.insert(&app).await;

    let page = report(&app, &world, "").await;

    assert_reads(
        &page,
        &[
            "Half of 31 answers came within 32 s of the opening, a quarter within 16 s, three quarters within 48 s.",
            "Of 40 moves to leave, 75 % (60–86) really left within a minute.",
        ],
    );
}
