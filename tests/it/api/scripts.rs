//! What pages load: the script of a site, and the files that it loads when they are needed.

use serde_json::{Value, json};

use exitpoll::prompt::types::{AskAt, Comparison, Filter};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

/// The configuration inside the script.
async fn config(app: &TestApp, key: &str) -> Value {
    let script = app.anonymous().get(&format!("/x/{key}.js")).await.body;
    let start = script.find(r#"{"v":"#).expect("the script holds one");
    let mut values = serde_json::Deserializer::from_str(&script[start..]).into_iter();
    values.next().unwrap().unwrap()
}

#[actix_web::test]
async fn a_file_of_another_release_is_answered_by_this_one_and_not_kept() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Pricing", &pricing()).await;
    let held = config(&app, site.key.as_str()).await;
    let visitor = app.anonymous();
    for own in [&held["u"], &held["x"]["ontouchstart"]] {
        let own = own.as_str().unwrap();
        let letter = own.split('.').next().unwrap();
        let named = visitor.get(&format!("/x/{own}")).await;
        let other = visitor.get(&format!("/x/{letter}.00000000.js")).await;

        assert_eq!((named.status, other.status), (200, 200), "{own}");
        assert_eq!(named.body, other.body);
        assert!(named.body.contains("export{"), "{own}: {}", named.body);
        assert!(named.header("cache-control").contains("immutable"));
        assert!(!other.header("cache-control").contains("immutable"));
    }
    assert_eq!(visitor.get("/x/y.00000000.js").await.status, 404);
}

#[actix_web::test]
async fn a_site_that_asks_nothing_names_no_file_for_its_moments() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let before = config(&app, site.key.as_str()).await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let live = config(&app, site.key.as_str()).await;
    app.pause(&site, prompt).await;
    let paused = config(&app, site.key.as_str()).await;

    assert_eq!(before["x"].get("ontouchstart"), None);
    assert_eq!(live["prompts"][0]["touch"], json!(true));
    assert!(
        live["x"]["ontouchstart"]
            .as_str()
            .unwrap()
            .starts_with("t.")
    );
    assert_eq!(paused["x"].get("ontouchstart"), None);
}

#[actix_web::test]
async fn chats_panels_and_keys_are_looked_for_only_where_a_question_is_about_them() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.keys = true;
    design.moment.details.gone = "#chat-window".into();
    app.publish(&site, "At exit", &design).await;
    let at_exit = config(&app, site.key.as_str()).await;
    design.moment.ask_at = vec![AskAt::WidgetClosed];
    app.publish(&site, "Closed", &design).await;
    let both = config(&app, site.key.as_str()).await;

    let [exit, closed] = [&both["prompts"][0], &both["prompts"][1]];
    assert_eq!(at_exit["x"].get("Intercom"), None);
    assert!(at_exit["x"]["document"].as_str().unwrap().starts_with("m."));
    assert_eq!((&exit["keys"], exit.get("with")), (&json!(true), None));
    assert_eq!(closed.get("keys"), None);
    assert_eq!(
        closed["with"],
        json!({"widget_closed": "", "gone": "#chat-window"})
    );
    for global in [
        "Intercom",
        "$crisp",
        "zE",
        "HubSpotConversations",
        "tidioChatApi",
        "drift",
    ] {
        let file = both["x"][global].as_str().unwrap();
        assert!(file.starts_with("h."), "{global}: {file}");
    }
}

#[actix_web::test]
async fn rules_are_told_by_the_kind_of_event_that_meets_them() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Pricing", &pricing()).await;
    let held = config(&app, site.key.as_str()).await;

    let rules: Vec<&Value> = held["goals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|goal| &goal["rule"])
        .collect();
    assert!(
        rules.contains(&&json!({"kind": "page_view", "path": "/pricing"})),
        "{rules:?}"
    );
    assert!(
        rules.contains(&&json!({"kind": "track", "name": "signed_up"})),
        "{rules:?}"
    );
}

#[actix_web::test]
async fn what_says_that_a_form_worked_is_told_to_the_file_that_looks_for_it() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    let save = async |form: &str, selector: &str| {
        let fields = [
            ("kind", "form_completed"),
            ("subject", form),
            ("selector", selector),
            ("role", "milestone"),
            ("stage", "decision"),
        ];
        let path = format!("/sites/{}/goals", site.key);
        assert_eq!(client.post_form(&path, &fields).await.status, 303);
        config(&app, site.key.as_str()).await
    };
    let without = save("contact", "").await;
    let with = save("signup*", ".thanks").await;

    assert_eq!(without.get("rare"), None);
    assert_eq!(without["x"].get("MouseEvent"), None);
    assert!(with["x"]["MouseEvent"].as_str().unwrap().starts_with("g."));
    let rare = with["rare"].as_array().unwrap();
    let [rare] = &rare[..] else {
        panic!("{rare:?}")
    };
    assert_eq!(
        rare["rule"],
        json!({"kind": "form_completed", "form": "signup*", "selector": ".thanks"})
    );
    let counted = json!({"id": rare["id"], "rule": {"kind": "form_completed", "form": "signup*"}});
    let goals = with["goals"].as_array().unwrap();
    assert!(goals.contains(&counted), "{goals:?}");
}

#[actix_web::test]
async fn what_a_moment_is_about_is_told_only_where_it_is_asked() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Common", &pricing()).await;
    let common = config(&app, site.key.as_str()).await;
    let mut rare = pricing();
    rare.moment.ask_at = vec![AskAt::Scroll, AskAt::Event];
    rare.moment.details.scroll_percent = 60;
    rare.moment.details.event = "compared".into();
    rare.moment.details.filters = vec![Filter {
        property: "plans".into(),
        is: Comparison::Greater,
        value: "2".into(),
    }];
    rare.moment.all = true;
    let prompt = app.publish(&site, "Rare", &rare).await.to_string();
    let both = config(&app, site.key.as_str()).await;

    assert_eq!(common["prompts"][0].get("with"), None);
    assert_eq!(common["prompts"][0].get("hold"), None);
    assert_eq!(common["x"].get("document"), None);
    let prompts = both["prompts"].as_array().unwrap();
    let told = prompts.iter().find(|told| told["id"] == prompt).unwrap();
    assert_eq!(
        told["with"],
        json!({"scroll": 60, "event": {"name": "compared", "where": [["plans", "greater", "2"]]}})
    );
    assert_eq!(told["hold"], json!({"all": true, "delay": 0}));
    assert_eq!(told.get("touch"), None);
    assert!(both["x"]["document"].as_str().unwrap().starts_with("m."));
}

#[actix_web::test]
async fn a_known_visitor_gets_the_file_of_the_moments_and_the_one_that_remembers() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.ask_at = vec![AskAt::Scroll];
    app.publish(&site, "Pricing", &design).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(0);
    let mut batch = view.batch(json!([page(0, "/", "")]));
    batch["i"] = "1a8fk3Jq02lXnZ7bWm5R".into();

    let reply = view.post(&batch).await;

    let files = reply["config"]["x"].as_object().unwrap();
    let has = |letter: &str| {
        files
            .values()
            .any(|file| file.as_str().unwrap().starts_with(letter))
    };
    assert!(has("m.") && has("a."), "{files:?}");
}
