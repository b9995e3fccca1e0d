//! Whichever visits are asked for: the overview is a plain count of them, in the sums or not, in packs or not.

use std::collections::{BTreeMap, BTreeSet};

use exitpoll::{
    clock::DAY,
    db::entity::{impression, recount, visit},
    goal::{
        self,
        types::{GoalRole, GoalRule, GoalStage, NewGoal},
    },
    ingest::{
        cube::Dimension,
        store::{self, WORTH, pack_day, settle_day, unsettle_named},
    },
    report::{
        overview::{self, Choice, Figures, Overview},
        period::{Period, PeriodQuery},
        segment::Segment,
    },
    site::calendar,
    types::Millis,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use super::{
    dice::Dice,
    world::{World, load_band},
};
use crate::support::app::TestApp;

/// Days of the period, and of the one before.
const DAYS: i64 = 28;
/// How long ago the search was made a goal, whose use is told from the next day on.
const SEARCH_DAYS: i64 = 10;

/// A site whose fourth goal is told from a day within the period on.
async fn world(app: &TestApp, name: &str) -> World {
    let mut world = World::new(app, name).await;
    let search = NewGoal {
        name: "Searched".into(),
        role: GoalRole::Milestone,
        stage: GoalStage::Intent.into(),
        rule: GoalRule::Search,
        value_minor: None,
        is_listed: true,
        is_key: true,
        serves: None,
    };
    let tx = app.state.db.begin().await.unwrap();
    let at = world.now - SEARCH_DAYS * DAY;
    let added = goal::store::insert_goal(&tx, world.site.id, &search, at);
    added.await.unwrap();
    // Visits stay as they were counted.
    let recounts = recount::Entity::delete_many().filter(recount::Column::SiteId.eq(world.site.id));
    recounts.exec(&tx).await.unwrap();
    let definitions = goal::store::load_definitions(&tx, world.site.id).await;
    tx.commit().await.unwrap();
    world.funnel_version = definitions.unwrap().version();
    world
}

fn roll(world: &mut World, dice: &mut Dice) {
    let (now, version) = (world.now, world.funnel_version);
    let zone = world.site.time_zone.clone();
    for _ in 0..200 + dice.below(100) {
        let days = i64::try_from(dice.below(60)).unwrap();
        let visit = world.visit([0, 3][dice.index(2)]);
        visit.day = calendar::day_of(now - days * DAY, &zone);
        // The version before does not count searches.
        visit.funnel_version = version - i32::from(dice.one_in(3));
        visit.mask_all = i64::try_from(dice.below(16)).unwrap();
        visit.is_test = dice.one_in(9);
        visit.is_automated = dice.one_in(9);
        visit.pages = i32::from(!dice.one_in(9));
        visit.device = ["desktop", "touch"][dice.index(2)].into();
        visit.source = ["direct", "News", "Mail"][dice.index(3)].into();
        visit.campaign_name = ["", "spring"][dice.index(2)].into();
        visit.language = ["de", "en"][dice.index(2)].into();
        visit.country = ["", "DE", "US"][dice.index(3)].into();
        visit.variant = ["", "price: b"][dice.index(2)].into();
        visit.load_ms = [None, Some(1_000), Some(2_501), Some(4_001)][dice.index(4)];
        visit.visit_number = [None, Some(1), Some(2)][dice.index(3)];
        visit.entry_path = format!("/{}", dice.below(6));
        if days == 0 && dice.one_in(2) {
            (visit.last_at, visit.closed_at) = (now, None);
        }
        if dice.one_in(2) {
            let arm = [None, Some("held_out"), Some("shown"), Some("shown")][dice.index(4)];
            world.impression(arm).is_automatic = !dice.one_in(4);
            if arm == Some("shown") && dice.one_in(2) {
                world.answer(&[("c1", world.phone)], "");
            }
        }
    }
    world.reach_goals();
}

fn says(visit: &visit::Model, dimension: Dimension) -> &str {
    match dimension {
        Dimension::Device => &visit.device,
        Dimension::Source => &visit.source,
        Dimension::Campaign => &visit.campaign_name,
        Dimension::Landing => &visit.entry_path,
        Dimension::Language => &visit.language,
        Dimension::Country => &visit.country,
        Dimension::Variant => &visit.variant,
        Dimension::Load => load_band(visit.load_ms),
        Dimension::Visitor => match visit.visit_number {
            None => "unknown",
            Some(1) => "new",
            Some(_) => "returning",
        },
    }
}

/// Whether it is known if the visit searched.
fn tells_searches(visit: &visit::Model, world: &World) -> bool {
    let added = calendar::day_of(world.now - SEARCH_DAYS * DAY, &world.site.time_zone);
    visit.funnel_version == world.funnel_version && visit.day > added
}

/// Whether it reached the one goal and not the other.
fn did(visit: &visit::Model, world: &World, segment: &Segment) -> bool {
    let reached = |name: &str| {
        let bit = ["Viewed pricing", "Started the form", "", "Searched"];
        visit.mask_all >> bit.iter().position(|it| *it == name).unwrap() & 1 == 1
    };
    let mut both = segment.did.iter().chain(&segment.not);
    both.all(|deed| deed.name != "Searched" || tells_searches(visit, world))
        && segment.did.iter().all(|deed| reached(&deed.name))
        && !segment.not.iter().any(|deed| reached(&deed.name))
}

fn add_visit(figures: &mut Figures, visit: &visit::Model, world: &World) {
    figures.visits += 1;
    figures.open += i64::from(visit.closed_at.is_none());
    figures.main.n += 1;
    figures.main.k += i64::from(visit.macro_at.is_some());
    for (rate, bit) in figures.goals.iter_mut().zip([0, 1, 3]) {
        if bit < 3 || tells_searches(visit, world) {
            rate.n += 1;
            rate.k += visit.mask_all >> bit & 1;
        }
    }
}

fn add_asked(figures: &mut Figures, asked: &impression::Model) {
    if asked.arm.is_some() {
        let is_answered = i64::from(asked.answered_at.is_some());
        figures.answers += is_answered;
        if asked.is_automatic {
            figures.response.n += i64::from(asked.shown_at.is_some());
            figures.response.k += is_answered;
        }
    }
}

fn nothing() -> Figures {
    Figures {
        goals: vec![exitpoll::stats::Rate::default(); 3],
        ..Figures::default()
    }
}

/// What was counted of days that are asked for, by what the dimension says.
fn plain_count(world: &World, choice: &Choice, days: &[i32]) -> BTreeMap<String, Figures> {
    let mut counted = BTreeMap::new();
    let is_asked_for = |visit: &&visit::Model| {
        let mut filters = choice.filters.iter();
        let is_chosen = filters.all(|(by, value)| says(visit, *by) == value);
        is_chosen
            && did(visit, world, &choice.segment)
            && !visit.is_test
            && !visit.is_automated
            && days.contains(&visit.day)
    };
    for visit in world.visits.iter().filter(is_asked_for) {
        let value = choice.by.map_or("", |by| says(visit, by));
        let figures = counted.entry(value.to_owned()).or_insert_with(nothing);
        if visit.pages > 0 {
            add_visit(figures, visit, world);
        }
        let asked = world.impressions.iter();
        for asked in asked.filter(|asked| asked.visit_id == visit.id) {
            add_asked(figures, asked);
        }
    }
    counted.retain(|_, figures| *figures != nothing());
    counted
}

fn check(told: &Overview, world: &World, choice: &Choice) {
    let day = |ago: i64| calendar::day_of(world.now - ago * DAY, &world.site.time_zone);
    let now: Vec<i32> = (0..DAYS).map(day).collect();
    let before: Vec<i32> = (DAYS..2 * DAYS).map(day).collect();
    let whole = Choice {
        by: None,
        ..choice.clone()
    };
    let all = |days: &[i32]| {
        let mut all = plain_count(world, &whole, days);
        all.remove("").unwrap_or_else(nothing)
    };
    assert_eq!(told.days.len(), now.len());
    for (day, figures) in &told.days {
        assert_eq!(figures, &all(&[*day]), "{day} {choice:?}");
    }
    assert_eq!(told.now, all(&now), "{choice:?}");
    assert_eq!(told.before, all(&before), "{choice:?}");
    let values = |of: fn(&overview::ValueFigures) -> &Figures| {
        let each = told.values.iter();
        let each = each.map(|it| (it.value.clone(), of(it).clone()));
        let mut each: BTreeMap<String, Figures> = each.collect();
        each.retain(|_, figures| *figures != nothing());
        each
    };
    if choice.by.is_some() {
        assert_eq!(values(|it| &it.now), plain_count(world, choice, &now));
        assert_eq!(values(|it| &it.before), plain_count(world, choice, &before));
    } else {
        assert!(told.values.is_empty());
    }
}

fn choices() -> Vec<Choice> {
    use Dimension::{Campaign, Country, Device, Landing, Visitor};
    let filters = [
        vec![],
        vec![(Device, "touch".into())],
        vec![(Landing, "/1".into())],
        vec![(Country, "US".into()), (Visitor, "unknown".into())],
        vec![(Campaign, String::new()), (Landing, "/none".into())],
    ];
    let by = Dimension::ALL.iter().copied().map(Some);
    let by: Vec<Option<Dimension>> = by.chain([None]).collect();
    let each = filters.iter().flat_map(|filters| {
        by.iter().map(|by| Choice {
            by: *by,
            filters: filters.clone(),
            segment: Segment::default(),
        })
    });
    each.collect()
}

async fn load(app: &TestApp, world: &World, choice: &Choice, now: Millis) -> Overview {
    let period = Period::parse(&PeriodQuery::default(), &world.site.time_zone, now).unwrap();
    let loaded = overview::load(&app.state.db, &world.site, &period, choice, now).await;
    loaded.unwrap()
}

#[actix_web::test]
async fn whichever_visits_are_asked_for_the_figures_are_those_of_a_plain_count() {
    let app = TestApp::spawn().await;
    for seed in 1..=4 {
        let mut world = world(&app, &format!("World {seed}")).await;
        roll(&mut world, &mut Dice(seed * 7_919));
        match seed % 3 {
            0 => world.insert(&app).await,
            _ => world.insert_settled(&app).await,
        }
        for choice in choices() {
            let told = load(&app, &world, &choice, world.now).await;
            check(&told, &world, &choice);
        }
    }
}

/// Those that the sums do not tell.
fn unsummed() -> Vec<Choice> {
    use Dimension::{Country, Device, Landing, Source, Visitor};
    let two = vec![(Country, "US".into()), (Visitor, "unknown".into())];
    let each = [
        (Some(Landing), vec![]),
        (None, vec![(Landing, "/1".into())]),
        (None, two.clone()),
        (Some(Source), two),
        (Some(Landing), vec![(Device, "touch".into())]),
        (Some(Device), vec![(Landing, "/none".into())]),
    ];
    let choice = |(by, filters)| Choice {
        by,
        filters,
        segment: Segment::default(),
    };
    each.map(choice).into()
}

async fn check_unsummed(app: &TestApp, world: &World) {
    let read = &app.state.db.read;
    let goals = goal::store::list_goals(read, world.site.id).await.unwrap();
    let id = |name: &str| {
        goals
            .iter()
            .find(|goal| goal.name == name)
            .map(|goal| goal.id)
    };
    let mut choices = unsummed();
    for (did, not) in [("Searched", "Viewed pricing"), ("Started the form", "")] {
        let segment = Segment::load(read, &world.site, (id(did), id(not))).await;
        choices.push(Choice {
            segment: segment.unwrap(),
            by: Some(Dimension::Device),
            ..choices[0].clone()
        });
    }
    for choice in choices {
        let told = load(app, world, &choice, world.now).await;
        check(&told, world, &choice);
    }
}

/// Adds as many visits again, which stay out of the sums; tells on which days.
async fn roll_more(app: &TestApp, world: &mut World, dice: &mut Dice) -> Vec<i32> {
    let visits = std::mem::take(&mut world.visits);
    let impressions = std::mem::take(&mut world.impressions);
    let answers = std::mem::take(&mut world.answers);
    let choices = std::mem::take(&mut world.choices);
    world.visit_goals.clear();
    roll(world, dice);
    world.insert(app).await;
    let days = days(world);
    world.visits.extend(visits);
    world.impressions.extend(impressions);
    world.answers.extend(answers);
    world.choices.extend(choices);
    days
}

fn days(world: &World) -> Vec<i32> {
    let days: BTreeSet<i32> = world.visits.iter().map(|visit| visit.day).collect();
    days.into_iter().collect()
}

/// A night's comparison in the background may take one away meanwhile.
async fn pack(app: &TestApp, world: &World, days: &[i32]) {
    for day in days {
        let packed = pack_day(&app.state.db, world.site.id, *day).await;
        packed.unwrap();
    }
}

/// The days of which there is a pack.
async fn packed(app: &TestApp, world: &World) -> Vec<i32> {
    let sql = "SELECT day FROM day_pack WHERE site_id = $1 AND is_made ORDER BY day";
    let db = &app.state.db;
    let values = [world.site.id.into()];
    let packed = Statement::from_sql_and_values(db.backend(), sql, values);
    let rows = db.read.query_all_raw(packed).await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "day").unwrap())
        .collect()
}

/// Has a part of the packs of these days hold something else.
async fn break_part(app: &TestApp, world: &World, days: &[i32], part: &str) {
    let db = &app.state.db;
    let tx = db.begin().await.unwrap();
    for day in days {
        let sql = "UPDATE day_pack SET pack = $4 WHERE site_id = $1 AND day = $2 AND part = $3";
        let other = vec![77_u8, 1, 0, 0, 0];
        let (day, part) = ((*day).into(), part.into());
        let values = [world.site.id.into(), day, part, other.into()];
        let written = Statement::from_sql_and_values(db.backend(), sql, values);
        tx.execute_raw(written).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn packs_tell_the_same_whatever_happens_to_their_visits() {
    let app = TestApp::spawn().await;
    for seed in 1..=3 {
        let mut world = world(&app, &format!("World {seed}")).await;
        let mut dice = Dice(seed * 104_729);
        roll(&mut world, &mut dice);
        world.insert_settled(&app).await;
        let days = days(&world);

        pack(&app, &world, &days).await;
        check_unsummed(&app, &world).await;
        // Beside visits that are not settled.
        let mut unsettled = roll_more(&app, &mut world, &mut dice).await;
        assert!(packed(&app, &world).await.len() > days.len() / 2);
        check_unsummed(&app, &world).await;
        // Of every third day they are settled: its pack goes. Those of today may still move on.
        unsettled.retain(|day| *day != calendar::day_of(world.now, &world.site.time_zone));
        for day in unsettled.iter().step_by(3) {
            let tx = app.state.db.begin().await.unwrap();
            settle_day(&tx, world.site.id, *day).await.unwrap();
            tx.commit().await.unwrap();
        }
        let left = packed(&app, &world).await;
        assert!(!unsettled.iter().step_by(3).any(|day| left.contains(day)));
        check_unsummed(&app, &world).await;
        // Parts that are not to be read.
        pack(&app, &world, &days).await;
        break_part(&app, &world, &days[5..9], "stamps").await;
        break_part(&app, &world, &days[9..12], "goal_day").await;
        break_part(&app, &world, &days[14..18], "landing").await;
        check_unsummed(&app, &world).await;
        // Those who named a reason are taken out: whoever did so on a day takes its pack along.
        pack(&app, &world, &days).await;
        let tx = app.state.db.begin().await.unwrap();
        unsettle_named(&tx, world.site.id, &[world.phone])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let left = packed(&app, &world).await;
        assert!(!left.is_empty() && left.len() < days.len(), "{left:?}");
        check_unsummed(&app, &world).await;
        // A night's comparison makes the pack anew.
        let settler = &app.state.settler;
        let day = *left.last().unwrap();
        settler
            .audit_day(world.site.id, day, world.now)
            .await
            .unwrap();
        assert!(!packed(&app, &world).await.contains(&day));
        check_unsummed(&app, &world).await;
    }
}

#[actix_web::test]
async fn days_that_are_over_and_worth_it_are_packed_by_themselves() {
    let app = TestApp::spawn().await;
    let mut world = world(&app, "Shop").await;
    let day = |ago: i64| calendar::day_of(world.now - ago * DAY, &world.site.time_zone);
    let (today, yesterday, before, few) = (day(0), day(1), day(2), day(3));
    for n in 0..WORTH {
        for day in [today, yesterday, before] {
            world.visit(0).day = day;
        }
        if n % 2 == 0 {
            world.visit(0).day = few;
        }
    }
    world.insert_settled(&app).await;
    while app.state.settler.settle(world.now).await.unwrap() > 0 {}
    // One visit of that day is not settled yet.
    let (last_at, n) = (world.now, world.visits.len());
    let late = world.visit(0);
    (late.day, late.last_at, late.closed_at) = (before, last_at, None);
    late.signature_id = 1;
    world.visits.drain(..n);
    world.insert(&app).await;

    app.state.settler.pack(world.now).await.unwrap();

    assert_eq!(packed(&app, &world).await, [yesterday]);
    delete_sums(&app, &world).await;
    assert_eq!(packed(&app, &world).await, [0; 0]);
}

async fn delete_sums(app: &TestApp, world: &World) {
    let tx = app.state.db.begin().await.unwrap();
    store::delete_sums(&tx, world.site.id).await.unwrap();
    tx.commit().await.unwrap();
}
