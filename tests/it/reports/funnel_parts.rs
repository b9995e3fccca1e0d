//! Whatever the rows are: those who left are the sum of their four parts, and the figures are those of a plain count.

use std::collections::HashMap;

use exitpoll::{
    report::{
        funnel::{self, FunnelChoice, FunnelReport},
        period::{Period, PeriodQuery},
    },
    site::calendar,
    types::PromptId,
};

use super::{dice::Dice, world::World};
use crate::support::app::TestApp;

fn roll(world: &mut World, dice: &mut Dice) {
    let outside = calendar::day_of(world.now - 40 * 86_400_000, &world.site.time_zone);
    let now = world.now;
    for _ in 0..dice.below(120) {
        let visit = world.visit(i32::try_from(dice.below(4)).unwrap());
        visit.is_test = dice.one_in(8);
        visit.is_automated = dice.one_in(6);
        if dice.one_in(5) {
            visit.last_at = now;
        }
        if dice.one_in(7) {
            visit.day = outside;
        }
        if dice.one_in(9) {
            visit.funnel_version = 1;
        }
        if dice.one_in(3) {
            visit.macro_at = Some(visit.started_at);
        }
        for _ in 0..dice.below(4) {
            let arm =
                [None, Some("shown"), Some("held_out")][usize::try_from(dice.below(3)).unwrap()];
            let reasons = [("c1", world.phone), ("c2", world.looking)];
            let (is_test, is_automatic, is_answered) = (
                dice.one_in(5),
                !dice.one_in(5),
                arm.is_some() && dice.one_in(2),
            );
            let chosen = usize::try_from(dice.below(3)).unwrap();
            let given: Vec<_> = reasons.into_iter().take(chosen).collect();
            let at = world.now;
            let impression = world.impression(arm);
            (impression.is_test, impression.is_automatic) = (is_test, is_automatic);
            // One arm per visit and prompt is a rule of the schema.
            impression.prompt_id = PromptId::new(at);
            if is_answered {
                world.answer(&given, if chosen == 1 { "words" } else { "" });
            }
        }
    }
}

/// answered, silent, left unasked, could not be asked at each step, counted one by one.
fn plain_count(world: &World) -> HashMap<i32, [i64; 4]> {
    let today = calendar::day_of(world.now, &world.site.time_zone);
    let mut parts: HashMap<i32, [i64; 4]> = HashMap::new();
    for visit in &world.visits {
        if visit.is_test || visit.is_automated || visit.day != today || visit.funnel_version == 1 {
            continue;
        }
        let asked: Vec<_> = world
            .impressions
            .iter()
            .filter(|it| it.visit_id == visit.id && !it.is_test)
            .collect();
        let is_answered = |id| {
            world
                .answers
                .iter()
                .any(|answer| answer.impression_id == id)
        };
        let [answered, silent, unasked, unreachable] = parts.entry(visit.funnel_step).or_default();
        let part = if asked.iter().any(|it| is_answered(it.id)) {
            answered
        } else if asked.iter().any(|it| it.arm.as_deref() == Some("shown")) {
            silent
        } else if asked.iter().any(|it| it.arm.is_some()) {
            unasked
        } else {
            unreachable
        };
        *part += 1;
    }
    parts
}

fn check(report: &FunnelReport, world: &World, seed: u64) {
    let parts = plain_count(world);
    for drop in &report.drops {
        let counted = [drop.answered, drop.silent, drop.unasked, drop.unreachable];
        let step = i32::try_from(drop.step).unwrap();
        assert_eq!(
            counted,
            parts.get(&step).copied().unwrap_or_default(),
            "seed {seed}, step {step}"
        );
        assert_eq!(
            counted.iter().sum::<i64>(),
            drop.left.k,
            "seed {seed}, step {step}"
        );
        assert!(
            drop.reasons
                .iter()
                .all(|reason| reason.rate.k <= drop.answered),
            "seed {seed}"
        );
    }
    let all: i64 = parts.values().flatten().sum();
    assert_eq!(report.steps.first().unwrap().of_all.n, all, "seed {seed}");
}

#[actix_web::test]
async fn parts_of_any_drop_off_add_up() {
    let app = TestApp::spawn().await;
    for seed in 1..=24 {
        let mut world = World::new(&app, &format!("World {seed}")).await;
        roll(&mut world, &mut Dice(seed * 7_919));
        // Every other world is read from the cube, but for visits that are not quiet yet.
        match seed % 2 {
            0 => world.insert_settled(&app).await,
            _ => world.insert(&app).await,
        }
        let period =
            Period::parse(&PeriodQuery::default(), &world.site.time_zone, world.now).unwrap();

        let plain = FunnelChoice::default();
        let report = funnel::load(&app.state.db, &world.site, &period, &plain, world.now)
            .await
            .unwrap();

        check(&report, &world, seed);
    }
}
