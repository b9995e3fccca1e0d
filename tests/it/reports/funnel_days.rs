//! Days side by side in the funnel: each side is told as by a page of these days.

use exitpoll::{
    clock::{self, DAY},
    site::calendar,
    web::view::when::days_long,
};
use jiff::civil::Date;
use serde_json::Value;

use super::{
    filters::{Held, rows, with_only},
    funnel_beside::{THESE, THOSE, assert_differences, told},
    segments::id_of,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// The day so many days ago.
fn ago(world: &World, days: i64) -> Date {
    let day = calendar::day_of(world.now - days * DAY, &world.site.time_zone);
    calendar::date_of(day).unwrap()
}

fn file(world: &World) -> String {
    format!("/sites/{}/reports/funnel", world.site.key)
}

async fn assert_told_as_by_a_page_of_these_days(held: Held) {
    let app = TestApp::spawn().await;
    let world = with_only(&app, clock::now(), (400, held), |_| true).await;
    let days = |from: i64, to: i64| [ago(&world, from), ago(&world, to)];
    let [long, short, over] = [days(34, 15), days(11, 5), days(20, 8)];
    let on = |[from, to]: [Date; 2], of: &str| format!("from={from}&to={to}&{of}");
    let beside = |[from, to]: [Date; 2]| format!("beside_from={from}&beside_to={to}");
    let pricing = id_of(&app, &world, "Viewed pricing").await;
    let (did, not) = (format!("did={pricing}"), format!("not={pricing}"));
    // The same visits, all, and others; the days apart and with some in common.
    for (of, text, theirs) in [
        (did.as_str(), "", did.as_str()),
        (
            "within=30",
            &not.replace('=', "%3D"),
            &format!("within=30&{not}"),
        ),
        ("", "", ""),
        ("device=touch&order=strict", "", "device=touch&order=strict"),
        ("device=touch", "all", ""),
        (
            "visitor=new",
            "device%3Ddesktop%26visitor%3Dnew",
            "device=desktop&visitor=new",
        ),
    ] {
        for (here, there) in [(short, long), (long, short), (long, over)] {
            let query = format!("{}&beside={text}&{}", on(here, of), beside(there));
            let both = rows(&app, &file(&world), &query).await;
            let ours = rows(&app, &file(&world), &on(here, of)).await;
            let others = rows(&app, &file(&world), &on(there, theirs)).await;
            assert_eq!(told(&both, THESE), told(&ours, THESE), "{query}");
            assert_eq!(told(&both, THOSE), told(&others, THESE), "{query}");
            assert!(
                others[0]["visits"].as_i64() > Some(5),
                "{query}: {}",
                others[0]
            );
            assert_differences(&both);
            let named =
                ["from", "to", "beside_from", "beside_to"].map(|name| both[0][name].clone());
            let expected: Vec<Value> = [here[0], here[1], there[0], there[1]]
                .iter()
                .map(|day| Value::from(day.to_string()))
                .collect();
            assert_eq!(named.to_vec(), expected, "{query}");
        }
    }
}

#[actix_web::test]
async fn each_side_is_told_as_by_a_page_of_its_days() {
    assert_told_as_by_a_page_of_these_days(Held::Open).await;
}

#[actix_web::test]
async fn and_so_of_days_that_are_in_the_cube() {
    assert_told_as_by_a_page_of_these_days(Held::Summed).await;
}

#[actix_web::test]
async fn and_so_of_days_that_are_in_packs() {
    assert_told_as_by_a_page_of_these_days(Held::Packed).await;
}

/// Of 100 a day 40 saw the prices before, and 80 since.
async fn changed(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    for (days, prices) in [(30, 40), (2, 80)] {
        let day = calendar::number(ago(&world, days));
        for n in 0..100 {
            let visit = world.walk(if n < prices { "0" } else { "" });
            (visit.day, visit.device) = (day, "touch".into());
        }
    }
    world.insert_settled(app).await;
    world
}

#[actix_web::test]
async fn the_page_sets_days_side_by_side_and_says_which() {
    let app = TestApp::spawn().await;
    let world = changed(&app).await;
    let client = app.owner().await;
    let [from, to, before, since] = [4, 1, 31, 29].map(|days| ago(&world, days));
    let path = format!("/sites/{}", world.site.key);
    let query = format!("from={from}&to={to}&device=touch&beside_from={before}&beside_to={since}");

    let page = client.get(&format!("{path}?{query}")).await;

    assert_eq!(page.status, 200, "{}", page.body);
    let text = words(&page.body);
    let [these, those] =
        [(from, to), (before, since)].map(|(from, to)| days_long(from, to, ago(&world, 0)));
    assert_reads(
        &text,
        &[
            "Device: Phone or tablet ×",
            &format!("Beside: {those} ×"),
            "Side by side",
            &format!("What {these} {those} Difference"),
            "All visits 100 100",
            "Viewed pricing Of all visits. 80.0 % (71.1 to 86.7) 80 of 100 40.0 % ±9.4 40 of 100 40.0 points more (26.8 to 51.2)",
        ],
    );
    assert!(!text.contains("may be on both sides"), "{text}");
    for kept in [
        "<option value=\"\" selected>The same visits</option>".into(),
        format!("name=\"beside_from\" type=\"date\" value=\"{before}\""),
        format!("name=\"beside_to\" type=\"date\" value=\"{since}\""),
        // They change places, and go without the others.
        format!(
            "href=\"?from={before}&to={since}&#38;beside_from={from}&#38;beside_to={to}&#38;device=touch\""
        ),
        format!("href=\"?from={from}&to={to}&#38;device=touch\""),
    ] {
        let kept = kept.replace("&to=", "&#38;to=");
        assert!(
            page.body.contains(&kept),
            "{kept} is missing in {}",
            page.body
        );
    }
    // All other visits are of the same days: with others they are not offered.
    assert!(
        !page.body.contains("<option value=\"others\""),
        "{}",
        page.body
    );
    // The same visits on days with some in common may be on both sides.
    let query = format!("from={before}&to={to}&beside_from={from}");
    let page = client.get(&format!("{path}?{query}")).await;
    assert_reads(&words(&page.body), &["A visit may be on both sides"]);
    let days = "type=\"date\" id=\"beside_from\" name=\"beside_from\"";
    let own = format!("device=touch&from={from}&to={to}");
    for (wrong, right, again) in [
        (
            format!("beside=others&beside_from={from}"),
            "“All other visits” are of the same days; choose all visits",
            format!("href=\"{path}?device=touch&from={from}&to={to}&beside_from={from}\""),
        ),
        (
            "beside_from=yesterday".into(),
            "Other days from Write the day as year-month-day",
            format!("{days} value=\"yesterday\" aria-invalid=\"true\""),
        ),
        (
            format!("beside_from={to}&beside_to={from}"),
            "Other days from The first day must not be after the last one",
            format!("{days} value=\"{to}\" aria-invalid=\"true\""),
        ),
        (
            "beside_to=2001-01-01x".into(),
            "Other days to Write the day as year-month-day",
            format!("{days} value=\"\""),
        ),
    ] {
        let page = client.get(&format!("{path}?{own}&{wrong}")).await;
        assert_eq!(page.status, 422, "{wrong}");
        assert_reads(
            &words(&page.body),
            &["This page cannot be shown like this", right],
        );
        let body = page.body.replace("&#38;", "&");
        assert!(body.contains(&again), "{again} is missing in {body}");
        let file = client
            .get(&format!("{path}/reports/funnel.csv?{own}&{wrong}"))
            .await;
        let kind = file.header("content-type");
        assert_eq!((file.status, kind), (422, "application/problem+json"));
    }
    // The same on both sides is no difference.
    for same in [
        format!("beside_from={from}&beside_to={to}"),
        "beside=device%3Dtouch".into(),
        format!("beside=device%3Dtouch&beside_from={from}&beside_to={to}"),
    ] {
        let page = client.get(&format!("{path}?{own}&{same}")).await;
        let said = "The same visits of the same days stand on both sides";
        assert_reads(&words(&page.body), &[said]);
    }
}
