//! However steps count, and whichever visits are asked for: the funnel is a plain count of its visits, in the cube or not.

use exitpoll::{
    clock::DAY,
    db::entity::visit,
    goal::{
        self,
        types::{GoalRole, GoalRule, GoalStage, NewGoal},
    },
    ingest::cube::Dimension,
    report::{
        funnel::{self, FunnelChoice, FunnelReport, Reached},
        overview::Choice,
        period::{Period, PeriodQuery},
        signatures::funnel::Order,
    },
    site::calendar,
    stats::Rate,
    types::GoalId,
};

use super::{
    dice::Dice,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// A site whose fourth goal is no step.
pub(super) async fn world(app: &TestApp, name: &str) -> (World, GoalId) {
    let mut world = World::new(app, name).await;
    let help = NewGoal {
        name: "Opened the help".into(),
        role: GoalRole::Engagement,
        stage: GoalStage::Intent.into(),
        rule: GoalRule::event("help"),
        value_minor: None,
        is_listed: true,
        is_key: false,
        serves: None,
    };
    let tx = app.state.db.begin().await.unwrap();
    let help = goal::store::insert_goal(&tx, world.site.id, &help, world.now - 30 * DAY).await;
    let definitions = goal::store::load_definitions(&tx, world.site.id).await;
    tx.commit().await.unwrap();
    world.funnel_version = definitions.unwrap().version();
    (world, help.unwrap())
}

async fn load(app: &TestApp, world: &World, choice: &FunnelChoice) -> FunnelReport {
    let query = PeriodQuery {
        days: Some("2".into()),
        ..PeriodQuery::default()
    };
    let period = Period::parse(&query, &world.site.time_zone, world.now).unwrap();
    let loaded = funnel::load(&app.state.db, &world.site, &period, choice, world.now).await;
    loaded.unwrap()
}

/// How many of the three steps a visit came to, said once more in the plainest way.
fn reached(visit: &visit::Model, choice: &FunnelChoice) -> usize {
    let way: Vec<u32> = visit
        .path
        .chars()
        .filter_map(|it| it.to_digit(10))
        .collect();
    if choice.order == Order::Any {
        return (0..3).filter(|step| way.contains(step)).count();
    }
    let ends = choice.after.unwrap_or(1)..choice.before.unwrap_or(3);
    let attempt = |way: &[u32]| {
        let mut due = 0;
        for goal in way {
            match *goal {
                goal if goal == due && due < 3 => due += 1,
                _ if due == 0 || choice.order == Order::Strict => break,
                3 if choice.without.is_some() && ends.contains(&(due as usize)) => break,
                _ => {}
            }
        }
        due
    };
    let attempts = (0..way.len()).map(|start| attempt(&way[start..]));
    attempts.max().unwrap_or_default() as usize
}

/// Whether it came to fewer steps for what came between, where such visits are left out.
fn is_left_out(visit: &visit::Model, choice: &FunnelChoice) -> bool {
    let with_anything = FunnelChoice {
        without: None,
        ..choice.clone()
    };
    choice.leaves_out && reached(visit, choice) < reached(visit, &with_anything)
}

fn says(visit: &visit::Model, dimension: Dimension) -> &str {
    match dimension {
        Dimension::Source => &visit.source,
        Dimension::Landing => &visit.entry_path,
        _ => &visit.device,
    }
}

/// The visits still there at each step, in the period and before.
fn plain_count(world: &World, choice: &FunnelChoice, value: Option<&str>) -> [Vec<Reached>; 2] {
    let today = calendar::day_of(world.now, &world.site.time_zone);
    let first = calendar::day_of(world.now - DAY, &world.site.time_zone);
    let is_asked_for = |visit: &&visit::Model| {
        let filters = &choice.visits.filters;
        !visit.is_test
            && !visit.is_automated
            && !is_left_out(visit, choice)
            && filters.iter().all(|(by, value)| says(visit, *by) == value)
            && value.is_none_or(|value| choice.visits.by.is_some_and(|by| says(visit, by) == value))
    };
    [(first, today), (0, first - 1)].map(|(from, to)| {
        let visits = world.visits.iter().filter(is_asked_for);
        let here: Vec<usize> = visits
            .filter(|visit| (from..=to).contains(&visit.day))
            .map(|visit| reached(visit, choice))
            .collect();
        let at = |step: usize| here.iter().filter(|it| **it >= step).count() as i64;
        let figures = |step: usize| Reached {
            of_all: Rate::new(at(step), at(0)),
            of_before: Rate::new(at(step), at(step.saturating_sub(1))),
        };
        (0..4).map(figures).collect()
    })
}

fn roll(world: &mut World, dice: &mut Dice) {
    let day_ago = |n: i64| calendar::day_of(world.now - n * DAY, &world.site.time_zone);
    let days = [0, 1, 2, 3].map(day_ago);
    let now = world.now;
    for _ in 0..60 + dice.below(60) {
        let way: String = (0..dice.below(8))
            .map(|_| ["0", "1", "2", "3"][dice.index(4)])
            .collect();
        let visit = world.walk(&way);
        visit.day = days[dice.index(4)];
        visit.is_test = dice.one_in(9);
        visit.is_automated = dice.one_in(9);
        visit.device = ["desktop", "touch"][dice.index(2)].into();
        visit.source = ["direct", "News"][dice.index(2)].into();
        visit.entry_path = ["/", "/a"][dice.index(2)].into();
        if dice.one_in(4) {
            visit.last_at = now;
        }
        if dice.one_in(4) {
            world.impression(Some(["shown", "held_out"][dice.index(2)]));
            if dice.one_in(2) {
                world.answer(&[("c1", world.phone)], "");
            }
        }
    }
}

fn choices(help: GoalId) -> Vec<FunnelChoice> {
    let orders = [Order::Sequential, Order::Any, Order::Strict];
    let mut counted: Vec<FunnelChoice> = orders
        .map(|order| FunnelChoice {
            order,
            ..FunnelChoice::default()
        })
        .to_vec();
    for (after, before) in [(None, None), (Some(1), Some(2)), (Some(2), None)] {
        counted.extend([false, true].map(|leaves_out| FunnelChoice {
            without: Some(help),
            after,
            before,
            leaves_out,
            ..FunnelChoice::default()
        }));
    }
    let touch = vec![(Dimension::Device, "touch".into())];
    let news = vec![
        (Dimension::Source, "News".into()),
        (Dimension::Landing, "/a".into()),
    ];
    let visits = [
        (None, vec![]),
        (Some(Dimension::Device), vec![]),
        (Some(Dimension::Source), touch),
        (Some(Dimension::Landing), news),
    ];
    let visits = visits.map(|(by, filters)| Choice {
        by,
        filters,
        ..Choice::default()
    });
    let choice = |counted: &FunnelChoice, visits: &Choice| FunnelChoice {
        visits: visits.clone(),
        ..counted.clone()
    };
    let all = counted.iter();
    all.flat_map(|counted| visits.iter().map(move |it| choice(counted, it)))
        .collect()
}

fn check(report: &FunnelReport, world: &World, choice: &FunnelChoice) {
    let [now, earlier] = plain_count(world, choice, None);
    let figures = |step: &funnel::Step| Reached {
        of_all: step.of_all,
        of_before: step.of_before,
    };
    let told: Vec<Reached> = report.steps.iter().map(figures).collect();
    assert_eq!(told, now, "{choice:?}");
    let told: Vec<Reached> = report.steps.iter().map(|step| step.earlier).collect();
    assert_eq!(told, earlier, "{choice:?}");
    for group in &report.groups {
        let [now, earlier] = plain_count(world, choice, Some(&group.value));
        assert_eq!((&group.now, &group.earlier), (&now, &earlier), "{choice:?}");
    }
    let in_groups: i64 = report.groups.iter().map(|it| it.now[0].of_all.n).sum();
    let is_broken_down = choice.visits.by.is_some();
    assert_eq!(in_groups, if is_broken_down { now[0].of_all.n } else { 0 });
    for drop in &report.drops {
        let parts = drop.answered + drop.silent + drop.unasked + drop.unreachable;
        let all = if report.has_reasons { drop.left.k } else { 0 };
        assert_eq!(parts, all, "{choice:?}");
        let next = now[drop.step + 1].of_all.k;
        assert_eq!(
            drop.left,
            Rate::new(now[drop.step].of_all.k - next, now[drop.step].of_all.k)
        );
    }
    assert_eq!(report.unknown_order, 0);
    let kept = FunnelChoice {
        leaves_out: false,
        ..choice.clone()
    };
    let [all, _] = plain_count(world, &kept, None);
    let left_out = report.without.as_ref().and_then(|it| it.left_out);
    let expected = choice.leaves_out.then(|| all[0].of_all.n - now[0].of_all.n);
    assert_eq!(left_out, expected, "{choice:?}");
}

#[actix_web::test]
async fn however_steps_count_the_figures_are_those_of_a_plain_count() {
    let app = TestApp::spawn().await;
    for seed in 1..=6 {
        let (mut world, help) = world(&app, &format!("World {seed}")).await;
        roll(&mut world, &mut Dice(seed * 7_919));
        match seed % 3 {
            0 => world.insert(&app).await,
            _ => world.insert_settled(&app).await,
        }
        for choice in choices(help) {
            let report = load(&app, &world, &choice).await;
            check(&report, &world, &choice);
            let is_plain = choice.order == Order::Sequential && choice.without.is_none();
            assert_eq!(report.has_reasons, is_plain);
        }
    }
}

#[actix_web::test]
async fn visits_whose_way_was_not_kept_are_left_out_where_it_decides_and_said_so() {
    let app = TestApp::spawn().await;
    let (mut world, help) = world(&app, "Shop").await;
    for _ in 0..3 {
        world.walk("012");
        world.walk("0132").path = String::new();
        world.walk("0");
    }
    // So long that what came again behind it was not kept.
    world.walk(&"01".repeat(16));
    world.insert_settled(&app).await;
    let choice = |order, without| FunnelChoice {
        order,
        without,
        ..FunnelChoice::default()
    };

    let strict = load(&app, &world, &choice(Order::Strict, None)).await;
    let without = load(&app, &world, &choice(Order::Sequential, Some(help))).await;
    let any = load(&app, &world, &choice(Order::Any, None)).await;

    // Three have no way, and the long one may have gone on; who came to one step alone needs none.
    assert_eq!(strict.unknown_order, 4);
    assert_eq!(strict.steps[0].of_all.n, 6);
    assert_eq!(strict.steps[3].of_all, Rate::new(3, 6));
    // The long one never opened the help: that is known.
    assert_eq!((without.unknown_order, without.steps[0].of_all.n), (3, 7));
    assert_eq!(
        (any.unknown_order, any.steps[3].of_all),
        (0, Rate::new(6, 10))
    );
    let page = format!("/sites/{}?order=strict", world.site.key);
    let text = words(&app.owner().await.get(&page).await.body);
    assert_reads(
        &text,
        &[
            "4 visits of these days are left out of the steps: the order of all their goals was not kept.",
        ],
    );
}
