//! Answers of another tool: in the reports beside those given here, once, and in no figure about asking.

use std::{collections::BTreeSet, fs};

use exitpoll::{
    answer::{self, filter::AnswerFilter},
    clock::{self, DAY, MINUTE},
    import::Kind,
    ingest::store::audit,
    prompt::{draft::NewDesign, draft::NewQuestion, types::QuestionKind},
    report::{
        funnel::{self, FunnelChoice},
        knowable,
        overview::Choice,
        period::{Period, PeriodQuery},
        prompt as prompt_report, prompts, quality, scores,
    },
    site::types::Site,
    types::{Millis, PromptId},
};
use tempfile::TempDir;

use super::{HEADER, add_goals, import, import_from};
use crate::{
    support::{app::TestApp, prompt::pricing, sink::Sink},
    webhook::{insert_webhook, spawn},
};

const COLUMNS: &str = "visit,answered_at,prompt,question,chosen,words\n";

/// A site whose funnel begins at "/pricing", its question, and visits v0, v1 … that opened it and left, a minute each.
async fn set_up(app: &TestApp, visits: i64) -> (Site, PromptId, Millis) {
    let site = app.insert_site("Shop").await;
    add_goals(app, &site, clock::now() - 40 * DAY).await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let from = clock::now() - 2 * DAY;
    let rows = (0..visits).map(|n| format!("v{n},{},page_view,/pricing\n", from + n * MINUTE));
    let text = HEADER.to_owned() + &rows.collect::<String>();
    import(app, &site, Kind::Events, &text).await;
    settle(app).await;
    (site, prompt, from)
}

async fn settle(app: &TestApp) {
    app.state.settler.settle(clock::now() + DAY).await.unwrap();
}

/// Fails where the sums of days are not what the visits come to.
async fn audit(app: &TestApp, site: &Site) {
    let days: BTreeSet<i32> = app.visits(site).await.iter().map(|it| it.day).collect();
    for day in days {
        let compared = audit::compare(&app.state.db.read, site.id, day).await;
        assert_eq!(compared.unwrap().differing, 0, "{day}");
    }
}

fn period(site: &Site) -> Period {
    Period::parse(&PeriodQuery::default(), &site.time_zone, clock::now()).unwrap()
}

/// `n` answers of v0, v1 …, half a minute after each has begun; the first twenty name the price.
fn answers(n: i64, from: Millis) -> String {
    let row = |n: i64| {
        let at = from + n * MINUTE + 30_000;
        match n {
            0..20 => format!("v{n},{at},pricing,,too dear,\n"),
            _ => format!(
                "v{n},{at},Pricing,What held you back?,Too long,\"Ask\njane@example.com, she knows\"\n"
            ),
        }
    };
    COLUMNS.to_owned() + &(0..n).map(row).collect::<String>()
}

#[actix_web::test]
async fn answers_of_a_file_stand_in_the_reports_and_once() {
    let app = spawn().await;
    let (site, prompt, from) = set_up(&app, 40).await;
    let sink = Sink::start();
    insert_webhook(&app.state.db, &site, &sink.url).await;
    audit(&app, &site).await;

    let first = import(&app, &site, Kind::Answers, &answers(35, from)).await;
    audit(&app, &site).await;
    settle(&app).await;
    audit(&app, &site).await;

    assert_eq!(
        (first.answers, first.visits, first.imported, first.before),
        (35, 0, 35, 0)
    );
    check_reports(&app, &site, prompt).await;
    // No file tells who was asked and said nothing.
    let made = app.impressions(&site).await;
    assert_eq!(made.len(), 35);
    assert!(made.iter().all(|made| !made.is_automatic
        && made.arm.as_deref() == Some("imported")
        && made.funnel_step == 1
        && made.shown_at.is_none()
        && made.wording.is_none()
        && made.answered_at.is_some()));
    assert_eq!(app.messages(&site).await.len(), 0, "no webhook is told");

    let stored = app.answers(&site).await;
    let again = import(&app, &site, Kind::Answers, &answers(35, from)).await;
    assert_eq!((again.answers, again.imported, again.before), (0, 0, 35));
    assert_eq!(app.answers(&site).await, stored);
    assert_eq!(app.impressions(&site).await, made);
    assert!(app.visits(&site).await.iter().all(|it| it.is_settled));
}

async fn check_reports(app: &TestApp, site: &Site, prompt: PromptId) {
    let (db, now, period) = (&app.state.db, clock::now(), period(site));
    let choice = FunnelChoice::default();
    let report = funnel::load(db, site, &period, &choice, now).await.unwrap();
    let drop = &report.drops[1];
    assert_eq!((drop.answered, drop.silent, drop.unasked), (35, 0, 0));
    assert_eq!(drop.unreachable, 5, "who was asked elsewhere is not known");
    let reasons: Vec<_> = drop
        .reasons
        .iter()
        .map(|it| (&*it.name, it.rate.k))
        .collect();
    assert_eq!(reasons, [("Too dear", 20), ("Too long", 15)]);
    assert_eq!(drop.verbatim.as_ref().unwrap().comment, "Ask\n@ she knows");

    let report = prompt_report::load(db, site, prompt, &period, &Choice::default(), now)
        .await
        .unwrap();
    assert_eq!(report.counts, prompt_report::Counts::default());
    assert_eq!((report.imported, report.questions[0].answered), (35, 35));
    let traffic = knowable::load(db, site, &period).await.unwrap();
    assert_eq!((traffic.eligible, traffic.answers), (0, 35));
    let choices = report.questions[0].choices.iter();
    let choices: Vec<_> = choices.map(|it| (it.rate.k, it.rate.n)).collect();
    assert_eq!(choices[..2], [(20, 35), (15, 35)]);
    assert_eq!(report.timing, None, "nobody knows when they were asked");
    let path = format!("/sites/{}/prompts/{prompt}/report?days=28", site.key);
    let page = app.owner().await.get(&path).await;
    assert!(
        page.body
            .replace('\u{a0}', " ")
            .contains("35 answers are from a file"),
        "{} {}",
        page.status,
        page.body
    );
    let list = format!("/sites/{}/prompts", site.key);
    let list = app.owner().await.get(&list).await;
    assert!(
        list.body.contains("<small>and 35 imported</small>"),
        "{}",
        list.body
    );
    let reports = format!("/sites/{}/reports?days=28", site.key);
    let reports = app.owner().await.get(&reports).await;
    let shown = reports.body.replace('\u{a0}', " ");
    assert!(shown.contains("35 answers"), "{shown}");
    let asked = prompts::load(&db.read, site, &period, true).await.unwrap();
    assert!(asked.is_empty(), "{asked:?}");

    let filter = AnswerFilter::default();
    let listed = answer::store::list_answers(&db.read, site.id, &filter, None, 100)
        .await
        .unwrap();
    assert_eq!(listed.len(), 35);
    assert!(listed.iter().all(|it| it.asked_at == "imported"));
    let path = format!("/sites/{}/answers", site.key);
    let shown = app.owner().await.get(&path).await;
    assert!(shown.body.contains("she knows"), "{}", shown.body);
    let quality = quality::load(db, site.id, &period).await.unwrap();
    assert_eq!((quality.late.k, quality.late.n), (0, 35));
}

#[actix_web::test]
async fn each_row_that_cannot_be_taken_is_named_with_what_would_be_right() {
    let app = TestApp::spawn().await;
    let (site, _, from) = set_up(&app, 12).await;
    app.publish(&site, "Scores", &kinds()).await;
    let at = from + 30 * MINUTE;
    let long = "x".repeat(4_001);
    let rows = [
        format!(",{at},Pricing,,Too dear,"),
        "v0,soon,Pricing,,Too dear,".into(),
        format!("v0,{at},Prices,,Too dear,"),
        format!("v0,{at},Pricing,Why?,Too dear,"),
        format!("v0,{at},Pricing,,Too cheap,"),
        format!("v1,{at},Pricing,,Too dear · Too long,"),
        format!("v2,{at},Pricing,,,"),
        format!("v3,{at},Pricing,,Too dear,{long}"),
        format!("v0,{at},Scores,q1,11,"),
        format!("v0,{at},Scores,q2,One · Two · Three,"),
        format!("v0,{at},Scores,q3,2026-02-30,"),
        format!("v0,{at},Scores,q4,jane@example.com,"),
        format!("nobody,{at},Pricing,,Too dear,"),
        format!("v4,{from},Pricing,,Too dear,"),
        format!("v6,{at},Pricing,,Too dear,"),
        format!("v6,{},Pricing,,Too dear,more", at + 1),
        format!("v7,{at},Scores,q1,9,"),
        format!("v7,{at},Scores,q1,8,"),
        format!("v8,{at},Scores,q1,9,"),
        format!("v8,{at},Scores,q2,Four,"),
        format!("v9,{at},Pricing,,Too dear,fine"),
    ];
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("answers.csv");
    fs::write(&file, COLUMNS.to_owned() + &rows.join("\n")).unwrap();

    let (summary, mut said) = import_from(&app, &site, Kind::Answers, &file).await;

    said.sort_by_key(|why| {
        let line = why.split([' ', ':']).nth(1).unwrap();
        line.parse::<u32>().unwrap()
    });
    for (why, right) in said.iter().zip([
        "line 2: visit must name",
        "line 3: answered_at must be a time",
        "line 4: prompt must be the name or the id of one that the site has published: ",
        "line 5: question must be one of the prompt, by its words or its id: What held you back? (q1)",
        "line 6: chosen must be one of: Too dear, Too long, Something else",
        "line 7: chosen must be one of: ",
        "line 8: chosen must be one of: ",
        "line 9: words may have at most 4000 characters",
        "line 10: chosen must be a whole number from 0 to 10",
        "line 11: chosen must be 1 to 2 of these, with \" · \" between: One, Two, Three",
        "line 12: chosen must be a date",
        "line 13: e-mail addresses are not imported",
        "line 14: no visit of this name is there; import its events, or the visits, before",
        "line 15: answered_at must lie between the beginning of the visit and a week after",
        "line 16: a visit answers a prompt once: all rows of the answer that begins on line 16",
        "line 17: a visit answers a prompt once",
        "line 18: question q1 is there twice in the answer that begins on line 18",
        "line 19: question q1 is there twice",
        "line 20: line 21 is of the same answer and cannot be read; an answer goes in whole",
        "line 21: chosen must be 1 to 2 of these",
    ]) {
        assert!(why.starts_with(right), "{why}");
    }
    assert_eq!((summary.answers, summary.rejected), (1, 20));
    assert!(
        said.iter()
            .any(|why| why.contains("published: Scores, Pricing")
                || why.contains("published: Pricing, Scores"))
    );
    let rejects = fs::read_to_string(summary.rejects.unwrap()).unwrap();
    let mut rejects = csv::Reader::from_reader(rejects.as_bytes());
    let header = rejects.headers().unwrap();
    assert_eq!(header.iter().next_back(), Some("rejected_because"));
    assert_eq!(rejects.records().count(), 20);
    let stored = app.answers(&site).await;
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].comment, "fine");
}

/// A question of each of some kinds.
fn kinds() -> NewDesign {
    let question = |id: &str, kind| NewQuestion {
        id: id.into(),
        kind,
        title: format!("Question {id}"),
        ..NewQuestion::default()
    };
    let choices = ["One", "Two", "Three"].map(|label| exitpoll::prompt::draft::NewChoice {
        id: label.to_lowercase(),
        label: label.into(),
        reason: label.into(),
    });
    NewDesign {
        questions: vec![
            question("q1", QuestionKind::Nps),
            NewQuestion {
                choices: choices.clone().into(),
                at_most: 2,
                ..question("q2", QuestionKind::Multi)
            },
            question("q3", QuestionKind::Date),
            question("q4", QuestionKind::Email),
            NewQuestion {
                choices: choices.into(),
                names_reasons: false,
                ..question("q5", QuestionKind::Ranking)
            },
            question("q6", QuestionKind::Text),
            question("q7", QuestionKind::Consent),
        ],
        ..pricing()
    }
}

#[actix_web::test]
async fn the_rows_of_an_answer_go_in_together_each_by_its_kind() {
    let app = TestApp::spawn().await;
    let (site, _, from) = set_up(&app, 3).await;
    let prompt = app.publish(&site, "Scores", &kinds()).await;
    let at = from + 5_000;
    let text = format!(
        "{COLUMNS}v0,{at},{prompt},q1,9 of 10,\nv0,{at},Scores,q2,two · One,both\nv0,{at},Scores,q3,2026-02-28,\n\
         v0,{at},Scores,Question q5,1. Three · 2. One · 3. Two,\nv0,{at},Scores,q6,,\"Too slow, mail a@b.example\"\n\
         v0,{at},Scores,q7,Agreed,\n"
    );

    let summary = import(&app, &site, Kind::Answers, &text).await;

    assert_eq!((summary.answers, summary.imported), (1, 6));
    let stored = app.answers(&site).await;
    let told: Vec<String> = stored
        .iter()
        .map(|it| {
            format!(
                "{} {:?} {}{}",
                it.question_id, it.number, it.value, it.comment
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "q1 Some(9.0) ",
            "q2 None both",
            "q3 None 2026-02-28",
            "q5 None ",
            "q6 None Too slow, mail @",
            "q7 Some(1.0) ",
        ]
    );
    assert!(
        stored
            .iter()
            .all(|it| it.answered_at == at && it.is_complete && !it.is_late)
    );
    let listed = list(&app, &site).await;
    let place = |id: &str| {
        let given = listed[0].given.iter().find(|it| it.question_id == id);
        let mut chosen: Vec<_> = given.unwrap().chosen.iter().collect();
        chosen.sort_by_key(|it| it.place);
        chosen
            .iter()
            .map(|it| it.choice_id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(place("q5"), ["three", "one", "two"]);
    let period = period(&site);
    let scores = scores::load(&app.state.db, &site, &period, &Choice::default()).await;
    let scales = scores.unwrap().scales;
    assert_eq!(scales.len(), 1);
    assert_eq!(scales[0].now.given[9], 1);
}

async fn list(app: &TestApp, site: &Site) -> Vec<answer::types::Answer> {
    let filter = AnswerFilter::default();
    let listed = answer::store::list_answers(&app.state.db.read, site.id, &filter, None, 100).await;
    listed.unwrap()
}

#[actix_web::test]
async fn the_file_of_answers_that_the_product_gives_goes_in_with_the_visits_named() {
    let app = TestApp::spawn().await;
    let (site, _, from) = set_up(&app, 30).await;
    import(&app, &site, Kind::Answers, &answers(25, from)).await;
    let owner = app.owner().await;
    let file = owner.get(&format!("/sites/{}/answers.csv", site.key)).await;
    let (other, _, _) = set_up(&app, 30).await;
    // Newest first.
    let names = (0..25).rev().map(|n| format!("v{n}"));
    let mut reader = csv::Reader::from_reader(file.body.as_bytes());
    let mut named = csv::Writer::from_writer(vec![]);
    let header = reader.headers().unwrap().clone();
    named
        .write_record(["visit"].into_iter().chain(header.iter()))
        .unwrap();
    for (record, name) in reader.records().zip(names) {
        let record = record.unwrap();
        named
            .write_record([name.as_str()].into_iter().chain(record.iter()))
            .unwrap();
    }
    let named = String::from_utf8(named.into_inner().unwrap()).unwrap();

    let summary = import(&app, &other, Kind::Answers, &named).await;

    assert_eq!((summary.answers, summary.rejected), (25, 0));
    let told = async |site: &Site| {
        let stored = app.answers(site).await.into_iter();
        let mut told: Vec<_> = stored
            .map(|it| (it.answered_at / 1_000, it.comment))
            .collect();
        told.sort();
        (told, app.chosen(site).await.len())
    };
    assert_eq!(told(&other).await, told(&site).await);
}

#[actix_web::test]
async fn what_was_changed_or_deleted_here_stays_as_it_is() {
    let app = TestApp::spawn().await;
    let (site, _, from) = set_up(&app, 2).await;
    let at = from + 5_000;
    let row = |visit: &str, chosen: &str| format!("{COLUMNS}{visit},{at},Pricing,,{chosen},\n");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("answers.csv");
    import(&app, &site, Kind::Answers, &row("v0", "Too dear")).await;
    fs::write(&file, row("v0", "Too long")).unwrap();

    let (changed, said) = import_from(&app, &site, Kind::Answers, &file).await;

    assert_eq!((changed.imported, changed.rejected), (0, 1));
    assert!(said[0].contains("was left as it is"), "{said:?}");
    let id = app.answers(&site).await[0].impression_id;
    app.state.writer.erase_answer(site.id, id).await.unwrap();
    fs::write(&file, row("v0", "Too dear")).unwrap();
    let (deleted, said) = import_from(&app, &site, Kind::Answers, &file).await;
    assert_eq!((deleted.imported, deleted.rejected), (0, 1));
    assert!(said[0].contains("was deleted on the site"), "{said:?}");
    assert_eq!(app.answers(&site).await.len(), 0);
    settle(&app).await;
    audit(&app, &site).await;
}
