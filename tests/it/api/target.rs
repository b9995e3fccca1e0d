//! Whom a prompt asks, and where: what the server refuses, and what the widget is told to keep.

use exitpoll::{
    goal,
    prompt::types::{
        AddressKind, AddressRule, DeviceRule, PropertyRule, PropertyTest, SourceKind, SourceRule,
        Target, VisitorRule,
    },
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

fn address(kind: AddressKind, text: &str) -> AddressRule {
    AddressRule {
        kind,
        not: false,
        text: text.into(),
        with_query: text.contains('='),
    }
}

fn source(kind: SourceKind, text: &str) -> Target {
    Target {
        sources: vec![SourceRule {
            kind,
            text: text.into(),
        }],
        ..Target::default()
    }
}

fn property(test: PropertyTest, value: &str) -> Target {
    Target {
        properties: vec![PropertyRule {
            name: "plan".into(),
            test,
            value: value.into(),
        }],
        ..Target::default()
    }
}

fn set(t: i64, plan: impl Into<Value>) -> Value {
    json!([t, "set", {"props": {"plan": plan.into()}}])
}

/// A target, what the visit does, and why it is not asked; empty where it is.
type Case = (Target, Vec<Value>, &'static str);

fn cases() -> Vec<Case> {
    let on = |kind, text| Target {
        addresses: vec![address(kind, text)],
        ..Target::default()
    };
    let start = || vec![page(0, "/pricing", "")];
    let with = |event| vec![page(0, "/pricing", ""), event];
    let regex = on(AddressKind::Regex, r"^/p\w+g$");
    let with_plan = on(AddressKind::Equals, "/pricing?plan=pro");
    let plan_page = || {
        vec![
            page(0, "/pricing", ""),
            page(1, "/pricing?utm_source=x&plan=pro", ""),
        ]
    };
    let device = |device| Target {
        device,
        ..Target::default()
    };
    let visitor = |visitor| Target {
        visitor,
        ..Target::default()
    };
    let in_language = |tag: &str| Target {
        languages: vec![tag.into()],
        ..Target::default()
    };
    let from = |address, referrer| vec![page(0, address, referrer)];
    vec![
        (regex.clone(), start(), ""),
        (regex, with(page(1, "/plans", "")), "page"),
        (with_plan.clone(), plan_page(), ""),
        (with_plan, start(), "page"),
        (device(DeviceRule::Computer), start(), ""),
        (device(DeviceRule::Touch), start(), "device"),
        (in_language("en"), start(), ""),
        (in_language("de"), start(), "language"),
        (source(SourceKind::Direct, ""), start(), ""),
        (
            source(SourceKind::Direct, ""),
            from("/pricing", "https://shop.example/"),
            "",
        ),
        (
            source(SourceKind::Direct, ""),
            from("/pricing", "https://www.google.com/"),
            "source",
        ),
        (
            source(SourceKind::Referrer, "google.com"),
            from("/pricing", "https://www.google.com/"),
            "",
        ),
        (
            source(SourceKind::UtmCampaign, "spring"),
            from("/pricing?utm_source=news&utm_campaign=Spring", ""),
            "",
        ),
        (source(SourceKind::UtmMedium, "email"), start(), "source"),
        (visitor(VisitorRule::New), start(), "unknown_visitor"),
        (property(PropertyTest::Is, "pro"), with(set(1, "pro")), ""),
        (property(PropertyTest::Is, "pro"), start(), "property"),
        (property(PropertyTest::AtLeast, "5"), with(set(1, 5)), ""),
        // The last one wins, in the order of events.
        (
            property(PropertyTest::Is, "pro"),
            vec![set(2, "team"), page(0, "/pricing", ""), set(1, "pro")],
            "property",
        ),
    ]
}

#[actix_web::test]
async fn each_part_of_a_target_refuses_with_its_reason() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    for (n, (target, events, why)) in cases().into_iter().enumerate() {
        let mut design = pricing();
        design.target = target;
        let prompt = app.publish(&site, "Pricing", &design).await;
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let mut view = widget.view(10);
        view.send(events.into()).await;

        let decision = view.ask(prompt, "exit").await;

        let row = app.impressions(&site).await.pop().unwrap();
        assert_eq!(row.refusal.unwrap_or_default(), why, "case {n}: {decision}");
        assert_eq!(decision["show"].is_object(), why.is_empty(), "case {n}");
        app.pause(&site, prompt).await;
    }
}

#[actix_web::test]
async fn new_and_returning_are_told_apart_where_they_agreed_to_it() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.target.visitor = VisitorRule::Returning;
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    let mut batch = view.batch(json!([page(0, "/pricing", "")]));
    batch["i"] = "0123456789abcdef0123456789abcdef".into();
    view.post(&batch).await;

    let first = view.ask(prompt, "exit").await;

    assert_eq!(first["no"], "visitor", "{first}");
}

#[actix_web::test]
async fn what_passes_later_in_a_page_load_may_be_asked_again() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.target = property(PropertyTest::Is, "pro");
    let prompt = app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;

    let before = view.ask(prompt, "exit").await;
    view.send(json!([set(0, "pro")])).await;
    let after = view.ask(prompt, "exit").await;

    assert_eq!(before["no"], "property");
    assert!(after["show"].is_object(), "{after}");
}

#[actix_web::test]
async fn goals_of_the_visit_narrow_whom_to_ask() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.after = None;
    let helper = app.publish(&site, "Pricing", &pricing()).await;
    app.pause(&site, helper).await;
    let goals = goal::store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap();
    let pricing = goals
        .iter()
        .find(|goal| goal.current.rule.describe() == "Viewed /pricing");
    design.target.reached = vec![pricing.unwrap().id];
    let prompt = app.publish(&site, "Leaving", &design).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/", "").await;

    let before = view.ask(prompt, "exit").await;
    view.send(json!([page(0, "/pricing", "")])).await;
    let after = view.ask(prompt, "exit").await;

    assert_eq!(before["no"], "goal");
    assert!(after["show"].is_object(), "{after}");
}

#[actix_web::test]
async fn the_script_keeps_only_parameters_that_live_prompts_compare() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.target.addresses = vec![address(AddressKind::Contains, "plan=pro")];
    let prompt = app.publish(&site, "Pricing", &design).await;
    let script = |path: String| {
        let app = &app;
        async move { app.anonymous().get(&path).await.body }
    };

    let live = script(format!("/x/{}.js", site.key)).await;
    app.pause(&site, prompt).await;
    let paused = script(format!("/x/{}.js", site.key)).await;

    assert!(live.contains(r#""q":"[?&](?!utm_|plan=)[^&]*""#), "{live}");
    assert!(paused.contains(r#""q":"[?&](?!utm_)[^&]*""#), "{paused}");
}
