//! `/p/…`: the page of a prompt that is answered by its link.

mod back;
mod bounds;
mod closed;
mod emptied;
mod survey;
mod trying;
mod versions;

use exitpoll::{
    clock,
    prompt::{
        draft::NewQuestion,
        types::{Fairness, QuestionKind},
    },
    report::{
        funnel,
        period::{Period, PeriodQuery},
    },
    types::PromptId,
};

use self::survey::{Survey, hidden, path, send, survey};
use crate::support::{app::TestApp, prompt::pricing, widget::Widget};

#[actix_web::test]
async fn a_link_is_answered_step_by_step_and_opening_it_stores_nothing() {
    let Survey {
        app,
        site,
        prompt,
        path,
        client,
    } = Survey::open(&survey()).await;

    let first = client.get(&path).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert!(first.body.contains("What held you back?") && first.body.contains("1 of 2"));
    assert!(!first.body.contains("<script"));
    assert!(
        first
            .header("content-security-policy")
            .contains("default-src 'none'; style-src 'self'")
    );
    assert!(
        app.visits(&site).await.is_empty(),
        "programs follow links too"
    );

    let missing = send(&client, &path, &first, &[("x", "only words")]).await;
    assert_eq!(missing.status, 422);
    assert!(
        missing.body.contains("Choose an answer."),
        "{}",
        missing.body
    );

    let second = send(
        &client,
        &path,
        &first,
        &[("c", "c1"), ("x", "<b>really</b>"), ("go", "next")],
    )
    .await;
    assert_eq!(second.status, 200);
    assert!(second.body.contains("Why “Too dear”?"), "{}", second.body);
    let partial = app.answers(&site).await;
    assert_eq!(
        (partial.len(), partial[0].is_complete),
        (1, false),
        "each step is kept"
    );

    let empty = send(&client, &path, &second, &[("x", "  "), ("go", "next")]).await;
    assert!(empty.status == 422 && empty.body.contains("Say a word or two."));
    let back = send(
        &client,
        &path,
        &second,
        &[("x", "half a thought"), ("go", "back")],
    )
    .await;
    assert!(back.body.contains("value=\"c1\" checked"), "{}", back.body);
    assert!(back.body.contains("&#60;b&#62;really") || back.body.contains("&lt;b&gt;really"));
    let again = send(&client, &path, &back, &[("c", "c1"), ("go", "next")]).await;
    assert!(
        again.body.contains("half a thought"),
        "what was typed is kept"
    );

    let done = send(
        &client,
        &path,
        &again,
        &[("x", "It is dear"), ("go", "next")],
    )
    .await;
    let twice = send(
        &client,
        &path,
        &again,
        &[("x", "It is dear"), ("go", "next")],
    )
    .await;
    assert!(done.body.contains("Thank you.") && twice.body.contains("Thank you."));
    let answers = app.answers(&site).await;
    assert_eq!(answers.len(), 2);
    assert!(
        answers
            .iter()
            .all(|answer| answer.is_complete && answer.prompt_id == prompt)
    );
    assert!(
        answers.iter().any(|answer| answer.comment == "It is dear"),
        "{answers:?}"
    );
    let (visits, impressions) = (app.visits(&site).await, app.impressions(&site).await);
    assert_eq!(
        (visits.len(), impressions.len()),
        (1, 1),
        "sent twice, stored once"
    );
    assert!(!impressions[0].is_automatic && impressions[0].answered_at.is_some());

    let owner = app.owner().await;
    let report = owner
        .get(&format!("/sites/{}/prompts/{prompt}/report", site.key))
        .await;
    assert!(report.body.contains("Who opened it") && report.body.contains("It is dear"));
    let editor = owner
        .get(&format!("/sites/{}/prompts/{prompt}", site.key))
        .await;
    assert!(editor.body.contains(&path) && editor.body.contains("Whoever opens its link"));
}

#[actix_web::test]
async fn an_answer_leads_the_way_and_the_link_may_choose_it_beforehand() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;

    let first = client.get(&format!("{path}?a=c2")).await;
    assert!(first.body.contains("value=\"c2\" checked"));
    let done = send(&client, &path, &first, &[("c", "c2")]).await;

    assert!(
        done.body.contains("Here is how long it takes."),
        "{}",
        done.body
    );
    assert!(done.body.contains("href=\"https://example.com/how-long\""));
    let answers = app.answers(&site).await;
    assert_eq!((answers.len(), answers[0].is_complete), (1, true));
}

#[actix_web::test]
async fn what_is_not_open_says_so_kindly() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let other = app.insert_site("Other").await;
    let prompt = app.publish(&site, "Survey", &survey()).await;
    let card = app.publish(&site, "Card", &pricing()).await;
    let client = app.anonymous();
    let open = client.get(&path(&site, prompt)).await;

    for unknown in [
        path(&other, prompt),
        path(&site, PromptId::new(1)),
        "/p/site_x/prm_x".into(),
    ] {
        let page = client.get(&unknown).await;
        assert_eq!(page.status, 404);
        assert!(
            page.body.contains("There is no question here"),
            "{unknown}: {}",
            page.body
        );
    }
    let closed = client.get(&path(&site, card)).await;
    assert!(
        closed.body.contains("This question is closed"),
        "a card has no page"
    );
    app.pause(&site, prompt).await;
    let paused = client.get(&path(&site, prompt)).await;
    let late = send(&client, &path(&site, prompt), &open, &[("c", "c1")]).await;
    for page in [&paused, &late] {
        assert_eq!(page.status, 404);
        assert!(page.body.contains("It takes no answers at the moment."));
    }
    assert!(app.answers(&site).await.is_empty());
}

#[actix_web::test]
async fn whoever_was_given_the_link_may_answer_whatever_share_a_card_would_ask() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = survey();
    design.fairness.sample_percent = 1;
    let prompt = app.publish(&site, "Survey", &design).await;
    let (path, client) = (path(&site, prompt), app.anonymous());

    let first = client.get(&path).await;
    let done = send(&client, &path, &first, &[("c", "c2")]).await;

    assert!(done.body.contains("Here is how long"), "{}", done.body);
    assert_eq!(app.answers(&site).await.len(), 1);
    let owner = app.owner().await;
    let editor = owner
        .get(&format!("/sites/{}/prompts/{prompt}", site.key))
        .await;
    assert!(!editor.body.contains("to 1 % of them"));
}

#[actix_web::test]
async fn an_answer_from_a_phone_is_one() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;
    let first = client.get(&path).await;
    let body = format!("view={}&q=q1&c=c2", hidden(&first, "view"));

    let request = client
        .request("POST", &path)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("user-agent", "Mozilla/5.0 (iPhone) Mobile/15E148 Safari")
        .body(body);
    assert_eq!(client.send(request).await.status, 200);

    assert_eq!(app.visits(&site).await[0].device, "touch");
}

#[actix_web::test]
async fn whoever_answers_a_link_and_visits_no_page_is_in_no_funnel() {
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&survey()).await;
    let widget = Widget::new(&app, &site);
    widget.open("/pricing", "").await;

    let first = client.get(&path).await;
    send(&client, &path, &first, &[("c", "c1"), ("x", "From a mail")]).await;

    assert_eq!(app.visits(&site).await.len(), 2);
    let now = clock::now();
    let period = Period::parse(&PeriodQuery::default(), &site.time_zone, now).unwrap();
    let report = funnel::load(
        &app.state.db,
        &site,
        &period,
        &funnel::FunnelChoice::default(),
        now,
    )
    .await;
    let report = report.unwrap();
    assert_eq!(report.steps[0].of_all.n, 1);
    let said: i64 = report.drops.iter().map(|drop| drop.answered).sum();
    assert_eq!(said, 0, "{report:?}");
}

#[actix_web::test]
async fn a_link_stops_at_its_limit_and_at_the_rate_of_a_client() {
    let flags = ["--rate-client-per-s", "1", "--rate-client-burst", "6"];
    let app = TestApp::spawn_with(&flags).await;
    let site = app.insert_site("Shop").await;
    let mut design = survey();
    design.fairness = Fairness {
        response_limit: Some(1),
        ..Fairness::default()
    };
    let prompt = app.publish(&site, "Survey", &design).await;
    let (path, client) = (path(&site, prompt), app.anonymous());

    let (one, two) = (client.get(&path).await, client.get(&path).await);
    let done = send(&client, &path, &one, &[("c", "c2")]).await;
    let full = send(&client, &path, &two, &[("c", "c2")]).await;
    let mut statuses = vec![];
    for _ in 0..4 {
        statuses.push(client.get(&path).await.status);
    }

    assert!(done.body.contains("Here is how long it takes."));
    assert!(
        full.body.contains("This question is closed"),
        "{}",
        full.body
    );
    assert_eq!(app.answers(&site).await.len(), 1);
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[actix_web::test]
async fn whoever_has_begun_goes_on_with_the_version_they_began_with() {
    let Survey {
        app,
        site,
        prompt,
        path,
        client,
    } = Survey::open(&survey()).await;
    let first = client.get(&path).await;
    let second = send(&client, &path, &first, &[("c", "c1"), ("go", "next")]).await;

    let mut changed = survey();
    let mut words = changed.questions.pop().unwrap();
    words.id = "q3".into();
    words.title = "Anything else?".into();
    changed.questions.push(words);
    app.publish_again(&site, prompt, &changed).await;

    let done = send(
        &client,
        &path,
        &second,
        &[("x", "It is dear"), ("go", "next")],
    )
    .await;
    assert!(done.body.contains("Thank you."), "{}", done.body);
    let answers = app.answers(&site).await;
    assert!(
        answers.iter().any(|answer| answer.comment == "It is dear"),
        "{answers:?}"
    );
    assert!(answers.iter().all(|answer| answer.is_complete));

    let anew = client.get(&path).await;
    let anew = send(&client, &path, &anew, &[("c", "c1"), ("go", "next")]).await;
    assert!(anew.body.contains("Anything else?"), "{}", anew.body);
}

#[actix_web::test]
async fn the_link_may_choose_a_point_of_a_scale_beforehand() {
    let mut design = survey();
    design.questions[0] = NewQuestion {
        kind: QuestionKind::Nps,
        title: "How likely are you to recommend us?".into(),
        ..NewQuestion::default()
    };
    let Survey {
        app,
        site,
        path,
        client,
        ..
    } = Survey::open(&design).await;

    let chosen = client.get(&format!("{path}?a=9")).await.body;
    assert!(chosen.contains("name=\"n\" value=\"9\""), "{chosen}");
    assert_eq!(chosen.matches(" checked").count(), 1, "{chosen}");
    let at = chosen.find(" checked").unwrap();
    assert!(chosen[..at].rfind("value=\"9\"") > chosen[..at].rfind("value=\"8\""));
    for none in ["11", "c1", "-1", "9.5", ""] {
        let page = client.get(&format!("{path}?a={none}")).await.body;
        assert!(!page.contains(" checked"), "{none}");
    }
    assert!(app.answers(&site).await.is_empty(), "nothing is stored yet");
    let prompts = exitpoll::prompt::store::list_prompts(&app.state.db.read, site.id)
        .await
        .unwrap();
    let editor = format!("/sites/{}/prompts/{}", site.key, prompts[0].id);
    let editor = app.owner().await.get(&editor).await.body;
    assert!(
        editor.contains("?a=10</code>") && !editor.contains("?a=c1"),
        "{editor}"
    );
    assert!(
        editor.contains("<span class=\"set\" id=\"set-look\">As the site</span>"),
        "a page of its own opens nowhere: {editor}"
    );
}
