//! Two kinds of visits side by side in the funnel: each is told as by a site that has no other visits.

use exitpoll::{clock, db::entity::visit, stats::Rate};
use serde_json::Value;
use url::form_urlencoded;

use super::{
    filters::{Held, rows, with_only},
    segments::id_of,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

const PRICING: i64 = 0b001;
const SIGNED_UP: i64 = 0b100;

fn file(world: &World) -> String {
    format!("/sites/{}/reports/funnel", world.site.key)
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Which line, and how many visits of how many.
pub(super) type Figure = (Value, Value, Value, Value);

/// The steps, as told under these names.
pub(super) fn told(rows: &[Value], [visits, of]: [&str; 2]) -> Vec<Figure> {
    let steps = rows.iter().filter(|row| {
        let line = row["line"].as_str();
        line.is_some_and(|line| line.starts_with("step"))
    });
    let figure = |row: &Value| {
        let [line, step] = ["line", "step"].map(|it| row[it].clone());
        (line, step, row[visits].clone(), row[of].clone())
    };
    steps.map(figure).collect()
}

pub(super) const THESE: [&str; 2] = ["visits", "of"];
pub(super) const THOSE: [&str; 2] = ["beside_visits", "beside_of"];

async fn assert_told_as_if_there_were_no_others(held: Held) {
    let app = TestApp::spawn().await;
    let now = clock::now();
    let whole = with_only(&app, now, (300, held), |_| true).await;
    let pricing = id_of(&app, &whole, "Viewed pricing").await;
    let signed_up = id_of(&app, &whole, "Signed up").await;
    type Is = fn(&visit::Model) -> bool;
    let sides: [(String, Is); 4] = [
        (String::new(), |_| true),
        ("device=desktop&source=News+%26+more".into(), |it| {
            it.device == "desktop" && it.source == "News & more"
        }),
        (format!("not={pricing}&device=touch"), |it| {
            it.mask_all & PRICING == 0 && it.device == "touch"
        }),
        (format!("did={pricing}&not={signed_up}"), |it| {
            it.mask_all & PRICING != 0 && it.mask_all & SIGNED_UP == 0
        }),
    ];
    let mut alone = Vec::new();
    for (_, is_wanted) in &sides {
        let only = with_only(&app, now, (300, Held::Open), is_wanted).await;
        let without = with_only(&app, now, (300, Held::Open), |it| !is_wanted(it)).await;
        alone.push([only, without]);
    }
    for order in ["", "order=strict&"] {
        let mut figures = Vec::new();
        for [only, without] in &alone {
            let told = async |world: &World| told(&rows(&app, &file(world), order).await, THESE);
            figures.push([told(only).await, told(without).await]);
        }
        for (nth, ([ours, others], (query, _))) in figures.iter().zip(&sides).enumerate() {
            // The next one stands beside it.
            let other = (nth + 1) % sides.len();
            let text = match sides[other].0.as_str() {
                "" => "all",
                text => text,
            };
            for (text, theirs) in [(text, &figures[other][0]), ("others", others)] {
                let query = format!("{order}{query}&beside={}", encoded(text));
                let rows = rows(&app, &file(&whole), &query).await;
                assert_eq!(told(&rows, THESE), *ours, "{query}");
                assert_eq!(told(&rows, THOSE), *theirs, "{query}");
                assert_differences(&rows);
            }
        }
    }
}

/// Each step tells by how much the shares differ, where both sides have 30.
pub(super) fn assert_differences(rows: &[Value]) {
    for row in rows.iter().filter(|row| row["line"] == "step_rate") {
        let number = |name: &str| row[name].as_i64().unwrap();
        let [these, those] = [THESE, THOSE].map(|[k, n]| Rate::new(number(k), number(n)));
        let expected = these.difference(those);
        let expected = expected.filter(|_| these.n >= 30 && those.n >= 30);
        let told = ["", "_low", "_high"].map(|it| row[format!("beside_difference{it}")].as_f64());
        let expected = [
            expected.map(|it| it.0),
            expected.map(|it| it.1.low),
            expected.map(|it| it.1.high),
        ];
        for (told, expected) in told.into_iter().zip(expected) {
            let apart = told.zip(expected).map(|(told, expected)| told - expected);
            assert!(
                apart.is_some_and(|it| it.abs() < 1e-12) || told == expected,
                "{row}"
            );
        }
    }
}

#[actix_web::test]
async fn each_side_is_told_as_if_there_were_no_other_visits() {
    assert_told_as_if_there_were_no_others(Held::Open).await;
}

#[actix_web::test]
async fn and_so_of_visits_that_are_in_the_cube() {
    assert_told_as_if_there_were_no_others(Held::Summed).await;
}

#[actix_web::test]
async fn and_so_of_visits_that_are_in_packs() {
    assert_told_as_if_there_were_no_others(Held::Packed).await;
}

/// On phones 40 of 100 see the prices, of whom 10 sign up; on computers 80 of 100, of whom 60.
async fn shop(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    for (device, prices, done) in [("touch", 40, 10), ("desktop", 80, 60)] {
        for n in 0..100 {
            let way = match n {
                n if n < done => "012",
                n if n < prices => "0",
                _ => "",
            };
            world.walk(way).device = device.into();
        }
    }
    world.insert_settled(app).await;
    world
}

async fn page(app: &TestApp, world: &World, query: &str) -> String {
    let path = format!("/sites/{}?days=1&{query}", world.site.key);
    let reply = app.owner().await.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

#[actix_web::test]
async fn the_page_sets_both_side_by_side_and_keeps_them() {
    let app = TestApp::spawn().await;
    let world = shop(&app).await;

    let body = page(&app, &world, "device=touch&beside=device%3Ddesktop").await;

    // Newcombe, of 40 and 80 in 100: d −0.4, by Wilson 30.9 to 49.8 and 71.1 to 86.7: −0.512 to −0.268.
    assert_reads(
        &words(&body),
        &[
            "Device: Phone or tablet ×",
            "Beside: Device: Computer ×",
            "Side by side Step by step: Device: Phone or tablet beside Device: Computer What Device: Phone or tablet Device: Computer Difference",
            "All visits 100 100",
            "Viewed pricing Of all visits. 40.0 % ±9.4 40 of 100 80.0 % (71.1 to 86.7) 80 of 100 40.0 points fewer (−51.2 to −26.8)",
            "Signed up Of those at the step before. 10 of 10",
            "All the way Visits that came to the last step, of all. 10.0 %",
        ],
    );
    assert!(!words(&body).contains("may be on both sides"));
    for kept in [
        // Its live part, its files and other days.
        "?fragment=funnel&amp;days=1&#38;beside=device%3Ddesktop&#38;device=touch",
        "funnel.csv?days=1&#38;beside=device%3Ddesktop&#38;device=touch",
        "?days=7&#38;beside=device%3Ddesktop&#38;device=touch",
        "name=\"beside\" value=\"device=desktop\"",
        // What the form has set, though nobody offered it.
        "<option value=\"device=desktop\" selected>Device: Computer</option>",
        // They change places.
        "href=\"?days=1&#38;beside=device%3Dtouch&#38;device=desktop\"",
        // Without the filter, and without the others.
        "href=\"?days=1&#38;beside=device%3Ddesktop\"",
        "href=\"?days=1&#38;device=touch\"",
    ] {
        assert!(body.contains(kept), "{kept} is missing in {body}");
    }
}

#[actix_web::test]
async fn a_side_is_only_said_to_be_told_later_when_it_is() {
    let app = TestApp::spawn().await;
    let world = shop(&app).await;
    let pricing = id_of(&app, &world, "Viewed pricing").await;
    let told_later = "are told of from later on";

    let whole = page(&app, &world, &format!("beside=did%3D{pricing}")).await;

    assert_reads(&words(&whole), &["Beside: Reached “Viewed pricing” ×"]);
    assert!(!words(&whole).contains(told_later), "{whole}");
}

#[actix_web::test]
async fn the_form_offers_what_the_page_knows() {
    let app = TestApp::spawn().await;
    let world = shop(&app).await;
    let pricing = id_of(&app, &world, "Viewed pricing").await;

    let body = page(&app, &world, "by=device&device=touch&beside=all").await;
    let form = body.split("id=\"beside\"").nth(1).unwrap();
    let form = form.split("</select>").next().unwrap();
    for offered in [
        "<option value=\"\">Nothing</option>".to_owned(),
        "<option value=\"all\" selected>All visits</option>".into(),
        "<option value=\"others\">All other visits</option>".into(),
        "<optgroup label=\"Visits that did not reach, with the same filters\">".into(),
        format!("<option value=\"device=touch&#38;did={pricing}\">Viewed pricing</option>"),
        "<optgroup label=\"Device\"><option value=\"device=touch\">Phone or tablet</option>".into(),
    ] {
        assert!(form.contains(&offered), "{offered} is missing in {form}");
    }
    // Of visits that may be on both sides the page says so.
    assert_reads(&words(&body), &["A visit may be on both sides"]);
    // A side without visits has no shares, and without filters there are no others.
    let none = page(&app, &world, "device=touch&beside=source%3Dnowhere").await;
    assert_reads(&words(&none), &["“Source: nowhere” has no visits."]);
    let none = page(&app, &world, "beside=others").await;
    assert_reads(&words(&none), &["so there are no others"]);
    let nothing = page(&app, &world, "beside=").await;
    assert!(!nothing.contains("Side by side"));
}
