//! Whether leaving goes with the time that pages took to load: a plain count of visits, said where more left than chance explains.

use exitpoll::{
    report::{
        funnel::{self, FunnelChoice, FunnelReport, Loads},
        period::{Period, PeriodQuery},
    },
    site::calendar,
    stats::Rate,
};

use super::{
    dice::Dice,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

const LOADS: [Option<i64>; 6] = [
    None,
    Some(400),
    Some(2_500),
    Some(2_501),
    Some(4_000),
    Some(9_000),
];

fn roll(world: &mut World, dice: &mut Dice) {
    let outside = calendar::day_of(world.now - 10 * 86_400_000, &world.site.time_zone);
    let now = world.now;
    for _ in 0..dice.below(150) {
        let visit = world.visit(i32::try_from(dice.below(4)).unwrap());
        visit.load_ms = LOADS[dice.index(6)];
        visit.device = ["desktop", "touch"][dice.index(2)].into();
        visit.is_test = dice.one_in(8);
        visit.is_automated = dice.one_in(6);
        if dice.one_in(5) {
            (visit.last_at, visit.closed_at) = (now, None);
        }
        if dice.one_in(7) {
            visit.day = outside;
        }
        if dice.one_in(9) {
            visit.funnel_version = 1;
        }
    }
}

/// One visit after the other; `None` where one of the sides has none.
fn plain_count(world: &World, step: i32) -> Option<Loads> {
    let today = calendar::day_of(world.now, &world.site.time_zone);
    let mut loads = Loads::default();
    for visit in &world.visits {
        let counts = !visit.is_test && !visit.is_automated && visit.funnel_version != 1;
        let Some(ms) = visit.load_ms.filter(|_| counts && visit.day == today) else {
            continue;
        };
        let side = if ms > 2_500 {
            &mut loads.slow
        } else {
            &mut loads.others
        };
        side.n += i64::from(visit.funnel_step >= step);
        side.k += i64::from(visit.funnel_step == step);
    }
    (loads.slow.n > 0 && loads.others.n > 0).then_some(loads)
}

async fn load(app: &TestApp, world: &World) -> FunnelReport {
    let week = PeriodQuery {
        days: Some("7".into()),
        ..PeriodQuery::default()
    };
    let period = Period::parse(&week, &world.site.time_zone, world.now).unwrap();
    let all = FunnelChoice::default();
    let report = funnel::load(&app.state.db, &world.site, &period, &all, world.now);
    report.await.unwrap()
}

#[actix_web::test]
async fn every_drop_off_is_a_plain_count() {
    let app = TestApp::spawn().await;
    let mut told = 0;
    for seed in 1..=16 {
        let mut world = World::new(&app, &format!("World {seed}")).await;
        roll(&mut world, &mut Dice(seed * 7_919));
        // Every other world is read from the sums, but for visits that are not quiet yet.
        match seed % 2 {
            0 => world.insert_settled(&app).await,
            _ => world.insert(&app).await,
        }
        let report = load(&app, &world).await;
        for drop in &report.drops {
            let step = i32::try_from(drop.step).unwrap();
            let expected = plain_count(&world, step);
            let counted = drop.loads.map(|loads| Loads { q: None, ..loads });
            assert_eq!(counted, expected, "seed {seed}, step {step}");
            told += i64::from(expected.is_some());
        }
    }
    assert!(told > 30, "{told}");
}

/// Of 60 visits with a slow page 45 leave at once, of 100 others 50, and of 40 that do not tell it all. Of the others that go on, and
/// of the slow ones, ten left at the second step.
async fn hundreds(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    for (load_ms, n, left) in [
        (Some(3_100), 60, 45),
        (Some(1_200), 100, 50),
        (None, 40, 40),
    ] {
        for nth in 0..n {
            let step = match nth {
                _ if nth < left => 0,
                _ if nth < left + 10 => 1,
                _ => 3,
            };
            world.visit(step).load_ms = load_ms;
        }
    }
    world
}

#[actix_web::test]
async fn it_is_said_where_more_left_than_chance_explains() {
    let app = TestApp::spawn().await;
    let mut world = hundreds(&app).await;
    world.insert_settled(&app).await;
    let owner = app.owner().await;
    let home = format!("/sites/{}", world.site.key);
    let page = async |query: &str| words(&owner.get(&format!("{home}?{query}")).await.body);
    let is_said = |text: &str| text.matches("to load").count();

    let text = page("").await.replace('\u{a0}', " ");
    assert_reads(
        &text,
        &[
            "Of visits whose first page took over 2.5 s to load 75 % left here (45 of 60), of the others 50 % (50 of 100): 25.0 points more (9.4 to 38.3). It goes with leaving; it need not be why.",
        ],
    );
    // At the second step there are 15 of the one.
    assert_eq!(is_said(&text), 1, "{text}");
    // Of narrowed visits it is not read, and in another order nobody is asked about.
    for query in ["device=desktop", "load=over_4s", "order=any"] {
        assert_eq!(
            is_said(&page(query).await.replace("Page load", "")),
            0,
            "{query}"
        );
    }
    let file = format!("{home}/reports/funnel.json");
    let told = owner.get(&file).await.json();
    let lines = told["funnel"].as_array().unwrap();
    let lines: Vec<_> = lines
        .iter()
        .filter(|it| it["line"] == "left_slow")
        .collect();
    assert_eq!(lines.len(), 3);
    let first = lines[0];
    assert_eq!(
        [
            &first["step"],
            &first["visits"],
            &first["of"],
            &first["beside_visits"],
            &first["beside_of"]
        ],
        [0, 45, 60, 50, 100]
    );
    assert_eq!(
        [&first["name"], &first["value"], &first["beside"]],
        ["All visits", "over_2.5s", "up_to_2.5s"]
    );
    let near = |name: &str, expected: f64| {
        let told = first[name].as_f64().unwrap();
        assert!((told - expected).abs() < 0.000_5, "{name}: {told}");
    };
    near("beside_difference", 0.25);
    near("beside_difference_low", 0.094_4);
    near("beside_difference_high", 0.383_3);
    assert_eq!(
        (&lines[1]["visits"], &lines[1]["of"]),
        (&10.into(), &15.into())
    );
    let csv = owner.get(&format!("{home}/reports/funnel.csv")).await.body;
    assert!(csv.contains(",left_slow,0,All visits,45,60,0.75,"), "{csv}");
}

#[actix_web::test]
async fn where_a_question_asked_it_stands_with_how_sure_it_is() {
    let app = TestApp::spawn().await;
    let mut world = hundreds(&app).await;
    world.visit(0);
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;

    let body = app.owner().await;
    let body = body.get(&format!("/sites/{}", world.site.key)).await.body;

    let (before, after) = body.split_once("over 2.5 s to load").unwrap();
    let inside = before.rsplit_once("<details").unwrap().1;
    assert!(
        inside.contains("sure-0") && !inside.contains("</details>"),
        "{inside}"
    );
    assert!(!after.contains("over 2.5 s to load"));
}

#[actix_web::test]
async fn fewer_that_left_and_what_chance_explains_are_not_said() {
    let app = TestApp::spawn().await;
    for left in [20, 50, 54] {
        let mut world = World::new(&app, "Shop").await;
        for n in 0..200 {
            let (load_ms, left) = if n < 100 { (5_000, left) } else { (900, 50) };
            world.visit(if n % 100 < left { 0 } else { 3 }).load_ms = Some(load_ms);
        }
        world.insert(&app).await;
        let report = load(&app, &world).await;
        let loads = report.drops[0].loads.unwrap();
        assert_eq!(
            [loads.slow, loads.others],
            [Rate::new(left, 100), Rate::new(50, 100)]
        );
        let page = app.owner().await;
        let page = page.get(&format!("/sites/{}", world.site.key)).await.body;
        assert!(!page.contains("over 2.5 s to load"), "{left}");
    }
}

#[actix_web::test]
async fn bands_stand_from_quick_to_slow_whatever_their_number() {
    let app = TestApp::spawn().await;
    let mut world = hundreds(&app).await;
    world.visit(0).load_ms = Some(100);
    world.insert_settled(&app).await;
    let owner = app.owner().await;
    let home = format!("/sites/{}", world.site.key);

    for report in ["", "/reports/overview", "/reports/steps"] {
        let body = owner.get(&format!("{home}{report}?by=load")).await.body;
        let text = words(&body);
        let place = |words: &str| {
            text.rfind(words)
                .unwrap_or_else(|| panic!("{words}: {text}"))
        };
        let bands = ["Up to 1 s :", "1 to 2.5 s :", "2.5 to 4 s :", "Not told :"].map(place);
        assert!(bands.is_sorted(), "{report}: {bands:?}");
    }
}
