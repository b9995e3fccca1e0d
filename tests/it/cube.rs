//! The cube: what reports read of it is what a plain count over the visits gives, whatever happened to them in whatever order.

use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
};

use exitpoll::{
    clock::{DAY, HOUR, SECOND, now},
    db::{
        Db,
        entity::{OfSite, batch, cube_day, funnel, goal_day, goal_version, visit, visit_goal},
    },
    goal::{
        signature::{Landmark, Signature},
        store,
    },
    ingest::{
        VISIT_GAP,
        cube::{ALL, Dimension},
        store::audit,
    },
    report::signatures::{
        self, Query, Row,
        funnel::{Funnel, Order},
    },
    site::types::Site,
    types::{Millis, ViewId},
};
use proptest::prelude::*;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    api::interleaving::{Sent, deliver, visits},
    recount::{recounted, save_step},
    support::{
        app::TestApp,
        widget::{Widget, page, track},
    },
};

/// 25 October 2026, 00:30 in Berlin: the day has 25 hours.
const LONG_DAY: Millis = 1_792_881_000_000;

/// Visits and what they came to, by day and by all that they have in common.
type Sums = BTreeMap<(i32, String, bool, Signature), [i64; 4]>;

fn signature_of(visit: &visit::Model, is_ordered: bool) -> Signature {
    let signature = Signature {
        version: visit.funnel_version,
        mask_all: visit.mask_all,
        mask_before: visit.mask_before,
        mask_landmark: visit.mask_landmark,
        landmark: Landmark::of_code(visit.landmark),
        funnel_step: visit.funnel_step,
        path: None,
    };
    match is_ordered {
        true => signature.with_path(&visit.path),
        false => signature,
    }
}

fn says(visit: &visit::Model, dimension: Dimension) -> String {
    match dimension {
        Dimension::Device => visit.device.clone(),
        Dimension::Source => visit.source.clone(),
        Dimension::Campaign => visit.campaign_name.clone(),
        Dimension::Language => visit.language.clone(),
        Dimension::Country => visit.country.clone(),
        Dimension::Landing => visit.entry_path.clone(),
        Dimension::Visitor => match visit.visit_number {
            None => "unknown".into(),
            Some(1) => "new".into(),
            Some(_) => "returning".into(),
        },
    }
}

/// One visit after the other.
fn counted(visits: &[visit::Model], query: &Query) -> Sums {
    let mut sums = Sums::new();
    for visit in visits
        .iter()
        .filter(|visit| !visit.is_test && visit.pages > 0)
    {
        let is_asked_for = (query.from..=query.to).contains(&visit.day)
            && query
                .filters
                .iter()
                .all(|(dimension, value)| says(visit, *dimension) == *value);
        if is_asked_for {
            let value = query.by.map_or_else(String::new, |by| says(visit, by));
            let key = (
                visit.day,
                value,
                visit.is_automated,
                signature_of(visit, query.is_ordered),
            );
            let sum = sums.entry(key).or_default();
            let one = [
                1,
                i64::from(visit.macro_at.is_some()),
                visit.value_minor,
                visit.active_ms,
            ];
            for (sum, one) in sum.iter_mut().zip(one) {
                *sum += one;
            }
        }
    }
    sums
}

fn summed(rows: Vec<Row>) -> Sums {
    let mut sums = Sums::new();
    for row in rows {
        let sum = sums
            .entry((row.day, row.value, row.is_automated, row.signature))
            .or_default();
        let more = [row.visits, row.conversions, row.value_minor, row.active_ms];
        for (sum, more) in sum.iter_mut().zip(more) {
            *sum += more;
        }
    }
    sums
}

fn every_query(site: &Site) -> Vec<Query> {
    let all = Query::new(site.id, (20_000_101, 22_000_101), now() - VISIT_GAP);
    let ordered = Query {
        is_ordered: true,
        ..all.clone()
    };
    let mut queries = vec![all.clone(), ordered.clone()];
    for &by in Dimension::ALL {
        queries.push(Query {
            by: Some(by),
            ..all.clone()
        });
        queries.push(Query {
            by: Some(by),
            filters: vec![(Dimension::Device, "desktop".into())],
            ..ordered.clone()
        });
    }
    queries.push(Query {
        filters: vec![(Dimension::Device, "desktop".into())],
        ..all.clone()
    });
    queries.push(Query {
        filters: vec![
            (Dimension::Device, "touch".into()),
            (Dimension::Landing, "/".into()),
        ],
        ..all
    });
    queries
}

/// Whatever is asked, the report reads what a plain count gives; and the cube alone is what its visits give.
async fn check(app: &TestApp, site: &Site) {
    let db = &app.state.db;
    let (visits, snapshot) = (app.visits(site).await, db.snapshot().await.unwrap());
    for query in every_query(site) {
        let rows = signatures::load(&snapshot, &query).await.unwrap();
        assert_eq!(summed(rows), counted(&visits, &query), "{query:?}");
    }
    for day in visits.iter().map(|visit| visit.day) {
        let compared = audit::compare(&snapshot, site.id, day).await.unwrap();
        assert_eq!(compared.differing, 0, "{day}");
    }
    let empty = cube_day::Entity::of_site(site.id).filter(cube_day::Column::Visits.lte(0));
    assert_eq!(empty.count(&snapshot).await.unwrap(), 0);
    check_funnel(db, site, &visits).await;
}

/// The order of goals tells as many steps as the fold has counted on its way.
async fn check_funnel(db: &Db, site: &Site, visits: &[visit::Model]) {
    let definitions = store::load_definitions(&db.read, site.id).await.unwrap();
    for visit in visits {
        let counted_by = definitions.funnel(visit.funnel_version).unwrap();
        let funnel = Funnel {
            steps: counted_by.steps.iter().map(|bit| 1 << bit).collect(),
            order: Order::Sequential,
            exclusions: vec![],
        };
        let events = signature_of(visit, true).events().unwrap();
        assert_eq!(
            i32::try_from(funnel.reached(&events)).unwrap(),
            visit.funnel_step,
            "{visit:?}"
        );
    }
}

async fn settle(app: &TestApp) -> usize {
    app.state.settler.settle(now() + DAY).await.unwrap()
}

async fn is_all_settled(app: &TestApp, site: &Site) -> bool {
    let visits = app.visits(site).await;
    visits.iter().all(|visit| visit.is_settled)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_late_twice_or_in_disorder_the_cube_is_the_count_of_its_visits(
        shuffled in visits().prop_flat_map(|sent| {
            let twice: Vec<Sent> = sent.iter().chain(&sent).cloned().collect();
            Just(twice).prop_shuffle()
        }),
        // The hour that comes twice, and midnight.
        start in prop::sample::select(vec![LONG_DAY + HOUR * 2, LONG_DAY + HOUR * 24 + HOUR / 2 - 5 * SECOND]),
    ) {
        actix_web::rt::System::new().block_on(async {
            let app = TestApp::spawn().await;
            let site = app.insert_site("Shop").await;
            save_step(&app.state.db, &site, "/about").await;
            app.state.snapshots.forget(site.id);
            let (early, late) = shuffled.split_at(shuffled.len() / 3);
            let (late, latest) = late.split_at(late.len() / 2);

            deliver(&app, &site, early, start, true).await;
            settle(&app).await;
            check(&app, &site).await;
            // Some of it belongs to visits that are settled.
            deliver(&app, &site, late, start, true).await;
            check(&app, &site).await;
            settle(&app).await;
            save_step(&app.state.db, &site, "/pricing").await;
            app.state.snapshots.forget(site.id);
            deliver(&app, &site, latest, start, true).await;
            recounted(&app.state.db, &site).await;
            check(&app, &site).await;
            settle(&app).await;

            assert!(is_all_settled(&app, &site).await);
            check(&app, &site).await;
            check_elsewhere(&app, &site).await;
        });
    }
}

/// Four visits of one page load each, at this time.
async fn write_visits(app: &TestApp, site: &Site, at: Millis) {
    for n in 0..4_u8 {
        let path = ["/about", "/pricing"][usize::from(n % 2)];
        let body = json!({
            "v": 1, "k": site.key, "c": 1, "w": ViewId::new(at).0.to_string(), "s": 0, "t": 900, "n": "navigate",
            "e": [page(0, "/?utm_source=News&utm_campaign=spring", ""), page(300, path, ""), track(600, "signed_up")],
        });
        app.write_at(site, &body, &[[n + 1; 16]], at).await;
    }
}

#[actix_web::test]
async fn a_cube_that_is_wrong_is_found_out_and_mended() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    save_step(&app.state.db, &site, "/about").await;
    app.state.snapshots.forget(site.id);
    write_visits(&app, &site, now() - 2 * DAY).await;
    settle(&app).await;
    let day = app.visits(&site).await[0].day;
    let tx = app.state.db.begin().await.unwrap();
    cube_day::Entity::update_many()
        .col_expr(cube_day::Column::ValueMinor, Expr::value(1_i64))
        .filter(cube_day::Column::SiteId.eq(site.id))
        .filter(cube_day::Column::Dim.eq(ALL))
        .exec(&tx)
        .await
        .unwrap();
    goal_day::Entity::delete_many()
        .filter(goal_day::Column::Day.eq(day))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let settler = &app.state.settler;
    let found = settler.audit_day(site.id, day, now()).await.unwrap();
    // Before they are in it again, and after.
    check(&app, &site).await;
    settle(&app).await;
    check(&app, &site).await;
    settler
        .audit(site.id, &site.time_zone, now())
        .await
        .unwrap();

    assert!(found.visits == 4 && found.differing > 0, "{found:?}");
    let audits = exitpoll::db::entity::audit::Entity::of_site(site.id)
        .all(&app.state.db.read)
        .await
        .unwrap();
    let of_day = audits.iter().find(|audit| audit.day == day).unwrap();
    assert_eq!(
        (of_day.visits, of_day.differing, of_day.mended),
        (4, 0, false)
    );
}

#[actix_web::test]
async fn a_site_that_moves_has_its_visits_on_the_days_of_its_new_clocks() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let owner = app.owner().await;
    // 23:30 UTC: the next day in Berlin, the same in New York.
    write_visits(&app, &site, LONG_DAY + HOUR).await;
    settle(&app).await;
    let before = app.visits(&site).await[0].day;

    let form = [
        ("name", "Shop"),
        ("time_zone", "America/New_York"),
        ("currency", "EUR"),
    ];
    owner
        .post_form(&format!("/sites/{}/settings", site.key), &form)
        .await;
    recounted(&app.state.db, &site).await;
    check(&app, &site).await;
    settle(&app).await;

    check(&app, &site).await;
    assert_eq!(
        (before, app.visits(&site).await[0].day),
        (20_261_025, 20_261_024)
    );
    assert_eq!(
        cube_day::Entity::find()
            .filter(cube_day::Column::Day.eq(before))
            .count(&app.state.db.read)
            .await
            .unwrap(),
        0
    );
}

#[actix_web::test]
async fn visits_are_told_apart_by_where_they_came_from() {
    let app = TestApp::spawn_with(&[
        "--trusted-proxies",
        "127.0.0.1",
        "--country-header",
        "CF-IPCountry",
    ])
    .await;
    let site = app.insert_site("Shop").await;
    let mut said = vec![];
    for country in ["de", "XX", "Nowhere"] {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {country}"));
        let body = json!({
            "v": 1, "k": site.key, "c": 1, "w": ViewId::new(now()).0.to_string(), "s": 0, "t": 0, "n": "navigate",
            "e": [page(0, "/?utm_source=News&utm_campaign=spring", "")],
        });
        let request = widget
            .request()
            .header("cf-ipcountry", country)
            .body(body.to_string());
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    for visit in app.visits(&site).await {
        said.push((visit.source, visit.campaign_name, visit.country));
    }
    let expected = |country: &str| ("news".to_owned(), "spring".to_owned(), country.to_owned());

    assert_eq!(said, [expected("DE"), expected(""), expected("")]);
}

/// What lies in the journal, and how the site counts: nothing that the project's own fold or cube has made, but for which visit a batch
/// is of.
async fn recorded(db: &Db, site: &Site) -> Value {
    let (batches, rules, funnels) = (
        batch::Entity::of_site(site.id).all(&db.read).await.unwrap(),
        goal_version::Entity::of_site(site.id)
            .all(&db.read)
            .await
            .unwrap(),
        funnel::Entity::of_site(site.id)
            .all(&db.read)
            .await
            .unwrap(),
    );
    let newest = funnels.iter().max_by_key(|funnel| funnel.version).unwrap();
    let batches: Vec<Value> = batches
        .iter()
        .map(|it| json!({"visit": it.visit_id.0.to_string(), "view": it.view_id.0.to_string(), "at": it.view_started_at, "seq": it.first_seq, "body": it.body}))
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|it| json!({"bit": it.bit, "rule": it.rule, "value": it.value_minor}))
        .collect();
    json!({
        "time_zone": site.time_zone, "version": newest.version, "steps": newest.steps, "primary": newest.primary_bit,
        "bits": newest.bits.to_string(), "goals": rules, "batches": batches,
    })
}

/// The same figures, made by a program in another language from the journal alone.
async fn check_elsewhere(app: &TestApp, site: &Site) {
    let db = &app.state.db;
    let mut program = Command::new("node")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/independent/cube.mjs"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let input = recorded(db, site).await.to_string();
    program
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();

    let mut visits: Vec<Value> = vec![];
    for row in app.visits(site).await {
        let mut goals: Vec<_> = visit_goal::Entity::of_site(site.id)
            .filter(visit_goal::Column::VisitId.eq(row.id))
            .all(&db.read)
            .await
            .unwrap();
        goals.sort_by_key(|goal| goal.bit);
        let goals: Vec<Value> = goals
            .iter()
            .map(|goal| json!([goal.bit, goal.first_at, goal.n, goal.value_minor]))
            .collect();
        visits.push(json!({
            "id": row.id.0.to_string(), "day": row.day, "started_at": row.started_at, "last_at": row.last_at, "pages": row.pages,
            "active_ms": row.active_ms, "entry_path": row.entry_path, "source": row.source, "campaign": row.campaign_name,
            "mask_all": row.mask_all, "mask_before": row.mask_before, "mask_landmark": row.mask_landmark, "landmark": row.landmark,
            "macro_at": row.macro_at, "funnel_step": row.funnel_step, "path": row.path, "value_minor": row.value_minor, "goals": goals,
        }));
    }
    visits.sort_by_key(|visit| visit["id"].to_string());
    assert_eq!(told["visits"], Value::from(visits));

    let query = Query {
        is_ordered: true,
        ..Query::new(site.id, (20_000_101, 22_000_101), now() - 10 * SECOND)
    };
    let mut cube: Vec<Value> = summed(signatures::load(&db.read, &query).await.unwrap())
        .into_iter()
        .map(
            |((day, _, _, signature), [visits, conversions, value_minor, active_ms])| {
                json!([
                    day,
                    signature.path,
                    signature.mask_before,
                    signature.mask_landmark,
                    visits,
                    conversions,
                    value_minor,
                    active_ms
                ])
            },
        )
        .collect();
    cube.sort_by_key(Value::to_string);
    assert_eq!(told["cube"], Value::from(cube));
}
