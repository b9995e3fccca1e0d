//! The report of one prompt.

use exitpoll::{clock::DAY, site::calendar, types::PromptId};
use serde_json::{Value, json};

use super::{
    predictors::assert_tells,
    why::published_before,
    world::{World, assert_reads, words},
};
use crate::support::{app::TestApp, client::Client, prompt::pricing};

async fn read(client: &Client, world: &World, page: &str) -> String {
    let path = format!(
        "/sites/{}/prompts/{}/{page}",
        world.site.key, world.prompt_id
    );
    let reply = client.get(&path).await;
    assert_eq!(reply.status, 200, "{page}: {}", reply.body);
    reply.body
}

/// The lines of a file, of which CSV and JSON must tell the same.
async fn lines(client: &Client, world: &World, name: &str, query: &str) -> Vec<Value> {
    let list = if name == "report" { "prompt" } else { name };
    let told = read(client, world, &format!("{name}.json?{query}")).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    let rows = told[list].as_array().unwrap().clone();
    assert_tells(
        &read(client, world, &format!("{name}.csv?{query}")).await,
        &rows,
    );
    rows
}

fn line<'a>(rows: &'a [Value], kind: &str) -> &'a Value {
    let found = rows.iter().find(|row| row["line"] == kind);
    found.unwrap_or_else(|| panic!("no line {kind} in {rows:?}"))
}

fn close(found: &Value, figure: f64) {
    let near = found.as_f64().is_some_and(|it| (it - figure).abs() < 5e-4);
    assert!(near, "{found} is not {figure}");
}

/// Whoever is counted on so many days before.
fn days_ago(world: &mut World, days: i64) {
    let day = calendar::day_of(world.now - days * DAY, &world.site.time_zone);
    world.visits.last_mut().unwrap().day = day;
}

#[actix_web::test]
async fn counts_from_could_be_asked_to_answered() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    for n in 0..60 {
        world.visit(2);
        match n {
            0..24 => {
                world.impression(Some("shown"));
                world.answer(&[phone], "");
            }
            24..36 => {
                world.impression(Some("shown"));
                world.answer(&[looking], "");
            }
            36..40 => {
                let shown = world.impression(Some("shown"));
                shown.dismissed_at = Some(shown.decided_at + 500);
            }
            40..43 => drop(world.impression(Some("shown"))),
            43..46 => drop(world.impression(Some("held_out"))),
            46..48 => {
                let gone = world.impression(Some("shown"));
                (gone.shown_at, gone.seen_at) = (None, None);
            }
            48..51 => drop(world.impression(None)),
            _ => {}
        }
    }
    world.visit(2).is_automated = true;
    world.impression(Some("shown"));
    world.answer(&[phone], "a machine");
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!(
            "/sites/{}/prompts/{}/report",
            world.site.key, world.prompt_id
        ))
        .await;

    assert_eq!(page.status, 200, "{}", page.body);
    assert_reads(
        &words(&page.body),
        &[
            "83.7 % answered (36 of 43); 67 % of them chose “You ask for a phone number”",
            "Could be asked 48",
            "Left unasked 3 6.2 %",
            "Opened 43 95.6 % (85.2–98.8)",
            "On screen 43 100 %",
            "Begun 36 83.7 % (70.0–91.9)",
            "Answered 36 83.7 % (70.0–91.9)",
            "Closed 4 9.3 %",
            "Left alone 3 7.0 %",
            "For 2 the card did not open",
            "They closed or answered a question before 3",
            "67 % (50–80) You ask for a phone number 24",
            "33 % (20–50) Just looking 12",
            "Share of 36 answers",
            "a machine",
        ],
    );
}

#[actix_web::test]
async fn few_answers_are_counts_and_none_is_no_blank_page() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let client = app.owner().await;
    let address = format!(
        "/sites/{}/prompts/{}/report",
        world.site.key, world.prompt_id
    );

    let empty = client.get(&address).await;
    assert_reads(
        &words(&empty.body),
        &[
            "Nobody could be asked in these days",
            "Answers appear here seconds after they are given",
        ],
    );

    world.visit(2);
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "Why <b>phone</b>?");
    world.insert(&app).await;
    let one = client.get(&format!("{address}?fragment=prompt")).await;
    assert_reads(
        &words(&one.body),
        &[
            "1 of 1 answered",
            "Opened 1 of 1",
            "1 of 1 You ask for a phone number",
            "Counts of 1 answer; 30 would bear a share",
            "“Why &#60;b&#62;phone&#60;/b&#62;?”",
        ],
    );
    let read = words(&one.body);
    let (before, effect) = read.split_once("What asking costs").unwrap();
    assert!(!before.contains('%'), "{before}");
    assert!(effect.contains("Not yet known: too few visits to compare."));
    let list = client
        .get(&format!("/sites/{}/prompts", world.site.key))
        .await;
    assert_reads(&words(&list.body), &["Asking 1 1 1 1 of 1"]);
    assert_eq!(
        client.get(&address.replace("prm_", "prm_0")).await.status,
        404
    );
}

#[actix_web::test]
async fn noughts_beside_answers_are_explained_on_top() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let phone = ("c1", world.phone);
    for n in 0..3 {
        world.visit(2).is_automated = n == 2;
        world.impression(Some("shown")).is_test = n < 2;
        world.answer(&[phone], "");
        world.answers.last_mut().unwrap().is_test = n < 2;
    }
    world.insert(&app).await;
    let client = app.owner().await;
    let address = format!(
        "/sites/{}/prompts/{}/report",
        world.site.key, world.prompt_id
    );

    let page = client.get(&address).await;

    let text = words(&page.body);
    let told = "No answer of these days counts: 2 are tests, 1 came from an automated browser. For an answer that counts, come in your own browser";
    assert_reads(&text, &[told, "Count automated browsers too"]);
    assert!(text.find(told) < text.find("Who was asked"), "on top");
    let link = r#"href="?days=28&amp;automated=1""#;
    assert!(page.body.contains(link), "{}", page.body);

    let counted = client.get(&format!("{address}?automated=1")).await;
    assert_reads(&words(&counted.body), &["1 of 1 answered"]);
    assert!(!words(&counted.body).contains("No answer of these days counts"));
}

#[actix_web::test]
async fn page_files_and_why_tell_the_same_stages_and_leaving_unasked_is_no_failure() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    published_before(&app, &world, "").await;
    let phone = ("c1", world.phone);
    for n in 0..80 {
        world.visit(2);
        match n {
            0..12 => {
                world.impression(Some("shown"));
                world.answer(&[phone], "");
            }
            12..16 => {
                let closed = world.impression(Some("shown"));
                closed.dismissed_at = Some(closed.decided_at + 500);
            }
            16..40 => drop(world.impression(Some("shown"))),
            _ => drop(world.impression(Some("held_out"))),
        }
    }
    world.visit(2);
    world.impression(None);
    world.insert(&app).await;
    let client = app.owner().await;

    let report = words(&read(&client, &world, "report").await);
    let why = words(&read(&client, &world, "why").await);

    let stages = [
        "Left unasked 40 50.0 %",
        "Opened 40 100 %",
        "On screen 40 100 %",
        "Begun 12 30.0 %",
        "Answered 12 30.0 %",
    ];
    assert_reads(&report, &["30.0 % answered (12 of 40)"]);
    for text in [&report, &why] {
        assert_reads(text, &stages);
        assert_reads(text, &["Could be asked 80", "They are no failure"]);
    }
    assert_reads(&report, &["Closed 4 10.0 %", "Left alone 24 60.0 %"]);
    let [of_report, of_why] = [
        lines(&client, &world, "report", "").await,
        lines(&client, &world, "why", "").await,
    ];
    for (kind, k, n) in [
        ("left_unasked", 40, 80),
        ("opened", 40, 40),
        ("on_screen", 40, 40),
        ("begun", 12, 40),
        ("answered", 12, 40),
        ("closed", 4, 40),
        ("ignored", 24, 40),
    ] {
        for row in [line(&of_report, kind), line(&of_why, kind)] {
            assert_eq!((&row["k"], &row["n"]), (&json!(k), &json!(n)), "{kind}");
        }
    }
    let asked = line(&of_why, "could_be_asked");
    assert_eq!((&asked["k"], &asked["n"]), (&json!(80), &json!(81)));
    let share = |kind: &str| line(&of_why, kind)["share"].clone();
    close(&share("answered"), 0.3);
    close(&share("came_to_the_moment"), 1.0);
}

#[actix_web::test]
async fn a_question_stands_against_the_days_before() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let phone = ("c1", world.phone);
    for n in 0..120 {
        world.visit(2);
        if n >= 60 {
            days_ago(&mut world, 30);
        }
        world.impression(Some("shown"));
        if (0..36).contains(&n) || (60..72).contains(&n) {
            world.answer(&[phone], "");
        }
    }
    // Beyond the days before too.
    world.visit(2);
    days_ago(&mut world, 60);
    world.impression(Some("shown"));
    world.insert(&app).await;
    let client = app.owner().await;

    let page = words(&read(&client, &world, "report").await);

    assert_reads(
        &page,
        &[
            "Against the days before",
            "Could be asked 60 60 the same",
            "Answered 60.0 % (47.4 to 71.4) 36 of 60 20.0 % (11.8 to 31.8) 12 of 60 40.0 points more (22.7 to 54.1)",
        ],
    );
    let rows = lines(&client, &world, "report", "").await;
    let answered = line(&rows, "answered");
    let before = ["before_k", "before_n"].map(|name| answered[name].clone());
    assert_eq!(before, [json!(12), json!(60)]);
    close(&answered["before_value"], 0.2);
    close(&answered["difference"], 0.4);
    close(&answered["difference_low"], 0.227);
    let asked = line(&rows, "could_be_asked");
    assert_eq!(
        (&asked["before_k"], &asked["before_n"]),
        (&json!(60), &Value::Null)
    );
    // Visits by computer are all there are: filters hold for both.
    let narrowed = lines(&client, &world, "report", "device=desktop").await;
    assert_eq!(line(&narrowed, "answered"), answered);
    let none = lines(&client, &world, "report", "device=touch&language=de").await;
    assert_eq!(line(&none, "answered")["before_k"], json!(0));
    let alone = words(&read(&client, &world, "report?days=90").await);
    assert_reads(
        &alone,
        &["In as many days before there was nobody to compare with."],
    );
    assert!(!alone.contains("Against the days before"), "{alone}");
}

/// So many cards of one kind of visit that opened, of which so many are answered.
fn cards(world: &mut World, device: &str, number: Option<i32>, opened: usize, answered: usize) {
    for n in 0..opened {
        let visit = world.visit(2);
        (visit.device, visit.visit_number) = (device.into(), number);
        world.impression(Some("shown"));
        if n < answered {
            world.answer(&[("c1", world.phone)], "");
        }
    }
}

#[actix_web::test]
async fn who_answers_is_held_against_those_for_whom_it_opened() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    cards(&mut world, "desktop", Some(1), 59, 30);
    // An answer that was deleted is none.
    cards(&mut world, "desktop", Some(1), 1, 0);
    let deleted = world.impressions.last_mut().unwrap();
    deleted.answered_at = Some(deleted.decided_at + 5_000);
    cards(&mut world, "touch", Some(3), 40, 4);
    // What does not count is of no kind.
    for arm in ["held_out", "imported"] {
        world.visit(2).device = "touch".into();
        world.impression(Some(arm));
    }
    cards(&mut world, "touch", Some(1), 3, 3);
    world.impressions.last_mut().unwrap().is_test = true;
    world.answers.last_mut().unwrap().is_test = true;
    let [.., automated, another, _] = world.visits.as_mut_slice() else {
        panic!("three visits")
    };
    automated.is_automated = true;
    let another = another.id;
    let of_another = world
        .impressions
        .iter_mut()
        .find(|it| it.visit_id == another);
    of_another.unwrap().prompt_id = PromptId::new(1);
    world.insert(&app).await;
    let client = app.owner().await;

    let page = words(&read(&client, &world, "report").await);

    assert_reads(
        &page,
        &[
            "Response bias: R-indicator 0.61 of 1; some kinds of visits answered less than others. Of the 100 cards that opened, 34 were answered.",
            "Computer, new 50.0 % ±12.3 (30 of 60)",
            "Phone or tablet, returning 10.0 % (4.0 to 23.1) (4 of 40)",
            "Response bias The R-indicator",
        ],
    );
    let rows = lines(&client, &world, "report", "").await;
    let found = line(&rows, "representativity");
    close(&found["value"], 0.6061);
    assert_eq!((&found["k"], &found["n"]), (&json!(34), &json!(100)));
    let kinds: Vec<_> = rows.iter().filter(|row| row["line"] == "kind").collect();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|row| (&row["name"], &row["k"], &row["n"]))
        .collect();
    assert_eq!(
        kinds,
        [
            (&json!("desktop/new"), &json!(30), &json!(60)),
            (&json!("touch/returning"), &json!(4), &json!(40)),
        ]
    );
    let of_one = words(&read(&client, &world, "report?device=desktop").await);
    let known = "Response bias: not known, since the card opened for one kind of visits only. Of the 60 cards that opened, 30 were answered.";
    assert_reads(&of_one, &[known, "Computer 50.0 % ±12.3 (30 of 60)"]);
    let of_few = words(&read(&client, &world, "report?visitor=returning").await);
    assert!(!of_few.contains("Response bias:"), "4 answers: {of_few}");
}

#[actix_web::test]
async fn a_question_without_answers_says_nothing_of_its_choices() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for _ in 0..3 {
        world.visit(2);
        world.impression(Some("shown"));
    }
    world.insert(&app).await;
    let client = app.owner().await;

    let silent = words(&read(&client, &world, "report").await);

    assert_reads(
        &silent,
        &[
            "0 of 3 answered",
            "Just looking",
            "No answers in these days.",
        ],
    );
    assert!(!silent.contains("0 of 0"), "{silent}");

    let mut other = World::new(&app, "Contoso").await;
    other.visit(2);
    other.impression(Some("held_out"));
    other.insert(&app).await;
    let unasked = words(&read(&client, &other, "report").await);
    assert_reads(&unasked, &["1 visit could be asked, and it opened in none"]);
    assert!(!unasked.contains("0 of 0"), "{unasked}");
}

#[actix_web::test]
async fn files_tell_what_the_page_tells_of_asking() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for n in 0..40 {
        let visit = world.visit(2);
        (visit.exits, visit.exits_stayed) = (1, i32::from(n < 10));
        world.impression(Some("shown"));
        world.answer(&[("c1", world.phone)], "");
        let took = 1_000 * (n + 1);
        let made = world.impressions.last_mut().unwrap();
        let at = made.shown_at.unwrap() + took;
        made.answered_at = Some(at);
        world.answers.last_mut().unwrap().answered_at = at;
    }
    world.visit(2);
    let other = app.publish(&world.site, "Another", &pricing()).await;
    let lost = world.impression(None);
    lost.lost_to = Some(other);
    world.insert(&app).await;
    let client = app.owner().await;

    let rows = lines(&client, &world, "report", "").await;

    let times = rows.iter().filter(|row| row["line"] == "time_to_answer_ms");
    let times: Vec<_> = times
        .map(|row| (&row["name"], &row["n"], &row["value"]))
        .collect();
    assert_eq!(
        times,
        [
            (&json!("median"), &json!(40), &json!(20_500.0)),
            (&json!("quarter"), &json!(40), &json!(10_000.0)),
            (&json!("three_quarters"), &json!(40), &json!(30_000.0)),
        ]
    );
    let left = line(&rows, "really_left");
    assert_eq!((&left["k"], &left["n"]), (&json!(30), &json!(40)));
    let lost = line(&rows, "lost_to");
    assert_eq!((&lost["name"], &lost["k"]), (&json!("Another"), &json!(1)));
}
