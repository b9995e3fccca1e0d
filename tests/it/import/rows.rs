//! Which rows go in, what they come to, and what becomes of the others.

use std::fs;

use exitpoll::{
    clock::{self, DAY, MINUTE},
    import::Kind,
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

#[actix_web::test]
async fn what_cannot_be_read_is_kept_with_its_line_and_reason_and_the_rest_goes_in() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("history.csv");
    let at = clock::now() - DAY;
    let (day_later, hour) = (at + DAY - MINUTE, at + 60 * MINUTE);
    fs::write(
        &file,
        format!(
            "visit,at,kind,page,value\na,{at},page_view,/,\na,soon,page_view,/,\n,{at},page_view,/,\nb,{at},page_view,,\n\
             b,{at},track,,\nb,{at},eligible,,\nb,{at},paid,,ten\nb,{at},paid,,10\nc,{at},page_view,/\nd,{},page_view,/,\nd,{day_later},paid,,\n",
            at - 2 * MINUTE
        ),
    )
    .unwrap();

    let (summary, said) = import_from(&app, &site, Kind::Events, &file).await;

    let lines: Vec<_> = said
        .iter()
        .map(|why| why.split(':').next().unwrap())
        .collect();
    assert_eq!(
        lines,
        [
            "line 3", "line 4", "line 5", "line 6", "line 7", "line 8", "line 10", "line 11",
            "line 12"
        ]
    );
    for (why, right) in said.iter().zip([
        "at must be a time",
        "visit must name",
        "page must be given for page_view",
        "the name of the custom event itself",
        "is no event of another tool",
        "value must be a number",
        "must have 5 cells as the first line has; it has 4",
        "lasts less than 24 h",
    ]) {
        assert!(why.contains(right), "{why}");
    }
    assert_eq!(
        (summary.visits, summary.imported, summary.rejected),
        (2, 2, 9)
    );
    let path = summary.rejects.unwrap();
    assert_eq!(path, folder.path().join("history.rejected.csv"));
    let rejected = fs::read_to_string(&path).unwrap();
    assert!(rejected.starts_with(
        "visit,at,kind,page,value,rejected_because\na,soon,page_view,/,,\"at must be"
    ));

    // Once it is mended, the file of rejected rows is one to import.
    let mended = format!("visit,at,kind,page,value,rejected_because\nd,{hour},paid,,,late\n");
    fs::write(&path, mended).unwrap();
    let (summary, _) = import_from(&app, &site, Kind::Events, &path).await;
    assert_eq!((summary.visits, summary.rejected), (1, 0));
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
        "visit,started_at,page,referrer,device,browser,language,utm_source,converted,converted_at,value\n\
         1,{at},/,google.com,mobile,safari,de-CH,,,,\n\
         2,{at},/a,,,Chrome/1,,news & more,yes,{},20\n\
         3,{at},/a,,,,,,viewed pricing,,\n",
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
async fn goals_that_are_younger_than_stored_visits_keep_counting_from_when_they_were_saved() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let now = clock::now();
    import(
        &app,
        &site,
        Kind::Events,
        &format!("{HEADER}a,{},page_view,/pricing", now - DAY),
    )
    .await;
    add_goals(&app, &site, now).await;

    let text = format!("{HEADER}b,{},page_view,/pricing", now - 2 * DAY);
    let summary = import(&app, &site, Kind::Events, &text).await;

    let late: Vec<_> = summary
        .late_goals
        .iter()
        .map(|(name, at)| (name.as_str(), *at))
        .collect();
    assert_eq!(
        late,
        [
            ("Viewed pricing", now),
            ("Started the form", now),
            ("Signed up", now)
        ]
    );
    assert!(
        app.visits(&site)
            .await
            .iter()
            .all(|visit| visit.mask_all == 0)
    );
}
