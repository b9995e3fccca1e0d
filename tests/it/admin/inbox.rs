//! Answers narrowed by filters, and taken away as files.

use std::collections::{BTreeSet, HashMap};

use exitpoll::{
    answer::{store::marks, words::fold},
    clock::{DAY, MINUTE},
    prompt::types::AskAt,
    types::{Millis, TagId},
};

use crate::{
    reports::{
        dice::Dice,
        world::{World, assert_reads, words},
    },
    support::{app::TestApp, client::Client},
};

/// What is known of an answer, to be counted plainly.
struct Fact {
    id: String,
    comment: &'static str,
    reason: Option<&'static str>,
    tag: Option<&'static str>,
    is_starred: bool,
    days_ago: i64,
    converted: &'static str,
    moment: AskAt,
    device: &'static str,
    language: &'static str,
    state: &'static str,
    step: i32,
}

const COMMENTS: [&str; 9] = [
    "",
    "",
    "The PRICE is 100% too high",
    "1000 reasons",
    "ÄRGER mit der\nRechnung",
    "ärger, \"again\"",
    "snake_case",
    "snakeXcase \\o/",
    "<b>it's</b> a price; DROP TABLE answers",
];
/// As they are written in the field, and what plainly contains them.
const SEARCHES: [(&str, &[usize]); 9] = [
    ("price", &[2, 8]),
    ("100%", &[2]),
    ("Ärger", &[4, 5]),
    ("der  rechnung", &[4]),
    ("_case", &[6]),
    ("\\o/", &[7]),
    ("'s</B>", &[8]),
    ("\"again\"", &[5]),
    ("not there", &[]),
];
const CONVERTED: [&str; 4] = ["later", "before", "not", "unknown"];
const STATES: [&str; 5] = ["", "partly", "late", "test", "automated"];
const MOMENTS: [AskAt; 2] = [AskAt::Exit, AskAt::Scroll];
const DEVICES: [&str; 2] = ["desktop", "touch"];
const LANGUAGES: [&str; 2] = ["de", "pt-BR"];
const TAGS: [&str; 2] = ["Pricing", "bug"];

fn add_random(world: &mut World, dice: &mut Dice) -> Fact {
    let mut fact = Fact {
        id: String::new(),
        comment: COMMENTS[dice.index(9)],
        reason: [None, Some("phone"), Some("looking")][dice.index(3)],
        tag: [None, Some(TAGS[0]), Some(TAGS[1])][dice.index(3)],
        is_starred: dice.one_in(3),
        days_ago: i64::try_from(dice.below(6)).unwrap(),
        converted: CONVERTED[dice.index(4)],
        moment: MOMENTS[dice.index(2)],
        device: DEVICES[dice.index(2)],
        language: LANGUAGES[dice.index(2)],
        state: STATES[dice.index(5)],
        step: i32::try_from(dice.below(3)).unwrap(),
    };
    let at: Millis = world.now - fact.days_ago * DAY;
    let visit = world.visit(fact.step);
    visit.device = fact.device.into();
    visit.language = fact.language.into();
    visit.is_automated = fact.state == "automated";
    visit.is_test = fact.state == "test";
    if fact.converted == "unknown" {
        // By definitions from before the main goal.
        visit.funnel_version = 0;
    }
    visit.macro_at = match fact.converted {
        "later" | "unknown" => Some(at + 4 * MINUTE),
        "before" => Some(at),
        _ => None,
    };
    world.impression(Some("shown")).asked_at_moment = fact.moment.as_str().into();
    let reasons = match fact.reason {
        Some("phone") => vec![("c1", world.phone)],
        Some(_) => vec![("c2", world.looking)],
        None => vec![],
    };
    fact.id = world.answer(&reasons, fact.comment).to_string();
    let answer = world.answers.last_mut().unwrap();
    answer.answered_at = at;
    answer.is_complete = fact.state != "partly";
    answer.is_late = fact.state == "late";
    fact
}

async fn mark(app: &TestApp, world: &World, facts: &[Fact]) -> HashMap<&'static str, TagId> {
    let (tx, site) = (app.state.db.begin().await.unwrap(), world.site.id);
    for fact in facts {
        let id = fact.id.parse().unwrap();
        if fact.is_starred {
            marks::set_star(&tx, site, id, Some(1)).await.unwrap();
        }
        if let Some(tag) = fact.tag {
            let tags = [tag.to_owned()];
            marks::add_tags(&tx, site, id, &tags, 1).await.unwrap();
        }
    }
    let tags = marks::list_tags(&tx, site).await.unwrap();
    tx.commit().await.unwrap();
    let id = |name| tags.iter().find(|tag| tag.name == name).unwrap().id;
    TAGS.map(|name| (name, id(name))).into()
}

type Holds = Box<dyn Fn(&Fact) -> bool>;

/// A random filter as it stands in the query string, and as a plain look at what is known.
fn filter(
    dice: &mut Dice,
    kind: u64,
    world: &World,
    tags: &HashMap<&'static str, TagId>,
) -> (String, Holds) {
    match kind {
        0 => {
            let (text, found) = SEARCHES[dice.index(9)];
            let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let holds = move |fact: &Fact| found.iter().any(|at| COMMENTS[*at] == fact.comment);
            (format!("q={query}"), Box::new(holds))
        }
        1 => ("words=1".into(), Box::new(|fact| !fact.comment.is_empty())),
        2 => (
            format!("reason={}", world.phone),
            Box::new(|fact| fact.reason == Some("phone")),
        ),
        3 => {
            let tag = TAGS[dice.index(2)];
            let holds = move |fact: &Fact| fact.tag == Some(tag);
            (format!("tag={}", tags[tag]), Box::new(holds))
        }
        4 => ("starred=1".into(), Box::new(|fact| fact.is_starred)),
        5 => {
            let days = i64::try_from(dice.below(5)).unwrap() + 1;
            let holds = move |fact: &Fact| fact.days_ago < days;
            (format!("days={days}"), Box::new(holds))
        }
        6 => {
            let converted = CONVERTED[dice.index(4)];
            let holds = move |fact: &Fact| fact.converted == converted;
            (format!("converted={converted}"), Box::new(holds))
        }
        7 => {
            let moment = MOMENTS[dice.index(2)];
            let holds = move |fact: &Fact| fact.moment == moment;
            (format!("moment={moment}"), Box::new(holds))
        }
        8 => {
            let device = DEVICES[dice.index(2)];
            let holds = move |fact: &Fact| fact.device == device;
            (format!("device={device}"), Box::new(holds))
        }
        10 => {
            let language = LANGUAGES[dice.index(2)];
            let holds = move |fact: &Fact| fact.language == language;
            (format!("language={language}"), Box::new(holds))
        }
        9 => {
            let state = STATES[dice.index(4) + 1];
            let holds = move |fact: &Fact| fact.state == state;
            (format!("state={state}"), Box::new(holds))
        }
        _ => {
            let step = i32::try_from(dice.below(3)).unwrap();
            let holds = move |fact: &Fact| {
                // Where the visit fell out was told by other steps.
                let is_counted = fact.converted != "unknown";
                fact.step == step && is_counted && !["test", "automated"].contains(&fact.state)
            };
            (format!("step={step}"), Box::new(holds))
        }
    }
}

async fn ids(client: &Client, base: &str, query: &str) -> BTreeSet<String> {
    let reply = client.get(&format!("{base}.json?{query}")).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.body);
    let told = reply.json();
    let answers = told["answers"].as_array().unwrap();
    let ids = answers
        .iter()
        .map(|one| one["answer"].as_str().unwrap().to_owned());
    let unique: BTreeSet<String> = ids.collect();
    assert_eq!(unique.len(), answers.len(), "{query}: none twice");
    unique
}

#[actix_web::test]
async fn every_filter_and_any_of_them_together_lists_what_a_plain_count_finds() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let mut dice = Dice(0x1e55_0f1a);
    let facts: Vec<Fact> = (0..150)
        .map(|_| add_random(&mut world, &mut dice))
        .collect();
    world.insert(&app).await;
    let tags = mark(&app, &world, &facts).await;
    let client = app.owner().await;
    let base = format!("/sites/{}/answers", world.site.key);

    for round in 0..72 {
        // Each alone first, several together then; days mean something else beside a step.
        let kinds: BTreeSet<u64> = if round < 24 {
            [round / 2].into()
        } else {
            (0..2 + dice.below(2)).map(|_| dice.below(12)).collect()
        };
        if kinds.contains(&5) && kinds.contains(&11) {
            continue;
        }
        let filters: Vec<(String, Holds)> = kinds
            .iter()
            .map(|kind| filter(&mut dice, *kind, &world, &tags))
            .collect();
        let query: Vec<&str> = filters.iter().map(|(query, _)| query.as_str()).collect();
        let query = query.join("&");
        let expected: BTreeSet<String> = facts
            .iter()
            .filter(|fact| filters.iter().all(|(_, holds)| holds(fact)))
            .map(|fact| fact.id.clone())
            .collect();

        assert_eq!(ids(&client, &base, &query).await, expected, "{query}");
        let page = client.get(&format!("{base}?{query}")).await.body;
        let count = match expected.len() {
            1 => "1 answer".to_owned(),
            n => format!("{n} answers"),
        };
        assert_reads(&words(&page), &[&count]);
    }
}

/// Another question of the newest answer.
fn and_said(world: &mut World, question: &str, comment: &str, value: &str) {
    let mut row = world.answers.last().unwrap().clone();
    row.question_id = question.into();
    row.comment = comment.into();
    row.value = value.into();
    row.folded = fold(&format!("{comment} {value}"));
    world.answers.push(row);
}

#[actix_web::test]
async fn filters_by_words_hold_for_the_card_whichever_of_its_questions_meets_each() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let mut card = |comment, mail, date, number| {
        world.visit(2);
        world.impression(Some("shown"));
        let id = world.answer(&[("c1", world.phone)], comment).to_string();
        and_said(&mut world, "q2", "", mail);
        and_said(&mut world, "q3", "", date);
        and_said(&mut world, "q4", "", number);
        id
    };
    let wordy = card("Too dear", "Ann@shop.example", "2026-02-28", "1250");
    let terse = card("", "ann@other.example", "2026-03-01", "1250");
    world.insert(&app).await;
    let client = app.owner().await;
    let base = format!("/sites/{}/answers", world.site.key);

    let (both, first) = (vec![&wordy, &terse], vec![&wordy]);
    for (query, expected) in [
        ("words=1", &first),
        ("q=dear&words=1", &first),
        ("q=ANN%40shop", &first),
        ("q=ann%40shop&words=1", &first),
        ("q=2026-02-28&words=1", &first),
        ("q=ann%40", &both),
        // An address, a date and a number are what was asked for, and nobody's own words.
        ("q=ann%40&words=1", &first),
        ("q=1250&words=1", &first),
        ("q=1250", &both),
    ] {
        let expected: BTreeSet<String> = expected.iter().map(|id| (*id).clone()).collect();
        assert_eq!(ids(&client, &base, query).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn what_is_set_stands_as_parts_that_can_be_taken_away_one_by_one() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for n in 0..60 {
        world.visit(2);
        world.impression(Some("shown"));
        world.answer(&[("c1", world.phone)], &format!("too dear & slow {n}."));
    }
    world.insert(&app).await;
    let client = app.owner().await;
    let base = format!("/sites/{}/answers", world.site.key);

    let query = format!("q=DEAR+%26&reason={}&device=desktop&days=7", world.phone);
    let page = client.get(&format!("{base}?{query}")).await.body;

    assert_reads(
        &words(&page),
        &[
            "60 answers",
            "Words “DEAR &#38;”",
            "Reason: Phone number",
            "Computer ×",
        ],
    );
    let chip = page.split("Reason: Phone").next().unwrap();
    let href = chip
        .rsplit("href=\"")
        .next()
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(
        href.contains("q=DEAR+%26&#38;") && !href.contains("reason="),
        "{href}"
    );
    assert!(
        href.contains("device=desktop&#38;") && href.contains("from="),
        "{href}"
    );
    let older = page
        .split("href=\"")
        .find(|part| part.contains("before="))
        .unwrap();
    let older = older.split('"').next().unwrap().replace("&#38;", "&");
    let older = client.get(&older).await.body;
    assert_eq!(older.matches("class=\"said\"").count(), 10);
    assert_reads(&words(&older), &["60 answers", "Reason: Phone number"]);

    let none = client
        .get(&format!("{base}?q=nowhere&starred=1"))
        .await
        .body;
    assert_reads(
        &words(&none),
        &[
            "0 answers",
            "No answer meets all of these filters",
            "Show all answers",
        ],
    );
    let wrong = client.get(&format!("{base}?from=yesterday")).await;
    assert_eq!(wrong.status, 422);
    let odd = client
        .get(&format!("{base}?q=%00&prompt=1&state=x&tag=tag_1"))
        .await;
    assert_eq!(odd.status, 200, "what is no choice of the form is left out");
    assert_reads(&words(&odd.body), &["60 answers"]);
}

#[actix_web::test]
async fn the_row_tells_when_the_main_goal_was_reached() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for after in [4 * MINUTE, -MINUTE] {
        world.visit(2);
        world.impression(Some("shown"));
        world.answer(&[("c1", world.phone)], "");
        let at = world.answers.last().unwrap().answered_at + after;
        world.visits.last_mut().unwrap().macro_at = Some(at);
    }
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/answers", world.site.key))
        .await
        .body;

    let text = words(&page).replace('\u{a0}', " ");
    assert_reads(&text, &["4 min later: Signed up", "before: Signed up"]);
}

#[actix_web::test]
async fn a_table_reads_back_what_was_written_and_no_cell_of_it_is_a_formula() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let written = [
        "plain",
        "a, b; \"c\"\r\nand\nmore",
        "=HYPERLINK(\"https://evil.example\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "\ttab",
        "größer ✓",
    ];
    for comment in written {
        world.visit(2);
        world.impression(Some("shown")).fields = Some("{\"plan\":\"=1+1\"}".into());
        world.answer(&[("c1", world.phone)], comment);
    }
    world.insert(&app).await;
    let client = app.owner().await;

    let reply = client
        .get(&format!("/sites/{}/answers.csv", world.site.key))
        .await;

    assert!(
        reply
            .header("content-type")
            .starts_with("text/csv; charset=utf-8")
    );
    assert!(reply.header("content-disposition").contains("answers.csv"));
    let mut reader = csv::Reader::from_reader(reply.body.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let read: BTreeSet<&str> = rows.iter().map(|row| &row[column("words")]).collect();
    let expected = written.map(|text| match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t') => format!("'{text}"),
        _ => text.to_owned(),
    });
    assert_eq!(read, expected.iter().map(String::as_str).collect());
    for row in &rows {
        assert!(
            row.iter()
                .all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t']))
        );
        assert_eq!(&row[column("chosen")], "You ask for a phone number");
        assert_eq!(&row[column("reasons")], "Phone number");
        assert_eq!(&row[column("fields")], "plan==1+1");
        assert_eq!(&row[column("converted")], "not");
    }
}

#[actix_web::test]
async fn a_long_list_is_told_whole_and_to_members_only() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for _ in 0..1_001 {
        world.visit(2);
        world.impression(Some("shown"));
        world.answer(&[("c1", world.phone)], "");
    }
    world.insert(&app).await;
    let client = app.owner().await;
    let base = format!("/sites/{}/answers", world.site.key);

    assert_eq!(ids(&client, &base, "").await.len(), 1_001);
    let table = client.get(&format!("{base}.csv")).await.body;
    assert_eq!(table.lines().count(), 1_002);
    let empty = app.insert_site("Other").await;
    let other = format!("/sites/{}/answers", empty.key);
    assert_eq!(ids(&client, &other, "").await.len(), 0);
    for path in [format!("{base}.csv"), format!("{base}.json")] {
        let stranger = app.anonymous().get(&path).await;
        assert_eq!(stranger.status, 303, "{path}");
        assert!(stranger.location().starts_with("/sign-in"));
    }
}
