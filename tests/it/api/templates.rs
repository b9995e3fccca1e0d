//! The situations of the bank, published as they stand: each asks once what its name says has happened.

use exitpoll::{
    clock::{self, DAY},
    prompt::{
        templates::{TemplateContext, new_design},
        types::PromptTemplate,
    },
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    widget::{Widget, page, track},
};

/// A situation, what the visit does, and the moment that comes of it.
fn cases() -> Vec<(PromptTemplate, Vec<Value>, &'static str)> {
    use PromptTemplate::*;
    let on = |path: &str| page(0, path, "");
    let kind = |kind: &str| json!([1, kind, {}]);
    let completed = || json!([1, "form_completed", {"f": "signup"}]);
    let closed = json!([1, "widget_closed", {"n": "chat"}]);
    vec![
        (PageHelpful, vec![on("/help/start")], "end_of_content"),
        (PageHelpful, vec![on("/help/start")], "exit"),
        (SearchEmpty, vec![on("/search")], "no_results"),
        (NotFound, vec![on("/gone"), kind("not_found")], "not_found"),
        (WidgetClosed, vec![on("/"), closed], "widget_closed"),
        (
            DemoWatched,
            vec![on("/demo"), track(1, "demo_watched")],
            "reached",
        ),
        (
            PlanCancelled,
            vec![on("/plan"), track(1, "plan_cancelled")],
            "reached",
        ),
        (Csat, vec![on("/")], "exit"),
        (Ces, vec![on("/signup"), completed()], "reached"),
        (
            Nps,
            vec![on("/signup"), completed(), page(2, "/thanks", "")],
            "next_page",
        ),
        (
            FormError,
            vec![on("/signup"), json!([1, "form_started", {"f": "signup"}])],
            "field_error",
        ),
    ]
}

fn context() -> TemplateContext {
    TemplateContext {
        form: "signup".into(),
        pricing_path: "/pricing".into(),
        primary: None,
        seen_paths: vec![],
    }
}

#[actix_web::test]
async fn every_situation_asks_when_what_its_name_says_has_happened() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    for (n, (template, events, moment)) in cases().into_iter().enumerate() {
        let design = new_design(template, &context());
        let prompt = app.publish(&site, template.label(), &design).await;
        let browser =
            |which: &str| Widget::new(&app, &site).with_user_agent(&format!("{which} {n}"));
        let widget = browser("Asked");
        let mut view = widget.view(10);
        view.send(events.into()).await;

        let decision = view.ask(prompt, moment).await;

        assert!(decision["show"].is_object(), "{template}: {decision}");
        let content = &decision["show"]["content"];
        let wanted = match template {
            PromptTemplate::PageHelpful => json!(["👎", "👍"]),
            _ => Value::Null,
        };
        assert_eq!(content["questions"][0]["marks"], wanted, "{template}");
        // At other moments it keeps still.
        let widget = browser("Not asked");
        let (mut view, _) = widget.open("/", "").await;
        let decision = view.ask(prompt, "copy").await;
        assert_eq!(decision["no"], "moment", "{template}");
        app.pause(&site, prompt).await;
    }
}

#[actix_web::test]
async fn who_is_back_again_is_asked_and_who_is_not_known_is_not() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let design = new_design(PromptTemplate::ReturningVisitor, &context());
    let prompt = app.publish(&site, "Back again", &design).await;
    let id = "a8fk3Jq02lXnZ7bWm5Rt";
    let dwell = json!([0, "eligible", {"p": prompt.to_string(), "m": "dwell"}]);
    let mut replies = vec![];
    for (at, id) in [(3, Some(id)), (2, Some(id)), (1, None)] {
        let at = clock::now() - at * DAY;
        let body = json!({
            "v": 1, "k": site.key.to_string(), "c": site.config_version, "i": id,
            "w": exitpoll::types::ViewId::new(at).0.to_string(), "s": 0, "t": 0,
            "e": [page(0, "/", ""), dwell],
        });
        let from = if id.is_some() { [1; 16] } else { [2; 16] };
        let reply = app.write_at(&site, &body, &[from], at).await;
        replies.push(serde_json::to_value(reply).unwrap()["ask"][0].clone());
    }

    assert_eq!(replies[0]["no"], "visitor", "the first visit");
    assert!(replies[1]["show"].is_object(), "{}", replies[1]);
    assert_eq!(replies[2]["no"], "unknown_visitor");
}
