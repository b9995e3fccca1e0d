//! Visitors who agreed to be known again, and those who did not.

use exitpoll::{
    clock::{DAY, HOUR, MINUTE},
    ingest::visit::VisitorHash,
    prompt::{draft::NewDesign, types::AskAt},
    site::types::Site,
    types::{Millis, PromptId, ViewId},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, hidden, page},
};

pub(super) const ANNA: &str = "a8fk3Jq02lXnZ7bWm5Rt";
pub(super) const BEN: &str = "b8fk3Jq02lXnZ7bWm5Rt";
pub(super) const HERE: &[VisitorHash] = &[[1; 16]];
const ELSEWHERE: &[VisitorHash] = &[[2; 16]];

fn agrees(t: i64, id: &str) -> Value {
    json!([t, "consent", {"m": "granted", "p": id}])
}

/// Asked at every exit: goals would count from now on only.
pub(super) fn at_exit() -> NewDesign {
    let mut design = pricing();
    design.fairness.held_out_percent = 0;
    design.moment.after = None;
    design.moment.ask_at = vec![AskAt::Exit];
    design
}

/// Page loads at any time, from any address.
pub(super) struct Times<'a> {
    app: &'a TestApp,
    site: &'a Site,
}

impl<'a> Times<'a> {
    pub(super) fn of(app: &'a TestApp, site: &'a Site) -> Self {
        Self { app, site }
    }

    pub(super) async fn post(
        &self,
        at: Millis,
        from: &[VisitorHash],
        view: ViewId,
        body: Value,
    ) -> Value {
        let mut whole = json!({"v": 1, "k": self.site.key.to_string(), "c": self.site.config_version, "w": view.0.to_string(), "t": 0});
        for (name, value) in body.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let reply = self.app.write_at(self.site, &whole, from, at).await;
        serde_json::to_value(reply).unwrap()
    }

    /// Opens the pricing page, with an id or without.
    pub(super) async fn open(
        &self,
        at: Millis,
        from: &[VisitorHash],
        id: Option<&str>,
    ) -> (ViewId, Value) {
        let view = ViewId::new(at);
        let body = json!({"i": id, "s": 0, "e": [page(0, "/pricing", "")]});
        (view, self.post(at, from, view, body).await)
    }

    /// Opens a page, closes it and says how the question was decided.
    pub(super) async fn ask(
        &self,
        at: Millis,
        id: Option<&str>,
        prompt: PromptId,
    ) -> (ViewId, Value) {
        let (view, _) = self.open(at, HERE, id).await;
        let event = json!([0, "eligible", {"p": prompt.to_string(), "m": "exit"}]);
        let reply = self
            .post(at, HERE, view, json!({"s": 1, "e": [event]}))
            .await;
        (view, reply["ask"][0].clone())
    }
}

#[actix_web::test]
async fn a_known_visitor_is_found_again_after_days_and_from_elsewhere() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 20 * DAY;

    times.open(start, HERE, Some(ANNA)).await;
    times.open(start + MINUTE, ELSEWHERE, Some(ANNA)).await;
    times.open(start + 3 * DAY, ELSEWHERE, Some(ANNA)).await;
    times.open(start + 4 * DAY, HERE, None).await;

    let visits = app.visits(&site).await;
    let numbers: Vec<_> = visits.iter().map(|visit| visit.visit_number).collect();
    assert_eq!(numbers, [Some(1), Some(2), None]);
    assert_eq!(visits[0].pages, 2, "continued from another address");
    assert_eq!(visits[0].visitor_id, visits[1].visitor_id);
    assert_eq!(
        visits[2].visitor_id, None,
        "without consent nobody is new or returning"
    );
}

#[actix_web::test]
async fn consent_in_the_middle_of_a_visit_makes_its_visitor_known() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 5 * DAY;
    times.open(start, HERE, Some(ANNA)).await;

    let (view, _) = times.open(start + DAY, HERE, None).await;
    times
        .post(
            start + DAY,
            HERE,
            view,
            json!({"s": 1, "e": [agrees(0, ANNA), hidden(0)]}),
        )
        .await;
    times
        .open(start + DAY + HOUR / 4, ELSEWHERE, Some(ANNA))
        .await;

    let visits = app.visits(&site).await;
    let seen: Vec<_> = visits
        .iter()
        .map(|visit| (visit.visit_number, visit.pages))
        .collect();
    assert_eq!(seen, [(Some(1), 1), (Some(2), 2)]);
}

#[actix_web::test]
async fn nobody_continues_the_visit_of_a_known_visitor_by_the_hash_alone() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - DAY;
    let (view, _) = times.open(start, HERE, Some(ANNA)).await;
    times
        .post(start, HERE, view, json!({"s": 1, "e": [hidden(0)]}))
        .await;
    let (view, _) = times.open(start + MINUTE, HERE, None).await;
    times
        .post(
            start + MINUTE,
            HERE,
            view,
            json!({"s": 1, "e": [hidden(0)]}),
        )
        .await;

    times.open(start + 2 * MINUTE, HERE, Some(BEN)).await;

    assert_eq!(app.visits(&site).await.len(), 3);
}

#[actix_web::test]
async fn who_takes_consent_back_is_nobody_again() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - DAY;
    let (view, _) = times.open(start, HERE, Some(ANNA)).await;

    let back = json!([0, "consent", {"m": "anonymous"}]);
    times
        .post(start, HERE, view, json!({"s": 1, "e": [back, hidden(0)]}))
        .await;
    times.open(start + MINUTE, HERE, None).await;

    let [visit] = &app.visits(&site).await[..] else {
        panic!("the visit goes on");
    };
    assert_eq!(
        (&visit.visitor_id, visit.visit_number, visit.pages),
        (&None, None, 2)
    );
}

#[actix_web::test]
async fn the_id_itself_is_nowhere_in_the_database() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    let mut batch = view.batch(json!([page(0, "/", ""), agrees(0, ANNA)]));
    batch["i"] = ANNA.into();

    view.post(&batch).await;

    let [visit] = &app.visits(&site).await[..] else {
        panic!("one visit");
    };
    assert_eq!(visit.visitor_id.as_ref().map(Vec::len), Some(16));
    let events = app.batches(&site).await.remove(0).body;
    assert!(
        events.contains("granted") && !events.contains(ANNA),
        "{events}"
    );
    let count =
        "SELECT COUNT(*) AS n FROM visits WHERE CAST(visitor_id AS TEXT) LIKE '%' || $1 || '%'";
    let backend = app.state.db.backend();
    let row = app
        .state
        .db
        .read
        .query_one_raw(Statement::from_sql_and_values(
            backend,
            count,
            [ANNA.into()],
        ))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0);
}

#[actix_web::test]
async fn a_browser_that_says_no_is_not_known_whatever_the_page_sends() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    for header in ["sec-gpc", "dnt"] {
        let mut view = widget.view(0);
        let mut batch = view.batch(json!([page(0, "/", ""), agrees(0, ANNA)]));
        batch["i"] = ANNA.into();

        let request = widget.request().header(header, "1").body(batch.to_string());
        assert_eq!(widget.send(request).await.status, 200);
    }
    let visits = app.visits(&site).await;
    assert!(
        visits.iter().all(|visit| visit.visitor_id.is_none()),
        "{visits:?}"
    );
}

#[actix_web::test]
async fn what_is_no_id_is_no_consent() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    for id in [
        "",
        "short",
        "a b c d e f g h i j k",
        &"x".repeat(65),
        "{}{}{}{}{}{}{}{}\0",
    ] {
        let mut view = widget.view(0);
        let mut batch = view.batch(json!([page(0, "/", "")]));
        batch["i"] = id.into();
        view.post(&batch).await;
    }
    let visits = app.visits(&site).await;
    assert!(visits.iter().all(|visit| visit.visitor_id.is_none()));
}

#[actix_web::test]
async fn a_known_visitor_is_not_asked_again_for_a_month_and_others_are() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let design = at_exit();
    let prompt = app.publish(&site, "Pricing", &design).await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 80 * DAY;

    let (_, first) = times.ask(start, Some(ANNA), prompt).await;
    let (_, soon) = times.ask(start + 29 * DAY, Some(ANNA), prompt).await;
    let (_, other) = times.ask(start + 29 * DAY, Some(BEN), prompt).await;
    let (_, unknown) = times.ask(start + 29 * DAY + HOUR, None, prompt).await;
    let (_, later) = times.ask(start + 31 * DAY, Some(ANNA), prompt).await;

    assert!(first["show"].is_object(), "{first}");
    assert_eq!(soon["no"], "asked_before");
    assert!(other["show"].is_object(), "{other}");
    assert!(unknown["show"].is_object(), "{unknown}");
    assert!(later["show"].is_object(), "{later}");
}

#[actix_web::test]
async fn an_answer_is_for_ever_and_a_close_is_quiet_for_all_questions() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let design = at_exit();
    let answered = app.publish(&site, "Pricing", &design).await;
    let other = app.publish(&site, "Other", &design).await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 200 * DAY;

    let (view, shown) = times.ask(start, Some(ANNA), answered).await;
    let token = shown["show"]["token"].as_str().unwrap();
    let answer = json!({"i": token, "n": 1, "t": 0, "done": true, "v": {"q1": {"c": ["c1"]}}});
    times
        .post(start, HERE, view, json!({"s": 2, "e": [], "a": [answer]}))
        .await;
    let (_, again) = times.ask(start + 100 * DAY, Some(ANNA), answered).await;
    let (view, _) = times.ask(start + 101 * DAY, Some(ANNA), other).await;
    let closed = json!([0, "prompt_dismissed", {"p": other.to_string(), "why": "close"}]);
    times
        .post(
            start + 101 * DAY,
            HERE,
            view,
            json!({"s": 2, "e": [closed]}),
        )
        .await;
    let third = app.publish(&site, "Third", &design).await;
    let (_, quiet) = times.ask(start + 102 * DAY, Some(ANNA), third).await;

    assert_eq!(again["no"], "answered_before");
    assert_eq!(quiet["no"], "closed_before");
}

/// Asked on the visit after one that saw the prices and did not sign up.
async fn next_visit(app: &TestApp, site: &Site, ask_at: Vec<AskAt>) -> PromptId {
    let mut design = pricing();
    design.fairness.held_out_percent = 0;
    design.moment.ask_at = ask_at;
    app.publish(site, "Next visit", &design).await
}

#[actix_web::test]
async fn the_first_page_of_the_next_visit_asks_what_the_one_before_left_open() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = next_visit(&app, &site, vec![AskAt::NextVisit, AskAt::Exit]).await;
    let times = Times::of(&app, &site);
    let put_off = json!([0, "eligible", {"p": prompt.to_string(), "m": "next_page"}]);
    let start = exitpoll::clock::now() - 20 * DAY;
    times.open(start, HERE, Some(ANNA)).await;

    // In the same visit it is not due, and not for somebody who is not known.
    let (view, same) = times.open(start + MINUTE, HERE, Some(ANNA)).await;
    let body = json!({"s": 1, "e": [put_off]});
    let early = times.post(start + MINUTE, HERE, view, body.clone()).await;
    let (_, unknown) = times.open(start + DAY, ELSEWHERE, None).await;
    assert_eq!(
        (&same["armed"], &unknown["armed"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(early["ask"][0]["no"], "moment");

    let at = start + 2 * DAY;
    let view = ViewId::new(at);
    let first = json!({"i": ANNA, "s": 0, "e": [page(0, "/blog", "")]});
    let back = times.post(at, HERE, view, first).await;
    assert_eq!(back["armed"], json!([prompt.to_string()]), "{back}");
    let told = &back["config"]["prompts"][0];
    assert_eq!(
        (&told["after"], &told["at"]),
        (&Value::Null, &json!(["next_page"]))
    );
    let asked = times.post(at, HERE, view, body).await;
    assert!(asked["ask"][0]["show"].is_object(), "{asked}");
    let made = app.impressions(&site).await.pop().unwrap();
    assert_eq!(made.asked_at_moment, "next_visit");

    // It was asked: the visit after that is left alone.
    let (_, third) = times.open(start + 3 * DAY, HERE, Some(ANNA)).await;
    assert_eq!(third["armed"], json!([]));
}

#[actix_web::test]
async fn a_next_visit_is_not_asked_once_it_is_done_or_long_ago_or_on_a_later_page() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = next_visit(&app, &site, vec![AskAt::NextVisit]).await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 20 * DAY;
    let armed = async |at: Millis, id: &str, path: &str| {
        let body = json!({"i": id, "s": 0, "e": [page(0, path, "")]});
        let reply = times.post(at, HERE, ViewId::new(at), body).await;
        reply["armed"]
            .as_array()
            .unwrap()
            .contains(&json!(prompt.to_string()))
    };
    let done = json!([1, "track", {"name": "signed_up"}]);
    let (view, _) = times.open(start, HERE, Some(ANNA)).await;
    times
        .post(start, HERE, view, json!({"s": 1, "e": [done]}))
        .await;
    times.open(start, ELSEWHERE, Some(BEN)).await;

    assert!(
        !armed(start + DAY, ANNA, "/").await,
        "done in the visit before"
    );
    assert!(
        !armed(start + 8 * DAY, BEN, "/").await,
        "more than a week ago"
    );

    let carl = "c8fk3Jq02lXnZ7bWm5Rt";
    times.open(start, ELSEWHERE, Some(carl)).await;
    assert!(armed(start + DAY, carl, "/blog").await);
    assert!(
        !armed(start + DAY + MINUTE, carl, "/blog").await,
        "a later page"
    );
    // What matters is the visit before: in that one the prices were not seen.
    assert!(!armed(start + 2 * DAY, carl, "/blog").await);
}
