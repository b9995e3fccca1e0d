//! Whoever has begun goes on with what they began with, and a step that fits nothing of it spoils nothing.

use exitpoll::{
    clock,
    ingest::{link, payload::Payload, reply::Outcome, reply::Reply},
    prompt::{draft::NewQuestion, types::QuestionKind},
    types::ViewId,
};
use serde_json::{Value, json};

use super::{
    bounds::essay,
    survey::{Survey, send, survey},
};

impl Survey {
    /// Writes it as the page does.
    async fn write(&self, view: ViewId, payload: Payload) -> Reply {
        let empty = json!({"v": 1, "k": self.site.key, "w": view.0, "t": 0});
        let visitor = [[7; 16]];
        let mut job = self
            .app
            .job(&self.site, &empty, &visitor, clock::now())
            .await;
        job.payload = payload;
        self.app.state.writer.write(job).await.unwrap()
    }

    /// The token of an answer that is begun.
    async fn begin(&self, view: ViewId) -> String {
        let opening = link::opening(&self.site, view, self.prompt);
        let reply = self.write(view, opening).await;
        match reply.ask.into_iter().next().map(|asked| asked.outcome) {
            Some(Outcome::Show(card)) => card.token,
            _ => panic!("is asked"),
        }
    }

    async fn step(&self, view: ViewId, token: &str, step: &str, given: Value) {
        let given = serde_json::from_value(given).unwrap();
        let (token, step) = (token.to_owned(), step.to_owned());
        let answer = link::answer(&self.site, view, token, step, false, given);
        self.write(view, answer).await;
    }

    async fn said(&self) -> Vec<(String, String)> {
        let answers = self.app.answers(&self.site).await.into_iter();
        answers.map(|row| (row.question_id, row.comment)).collect()
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected.iter().map(|(id, words)| (*id, *words));
    owned
        .map(|(id, words)| (id.to_owned(), words.to_owned()))
        .collect()
}

#[actix_web::test]
async fn whoever_goes_back_to_the_first_step_after_a_change_goes_on_with_what_they_began_with() {
    let begun = Survey::open(&survey()).await;
    let (app, client, path) = (&begun.app, &begun.client, &begun.path);
    let first = client.get(path).await;
    send(client, path, &first, &[("c", "c1")]).await;
    let mut changed = survey();
    let between = NewQuestion {
        id: "q3".into(),
        kind: QuestionKind::Text,
        title: "Since when?".into(),
        ..NewQuestion::default()
    };
    changed.questions.insert(1, between);
    app.publish_again(&begun.site, begun.prompt, &changed).await;

    let again = send(client, path, &first, &[("c", "c1")]).await;
    assert!(again.body.contains("Why “Too dear”?"), "{}", again.body);
    let done = send(client, path, &again, &[("x", "It is dear")]).await;

    assert!(done.body.contains("Thank you."), "{}", done.body);
    assert_eq!(
        begun.said().await,
        pairs(&[("q1", ""), ("q2", "It is dear")])
    );
    let answers = app.answers(&begun.site).await;
    assert!(
        answers
            .iter()
            .all(|row| row.is_complete && row.prompt_version == 1),
        "{answers:?}"
    );
}

#[actix_web::test]
async fn a_step_that_the_version_lacks_leaves_what_it_says_and_nothing_twice() {
    let begun = Survey::open(&essay(3)).await;
    let view = ViewId::new(clock::now());
    let token = begun.begin(view).await;
    begun
        .step(view, &token, "q1", json!({"q1": {"x": "One"}}))
        .await;

    let both = json!({"q1": {"x": "Another"}, "q9": {"x": "Nowhere"}});
    begun.step(view, &token, "q9", both).await;

    assert_eq!(begun.said().await, pairs(&[("q1", "Another")]));
}

#[actix_web::test]
async fn a_step_that_says_what_lies_behind_it_is_stored_once() {
    let begun = Survey::open(&essay(3)).await;
    let view = ViewId::new(clock::now());
    let token = begun.begin(view).await;
    let both = json!({"q1": {"x": "One"}, "q2": {"x": "Two"}});
    begun.step(view, &token, "q2", both).await;

    let both = json!({"q1": {"x": "One"}, "q2": {"x": "Later"}});
    begun.step(view, &token, "q1", both).await;

    assert_eq!(begun.said().await, pairs(&[("q1", "One"), ("q2", "Later")]));
}
