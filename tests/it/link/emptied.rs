//! An answer whose fields were emptied again is taken back: nobody reads what a visitor did not want to send.

use exitpoll::{
    answer::store::marks,
    clock,
    db::entity::{OfSite, webhook_delivery},
    prompt::draft::NewDesign,
    webhook,
};

use super::{
    bounds::essay,
    survey::{Survey, send},
};

/// Questions that need no answer.
fn optional(questions: usize) -> NewDesign {
    let mut design = essay(questions);
    for question in &mut design.questions {
        question.is_required = false;
    }
    design
}

impl Survey {
    async fn insert_webhook(&self) {
        let tx = self.app.state.db.begin().await.unwrap();
        let (url, now) = ("https://hooks.example/", clock::now());
        let inserted = webhook::store::insert_webhook(&tx, self.site.id, url, now).await;
        inserted.unwrap();
        tx.commit().await.unwrap();
    }

    /// How many messages are noted.
    async fn messages(&self) -> usize {
        let messages = webhook_delivery::Entity::of_site(self.site.id);
        messages.all(&self.app.state.db.read).await.unwrap().len()
    }

    async fn words(&self) -> Vec<String> {
        let answers = self.app.answers(&self.site).await.into_iter();
        answers.map(|row| row.comment).collect()
    }

    async fn is_answered(&self) -> bool {
        let impressions = self.app.impressions(&self.site).await;
        impressions.iter().any(|made| made.answered_at.is_some())
    }
}

#[actix_web::test]
async fn what_was_emptied_is_neither_listed_nor_told_and_may_be_said_anew() {
    let survey = Survey::open(&optional(2)).await;
    survey.insert_webhook().await;
    let (client, path) = (&survey.client, &survey.path);
    let first = client.get(path).await;
    let second = send(client, path, &first, &[("x", "My name is Ann")]).await;
    assert_eq!(
        (survey.words().await.len(), survey.messages().await),
        (1, 1)
    );
    let id = survey.app.answers(&survey.site).await[0].impression_id;
    let tx = survey.app.state.db.begin().await.unwrap();
    let starred = marks::set_star(&tx, survey.site.id, id, Some(1)).await;
    starred.unwrap();
    tx.commit().await.unwrap();

    let back = send(client, path, &second, &[("go", "back")]).await;
    let second = send(client, path, &back, &[("x", ""), ("go", "next")]).await;

    assert!(second.body.contains("Question 2?"), "{}", second.body);
    assert!(
        survey.words().await.is_empty(),
        "{:?}",
        survey.words().await
    );
    assert!(!survey.is_answered().await, "as if nothing had been said");
    assert_eq!(survey.messages().await, 0);

    let done = send(client, path, &second, &[("x", "Two")]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(survey.words().await, ["Two"]);
    assert!(survey.is_answered().await);
    assert_eq!(survey.messages().await, 1);
    let list = survey.app.owner().await;
    let address = format!("/sites/{}/answers.json?starred=1", survey.site.key);
    let starred = list.get(&address).await.json();
    assert_eq!(starred["answers"], serde_json::json!([]), "{starred}");
}

#[actix_web::test]
async fn what_lies_behind_a_field_that_was_emptied_stays() {
    let survey = Survey::open(&optional(3)).await;
    let (client, path) = (&survey.client, &survey.path);
    let first = client.get(path).await;
    let second = send(client, path, &first, &[("x", "One")]).await;
    send(client, path, &second, &[("x", "Two")]).await;

    send(client, path, &first, &[("x", "")]).await;

    assert_eq!(survey.words().await, ["Two"]);
    assert!(survey.is_answered().await);
}

#[actix_web::test]
async fn whoever_empties_an_answer_after_the_end_is_told_that_it_stays() {
    let survey = Survey::open(&optional(2)).await;
    let (client, path) = (&survey.client, &survey.path);
    let first = client.get(path).await;
    let second = send(client, path, &first, &[("x", "One")]).await;
    send(client, path, &second, &[("x", "Two")]).await;

    let emptied = send(client, path, &first, &[("x", "")]).await;

    assert_eq!(emptied.status, 409, "{}", emptied.body);
    assert_eq!(survey.words().await, ["One", "Two"]);
}

#[actix_web::test]
async fn whoever_answers_nothing_at_all_comes_to_the_end_and_nothing_is_stored() {
    let survey = Survey::open(&optional(2)).await;
    let (client, path) = (&survey.client, &survey.path);
    let mut page = client.get(path).await;
    for _ in 0..2 {
        page = send(client, path, &page, &[("x", "")]).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }

    assert!(survey.words().await.is_empty() && !survey.is_answered().await);
    assert!(survey.app.drops(&survey.site).await.is_empty());
}
