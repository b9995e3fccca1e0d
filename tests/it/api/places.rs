//! Prompts that wait for no moment: tabs, buttons of the page, and questions that stand in it.

use exitpoll::prompt::{
    draft::NewDesign,
    types::{AddressRule, AskAt, Fairness, Place, ShownAs, Words},
};
use exitpoll::site::types::Site;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    widget::{Widget, page},
};

fn shown_as(shown_as: ShownAs) -> NewDesign {
    let mut design = pricing();
    design.look.shown_as = shown_as;
    design.look.selector = match shown_as {
        ShownAs::Inline => "#vote".into(),
        _ => String::new(),
    };
    design
}

/// The configuration as a first request with an outdated one gets it.
async fn config(app: &TestApp, site: &Site, id: Option<&str>) -> Value {
    let widget = Widget::new(app, site);
    let mut view = widget.view(0);
    let mut batch = view.batch(json!([page(0, "/", "")]));
    batch["c"] = json!(0);
    if let Some(id) = id {
        batch["i"] = id.into();
    }
    view.post(&batch).await["config"].clone()
}

#[actix_web::test]
async fn what_visitors_open_is_no_business_of_the_moments() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut card = pricing();
    card.moment.after = None;
    card.moment.expect = None;
    let card = app.publish(&site, "Card", &card).await;
    let tab = app.publish(&site, "Tab", &shown_as(ShownAs::Tab)).await;
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;

    let by_itself = view.ask(tab, "exit").await;
    let first = view.ask(tab, "asked").await;
    let automatic = view.ask(card, "exit").await;
    let again = view.ask(tab, "asked").await;

    assert_eq!(by_itself["no"], "moment");
    assert!(first["show"]["token"].is_string(), "{first}");
    assert!(
        automatic["show"].is_object(),
        "a tab uses up no question: {automatic}"
    );
    assert!(
        again["show"].is_object(),
        "whoever asks is shown it: {again}"
    );
    let rows = app.impressions(&site).await;
    let asked = rows.iter().filter(|row| row.asked_at_moment == "asked");
    assert!(asked.clone().count() == 2 && asked.clone().all(|row| !row.is_automatic));
}

#[actix_web::test]
async fn widgets_learn_of_places_only_where_there_are_any() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Card", &pricing()).await;
    let plain = config(&app, &site, None).await;
    let mut design = shown_as(ShownAs::Tab);
    let says = |label: &str| Words::from([("look.label".to_owned(), label.to_owned())]);
    design.other_words.translations.extend([
        ("de".to_owned(), says("Rückmeldung")),
        ("ar".to_owned(), says("رأيك")),
        ("fr".to_owned(), Words::new()),
    ]);
    let tab = app.publish(&site, "Tab", &design).await;
    let mut dimming = pricing();
    dimming.look.place = Place::Center;
    app.publish(&site, "Dimming", &dimming).await;
    let held = config(&app, &site, None).await;

    assert_eq!(
        (plain.get("places"), plain["x"].get("HTMLElement")),
        (None, None)
    );
    assert!(held["x"]["HTMLElement"].as_str().unwrap().starts_with("s."));
    assert_eq!(held["prompts"].as_array().map(Vec::len), Some(2), "{held}");
    let places = held["places"].as_array().unwrap();
    assert_eq!(places[0]["id"], tab.to_string());
    assert_eq!(
        (&places[0]["way"], &places[0]["label"]),
        (&json!("tab"), &json!("Feedback"))
    );
    assert_eq!(
        places[0]["labels"],
        json!({"de": ["Rückmeldung", "ltr"], "ar": ["رأيك", "rtl"]})
    );
    assert_eq!(
        (&places[1]["way"], places[1].get("label")),
        (&json!("center"), None)
    );
}

#[actix_web::test]
async fn who_is_known_gets_the_file_of_commands_beside_that_of_the_moments() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = pricing();
    design.moment.ask_at = vec![AskAt::Scroll];
    design.moment.details.scroll_percent = 50;
    app.publish(&site, "Scrolled", &design).await;

    let held = config(&app, &site, Some("1abcdefghijklmnopqrs")).await;

    let files: Vec<&str> = held["x"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_str)
        .collect();
    for letter in ["m.", "a."] {
        assert!(
            files.iter().any(|file| file.starts_with(letter)),
            "{files:?}"
        );
    }
}

#[actix_web::test]
async fn a_question_in_the_page_keeps_to_its_rules_and_is_over_once_answered() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let mut design = shown_as(ShownAs::Inline);
    design.target.addresses = vec![AddressRule::pattern("/docs/*")];
    design.fairness = Fairness {
        held_out_percent: 50,
        response_limit: Some(2),
        ..Fairness::default()
    };
    let prompt = app.publish(&site, "Helpful", &design).await;

    for (n, why) in [(0, "answered"), (1, "answered"), (2, "limit")] {
        let widget = Widget::new(&app, &site).with_user_agent(&format!("Browser {n}"));
        let (mut view, _) = widget.open("/", "").await;
        assert_eq!(view.ask(prompt, "asked").await["no"], "page");
        view.send(json!([page(1, "/docs/start", "")])).await;
        let shown = view.ask(prompt, "asked").await;
        if why == "limit" {
            assert_eq!(shown["no"], "limit");
            continue;
        }
        let token = shown["show"]["token"].as_str().unwrap();
        view.answer(token, 1, true, json!({"c": ["c1"]})).await;
        assert_eq!(view.ask(prompt, "asked").await["no"], "already_decided");
    }
}
