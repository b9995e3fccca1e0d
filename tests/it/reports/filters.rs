//! Filters on the reports of visits: what is told of some visits is what a site tells that had no others.

use std::collections::{BTreeSet, HashSet};

use exitpoll::{clock::MINUTE, db::entity::visit, ingest::store::pack_day, site::calendar};
use jiff::ToSpan;
use serde_json::Value;

use super::{
    dice::Dice,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

const SIGNED_UP: i64 = 0b100;
const REPORTS: [&str; 3] = ["reports/steps", "reports/predictors", "reports/reasons"];

/// Visits of two months, each by chance.
fn fill(world: &mut World, visits: i32) {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..visits {
        one(world, &mut dice);
    }
}

fn one(world: &mut World, dice: &mut Dice) {
    let way = ["", "0", "0", "01", "012", "012", "02", "2", "10", "1023"][dice.index(10)];
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    let before = way.split('2').next().unwrap_or_default();
    let mask_before = before.chars().map(|it| 1_i64 << it.to_digit(10).unwrap());
    let mask_before = mask_before.fold(0, |mask, bit| mask | bit);
    let young = world.now - MINUTE;
    let visit = world.walk(way);
    let today = calendar::date_of(visit.day).unwrap();
    let day = today.saturating_sub((dice.below(50) as i64).days());
    visit.day = calendar::number(day);
    visit.device = ["touch", "desktop"][dice.index(2)].into();
    visit.source = ["direct", "News & more", "search.example"][dice.index(3)].into();
    visit.campaign_name = ["", "", "spring"][dice.index(3)].into();
    visit.entry_path = ["/", "/a"][dice.index(2)].into();
    visit.language = ["de", "fr"][dice.index(2)].into();
    visit.variant = ["", "price: A", "price: B"][dice.index(3)].into();
    visit.load_ms = [None, Some(1_000), Some(1_001), Some(9_000)][dice.index(4)];
    visit.country = ["", "DE"][dice.index(2)].into();
    visit.visit_number = [None, Some(1), Some(3)][dice.index(3)];
    visit.mask_before = if visit.mask_all & SIGNED_UP == 0 {
        visit.mask_all
    } else {
        mask_before
    };
    visit.landmark = match (visit.macro_at, dice.below(4)) {
        (Some(_), 0) => 2,
        (_, 1) => 0,
        _ => 1,
    };
    visit.mask_landmark = visit.mask_before & dice.below(16) as i64;
    visit.exits = dice.below(3) as i32;
    visit.exits_stayed = visit.exits / 2;
    if dice.one_in(4) {
        (visit.last_at, visit.closed_at) = (young, None);
    }
    visit.is_automated = dice.one_in(15);
    visit.is_test = dice.one_in(15);
    let (id, started_at, mask) = (visit.id, visit.started_at, visit.mask_all);
    for bit in (0..4).filter(|bit| mask >> bit & 1 == 1) {
        world
            .visit_goals
            .push(exitpoll::db::entity::visit_goal::Model {
                site_id: world.site.id,
                visit_id: id,
                bit,
                first_at: started_at + dice.below(240) as i64 * 1_000,
                n: 1 + dice.below(3) as i32,
                value_minor: if bit == 2 { 5_000 } else { 0 },
            });
    }
    match dice.below(6) {
        0 => drop(world.impression(Some("held_out"))),
        1 => drop(world.impression(None)),
        2 => drop(world.impression(Some("shown"))),
        3..5 => {
            world.impression(Some("shown"));
            let reasons = [vec![phone], vec![looking], vec![phone, looking]];
            world.answer(&reasons[dice.index(3)], ["", "Too much"][dice.index(2)]);
        }
        _ => {}
    }
}

/// Where a report finds visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// They may still move on, and are read one by one.
    Open,
    /// In the sums of days.
    Summed,
    /// And in packs, but for every fifth day.
    Packed,
}

/// A site that has only those of the same visits.
pub(crate) async fn with_only(
    app: &TestApp,
    now: i64,
    (visits, held): (i32, Held),
    is_wanted: impl Fn(&visit::Model) -> bool,
) -> World {
    let mut world = World::new(app, "Shop").await;
    world.now = now;
    fill(&mut world, visits);
    world.visits.retain(is_wanted);
    let ids: HashSet<_> = world.visits.iter().map(|it| it.id).collect();
    world.impressions.retain(|it| ids.contains(&it.visit_id));
    world.answers.retain(|it| ids.contains(&it.visit_id));
    world.visit_goals.retain(|it| ids.contains(&it.visit_id));
    let answered = world.answers.iter().map(|it| it.impression_id);
    let answered: HashSet<_> = answered.collect();
    world
        .choices
        .retain(|it| answered.contains(&it.impression_id));
    match held {
        Held::Open => world.insert(app).await,
        Held::Summed | Held::Packed => world.insert_settled(app).await,
    }
    if held == Held::Packed {
        let days: BTreeSet<i32> = world.visits.iter().map(|visit| visit.day).collect();
        for (_, day) in (0..).zip(days).filter(|(nth, _): &(i32, i32)| nth % 5 > 0) {
            // A night's comparison in the background may get in between.
            while !pack_day(&app.state.db, world.site.id, day).await.unwrap() {}
        }
    }
    world
}

fn paths(world: &World) -> Vec<String> {
    let prompt = format!("prompts/{}/report", world.prompt_id);
    let reports = REPORTS.into_iter().map(String::from).chain([prompt]);
    let site = &world.site.key;
    reports.map(|it| format!("/sites/{site}/{it}")).collect()
}

/// The rows of a file; what asking costs is told of all visits.
pub(super) async fn rows(app: &TestApp, path: &str, query: &str) -> Vec<Value> {
    let reply = app.owner().await.get(&format!("{path}.json?{query}")).await;
    assert_eq!(reply.status, 200, "{path}?{query}: {}", reply.body);
    let told = reply.json();
    let lists = told.as_object().unwrap().values();
    let rows = lists.flat_map(|list| list.as_array().unwrap().clone());
    let is_effect = |row: &Value| {
        row["line"]
            .as_str()
            .is_some_and(|it| it.starts_with("effect"))
    };
    rows.filter(|row| !is_effect(row)).collect()
}

/// The text without what begins and ends so.
fn without(text: &str, begins: &str, ends: &str) -> String {
    let mut parts = text.split(begins);
    let first = parts.next().unwrap().to_owned();
    let rest = parts.map(|part| part.split_once(ends).unwrap().1);
    std::iter::once(first.as_str()).chain(rest).collect()
}

/// What a page says, but for the filters, for what asking costs, for the value of a goal, which is suggested of all
/// visits alone, and for when the first of all visits came.
pub(super) async fn said(app: &TestApp, path: &str, query: &str) -> String {
    let reply = app.owner().await.get(&format!("{path}?{query}")).await;
    assert_eq!(reply.status, 200, "{path}?{query}");
    let body = reply.body.as_str();
    let body = body.split("<h1").nth(1).unwrap();
    let (before, after) = match body.split_once("<ul class=\"chips picked\"") {
        Some((before, after)) => (before, after.split_once("</ul>").unwrap().1),
        None => (body, ""),
    };
    let after = after.split("id=\"effect\"").next().unwrap();
    let before = before.split("id=\"effect\"").next().unwrap();
    let all = format!("<h1{before}{after}");
    let apart = [
        ("<form class=\"row\" method=\"post\"", "</form>"),
        ("<p class=\"note\">A value is suggested", "</p>"),
        ("<p class=\"note\">The first visit came", "</p>"),
    ];
    let all = apart
        .iter()
        .fold(all, |text, (begins, ends)| without(&text, begins, ends));
    words(&all)
}

async fn assert_told_as_if_there_were_no_others(visits: i32, held: Held) {
    let app = TestApp::spawn().await;
    let whole = with_only(&app, exitpoll::clock::now(), (visits, held), |_| true).await;
    type Is = fn(&visit::Model) -> bool;
    let filters: [(&str, Is); 8] = [
        ("device=touch", |it| it.device == "touch"),
        ("source=News+%26+more", |it| it.source == "News & more"),
        ("campaign=", |it| it.campaign_name.is_empty()),
        ("landing=%2Fa", |it| it.entry_path == "/a"),
        ("variant=price%3A+B", |it| it.variant == "price: B"),
        ("load=up_to_2.5s", |it| it.load_ms == Some(1_001)),
        ("visitor=returning", |it| it.visit_number == Some(3)),
        ("language=fr&country=DE", |it| {
            it.language == "fr" && it.country == "DE"
        }),
    ];
    for (query, is_wanted) in filters {
        let only = with_only(&app, whole.now, (visits, held), is_wanted).await;
        assert!(!only.visits.is_empty() && only.visits.len() < whole.visits.len());
        for (path, alone) in paths(&whole).iter().zip(paths(&only)) {
            let expected = rows(&app, &alone, "").await;
            assert!(expected.len() > 1, "{alone}: {expected:?}");
            assert_eq!(rows(&app, path, query).await, expected, "{path}?{query}");
            let expected = said(&app, &alone, "").await;
            assert_eq!(said(&app, path, query).await, expected, "{path}?{query}");
        }
    }
}

#[actix_web::test]
async fn what_is_filtered_is_told_as_if_there_were_no_other_visits() {
    assert_told_as_if_there_were_no_others(400, Held::Open).await;
}

#[actix_web::test]
async fn and_so_of_visits_that_are_in_the_cube() {
    assert_told_as_if_there_were_no_others(400, Held::Summed).await;
}

#[actix_web::test]
async fn and_so_of_visits_that_are_in_packs() {
    assert_told_as_if_there_were_no_others(400, Held::Packed).await;
}

#[actix_web::test]
async fn whatever_is_asked_for_packs_tell_what_the_visits_tell() {
    let app = TestApp::spawn().await;
    let now = exitpoll::clock::now();
    let summed = with_only(&app, now, (300, Held::Summed), |_| true).await;
    let packed = with_only(&app, now, (300, Held::Packed), |_| true).await;
    let reports = |world: &World| -> Vec<String> {
        let site = format!("/sites/{}/reports", world.site.key);
        let more = ["overview", "funnel", "scores"].map(|it| format!("{site}/{it}"));
        paths(world).into_iter().chain(more).collect()
    };
    for query in [
        "by=landing",
        "by=source&device=touch",
        "by=landing&language=fr",
        "by=load&load=over_4s&device=touch",
        "by=device&variant=price%3A+B",
        "landing=%2Fa",
        "automated=1&country=DE&visitor=new",
    ] {
        for (of_visits, of_packs) in reports(&summed).iter().zip(reports(&packed)) {
            assert_same(&app, [of_visits, &of_packs], query).await;
        }
    }
    let [of_visits, of_packs] =
        [&summed, &packed].map(|world| format!("/sites/{}/reports/funnel", world.site.key));
    for query in [
        "order=strict&by=device&variant=price%3A+B",
        "order=any&landing=%2Fa",
    ] {
        assert_same(&app, [&of_visits, &of_packs], query).await;
    }
}

async fn assert_same(app: &TestApp, [of_visits, of_packs]: [&str; 2], query: &str) {
    let expected = rows(app, of_visits, query).await;
    assert_eq!(
        rows(app, of_packs, query).await,
        expected,
        "{of_packs}?{query}"
    );
}

#[actix_web::test]
async fn rows_of_a_break_down_are_what_the_filter_tells() {
    let app = TestApp::spawn().await;
    let world = with_only(&app, exitpoll::clock::now(), (400, Held::Packed), |_| true).await;
    let steps = &paths(&world)[0];
    for (by, values) in [
        ("device", vec!["touch", "desktop"]),
        ("visitor", vec!["new", "returning", "unknown"]),
        ("landing", vec!["/", "/a"]),
        ("load", vec!["", "up_to_1s", "up_to_2.5s", "over_4s"]),
    ] {
        let broken_down = rows(&app, steps, &format!("by={by}")).await;
        let mut reached = 0;
        for value in &values {
            let of_value = broken_down
                .iter()
                .filter(|row| row["part"] == "value" && row["value"] == *value);
            let filtered = rows(&app, steps, &format!("{by}={value}")).await;
            let filtered = filtered.iter().filter(|row| row["part"] == "period");
            let alike = of_value.zip(filtered.clone());
            assert_eq!(alike.clone().count(), filtered.count(), "{by}={value}");
            for (row, only) in alike {
                for (name, figure) in row.as_object().unwrap() {
                    // What a visit with the goal is worth is told of all that were chosen, never of each value.
                    let is_of_all = name.starts_with("expected_");
                    if !is_of_all && !["part", "value"].contains(&name.as_str()) {
                        assert_eq!(figure, &only[name], "{by}={value}: {name}");
                    }
                }
                reached += row["reached"].as_i64().unwrap();
            }
        }
        let whole = broken_down.iter().filter(|row| row["part"] == "period");
        let whole: i64 = whole.map(|row| row["reached"].as_i64().unwrap()).sum();
        assert_eq!(reached, whole, "{by}");
    }
}

#[actix_web::test]
async fn files_hold_every_value_however_many_the_page_leaves_out() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    for n in 0..35 {
        world.visit(1).language = format!("x{n:02}");
        world.impression(Some("shown"));
        world.answer(&[("c1", world.phone)], "");
    }
    world.insert(&app).await;

    for path in &paths(&world)[1..] {
        assert_reads(
            &said(&app, path, "by=language").await,
            &["5 more are not on the page. The files have them."],
        );
        let rows = rows(&app, path, "by=language").await;
        let value = |row: &Value| match row["line"].as_str() {
            None => row["value"].as_str().map(String::from),
            Some(line) => (line == "value").then(|| row["name"].as_str().unwrap().into()),
        };
        let values: std::collections::BTreeSet<String> = rows.iter().filter_map(value).collect();
        assert_eq!(values.len(), 35, "{path}");
    }
}

/// Of 60 visits with a phone 36 see the prices, and 12 of them sign up; of 40 with a computer 10 see them, and nobody signs up. Two of
/// the former and one of the latter name the phone number.
async fn hundred(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    for n in 0..100 {
        let way = match n {
            0..12 => "012",
            12..36 | 60..70 => "0",
            _ => "",
        };
        let visit = world.walk(way);
        visit.device = if n < 60 { "touch" } else { "desktop" }.into();
        visit.mask_before = visit.mask_all & !SIGNED_UP;
        (visit.landmark, visit.mask_landmark) = (1, visit.mask_before);
        if [20, 21, 65].contains(&n) {
            let phone = world.phone;
            world.impression(Some("shown"));
            world.answer(&[("c1", phone)], "");
        }
    }
    world.reach_goals();
    world.insert(app).await;
    world
}

#[actix_web::test]
async fn pages_say_what_they_are_narrowed_to_and_keep_it() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let owner = app.owner().await;
    for path in paths(&world) {
        let reply = owner
            .get(&format!("{path}?days=7&device=touch&by=device"))
            .await;
        let (body, text) = (&reply.body, words(&reply.body));
        assert_reads(
            &text,
            &[
                "Device: Phone or tablet ×",
                "Phone or tablet : only these visits",
            ],
        );
        let kept = "days=7&#38;by=device&#38;device=touch";
        for link in [
            format!("{path}.csv?{kept}"),
            format!("{path}.json?{kept}"),
            "?days=28&#38;by=device&#38;device=touch".into(),
            "?days=7&#38;by=device".into(),
        ] {
            assert!(
                body.contains(&format!("href=\"{link}\"")),
                "{link} in {body}"
            );
        }
        // The form asks for the break-down anew, and keeps the rest.
        let form = body.split("id=\"by\"").next().unwrap();
        let form = &form[form.rfind("<form").unwrap()..];
        assert!(form.contains("name=\"device\" value=\"touch\""), "{form}");
        assert!(!form.contains("name=\"by\""), "{form}");
    }
    let site = format!("/sites/{}", world.site.key);
    let (path, prompt) = (&paths(&world)[3], world.prompt_id);
    let body = owner.get(&format!("{path}?source=direct")).await.body;
    let all = format!("href=\"{site}/answers?prompt={prompt}&#38;source=direct\"");
    assert!(body.contains(&all), "{all} in {body}");
}

#[actix_web::test]
async fn the_figures_of_some_visits_are_those_counted_by_hand() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let owner = app.owner().await;
    let [steps, predictors, reasons, prompt] = <[String; 4]>::try_from(paths(&world)).unwrap();
    let page = async |path: &str, query: &str| {
        let reply = owner.get(&format!("{path}?{query}")).await;
        words(&reply.body).replace('\u{a0}', " ")
    };

    // 12 of 60 and 36 of 60, none and 10 of 40.
    assert_reads(
        &page(&steps, "by=device").await,
        &[
            "By device",
            "Device Signed up Viewed pricing",
            "Phone or tablet : only these visits 20.0 % (11.8 to 31.8) 12 of 60 60.0 % (47.4 to 71.4) 36 of 60",
            "Computer : only these visits 0.0 %",
        ],
    );
    assert_reads(&page(&steps, "device=touch").await, &["60.0 %", "36 of 60"]);
    // All came to the landmark unconverted: 12 of 36 against none of 24.
    assert_reads(
        &page(&predictors, "device=touch&by=device").await,
        &[
            "Compared are 60 of 60 visits",
            "12 of 36",
            "0 of 24",
            "Phone or tablet : only these visits 60 20.0 %",
        ],
    );
    assert_reads(
        &page(&reasons, "device=touch").await,
        &["What 2 visits with an answer said", "2 of 2"],
    );
    assert_reads(
        &page(&prompt, "device=desktop&by=device").await,
        &["Opened 1", "Computer : only these visits 1 1 of 1"],
    );
    let body = owner.get(&format!("{reasons}?device=touch")).await.body;
    let link = body
        .split("href=\"")
        .find(|it| it.contains("/answers?reason="))
        .unwrap();
    let link = link
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let answers = owner
        .get(&link.replace("/answers?", "/answers.json?"))
        .await
        .json();
    assert_eq!(answers["answers"].as_array().unwrap().len(), 2, "{link}");
}

/// What goes through all visits is not asked for every few seconds by whoever leaves the page open.
#[actix_web::test]
async fn what_has_to_be_read_from_visits_is_asked_for_less_often() {
    let app = TestApp::spawn().await;
    let world = hundred(&app).await;
    let owner = app.owner().await;
    let funnel = format!("/sites/{}", world.site.key);
    let question = format!("{funnel}/prompts/{}/report", world.prompt_id);
    let looks = [
        (&funnel, "device=touch", 5_000),
        (&funnel, "device=touch&country=DE", 60_000),
        (&funnel, "landing=%2F", 60_000),
        (&question, "days=7", 5_000),
        (&question, "device=touch", 60_000),
    ];
    for (path, query, every) in looks {
        let body = owner.get(&format!("{path}?{query}")).await.body;
        assert!(
            body.contains(&format!("data-every=\"{every}\"")),
            "{path}?{query}"
        );
    }
}
