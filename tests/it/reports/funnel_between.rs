//! A goal that must not come between two steps of the funnel, and visits that come to fewer steps for it.

use exitpoll::{clock::DAY, site::calendar, types::GoalId};
use serde_json::Value;

use super::{
    filters::rows,
    funnel_orders::world,
    world::{World, assert_reads, words},
};
use crate::support::app::TestApp;

/// 109 visits, with the help (3) at other places of their ways; before, 50.
const WAYS: [(&str, usize); 6] = [
    ("012", 40),
    ("0312", 30),
    ("0132", 20),
    // From its second beginning it comes all the way.
    ("0132012", 10),
    ("03", 5),
    ("3012", 4),
];

async fn northwind(app: &TestApp) -> (World, GoalId) {
    let (mut world, help) = world(app, "Northwind").await;
    let before = calendar::day_of(world.now - DAY, &world.site.time_zone);
    for (way, n) in WAYS {
        for nth in 0..n {
            world.walk(way).device = ["touch", "desktop"][nth % 2].into();
        }
    }
    for (way, n) in [("012", 20), ("0312", 30)] {
        for _ in 0..n {
            world.walk(way).day = before;
        }
    }
    world.insert_settled(app).await;
    (world, help)
}

async fn told(app: &TestApp, world: &World, query: &str) -> Vec<Value> {
    let file = format!("/sites/{}/reports/funnel", world.site.key);
    rows(app, &file, &format!("days=1&{query}")).await
}

/// The figures of these lines, by a column.
fn column(rows: &[Value], line: &str, value: Option<&str>, name: &str) -> Vec<i64> {
    let is_it = |row: &&Value| row["line"] == line && row["value"].as_str() == value;
    let rows = rows.iter().filter(is_it);
    rows.map(|row| row[name].as_i64().unwrap()).collect()
}

async fn page(app: &TestApp, world: &World, query: &str) -> String {
    let page = format!("/sites/{}?days=1&{query}", world.site.key);
    let reply = app.owner().await.get(&page).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

#[actix_web::test]
async fn files_tell_by_which_steps_it_must_not_come_and_how_many_visits_are_left_out() {
    let app = TestApp::spawn().await;
    let (world, help) = northwind(&app).await;
    // What is asked for besides the goal, the steps of the period, how many are left out, and between which steps.
    let cases = [
        ("", [109, 109, 74, 54], None, [1, 3]),
        ("&after=1&before=3", [109, 109, 74, 54], None, [1, 3]),
        ("&after=&before=", [109, 109, 74, 54], None, [1, 3]),
        ("&after=2", [109, 109, 104, 84], None, [2, 3]),
        ("&before=2", [109, 109, 74, 74], None, [1, 2]),
        ("&leave_out=1", [59, 59, 54, 54], Some(50), [1, 3]),
        ("&leave_out=1&after=2", [89, 89, 84, 84], Some(20), [2, 3]),
        ("&leave_out=1&before=2", [79, 79, 74, 74], Some(30), [1, 2]),
    ];
    for (query, steps, left_out, [after, before]) in cases {
        let rows = told(&app, &world, &format!("without={help}{query}")).await;
        assert_eq!(column(&rows, "step", None, "visits"), steps, "{query}");
        for row in &rows {
            assert_eq!(row["without"], "Opened the help");
            let places = (&row["without_after"], &row["without_before"]);
            assert_eq!(places, (&after.into(), &before.into()), "{query}");
            assert_eq!(row["left_out"].as_i64(), left_out, "{query}");
        }
    }
}

#[actix_web::test]
async fn visits_are_left_out_of_the_days_before_the_break_down_and_the_other_side_too() {
    let app = TestApp::spawn().await;
    let (world, help) = northwind(&app).await;

    let asked = format!("without={help}&before=2&by=device");
    let kept = told(&app, &world, &asked).await;
    assert_eq!(
        column(&kept, "step", None, "before_visits"),
        [50, 50, 20, 20]
    );
    let left_out = told(&app, &world, &format!("{asked}&leave_out=1")).await;
    let of = |line, value, name| column(&left_out, line, value, name);
    assert_eq!(of("step", None, "before_visits"), [20, 20, 20, 20]);
    assert_eq!(of("group", Some("touch"), "visits"), [40, 40, 37, 37]);
    assert_eq!(of("group", Some("desktop"), "visits"), [39, 39, 37, 37]);

    for beside in ["others", "device%3Ddesktop"] {
        let query = format!("without={help}&before=2&leave_out=1&device=touch&beside={beside}");
        let rows = told(&app, &world, &query).await;
        let of = |name| column(&rows, "step", None, name);
        assert_eq!(of("visits"), [40, 40, 37, 37], "{beside}");
        assert_eq!(of("beside_visits"), [39, 39, 37, 37], "{beside}");
        assert_eq!(of("beside_left_out"), [15, 15, 15, 15], "{beside}");
        let text = words(&page(&app, &world, &query).await);
        assert_reads(
            &text,
            &[
                "15 visits of these days are left out of the steps: they came to fewer because of “Opened the help”.",
                "How many visits reach “Signed up” is told of all of them, whatever their steps: 52 of 55.",
                "On the other side, 15 visits of these days are left out: they came to fewer steps because of “Opened the help”.",
            ],
        );
    }
}

#[actix_web::test]
async fn what_another_order_passes_over_is_said() {
    let app = TestApp::spawn().await;
    let (world, help) = northwind(&app).await;
    let no_part = "no part in these figures";

    let one = page(&app, &world, &format!("order=any&without={help}")).await;
    assert_reads(
        &words(&one),
        &[
            "“Not when something came between” has no part in these figures: it works with “In this order” only.",
        ],
    );
    let both = page(
        &app,
        &world,
        &format!("order=strict&without={help}&within=5"),
    )
    .await;
    assert_reads(
        &words(&both),
        &[
            "“Not when something came between” and “Time from the first step” have no part in these figures: they work with “In this order” only.",
        ],
    );
    for query in ["order=any".to_owned(), format!("without={help}&within=5")] {
        assert!(
            !page(&app, &world, &query).await.contains(no_part),
            "{query}"
        );
    }
}

#[actix_web::test]
async fn the_page_says_between_which_steps_and_keeps_what_was_asked() {
    let app = TestApp::spawn().await;
    let (world, help) = northwind(&app).await;

    let without = page(&app, &world, &format!("without={help}&before=2")).await;
    assert_reads(
        &words(&without),
        &[
            "“Opened the help” not between “Viewed pricing” and “Started the form” ×",
            // 95.4 % of them reach the main goal, whatever their steps; the funnel beneath ends with these.
            "67.9 % of visits take all these steps",
            "A visit that reaches “Opened the help” between “Viewed pricing” and “Started the form” has to begin again. What it had come to stays, and its best way counts.",
            "109 Viewed pricing",
            "74 Started the form",
            "74 Signed up",
            "30 visits reached “Signed up” another way: without all of these steps, in another order, or with something between them.",
            "Leave these visits out",
        ],
    );
    for shown in [
        "<option value=\"2\">Started the form</option>",
        "<option value=\"\" selected>Viewed pricing</option>",
        "<option value=\"2\" selected>Started the form</option>",
        "<option value=\"\">Signed up</option>",
        "<input type=\"checkbox\" name=\"leave_out\" value=\"1\">",
    ] {
        assert!(without.contains(shown), "{shown} in {without}");
    }
    assert!(!without.contains("left out of the steps"), "{without}");
    assert!(!without.contains("whatever their steps"), "{without}");

    let query = format!("without={help}&before=2&leave_out=1");
    let left_out = page(&app, &world, &query).await;
    let text = words(&left_out);
    assert_reads(
        &text,
        &[
            "“Opened the help” not between “Viewed pricing” and “Started the form” ×",
            "Such visits left out ×",
            "has to begin again. Its best way counts; a visit that came to fewer steps because of it is left out.",
            "79 Viewed pricing",
            "30 visits of these days are left out of the steps: they came to fewer because of “Opened the help”.",
        ],
    );
    assert!(!text.contains("with something between them"), "{text}");
    assert!(left_out.contains("name=\"leave_out\" value=\"1\" checked>"));
    // Other days, files and the live part keep it; each chip takes away its own, and the goal takes the rest with it.
    let kept = query.replace('&', "&#38;");
    for link in [
        format!("href=\"?days=7&#38;{kept}\""),
        format!("/reports/funnel.csv?days=1&#38;{kept}"),
        format!("data-live=\"?fragment=funnel&amp;days=1&#38;{kept}\""),
        format!("href=\"?days=1&#38;without={help}&#38;before=2\""),
        "href=\"?days=1\">“Opened the help”".into(),
    ] {
        assert!(left_out.contains(&link), "{link} in {left_out}");
    }
    // The form asks for all three anew.
    let form = left_out.split("id=\"closer-h\"").nth(1).unwrap();
    for name in ["after", "before", "leave_out"] {
        let hidden = format!("type=\"hidden\" name=\"{name}\"");
        assert!(!form.contains(&hidden), "{form}");
    }

    let (mut other, help) = super::funnel_orders::world(&app, "Shop").await;
    other.walk("03");
    other.insert_settled(&app).await;
    let all = page(&app, &other, &format!("without={help}&leave_out=1")).await;
    assert_reads(
        &words(&all),
        &[
            "No visit of these days is left out: none came to fewer steps because of “Opened the help”.",
        ],
    );
}

#[actix_web::test]
async fn without_a_goal_and_in_other_orders_it_changes_nothing() {
    let app = TestApp::spawn().await;
    let (world, help) = northwind(&app).await;
    for query in [
        "after=2&before=3&leave_out=1".to_owned(),
        format!("without={help}&after=2&leave_out=1&order=any"),
    ] {
        let rows = told(&app, &world, &query).await;
        for row in &rows {
            for name in ["without", "without_after", "without_before", "left_out"] {
                assert!(row[name].is_null(), "{query}: {row}");
            }
        }
        assert_eq!(column(&rows, "step", None, "visits")[0], 109, "{query}");
    }
    let plain = page(&app, &world, "after=2&before=3&leave_out=1").await;
    for name in ["after=2", "leave_out=1", "Such visits"] {
        assert!(!plain.contains(name), "{name}");
    }
}

#[actix_web::test]
async fn places_that_no_steps_have_are_named() {
    let app = TestApp::spawn().await;
    let (world, help) = northwind(&app).await;
    let client = app.owner().await;
    for (query, said) in [
        ("after=0", "after: write the place of a step, from 1 to 2"),
        ("after=3", "after: write the place of a step, from 1 to 2"),
        (
            "after=prices",
            "after: write the place of a step, from 1 to 2",
        ),
        ("before=1", "before: write the place of a step, from 2 to 3"),
        ("before=4", "before: write the place of a step, from 2 to 3"),
        (
            "after=2&before=2",
            "before: the step must come behind the one of after",
        ),
        ("leave_out=yes", "leave_out: write 1, or leave it out"),
    ] {
        for path in ["", "/reports/funnel.csv", "/reports/funnel.json"] {
            let address = format!("/sites/{}{path}?without={help}&{query}", world.site.key);
            let reply = client.get(&address).await;
            assert_eq!(reply.status, 422, "{address}");
            assert!(reply.body.contains(said), "{address}: {}", reply.body);
        }
    }
}

#[actix_web::test]
async fn visits_whose_way_was_not_kept_are_left_out_only_where_it_decides() {
    let app = TestApp::spawn().await;
    let (mut world, help) = world(&app, "Shop").await;
    // Where it came decides of the first, and of the second only when it must not come after the first step.
    for way in ["0132", "013", "012"] {
        for _ in 0..3 {
            world.walk(way).path = String::new();
        }
    }
    world.insert_settled(&app).await;
    for (query, steps, unknown) in [("&after=2", [6, 6, 6, 3], 3), ("", [3, 3, 3, 3], 6)] {
        for leave_out in ["", "&leave_out=1"] {
            let query = format!("without={help}{query}{leave_out}");
            let rows = told(&app, &world, &query).await;
            assert_eq!(column(&rows, "step", None, "visits"), steps, "{query}");
            let text = words(&page(&app, &world, &query).await);
            let left_out = format!(
                "{unknown} visits of these days are left out of the steps: the order of all their goals was not kept."
            );
            assert_reads(&text, &[&left_out]);
        }
    }
}
