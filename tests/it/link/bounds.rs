//! What a link takes: as much as its fields allow, for a week, and the newest of what was said.

use exitpoll::{
    clock::{self, DAY},
    ingest::link,
    prompt::draft::{NewDesign, NewQuestion},
    prompt::types::QuestionKind,
    types::ViewId,
};
use serde_json::json;

use super::survey::{Survey, send, survey};

pub(super) fn essay(questions: usize) -> NewDesign {
    let mut design = survey();
    design.questions = (1..=questions)
        .map(|n| NewQuestion {
            id: format!("q{n}"),
            kind: QuestionKind::Text,
            title: format!("Question {n}?"),
            is_required: true,
            ..NewQuestion::default()
        })
        .collect();
    design.endings.clear();
    design
}

#[actix_web::test]
async fn as_much_as_the_fields_allow_can_be_sent_in_any_script() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&essay(10)).await;
    let longest = "𐍈".repeat(4_000);

    let mut page = client.get(&path).await;
    for n in 1..=10 {
        assert!(page.body.contains(&format!("Question {n}?")), "{n}");
        page = send(&client, &path, &page, &[("x", &longest)]).await;
        assert_eq!(page.status, 200, "{n}");
    }
    assert!(page.body.contains("Thank you."));
    let answers = app.answers(&site).await;
    assert!(answers.iter().all(|answer| answer.comment == longest));
    assert_eq!(answers.len(), 10);
}

#[actix_web::test]
async fn more_than_that_is_refused_and_what_was_kept_stays() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&essay(2)).await;
    let first = client.get(&path).await;
    let second = send(&client, &path, &first, &[("x", "Short")]).await;

    let refused = send(&client, &path, &second, &[("x", &"a".repeat(800_000))]).await;

    assert_eq!(refused.status, 413);
    assert!(
        refused.body.contains("This answer is too long"),
        "{}",
        refused.body
    );
    assert!(
        refused
            .body
            .contains("What you sent before, if anything, is kept.")
    );
    assert!(!refused.body.contains("Go to your sites"));
    let answers = app.answers(&site).await;
    assert_eq!((answers.len(), answers[0].comment.as_str()), (1, "Short"));
}

#[actix_web::test]
async fn what_fits_is_kept_and_the_page_says_that_a_part_was_not_taken() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;
    let first = client.get(&path).await;
    let second = send(&client, &path, &first, &[("c", "c1")]).await;

    let given = r#"{"q1":{"c":["c1","c9"]}}"#;
    let fields = [("given", given), ("x", "It is dear")];
    let partly = send(&client, &path, &second, &fields).await;

    assert_eq!(partly.status, 409);
    assert!(
        partly.body.contains("A part of this answer was not taken"),
        "{}",
        partly.body
    );
    assert_eq!(app.answers(&site).await.len(), 2, "what fits is kept");
}

#[actix_web::test]
async fn whoever_comes_back_after_a_week_is_told_and_may_begin_anew() {
    let Survey {
        app,
        site,
        prompt,
        path,
        client,
    } = Survey::open(&survey()).await;
    let long_ago = clock::now() - 8 * DAY;
    let view = ViewId::new(long_ago);
    let body =
        json!({"v": 1, "k": site.key, "w": view.0, "s": 0, "c": 0, "t": 0, "e": [], "a": []});
    let mut job = app.job(&site, &body, &[[7; 16]], long_ago).await;
    job.payload = link::opening(&site, view, prompt);
    app.state.writer.write(job).await.unwrap();
    let form = [
        ("view", view.0.to_string()),
        ("lang", "de".into()),
        ("q", "q2".into()),
        ("given", r#"{"q1":{"c":["c1"]}}"#.into()),
        ("x", "I thought about it".into()),
    ];
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();

    let late = client.post_form(&path, &form).await;

    assert_eq!(late.status, 410, "{}", late.body);
    assert!(late.body.contains("This answer came too late"));
    assert!(
        late.body.contains(&format!("href=\"{path}?lang=de\"")),
        "{}",
        late.body
    );
    assert!(app.answers(&site).await.is_empty());
    let anew = client.get(&format!("{path}?lang=de")).await;
    let anew = send(&client, &path, &anew, &[("c", "c1")]).await;
    assert!(anew.status == 200 && app.answers(&site).await.len() == 1);
}

#[actix_web::test]
async fn whoever_goes_back_in_the_browser_and_changes_an_answer_has_changed_it() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;
    let first = client.get(&path).await;
    send(&client, &path, &first, &[("c", "c1")]).await;
    assert_eq!(app.chosen(&site).await, ["c1"]);

    send(&client, &path, &first, &[("c", "other")]).await;
    assert_eq!(app.chosen(&site).await, ["other"], "the later word holds");
    assert_eq!(app.impressions(&site).await.len(), 1);
}

#[actix_web::test]
async fn no_nul_reaches_the_database_by_what_was_given_before() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&essay(2)).await;
    let first = client.get(&path).await;
    let second = send(&client, &path, &first, &[("x", "One")]).await;

    let fields = [("given", r#"{"q1":{"x":"a\u0000b"}}"#), ("x", "Two")];
    let done = send(&client, &path, &second, &fields).await;

    assert_eq!(done.status, 200, "{}", done.body);
    let answers = app.answers(&site).await;
    let said: Vec<&str> = answers.iter().map(|row| row.comment.as_str()).collect();
    assert_eq!(said, ["ab", "Two"]);
}
