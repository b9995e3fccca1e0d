//! Whoever goes back: what was said behind stays, the later word holds whatever a clock says, and nothing is thanked for that was not stored.

use exitpoll::{clock, clock::HOUR, prompt::draft::NewDesign, types::ViewId};

use super::{
    bounds::essay,
    survey::{Survey, send, survey},
};

/// The first choice leads on, the second over the next question.
fn forked() -> NewDesign {
    let mut design = survey();
    let jump = &mut design.questions[0].jumps[0];
    jump.to = "q3".into();
    let mut last = design.questions[1].clone();
    last.id = "q3".into();
    last.title = "Anything else?".into();
    design.questions.push(last);
    design
}

#[actix_web::test]
async fn a_clock_that_was_set_back_loses_no_step() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;
    let ahead = ViewId::new(clock::now() + HOUR).0.to_string();

    let first = client.get(&path).await;
    let fields = [("view", ahead.as_str()), ("c", "c1")];
    let second = send(&client, &path, &first, &fields).await;
    let done = send(&client, &path, &second, &[("x", "It is dear")]).await;

    assert!(done.body.contains("Thank you."), "{}", done.body);
    let answers = app.answers(&site).await;
    assert_eq!(answers.len(), 2);
    assert!(
        answers.iter().all(|answer| answer.is_complete),
        "{answers:?}"
    );
}

#[actix_web::test]
async fn whoever_changes_an_answer_after_the_end_is_told_that_it_is_not_changed() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;
    let first = client.get(&path).await;
    let second = send(&client, &path, &first, &[("c", "c1")]).await;
    let last = [("x", "It is dear")];
    send(&client, &path, &second, &last).await;

    let twice = send(&client, &path, &second, &last).await;
    assert!(twice.body.contains("Thank you."), "{}", twice.body);
    let same = send(&client, &path, &first, &[("c", "c1")]).await;
    assert_eq!(same.status, 200, "nothing was changed: {}", same.body);
    let words = send(&client, &path, &second, &[("x", "Otherwise")]).await;
    let choice = send(&client, &path, &first, &[("c", "other")]).await;
    for changed in [&words, &choice] {
        assert_eq!(changed.status, 409, "{}", changed.body);
        assert!(changed.body.contains("This answer was not changed"));
    }
    let answers = app.answers(&site).await;
    assert_eq!((answers.len(), answers[1].comment.as_str()), (2, last[0].1));
    assert_eq!(app.chosen(&site).await, ["c1"]);
    assert_eq!(app.drops(&site).await, [("answer_over".to_owned(), 2)]);

    let erased = app
        .state
        .writer
        .erase_answer(site.id, answers[0].impression_id);
    erased.await.unwrap();
    let gone = send(&client, &path, &second, &last).await;
    assert_eq!(gone.status, 409, "{}", gone.body);
    assert!(app.answers(&site).await.is_empty());
}

#[actix_web::test]
async fn whoever_goes_back_and_leaves_keeps_what_was_said_behind() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&essay(3)).await;
    let first = client.get(&path).await;
    let second = send(&client, &path, &first, &[("x", "One")]).await;
    send(&client, &path, &second, &[("x", "Two")]).await;

    send(&client, &path, &first, &[("x", "One")]).await;
    send(&client, &path, &first, &[("x", "Another")]).await;

    let answers = app.answers(&site).await;
    let said: Vec<&str> = answers.iter().map(|row| row.comment.as_str()).collect();
    assert_eq!(said, ["Another", "Two"]);
}

#[actix_web::test]
async fn what_another_way_leaves_out_is_taken_back() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&forked()).await;
    let first = client.get(&path).await;
    let second = send(&client, &path, &first, &[("c", "c1")]).await;
    send(&client, &path, &second, &[("x", "It is dear")]).await;

    send(&client, &path, &first, &[("c", "c1")]).await;
    assert_eq!(app.answers(&site).await.len(), 2);
    send(&client, &path, &first, &[("c", "c2")]).await;
    let answers = app.answers(&site).await;
    assert_eq!((answers.len(), answers[0].question_id.as_str()), (1, "q1"));
    assert_eq!(app.chosen(&site).await, ["c2"]);
}
