//! Made-up history: through the writer, spread over its days, and adding up.

use std::collections::BTreeSet;

use exitpoll::{
    clock,
    db::entity::{OfSite, visit_field},
    goal, ingest,
    report::{
        funnel::{self, FunnelReport},
        period::{Period, PeriodQuery},
    },
    seed::{self, Phase, Progress, Request},
    site::{
        self,
        types::{Site, SiteKind},
    },
};

use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, PaginatorTrait, Statement,
};
use serde_json::Value;

use crate::{
    reports::world::{assert_reads, words},
    support::app::TestApp,
};

const REQUEST: Request = Request {
    visits: 300,
    days: 10,
    seed: 5,
};

async fn fill(app: &TestApp) -> Site {
    let now = clock::now();
    let site = seed::site::create(&app.state.db, REQUEST.days, now)
        .await
        .unwrap();
    let progress = Progress::of(REQUEST.visits);
    seed::fill(&app.state.means(), &site, REQUEST, &progress, now)
        .await
        .unwrap();
    assert_eq!((progress.counts(), progress.percent()), ((300, 300), 100));
    site
}

async fn report(app: &TestApp, site: &Site) -> FunnelReport {
    let now = clock::now();
    let period = Period::parse(&PeriodQuery::default(), &site.time_zone, now).unwrap();
    funnel::load(
        &app.state.db,
        site,
        &period,
        &funnel::FunnelChoice::default(),
        now,
    )
    .await
    .unwrap()
}

#[actix_web::test]
async fn history_is_spread_over_its_days_and_every_figure_adds_up() {
    let app = TestApp::spawn().await;
    let site = fill(&app).await;

    let visits = app.visits(&site).await;
    let days: BTreeSet<i32> = visits.iter().map(|visit| visit.day).collect();
    assert_eq!((visits.len(), site.kind), (300, SiteKind::Sample));
    assert!(days.len() >= 9, "{days:?}");
    assert!(visits.iter().all(|visit| visit.last_at < clock::now()));
    assert!(app.drops(&site).await.is_empty());
    let impressions = app.impressions(&site).await;
    let held_out = |arm: &str| {
        impressions
            .iter()
            .filter(|made| made.arm.as_deref() == Some(arm))
            .count()
    };
    assert!(held_out("held_out") > 0 && held_out("shown") > held_out("held_out"));
    let answers = app.answers(&site).await;
    assert!(answers.len() >= 10, "{}", answers.len());
    assert!(answers.iter().any(|answer| !answer.comment.is_empty()));

    let report = report(&app, &site).await;
    assert_eq!(report.steps[0].of_all.k, 300);
    assert_eq!(report.steps.len(), 4);
    assert!(report.steps[3].of_all.k > 0);
    for (drop, steps) in report.drops.iter().zip(report.steps.windows(2)) {
        assert_eq!(drop.left.k, steps[0].of_all.k - steps[1].of_all.k);
        assert_eq!(
            drop.answered + drop.silent + drop.unasked + drop.unreachable,
            drop.left.k
        );
    }
}

/// How many visits of a site PostgreSQL expects to find; `None` of SQLite, which expects nothing.
async fn expected_visits(app: &TestApp, site: &Site) -> Option<i64> {
    if app.state.db.backend() != DbBackend::Postgres {
        return None;
    }
    let sql = format!(
        "EXPLAIN (FORMAT JSON) SELECT * FROM visits WHERE site_id = {}",
        site.id.0
    );
    let plan = Statement::from_string(DbBackend::Postgres, sql);
    let row = app
        .state
        .db
        .read
        .query_one_raw(plan)
        .await
        .unwrap()
        .unwrap();
    let plan: Value = row.try_get_by_index(0).unwrap();
    plan[0]["Plan"]["Plan Rows"].as_i64()
}

/// Whether PostgreSQL analyzes the tables that reports join after a thousand rows, however large they are.
async fn is_looked_at_early(app: &TestApp) -> bool {
    if app.state.db.backend() != DbBackend::Postgres {
        return true;
    }
    let sql = "SELECT COUNT(*) FROM pg_class WHERE relname IN ('visits', 'visit_goals', 'visit_fields', 'impressions', 'answers',
                 'answer_choices', 'cube_day', 'goal_day')
               AND reloptions @> '{autovacuum_analyze_scale_factor=0,autovacuum_analyze_threshold=1000}'";
    let query = Statement::from_string(DbBackend::Postgres, sql);
    let row = app
        .state
        .db
        .read
        .query_one_raw(query)
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index::<i64>(0).unwrap() == 8
}

#[actix_web::test]
async fn postgresql_compiles_no_plan_however_long_the_statement() {
    let app = TestApp::spawn().await;
    let db = &app.state.db;
    if db.backend() != DbBackend::Postgres {
        return;
    }
    let tx = db.begin().await.unwrap();
    let shown = || Statement::from_string(DbBackend::Postgres, "SHOW jit");
    for row in [
        db.read.query_one_raw(shown()).await,
        tx.query_one_raw(shown()).await,
    ] {
        let jit: String = row.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(jit, "off");
    }
}

#[actix_web::test]
async fn the_server_plans_for_a_site_of_this_size_as_soon_as_it_is_filled() {
    let app = TestApp::spawn().await;
    let sites = [fill(&app).await, fill(&app).await];

    for site in &sites {
        assert_eq!(app.visits(site).await.len(), 300);
        // Autovacuum, which the tests run without, looks at the same tables as soon.
        assert!(is_looked_at_early(&app).await);
        let expected = expected_visits(&app, site).await;
        assert!(
            expected.is_none_or(|n| (150..=450).contains(&n)),
            "{expected:?}"
        );
    }
}

/// Made-up visits have no figures of fields.
async fn insert_field(app: &TestApp, site: &Site) {
    let row = visit_field::Model {
        site_id: site.id,
        visit_id: app.visits(site).await[0].id,
        form: "signup".into(),
        field: "phone".into(),
        position: 1,
        focuses: 1,
        returns: 0,
        active_ms: 1_000,
        hesitation_ms: None,
        changes: 0,
        deletes: 0,
        is_pasted: false,
        is_autofilled: false,
        errors: 0,
        is_filled: false,
        is_last: true,
    };
    let tx = app.state.db.begin().await.unwrap();
    visit_field::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn a_sample_goes_as_it_came_and_other_sites_stay() {
    let app = TestApp::spawn().await;
    let own = app.insert_site("Shop").await;
    let sample = fill(&app).await;
    let means = app.state.means();
    insert_field(&app, &sample).await;
    let later = clock::now() + clock::DAY;
    assert!(app.state.settler.settle(later).await.unwrap() > 0);

    assert!(seed::site::remove(&means, &own).await.is_err());
    seed::site::remove(&means, &sample).await.unwrap();

    let left = site::store::list(&app.state.db.read).await.unwrap();
    assert_eq!(left, [own]);
    assert!(app.visits(&sample).await.is_empty());
    assert!(app.batches(&sample).await.is_empty());
    assert!(app.answers(&sample).await.is_empty());
    let fields = visit_field::Entity::of_site(sample.id);
    assert_eq!(fields.count(&app.state.db.read).await.unwrap(), 0);
    for sums in ingest::sums::EVERY {
        let sql = format!(
            "SELECT COUNT(*) AS n FROM {} WHERE site_id = $1",
            sums.table
        );
        let db = &app.state.db.read;
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [sample.id.into()]);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0, "{}", sums.table);
    }
    // Another sample begins from nothing, under a number of its own.
    let again = fill(&app).await;
    assert_ne!(again.id, sample.id);
    assert_eq!(app.visits(&again).await.len(), 300);
    let paths = goal::store::list_seen_paths(&app.state.db.read, again.id).await;
    assert!(paths.unwrap().contains(&"/pricing".to_owned()));
}

#[actix_web::test]
async fn made_up_visits_never_go_to_a_real_site() {
    let app = TestApp::spawn().await;
    let own = app.insert_site("Shop").await;
    let now = clock::now();

    let refused = seed::site::find(&app.state.db, own.key.as_str(), 10, now).await;

    let message = refused.unwrap_err().to_string();
    assert!(message.contains("is not a sample site"), "{message}");
}

#[actix_web::test]
async fn a_site_of_the_owner_is_not_offered_for_removal() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let path = format!("/sites/{}/remove", site.key);

    let owner = app.owner().await;
    let shown = owner.get(&path).await;
    let posted = owner.post_form(&path, &[("is_sure", "1")]).await;

    assert_eq!((shown.status, posted.status), (409, 409));
    assert!(shown.body.contains("nly a sample site can be removed"));
}

#[actix_web::test]
async fn an_owner_makes_a_sample_with_one_click_and_removes_it() {
    let app = TestApp::spawn().await;
    let owner = app.owner().await;

    let reply = owner.post_form("/sites/sample", &[]).await;
    assert_eq!((reply.status, reply.location()), (303, "/sites/sample"));
    let page = owner.get("/sites/sample").await;
    assert!(
        page.body.contains("Filling the sample site"),
        "{}",
        page.body
    );
    let site = site::store::list(&app.state.db.read)
        .await
        .unwrap()
        .remove(0);
    let busy = format!("/sites/{}/remove", site.key);
    assert_eq!(
        owner.post_form(&busy, &[]).await.location(),
        "/sites/sample"
    );
    while app.state.sample.phase() == Phase::Running {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(app.state.sample.phase(), Phase::Done(site.key.clone()));
    let settings = owner.get(&format!("/sites/{}/settings", site.key)).await;
    assert!(settings.body.contains("Remove the sample site"));

    let asked = owner.post_form(&busy, &[]).await;
    let question = owner.get(asked.location()).await;
    let kept = site::store::list(&app.state.db.read).await.unwrap();
    let removed = owner.post_form(&busy, &[("is_sure", "1")]).await;

    assert_eq!((asked.status, asked.location()), (303, busy.as_str()));
    assert!(settings.body.contains(&format!("href=\"{busy}\"")));
    assert_reads(
        &words(&question.body).replace('\u{a0}', " "),
        &[
            "Remove “Northwind Desk (sample)”?",
            "made-up visits and",
            "answers are deleted for good.",
            "So are its 3 questions and its ",
            "Your own sites are not touched.",
            "This cannot be undone.",
            "Remove the sample site",
            "Cancel",
        ],
    );
    assert_eq!(kept.len(), 1);

    assert_eq!(removed.location(), "/sites?done=deleted");
    assert!(
        site::store::list(&app.state.db.read)
            .await
            .unwrap()
            .is_empty()
    );
}
