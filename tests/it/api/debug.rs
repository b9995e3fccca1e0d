//! What the debug panel may do with its link, and what nobody may without.

use exitpoll::{
    clock::{self, DAY},
    db::entity::impression,
    prompt::{
        draft::{NewDesign, NewMoment},
        types::{AddressRule, AskAt, Fairness, Target},
    },
    site::{tool::Tool, types::Site},
    types::PromptId,
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    client::{Client, Reply},
    prompt::pricing,
    widget::{ORIGIN, View, Widget, page, track},
};

struct Setting {
    app: TestApp,
    client: Client,
    site: Site,
    prompt: PromptId,
}

impl Setting {
    async fn new(design: &NewDesign) -> Self {
        let app = TestApp::spawn().await;
        let client = app.anonymous();
        let site = app.insert_site("Shop").await;
        let prompt = app.publish(&site, "Pricing left", design).await;
        Self {
            app,
            client,
            site,
            prompt,
        }
    }

    fn token(&self) -> String {
        Tool::Debug.token(&self.site.signing_key, clock::now())
    }

    async fn send(&self, origin: &str, token: &str, view: &View<'_>) -> Reply {
        let body = json!({"k": self.site.key, "x": token, "w": view.id.0.to_string()});
        let request = self
            .client
            .request("POST", "/x/why")
            .header("origin", origin)
            .header("content-type", "text/plain;charset=UTF-8")
            .body(body.to_string());
        self.client.send(request).await
    }

    /// What the panel is told of the question.
    async fn look(&self, view: &View<'_>) -> Value {
        let reply = self.send(ORIGIN, &self.token(), view).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["prompts"][0].clone()
    }

    async fn impressions(&self) -> Vec<impression::Model> {
        self.app.impressions(&self.site).await
    }
}

/// Mark and words of a rule.
fn rule(told: &Value, name: &str) -> (String, String) {
    let mut rules = told["rules"].as_array().unwrap().iter();
    let found = rules.find(|rule| rule[1] == name);
    let found = found.unwrap_or_else(|| panic!("no rule {name}: {told}"));
    let text = |index: usize| found[index].as_str().unwrap().to_owned();
    (text(0), text(2))
}

fn exit_only() -> NewDesign {
    NewDesign {
        moment: NewMoment {
            ask_at: vec![AskAt::Exit],
            min_active_ms: 0,
            ..NewMoment::default()
        },
        ..pricing()
    }
}

#[actix_web::test]
async fn without_the_token_of_this_site_nothing_is_told() {
    let setting = Setting::new(&exit_only()).await;
    let other = setting.app.insert_site("Other").await;
    let widget = Widget::new(&setting.app, &setting.site);
    let (view, _) = widget.open("/", "").await;
    let now = clock::now();
    let key = &setting.site.signing_key;
    for (token, why) in [
        (String::new(), "none"),
        ("nonsense".into(), "no token"),
        (
            Tool::Debug.token(&other.signing_key, now),
            "of another site",
        ),
        (Tool::Debug.token(key, now - DAY - 1), "expired"),
        (Tool::AskAgain.token(key, now), "made to be asked again"),
        (Tool::Picker.token(key, now), "made to pick goals"),
    ] {
        let reply = setting.send(ORIGIN, &token, &view).await;
        assert_eq!(reply.status, 403, "{why}: {}", reply.body);
        assert!(
            !reply.body.contains("Pricing left"),
            "{why}: {}",
            reply.body
        );
    }
    for origin in ["https://evil.example", "null"] {
        let reply = setting.send(origin, &setting.token(), &view).await;
        assert_eq!(reply.status, 403, "{origin}: {}", reply.body);
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
    }
    let told = setting.send(ORIGIN, &setting.token(), &view).await;
    assert_eq!(told.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(told.header("vary"), "Origin");
}

#[actix_web::test]
async fn only_the_owners_page_loads_the_panel_and_its_visit_is_a_test() {
    let setting = Setting::new(&exit_only()).await;
    let widget = Widget::new(&setting.app, &setting.site);
    for (token, is_panel) in [
        (setting.token(), true),
        ("made-up".into(), false),
        (
            Tool::Debug.token(&setting.site.signing_key, clock::now() - DAY - 1),
            false,
        ),
    ] {
        let agent = format!("Mozilla/5.0 ({is_panel} {})", token.len());
        let visitor = widget.clone().with_user_agent(&agent);
        let mut view = visitor.view(0);
        view.test_token = Some(token);

        let reply = view.send(json!([page(0, "/", "")])).await;

        let file = reply["config"]["x"]["CSSStyleSheet"].as_str();
        assert_eq!(
            file.is_some_and(|file| file.starts_with("w.")),
            is_panel,
            "{reply}"
        );
        assert_eq!(reply["slot"], json!(true), "questions are asked as usual");
        let visits = setting.app.visits(&setting.site).await;
        assert_eq!(visits.last().unwrap().is_test, is_panel);
        if let Some(file) = file {
            assert_eq!(setting.client.get(&format!("/x/{file}")).await.status, 200);
        }
    }
}

#[actix_web::test]
async fn each_rule_is_told_as_it_stands_and_nothing_is_decided() {
    let setting = Setting::new(&NewDesign {
        moment: NewMoment {
            within_ms: 600_000,
            ..pricing().moment
        },
        target: Target {
            addresses: vec![
                AddressRule::pattern("/pricing*"),
                AddressRule::pattern("/shop"),
            ],
            languages: vec!["de".into()],
            ..Target::default()
        },
        fairness: Fairness {
            response_limit: Some(5),
            ..Fairness::default()
        },
        ..pricing()
    })
    .await;
    let widget = Widget::new(&setting.app, &setting.site);
    let mut view = widget.view(0);
    view.test_token = Some(setting.token());
    let unheard = setting.look(&view).await;
    assert_eq!(unheard["now"][1], "Nothing was heard of this page yet");

    view.send(json!([page(0, "/", "")])).await;
    let told = setting.look(&view).await;

    assert_eq!(
        (&told["name"], &told["live"]),
        (&json!("Pricing left"), &json!(true))
    );
    assert_eq!(
        told["now"][1],
        "Held back: This visit has not come that far"
    );
    assert_eq!(told["moments"][0], json!(["exit", "Moved to leave"]));
    assert_eq!(rule(&told, "After a goal").0, "wait");
    assert_eq!(rule(&told, "Expected goal not reached").0, "yes");
    let (mark, says) = rule(&told, "Page");
    assert_eq!(mark, "wait");
    assert!(says.starts_with("It does not match, because /"), "{says}");
    let (mark, says) = rule(&told, "Language");
    assert_eq!(mark, "no", "whoever tests meets it as visitors do");
    assert!(
        says.ends_with("for de; this browser asks for en-GB"),
        "{says}"
    );
    assert_eq!(
        rule(&told, "Number of answers"),
        ("yes".into(), "0 of 5".into())
    );
    assert_eq!(rule(&told, "Once a visit").0, "yes");

    view.send(json!([page(1_000, "/pricing", "")])).await;
    let told = setting.look(&view).await;
    assert_eq!(rule(&told, "After a goal").0, "yes");
    assert_eq!(rule(&told, "Page").0, "yes");
    assert_eq!(told["now"][1], "Held back: Not in this language");
    assert!(
        setting.impressions().await.is_empty(),
        "looking decides nothing"
    );

    view.send(json!([track(2_000, "signed_up")])).await;
    let told = setting.look(&view).await;
    let (mark, says) = rule(&told, "Expected goal not reached");
    assert_eq!(mark, "no");
    assert!(
        says.starts_with("This visit has already done it: “"),
        "{says}"
    );
}

#[actix_web::test]
async fn caps_hold_for_the_owner_too_and_a_question_opened_by_hand_is_a_test() {
    let setting = Setting::new(&exit_only()).await;
    let widget = Widget::new(&setting.app, &setting.site);
    let mut view = widget.view(0);
    view.test_token = Some(setting.token());
    view.send(json!([page(0, "/", "")])).await;
    assert_eq!(
        setting.look(&view).await["now"],
        json!(["yes", "Opens at its moment"])
    );

    let first = view.ask(setting.prompt, "exit").await;
    assert!(first["show"].is_object(), "{first}");
    let again = view.ask(setting.prompt, "exit").await;
    assert_eq!(again["no"], "already_decided", "{again}");
    let told = setting.look(&view).await;
    assert_eq!(told["now"][1], "Held back: Already asked in this visit");
    assert_eq!(
        told["last"][1],
        "Moved to leave: held back: Already asked in this visit"
    );

    let by_hand = view.ask(setting.prompt, "asked").await;
    let token = by_hand["show"]["token"].as_str().unwrap();
    view.answer(token, 1, true, json!({"c": ["c1"]})).await;
    let answers = setting.app.answers(&setting.site).await;
    assert_eq!(answers.len(), 1);
    assert!(answers[0].is_test);
    assert!(setting.impressions().await.iter().all(|made| made.is_test));
    assert_eq!(
        setting.look(&view).await["last"][1],
        "Opened by hand: answered"
    );
}

#[actix_web::test]
async fn a_made_up_token_opens_nothing_and_marks_nothing() {
    let setting = Setting::new(&exit_only()).await;
    let widget = Widget::new(&setting.app, &setting.site);
    let mut view = widget.view(0);
    view.test_token = Some(Tool::Debug.token(b"another key", clock::now()));
    view.send(json!([page(0, "/", "")])).await;

    let first = view.ask(setting.prompt, "exit").await;
    assert!(first["show"].is_object(), "{first}");
    assert_eq!(
        view.ask(setting.prompt, "exit").await["no"],
        "already_decided"
    );
    let token = first["show"]["token"].as_str().unwrap();
    view.answer(token, 1, true, json!({"c": ["c1"]})).await;

    let answers = setting.app.answers(&setting.site).await;
    assert!(!answers[0].is_test);
    assert!(setting.impressions().await.iter().all(|made| !made.is_test));
}

#[actix_web::test]
async fn a_flood_of_looks_is_refused() {
    let setting = Setting::new(&exit_only()).await;
    let widget = Widget::new(&setting.app, &setting.site);
    let (view, _) = widget.open("/", "").await;
    let token = setting.token();
    let mut refused = None;
    for _ in 0..60 {
        let reply = setting.send(ORIGIN, &token, &view).await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("60 requests in a row are too many");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
}
