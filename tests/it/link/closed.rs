//! Whether a link can be answered is told when it is opened.

use exitpoll::prompt::types::{Fairness, Quota, Schedule};

use super::survey::{path, send, survey};
use crate::support::{app::TestApp, client::Reply, prompt::pricing};

fn is_closed(page: &Reply) -> bool {
    page.status == 404
        && page.body.contains("This question is closed")
        && !page.body.contains("<form")
}

#[actix_web::test]
async fn a_link_that_has_its_answers_says_so_when_it_is_opened() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let (mut limited, mut by_quota) = (survey(), survey());
    limited.fairness.response_limit = Some(1);
    by_quota.fairness.quotas = vec![Quota {
        question: "q1".into(),
        choice: "c2".into(),
        most: 1,
    }];
    for design in [limited, by_quota] {
        let prompt = app.publish(&site, "Survey", &design).await;
        let (path, client) = (path(&site, prompt), app.anonymous());
        let first = client.get(&path).await;
        let begun = client.get(&path).await;
        let begun = send(&client, &path, &begun, &[("c", "c1")]).await;
        assert_eq!((first.status, begun.status), (200, 200), "{}", begun.body);
        send(&client, &path, &first, &[("c", "c2")]).await;

        let full = client.get(&path).await;
        assert!(is_closed(&full), "{}", full.body);
        let goes_on = send(&client, &path, &begun, &[("x", "It is dear")]).await;
        assert!(
            goes_on.body.contains("Thank you."),
            "whoever was asked may answer: {}",
            goes_on.body
        );
    }
}

#[actix_web::test]
async fn a_link_outside_its_schedule_says_so_when_it_is_opened() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = survey();
    design.fairness = Fairness {
        schedule: Schedule {
            until_day: Some(20_200_101),
            ..Schedule::default()
        },
        ..Fairness::default()
    };
    let prompt = app.publish(&site, "Survey", &design).await;

    let over = app.anonymous().get(&path(&site, prompt)).await;
    assert!(is_closed(&over), "{}", over.body);
}

#[actix_web::test]
async fn an_archived_link_says_so_when_it_is_opened() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Survey", &survey()).await;
    let owner = app.owner().await;
    owner
        .post_form(
            &format!("/sites/{}/prompts/{prompt}/archive", site.key),
            &[],
        )
        .await;

    let archived = app.anonymous().get(&path(&site, prompt)).await;
    assert!(is_closed(&archived), "{}", archived.body);
    let card = app.publish(&site, "Card", &pricing()).await;
    assert!(is_closed(&app.anonymous().get(&path(&site, card)).await));
}
