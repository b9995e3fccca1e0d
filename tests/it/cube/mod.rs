//! The cube: what reports read of it is what a plain count over the visits gives, whatever happened to them in whatever order.

mod answers;
mod asked;
mod elsewhere;
mod kinds;
mod sums;

use std::collections::BTreeMap;

use exitpoll::{
    clock::{DAY, HOUR, SECOND, now},
    db::{
        Db,
        entity::{OfSite, cube_day, goal_day, visit},
    },
    goal::{
        filter::{Comparison, Filter},
        signature::{Landmark, Signature},
        store,
        types::{GoalRole, GoalRule, NewGoal},
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
use serde_json::json;

use crate::{
    api::interleaving::{Sent, deliver, visits},
    recount::{goal, recounted, save_step},
    reports::world::load_band,
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
        Dimension::Variant => visit.variant.clone(),
        Dimension::Load => load_band(visit.load_ms).into(),
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
        sums::check(&snapshot, &visits, &query).await;
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

/// A goal of every kind beside those that are there; the first is a step of the funnel.
async fn save_every_kind(db: &Db, site: &Site) {
    let text = |text: &str| String::from(text);
    let form = || text("sign*");
    let says = |property: &str, is, value: &str| Filter {
        property: property.into(),
        is,
        value: value.into(),
    };
    let click = |label: &str, selector: &str| GoalRule::Click {
        label: label.into(),
        href: String::new(),
        selector: selector.into(),
    };
    let rules = [
        GoalRule::Scrolled {
            percent: 50,
            path: String::new(),
        },
        GoalRule::Scrolled {
            percent: 75,
            path: text("/pricing"),
        },
        GoalRule::Active { seconds: 3 },
        GoalRule::Viewed {
            path: text("/pricing"),
            times: 2,
        },
        GoalRule::Returned { visits: 2 },
        GoalRule::Event {
            name: text("paid"),
            filters: vec![
                says("plan", Comparison::Equals, "pro"),
                says("seats", Comparison::Greater, "1"),
            ],
        },
        GoalRule::FormViewed { form: form() },
        GoalRule::FormStarted { form: form() },
        GoalRule::FieldReached {
            form: form(),
            field: text("*mail"),
        },
        GoalRule::completed(form()),
        click("Start*", ""),
        click("", "#start"),
        GoalRule::Download {
            href: String::new(),
        },
        GoalRule::Outbound {
            href: text("https://partner.example/*"),
        },
        GoalRule::Search,
        GoalRule::Video { percent: 50 },
    ];
    let tx = db.begin().await.unwrap();
    for (n, rule) in rules.into_iter().enumerate() {
        let role = match n {
            0 => GoalRole::Milestone,
            _ => GoalRole::Engagement,
        };
        let new = NewGoal {
            // Where the event tells no amount, and where it tells one in another currency.
            value_minor: Some(700),
            ..goal(&rule.describe(), role, rule)
        };
        store::insert_goal(&tx, site.id, &new, now()).await.unwrap();
    }
    tx.commit().await.unwrap();
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
            save_every_kind(&app.state.db, &site).await;
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
            elsewhere::check(&app, &site).await;
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
