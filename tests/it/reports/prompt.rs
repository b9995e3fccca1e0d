//! The report of one prompt.

use super::world::{World, assert_reads, words};
use crate::support::app::TestApp;

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
            "Opened 43 89.6 %",
            "On screen 43 100 %",
            "Begun 36 83.7 %",
            "Answered 36 100 %",
            "4 closed the card, 3 neither closed it nor sent an answer.",
            "3 were left unasked for comparison",
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
