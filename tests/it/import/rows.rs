//! Which rows go in, what they come to, and what becomes of the others.

use std::{fs, path::PathBuf, time::Duration};

use exitpoll::{
    clock::{self, DAY, MINUTE},
    demo,
    import::{Kind, Request, Say},
    seed,
    site::{self, types::SiteKind},
};
use tempfile::TempDir;

use super::{HEADER, add_goals, history, import, import_from};
use crate::support::app::TestApp;

#[actix_web::test]
async fn importing_again_changes_nothing_in_any_order_of_rows() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut lines = history(50, clock::now() - 5 * DAY);
    let first = import(
        &app,
        &site,
        Kind::Events,
        &(HEADER.to_owned() + &lines.join("\n")),
    )
    .await;
    let stored = (app.visits(&site).await, app.batches(&site).await);
    lines.reverse();

    let again = import(
        &app,
        &site,
        Kind::Events,
        &(HEADER.to_owned() + &lines.join("\n")),
    )
    .await;

    assert_eq!((first.visits, first.imported, first.before), (50, 100, 0));
    assert!(stored.0.iter().all(|visit| visit.is_imported));
    assert_eq!((again.visits, again.imported, again.before), (0, 0, 100));
    assert_eq!((app.visits(&site).await, app.batches(&site).await), stored);
    let ids: Vec<_> = stored.0.iter().map(|visit| visit.id).collect();
    assert!(
        ids.is_sorted() || ids.iter().rev().is_sorted(),
        "ids sort by time"
    );
    // The same names in another site are other visits.
    let other = app.insert_site("Other").await;
    import(
        &app,
        &other,
        Kind::Events,
        &(HEADER.to_owned() + &lines.join("\n")),
    )
    .await;
    let taken: Vec<_> = app
        .visits(&other)
        .await
        .iter()
        .map(|visit| visit.id)
        .collect();
    assert!(taken.iter().all(|id| !ids.contains(id)));
}

/// A file beside which nothing is yet.
fn file_of(text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("history.csv");
    fs::write(&file, text).unwrap();
    (folder, file)
}

#[actix_web::test]
async fn what_cannot_be_read_is_kept_with_its_line_and_reason_and_other_visits_go_in() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let at = clock::now() - DAY;
    let (before, day_later) = (at - 2 * MINUTE, at + DAY - MINUTE);
    let (folder, file) = file_of(&format!(
        "visit,at,kind,page,value\na,{at},page_view,/,\nb,soon,page_view,/,\n,{at},page_view,/,\nc,{at},page_view,,\n\
         d,{at},track,,\ne,{at},eligible,,\nf,{at},paid,,ten\na,{at},paid,,10\ng,{at},page_view,/\nh,{before},page_view,/,\nh,{day_later},paid,,\n",
    ));

    let (summary, said) = import_from(&app, &site, Kind::Events, &file).await;

    for (why, right) in said.iter().zip([
        "line 3: at must be a time",
        "line 4: visit must name",
        "line 5: page must be given for page_view",
        "line 6: kind must be the name of the custom event itself",
        "line 7: kind eligible is no event of another tool",
        "line 8: value must be a number",
        "line 10: the row must have 5 cells as the first line has; it has 4",
        "line 11: a visit lasts less than 24 h",
        "line 12: a visit lasts less than 24 h",
    ]) {
        assert!(why.contains(right), "{why}");
    }
    assert_eq!(said.len(), 9);
    assert_eq!(
        (summary.visits, summary.imported, summary.rejected),
        (1, 2, 9)
    );
    let path = summary.rejects.unwrap();
    assert_eq!(path, folder.path().join("history.rejected.csv"));
    let rejected = fs::read_to_string(&path).unwrap();
    assert!(rejected.starts_with(
        "visit,at,kind,page,value,rejected_because\nb,soon,page_view,/,,\"at must be"
    ));
}

#[actix_web::test]
async fn a_line_has_the_number_that_editors_give_it_on_windows_too() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let at = clock::now() - DAY;
    let text =
        format!("visit,at,kind,page\na,{at},page_view,/\nb,soon,page_view,/\nc,{at},paid,\n");
    let (_folder, file) = file_of(&text.replace('\n', "\r\n"));

    let (_, said) = import_from(&app, &site, Kind::Events, &file).await;

    assert!(said[0].starts_with("line 3: at must be a time"), "{said:?}");
    assert!(
        said[1].starts_with("line 4: a visit needs a page"),
        "{said:?}"
    );
}

#[actix_web::test]
async fn a_visit_with_a_row_that_cannot_be_read_goes_in_whole_once_that_is_mended() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let since = clock::now() - 3 * DAY;
    add_goals(&app, &site, since).await;
    let at = clock::now() - DAY;
    let mut text = String::from("visit,at,kind,page,value\n");
    for visit in ["a", "b", "c"] {
        text.push_str(&format!(
            "{visit},{at},page_view,/pricing,\n{visit},{},signed_up,,49.90\n{visit},{},page_view,/thanks,\n",
            at + 1_000,
            at + 2_000,
        ));
    }
    // One has a decimal comma, another lacks a cell; the row that tells of the visit first is fine.
    let wrong = text.replacen(",49.90", ",\"49,90\"", 1).replace(
        &format!("b,{},page_view,/thanks,", at + 2_000),
        "b,soon,page_view",
    );
    let (_folder, file) = file_of(&wrong);

    let (summary, said) = import_from(&app, &site, Kind::Events, &file).await;

    assert_eq!(
        (summary.visits, summary.imported, summary.rejected),
        (1, 3, 6)
    );
    assert!(said[0].starts_with("line 3: value must be"), "{said:?}");
    assert!(
        said[1].starts_with("line 7: the row must have 5"),
        "{said:?}"
    );
    let mut others = said[2..].to_vec();
    others.sort();
    let because = |line: i32, of: i32| {
        format!(
            "line {line}: line {of} is of the same visit and cannot be read; a visit goes in whole"
        )
    };
    let expected = [because(2, 3), because(4, 3), because(5, 7), because(6, 7)];
    assert_eq!(others, expected);

    let path = summary.rejects.unwrap();
    let rejected = fs::read_to_string(&path).unwrap();
    let mended = rejected.replace("\"49,90\"", "49.90").replace(
        "b,soon,page_view,,,",
        &format!("b,{},page_view,/thanks,,", at + 2_000),
    );
    fs::write(&path, mended).unwrap();
    let (summary, said) = import_from(&app, &site, Kind::Events, &path).await;

    assert_eq!(said, [""; 0]);
    assert_eq!((summary.visits, summary.imported), (2, 6));
    // All are what the right file gives.
    let visits = app.visits(&site).await;
    assert_eq!(visits.len(), 3);
    assert!(
        visits
            .iter()
            .all(|visit| visit.value_minor == 4_990 && visit.pages == 2)
    );
    let again = import(&app, &site, Kind::Events, &text).await;
    assert_eq!((again.visits, again.before), (0, 9));
}

#[actix_web::test]
async fn two_lines_of_one_visit_without_events_are_mended_together() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let at = clock::now() - DAY;
    let (_folder, file) = file_of(&format!(
        "visit,started_at,page\n1,{at},/\n1,soon,/a\n2,{at},/\n3,soon,/\n"
    ));

    let (summary, said) = import_from(&app, &site, Kind::Visits, &file).await;

    assert_eq!((summary.visits, summary.rejected), (1, 3));
    assert!(
        said[2].starts_with("line 2: line 3 is of the same visit"),
        "{said:?}"
    );
}

#[actix_web::test]
async fn an_import_that_leaves_visits_out_comes_to_its_end() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let at = clock::now() - DAY;
    let (_folder, file) = file_of(&format!(
        "{HEADER}a,{at},page_view,/\na,soon,looked,\nb,{at},page_view,/\n"
    ));
    let request = Request {
        kind: Kind::Events,
        file,
        site: site.key.to_string(),
    };
    let mut last = String::new();

    let summary = import::run(&app.state.db, &request, &mut |say| {
        if let Say::Progress(progress) = say {
            last = progress.line();
        }
    })
    .await
    .unwrap();

    assert_eq!(summary.rejected, 2);
    assert!(last.starts_with("storing 100 %  2 rows"), "{last}");
}

#[actix_web::test]
async fn rejected_rows_of_another_run_are_kept() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let (folder, file) = file_of(&format!("{HEADER}a,soon,page_view,/\n"));
    let mended = folder.path().join("history.rejected.csv");
    fs::write(&mended, "mended by hand").unwrap();

    let (second, third) = ("history.rejected-2.csv", "history.rejected-3.csv");
    // The very same rows again need no file of their own.
    for (visit, name) in [("a", second), ("a", second), ("b", third), ("a", second)] {
        fs::write(&file, format!("{HEADER}{visit},soon,page_view,/\n")).unwrap();
        let (summary, _) = import_from(&app, &site, Kind::Events, &file).await;

        let path = folder.path().join(name);
        assert_eq!(summary.rejects.as_ref(), Some(&path));
        let rows = fs::read_to_string(&path).unwrap();
        let row = format!("{visit},soon,page_view,/,\"at must be");
        assert!(rows.contains(&row), "{rows}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    assert_eq!(fs::read_to_string(&mended).unwrap(), "mended by hand");
}

#[actix_web::test]
async fn a_quote_that_is_not_closed_is_named_and_nothing_goes_in() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let at = clock::now() - DAY;
    let row = |visit: i32, label: &str| format!("{visit},{at},click,{label}\n");
    let head = format!("visit,at,kind,label\n{}", row(0, "\"More,\n\"\"now\"\"\""));
    for rest in [
        row(2, "More"),
        row(2, "\"More\""),
        row(3, "More").repeat(50_000),
    ] {
        let (_folder, file) = file_of(&format!("{head}{}{rest}", row(1, "\"Pricing")));
        let request = Request {
            kind: Kind::Events,
            file,
            site: site.key.to_string(),
        };

        let outcome = import::run(&app.state.db, &request, &mut |_| {}).await;

        let error = format!("{:#}", outcome.unwrap_err());
        assert_eq!(
            error,
            "line 4: a quote is opened and not closed; close it, or write it twice where it is a part of a quoted text. Nothing was imported"
        );
        assert_eq!(app.visits(&site).await.len(), 0);
    }
    let good = format!(
        "visit,at,kind,label,page\n0,{at},page_view,,/\n0,{at},click,\"More,\n\"\"now\"\"\",\n"
    );
    let summary = import(&app, &site, Kind::Events, &good).await;
    assert_eq!((summary.visits, summary.imported), (1, 2));
}

#[actix_web::test]
async fn a_visit_that_has_more_rows_in_another_file_stays_as_it_is() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let at = clock::now() - DAY;
    import(
        &app,
        &site,
        Kind::Events,
        &format!("{HEADER}a,{at},page_view,/"),
    )
    .await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("more.csv");
    fs::write(
        &file,
        format!("{HEADER}a,{at},page_view,/\na,{},paid,", at + 9),
    )
    .unwrap();

    let (summary, said) = import_from(&app, &site, Kind::Events, &file).await;

    assert_eq!((summary.imported, summary.rejected), (0, 2));
    assert!(said[0].contains("was left as it is"), "{said:?}");
    assert_eq!(app.batches(&site).await.len(), 1);
}

#[actix_web::test]
async fn visits_without_events_have_their_first_page_and_their_goal() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    add_goals(&app, &site, clock::now()).await;
    let at = clock::now() - 2 * DAY;
    let text = format!(
        "visit,started_at,page,referrer,device,browser,language,country,visit_number,utm_source,converted,converted_at,value\n\
         1,{at},/,google.com,mobile,safari,de-CH,ch,3,,,,\n\
         2,{at},/a,,,Chrome/1,,,,news & more,yes,{},20\n\
         3,{at},/a,,,,,,,,viewed pricing,,\n",
        at + MINUTE
    );

    let summary = import(&app, &site, Kind::Visits, &text).await;

    assert_eq!((summary.visits, summary.imported), (3, 3));
    let visits = app.visits(&site).await;
    let by = |pages: i32, value: i64| {
        let mut found = visits.iter();
        found
            .find(|visit| visit.pages == pages && visit.value_minor == value)
            .unwrap()
    };
    let first = visits.iter().find(|visit| visit.device == "touch").unwrap();
    assert_eq!(
        (first.browser.as_str(), first.language.as_str()),
        ("Safari", "de-CH")
    );
    assert_eq!(
        (first.country.as_str(), first.visit_number),
        ("CH", Some(3))
    );
    assert_eq!(first.referrer.as_deref(), Some("google.com"));
    let bought = by(1, 2_000);
    assert_eq!(
        (bought.macro_at, bought.browser.as_str()),
        (Some(at + MINUTE), "Chrome")
    );
    assert_eq!(
        bought.campaign.as_deref(),
        Some(r#"{"source":"news & more"}"#)
    );
    assert_eq!(by(2, 0).funnel_step, 1);
}

#[actix_web::test]
async fn a_visit_stands_once_in_a_file_of_visits_and_the_other_line_is_named() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let at = clock::now() - DAY;
    let (_folder, file) = file_of(&format!(
        "visit,started_at,page,country\na,{at},/,DE\nb,{at},/,UK\na,{at},/pricing,CH\nc,{at},/,Germany\n"
    ));

    let (summary, said) = import_from(&app, &site, Kind::Visits, &file).await;

    assert_eq!(
        said,
        [
            "line 3: country: write GB for the United Kingdom",
            "line 5: country must be two letters (ISO 3166), such as DE, or empty",
            "line 4: the visit stands on line 2 already; give each visit a name of its own",
        ]
    );
    assert_eq!((summary.visits, summary.rejected), (1, 3));
    assert_eq!(app.visits(&site).await[0].country, "DE");
}

#[actix_web::test]
async fn a_visit_has_converted_by_the_words_that_are_documented() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    add_goals(&app, &site, clock::now()).await;
    let at = clock::now() - DAY;
    let said = [
        "yes",
        "TRUE",
        "1",
        "Signed up",
        "no",
        "false",
        "0",
        "",
        "2",
        "y",
    ];
    let lines = said.iter().enumerate();
    let lines: String = lines
        .map(|(n, said)| format!("v{n},{at},/,{said}\n"))
        .collect();
    let (_folder, file) = file_of(&format!("visit,started_at,page,converted\n{lines}"));

    let (summary, why) = import_from(&app, &site, Kind::Visits, &file).await;

    let visits = app.visits(&site).await;
    let converted = visits.iter().filter(|visit| visit.macro_at.is_some());
    assert_eq!((summary.visits, converted.count()), (8, 4));
    let right = "converted must be yes, true or 1 for the main goal, no, false or 0 for none, or a goal of the site: Viewed pricing, Started the form, Signed up";
    assert_eq!(
        why,
        [format!("line 10: {right}"), format!("line 11: {right}")]
    );
    let mut columns = Kind::Visits.columns().iter();
    let (_, about) = columns.find(|(name, _)| *name == "converted").unwrap();
    assert!(
        about.starts_with("yes, true or 1 for the main goal of the site"),
        "{about}"
    );
}

#[actix_web::test]
async fn made_up_visits_and_those_of_a_file_are_kept_apart() {
    let app = TestApp::spawn().await;
    let now = clock::now();
    let sample = seed::site::create(&app.state.db, 10, now).await.unwrap();
    demo::provision::ensure(&app.state.db, now).await.unwrap();
    let sites = site::store::list(&app.state.db.read).await.unwrap();
    let demo = sites
        .into_iter()
        .find(|site| site.kind == SiteKind::Demo)
        .unwrap();
    let (_folder, file) = file_of(&format!("{HEADER}a,{},page_view,/\n", now - DAY));
    for (site, what) in [
        (sample, "a sample site, whose visits are made up"),
        (demo, "the demo, whose visits are tries of its own pages"),
    ] {
        let request = Request {
            kind: Kind::Events,
            file: file.clone(),
            site: site.key.to_string(),
        };

        let outcome = import::run(&app.state.db, &request, &mut |_| {}).await;

        let error = format!("{:#}", outcome.unwrap_err());
        assert_eq!(
            error,
            format!("{} is {what}: import into a site of your own", site.key)
        );
    }
}

#[actix_web::test]
async fn goals_count_history_that_is_older_than_they_are() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let now = clock::now();
    let visit =
        |name: &str, days: i64| format!("{HEADER}{name},{},page_view,/pricing", now - days * DAY);
    import(&app, &site, Kind::Events, &visit("a", 1)).await;
    add_goals(&app, &site, now).await;

    import(&app, &site, Kind::Events, &visit("b", 2)).await;

    let masks = async |days: i64| {
        let visits = app.visits(&site).await.into_iter();
        let of_day = visits.filter(|visit| visit.started_at == now - days * DAY);
        of_day.map(|visit| visit.mask_all != 0).collect::<Vec<_>>()
    };
    assert_eq!(masks(2).await, [true]);
    // What was imported before is counted again in the background.
    for _ in 0..400 {
        if masks(1).await == [true] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(masks(1).await, [true]);
}
