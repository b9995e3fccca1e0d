//! The writer gives the same visits whatever the order in which the network delivers.

use std::collections::BTreeMap;

use exitpoll::{clock::HOUR, site::types::Site, types::ViewId};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{ORIGIN, page, track},
};

/// A request of one page load, with the time since its start at which it was first sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    visitor: u8,
    body: Value,
    at: i64,
}

/// What happens on a page, by a number.
fn happening(t: i64, what: u8) -> Value {
    match what % 20 {
        0 => page(t, "/pricing", ""),
        1 => track(t, "signed_up"),
        2 => json!([t, "active", {"ms": 1_000}]),
        3 => json!([t, "form_started", {"f": "signup", "n": "email"}]),
        4 => json!([t, "page_hidden"]),
        5 => json!([t, "scroll", {"p": i64::from(what % 4 + 1) * 25}]),
        6 => json!([t, "click", {"l": "Start now", "h": "/signup"}]),
        7 => json!([t, "click", {"l": "Guide", "h": "/files/guide.pdf"}]),
        8 => json!([t, "click", {"h": "https://partner.example/offer"}]),
        9 => json!([t, "click", {"s": "#start"}]),
        10 => json!([t, "field_focused", {"f": "signup", "n": "email"}]),
        11 => json!([t, "form_viewed", {"f": "signup"}]),
        12 => json!([t, "form_completed", {"f": "signup"}]),
        13 => json!([t, "search", {}]),
        14 => json!([t, "video", {"p": 50}]),
        15 => {
            let currency = ["EUR", "JPY", "eur"][usize::from(what / 18 % 3)];
            json!([t, "track", {"name": "paid", "value": 12.5, "props": {"plan": "pro", "seats": i64::from(what % 5), "currency": currency}}])
        }
        16 => {
            json!([t, "track", {"name": "experiment_viewed", "props": {"experiment_id": "price", "variation_id": i64::from(what % 4)}}])
        }
        17 | 18 => json!([t, "page_load", {"ms": i64::from(what) * 25}]),
        _ => page(t, "/about", ""),
    }
}

/// Requests of visitors with one page load each, cut into batches.
pub(crate) fn visits() -> impl Strategy<Value = Vec<Sent>> {
    let batch = prop::collection::vec(any::<u8>(), 1..4);
    let view = prop::collection::vec(batch, 1..5);
    prop::collection::vec(view, 1..4).prop_map(|views| {
        let mut sent = vec![];
        for (visitor, batches) in (1..).zip(views) {
            let id = uuid_of(visitor);
            let (mut seq, mut t) = (0, 0);
            for (n, happenings) in batches.into_iter().enumerate() {
                let mut events = vec![];
                if n == 0 {
                    events.push(page(0, "/", &format!("{ORIGIN}/")));
                }
                for what in happenings {
                    t += 1_000 + i64::from(what) * 10;
                    events.push(happening(t, what));
                }
                let count = i32::try_from(events.len()).unwrap();
                let mut body =
                    json!({"v": 1, "c": 1, "w": id, "s": seq, "t": t + 100, "e": events});
                if n == 0 {
                    body["n"] = "navigate".into();
                }
                sent.push(Sent {
                    visitor,
                    body,
                    at: t + 100,
                });
                seq += count;
            }
        }
        sent
    })
}

/// The same in every run of a case, so that both orders speak of the same page loads.
fn uuid_of(visitor: u8) -> String {
    ViewId(uuid::Uuid::from_u128(
        0x0190_c9c2_7b3a_7c3e_8f00_0000_0000_0000 + u128::from(visitor),
    ))
    .0
    .to_string()
}

/// Delivers the requests one after another or all at once; each carries the time that its send time says.
pub(crate) async fn deliver(app: &TestApp, site: &Site, sent: &[Sent], start: i64, at_once: bool) {
    let mut jobs = vec![];
    for one in sent {
        let mut body = one.body.clone();
        body["k"] = site.key.to_string().into();
        let job = app
            .job(site, &body, &[[one.visitor; 16]], start + one.at)
            .await;
        jobs.push(job);
    }
    if at_once {
        let writes = jobs.into_iter().map(|job| app.state.writer.write(job));
        for reply in futures_util::future::join_all(writes).await {
            reply.unwrap();
        }
    } else {
        for job in jobs {
            app.state.writer.write(job).await.unwrap();
        }
    }
}

/// Everything that a visit came to, by visitor; ids are drawn and cannot be compared.
async fn facts(app: &TestApp, site: &Site) -> BTreeMap<Vec<u8>, Vec<String>> {
    let mut facts = BTreeMap::<_, Vec<_>>::new();
    for row in app.visits(site).await {
        let text = format!(
            "{:?}",
            (
                (row.started_at, row.last_at, row.last_view_id, row.last_seq),
                (row.pages, row.active_ms, row.entry_path, row.last_path),
                (row.mask_all, row.mask_before, row.macro_at, row.value_minor),
                (row.funnel_version, row.funnel_step, row.referrer, row.day),
                (row.views, row.variant, row.load_ms),
            )
        );
        facts.entry(row.visitor).or_default().push(text);
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_duplication_give_the_visits_of_the_order_in_which_it_happened(
        (sent, shuffled) in visits().prop_flat_map(|sent| {
            let twice: Vec<Sent> = sent.iter().chain(&sent).cloned().collect();
            (Just(sent), Just(twice).prop_shuffle())
        }),
        at_once in any::<bool>(),
    ) {
        let (expected, found) = actix_web::rt::System::new().block_on(async {
            let app = TestApp::spawn().await;
            let start = exitpoll::clock::now() - HOUR;
            let in_order = app.insert_site("In order").await;
            let disorder = app.insert_site("Disorder").await;
            for site in [&in_order, &disorder] {
                app.publish(site, "Pricing", &pricing()).await;
            }
            deliver(&app, &in_order, &sent, start, false).await;
            deliver(&app, &disorder, &shuffled, start, at_once).await;
            assert_eq!(app.batches(&disorder).await.len(), sent.len());
            (facts(&app, &in_order).await, facts(&app, &disorder).await)
        });
        prop_assert_eq!(expected, found);
    }
}
