//! The owner tries a link: whatever its limits, and without an answer that counts.

use exitpoll::{
    clock::{self, DAY},
    prompt::types::Schedule,
    site::tool::Tool,
};

use super::survey::{Survey, path, send, survey};
use crate::support::app::TestApp;

const TEST_LINE: &str = "This is a test: the answer is marked as one.";

#[actix_web::test]
async fn the_editor_offers_a_test_of_the_link_which_counts_nowhere() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = survey();
    design.fairness.response_limit = Some(1);
    design.fairness.schedule = Schedule {
        until_day: Some(20_200_101),
        ..Schedule::default()
    };
    let prompt = app.publish(&site, "Survey", &design).await;
    let (path, client, owner) = (path(&site, prompt), app.anonymous(), app.owner().await);
    let editor = owner
        .get(&format!("/sites/{}/prompts/{prompt}", site.key))
        .await;
    assert!(editor.body.contains("Try the link"), "{}", editor.body);
    let from = editor.body.find(&format!("{path}?exitpoll_test=")).unwrap();
    let link: String = editor.body[from..]
        .chars()
        .take_while(|sign| !"\"<".contains(*sign))
        .collect();

    let first = client.get(&link).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert!(first.body.contains(TEST_LINE), "{}", first.body);
    let second = send(&client, &path, &first, &[("c", "c1")]).await;
    assert!(second.body.contains(TEST_LINE), "{}", second.body);
    let done = send(&client, &path, &second, &[("x", "Only a test")]).await;
    assert!(done.body.contains("Thank you.") && done.body.contains(TEST_LINE));

    let answers = app.answers(&site).await;
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().all(|answer| answer.is_test));
    assert!(app.visits(&site).await.iter().all(|visit| visit.is_test));
    let closed = client.get(&path).await;
    assert!(closed.body.contains("This question is closed"));
}

#[actix_web::test]
async fn a_test_that_is_over_becomes_no_real_answer() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;
    let old = Tool::AskAgain.token(&site.signing_key, clock::now() - DAY);

    let opened = client.get(&format!("{path}?exitpoll_test={old}")).await;
    let real = client.get(&path).await;
    let sent = send(&client, &path, &real, &[("c", "c1"), ("test", &old)]).await;

    for page in [opened, sent] {
        assert!(
            page.status == 410 && page.body.contains("This test is over"),
            "{}",
            page.body
        );
    }
    assert!(app.answers(&site).await.is_empty());
}
