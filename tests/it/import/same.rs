//! What is imported is the same as if it had been sent, whatever the order of its rows.

use std::fmt::Write;

use exitpoll::{
    clock::{self, DAY, MINUTE, SECOND},
    goal,
    import::Kind,
    ingest::{
        event::{Event, EventKind, Props},
        fold::{Facts, Rules, StoredBatch, fold},
        store::load_batches,
    },
    report::{
        funnel,
        period::{Period, PeriodQuery},
    },
    site::types::Site,
    types::ViewId,
};
use serde_json::json;

use super::{add_goals, import};
use crate::support::{
    app::TestApp,
    widget::{Widget, hidden, page, track},
};

/// Visits of a site by what they came to, without ids and times.
async fn told(app: &TestApp, site: &Site) -> Vec<String> {
    let visits = app.visits(site).await;
    let mut told: Vec<String> = visits
        .iter()
        .map(|visit| {
            format!(
                "{} {} → {} of {} pages, {:?} {:?}, step {} of {}, masks {} {}, worth {}, active {}, converted {}",
                visit.device,
                visit.entry_path,
                visit.last_path,
                visit.pages,
                visit.referrer,
                visit.campaign,
                visit.funnel_step,
                visit.funnel_version,
                visit.mask_all,
                visit.mask_before,
                visit.value_minor,
                visit.active_ms,
                visit.macro_at.is_some(),
            )
        })
        .collect();
    told.sort();
    told
}

async fn funnel_of(app: &TestApp, site: &Site) -> Vec<(i64, i64)> {
    let now = clock::now();
    let query = PeriodQuery::default();
    let period = Period::parse(&query, &site.time_zone, now).unwrap();
    let report = funnel::load(
        &app.state.db,
        site,
        &period,
        &funnel::FunnelChoice::default(),
        now,
    )
    .await
    .unwrap();
    report
        .steps
        .iter()
        .map(|step| (step.of_all.k, step.of_all.n))
        .collect()
}

#[actix_web::test]
async fn a_file_of_events_gives_the_same_visits_and_funnel_as_sending_them() {
    let app = TestApp::spawn().await;
    let (live, dead) = (
        app.insert_site("Live").await,
        app.insert_site("Other tool").await,
    );
    add_goals(&app, &live, clock::now() - DAY).await;
    // Younger than the history that is to count for them.
    add_goals(&app, &dead, clock::now()).await;
    let mut csv = String::from("kind,visit,at,page,referrer,device,form,value,label\n");
    for n in 0..8_i64 {
        let name = format!("session {n}");
        let begun = clock::now() - 20 * MINUTE + n * SECOND;
        let sends = Widget::new(&app, &live).with_user_agent(&format!("Browser {n} Firefox/1"));
        let mut first = sends.view(clock::now() - begun);
        first
            .send(json!([
                page(0, "/?utm_source=news", "https://a.example/x"),
                [4_000, "active", {"ms": 4_000}],
                [5_000, "click", {"l": "Pricing"}],
                hidden(6_000),
            ]))
            .await;
        let mut row = |after: i64, rest: &str| {
            let (kind, cells) = rest.split_once(',').unwrap();
            writeln!(csv, "{kind},{name},{},{cells}", begun + after).unwrap();
        };
        row(4_000, "active,,,,,4000,");
        row(5_000, "click,,,,,,Pricing");
        row(6_000, "page_hidden,,,,,,");
        row(
            0,
            "page_view,https://shop.example/?utm_source=news&id=7,https://a.example/x?q=1,desktop,,,",
        );
        if n % 2 == 0 {
            let mut second = sends.view(clock::now() - begun - 10_000);
            second
                .send(json!([page(0, "/pricing", "https://shop.example/")]))
                .await;
            row(10_000, "page_view,/pricing,https://shop.example/,,,,");
            if n % 4 == 0 {
                second
                    .send(json!([
                        [2_000, "form_started", {"f": "signup"}],
                        [3_000, "track", {"name": "signed_up", "value": 7.5}],
                        track(4_000, "more"),
                    ]))
                    .await;
                row(14_000, "more,,,,,,");
                row(13_000, "signed_up,,,,,7.5,");
                row(12_000, "form_started,,,,signup,,");
            }
        }
    }

    let summary = import(&app, &dead, Kind::Events, &csv).await;

    assert_eq!(
        (summary.visits, summary.rejected, summary.before),
        (8, 0, 0)
    );
    assert_eq!(summary.imported as usize, csv.lines().count() - 1);
    assert_eq!(told(&app, &dead).await, told(&app, &live).await);
    assert_eq!(funnel_of(&app, &dead).await, funnel_of(&app, &live).await);
    assert_eq!(
        funnel_of(&app, &live).await,
        [(8, 8), (4, 8), (2, 8), (2, 8)]
    );
    let mut paths = goal::store::list_seen_paths(&app.state.db.read, dead.id)
        .await
        .unwrap();
    paths.sort();
    assert_eq!(paths, ["/", "/pricing"]);
}

/// Numbers that look random and are the same each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[actix_web::test]
async fn any_streams_of_events_in_any_order_come_to_what_the_fold_says() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let from = clock::now() - 3 * DAY;
    add_goals(&app, &site, from).await;
    let mut draw = Draw(7);
    let (mut lines, mut expected) = (vec![], vec![]);
    for n in 0..120_i64 {
        let mut at = from + n * 10 * MINUTE;
        let mut events = vec![];
        for _ in 0..=draw.below(130) {
            at += 1 + i64::try_from(draw.below(20_000)).unwrap();
            // A visit needs a page.
            let drawn = match events.is_empty() {
                true => 0,
                false => draw.below(5),
            };
            let (line, kind, props) = match drawn {
                0 => (
                    "page_view,/pricing,",
                    EventKind::PageView,
                    json!({"u": "/pricing"}),
                ),
                1 => ("page_view,/,", EventKind::PageView, json!({"u": "/"})),
                2 => (
                    "form_started,,signup",
                    EventKind::FormStarted,
                    json!({"f": "signup"}),
                ),
                3 => (
                    "signed_up,,",
                    EventKind::Track,
                    json!({"name": "signed_up"}),
                ),
                _ => ("page_hidden,,", EventKind::PageHidden, json!({})),
            };
            lines.push((draw.below(1 << 30), format!("s{n},{at},{line}")));
            events.push((at, kind, serde_json::from_value::<Props>(props).unwrap()));
        }
        expected.push(events);
    }
    lines.sort();
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    let text = format!("visit,at,kind,page,form\n{}", lines.join("\n"));

    import(&app, &site, Kind::Events, &text).await;

    let snapshot = app.state.snapshots.get(&site.key).await.unwrap().unwrap();
    let rules = Rules {
        definitions: &snapshot.definitions,
        currency: "EUR",
    };
    let mut stored = app.visits(&site).await;
    stored.sort_by_key(|visit| visit.started_at);
    assert_eq!(stored.len(), expected.len());
    for (row, events) in stored.into_iter().zip(expected) {
        // Each event alone, as if it had been a page load of its own.
        let alone = events.into_iter().map(|(at, kind, props)| StoredBatch {
            view_id: ViewId::new(at),
            first_seq: 0,
            view_started_at: at,
            events: vec![Event {
                t: 0,
                kind: Some(kind),
                props,
            }],
        });
        let facts = |facts: &Facts| {
            let Facts {
                started_at,
                pages,
                mask_all,
                mask_before,
                macro_at,
                funnel_step,
                ..
            } = *facts;
            (
                started_at,
                pages,
                mask_all,
                mask_before,
                macro_at,
                funnel_step,
                facts.goals.clone(),
            )
        };
        let batches = load_batches(&app.state.db.read, site.id, row.id)
            .await
            .unwrap();
        let folded = fold(rules, &batches);
        assert_eq!(
            facts(&folded),
            facts(&fold(rules, &alone.collect::<Vec<_>>()))
        );
        assert_eq!(
            (
                row.started_at,
                row.pages,
                row.mask_all,
                row.mask_before,
                row.macro_at,
                row.funnel_step
            ),
            (
                folded.started_at,
                folded.pages,
                folded.mask_all,
                folded.mask_before,
                folded.macro_at,
                folded.funnel_step
            )
        );
        assert_eq!(
            (row.last_at, row.entry_path),
            (folded.last_at(), folded.entry_path)
        );
    }
}
