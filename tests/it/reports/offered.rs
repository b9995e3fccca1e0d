//! Several questions at one step: each reason is told of those who could name it.

use exitpoll::{
    clock::DAY,
    ingest::store::audit,
    prompt::{
        store,
        types::{Choice, Design, Question, QuestionKind},
    },
    reason::store::Codebook,
    report::{
        funnel::{self, Cause, FunnelChoice, FunnelReport},
        period::{Period, PeriodQuery},
    },
    site::calendar,
    types::{PromptId, ReasonId},
};
use serde_json::Value;

use super::world::{World, assert_reads, design, words};
use crate::support::app::TestApp;

pub(super) fn choices(id: &str, reasons: &[(&str, ReasonId)]) -> Question {
    let choices = reasons.iter().map(|(id, reason)| Choice {
        id: (*id).into(),
        label: format!("Choice {id}"),
        reason: *reason,
    });
    Question {
        id: id.into(),
        kind: QuestionKind::Single,
        title: "Why?".into(),
        choices: choices.collect(),
        ..Question::default()
    }
}

pub(super) fn nps(id: &str) -> Question {
    Question {
        id: id.into(),
        kind: QuestionKind::Nps,
        title: "Would you tell others?".into(),
        ..Question::default()
    }
}

pub(super) async fn publish(app: &TestApp, world: &World, questions: Vec<Question>) -> PromptId {
    let design = Design {
        questions,
        ..design(world.phone, world.looking)
    };
    let (tx, site) = (app.state.db.begin().await.unwrap(), world.site.id);
    let id = store::insert_draft(&tx, site, "Another", &design, world.now);
    let id = id.await.unwrap();
    store::publish(&tx, site, id, world.now).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// So many visits on this device that stopped at a step and gave the reasons to the first question of a prompt.
pub(super) fn answers(
    world: &mut World,
    (n, device, step): (i64, &str, i32),
    prompt: PromptId,
    reasons: &[(&str, ReasonId)],
) {
    for _ in 0..n {
        world.visit(step).device = device.into();
        world.impression(Some("shown")).prompt_id = prompt;
        world.answer(reasons, "");
    }
}

/// Another reason of the site.
pub(super) async fn reason(app: &TestApp, world: &World, name: &str) -> ReasonId {
    let tx = app.state.db.begin().await.unwrap();
    let mut book = Codebook::load(&tx, world.site.id).await.unwrap();
    let id = book.ensure(&tx, name, world.now).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// The funnel, as it reads.
pub(super) async fn home(app: &TestApp, world: &World) -> String {
    let page = app.owner().await;
    let page = page.get(&format!("/sites/{}", world.site.key)).await;
    words(&page.body)
}

pub(super) async fn load(app: &TestApp, world: &World) -> FunnelReport {
    let period = Period::parse(&PeriodQuery::default(), &world.site.time_zone, world.now).unwrap();
    let choice = FunnelChoice::default();
    funnel::load(&app.state.db, &world.site, &period, &choice, world.now)
        .await
        .unwrap()
}

async fn rows(app: &TestApp, world: &World, report: &str) -> Vec<Value> {
    let path = format!("/sites/{}/reports/{report}.json", world.site.key);
    let reply = app.owner().await.get(&path).await.json();
    reply[report].as_array().unwrap().clone()
}

/// The same figures of the same lines.
async fn assert_csv_tells(app: &TestApp, world: &World, report: &str, rows: &[Value]) {
    let path = format!("/sites/{}/reports/{report}.csv", world.site.key);
    let table = app.owner().await.get(&path).await.body;
    super::predictors::assert_tells(&table, rows);
}

#[actix_web::test]
async fn the_heading_tells_whose_share_is_the_largest() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let slow = reason(&app, &world, "Slow").await;
    let other = publish(&app, &world, vec![choices("q1", &[("c1", slow)])]).await;
    let (own, phone, looking) = (world.prompt_id, ("c1", world.phone), ("c2", world.looking));
    // 24 of 40 are more of those who could name it than 50 of 100.
    answers(&mut world, (24, "desktop", 2), other, &[("c1", slow)]);
    answers(&mut world, (16, "desktop", 2), other, &[]);
    answers(&mut world, (50, "desktop", 2), own, &[phone]);
    answers(&mut world, (50, "desktop", 2), own, &[looking]);
    world.insert(&app).await;

    assert_reads(
        &home(&app, &world).await,
        &["Named most by those who could: “Slow”"],
    );
}

/// Those who left at the form: on each kind of device 200 that could be asked. The world's own question could be asked of 170 elsewhere
/// and answered by 100 of them, 40 of whom name the phone number, and of 100 on phones, where 40 answered and 20 name it. 100 on phones
/// said how likely they are to tell others. 30 elsewhere were only offered to be just looking, which 15 were.
async fn at_the_form(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    let telling = publish(app, &world, vec![nps("q1")]).await;
    let only = vec![choices("q1", &[("c1", world.looking)])];
    let only = publish(app, &world, only).await;
    let (own, phone, looking) = (world.prompt_id, ("c1", world.phone), ("c2", world.looking));
    let first = ("c1", world.looking);
    answers(&mut world, (40, "desktop", 2), own, &[phone]);
    answers(&mut world, (60, "desktop", 2), own, &[looking]);
    answers(&mut world, (20, "touch", 2), own, &[phone]);
    answers(&mut world, (20, "touch", 2), own, &[looking]);
    answers(&mut world, (100, "touch", 2), telling, &[]);
    answers(&mut world, (15, "desktop", 2), only, &[first]);
    answers(&mut world, (15, "desktop", 2), only, &[]);
    for (n, device) in [(70, "desktop"), (60, "touch")] {
        for _ in 0..n {
            world.visit(2).device = device.into();
            world.impression(Some("shown"));
        }
    }
    for _ in 0..200 {
        world.visit(3);
    }
    // Before, as many named the phone number, and more were asked something else.
    let today = world.visits.len();
    answers(&mut world, (43, "desktop", 2), own, &[phone]);
    answers(&mut world, (57, "desktop", 2), own, &[looking]);
    answers(&mut world, (400, "desktop", 2), telling, &[]);
    let before = calendar::day_of(world.now - 40 * DAY, &world.site.time_zone);
    for visit in world.visits.iter_mut().skip(today) {
        visit.day = before;
    }
    world
}

#[actix_web::test]
async fn a_reason_has_its_share_of_those_to_whom_it_was_offered() {
    let app = TestApp::spawn().await;
    let mut world = at_the_form(&app).await;
    world.insert_settled(&app).await;

    let report = load(&app, &world).await;

    let drop = &report.drops[2];
    assert_eq!((drop.answered, drop.offered, drop.silent), (270, 170, 130));
    assert_eq!((drop.reach().k, drop.reach().n), (300, 400));
    assert_eq!((drop.answered_else, drop.lost_else.visits), (100, 100));
    let reason = |id| drop.reasons.iter().find(|it| it.reason_id == id).unwrap();
    let phone = reason(world.phone);
    assert_eq!((phone.rate.k, phone.rate.n), (60, 140));
    // Two of five of the 170 elsewhere, half of the 100 on phones: nobody else could name it, or is spoken for.
    let corrected = phone.corrected.unwrap();
    assert!(
        (corrected.share - 118.0 / 270.0).abs() < 1e-9,
        "{corrected:?}"
    );
    assert_eq!((phone.could, phone.lost), (270, 270));
    assert!(corrected.interval.low > 0.35 && corrected.interval.high < 0.55);
    assert!(corrected.answers < 140.0, "{corrected:?}");
    assert_eq!(phone.trend, None, "60 of 140, and 43 of 100 before");
    let up_to = phone.up_to.unwrap();
    assert!((up_to.conversions - 118.0).abs() < 1e-6, "{up_to:?}");
    let looking = reason(world.looking);
    assert_eq!((looking.rate.k, looking.rate.n), (95, 170));
    // 60 of 100 of the 170 that its own question could reach, half of the 30 of the other one, half of the 100 on phones.
    let share = (102.0 + 15.0 + 50.0) / 300.0;
    assert_eq!(looking.could, 300);
    assert!((looking.corrected.unwrap().share - share).abs() < 1e-9);
    let of_reason =
        |fix: &&funnel::Fix| matches!(&fix.cause, Cause::Reason(id, ..) if *id == world.phone);
    let fix = report.fixes.iter().find(of_reason).unwrap();
    assert!((fix.up_to.unwrap().conversions - 118.0).abs() < 1e-6);
    assert_eq!(fix.lost, 270);
    let is_other = |fix: &&funnel::Fix| matches!(&fix.cause, Cause::NoReasons(100));
    let other = report.fixes.iter().find(is_other).unwrap();
    assert!((other.up_to.unwrap().conversions - 100.0).abs() < 1e-6);

    let client = app.owner().await;
    let page = client.get(&format!("/sites/{}", world.site.key)).await.body;
    assert_reads(
        &words(&page),
        &[
            "Just looking 95 of 170 56 %",
            "The question could reach 75.0 % of those who left; the other 100 visits are spoken for by no share and are in no reason’s price.",
            "Phone number 60 of 140 43 % (35–51) 43 % (34–53) 270 of 400 44 %",
            "each reason has its own number, equal_answers in the files",
            "corrected to those who could have been asked one: no share and no price speaks for the others.",
            "Up to = 270 to 300 visits lost here that could be asked for the reason × its share",
            "100 lost visits that no share speaks for are in no reason’s price.",
            "270 lost visits × 44 %",
        ],
    );
    let lines = rows(&app, &world, "funnel").await;
    let is_phone = |line: &&Value| line["line"] == "reason" && line["name"] == "Phone number";
    let line = lines.iter().find(is_phone).unwrap();
    assert_eq!((&line["visits"], &line["of"]), (&60.into(), &140.into()));
    assert!((line["corrected"].as_f64().unwrap() - 118.0 / 270.0).abs() < 1e-9);
    assert!((line["up_to_minor"].as_f64().unwrap() - 590_000.0).abs() < 1e-3);
    assert_eq!(
        (&line["could_be_asked"], &line["lost_that_could"]),
        (&270.into(), &270.into())
    );
    let left = |line: &&Value| line["line"] == "left" && line["step"] == 2;
    let left = lines.iter().find(left).unwrap();
    assert_eq!(
        [
            &left["lost_reached"],
            &left["lost_not_reached"],
            &left["lost_that_could"]
        ],
        [&Value::from(400), &Value::from(0), &Value::from(300)]
    );
    assert_csv_tells(&app, &world, "funnel", &lines).await;
}

#[actix_web::test]
async fn visits_in_the_sums_tell_what_visits_tell() {
    let app = TestApp::spawn().await;
    let world = at_the_form(&app).await;
    world.insert(&app).await;
    let of_visits = load(&app, &world).await;
    let mut other = at_the_form(&app).await;
    other.insert_settled(&app).await;
    let of_sums = load(&app, &other).await;

    let figures = |report: &FunnelReport| -> Vec<_> {
        let reasons = report.drops[2].reasons.iter();
        let figures = reasons.map(|it| (it.name.clone(), it.rate, it.corrected, it.up_to));
        figures.collect()
    };
    assert_eq!(figures(&of_visits), figures(&of_sums));
    assert_eq!(of_visits.drops[2].correction, of_sums.drops[2].correction);
}

#[actix_web::test]
async fn who_was_asked_for_no_reason_has_none_and_the_page_says_so() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let telling = publish(&app, &world, vec![nps("q1")]).await;
    answers(&mut world, (40, "desktop", 2), telling, &[]);
    for _ in 0..60 {
        world.visit(3);
    }
    world.insert(&app).await;

    let report = load(&app, &world).await;

    let drop = &report.drops[2];
    assert_eq!((drop.answered, drop.offered), (40, 0));
    assert_eq!((drop.correction, drop.reasons.len()), (None, 0));
    let causes: Vec<_> = report.fixes.iter().map(|fix| &fix.cause).collect();
    assert_eq!(causes, [&Cause::NoReasons(40)]);
    let client = app.owner().await;
    let page = client.get(&format!("/sites/{}", world.site.key)).await.body;
    assert_reads(
        &words(&page),
        &["Asked, but not why, at “Started the form”: 40 answers"],
    );
    let lines = rows(&app, &world, "funnel").await;
    assert!(lines.iter().any(|line| line["line"] == "fix_no_reasons"));
}

/// Has the question offer one more choice from its second version on: its reason.
async fn offer_later(app: &TestApp, world: &World) -> ReasonId {
    let later = reason(app, world, "Price").await;
    let tx = app.state.db.begin().await.unwrap();
    let mut more = design(world.phone, world.looking);
    more.questions[0].choices.push(Choice {
        id: "c3".into(),
        label: "It costs too much".into(),
        reason: later,
    });
    let (site, own) = (world.site.id, world.prompt_id);
    store::save_draft(&tx, site, own, "Sign-up", &more, world.now)
        .await
        .unwrap();
    let version = store::publish(&tx, site, own, world.now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(version, 2);
    later
}

/// Has answers from this one on be given to the second version.
fn answered_later(world: &mut World, first: usize) {
    for answer in world.answers.iter_mut().skip(first) {
        answer.prompt_version = 2;
        let mut made = world.impressions.iter_mut();
        let made = made.find(|made| made.id == answer.impression_id);
        made.unwrap().prompt_version = 2;
    }
}

#[actix_web::test]
async fn a_few_who_could_choose_it_stand_behind_the_shares_of_many() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let later = offer_later(&app, &world).await;
    let (own, phone, price) = (world.prompt_id, ("c1", world.phone), ("c3", later));
    answers(&mut world, (50, "desktop", 2), own, &[phone]);
    let first = world.answers.len();
    answers(&mut world, (10, "desktop", 2), own, &[price]);
    answered_later(&mut world, first);
    world.insert(&app).await;

    let report = load(&app, &world).await;

    let reasons = report.drops[2].reasons.iter();
    let told: Vec<_> = reasons
        .map(|it| (&*it.name, it.rate.k, it.rate.n))
        .collect();
    assert_eq!(told, [("Phone number", 50, 60), ("Price", 10, 10)]);
}

#[actix_web::test]
async fn a_choice_that_came_later_is_told_of_those_who_could_choose_it() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let later = offer_later(&app, &world).await;
    let (site, own) = (world.site.id, world.prompt_id);
    let (phone, price) = (("c1", world.phone), ("c3", later));
    answers(&mut world, (50, "desktop", 2), own, &[phone]);
    let first = world.answers.len();
    answers(&mut world, (25, "desktop", 2), own, &[phone]);
    answers(&mut world, (15, "desktop", 2), own, &[price]);
    answered_later(&mut world, first);
    world.insert_settled(&app).await;

    let told = |report: &FunnelReport| -> Vec<_> {
        let reasons = report.drops[2].reasons.iter();
        reasons
            .map(|it| (it.name.clone(), it.rate.k, it.rate.n))
            .collect()
    };
    let before = told(&load(&app, &world).await);
    assert_eq!(
        before,
        [("Phone number".into(), 75, 90), ("Price".into(), 15, 40)]
    );

    let merge = format!("/sites/{}/reasons/{}/merge", world.site.key, world.phone);
    let client = app.owner().await;
    let reply = client
        .post_form(&merge, &[("into", &later.to_string())])
        .await;

    assert_eq!(reply.status, 303, "{}", reply.body);
    for _ in 0..2 {
        let merged = told(&load(&app, &world).await);
        assert_eq!(merged, [("Price".into(), 90, 90)]);
        app.state.settler.settle(world.now).await.unwrap();
    }
    let compared = audit::compare(&app.state.db.read, site, world.visits[0].day).await;
    assert_eq!(compared.unwrap().differing, 0);
}

#[actix_web::test]
async fn a_reason_stands_out_beside_the_same_choices_only() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let only = vec![choices("q1", &[("c1", world.looking)])];
    let only = publish(&app, &world, only).await;
    let (own, phone, looking) = (world.prompt_id, ("c1", world.phone), ("c2", world.looking));
    let first = ("c1", world.looking);
    // Where it is the only choice four of five are just looking, beside another one of five, at whichever step.
    for (step, alone, beside) in [(1, 80, 20), (2, 20, 80)] {
        answers(&mut world, (alone * 4 / 5, "desktop", step), only, &[first]);
        answers(&mut world, (alone / 5, "desktop", step), only, &[]);
        answers(&mut world, (beside / 5, "desktop", step), own, &[looking]);
        answers(&mut world, (beside * 4 / 5, "desktop", step), own, &[phone]);
    }
    world.insert_settled(&app).await;

    let rows = rows(&app, &world, "reasons").await;

    let looking: Vec<_> = rows
        .iter()
        .filter(|row| row["reason"] == "Just looking")
        .collect();
    let at = |step: i64| looking.iter().find(|row| row["step"] == step).unwrap();
    for (step, named) in [(1, 68), (2, 32)] {
        assert_eq!(
            (&at(step)["named"], &at(step)["answered"]),
            (&named.into(), &100.into())
        );
        assert!((at(step)["expected"].as_f64().unwrap() - f64::from(named)).abs() < 1e-9);
        assert_eq!(at(step)["stands_out"], "");
    }
}

#[actix_web::test]
async fn a_reason_stands_out_among_those_who_could_name_it_only() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let only = vec![choices("q1", &[("c1", world.looking)])];
    let only = publish(&app, &world, only).await;
    let telling = publish(&app, &world, vec![nps("q1")]).await;
    let (own, phone, looking) = (world.prompt_id, ("c1", world.phone), ("c2", world.looking));
    let first = ("c1", world.looking);
    answers(&mut world, (30, "desktop", 1), own, &[phone]);
    answers(&mut world, (10, "desktop", 1), own, &[looking]);
    answers(&mut world, (12, "desktop", 2), only, &[first]);
    answers(&mut world, (28, "desktop", 2), only, &[]);
    answers(&mut world, (35, "desktop", 2), telling, &[]);
    answers(&mut world, (5, "desktop", 3), telling, &[]);
    world.insert_settled(&app).await;

    let path = format!("/sites/{}/reports/reasons", world.site.key);
    let page = app.owner().await.get(&path).await.body;
    let text = words(&page).replace('\u{a0}', " ");
    assert_reads(
        &text,
        &[
            "No reason stands out at any step",
            "What 120 visits with an answer said",
            "Viewed pricing 40 visits Started the form 75 visits Signed up 5 visits",
            "Phone number 75 % (60–86) 30 of 40 named it – 75 % (60–86) 30 of 40 named it : answers with “Phone number” at “Viewed pricing” – –",
            // 22 of 80 are just looking, at either step about as many.
            "Just looking 28 % (19–38) 22 of 80 named it",
            "30 % (18–45) 12 of 40 named it",
        ],
    );
    assert!(
        !text.contains(" more than expected") && !text.contains("fewer than expected"),
        "{text}"
    );
    let rows = rows(&app, &world, "reasons").await;
    let at = |step: i64| {
        let mut rows = rows.iter();
        let row = rows.find(|row| row["reason"] == "Phone number" && row["step"] == step);
        row.unwrap().clone()
    };
    let (here, there) = (at(1), at(2));
    assert_eq!(
        (&here["named"], &here["answered"]),
        (&30.into(), &40.into())
    );
    assert_eq!(
        (&there["named"], &there["answered"]),
        (&0.into(), &0.into())
    );
    for nothing in ["share", "expected", "residual", "q"] {
        assert_eq!(there[nothing], Value::Null, "{nothing}");
    }
    assert_eq!(
        (&here["residual"], &here["stands_out"]),
        (&Value::Null, &"".into())
    );
    assert_eq!(here["answered_anywhere"], 40);
    assert_csv_tells(&app, &world, "reasons", &rows).await;
}
