//! Reasons: how often each was named, another name, and one of two.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use exitpoll::{
    clock, ingest,
    prompt::{
        draft::{NewChoice, NewMoment, NewQuestion},
        store as prompts,
    },
    reason::{self, types::Reason},
    report::{
        funnel,
        period::{Period, PeriodQuery},
    },
    types::ReasonId,
};
use sea_orm::ConnectionTrait;

use super::prompt_setting::Setting;
use crate::{
    reports::world::{World, assert_reads, words},
    support::{app::TestApp, prompt::pricing},
};

async fn reasons(app: &TestApp, world: &World) -> Vec<Reason> {
    reason::store::list_reasons(&app.state.db.read, world.site.id)
        .await
        .unwrap()
}

/// The reason that this name leads to.
async fn ensure(tx: &impl ConnectionTrait, world: &World, name: &str) -> ReasonId {
    let codebook = reason::store::Codebook::load(tx, world.site.id).await;
    let ensured = codebook.unwrap().ensure(tx, name, 1).await;
    ensured.unwrap()
}

/// Three named the phone number, two were just looking, one both, and the owner tried it out.
async fn world(app: &TestApp) -> World {
    let mut world = World::new(app, "Northwind").await;
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    let given: [&[_]; 6] = [
        &[phone],
        &[phone],
        &[phone],
        &[looking],
        &[looking],
        &[phone, looking],
    ];
    for reasons in given {
        world.visit(2);
        world.impression(Some("shown"));
        world.answer(reasons, "");
    }
    world.visit(2).is_test = true;
    world.impression(Some("shown"));
    world.answer(&[phone], "");
    world.insert(app).await;
    world
}

/// Names and counts at the drop-off, as the funnel reports them.
async fn reported(app: &TestApp, world: &World) -> Vec<(String, i64)> {
    let now = clock::now();
    let period = Period::parse(&PeriodQuery::default(), &world.site.time_zone, now).unwrap();
    let report = funnel::load(
        &app.state.db,
        &world.site,
        &period,
        &funnel::FunnelChoice::default(),
        now,
    )
    .await
    .unwrap();
    let reasons = report.drops[2].reasons.iter();
    reasons
        .map(|share| (share.name.clone(), share.rate.k))
        .collect()
}

/// Puts all visits into the sums of days.
async fn settle(app: &TestApp, world: &World) {
    let (site, day) = (world.site.id, world.visits[0].day);
    let tx = app.state.db.begin().await.unwrap();
    ingest::store::settle_day(&tx, site, day).await.unwrap();
    tx.commit().await.unwrap();
    let visits = app.visits(&world.site).await;
    assert!(visits.iter().all(|visit| visit.is_settled));
}

#[actix_web::test]
async fn the_list_says_how_often_and_in_which_questions() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/reasons", world.site.key))
        .await;

    assert_eq!(page.status, 200, "{}", page.body);
    assert_reads(
        &words(&page.body),
        &[
            "Phone number Sign-up not finished 4 Change",
            "Just looking Sign-up not finished 3 Change",
        ],
    );
    assert!(!page.body.contains("look alike"), "{}", page.body);
}

#[actix_web::test]
async fn a_merge_says_what_it_does_and_every_report_adds_up() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;
    let client = app.owner().await;
    let base = format!("/sites/{}/reasons", world.site.key);
    let before = reported(&app, &world).await;
    assert_eq!(
        before,
        [("Phone number".into(), 4), ("Just looking".into(), 3)]
    );

    let merge = format!("{base}/{}/merge", world.looking);
    let into = world.phone.to_string();
    let told = client.get(&format!("{merge}?into={into}")).await;
    assert_reads(
        &words(&told.body),
        &[
            "Merge “Just looking” into “Phone number”?",
            "3 answers of the past that named “Just looking” will count as “Phone number”",
            "“Phone number” will stand at 6 answers instead of 4. 1 answer named both and count once.",
            "Sign-up not finished",
            "This cannot be undone.",
        ],
    );
    assert_eq!(reported(&app, &world).await, before);
    settle(&app, &world).await;
    assert_eq!(reported(&app, &world).await, before);

    let reply = client.post_form(&merge, &[("into", &into)]).await;

    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(reported(&app, &world).await, [("Phone number".into(), 6)]);
    settle(&app, &world).await;
    assert_eq!(reported(&app, &world).await, [("Phone number".into(), 6)]);
    let names: Vec<String> = reasons(&app, &world)
        .await
        .into_iter()
        .map(|reason| reason.name)
        .collect();
    assert_eq!(names, ["Phone number"]);
    let db = &app.state.db.read;
    let versions = prompts::list_versions(db, world.site.id, world.prompt_id)
        .await
        .unwrap();
    let question = &versions[0].design.questions[0];
    assert!(
        question
            .choices
            .iter()
            .all(|choice| choice.reason == world.phone)
    );
    assert_eq!(question.choices[1].label, "Just looking");
    // Whoever writes the old name means the other one.
    let tx = app.state.db.begin().await.unwrap();
    let named = ensure(&tx, &world, "just  looking").await;
    tx.commit().await.unwrap();
    assert_eq!(named, world.phone);
    for refused in [merge.clone(), format!("{base}/{}/merge", world.phone)] {
        let status = client.post_form(&refused, &[("into", &into)]).await.status;
        assert!(matches!(status, 404 | 409), "{refused}: {status}");
    }
}

#[actix_web::test]
async fn a_merged_reason_leads_on_when_its_own_goes_too() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;
    let client = app.owner().await;
    let tx = app.state.db.begin().await.unwrap();
    let third = ensure(&tx, &world, "Privacy").await;
    tx.commit().await.unwrap();

    for (from, into) in [(world.looking, world.phone), (world.phone, third)] {
        let path = format!("/sites/{}/reasons/{from}/merge", world.site.key);
        let into = into.to_string();
        let reply = client.post_form(&path, &[("into", &into)]).await;
        assert_eq!(reply.status, 303);
    }

    assert_eq!(reported(&app, &world).await, [("Privacy".into(), 6)]);
    let tx = app.state.db.begin().await.unwrap();
    let named = ensure(&tx, &world, "Just looking").await;
    assert_eq!(named, third);
}

#[actix_web::test]
async fn the_reasons_are_read_once_for_all_choices_of_a_design() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment = NewMoment::default();
    let choice = |n: usize| NewChoice {
        id: format!("c{n}"),
        label: format!("Choice {n}"),
        reason: format!("Reason {n}"),
    };
    let question = NewQuestion {
        choices: (0..10).map(choice).collect(),
        ..design.questions[0].clone()
    };
    design.questions = (0..10)
        .map(|n| NewQuestion {
            id: format!("q{n}"),
            ..question.clone()
        })
        .collect();
    app.publish(&site, "Survey", &design).await;

    let known = reason::store::list_reasons(&app.state.db.read, site.id).await;
    assert_eq!(known.unwrap().len(), 11, "one of each name");
    let reads = Arc::new(AtomicUsize::new(0));
    let mut db = app.state.db.read.clone();
    let counted = Arc::clone(&reads);
    db.set_metric_callback(move |info| {
        if info.statement.sql.contains("FROM \"reasons\"") {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let resolved = prompts::resolve_design(&db, site.id, &design, 1).await;
    assert_eq!(resolved.unwrap().questions.len(), 10);
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[actix_web::test]
async fn a_name_changes_everywhere_and_must_be_its_own() {
    let app = TestApp::spawn().await;
    let world = world(&app).await;
    let client = app.owner().await;
    let path = format!("/sites/{}/reasons/{}", world.site.key, world.phone);

    let taken = client.post_form(&path, &[("name", "just looking")]).await;
    let empty = client.post_form(&path, &[("name", " ")]).await;
    let renamed = client.post_form(&path, &[("name", " Telephone ")]).await;

    assert_eq!(
        (taken.status, empty.status, renamed.status),
        (422, 422, 303)
    );
    assert_eq!(reported(&app, &world).await[0], ("Telephone".into(), 4));
    let is_loss = async || {
        let reasons = reasons(&app, &world).await;
        let reason = reasons.into_iter().find(|it| it.id == world.phone);
        reason.unwrap().is_loss
    };
    assert!(is_loss().await);
    let fields = [("name", "Telephone"), ("no_loss", "1")];
    assert_eq!(client.post_form(&path, &fields).await.status, 303);
    assert!(!is_loss().await);
    let list = format!("/sites/{}/reasons", world.site.key);
    let page = client.get(&list).await.body;
    assert_reads(&words(&page), &["Telephone no loss"]);
    let other = app.insert_site("Other").await;
    let foreign = format!("/sites/{}/reasons/{}", other.key, world.phone);
    let reply = client.post_form(&foreign, &[("name", "Mine")]).await;
    assert_eq!(reply.status, 404);
}

#[actix_web::test]
async fn reasons_that_look_alike_are_suggested() {
    let setting = Setting::new().await;
    let changes = [
        ("q1-choice_label", "It costs too much"),
        ("q1-choice_reason", "Too expensive"),
        ("q1-choice_id", ""),
        ("q1-choice_label", "The price is unclear"),
        ("q1-choice_reason", "Price"),
        ("q1-choice_id", ""),
    ];
    setting.press("save", &changes).await;

    let path = format!("/sites/{}/reasons", setting.site.key);
    let page = setting.client.get(&path).await;
    let editor = setting.client.get(&setting.path()).await;

    assert_reads(&words(&page.body), &["look alike", "Merge…"]);
    assert!(page.body.contains("“Too expensive”") && page.body.contains("“Price”"));
    // The editor offers what is there.
    assert!(
        editor
            .body
            .contains("<datalist id=\"reasons\"><option value=")
    );
}

#[actix_web::test]
async fn choices_that_are_no_reasons_make_none() {
    let setting = Setting::new().await;
    let names = async || -> Vec<String> {
        let read = &setting.app.state.db.read;
        let reasons = reason::store::list_reasons(read, setting.site.id).await;
        let reasons = reasons.unwrap().into_iter();
        reasons.map(|reason| reason.name).collect()
    };
    let before = names().await;
    let team = [
        ("q1-choice_label", "Only me"),
        ("q1-choice_reason", ""),
        ("q1-choice_id", ""),
        ("q1-choice_label", "Up to ten"),
        ("q1-choice_reason", "Small team"),
        ("q1-choice_id", ""),
        ("q1-other_label", "Another size"),
    ];
    let no_reasons = [&team[..], &[("q1-reasons", "0")]].concat();

    let saved = setting.press("save", &no_reasons).await;

    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(names().await, before, "none was made");
    let question = &setting.stored().await.draft.questions[0];
    assert_eq!(question.choices.len(), 2);
    assert_eq!(question.reasons().count(), 0);
    let page = setting.client.get(&setting.path()).await;
    assert!(!page.body.contains("rsn_0"), "{}", page.body);

    let saved = setting.press("save", &team).await;

    assert_eq!(saved.status, 303, "{}", saved.body);
    let mut made = names().await;
    made.retain(|name| !before.contains(name));
    assert_eq!(made.len(), 3, "{made:?}");
    assert!(made.contains(&"Small team".into()), "{made:?}");
    let known = setting.stored().await.draft.questions[0].choices[1].reason;

    setting.press("save", &no_reasons).await;

    let kept = &setting.stored().await.draft.questions[0];
    assert_eq!(kept.choices[1].reason, known, "one that is there is kept");
}
