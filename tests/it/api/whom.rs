//! Whom a question asks: by goals of this visit and of earlier ones, the number of the visit, the device, another
//! tool's experiment, the clock of the site, and once in all tabs.

use exitpoll::{
    clock::{DAY, MINUTE},
    goal,
    prompt::{
        draft::NewDesign,
        types::{DeviceRule, PropertyRule, PropertyTest, VisitorRule},
    },
    site::types::Site,
    types::{GoalId, Millis},
};
use serde_json::{Value, json};

use super::known::{ANNA, BEN, HERE, Times, at_exit};
use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

/// 2026-06-02, half an hour after midnight where the site is and still the day before in UTC.
const HALF_PAST_MIDNIGHT: Millis = 1_780_353_000_000;

fn with(change: impl FnOnce(&mut NewDesign)) -> NewDesign {
    let mut design = at_exit();
    change(&mut design);
    design
}

#[actix_web::test]
async fn the_days_and_hours_of_a_schedule_are_those_of_the_site() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    assert_eq!(site.time_zone, "Europe/Berlin");
    let night = with(|design| {
        design.fairness.schedule.from_day = Some(20_260_602);
        design.fairness.schedule.until_hour = 1;
    });
    let day_before = with(|design| design.fairness.schedule.until_day = Some(20_260_601));
    let night = app.publish(&site, "Night", &night).await;
    let day_before = app.publish(&site, "Day before", &day_before).await;
    let times = Times::of(&app, &site);

    let (_, over) = times.ask(HALF_PAST_MIDNIGHT, Some(BEN), day_before).await;
    let (_, open) = times.ask(HALF_PAST_MIDNIGHT, Some(ANNA), night).await;
    let late = HALF_PAST_MIDNIGHT + 31 * MINUTE;
    let (_, later) = times.ask(late, None, night).await;

    assert_eq!(over["no"], "schedule", "{over}");
    assert!(open["show"].is_object(), "{open}");
    assert_eq!(later["no"], "schedule", "{later}");
}

#[actix_web::test]
async fn a_visit_is_asked_from_the_number_on_that_the_owner_wants() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let new = with(|design| design.target.visitor = VisitorRule::New);
    let third = with(|design| {
        design.target.visitor = VisitorRule::Returning;
        design.target.least_visit = 3;
    });
    let new = app.publish(&site, "New", &new).await;
    let third = app.publish(&site, "Third", &third).await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 20 * DAY;
    let mut told = vec![];

    for day in 0..3 {
        let (_, asked) = times.ask(start + day * DAY, Some(ANNA), third).await;
        told.push(asked);
    }
    let (_, second) = times.ask(start + 4 * DAY, Some(ANNA), new).await;
    let (_, first) = times.ask(start + 4 * DAY, Some(BEN), new).await;
    let (_, unknown) = times.ask(start + 5 * DAY, None, new).await;

    assert_eq!(
        (&told[0]["no"], &told[1]["no"]),
        (&json!("visitor"), &json!("visitor"))
    );
    assert!(told[2]["show"].is_object(), "{}", told[2]);
    assert_eq!(second["no"], "visitor", "{second}");
    assert!(first["show"].is_object(), "{first}");
    assert_eq!(unknown["no"], "unknown_visitor", "{unknown}");
}

#[actix_web::test]
async fn who_comes_back_is_asked_again_after_as_many_days_and_after_an_answer_if_so_wanted() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let weekly = with(|design| {
        design.fairness.ask_again_days = 7;
        design.fairness.until_answered = false;
    });
    let prompt = app.publish(&site, "Weekly", &weekly).await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 40 * DAY;

    let (view, shown) = times.ask(start, Some(ANNA), prompt).await;
    let token = shown["show"]["token"].as_str().expect("a card");
    let answer = json!({"i": token, "n": 1, "t": 0, "done": true, "v": {"q1": {"c": ["c1"]}}});
    times
        .post(start, HERE, view, json!({"s": 2, "e": [], "a": [answer]}))
        .await;
    let (_, soon) = times.ask(start + 6 * DAY, Some(ANNA), prompt).await;
    let (_, again) = times.ask(start + 8 * DAY, Some(ANNA), prompt).await;

    assert_eq!(soon["no"], "asked_before", "{soon}");
    assert!(again["show"].is_object(), "{again}");
}

#[actix_web::test]
async fn of_several_tabs_one_asks() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "One", &at_exit()).await;
    let other = app.publish(&site, "Other", &at_exit()).await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - DAY;
    let (first, _) = times.open(start, HERE, Some(ANNA)).await;
    let (second, _) = times.open(start + MINUTE, HERE, Some(ANNA)).await;

    let mut told = vec![];
    for (view, prompt) in [(first, prompt), (second, prompt), (second, other)] {
        let event = json!([0, "eligible", {"p": prompt.to_string(), "m": "exit"}]);
        let seq = told.len().max(1);
        let body = json!({"s": seq, "e": [event]});
        let reply = times.post(start + 2 * MINUTE, HERE, view, body).await;
        told.push(reply["ask"][0].clone());
    }

    assert_eq!(app.visits(&site).await.len(), 1);
    assert!(told[0]["show"].is_object(), "{}", told[0]);
    assert_eq!(
        (&told[1]["no"], &told[2]["no"]),
        (&json!("already_decided"), &json!("slot_used"))
    );
}

#[actix_web::test]
async fn a_variant_of_another_tools_experiment_and_a_phone_narrow_whom_to_ask() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let design = with(|design| {
        design.target.device = DeviceRule::Touch;
        design.target.properties = vec![PropertyRule {
            name: "experiment:price".into(),
            test: PropertyTest::Is,
            value: "higher".into(),
        }];
    });
    let prompt = app.publish(&site, "Price test", &design).await;
    let says = |variant: &str| json!([1, "set", {"props": {"experiment:price": variant}}]);

    for (n, device, events, why) in [
        (0, "touch", vec![says("higher")], Value::Null),
        (1, "touch", vec![says("usual")], json!("property")),
        (2, "touch", vec![], json!("property")),
        (3, "", vec![says("higher")], json!("device")),
    ] {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let mut view = widget.view(10);
        let mut all = vec![page(0, "/pricing", "")];
        all.extend(events);
        let mut batch = view.batch(all.into());
        batch["d"] = device.into();
        view.post(&batch).await;

        let told = view.ask(prompt, "exit").await;

        assert_eq!(told["no"], why, "case {n}: {told}");
    }
}

/// The goals of a design that waits for the prices and leaves out who has signed up, and these two.
async fn with_goals(app: &TestApp, site: &Site) -> (GoalId, GoalId) {
    let helper = app.publish(site, "Goals", &pricing()).await;
    app.pause(site, helper).await;
    let goals = goal::store::list_goals(&app.state.db.read, site.id).await;
    let goals = goals.unwrap();
    let of = |words: &str| {
        let mut all = goals.iter();
        let found = all.find(|goal| goal.current.rule.describe().contains(words));
        found.expect(words).id
    };
    (of("/pricing"), of("signed_up"))
}

#[actix_web::test]
async fn goals_of_this_visit_or_of_earlier_ones_let_in_and_leave_out() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let (prices, signed_up) = with_goals(&app, &site).await;
    let times = Times::of(&app, &site);
    let start = exitpoll::clock::now() - 20 * DAY;
    let done = json!([1, "track", {"name": "signed_up"}]);
    let (view, _) = times.open(start, HERE, Some(ANNA)).await;
    times
        .post(start, HERE, view, json!({"s": 1, "e": [done.clone()]}))
        .await;

    let cases = [
        (vec![prices], vec![], false, true, ""),
        (vec![signed_up], vec![], false, true, "goal"),
        (vec![signed_up], vec![], true, true, ""),
        (vec![signed_up], vec![], true, false, "goal"),
        (vec![], vec![prices], false, true, "goal_reached"),
        (vec![], vec![signed_up], false, true, ""),
        (vec![], vec![signed_up], true, true, "goal_reached"),
        (vec![], vec![signed_up], true, false, ""),
    ];
    for (day, case) in (1..).zip(cases) {
        let (reached, not_reached, earlier_visits, is_known, why) = case;
        let design = with(|design| {
            design.target.reached = reached;
            design.target.not_reached = not_reached;
            design.target.earlier_visits = earlier_visits;
        });
        let prompt = app.publish(&site, &format!("Case {day}"), &design).await;
        let id = is_known.then_some(ANNA);

        let (_, told) = times.ask(start + day * DAY, id, prompt).await;

        assert_eq!(told["no"].as_str().unwrap_or(""), why, "case {day}: {told}");
        app.pause(&site, prompt).await;
    }
}
