//! What reports are asked for and there is not: it is said, never left out without a word.

use super::{
    segments::id_of,
    world::{World, assert_reads, words},
};
use crate::support::{app::TestApp, client::Reply};

/// Pages say it in words, files as JSON.
fn assert_refused(address: &str, reply: &Reply, said: &str) {
    assert_eq!(reply.status, 422, "{address}: {}", reply.body);
    if [".csv", ".json"].iter().any(|end| address.ends_with(end)) {
        assert_eq!(reply.header("content-type"), "application/problem+json");
        return assert_reads(&reply.body, &[said]);
    }
    assert_reads(
        &words(&reply.body),
        &["This page cannot be shown like this", said],
    );
}

/// The page of a report and both of its files.
fn addresses(world: &World, report: &str) -> [String; 3] {
    let base = format!("/sites/{}", world.site.key);
    match report {
        "funnel" => [
            base.clone(),
            format!("{base}/reports/funnel.csv"),
            format!("{base}/reports/funnel.json"),
        ],
        other => ["", ".csv", ".json"].map(|end| format!("{base}/reports/{other}{end}")),
    }
}

async fn shop(app: &TestApp) -> World {
    let mut world = World::new(app, "Shop").await;
    world.walk("012");
    world.insert(app).await;
    world
}

#[actix_web::test]
async fn what_a_report_is_asked_for_and_there_is_not_is_named_with_what_would_be_right() {
    let app = TestApp::spawn().await;
    let world = shop(&app).await;
    let other = World::new(&app, "Other").await;
    let foreign = id_of(&app, &other, "Viewed pricing").await;
    let pricing = id_of(&app, &world, "Viewed pricing").await;
    let dimensions =
        "by: write device, source, campaign, landing, language, country, visitor, variant or load";
    let of_visits = [
        ("by=foo".to_owned(), dimensions),
        (
            "visitor=old".into(),
            "visitor: write new, returning or unknown",
        ),
        (
            "load=slow".into(),
            "load: write up_to_1s, up_to_2.5s, up_to_4s or over_4s",
        ),
        ("source=a&source=b".into(), "source: give it once"),
        ("automated=yes".into(), "automated: write 1"),
    ];
    let no_goal = "there is no such goal; its page under Goals has its id in the address";
    let of_deeds = [
        ("did=nope".to_owned(), format!("did: {no_goal}")),
        (format!("did={foreign}"), format!("did: {no_goal}")),
        (format!("did={pricing}&not=gl_1"), format!("not: {no_goal}")),
    ];
    let of_steps = [
        (
            "order=sideways".to_owned(),
            "order: write sequential, any or strict",
        ),
        ("without=gl_1".into(), no_goal),
        (
            format!("without={pricing}"),
            "without: this goal is a step; choose one that is none",
        ),
        (
            "within=0".into(),
            "within: write a whole number of minutes from 1 to 1440",
        ),
        (
            "within=99999".into(),
            "within: write a whole number of minutes from 1 to 1440",
        ),
        (
            "within=soon".into(),
            "within: write a whole number of minutes from 1 to 1440",
        ),
        ("times=yes".into(), "times: write 1"),
        (
            "beside=nope".into(),
            "beside: write all, others, or filters as in device%3Dtouch",
        ),
        ("beside=did%3Dnobody".into(), "did: there is no such goal"),
        (
            "beside=visitor%3Dold".into(),
            "visitor: write new, returning or unknown",
        ),
    ];
    let mut cases: Vec<(&str, &str, &str)> = vec![];
    for report in [
        "funnel",
        "overview",
        "steps",
        "predictors",
        "reasons",
        "scores",
    ] {
        cases.extend(
            of_visits
                .iter()
                .map(|(query, said)| (report, query.as_str(), *said)),
        );
    }
    for report in ["funnel", "overview", "steps"] {
        let deeds = of_deeds.iter();
        cases.extend(deeds.map(|(query, said)| (report, query.as_str(), said.as_str())));
    }
    let steps = of_steps.iter();
    cases.extend(steps.map(|(query, said)| ("funnel", query.as_str(), *said)));
    let owner = app.owner().await;
    for (report, query, said) in cases {
        for address in addresses(&world, report) {
            let reply = owner.get(&format!("{address}?{query}")).await;
            assert_refused(&address, &reply, said);
        }
    }
}

#[actix_web::test]
async fn what_a_form_leaves_empty_is_not_chosen_and_any_text_may_be_looked_for() {
    let app = TestApp::spawn().await;
    let world = shop(&app).await;
    let owner = app.owner().await;
    let empty = "by=&did=&not=&order=&without=&within=&times=&beside=&automated=&from=&to=";
    for address in addresses(&world, "funnel") {
        let reply = owner.get(&format!("{address}?{empty}")).await;
        assert_eq!(reply.status, 200, "{address}: {}", reply.body);
    }
    for (query, said) in [
        ("source=nowhere", "Source: nowhere ×"),
        ("country=XX", "Country: XX ×"),
        ("campaign=", "Campaign: No campaign ×"),
        ("device=", "Device: Not known ×"),
        ("device=fridge", "Device: fridge ×"),
        ("load=", "Page load: Not told ×"),
    ] {
        let page = addresses(&world, "overview")[0].clone();
        let reply = owner.get(&format!("{page}?{query}")).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);
        assert_reads(&words(&reply.body), &[said]);
    }
}

#[actix_web::test]
async fn a_report_that_cannot_be_narrowed_says_so_and_its_files_refuse() {
    let app = TestApp::spawn().await;
    let world = shop(&app).await;
    let prompt = format!("prompts/{}", world.prompt_id);
    let base = format!("/sites/{}", world.site.key);
    let all =
        "This page shows all visits: it does not know “device” and “by”. Show it without them";
    let reports = ["revenue", "blueprint", "quality", "forms", "knowable"];
    let reports = reports.map(|report| format!("reports/{report}"));
    let owner = app.owner().await;
    for report in reports.iter().chain([&format!("{prompt}/why")]) {
        let page = format!("{base}/{report}");
        let reply = owner
            .get(&format!("{page}?days=7&device=touch&by=source"))
            .await;
        assert_eq!(reply.status, 200, "{report}: {}", reply.body);
        assert_reads(&words(&reply.body), &[all]);
        assert!(
            reply.body.contains("href=\"?days=7\""),
            "{report}: {}",
            reply.body
        );
        let plain = owner.get(&format!("{page}?days=7&by=")).await;
        assert!(!plain.body.contains("does not know"), "{report}");
        if report.ends_with("knowable") {
            continue;
        }
        for format in ["csv", "json"] {
            let file = format!("{page}.{format}");
            let reply = owner.get(&format!("{file}?device=touch&by=")).await;
            let said = "device: this file cannot be asked for it; leave it out";
            assert_refused(&file, &reply, said);
        }
    }
    // What did narrow it is kept.
    let some = "This page shows all visits that the other filters leave: it does not know “did”.";
    let pricing = id_of(&app, &world, "Viewed pricing").await;
    for report in [
        "reports/predictors",
        "reports/reasons",
        "reports/scores",
        &format!("{prompt}/report"),
    ] {
        let page = format!("{base}/{report}");
        let asked = format!("days=7&device=touch&did={pricing}");
        let reply = owner.get(&format!("{page}?{asked}")).await;
        assert_reads(&words(&reply.body), &[some]);
        assert!(
            reply.body.contains("href=\"?days=7&#38;device=touch\""),
            "{}",
            reply.body
        );
        let file = owner.get(&format!("{page}.csv?{asked}")).await;
        assert_eq!(file.status, 422, "{report}");
    }
    let steps = owner.get(&format!("{base}/reports/steps?order=any")).await;
    assert_reads(
        &words(&steps.body),
        &["it does not know “order”. Show it without it"],
    );
    let days = "beside_from=2026-11-01&beside_to=2026-11-07";
    let overview = owner.get(&format!("{base}/reports/overview?{days}")).await;
    assert_reads(
        &words(&overview.body),
        &["it does not know “beside_from” and “beside_to”. Show it without them"],
    );
    let file = owner
        .get(&format!("{base}/reports/overview.csv?{days}"))
        .await;
    assert_eq!(file.status, 422, "{}", file.body);
    let funnel = owner
        .get(&format!("{base}?order=any&did={pricing}&by=source"))
        .await;
    assert!(!funnel.body.contains("does not know"), "{}", funnel.body);
    // Other pages have filters of their own.
    let answers = owner.get(&format!("{base}/answers?device=touch")).await;
    assert!(!answers.body.contains("does not know"), "{}", answers.body);
}

#[actix_web::test]
async fn the_funnel_leads_to_the_small_steps_of_the_same_visits() {
    let app = TestApp::spawn().await;
    let world = shop(&app).await;
    let owner = app.owner().await;
    let page = format!("/sites/{}?device=touch&order=any&within=5", world.site.key);
    let page = owner.get(&page).await.body;
    let link = page.split("/reports/steps?").nth(1).unwrap();
    let query = link.split('"').next().unwrap().replace("&#38;", "&");
    assert!(query.contains("device=touch"), "{query}");
    let steps = format!("/sites/{}/reports/steps?{query}", world.site.key);
    let steps = owner.get(&steps).await;
    assert_eq!(steps.status, 200, "{}", steps.body);
    assert!(!steps.body.contains("does not know"), "{}", steps.body);
}
