//! Goals that are changed later: all visits are counted again by them, whatever happens meanwhile.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use exitpoll::{
    clock::{DAY, SECOND, now},
    db::{
        self, Db,
        entity::{OfSite, batch, visit, visit_goal},
    },
    delivery::Snapshots,
    goal::{
        store::{self, recount::SETTLES_AFTER},
        types::{GoalRole, GoalRule, GoalStage, NewGoal, Recount},
    },
    ingest::{
        fold::{Facts, GoalFact, Rules, fold},
        settle::Settler,
        store::{audit, load_batches},
        visit::{Visit, VisitorHash},
        writer::Writer,
    },
    site::{self, calendar, types::Site},
    types::{Millis, ViewId},
};
use proptest::prelude::*;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::{
    api::interleaving::{Sent, deliver, visits},
    kill::set_up,
    reports::world::{assert_reads, words},
    support::{
        app::TestApp,
        database::Database,
        program::Program,
        simulated::job,
        widget::{Widget, page, track},
    },
};

pub(crate) fn goal(name: &str, role: GoalRole, rule: GoalRule) -> NewGoal {
    NewGoal {
        name: name.into(),
        role,
        stage: GoalStage::Intent.into(),
        rule,
        value_minor: (role == GoalRole::Macro).then_some(4_900),
        is_listed: true,
        is_key: role.is_key_by_itself(),
        serves: None,
    }
}

fn url(path: &str) -> GoalRule {
    GoalRule::Url { path: path.into() }
}

/// The step is saved, or changed, to this page; the main goal is there from the first time on.
pub(crate) async fn save_step(db: &Db, site: &Site, path: &str) {
    save_step_at(db, site, path, now()).await;
}

async fn save_step_at(db: &Db, site: &Site, path: &str, at: Millis) {
    let tx = db.begin().await.unwrap();
    let step = goal("The step", GoalRole::Milestone, url(path));
    let goals = store::list_goals(&tx, site.id).await.unwrap();
    match goals.iter().find(|goal| goal.name == step.name) {
        Some(old) => store::update_goal(&tx, site.id, old.id, &step, at)
            .await
            .unwrap(),
        None => {
            let rule = GoalRule::event("signed_up");
            let main = goal("Signed up", GoalRole::Macro, rule);
            for new in [step, main] {
                store::insert_goal(&tx, site.id, &new, at).await.unwrap();
            }
        }
    }
    site::store::touch_config(&tx, site.id).await.unwrap();
    tx.commit().await.unwrap();
}

async fn recount(db: &Db, site: &Site) -> Recount {
    let found = store::recount::find(&db.read, site.id).await.unwrap();
    found.expect("a change begins a recount")
}

/// Waits until every visit was looked at since the last change.
pub(crate) async fn recounted(db: &Db, site: &Site) -> Recount {
    let begun = Instant::now();
    loop {
        let recount = recount(db, site).await;
        if recount.is_tail || recount.is_finished {
            return recount;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{recount:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What is stored of each visit, and what a fresh fold of its journal by the newest definitions gives.
async fn stored_and_fresh(db: &Db, site: &Site) -> Vec<(Facts, Facts)> {
    let definitions = store::load_definitions(&db.read, site.id).await.unwrap();
    let rules = Rules {
        definitions: &definitions,
        currency: &site.currency,
    };
    let rows = visit::Entity::of_site(site.id)
        .order_by_asc(visit::Column::Id)
        .all(&db.read)
        .await
        .unwrap();
    let mut facts = vec![];
    for row in rows {
        let mut stored = Visit::from_row(row);
        let goals = visit_goal::Entity::of_site(site.id)
            .filter(visit_goal::Column::VisitId.eq(stored.id))
            .all(&db.read)
            .await
            .unwrap();
        stored.facts.goals = goals
            .into_iter()
            .map(|goal| {
                let fact = GoalFact {
                    first_at: goal.first_at,
                    n: goal.n,
                    value_minor: goal.value_minor,
                };
                (u8::try_from(goal.bit).unwrap(), fact)
            })
            .collect();
        let batches = load_batches(&db.read, site.id, stored.id).await.unwrap();
        facts.push((stored.facts, fold(rules, &batches)));
    }
    facts
}

async fn check(db: &Db, site: &Site) -> usize {
    let visits = stored_and_fresh(db, site).await;
    for (stored, fresh) in &visits {
        assert_eq!(stored, fresh);
    }
    visits.len()
}

/// A visitor of one page load.
fn passer_by(site: &Site, number: u32) -> (Value, VisitorHash) {
    let path = ["/about", "/pricing"][usize::from(number % 2 == 1)];
    let body = json!({
        "v": 1, "k": site.key, "c": 1, "w": ViewId::new(now()).0.to_string(), "s": 0, "t": 900, "n": "navigate",
        "e": [page(0, "/", ""), page(300, path, ""), track(600, "signed_up")],
    });
    let mut visitor = [7; 16];
    visitor[..4].copy_from_slice(&number.to_le_bytes());
    (body, visitor)
}

async fn write_visits(app: &TestApp, site: &Site, n: u32) {
    for number in 0..n {
        let (body, visitor) = passer_by(site, number);
        app.write_at(site, &body, &[visitor], now()).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_a_change_every_visit_is_what_a_fresh_fold_gives(
        shuffled in visits().prop_flat_map(|sent| {
            let twice: Vec<Sent> = sent.iter().chain(&sent).cloned().collect();
            Just(twice).prop_shuffle()
        }),
        is_changed_twice in any::<bool>(),
    ) {
        actix_web::rt::System::new().block_on(async {
            let app = TestApp::spawn().await;
            // The change was made so long ago that what began while it spread is looked at again in three seconds.
            let (site, start) = (app.insert_site("Shop").await, now() - 90 * SECOND);
            let at = now() - SETTLES_AFTER + 3 * SECOND;
            let (early, late) = shuffled.split_at(shuffled.len() / 2);
            let db = &app.state.db;

            deliver(&app, &site, early, start, true).await;
            save_step_at(db, &site, "/about", at).await;
            // Some of them by a node that does not know of the change yet.
            deliver(&app, &site, late, start, true).await;
            app.state.snapshots.forget(site.id);
            if is_changed_twice {
                save_step_at(db, &site, "/pricing", at).await;
            }
            deliver(&app, &site, early, start, false).await;
            while !recount(db, &site).await.is_finished {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }

            assert!(check(db, &site).await > 0);
        });
    }
}

#[actix_web::test]
async fn a_goal_that_was_saved_just_now_counts_at_once_in_an_open_visit() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/about", "").await;
    save_step(&app.state.db, &site, "/about").await;
    app.state.snapshots.forget(site.id);

    view.send(json!([track(10, "looked")])).await;

    let visits = app.visits(&site).await;
    let version = recount(&app.state.db, &site).await.version;
    assert_eq!(
        (
            visits[0].funnel_version,
            visits[0].mask_all,
            visits[0].funnel_step
        ),
        (version, 1, 1)
    );
    check(&app.state.db, &site).await;
}

#[actix_web::test]
async fn a_request_from_before_the_change_does_not_bring_the_old_goals_back() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let visitor = [[1; 16]];
    let view = ViewId::new(now()).0.to_string();
    let body = |s: i32, event| json!({"v": 1, "k": site.key, "c": 1, "w": view, "s": s, "t": 900, "n": "navigate", "e": [event]});
    app.write_at(&site, &body(0, page(0, "/about", "")), &visitor, now())
        .await;
    let old = app
        .job(&site, &body(1, track(800, "signed_up")), &visitor, now())
        .await;
    save_step(&app.state.db, &site, "/about").await;
    recounted(&app.state.db, &site).await;

    app.state.writer.write(old).await.unwrap();

    check(&app.state.db, &site).await;
    assert_eq!(app.visits(&site).await[0].funnel_step, 2);
}

#[actix_web::test]
async fn visits_whose_journal_is_gone_stay_as_they_were_counted() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    save_step(&app.state.db, &site, "/about").await;
    app.state.snapshots.forget(site.id);
    write_visits(&app, &site, 4).await;
    let before = app.visits(&site).await;
    let tx = app.state.db.begin().await.unwrap();
    batch::Entity::delete_many()
        .filter(batch::Column::SiteId.eq(site.id))
        .filter(batch::Column::VisitId.eq(before[0].id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    recounted(&app.state.db, &site).await;

    save_step(&app.state.db, &site, "/pricing").await;
    let recount = recounted(&app.state.db, &site).await;

    let after = app.visits(&site).await;
    assert_eq!(after[0], before[0]);
    assert!(
        after
            .iter()
            .enumerate()
            .all(|(place, visit)| (visit.funnel_version == recount.version) == (place != 0))
    );
    assert_eq!((recount.total, recount.recounted), (Some(4), 3));
    // The one that cannot be counted again met the old rule, two of the others the new one.
    let owner = app.owner().await;
    let goals = owner.get(&format!("/sites/{}/goals", site.key)).await;
    let goals = words(&goals.body);
    assert_reads(&goals, &["The step Page is /pricing Step · key 2"]);
}

/// Starts the program and kills it as soon as more than `n` visits were counted again; tells how many were.
async fn count_and_kill(database: &Database, db: &Db, site: &Site, n: i64) -> i64 {
    let program = Program::start(database).await;
    let begun = Instant::now();
    while recount(db, site).await.recounted <= n {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    program.kill();
    let recount = recount(db, site).await;
    assert!(!recount.is_tail, "killed too late: {recount:?}");
    recount.recounted
}

#[actix_web::test]
async fn killed_in_the_middle_it_goes_on_where_it_was() {
    let database = Database::migrated().await;
    let program = Program::start(&database).await;
    // Beside the program, which holds the file: this process must never take its lock.
    let db = db::open_beside(&database.url).await.unwrap();
    let (site, _) = set_up(&db).await;
    program.kill();
    let (writer, snapshots) = (Writer::start(db.clone(), 10).0, Snapshots::new(db.clone()));
    let snapshot = snapshots.get(&site.key).await.unwrap().unwrap();
    for number in 0..600 {
        let (body, visitor) = passer_by(&site, number);
        let job = job(Arc::clone(&snapshot), &body, &[visitor], now());
        writer.write(job).await.unwrap();
    }
    let settler = Settler::new(db.clone(), writer);
    assert_eq!(settler.settle(now() + DAY).await.unwrap(), 600);
    save_step(&db, &site, "/about").await;

    let first = count_and_kill(&database, &db, &site, 0).await;
    let second = count_and_kill(&database, &db, &site, first).await;
    assert!(first < second && second < 600, "{first}, {second}");
    let program = Program::start(&database).await;
    let recount = recounted(&db, &site).await;
    program.kill();

    assert_eq!((recount.total, recount.recounted), (Some(600), 600));
    assert_eq!(check(&db, &site).await, 600);
    // Each was taken out of the cube in the commit that counted it again, and is put in again.
    let settler = Settler::new(db.clone(), Writer::start(db.clone(), 10).0);
    for n in [0, 600] {
        let day = calendar::day_of(now(), &site.time_zone);
        let compared = audit::compare(&db.read, site.id, day).await.unwrap();
        assert_eq!((compared.visits, compared.differing), (n, 0));
        settler.settle(now() + DAY).await.unwrap();
    }
    db.close().await.unwrap();
}

#[actix_web::test]
async fn two_nodes_do_not_both_do_it() {
    let app = TestApp::spawn().await;
    if app.state.db.backend() == DbBackend::Sqlite {
        // There is one node only.
        return;
    }
    let site = app.insert_site("Shop").await;
    write_visits(&app, &site, 300).await;
    let other = Program::start(&app.database).await;

    save_step(&app.state.db, &site, "/about").await;
    write_visits(&app, &site, 20).await;
    app.state.snapshots.forget(site.id);
    let recount = recounted(&app.state.db, &site).await;

    let total = recount.total.unwrap();
    assert!((300..=320).contains(&total), "{recount:?}");
    assert!(
        recount.recounted <= total + 20,
        "each was counted again once: {recount:?}"
    );
    // Those that began under the old goals meanwhile are left to the second look; all others are done.
    let visits = stored_and_fresh(&app.state.db, &site).await;
    let done = visits.iter().filter(|(stored, fresh)| stored == fresh);
    assert!(done.count() >= 300);
    other.kill();
}
